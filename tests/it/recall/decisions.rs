//! Current decisions of several organisations: all shown, newest first, with what a clinician must
//! not miss.

use super::{find, publish};
use hub::client::find::{Search, find as search};
use hub::serve::Role;
use tests::TestHub;
use tests::message::{self, Provide, scheme};

const SNOMED: &str = "2.16.840.1.113883.6.96";
const FOR_CPR: &str = "450475007";
const NOT_FOR_CPR: &str = "450476008";

/// A ReSPECT form that says what was decided and when.
fn form(number: u32, decision: &str, decided: &str, review: &str) -> Provide {
    Provide::letter(number)
        .code(scheme::TYPE_CODE, "1382601000000107", SNOMED)
        .code(scheme::CLASS_CODE, "734163000", SNOMED)
        .slot("urn:nhs:hub:cprDecision", &[decision])
        .slot("urn:nhs:hub:decisionDate", &[decided])
        .slot("urn:nhs:hub:reviewDate", &[review])
}

fn warnings(hub: &TestHub, ods: &str, query: &str) -> Vec<String> {
    let answer = hub.request(ods, hub.url(Role::Gateway)).soap(query);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let text = answer.plain();
    let contexts = text.split("codeContext=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    contexts.filter(|context| context.contains("CPR")).map(str::to_owned).collect()
}

#[test]
fn two_current_cpr_decisions_of_two_organisations_are_both_shown_newest_first_and_disagree() {
    let hub = TestHub::start();
    publish(&hub, "RXN", &form(1, FOR_CPR, "20260701", "20270701"));
    publish(&hub, "RXL", &form(2, NOT_FOR_CPR, "20260710", "20260712"));
    publish(&hub, "RXN", &Provide::letter(3));
    let found = find(&hub, "ZZP01");
    let text = found.text();
    assert_eq!(text.matches("<rim:ExtrinsicObject").count(), 3, "all of them");
    let place = |number: u32| text.find(&Provide::letter(number).unique_id).unwrap();
    assert!(place(2) < place(1), "the newest decision first");
    let query = message::find_documents("9000000009", "LeafClass", "");
    let said = warnings(&hub, "ZZP01", &query);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].starts_with(
            "2 current CPR decisions disagree, newest first: not for CPR (RXL, decided 2026-07-10"
        ),
        "{said:?}"
    );
    assert!(said[0].contains("for CPR (RXN, decided 2026-07-01"), "{said:?}");
    assert!(said[1].contains("has lapsed, 2026-07-12") && said[1].contains("RXL"), "{said:?}");
    let by_reference = message::find_documents("9000000009", "ObjectRef", "");
    assert_eq!(warnings(&hub, "ZZP01", &by_reference), said, "by reference too");
}

#[test]
fn a_query_that_finds_one_decision_warns_of_the_other_and_of_none_that_may_not_be_seen() {
    let hub = TestHub::start();
    publish(&hub, "RXN", &form(1, FOR_CPR, "20260701", "20270701"));
    let dnacpr = Provide::letter(2)
        .code(scheme::TYPE_CODE, "823881000000104", SNOMED)
        .code(scheme::CLASS_CODE, "734163000", SNOMED)
        .slot("creationTime", &["20260702"]);
    publish(&hub, "RXL", &dnacpr);
    let types = concat!("$", "XDSDocumentEntryTypeCode");
    let only = message::slot(types, &format!("('1382601000000107^^{SNOMED}')"));
    let query = message::find_documents("9000000009", "LeafClass", &only);
    let said = warnings(&hub, "ZZP01", &query);
    assert!(said[0].contains("not for CPR (RXL, decided 2026-07-02"), "a DNACPR says it: {said:?}");
    let read = hub.last_audit(Role::Gateway).event;
    let named = read.decisions.iter().any(|one| one.unique_id == dnacpr.unique_id);
    assert!(named, "whoever is told of it has seen it: {:?}", read.decisions);
    hub.apply(
        "[[preference]]\npatient = \"9000000009\"\npublisher = \"RXL\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n",
    );
    assert!(warnings(&hub, "ZZP01", &query).is_empty(), "the patient does not share it");
}

#[test]
fn the_warning_names_no_publisher_where_the_patients_place_is_protected() {
    let hub = TestHub::start();
    publish(&hub, "RXN", &form(1, FOR_CPR, "20260701", "20270701"));
    publish(&hub, "RXL", &form(2, NOT_FOR_CPR, "20260710", "20270701"));
    let mut command = std::process::Command::new(crate::executable());
    let status = hub
        .beside(&mut command)
        .args(["patient", "sensitive", "9000000009", "--on", "--reason", "safeguarding", "--data"])
        .arg(hub.data())
        .status()
        .unwrap();
    assert!(status.success());
    let query = message::find_documents("9000000009", "LeafClass", "");
    let said = warnings(&hub, "ZZP01", &query);
    assert!(said[0].contains("a publisher that is withheld"), "{said:?}");
    assert!(!said[0].contains("RXN") && !said[0].contains("RXL"), "{said:?}");
}

#[test]
fn a_tired_clinician_reads_the_disagreement_before_the_list() {
    let hub = TestHub::start();
    publish(&hub, "RXN", &form(1, FOR_CPR, "20260701", "20270701"));
    publish(&hub, "RXL", &form(2, NOT_FOR_CPR, "20260710", "20270701"));
    let arguments = ["find", "--as", "ZZP01", "9000000009", "--data"];
    let output = std::process::Command::new(crate::executable())
        .args(arguments)
        .arg(hub.data())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.starts_with("(!) 2 current CPR decisions disagree, newest first: not for CPR"),
        "{said}"
    );
    assert!(
        said.contains("CPR decision: not for CPR, decided 10 Jul 2026, review due 1 Jul 2027"),
        "{said}"
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let connection = hub.target("ZZP01").connect("gateway").unwrap();
    let wanted = Search {
        patient: schemas::nhs_number::NhsNumber::parse("9000000009").unwrap(),
        document_type: None,
        since: None,
    };
    let sets = hub::fixtures::code_sets().unwrap();
    let found = runtime.block_on(search(&connection, &sets, &wanted)).unwrap();
    assert_eq!(found.entries.len(), 2);
}
