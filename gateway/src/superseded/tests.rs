use super::*;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;
use schemas::metadata::ObjectType;
use schemas::oid::Oid;

pub(crate) fn uuid(n: u128) -> EntryUuid {
    EntryUuid::from_uuid(uuid::Uuid::from_u128(n))
}

/// An Approved entry of a number, published by RXN.
pub(crate) fn facts(n: u128) -> EntryFacts {
    EntryFacts {
        entry_uuid: uuid(n),
        logical_id: uuid(n),
        version: 1,
        availability_status: AvailabilityStatus::Approved,
        home_community_id: None,
        object_type: ObjectType::Stable,
        mime_type: "text/xml".to_owned(),
        sensitive: false,
        patient_id: PatientId::parse("9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO").unwrap(),
        unique_id: UniqueId::parse(&format!("1.2.{n}")).unwrap(),
        repository_unique_id: Oid::parse("1.2.3").unwrap(),
        type_code: String::new(),
        type_scheme: String::new(),
        practice_setting: String::new(),
        confidentiality: Vec::new(),
        publisher_ods: OdsCode::parse("RXN").ok(),
        recipients: Vec::new(),
        hash: String::new(),
        size: 0,
        registered_at: Dtm::parse("2026").unwrap(),
    }
}

pub(crate) fn association(
    n: u128,
    association_type: AssociationType,
    source: u128,
    target: u128,
) -> AssociationFacts {
    AssociationFacts {
        entry_uuid: uuid(n),
        association_type,
        source: uuid(source),
        target: uuid(target),
        availability_status: AvailabilityStatus::Approved,
        submission_set_status: None,
        home_community_id: None,
    }
}

fn old(n: u128) -> EntryFacts {
    EntryFacts { availability_status: AvailabilityStatus::Deprecated, ..facts(n) }
}

/// Entries, and (source, type, target).
fn versions(entries: &[(EntryFacts, Seen)], links: &[(u128, AssociationType, u128)]) -> Versions {
    let mut versions = Versions::default();
    for (facts, seen) in entries {
        versions.keep(facts, *seen);
    }
    let links = links.iter().zip(100..);
    let links = links.map(|((source, kind, target), n)| association(n, *kind, *source, *target));
    let from = versions.entries.keys().copied().collect();
    versions.link(links.collect(), &from);
    versions
}

fn rxn() -> Vec<OdsCode> {
    vec![OdsCode::parse("RXN").unwrap()]
}

use AssociationType::{Appends, Replaces, TransformsAndReplaces};

#[test]
fn an_old_version_is_visible_with_its_current_one_only() {
    for (seen, expected) in [
        (Seen::Permitted, Newest::Visible),
        (Seen::Told, Newest::Hidden(rxn())),
        (Seen::Hidden, Newest::Hidden(Vec::new())),
    ] {
        for kind in [Replaces, TransformsAndReplaces] {
            let entries = [(old(1), Seen::Permitted), (facts(2), seen)];
            assert_eq!(versions(&entries, &[(2, kind, 1)]).newest(uuid(1)), expected);
        }
    }
    let entries = [(old(1), Seen::Permitted)];
    assert_eq!(versions(&entries, &[]).newest(uuid(1)), Newest::Visible, "withdrawn, not replaced");
}

#[test]
fn only_the_end_of_a_chain_of_versions_counts() {
    let chain = [(2, Replaces, 1), (3, Replaces, 2)];
    let of = |middle, last| {
        let entries = [(old(1), Seen::Permitted), (old(2), middle), (facts(3), last)];
        versions(&entries, &chain).newest(uuid(1))
    };
    assert_eq!(of(Seen::Hidden, Seen::Permitted), Newest::Visible);
    assert_eq!(of(Seen::Permitted, Seen::Told), Newest::Hidden(rxn()));
    assert_eq!(of(Seen::Told, Seen::Hidden), Newest::Hidden(Vec::new()));
}

#[test]
fn an_addendum_of_a_replaced_document_goes_with_it() {
    let links = [(2, Replaces, 1), (3, Appends, 1)];
    let of = |seen| {
        let entries = [(old(1), Seen::Permitted), (facts(2), seen), (old(3), Seen::Permitted)];
        versions(&entries, &links).newest(uuid(3))
    };
    assert_eq!(of(Seen::Told), Newest::Hidden(rxn()));
    assert_eq!(of(Seen::Permitted), Newest::Visible);
    let entries = [(facts(1), Seen::Hidden), (old(3), Seen::Permitted)];
    let alone = versions(&entries, &[(3, Appends, 1)]).newest(uuid(3));
    assert_eq!(alone, Newest::Visible, "what it belongs to is no newer version of it");
}

#[test]
fn updated_metadata_outdates_its_earlier_versions() {
    let second = EntryFacts { logical_id: uuid(1), version: 2, ..facts(2) };
    let entries = [(old(1), Seen::Permitted), (second, Seen::Told)];
    let versions = versions(&entries, &[]);
    assert_eq!(versions.newest(uuid(1)), Newest::Hidden(rxn()));
    assert_eq!(versions.older(uuid(2)), [facts(1).unique_id]);
    assert_eq!(versions.logical_ids(&HashSet::from([uuid(2)])), HashSet::from([uuid(1)]));
}

#[test]
fn a_hidden_version_is_told_of_to_whoever_may_see_one_before_it() {
    let chain = [(2, Replaces, 1), (3, Replaces, 2)];
    let of = |first, second| {
        let entries = [(old(1), first), (old(2), second), (facts(3), Seen::Told)];
        versions(&entries, &chain).older(uuid(3))
    };
    assert_eq!(of(Seen::Permitted, Seen::Hidden), [facts(1).unique_id]);
    assert_eq!(of(Seen::Permitted, Seen::Permitted), [facts(2).unique_id], "the last one");
    assert!(of(Seen::Hidden, Seen::Told).is_empty());
}

#[test]
fn versions_in_a_circle_and_versions_that_are_not_found_end_the_search() {
    let entries = [(old(1), Seen::Permitted), (old(2), Seen::Permitted)];
    let circle = versions(&entries, &[(2, Replaces, 1), (1, Replaces, 2), (1, Appends, 2)]);
    assert_eq!(circle.newest(uuid(1)), Newest::Visible);
    assert!(!circle.older(uuid(1)).is_empty());
    let lost = versions(&entries[..1], &[(9, Replaces, 1)]);
    assert_eq!(lost.newest(uuid(1)), Newest::Hidden(Vec::new()));
}

#[test]
fn the_warning_names_the_old_document_and_the_holder_and_no_patient() {
    let warning = warning(&facts(1).unique_id, Some(&rxn()[0]));
    assert!(!warning.is_error());
    assert!(warning.context.contains("1.2.1") && warning.context.contains("RXN"), "{warning}");
    assert!(!warning.context.contains("999"));
}
