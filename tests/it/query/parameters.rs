//! Parameters of FindDocuments, each against two documents of which it finds one.

use super::{DISCHARGE, LETTER, SNOMED, ask, discharge, patient, publish};
use schemas::dtm::Dtm;
use schemas::metadata::DocumentAvailability;
use schemas::query::{CodeFilter, FindDocuments, QueryKind, TimeRange};
use tests::TestHub;
use tests::message::{Provide, scheme};

const ACCESSION: &str = "2013001^^^&1.2.3.4&ISO^urn:ihe:iti:xds:2013:accession";

/// A letter and a discharge that differ in everything that can be asked for.
fn published() -> TestHub {
    let hub = TestHub::start();
    publish(&hub, &Provide::letter(1));
    let discharge = discharge(2)
        .slot("creationTime", &["20260301"])
        .slot("serviceStartTime", &["202602"])
        .slot("serviceStopTime", &["20260220"])
        .slot("urn:ihe:iti:xds:2013:referenceIdList", &[&ACCESSION.replace('&', "&amp;")])
        .slot("documentAvailability", &[DocumentAvailability::Offline.urn()])
        .code(scheme::EVENT_CODE_LIST, "52734007", SNOMED);
    publish(&hub, &discharge);
    hub
}

fn find(hub: &TestHub, change: impl FnOnce(&mut FindDocuments)) -> [bool; 2] {
    let mut find = FindDocuments::approved(patient());
    change(&mut find);
    let found = ask(hub, "ZZP01", QueryKind::FindDocuments(Box::new(find)));
    [LETTER, DISCHARGE].map(|id| found.entries.iter().any(|e| e.facts.unique_id.as_str() == id))
}

fn snomed(code: &str) -> CodeFilter {
    CodeFilter { code: code.to_owned(), scheme: SNOMED.to_owned() }
}

fn range(from: Option<&str>, to: Option<&str>) -> TimeRange {
    let time = |text: Option<&str>| text.map(|text| Dtm::parse(text).unwrap());
    TimeRange { from: time(from), to: time(to) }
}

const LETTER_ONLY: [bool; 2] = [true, false];
const DISCHARGE_ONLY: [bool; 2] = [false, true];
const BOTH: [bool; 2] = [true, true];
const NEITHER: [bool; 2] = [false, false];

#[test]
fn codes_are_or_inside_a_list_and_and_between_lists() {
    let hub = published();
    let (letter, discharge) = (snomed("823651000000106"), snomed("422735006"));
    assert_eq!(find(&hub, |q| q.class_code = vec![letter.clone()]), LETTER_ONLY);
    assert_eq!(find(&hub, |q| q.class_code = vec![letter, discharge]), BOTH);
    let event = || vec![snomed("52734007"), snomed("1")];
    assert_eq!(find(&hub, |q| q.event_code_list = vec![event()]), DISCHARGE_ONLY);
    assert_eq!(find(&hub, |q| q.event_code_list = vec![event(), vec![snomed("1")]]), NEITHER);
    let other = CodeFilter { scheme: "1.2.3".to_owned(), ..snomed("422735006") };
    assert_eq!(find(&hub, |q| q.class_code = vec![other]), NEITHER, "of another scheme");
}

#[test]
fn a_range_of_time_holds_its_beginning_and_not_its_end() {
    let hub = published();
    let created = |from, to| find(&hub, |q| q.creation_time = range(from, to));
    assert_eq!(created(Some("20260301"), None), DISCHARGE_ONLY);
    assert_eq!(created(None, Some("20260301")), LETTER_ONLY);
    assert_eq!(created(Some("20260302"), Some("20260301")), NEITHER);
    let started = |from, to| find(&hub, |q| q.service_start_time = range(from, to));
    assert_eq!(started(Some("20260201"), Some("20260202")), BOTH, "the letter has no such time");
    assert_eq!(started(Some("20260202"), None), LETTER_ONLY);
    let stopped = |from, to| find(&hub, |q| q.service_stop_time = range(from, to));
    assert_eq!(stopped(None, Some("20260220")), LETTER_ONLY);
}

#[test]
fn references_are_found_exactly_and_by_pattern() {
    let hub = published();
    let by = |lists: &[&[&str]]| {
        let list = |list: &&[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        find(&hub, |q| q.reference_id_list = lists.iter().map(list).collect())
    };
    assert_eq!(by(&[&[ACCESSION]]), DISCHARGE_ONLY);
    assert_eq!(by(&[&["other", "2013001^%"]]), DISCHARGE_ONLY);
    assert_eq!(by(&[&["2013001^%"], &["other"]]), NEITHER);
    assert_eq!(by(&[&["2013001"]]), NEITHER);
}

#[test]
fn an_entry_that_does_not_say_is_online() {
    let hub = published();
    let by = |availability| find(&hub, |q| q.document_availability = vec![availability]);
    assert_eq!(by(DocumentAvailability::Online), LETTER_ONLY);
    assert_eq!(by(DocumentAvailability::Offline), DISCHARGE_ONLY);
}

#[test]
fn a_pattern_is_case_sensitive_and_only_two_characters_in_it_are_special() {
    let hub = TestHub::start();
    publish(&hub, &Provide::letter(1));
    let slot = "urn:ihe:iti:xds:2013:referenceIdList";
    let reference = r"Ab_1%!x\yé^^^&amp;1.2.3.4&amp;ISO^urn:ihe:iti:xds:2013:order";
    publish(&hub, &discharge(2).slot(slot, &[reference]));
    let by = |pattern: &str| find(&hub, |q| q.reference_id_list = vec![vec![pattern.to_owned()]]);
    let fit = ["Ab%", "%order", "A__1%", "Ab_1_!x%", r"Ab_1%!x\y_^%", r"%\y%", "%!x%", "%é^%"];
    for pattern in fit {
        assert_eq!(by(pattern), DISCHARGE_ONLY, "{pattern}");
    }
    let not =
        ["ab%", "AB%", "%ORDER", "Ab_1!%%", r"Ab\_1%", "Abx1%", "%!!x%", r"%\\y%", "Ac%", "A"];
    for pattern in not {
        assert_eq!(by(pattern), NEITHER, "{pattern}");
    }
}
