//! The decision against an oracle that knows only the rule: some agreement in force names both
//! parties (both members), the type, the purpose, the role and the confidentiality; the consumer
//! has a relationship or a standing flag; no preference stands against it.

use gateway::decision::{Asker, EntryView, Moment, PatientFacts, decide};
use gateway::region::{
    Agreement, AgreementState, Membership, Organisation, OrganisationKind, Preference, Region,
    Relationship, RelationshipKind, SystemProfile, TypeSelector, Versioned,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use schemas::code_set::DocumentType;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;

const TODAY: Date = date(2026, 7, 15);
const CODES: [&str; 3] = ["AAA", "BBB", "CCC"];
const TYPES: [(&str, &str); 3] = [("one", "g"), ("two", "g"), ("three", "h")];

fn ods(n: usize) -> OdsCode {
    OdsCode::parse(CODES[n]).unwrap()
}

fn day(offset: i64) -> Date {
    TODAY.checked_add(jiff::Span::new().days(offset)).unwrap()
}

/// Everything that a case draws; indices instead of names.
#[derive(Clone, Debug)]
struct Case {
    /// Per organisation: no membership, or (signed, until, suspended) as days from today.
    members: Vec<Option<(i64, Option<i64>, bool)>>,
    agreements: Vec<Drawn>,
    consumer: usize,
    publisher: Option<usize>,
    document_type: usize,
    purpose: usize,
    role: usize,
    confidentiality: usize,
    standing: bool,
    relationship: Option<(usize, i64, Option<i64>)>,
    preference: Option<(Option<usize>, Option<usize>, Option<usize>)>,
}

#[derive(Clone, Debug)]
struct Drawn {
    state: usize,
    publisher: usize,
    consumer: usize,
    /// 0..3 a type, 3 group g, 4 all.
    covers: usize,
    purpose: usize,
    role: usize,
    starts: i64,
    ends: Option<i64>,
    ceiling: usize,
}

fn near() -> impl Strategy<Value = i64> {
    -2i64..3
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let who = (0usize..4, 0usize..3, 0usize..3, 0usize..5);
    let what = (0usize..2, 0usize..2, near(), prop::option::of(near()), 0usize..3);
    (who, what).prop_map(
        |((state, publisher, consumer, covers), (purpose, role, starts, ends, ceiling))| {
            // Half of all agreements are agreed, so that permits occur.
            let state = if state > 2 { 0 } else { state };
            Drawn { state, publisher, consumer, covers, purpose, role, starts, ends, ceiling }
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let member = prop::option::weighted(
        0.85,
        (-3i64..1, prop::option::of(near()), prop::bool::weighted(0.1)),
    );
    let parts = (
        prop::collection::vec(member, 3),
        prop::collection::vec(drawn(), 0..6),
        (0usize..3, prop::option::weighted(0.9, 0usize..3), 0usize..3),
        (0usize..2, 0usize..2, 0usize..3, prop::bool::weighted(0.3)),
        prop::option::weighted(0.7, (0usize..3, near(), prop::option::of(near()))),
        prop::option::weighted(
            0.3,
            (prop::option::of(0usize..3), prop::option::of(0usize..3), prop::option::of(0usize..3)),
        ),
    );
    parts.prop_map(|(members, agreements, who, how, relationship, preference)| Case {
        members,
        agreements,
        consumer: who.0,
        publisher: who.1,
        document_type: who.2,
        purpose: how.0,
        role: how.1,
        confidentiality: how.2,
        standing: how.3,
        relationship,
        preference,
    })
}

const PURPOSES: [&str; 2] = ["urgent-care", "direct-care"];
const ROLES: [&str; 2] = ["clinician", "paramedic"];
const LEVELS: [&str; 3] = ["N", "R", "V"];
const STATES: [AgreementState; 3] =
    [AgreementState::Agreed, AgreementState::Suspended, AgreementState::Withdrawn];

/// The rule, said once more and differently.
fn oracle(case: &Case) -> bool {
    let in_time = |from: i64, until: Option<i64>| from <= 0 && until.is_none_or(|until| until >= 0);
    let member =
        |n: usize| case.members[n].is_some_and(|(from, until, off)| !off && in_time(from, until));
    let Some(publisher) = case.publisher else { return false };
    let own = publisher == case.consumer;
    let agreed = member(publisher)
        && case.agreements.iter().any(|a| {
            let covers = match a.covers {
                4 => true,
                3 => case.document_type < 2,
                n => n == case.document_type,
            };
            a.state == 0
                && in_time(a.starts, a.ends)
                && (a.publisher, a.consumer) == (publisher, case.consumer)
                && (a.purpose, a.role) == (case.purpose, case.role)
                && covers
                && case.confidentiality <= a.ceiling
        });
    let related = (case.standing && case.purpose == 0)
        || case
            .relationship
            .is_some_and(|(who, from, until)| who == case.consumer && in_time(from, until));
    let against = !own
        && case.preference.is_some_and(|(of_type, from, to)| {
            of_type.is_none_or(|t| t == case.document_type)
                && from.is_none_or(|p| p == publisher)
                && to.is_none_or(|c| c == case.consumer)
        });
    member(case.consumer) && (own || agreed) && related && !against
}

fn region(case: &Case) -> Region {
    let organisation = |n: usize| Organisation {
        ods: ods(n),
        name: CODES[n].to_owned(),
        kind: OrganisationKind::Acute,
        fictitious: true,
        unverified: false,
        successor: None,
        departments: Vec::new(),
        publishes: vec![TypeSelector::All],
        membership: case.members[n].map(|(from, until, suspended)| Membership {
            signed_on: day(from),
            signed_by: "an office".to_owned(),
            until: until.map(day),
            suspended,
            ..Membership::default()
        }),
    };
    let agreement = |(n, a): (usize, &Drawn)| Versioned {
        version: 1,
        agreement: Agreement {
            id: n.to_string(),
            title: String::new(),
            state: STATES[a.state],
            publishers: vec![CODES[a.publisher].to_owned()],
            consumers: vec![CODES[a.consumer].to_owned()],
            document_types: vec![match a.covers {
                4 => TypeSelector::All,
                3 => TypeSelector::Group("g".to_owned()),
                n => TypeSelector::Name(TYPES[n].0.to_owned()),
            }],
            purposes: vec![PURPOSES[a.purpose].to_owned()],
            roles: vec![ROLES[a.role].to_owned()],
            starts: day(a.starts),
            ends: a.ends.map(day),
            confidentiality: LEVELS[a.ceiling].to_owned(),
            ..Agreement::default()
        },
    };
    Region {
        organisations: (0..3).map(organisation).collect(),
        groups: Vec::new(),
        systems: Vec::new(),
        agreements: case.agreements.iter().enumerate().map(agreement).collect(),
        ..Region::default()
    }
}

fn document_type(n: usize) -> DocumentType {
    DocumentType {
        name: TYPES[n].0.to_owned(),
        group: TYPES[n].1.to_owned(),
        type_code: n.to_string(),
        ..DocumentType::default()
    }
}

fn patient_facts(case: &Case) -> PatientFacts {
    let patient = NhsNumber::parse("9990000018").unwrap();
    let relationship = case.relationship.map(|(who, from, until)| Relationship {
        patient,
        ods: ods(who),
        kind: RelationshipKind::Encounter,
        starts: day(from),
        ends: until.map(day),
        source: String::new(),
    });
    let preference = case.preference.map(|(of_type, from, to)| Preference {
        patient,
        wish: Default::default(),
        document_type: of_type.map(|n| TypeSelector::Name(TYPES[n].0.to_owned())),
        publisher: from.map(ods),
        consumer: to.map(ods),
        recorded_on: TODAY,
        recorded_by: ods(0),
    });
    PatientFacts {
        relationships: relationship.into_iter().collect(),
        preferences: preference.into_iter().collect(),
        ..PatientFacts::default()
    }
}

fn decided(case: &Case) -> bool {
    let region = region(case);
    let consumer = ods(case.consumer);
    let publisher = case.publisher.map(ods);
    let profile = SystemProfile {
        name: "system".to_owned(),
        organisation: consumer.clone(),
        acts_for: Vec::new(),
        role: ROLES[case.role].to_owned(),
        purposes: vec![PURPOSES[case.purpose].to_owned()],
        standing_urgent_care: case.standing,
        publishes: false,
        speaks_for: Vec::new(),
    };
    let asker = Asker::of_profile(&profile, &consumer, PURPOSES[case.purpose]);
    let document_type = document_type(case.document_type);
    let confidentiality = [LEVELS[case.confidentiality].to_owned()];
    let view = EntryView {
        unique_id: "2.25.1",
        publisher_ods: publisher.as_ref(),
        document_type: Some(&document_type),
        confidentiality: &confidentiality,
        recipients: &[],
    };
    let at = Moment { today: TODAY, now: jiff::Timestamp::UNIX_EPOCH };
    decide(&region, at, &asker, &patient_facts(case), &view).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_decision_agrees_with_an_independent_oracle(case in case()) {
        prop_assert_eq!(decided(&case), oracle(&case));
    }
}

#[test]
fn the_drawn_cases_hold_both_permits_and_denials() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let permits =
        (0..4_000).filter(|_| oracle(&case().new_tree(&mut runner).unwrap().current())).count();
    assert!((40..3_000).contains(&permits), "{permits} of 4000");
}
