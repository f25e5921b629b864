//! Nothing shown looks the same, whyever.

use super::{get, publish};
use hub::serve::Role;
use tests::message::{self, Provide};
use tests::{Answer, TestHub};

/// Nobody has sent anything of this number.
const UNKNOWN: &str = "9997001001";
/// Has documents, and ZZP01 has nothing to do with them.
const NO_RELATIONSHIP: &str = "9997001028";
/// Has documents, is on ZZP01's list, and shares nothing with it.
const NOT_SHARED: &str = "9997001036";

fn hub() -> TestHub {
    let hub = TestHub::start();
    publish(&hub, &Provide::letter(1).patient(NO_RELATIONSHIP));
    publish(&hub, &Provide::letter(2).patient(NOT_SHARED));
    hub.apply(&format!(
        "[[relationship]]\npatient = \"{NOT_SHARED}\"\nods = \"ZZP01\"\nkind = \"registration\"\nstarts = \"2026-01-01\"\nsource = \"practice list\"\n\n[[preference]]\npatient = \"{NOT_SHARED}\"\nconsumer = \"ZZP01\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n"
    ));
    hub
}

/// The answer without what is the message's own.
fn words(answer: &Answer, own: &str) -> String {
    let mut text = answer.envelope().replace(own, "OWN");
    while let Some(at) = text.find("urn:uuid:") {
        text.replace_range(at..at + "urn:uuid:".len() + 36, "ID");
    }
    text
}

#[test]
fn an_unknown_patient_one_without_relationship_and_one_who_does_not_share_look_alike() {
    let hub = hub();
    for return_type in ["LeafClass", "ObjectRef"] {
        let said = |patient: &str| {
            let query = message::find_documents(patient, return_type, "");
            let answer = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
            assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
            assert!(!answer.contains("<rim:ExtrinsicObject") && !answer.contains("<rim:ObjectRef"));
            words(&answer, patient)
        };
        assert_eq!(said(UNKNOWN), said(NO_RELATIONSHIP));
        assert_eq!(said(UNKNOWN), said(NOT_SHARED));
    }
    let refused = |id: &str| {
        let answer = get(&hub, "ZZP01", id);
        assert_eq!(answer.error_codes(), ["XDSDocumentUniqueIdError"]);
        words(&answer, id)
    };
    let nowhere = refused("1.2.826.0.1.99999.20.3");
    assert_eq!(refused("1.2.826.0.1.99999.20.1"), nowhere);
    assert_eq!(refused("1.2.826.0.1.99999.20.2"), nowhere);
    let reasons: Vec<String> = hub
        .audit(Role::Gateway)
        .into_iter()
        .rev()
        .take(3)
        .flat_map(|record| record.event.decisions)
        .map(|decided| decided.decision)
        .collect();
    for reason in ["preference", "no-relationship", "unknown-document"] {
        assert!(reasons.iter().any(|r| r == reason), "the record knows: {reasons:?}");
    }
}

#[test]
fn a_role_that_may_know_of_withheld_entries_learns_no_more_of_these() {
    let hub = hub();
    hub.apply("[policy]\nwithheld_shows = { clinician = \"placeholder\" }\n");
    let said = |patient: &str| {
        let query = message::find_documents(patient, "LeafClass", "");
        words(&hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query), patient)
    };
    assert_eq!(said(UNKNOWN), said(NO_RELATIONSHIP));
    assert_eq!(said(UNKNOWN), said(NOT_SHARED));
}
