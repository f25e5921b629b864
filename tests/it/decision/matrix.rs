//! The matrix beside the decision: what it shows is what a related asker of a patient without wishes
//! is permitted, and nothing else.

use super::case::{self, Draw, ORGANISATIONS, World};
use super::made::{self, DEPARTMENTS, PURPOSES, ROLES};
use gateway::decision::{Asker, EntryView, PatientFacts, decide, matrix, matrix_of};
use gateway::region::{Region, Relationship, RelationshipKind};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;

const WORLDS: u64 = 300;

#[test]
fn the_matrix_shows_what_the_decision_permits() {
    let mut code_sets = hub::fixtures::code_sets().unwrap();
    code_sets.document_type = (0..case::TYPES).map(|n| made::document_type(n).clone()).collect();
    let mut shown = 0;
    for seed in 0..WORLDS {
        let world = World::drawn(&mut Draw::new(seed));
        let region = made::region(&world);
        let cells = matrix(&region, made::moment(), &code_sets);
        for (consumer, publisher) in
            (0..ORGANISATIONS).flat_map(|n| (0..ORGANISATIONS).map(move |m| (n, m)))
        {
            let pair = (made::ods(consumer), made::ods(publisher));
            let of_pair =
                matrix_of(&region, made::moment(), &code_sets, Some(pair.0), Some(pair.1));
            assert!(of_pair.iter().all(|cell| cells.contains(cell)));
            for (role, purpose, of_type) in every() {
                let document_type = made::document_type(of_type);
                let listed = of_pair.iter().any(|cell| {
                    cell.group == document_type.group
                        && cell.grants.iter().any(|grant| {
                            grant.role == role
                                && grant.purpose == purpose
                                && (grant.document_types.is_empty()
                                    || grant.document_types.contains(&document_type.name))
                                && (grant.departments.is_empty()
                                    || grant.departments.contains(&DEPARTMENTS[0].to_owned()))
                        })
                });
                let agreement = permitted(&region, pair, role, purpose, of_type);
                assert!(
                    listed == agreement.as_ref().is_some_and(|agreement| agreement != "own"),
                    "seed {seed}: {pair:?} {role} {purpose} {}: {agreement:?}\n{of_pair:#?}",
                    document_type.name
                );
                shown += usize::from(listed);
            }
        }
    }
    assert!(shown > 400, "{shown}");
}

/// Roles, purposes and types. Breaking the glass is asked for other purposes, so it is no column.
fn every() -> impl Iterator<Item = (&'static str, &'static str, usize)> {
    let purposes = PURPOSES.into_iter().filter(|purpose| *purpose != "break-glass");
    purposes.flat_map(|purpose| {
        ROLES.into_iter().flat_map(move |role| (0..case::TYPES).map(move |n| (role, purpose, n)))
    })
}

/// The agreement by which somebody related sees a document without a confidentialityCode of one who
/// has died today and consented to everything.
fn permitted(
    region: &Region,
    (consumer, publisher): (&OdsCode, &OdsCode),
    role: &str,
    purpose: &str,
    of_type: usize,
) -> Option<String> {
    let asker = Asker {
        role,
        department: Some(DEPARTMENTS[0].to_owned()),
        ..Asker::of_profile(&region.systems[0], consumer, purpose)
    };
    let at = made::moment();
    let relationship = Relationship {
        patient: NhsNumber::parse("9990000018").unwrap(),
        ods: consumer.clone(),
        kind: RelationshipKind::Care,
        starts: at.today,
        ends: None,
        source: String::new(),
    };
    let facts = PatientFacts {
        relationships: vec![relationship],
        consents: PURPOSES.map(str::to_owned).to_vec(),
        died_on: Some(at.today),
        ..PatientFacts::default()
    };
    let entry = EntryView {
        unique_id: "2.25.1",
        publisher_ods: Some(publisher),
        document_type: Some(made::document_type(of_type)),
        confidentiality: &[],
        recipients: &[],
    };
    decide(region, at, &asker, &facts, &entry).ok().map(|permit| permit.agreement().to_owned())
}
