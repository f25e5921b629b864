//! Assertions at a hub's doors.

use super::bearer;
use hub::config::Config;
use hub::serve::Role;
use node::asynchronous::ReplyAddress;
use node::audit::{AuditKind, Outcome};
use node::xua::{Issuer, XuaSettings};
use tests::message::{self, Provide};
use tests::saml::{Authority, Claims, Kind, Signing, replaced};
use tests::{Answer, ReplyPort, TestHub};

const ISSUER: &str = "https://idp.example";
const NUMBER: &str = "9000000009^^^&2.16.840.1.113883.2.1.4.1&ISO";

/// An issuer that hubs trust, and the folder of its certificate.
struct Trusted {
    authority: Authority,
    folder: tempfile::TempDir,
}

impl Trusted {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(ISSUER, Kind::Ec);
        authority.write(folder.path(), "idp");
        Self { authority, folder }
    }

    fn settings(&self) -> XuaSettings {
        XuaSettings {
            audience: vec!["urn:watling:test".to_owned()],
            issuer: vec![Issuer {
                name: ISSUER.to_owned(),
                certificates: self.folder.path().join("idp.pem"),
                one_use: true,
            }],
            ..XuaSettings::default()
        }
    }

    /// A hub with a letter about the patient.
    fn hub(&self) -> (TestHub, String) {
        let hub = TestHub::with(|o| o.config.xua = Some(self.settings()));
        let letter = Provide::letter(1);
        let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&letter.inline());
        assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
        (hub, letter.unique_id)
    }

    fn signed(&self, claims: &Claims) -> String {
        Signing::by(&self.authority).sign(&claims.text())
    }
}

fn with(envelope: &str, assertion: &str) -> String {
    let security = format!(
        "<s:Header><wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" s:mustUnderstand=\"1\">{assertion}</wsse:Security>"
    );
    replaced(envelope, "<s:Header>", &security)
}

fn query() -> String {
    message::find_documents("9000000009", "LeafClass", "")
}

fn asks(hub: &TestHub, envelope: &str) -> Answer {
    hub.request("ZZP01", hub.url(Role::Gateway)).soap(envelope)
}

#[test]
fn a_person_is_verified_answered_by_role_and_named_in_the_record() {
    let trusted = Trusted::new();
    let (hub, letter) = trusted.hub();
    let mut claims = Claims::new("_w1", ISSUER);
    claims.patient = Some(NUMBER.to_owned());
    let answer = asks(&hub, &with(&query(), &trusted.signed(&claims)));
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    assert!(answer.contains(&letter), "{}", answer.text());
    let record = hub.last_audit(Role::Gateway);
    let event = &record.event;
    assert_eq!(event.user.as_deref(), Some("jane<555012345678@https://idp.example>"));
    assert_eq!(
        (event.role.as_deref(), event.purpose.as_deref()),
        (Some("clinician"), Some("direct-care"))
    );
    assert!(record.message().contains("UserName=\"jane&lt;555012345678@https://idp.example&gt;\""));

    let claims = Claims { role: ("R1990".to_owned(), claims.role.1), ..Claims::new("_w2", ISSUER) };
    let answer = asks(&hub, &with(&query(), &trusted.signed(&claims)));
    assert!(!answer.contains(&letter), "care support reads no letters: {}", answer.text());
    let answer = asks(&hub, &query());
    assert!(answer.contains(&letter), "a system asks without a person as its profile says");
}

#[test]
fn a_role_that_is_not_mapped_is_no_role() {
    let trusted = Trusted::new();
    let (hub, letter) = trusted.hub();
    let role = ("R0260".to_owned(), "1.2.3.4".to_owned());
    let claims = Claims { role, ..Claims::new("_w3", ISSUER) };
    let answer = asks(&hub, &with(&query(), &trusted.signed(&claims)));
    assert_eq!((answer.xds_status().as_str(), answer.contains(&letter)), ("Failure", false));
    assert!(answer.contains("no place in this region"), "{}", answer.text());
}

#[test]
fn every_refused_assertion_gets_one_fault_and_its_reason_stands_in_the_record_alone() {
    let trusted = Trusted::new();
    let (hub, _) = trusted.hub();
    let genuine = trusted.signed(&Claims::new("_w4", ISSUER));
    assert_eq!(asks(&hub, &with(&query(), &genuine)).xds_status(), "Success");
    let stranger = Authority::new(ISSUER, Kind::Ec);
    let late = Claims::new("_w6", ISSUER).text().replace("2026-07-15T", "2026-07-14T");
    let mut said = Vec::new();
    for (assertion, code) in [
        (genuine.clone(), "replayed"),
        (replaced(&trusted.signed(&Claims::new("_w5", ISSUER)), "R0260", "R0050"), "signature"),
        (Signing::by(&trusted.authority).sign(&late), "expired"),
        (Signing::by(&stranger).sign(&Claims::new("_w7", ISSUER).text()), "foreign-certificate"),
        (trusted.signed(&Claims::new("_w8", "https://other.example")), "unknown-issuer"),
        (genuine.replace("555012345678", "5550<!-- -->12345678"), "markup"),
    ] {
        let before = hub.audit(Role::Gateway).len();
        let answer = asks(&hub, &with(&query(), &assertion));
        assert_eq!(
            (answer.status, answer.fault_code().as_str()),
            (400, "Sender/wsse:InvalidSecurity")
        );
        let text = answer.plain();
        said.push(text.split("<s:Fault>").nth(1).unwrap().to_owned());
        let event = hub.last_audit(Role::Gateway).event;
        assert_eq!(hub.audit(Role::Gateway).len(), before + 1, "one record");
        assert_eq!(event.kind, AuditKind::UserAuthenticationFailure, "{code}");
        assert_eq!(event.outcome, Outcome::SeriousFailure);
        assert!(event.reasons[0].starts_with(&format!("{code}: ")), "{:?}", event.reasons);
        assert_eq!((event.organisation.as_deref(), event.user), (Some("ZZP01"), None));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn a_use_is_remembered_over_a_restart() {
    let trusted = Trusted::new();
    let (mut hub, _) = trusted.hub();
    let sent = with(&query(), &trusted.signed(&Claims::new("_w9", ISSUER)));
    assert_eq!(asks(&hub, &sent).xds_status(), "Success");
    hub.restart();
    assert_eq!(asks(&hub, &sent).fault_code(), "Sender/wsse:InvalidSecurity");
    assert!(hub.last_audit(Role::Gateway).event.reasons[0].starts_with("replayed"));
}

#[test]
fn an_assertion_about_one_patient_opens_no_other() {
    let trusted = Trusted::new();
    let (hub, letter) = trusted.hub();
    let about = |id: &str, patient: &str| {
        let mut claims = Claims::new(id, ISSUER);
        claims.patient = Some(patient.to_owned());
        trusted.signed(&claims)
    };
    let other = "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO";
    let answer = asks(&hub, &with(&query(), &about("_p1", other)));
    assert_eq!(answer.xds_status(), "Failure");
    assert!(answer.contains("names another patient") && !answer.contains(&letter));
    let retrieve = message::retrieve(&[&letter]);
    let answer = asks(&hub, &with(&retrieve, &about("_p2", other)));
    assert_eq!(answer.error_codes(), ["XDSDocumentUniqueIdError"], "{}", answer.text());
    let decided = &hub.last_audit(Role::Gateway).event.decisions;
    assert_eq!(decided[0].decision, "other-patient");
    let answer = asks(&hub, &with(&retrieve, &about("_p3", NUMBER)));
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

#[test]
fn a_person_of_an_organisation_that_the_system_may_not_act_for_is_refused() {
    let trusted = Trusted::new();
    let (hub, _) = trusted.hub();
    let claims = Claims { organisation: "RXR".to_owned(), ..Claims::new("_q1", ISSUER) };
    let answer = asks(&hub, &with(&query(), &trusted.signed(&claims)));
    assert_eq!(answer.xds_status(), "Failure");
    assert!(answer.plain().contains("may not act for RXR"), "{}", answer.text());
}

#[test]
fn an_assertion_is_used_once_by_a_request_that_is_answered_later() {
    let trusted = Trusted::new();
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = TestHub::with(|options| {
        options.config.xua = Some(trusted.settings());
        let address = ReplyAddress::parse(&url).expect("an address");
        options.config.asynchronous.reply_to = vec![address];
    });
    let receiver = port.serve(&hub.pki(), &[202]);
    let sent = with(&query(), &trusted.signed(&Claims::new("_l1", ISSUER)));
    let sent = sent.replacen("http://www.w3.org/2005/08/addressing/anonymous", &url, 1);
    assert_eq!(asks(&hub, &sent).status, 202);
    assert!(receiver.next().text().contains("ResponseStatusType:Success"));
    let event = hub.last_audit(Role::Gateway).event;
    assert_eq!(event.user.as_deref(), Some("jane<555012345678@https://idp.example>"));
}

#[test]
fn a_page_takes_a_bearer_token_and_refuses_one_that_is_not_believed() {
    let trusted = Trusted::new();
    let hub = TestHub::with(|o| o.config.xua = Some(trusted.settings()));
    let upload = |token: &str| {
        let bearer = format!("Authorization: bearer {token}");
        let request = hub.request("RXN", hub.door("upload")).option("-H").option(&bearer);
        let body = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA\r\n--x--\r\n";
        request.content_type("multipart/form-data; boundary=x").post(body)
    };
    let mut claims = bearer::claims(ISSUER, "u1");
    claims["organisation"] = "RXN".into();
    let token = bearer::token(&trusted.authority, &claims);
    let answer = upload(&token);
    assert!(answer.contains("no document was chosen"), "past the door: {}", answer.text());
    let event = hub.last_audit(Role::Repository).event;
    assert_eq!(event.user.as_deref(), Some("<555012345678@https://idp.example>"));
    for (token, code) in [(token.as_str(), "replayed"), ("a.b.c", "token-algorithm")] {
        let answer = upload(token);
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(!answer.contains(code), "the reason is for the record");
        let event = hub.last_audit(Role::Repository).event;
        assert_eq!(event.kind, AuditKind::UserAuthenticationFailure);
        assert!(event.reasons[0].starts_with(&format!("{code}: ")), "{:?}", event.reasons);
    }
}

#[test]
fn a_configuration_that_trusts_nobody_or_a_weak_key_does_not_start() {
    let trusted = Trusted::new();
    let problems = |change: &dyn Fn(&mut XuaSettings)| {
        let mut settings = trusted.settings();
        change(&mut settings);
        let config = Config { xua: Some(settings), ..Config::default() };
        hub::config::xua::problems(&config).join("; ")
    };
    assert_eq!(problems(&|_| {}), "");
    assert!(problems(&|s| s.audience.clear()).contains("xua.audience"));
    assert!(problems(&|s| s.issuer.clear()).contains("xua.issuer"));
    assert!(problems(&|s| s.skew_seconds = 301).contains("xua.skew_seconds"));
    assert!(problems(&|s| s.issuer.push(s.issuer[0].clone())).contains("two have one name"));
    assert!(
        problems(&|s| s.issuer[0].certificates = "/nowhere.pem".into()).contains("/nowhere.pem")
    );
    let key = openssl::rsa::Rsa::generate(1024).and_then(openssl::pkey::PKey::from_rsa).unwrap();
    let weak = Authority::with_key(ISSUER, Kind::Rsa, key, "20260101000000Z", "20271231000000Z");
    let path = weak.write(trusted.folder.path(), "weak");
    assert!(problems(&|s| s.issuer[0].certificates = path.clone()).contains("2048 bits"));
}
