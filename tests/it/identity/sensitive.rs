//! Where a patient lives and is registered is not told, in any answer, of any document.

use super::*;
use tests::message::{Provide, slot};

/// What must not be told of Mrs Haworth, and what is told of her all the same.
const TELLS: [&str; 7] = [
    "Millrace Lane",
    "LA99 9ZZ",
    "01995550000",
    "PAS-1",
    "Northfell",
    "urn:watling:publisherOds",
    "Millrace Surgery",
];
const KEPT: [&str; 4] = ["PID-5|Haworth^Marjorie", "PID-7|19480309", "PID-8|F", "Sample^Ada"];

fn letter() -> Provide {
    Provide::letter(1)
        .patient(HAWORTH)
        .slot("sourcePatientId", &["PAS-1^^^&amp;1.2.826.0.1.99999.10.1&amp;ISO"])
        .slot(
            "sourcePatientInfo",
            &[
                "PID-3|PAS-1^^^&amp;1.2.826.0.1.99999.10.1&amp;ISO",
                "PID-5|Haworth^Marjorie",
                "PID-7|19480309",
                "PID-8|F",
                "PID-11|14 Millrace Lane^^Lancaster^^LA99 9ZZ",
                "PID-13|^PRN^PH^^^^01995550000",
            ],
        )
        .slot("legalAuthenticator", &["555^Sample^Ada^^^Dr^^^&amp;1.2.826.0.1285.0.2.0.65&amp;ISO"])
        .slot("URI", &["northfell.example/1"])
        .slot("urn:x:place", &["Northfell General Hospital"])
}

fn provided(hub: &TestHub) {
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&letter().inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

fn stored_query(id: &str, slots: &str) -> String {
    let body = format!(
        "<query:AdhocQueryRequest xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><query:ResponseOption returnComposedObjects=\"true\" returnType=\"LeafClass\"/><rim:AdhocQuery id=\"{id}\">{slots}</rim:AdhocQuery></query:AdhocQueryRequest>"
    );
    message::envelope("urn:ihe:iti:2007:RegistryStoredQuery", &body)
}

fn asked(hub: &TestHub, query: &str) -> Answer {
    let answer = hub.request(PRACTICE, hub.url(Role::Gateway)).soap(query);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    answer
}

/// Every way in which the entry and its SubmissionSet are answered.
fn answers(hub: &TestHub) -> Vec<(&'static str, Answer)> {
    let id = slot("$XDSDocumentEntryUniqueId", &format!("('{}')", letter().unique_id));
    let documents = stored_query("urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4", &id);
    let all = [
        slot("$patientId", &format!("'{HAWORTH}^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO'")),
        slot("$XDSDocumentEntryStatus", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"),
        slot("$XDSSubmissionSetStatus", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"),
        slot("$XDSFolderStatus", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"),
    ];
    let all = stored_query("urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3", &all.concat());
    vec![
        ("FindDocuments", find(hub, HAWORTH)),
        ("GetDocuments", asked(hub, &documents)),
        ("GetAll", asked(hub, &all)),
    ]
}

fn masked(hub: &TestHub) {
    for (query, answer) in answers(hub) {
        for tells in TELLS {
            assert!(!answer.contains(tells), "{query} tells {tells:?}: {}", answer.text());
        }
        for kept in KEPT {
            assert!(answer.contains(kept), "{query} does not tell {kept:?}: {}", answer.text());
        }
        assert!(answer.contains("urn:watling:masked"), "{query}");
    }
}

fn open(hub: &TestHub) {
    for (query, answer) in answers(hub) {
        assert!(answer.contains("Millrace Lane"), "{query}: {}", answer.text());
        assert!(!answer.contains("urn:watling:masked"), "{query}");
    }
}

fn sensitive(hub: &TestHub, way: &str) {
    let arguments = ["patient", "sensitive", HAWORTH, way, "--reason", "safeguarding lead"];
    watling(hub, &arguments).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn an_operators_word_masks_what_is_there_already_and_can_be_taken_back() {
    let hub = TestHub::start();
    provided(&hub);
    open(&hub);
    sensitive(&hub, "--on");
    masked(&hub);
    let record = hub.audit(Role::Registry).pop().unwrap().event;
    assert!(record.reasons.iter().any(|why| why == "safeguarding lead"), "{:?}", record.reasons);
    sensitive(&hub, "--off");
    open(&hub);
}

#[test]
fn pds_sensitivity_masks_earlier_documents_at_once() {
    let (hub, server) = traced(TraceKind::PdsFhir, When::Always);
    provided(&hub);
    open(&hub);
    for class in ["R", "V", "REDACTED"] {
        server.person(HAWORTH, |known| known.sensitivity = class.to_owned());
        let n = ["R", "V", "REDACTED"].iter().position(|c| *c == class).unwrap() as u8 + 1;
        send(&hub, &Said::haworth(n, Said::verified(HAWORTH)));
        for (query, answer) in answers(&hub) {
            assert!(!answer.contains("Millrace Lane"), "{class} {query}: {}", answer.text());
        }
    }
    // An operator cannot take back what PDS says; PDS can.
    sensitive(&hub, "--off");
    assert!(!find(&hub, HAWORTH).contains("Millrace Lane"));
    server.person(HAWORTH, |known| known.sensitivity = "U".to_owned());
    send(&hub, &Said::haworth(4, Said::verified(HAWORTH)));
    assert!(find(&hub, HAWORTH).contains("Millrace Lane"));
}

#[test]
fn a_merge_hides_what_either_of_the_two_hides() {
    let hub = TestHub::start();
    provided(&hub);
    let other = letter().patient(THRELFALL);
    let other = Provide {
        unique_id: "1.2.826.0.1.99999.20.7".to_owned(),
        set_unique_id: "1.2.826.0.1.99999.30.7".to_owned(),
        ..other
    };
    hub.request("RXN", hub.url(Role::Repository)).soap(&other.inline());
    let arguments = ["patient", "sensitive", THRELFALL, "--on", "--reason", "court order"];
    watling(&hub, &arguments).unwrap();
    open(&hub);
    watling(&hub, &["patient", "merge", THRELFALL, "--into", HAWORTH]).unwrap();
    masked(&hub);
    watling(&hub, &["patient", "unmerge", THRELFALL]).unwrap();
    open(&hub);
}

#[test]
fn the_document_itself_is_retrieved_unchanged_and_the_list_says_what_is_withheld() {
    let hub = TestHub::start();
    provided(&hub);
    sensitive(&hub, "--on");
    let listed = watling(&hub, &["find", HAWORTH, "--as", PRACTICE]).unwrap();
    assert!(listed.contains("withheld to protect the patient: sourcePatientInfo"), "{listed}");
    assert!(listed.contains("from a publisher that is withheld"), "{listed}");
    let file = hub.data().join("fetched");
    let path = file.to_str().unwrap();
    let unique_id = letter().unique_id;
    watling(&hub, &["get", &unique_id, "--as", PRACTICE, "--output", path]).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), letter().document);
}
