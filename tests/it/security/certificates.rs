//! A certificate is asked for; without one, or with a wrong one, nothing is done.

use super::authority::Authority;
use super::{assert_handshake_fails, failed_handshakes, within};
use hub::data::DataFolder;
use hub::pki::{DevelopmentPki, Validity};
use hub::serve::Role;
use node::audit::AuditKind;
use rcgen::{DnType, ExtendedKeyUsagePurpose};
use schemas::ods_code::OdsCode;
use std::time::Duration;
use tests::message::{self, Provide};
use tests::{Certificate, TestHub};

fn pki(hub: &TestHub) -> DevelopmentPki {
    DevelopmentPki::of(&DataFolder::open(hub.data()).unwrap())
}

fn ods(code: &str) -> OdsCode {
    OdsCode::parse(code).unwrap()
}

#[test]
fn without_a_certificate_health_and_wsdl_answer() {
    let hub = TestHub::start();
    for role in Role::ALL {
        let url = hub.url(role);
        let base = url.strip_suffix(role.path()).unwrap();
        for (path, expected) in [("/health/live", "live\n"), ("/health/ready", "ready\n")] {
            let answer = hub.anonymous(format!("{base}{path}")).get().unwrap();
            assert_eq!((answer.status, answer.text().as_str()), (200, expected), "{role}");
        }
    }
    let urls = Role::ALL.map(|role| hub.url(role)).into_iter().chain([hub.itk_url()]);
    for url in urls {
        let wsdl = hub.anonymous(format!("{url}?wsdl")).get().unwrap();
        assert_eq!(wsdl.status, 200, "{url}");
        assert!(wsdl.contains("definitions") && wsdl.contains(&format!("\"{url}\"")), "{url}");
        assert!(wsdl.contains("soapAction=\"urn:"), "{url}");
    }
}

#[test]
fn without_a_certificate_soap_is_forbidden_and_says_what_is_missing() {
    let hub = TestHub::start();
    for (role, sent) in [
        (Role::Registry, message::find_documents("9000000009", "LeafClass", "")),
        (Role::Repository, Provide::letter(1).inline()),
        (Role::Gateway, message::find_documents("9000000009", "LeafClass", "")),
    ] {
        let request = hub.anonymous(hub.url(role));
        let words = ["no client certificate was presented", "certificate authority issued"];
        let answer = hub.refuses(role, &words, || request.soap(&sent));
        assert_eq!((answer.status, answer.fault_code().as_str()), (403, "Sender"), "{role}");
        let event = hub.last_audit(role).event;
        assert_eq!((event.organisation, event.system), (None, None), "nobody said who it is");
        assert!(event.address.is_some_and(|address| address.starts_with("127.0.0.1:")));
    }
}

#[test]
fn a_certificate_of_another_authority_fails_the_handshake() {
    let hub = TestHub::start();
    let other = TestHub::start();
    for role in Role::ALL {
        let request = hub.anonymous(hub.url(role)).certificate(other.certificate("RXN"));
        assert_handshake_fails(&hub, role, &request, "rxn-integration");
    }
    let folder = tempfile::tempdir().unwrap();
    let own = Authority::make(folder.path(), "An authority of one's own");
    let request = hub.anonymous(hub.itk_url()).certificate(own.system("rxn-integration", "RXN"));
    assert_handshake_fails(&hub, Role::Repository, &request, "rxn-integration");
    assert_eq!(hub.contents(), (0, 0));
}

#[test]
fn tls_1_2_is_as_strict_as_1_3() {
    let hub = TestHub::start();
    let other = TestHub::start();
    let older = |certificate: Certificate| {
        let request = hub.anonymous(hub.url(Role::Repository)).certificate(certificate);
        request.option("--tls-max").option("1.2")
    };
    let letter = Provide::letter(1).inline();
    let provided = older(hub.certificate("RXN")).soap(&letter);
    assert_eq!(provided.xds_status(), "Success", "{}", provided.text());
    let foreign = older(other.certificate("RXN"));
    assert_handshake_fails(&hub, Role::Repository, &foreign, "rxn-integration");
}

#[test]
fn a_certificate_that_is_not_valid_today_fails_the_handshake() {
    let hub = TestHub::start();
    let clients = hub.pki().join("clients");
    for (name, from_days, until_days) in [("expired", -10, -1), ("early", 1, 10)] {
        let validity = Validity { from_days, until_days };
        pki(&hub).issue(&clients, name, "rxn-integration", &ods("RXN"), false, validity).unwrap();
        let request = hub
            .anonymous(hub.url(Role::Repository))
            .certificate(Certificate::in_folder(&clients, name));
        assert_handshake_fails(&hub, Role::Repository, &request, "rxn-integration");
    }
}

#[test]
fn a_revoked_certificate_fails_the_handshake_and_the_others_go_on() {
    let hub = TestHub::start();
    let (rxl, rxn) = (
        hub.request("RXL", hub.url(Role::Repository)),
        hub.request("RXN", hub.url(Role::Repository)),
    );
    assert_eq!(rxl.soap(&Provide::letter(1).inline()).xds_status(), "Success");
    assert!(failed_handshakes(&hub, Role::Repository).is_empty());
    pki(&hub).revoke(&ods("RXL")).unwrap();
    for role in Role::ALL {
        let request = hub.request("RXL", hub.url(role));
        let refused = || request.try_post("<x/>").is_err();
        assert!(within(Duration::from_secs(5), refused), "{role} takes up the list");
        assert_handshake_fails(&hub, role, &request, "rxl-integration");
    }
    assert_eq!(rxn.soap(&Provide::letter(2).inline()).xds_status(), "Success");
    pki(&hub).revoke(&ods("RXN")).unwrap();
    assert!(within(Duration::from_secs(5), || rxn.try_post("<x/>").is_err()), "the second too");
    assert!(rxl.try_post("<x/>").is_err(), "the first one stays revoked");
    assert_eq!(hub.contents(), (2, 2), "what they published stays");
}

#[test]
fn a_certificate_revoked_while_its_connection_is_open_is_refused_on_it() {
    use schemas::transaction::Transaction;
    let hub = TestHub::start();
    let connection = hub.target("RXL").connect("gateway").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ask = || runtime.block_on(connection.simple(Transaction::Iti18, "<nothing/>"));
    let before = ask().unwrap_err();
    assert!(before.contains("needs the body element"), "it is heard: {before}");
    pki(&hub).revoke(&ods("RXL")).unwrap();
    let mut said = String::new();
    let refused = || {
        said = ask().unwrap_err();
        !said.contains("needs the body element")
    };
    assert!(within(Duration::from_secs(5), refused), "the list is taken up");
    assert!(said.contains("revoked since the connection was opened"), "{said}");
}

#[test]
fn a_certificate_revoked_before_the_start_fails_too() {
    let mut hub = TestHub::start();
    pki(&hub).revoke(&ods("RXL")).unwrap();
    hub.restart();
    let request = hub.request("RXL", hub.url(Role::Gateway));
    assert_handshake_fails(&hub, Role::Gateway, &request, "rxl-integration");
}

#[test]
fn a_certificate_without_an_organisation_is_forbidden() {
    let hub = TestHub::start();
    let authority = Authority::open(&hub.pki());
    let cn = (DnType::CommonName, "nameless");
    for (file, subject) in [
        ("no-unit", vec![cn.clone()]),
        ("no-code", vec![cn, (DnType::OrganizationalUnitName, "Ward 7, second floor")]),
    ] {
        let request =
            hub.anonymous(hub.url(Role::Repository)).certificate(authority.issue(file, &subject));
        let words = ["names no organisation", "OU with your ODS code"];
        let sent = Provide::letter(1).inline();
        let answer = hub.refuses(Role::Repository, &words, || request.soap(&sent));
        assert_eq!((answer.status, answer.fault_code().as_str()), (403, "Sender"));
        let event = hub.last_audit(Role::Repository).event;
        assert_eq!((event.system.as_deref(), event.organisation), (Some("nameless"), None));
        assert_eq!(event.kind, AuditKind::UnknownRequest);
    }
}

#[test]
fn a_certificate_for_servers_only_fails_the_handshake() {
    let hub = TestHub::start();
    let subject =
        [(DnType::CommonName, "rxn-integration"), (DnType::OrganizationalUnitName, "RXN")];
    let purposes = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server = Authority::open(&hub.pki()).issue_for("server-only", &subject, purposes);
    let request = hub.anonymous(hub.itk_url()).certificate(server);
    assert_handshake_fails(&hub, Role::Repository, &request, "rxn-integration");
}

#[test]
fn private_keys_are_for_their_owners_eyes() {
    use std::os::unix::fs::PermissionsExt;
    let hub = TestHub::start();
    let mut keys = 0;
    for folder in [hub.pki(), hub.pki().join("clients")] {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "key") {
                let mode = path.metadata().unwrap().permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{}", path.display());
                keys += 1;
            }
        }
    }
    assert!(keys > 10, "the CA, the hub's four and every organisation's: {keys}");
}
