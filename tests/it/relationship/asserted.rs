//! The transactional flag in a user's assertion.

use super::{PATIENT, configure, done, publish, watling};
use hub::serve::Role;
use node::xua::{Issuer, XuaSettings};
use tests::message::{self, Provide};
use tests::saml::{Authority, Claims, Kind, Signing, flag};
use tests::{Answer, TestHub};

const ISSUER: &str = "https://idp.example";

struct Trusted {
    authority: Authority,
    hub: TestHub,
    _folder: tempfile::TempDir,
}

/// A hub that trusts an issuer, with a letter of a patient of another practice than ZZP01.
fn trusted() -> Trusted {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(ISSUER, Kind::Ec);
    let certificates = authority.write(folder.path(), "idp");
    let settings = XuaSettings {
        audience: vec!["urn:watling:test".to_owned()],
        issuer: vec![Issuer { name: ISSUER.to_owned(), certificates, one_use: true }],
        ..XuaSettings::default()
    };
    let hub = TestHub::with(|options| {
        configure(&mut options.config);
        options.config.xua = Some(settings);
    });
    publish(&hub, &Provide::letter(1).patient(PATIENT).inline());
    Trusted { authority, hub, _folder: folder }
}

impl Trusted {
    fn asks(&self, id: &str, asserted: &str, header: &str) -> Answer {
        let claims = Claims { more: asserted.to_owned(), ..Claims::new(id, ISSUER) };
        let assertion = Signing::by(&self.authority).sign(&claims.text());
        let security = format!(
            "<s:Header>{header}<wsse:Security xmlns:wsse=\"{}\" s:mustUnderstand=\"1\">{assertion}</wsse:Security>",
            schemas::soap::WSSE
        );
        let query = message::find_documents(PATIENT, "LeafClass", "");
        let envelope = query.replacen("<s:Header>", &security, 1);
        self.hub.request("ZZP01", self.hub.url(Role::Gateway)).soap(&envelope)
    }
}

#[test]
fn a_flag_may_come_with_the_user_and_names_the_user_on_record() {
    let trusted = trusted();
    let sees = |answer: &Answer| {
        assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
        answer.contains(&Provide::letter(1).unique_id)
    };
    assert!(!sees(&trusted.asks("_t1", "", "")));
    let asserted = flag("urn:watling:2026:transactional", "self-presentation|DESK-3");
    assert!(sees(&trusted.asks("_t2", &asserted, "")));
    let said = done(&watling(&trusted.hub, &["relationship", "list", PATIENT, "--json"]));
    assert!(said.contains("\"user\": \"jane<555012345678@https://idp.example>\""), "{said}");
    let other = "<t:Transactional xmlns:t=\"urn:watling:transactional:2026\"><t:Kind>111-case</t:Kind><t:Reference>C-1</t:Reference></t:Transactional>";
    let two = trusted.asks("_t3", &asserted, other);
    assert_eq!(two.xds_status(), "Failure");
    assert!(two.contains("two different events"), "{}", two.text());
}
