//! A hub that others can test: the conformance client's doors, and that they are closed without it.

use crate::executable;
use hub::config::PatientsSetting;
use hub::serve::Role;
use std::path::Path;
use tests::message::{self, Provide, scheme};
use tests::{Answer, Certificate, HubProcess, Request, TestHub};

#[track_caller]
fn assert_success(answer: &Answer) {
    let got = (answer.status, answer.xds_status());
    assert_eq!(got, (200, "Success".to_owned()), "{}", answer.text());
}

fn registration(letter: Provide) -> String {
    let (hash, size) = (letter.sha1(), letter.document.len().to_string());
    let letter = letter
        .slot("hash", &[&hash])
        .slot("size", &[&size])
        .slot("repositoryUniqueId", &["1.3.6.1.4.1.21367.13.70.1"]);
    message::envelope("urn:ihe:iti:2007:RegisterDocumentSet-b", &letter.metadata())
}

fn query() -> String {
    message::find_documents("9000000009", "LeafClass", "")
}

/// Four transactions, each sent to its actor by one client.
fn exercise(registry: &Request, repository: &Request) {
    let (letter, other) = (Provide::letter(1), Provide::letter(2));
    assert_success(&repository.soap(&letter.inline()));
    assert_success(&registry.soap(&registration(other.clone())));
    let found = registry.soap(&query());
    assert_success(&found);
    assert!(found.contains(&letter.unique_id) && found.contains(&other.unique_id));
    assert!(found.contains("1.3.6.1.4.1.21367.13.70.1"), "another repository's document");
    let stamped = found.text().matches("urn:watling:publisherOds").count();
    assert_eq!((stamped, found.text().matches(">ZZT99<").count()), (2, 2), "the certificate's OU");
    let fetched = repository.soap(&message::retrieve(&[&letter.unique_id]));
    assert_success(&fetched);
    assert!(fetched.contains(&letter.unique_id));
}

#[test]
fn the_conformance_client_speaks_to_registry_and_repository_directly() {
    let hub = TestHub::conformance();
    let client = |role| hub.request("conformance", hub.url(role));
    exercise(&client(Role::Registry), &client(Role::Repository));
    let event = hub.last_audit(Role::Registry).event;
    assert_eq!(event.organisation.as_deref(), Some("ZZT99"));
}

#[test]
fn the_conformance_client_finds_its_doors_in_processes_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let url = |role: &str| {
        let text = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
        let urls: serde_json::Value = serde_json::from_str(&text).unwrap();
        urls[role].as_str().unwrap().to_owned()
    };
    let serve = |arguments: &[&str]| {
        let all = [&["--conformance", "--patients", "any"], arguments].concat();
        HubProcess::serve(executable(), &data, &all).unwrap()
    };
    let first = serve(&["--role", "registry"]);
    let said = first.said.join("\n");
    assert!(said.contains("CONFORMANCE MODE") && said.contains("no way to run a region"), "{said}");
    assert!(said.contains("clients/conformance.pem"), "{said}");
    let _second = serve(&["--role", "repository", "--registry-url", &url("registry")]);
    let client = |role: &str| {
        let certificate = Certificate::in_folder(&data.join("pki/clients"), "conformance");
        Request::new(url(role), &data.join("pki/ca.pem")).certificate(certificate)
    };
    exercise(&client("registry"), &client("repository"));
}

#[test]
fn the_publisher_is_the_certificates_and_never_a_submitted_one() {
    let hub = TestHub::conformance();
    let registry = hub.request("conformance", hub.url(Role::Registry));
    let sent = registration(Provide::letter(1).slot("urn:watling:publisherOds", &["RXN"]));
    let words = ["urn:watling:publisherOds", "may not be submitted"];
    let refused = hub.refuses(Role::Registry, &words, || registry.soap(&sent));
    assert_eq!(refused.error_codes(), ["XDSRegistryMetadataError"]);
}

#[test]
fn in_conformance_mode_a_resubmission_is_refused_to_the_letter() {
    let hub = TestHub::conformance();
    let registry = hub.request("conformance", hub.url(Role::Registry));
    assert_success(&registry.soap(&registration(Provide::letter(1))));
    let again = registry.soap(&registration(Provide::letter(1)));
    assert_eq!(again.error_codes(), ["XDSDuplicateUniqueIdInRegistry"], "{}", again.text());
}

#[test]
fn without_conformance_mode_its_certificate_opens_nothing() {
    let mut hub = TestHub::conformance();
    hub.restart_with(|options| options.conformance = false);
    for (role, sent) in [
        (Role::Registry, registration(Provide::letter(1))),
        (Role::Registry, query()),
        (Role::Repository, Provide::letter(1).inline()),
        (Role::Repository, message::retrieve(&["1.2.3"])),
    ] {
        let client = hub.request("conformance", hub.url(role));
        let refused = hub.refuses(role, &["ZZT99"], || client.soap(&sent));
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
}

#[test]
fn in_conformance_mode_a_consumer_still_gets_nothing_past_the_gateway() {
    let hub = TestHub::conformance();
    for (role, sent) in [
        (Role::Registry, registration(Provide::letter(1))),
        (Role::Registry, query()),
        (Role::Repository, Provide::letter(1).inline()),
        (Role::Repository, message::retrieve(&["1.2.3"])),
    ] {
        let consumer = hub.request("ZZP01", hub.url(role));
        let refused = hub.refuses(role, &["ZZP01"], || consumer.soap(&sent));
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
}

#[test]
fn where_patients_come_by_feed_nobody_is_known_before_the_first() {
    let hub = TestHub::with(|o| {
        o.conformance = true;
        o.config.registry.patients = PatientsSetting::Feed;
    });
    let repository = hub.request("conformance", hub.url(Role::Repository));
    let words = ["no patient identity feed has named the patient"];
    let sent = Provide::letter(1).inline();
    let refused = hub.refuses(Role::Repository, &words, || repository.soap(&sent));
    assert_eq!(refused.error_codes(), ["XDSUnknownPatientId"]);
}

const CODES_XML: &str = "<Codes>
<CodeType name=\"confidentialityCode\" classScheme=\"urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f\"><Code code=\"N\" display=\"normal\" codingScheme=\"2.16.840.1.113883.5.25\"/></CodeType>
<CodeType name=\"typeCode\"><Code code=\"34133-9\" display=\"Summarization of Episode Note\" codingScheme=\"2.16.840.1.113883.6.1\" system=\"http://loinc.org\"/></CodeType>
<CodeType name=\"mimeType\"><Code code=\"text/xml\" ext=\"xml\"/></CodeType>
<AssigningAuthority id=\"&amp;1.3.6.1.4.1.21367.13.20.1000&amp;ISO\" display=\"IHERED\"/>
</Codes>";

fn hub_with_codes(codes: &str) -> TestHub {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codes.xml");
    std::fs::write(&file, codes).unwrap();
    TestHub::with(|o| {
        o.conformance = true;
        o.config.hub.code_sets = Some(file);
    })
}

#[test]
fn a_test_beds_codes_xml_is_the_affinity_domain() {
    let hub = hub_with_codes(CODES_XML);
    let repository = hub.request("conformance", hub.url(Role::Repository));
    let ours = Provide::letter(1).inline();
    let words = ["DocumentEntry.typeCode", "823681000000100", "2.16.840.1.113883.6.96"];
    let refused = hub.refuses(Role::Repository, &words, || repository.soap(&ours));
    assert_eq!(refused.error_codes(), ["XDSRegistryMetadataError"]);
    let loinc =
        |letter: Provide| letter.code(scheme::TYPE_CODE, "34133-9", "2.16.840.1.113883.6.1");
    assert_success(&repository.soap(&loinc(Provide::letter(2)).inline()));
    let pdf = Provide { mime_type: "application/pdf".to_owned(), ..loinc(Provide::letter(3)) };
    let words = ["mimeType", "application/pdf"];
    hub.refuses(Role::Repository, &words, || repository.soap(&pdf.inline()));
}

/// The line that the folder's file of code sets keeps the hub from starting with.
fn not_started(file: &Path, text: &str) -> String {
    std::fs::write(file, text).unwrap();
    let mut config = hub::config::Config::default();
    config.hub.code_sets = Some(file.to_owned());
    config.code_sets().unwrap_err()
}

#[test]
fn a_file_of_codes_that_cannot_be_read_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codes.xml");
    for (text, reason) in [
        ("<Codes/>", "no CodeType"),
        ("<!DOCTYPE c []><Codes/>", "document type declaration"),
        ("version = 3", "version"),
    ] {
        let said = not_started(&file, text);
        assert!(said.contains("codes.xml") && said.contains(reason), "{said}");
    }
}
