//! A list that may be incomplete says so, to whoever may know.

use super::{PATIENT, find, publish};
use crate::executable;
use hub::serve::Role;
use tests::message::{self, Itk, Provide};
use tests::{Answer, Certificate, HubProcess, Request, TestHub};

fn warned(answer: &Answer) -> Vec<String> {
    let text = answer.plain();
    let parts = text.split("codeContext=\"this list may be incomplete").skip(1);
    parts.map(|part| part.split('"').next().unwrap_or_default().to_owned()).collect()
}

/// A discharge whose number nobody has verified: it waits at the front door.
fn quarantine_a_message(hub: &TestHub) {
    let itk = Itk::discharge(PATIENT, "3F2504E0-4F89-41D3-9A0C-0305E82C3301");
    let verified = format!("root=\"2.16.840.1.113883.2.1.4.1\" extension=\"{PATIENT}\"");
    let unverified = verified.replace("2.1.4.1", "2.1.3.2.4.18.23");
    assert!(itk.payload.contains(&verified));
    let itk = Itk { payload: itk.payload.replace(&verified, &unverified), ..itk };
    let answer = hub.request("RXN", hub.itk_url()).content_type("text/xml").post(itk.message());
    assert!(answer.contains("OK:"), "{}", answer.text());
    assert_eq!(hub.count(Role::Repository, "front_door.db", "quarantine"), 1);
}

#[test]
fn what_waits_in_quarantine_is_told_to_those_who_may_know_of_the_patient() {
    let hub = TestHub::start();
    publish(&hub, &Provide::letter(1));
    assert!(warned(&find(&hub, "ZZP01", PATIENT)).is_empty());
    quarantine_a_message(&hub);
    let said = warned(&find(&hub, "ZZP01", PATIENT));
    assert!(said.len() == 1 && said[0].contains("waits to be checked"), "{said:?}");
    assert!(!said[0].contains("RXN"), "neither who sent it nor what it is: {said:?}");
    assert!(warned(&find(&hub, "ZZP02", PATIENT)).is_empty(), "it has no relationship");
    assert!(warned(&find(&hub, "ZZP01", "9997001001")).is_empty(), "another patient");
    hub.apply("[[preference]]\npatient = \"9000000009\"\ndocument_type = \"group:letter\"\nconsumer = \"ZZP01\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n");
    assert!(warned(&find(&hub, "ZZP01", PATIENT)).is_empty(), "it may be what is not shared");
}

#[test]
fn a_publisher_that_is_unusually_silent_is_named_to_those_it_shares_with() {
    let hub = TestHub::with(|options| options.config.repository.silence.documents_min = 5);
    for number in 1..=6 {
        publish(&hub, &Provide::letter(number));
        hub.clock().advance_seconds(3_600);
    }
    assert!(warned(&find(&hub, "ZZP01", PATIENT)).is_empty(), "an hour is nothing");
    hub.clock().advance_seconds(30 * 3_600);
    let said = warned(&find(&hub, "ZZP01", PATIENT));
    assert!(said.len() == 1 && said[0].contains("RXN has sent nothing for 31 hours"), "{said:?}");
    assert_eq!(warned(&find(&hub, "ZZP02", "9997001001")), said, "it depends on no patient");
    assert!(warned(&find(&hub, "323", PATIENT)).len() == 1, "the council gets discharges of it");
    publish(&hub, &Provide::letter(7));
    hub.clock().advance_seconds(3_600);
    assert!(warned(&find(&hub, "ZZP01", PATIENT)).is_empty());
}

#[test]
fn a_repository_that_is_down_is_said_and_what_is_listed_may_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let url = |role: &str| {
        let text = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
        let urls: serde_json::Value = serde_json::from_str(&text).unwrap();
        urls[role].as_str().unwrap().to_owned()
    };
    let serve = |arguments: &[&str]| HubProcess::serve(executable(), &data, arguments).unwrap();
    let _registry = serve(&["--role", "registry"]);
    let registry = url("registry");
    let store = serve(&["--role", "repository", "--registry-url", &registry]);
    let repository = url("repository");
    let _gateway =
        serve(&["--role", "gateway", "--registry-url", &registry, "--repository-url", &repository]);
    let ask = |role: &str, ods: &str, envelope: &str| {
        let pki = data.join("pki");
        let request = Request::new(url(role), &pki.join("ca.pem"));
        request.certificate(Certificate::in_folder(&pki.join("clients"), ods)).soap(envelope)
    };
    assert_eq!(ask("repository", "RXN", &Provide::letter(1).inline()).xds_status(), "Success");
    let find =
        |patient: &str| ask("gateway", "ZZP01", &message::find_documents(patient, "LeafClass", ""));
    assert!(warned(&find(PATIENT)).is_empty(), "it is there: {}", find(PATIENT).text());
    store.kill();
    let found = find(PATIENT);
    assert_eq!(found.xds_status(), "Success", "what there is, is listed");
    assert!(found.contains(&Provide::letter(1).unique_id));
    let said = warned(&found);
    assert!(said.len() == 1 && said[0].contains("does not answer just now"), "{said:?}");
    assert_eq!(warned(&find("9997001001")), said, "whoever the patient is");
    let opened = ask("gateway", "ZZP01", &message::retrieve(&[&Provide::letter(1).unique_id]));
    assert_eq!(opened.error_codes(), ["XDSRepositoryBusy"]);
}

#[test]
fn nobody_but_the_hub_asks_what_a_list_lacks() {
    let hub = TestHub::start();
    let question = schemas::completeness::Question {
        patient: schemas::nhs_number::NhsNumber::parse(PATIENT).unwrap(),
    };
    let envelope = message::envelope("urn:watling:completeness:Lacking", &question.write());
    let url = format!("{}/completeness", hub.url(Role::Repository));
    let refused = hub.request("RXN", url.clone()).soap(&envelope);
    assert!(refused.plain().contains("for the hub's own services"), "{}", refused.text());
    let asked = Request::new(url, &hub.pki().join("ca.pem"))
        .certificate(hub.service_certificate("watling-gateway"))
        .soap(&envelope);
    assert!(asked.contains("LackingResponse"), "{}", asked.text());
}
