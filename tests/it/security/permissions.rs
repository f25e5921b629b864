//! Which certificate opens which door.

use hub::serve::Role;
use rcgen::DnType;
use tests::message::{self, Provide};
use tests::{Answer, Certificate, Request, TestHub};

fn assert_forbidden(hub: &TestHub, role: Role, words: &[&str], request: &Request, sent: &str) {
    let answer = hub.refuses(role, words, || request.soap(sent));
    assert_eq!((answer.status, answer.fault_code().as_str()), (400, "Sender"), "{}", answer.text());
}

fn assert_success(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.xds_status().as_str()),
        (200, "Success"),
        "{}",
        answer.text()
    );
}

fn query() -> String {
    message::find_documents("9000000009", "LeafClass", "")
}

/// What the repository sends to the registry.
fn registration(number: u32) -> String {
    let letter = Provide::letter(number);
    let (hash, size) = (letter.sha1(), letter.document.len().to_string());
    let letter = letter
        .slot("hash", &[&hash])
        .slot("size", &[&size])
        .slot("repositoryUniqueId", &["1.2.826.0.1.99999.40.1"]);
    message::envelope("urn:ihe:iti:2007:RegisterDocumentSet-b", &letter.metadata())
}

fn as_service(hub: &TestHub, name: &str, role: Role) -> Request {
    hub.anonymous(hub.url(role)).certificate(hub.service_certificate(name))
}

#[test]
fn publishers_reach_the_repository_and_consumers_do_not() {
    let hub = TestHub::start();
    for (number, ods) in [(1, "RXN"), (2, "RX7"), (3, "323")] {
        let request = hub.request(ods, hub.url(Role::Repository));
        assert_success(&request.soap(&Provide::letter(number).inline()));
    }
    for ods in ["ZZP01", "ZZS01", "ZZP06"] {
        let request = hub.request(ods, hub.url(Role::Repository));
        let words = [ods, "is not a publisher of this repository", "[repository] publishers"];
        let sent = Provide::letter(4).inline();
        assert_forbidden(&hub, Role::Repository, &words, &request, &sent);
    }
    assert_eq!(hub.contents(), (3, 3));
}

#[test]
fn the_registry_is_for_the_hubs_own_services() {
    let hub = TestHub::start();
    for ods in ["ZZP01", "RXN", "RX7"] {
        let request = hub.request(ods, hub.url(Role::Registry));
        let words =
            [ods, "may not use the registry", "ITI-41 to the repository", "ask the gateway"];
        for sent in [registration(1), query()] {
            assert_forbidden(&hub, Role::Registry, &words, &request, &sent);
        }
    }
}

#[test]
fn the_hubs_services_use_the_registry_each_for_its_work() {
    let hub = TestHub::start();
    assert_success(&as_service(&hub, "watling-repository", Role::Registry).soap(&registration(1)));
    assert_eq!(hub.contents(), (1, 0), "registered, without the repository");
    for name in ["watling-gateway", "watling-registry"] {
        let request = as_service(&hub, name, Role::Registry);
        let words = [name, "may not use the registry"];
        assert_forbidden(&hub, Role::Registry, &words, &request, &registration(2));
    }
    for name in ["watling-gateway", "watling-repository"] {
        let found = as_service(&hub, name, Role::Registry).soap(&query());
        assert_success(&found);
        assert!(found.contains(&Provide::letter(1).unique_id), "{name} finds it");
    }
    let operator = as_service(&hub, "watling-operator", Role::Registry);
    let words = ["watling-operator", "may not use the registry"];
    assert_forbidden(&hub, Role::Registry, &words, &operator, &query());
}

#[test]
fn a_name_of_the_hub_in_another_organisations_certificate_opens_nothing() {
    let hub = TestHub::start();
    let authority = super::authority::Authority::open(&hub.pki());
    let subject =
        [(DnType::CommonName, "watling-repository"), (DnType::OrganizationalUnitName, "RXN")];
    let pretender = authority.issue("pretender", &subject);
    let request = hub.anonymous(hub.url(Role::Registry)).certificate(pretender);
    let words = ["RXN (watling-repository)", "may not use the registry"];
    assert_forbidden(&hub, Role::Registry, &words, &request, &registration(1));
}

#[test]
fn documents_leave_through_the_gateway_only() {
    let hub = TestHub::start();
    let repository = hub.request("RXN", hub.url(Role::Repository));
    let letter = Provide::letter(1);
    assert_success(&repository.soap(&letter.inline()));
    let sent = message::retrieve(&[&letter.unique_id]);
    let words = ["RXN", "may not retrieve at the repository", "at the gateway"];
    assert_forbidden(&hub, Role::Repository, &words, &repository, &sent);
    let fetched = as_service(&hub, "watling-gateway", Role::Repository).soap(&sent);
    assert_success(&fetched);
    assert!(fetched.contains(&letter.unique_id));
    let gateway = as_service(&hub, "watling-gateway", Role::Repository);
    let words = ["watling-gateway", "is not a publisher"];
    assert_forbidden(&hub, Role::Repository, &words, &gateway, &Provide::letter(2).inline());
}

fn acting_for(envelope: &str, ods: &str) -> String {
    let header = format!("<w:ActingFor xmlns:w=\"urn:watling:2026\">{ods}</w:ActingFor>");
    envelope.replace("<s:Header>", &format!("<s:Header>{header}"))
}

#[test]
fn a_system_acts_for_the_organisations_that_its_profile_lists() {
    let hub = TestHub::start();
    // A patient of the practice ZZP02 as the fixtures have it.
    let patients = hub::fixtures::patients().unwrap();
    let patient = patients.iter().find(|p| p.practice.as_str() == "ZZP02").unwrap();
    let letter = Provide::letter(1).patient(&patient.number.digits());
    assert_success(&hub.request("RXN", hub.url(Role::Repository)).soap(&letter.inline()));
    let ask = message::find_documents(&patient.number.digits(), "LeafClass", "");
    let supplier = hub.request("ZZS01", hub.url(Role::Gateway));

    let found = supplier.soap(&acting_for(&ask, "ZZP02"));
    assert_success(&found);
    assert!(found.contains(&letter.unique_id), "the practice's own patient");
    let event = hub.last_audit(Role::Gateway).event;
    assert_eq!(event.organisation.as_deref(), Some("ZZS01"));
    assert_eq!(event.acting_for.as_deref(), Some("ZZP02"));

    let found = supplier.soap(&acting_for(&ask, "ZZP03"));
    assert_success(&found);
    assert!(!found.contains(&letter.unique_id), "another practice's patient is absent in silence");

    let words = ["zzs01-integration", "ZZS01", "may not act for ZZP04"];
    let sent = acting_for(&ask, "ZZP04");
    let refused = hub.refuses(Role::Gateway, &words, || supplier.soap(&sent));
    assert_eq!(refused.xds_status(), "Failure");
    assert!(!refused.contains("ExtrinsicObject"));
    let sent = acting_for(&message::retrieve(&[&letter.unique_id]), "ZZP04");
    let refused = hub.refuses(Role::Gateway, &words, || supplier.soap(&sent));
    assert_eq!(refused.xds_status(), "Failure");
}

#[test]
fn a_publisher_does_not_publish_for_another_organisation() {
    let hub = TestHub::start();
    let request = hub.request("RXN", hub.url(Role::Repository));
    let sent = acting_for(&Provide::letter(1).inline(), "RXL");
    let words = ["RXN", "may not publish for RXL"];
    assert_forbidden(&hub, Role::Repository, &words, &request, &sent);
}

#[test]
fn an_unregistered_system_of_a_known_organisation_sees_nothing() {
    let hub = TestHub::start();
    let authority = super::authority::Authority::open(&hub.pki());
    let stranger = authority.system("a-system-nobody-registered", "ZZP01");
    let gateway = hub.anonymous(hub.url(Role::Gateway)).certificate(stranger.clone());
    let words = ["a-system-nobody-registered", "is not registered with this gateway"];
    let refused = hub.refuses(Role::Gateway, &words, || gateway.soap(&query()));
    assert_eq!(refused.xds_status(), "Failure");
    let publisher: Certificate = authority.system("another-system", "RXN");
    let request = hub.anonymous(hub.url(Role::Repository)).certificate(publisher);
    let words = ["RXN (another-system)", "is not a publisher"];
    assert_forbidden(&hub, Role::Repository, &words, &request, &Provide::letter(1).inline());
}

#[test]
fn metrics_count_the_requests_of_a_loopback_hub() {
    let hub = TestHub::start();
    assert_success(
        &hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(1).inline()),
    );
    for role in Role::ALL {
        let url = hub.url(role);
        let base = url.strip_suffix(role.path()).unwrap();
        let metrics = hub.anonymous(format!("{base}/metrics")).get().unwrap();
        assert_eq!(metrics.status, 200);
        assert!(metrics.content_type.starts_with("text/plain"), "{}", metrics.content_type);
        assert!(metrics.contains("watling_requests_total{"), "{}", metrics.text());
        assert!(!metrics.contains("9000000009"), "no NHS number in a label");
    }
}
