//! Old versions of documents, for those who may see them and those who may not see the new one.

use super::{
    DISCHARGE, LETTER, ask, association, discharge, folder, into_folder, patient, publish,
    unique_id,
};
use hub::serve::Role;
use schemas::metadata::{AssociationType, AvailabilityStatus};
use schemas::query::{FindDocuments, GetContents, QueryAnswer, QueryKind};
use tests::TestHub;
use tests::message::{self, Provide, scheme};

const APPROVED: [AvailabilityStatus; 1] = [AvailabilityStatus::Approved];
const ANY: [AvailabilityStatus; 2] = [AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];

/// A discharge that was replaced by a document that RXN calls a letter.
fn replaced_by_a_letter() -> TestHub {
    let hub = TestHub::start();
    publish(&hub, &discharge(2));
    replace(&hub, DISCHARGE, Provide::letter(1));
    hub
}

fn replace(hub: &TestHub, old: &str, new: Provide) {
    let found = ask(hub, "ZZP01", QueryKind::GetDocuments(unique_id(old)));
    let target = found.entries[0].facts.entry_uuid.to_string();
    let replaces = AssociationType::Replaces.urn();
    let associations = association("replaces", replaces, "Document01", &target);
    publish(hub, &Provide { associations, ..new });
}

fn find(hub: &TestHub, ods: &str, status: &[AvailabilityStatus]) -> QueryAnswer {
    let find = FindDocuments { status: status.to_vec(), ..FindDocuments::approved(patient()) };
    ask(hub, ods, QueryKind::FindDocuments(Box::new(find)))
}

fn newer(answer: &QueryAnswer) -> Vec<&str> {
    let contexts = answer.errors.iter().map(|error| error.context.as_str());
    contexts.filter(|context| context.contains("newer version")).collect()
}

#[test]
fn one_who_may_see_the_old_version_only_gets_neither_and_is_told_who_holds_the_new_one() {
    let hub = replaced_by_a_letter();
    for status in [&APPROVED[..], &ANY[..]] {
        let crew = find(&hub, "RX7", status);
        assert!(crew.entries.is_empty());
        let [told] = newer(&crew)[..] else { panic!("{:?}", crew.errors) };
        assert!(told.contains(DISCHARGE) && told.contains("held by RXN"), "{told}");
        assert!(!told.contains(LETTER) && !told.contains("9000000009"), "{told}");
        assert!(crew.errors.iter().all(|error| !error.is_error()));
    }
    let record = hub.last_audit(Role::Gateway).event;
    let decision = |unique_id: &str| {
        let mut decisions = record.decisions.iter();
        decisions.find(|d| d.unique_id == unique_id).map(|d| d.decision.as_str())
    };
    assert_eq!(decision(DISCHARGE), Some("superseded"));
    assert_eq!(decision(LETTER), Some("type-not-covered"));
    let by_id = ask(&hub, "RX7", QueryKind::GetDocuments(unique_id(DISCHARGE)));
    assert!(by_id.entries.is_empty() && newer(&by_id).len() == 1, "{by_id:?}");
}

#[test]
fn one_who_may_see_both_versions_gets_them() {
    let hub = replaced_by_a_letter();
    let practice = find(&hub, "ZZP01", &ANY);
    assert_eq!(practice.entries.len(), 2);
    assert!(newer(&practice).is_empty(), "{:?}", practice.errors);
    assert_eq!(find(&hub, "ZZP01", &APPROVED).entries.len(), 1);
    let stranger = find(&hub, "ZZP02", &ANY);
    assert!(stranger.entries.is_empty() && newer(&stranger).is_empty());
}

#[test]
fn the_bytes_of_the_old_version_are_not_handed_out_either() {
    let hub = replaced_by_a_letter();
    let get =
        |ods: &str| hub.request(ods, hub.url(Role::Gateway)).soap(&message::retrieve(&[DISCHARGE]));
    let crew = get("RX7");
    assert_eq!(crew.xds_status(), "Failure");
    assert_eq!(crew.error_codes(), ["XDSRegistryError", "XDSDocumentUniqueIdError"]);
    assert!(crew.contains("held by RXN"), "{}", crew.text());
    assert_eq!(get("ZZP01").xds_status(), "Success");
}

#[test]
fn a_new_version_that_the_patient_does_not_share_is_not_told_of() {
    let hub = replaced_by_a_letter();
    hub.apply("[[preference]]\npatient = \"9000000009\"\ndocument_type = \"group:letter\"\nconsumer = \"RX7\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n");
    for status in [&APPROVED[..], &ANY[..]] {
        let crew = find(&hub, "RX7", status);
        assert!(crew.entries.is_empty() && newer(&crew).is_empty(), "{:?}", crew.errors);
    }
    let record = hub.last_audit(Role::Gateway).event;
    assert!(record.decisions.iter().any(|d| d.decision == "superseded"));
}

#[test]
fn a_version_after_the_hidden_one_that_may_be_seen_is_all_that_counts() {
    let hub = replaced_by_a_letter();
    replace(&hub, LETTER, discharge(3));
    let crew = find(&hub, "RX7", &ANY);
    let seen: Vec<&str> = crew.entries.iter().map(|e| e.facts.unique_id.as_str()).collect();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(!seen.contains(&LETTER) && newer(&crew).is_empty(), "{seen:?}");
}

#[test]
fn folders_and_submission_sets_of_an_old_version_go_with_it() {
    let hub = replaced_by_a_letter();
    assert_eq!(super::counts(&ask(&hub, "RX7", super::all())), [0; 4]);
    let package = unique_id("1.2.826.0.1.99999.30.2");
    let contents = GetContents { package, entries: Default::default() };
    let kind = QueryKind::GetSubmissionSetAndContents(contents);
    let crew = ask(&hub, "RX7", kind.clone());
    assert_eq!(super::counts(&crew), [0; 4]);
    assert_eq!(super::counts(&ask(&hub, "ZZP01", kind)), [1, 1, 0, 1]);
}

#[test]
fn a_replacement_with_a_higher_confidentiality_is_told_of() {
    let hub = TestHub::start();
    publish(&hub, &discharge(2));
    let restricted = discharge(3).code(scheme::CONFIDENTIALITY_CODE, "R", "2.16.840.1.113883.5.25");
    replace(&hub, DISCHARGE, restricted);
    let practice = find(&hub, "ZZP01", &APPROVED);
    assert!(practice.entries.is_empty());
    assert_eq!(newer(&practice).len(), 1, "{:?}", practice.errors);
    let new = QueryKind::GetDocuments(unique_id("1.2.826.0.1.99999.20.3"));
    assert!(ask(&hub, "ZZP01", new).is_empty());
}

#[test]
fn what_is_asked_beside_a_query_is_asked_in_parts_that_fit_the_limit() {
    let hub = TestHub::with(|options| options.config.limits.results_max = 3);
    publish(&hub, &Provide { associations: folder(), ..Provide::letter(1) });
    publish(&hub, &Provide { associations: into_folder(), ..Provide::letter(4) });
    publish(&hub, &discharge(2));
    let crew = find(&hub, "RX7", &APPROVED);
    assert_eq!(crew.entries.len(), 1, "each letter has two Associations, four in all");
}
