//! What one decision costs in a region with many agreements, beside one look-up in a hash table
//! that already knows every answer.

use gateway::decision::{Asker, EntryView, Moment, PatientFacts, decide};
use gateway::region::{
    Agreement, Group, Membership, Organisation, OrganisationKind, Region, Relationship,
    RelationshipKind, Role, SystemProfile, Tier, TypeSelector, Versioned,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use schemas::code_set::DocumentType;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

const TODAY: Date = date(2026, 7, 15);
const ORGANISATIONS: usize = 600;
const TRUSTS: usize = 100;
const TYPES: usize = 60;
const GROUPS: usize = 12;
const QUESTIONS: usize = 20_000;

/// One way to lay out the agreements, measured.
pub struct Row {
    pub name: &'static str,
    /// How many of the questions were permitted.
    pub permits: usize,
    /// Making the look-ups of the snapshot, once.
    pub prepared: Duration,
    pub decision: Percentiles,
    pub floor: Percentiles,
}

#[derive(Clone, Copy, Default)]
pub struct Percentiles {
    pub p50: Duration,
    pub p99: Duration,
}

/// Decides `rounds` times over the same questions, in turn with the floor.
pub fn measure(agreements: usize, rounds: usize) -> Result<Vec<Row>, String> {
    let scattered = |n| agreement(n, trust(n * 7), practice(n * 13));
    let grouped = |n| agreement(n, format!("group:trusts-{}", n % 10), "group:practices".into());
    let rows = vec![
        row("each between two organisations", rounds, (0..agreements).map(scattered))?,
        row("each between two groups", rounds, (0..agreements).map(grouped))?,
    ];
    Ok(rows)
}

struct Question {
    consumer: OdsCode,
    publisher: OdsCode,
    document_type: usize,
    facts: PatientFacts,
}

fn row(
    name: &'static str,
    rounds: usize,
    agreements: impl Iterator<Item = Versioned>,
) -> Result<Row, String> {
    let start = Instant::now();
    let region = region(agreements.collect())?.prepared();
    let prepared = start.elapsed();
    let types: Vec<DocumentType> = (0..TYPES).map(document_type).collect();
    let questions = (0..QUESTIONS).map(|n| question(&region, n)).collect::<Result<Vec<_>, _>>()?;
    let at = Moment { today: TODAY, now: Timestamp::UNIX_EPOCH };
    let confidentiality = ["N".to_owned()];
    let ask = |question: &Question| {
        let profile = region.systems.first()?;
        let asker = Asker::of_profile(profile, &question.consumer, "direct-care");
        let entry = EntryView {
            unique_id: "2.25.1",
            publisher_ods: Some(&question.publisher),
            document_type: types.get(question.document_type),
            confidentiality: &confidentiality,
            recipients: &[],
        };
        decide(&region, at, &asker, &question.facts, &entry).ok()
    };
    let key = |question: &Question| {
        (question.consumer.clone(), question.publisher.clone(), question.document_type)
    };
    let known: HashMap<_, _> = questions.iter().map(|q| (key(q), ask(q).is_some())).collect();
    let (mut decided, mut looked_up) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        decided.extend(timed(&questions, |question| ask(question).is_some()));
        let keys: Vec<_> = questions.iter().map(key).collect();
        looked_up.extend(timed(&keys, |key| known.get(key).copied().unwrap_or_default()));
    }
    Ok(Row {
        name,
        permits: questions.iter().filter(|question| ask(question).is_some()).count(),
        prepared,
        decision: percentiles(decided),
        floor: percentiles(looked_up),
    })
}

fn timed<T>(items: &[T], ask: impl Fn(&T) -> bool) -> Vec<Duration> {
    let one = |item| {
        let start = Instant::now();
        black_box(ask(black_box(item)));
        start.elapsed()
    };
    items.iter().map(one).collect()
}

fn percentiles(mut taken: Vec<Duration>) -> Percentiles {
    taken.sort();
    let at = |share: f64| taken.get((taken.len() as f64 * share) as usize).copied();
    Percentiles { p50: at(0.5).unwrap_or_default(), p99: at(0.99).unwrap_or_default() }
}

fn ods(code: &str) -> Result<OdsCode, String> {
    OdsCode::parse(code).map_err(|error| error.to_string())
}

fn trust(n: usize) -> String {
    format!("R{:03}", n % TRUSTS)
}

fn practice(n: usize) -> String {
    format!("P{:03}", n % (ORGANISATIONS - TRUSTS))
}

fn document_type(n: usize) -> DocumentType {
    DocumentType {
        name: format!("type-{n}"),
        group: format!("group-{}", n % GROUPS),
        ..DocumentType::default()
    }
}

/// Most are open; some are suspended by their dates, of another purpose or another role.
fn agreement(n: usize, publisher: String, consumer: String) -> Versioned {
    let purpose = if n.is_multiple_of(5) { "urgent-care" } else { "direct-care" };
    let role = if n.is_multiple_of(7) { "paramedic" } else { "clinician" };
    let agreement = Agreement {
        id: format!("A{n}"),
        publishers: vec![publisher],
        consumers: vec![consumer],
        document_types: vec![
            TypeSelector::Group(format!("group-{}", n % GROUPS)),
            TypeSelector::Name(format!("type-{}", n % TYPES)),
        ],
        purposes: vec![purpose.to_owned()],
        roles: vec![role.to_owned()],
        starts: date(2026, 1, 1),
        ends: n.is_multiple_of(11).then_some(date(2026, 6, 30)),
        ..Agreement::default()
    };
    Versioned { version: 1, agreement }
}

fn region(agreements: Vec<Versioned>) -> Result<Region, String> {
    let mut organisations = Vec::new();
    for n in 0..ORGANISATIONS {
        let is_trust = n < TRUSTS;
        let code = if is_trust { trust(n) } else { practice(n - TRUSTS) };
        let kind = if is_trust { OrganisationKind::Acute } else { OrganisationKind::Practice };
        let membership = Membership { signed_on: date(2020, 1, 1), ..Membership::default() };
        let named = Organisation::named(ods(&code)?, code, kind);
        organisations.push(Organisation { membership: Some(membership), ..named });
    }
    let practices = Group {
        name: "practices".to_owned(),
        kind: Some(OrganisationKind::Practice),
        members: Vec::new(),
    };
    let mut groups = vec![practices];
    for tenth in 0..10 {
        let members = (0..TRUSTS).filter(|n| n % 10 == tenth).map(|n| ods(&trust(n)));
        groups.push(Group {
            name: format!("trusts-{tenth}"),
            kind: None,
            members: members.collect::<Result<_, _>>()?,
        });
    }
    Ok(Region { organisations, groups, agreements, ..access()? })
}

/// The asking system, roles and tiers.
fn access() -> Result<Region, String> {
    let system = SystemProfile {
        name: "supplier".to_owned(),
        organisation: ods("ZZS01")?,
        acts_for: Vec::new(),
        role: "clinician".to_owned(),
        purposes: vec!["direct-care".to_owned()],
        department: None,
        assertion_required: false,
        standing_urgent_care: false,
        publishes: false,
        speaks_for: Vec::new(),
    };
    let role =
        |name: &str| Role { name: name.to_owned(), codes: Vec::new(), tier: "senior".to_owned() };
    let tier = Tier {
        name: "senior".to_owned(),
        document_types: vec![TypeSelector::All],
        index_only: false,
    };
    Ok(Region {
        systems: vec![system],
        roles: vec![role("clinician"), role("paramedic")],
        tiers: vec![tier],
        ..Region::default()
    })
}

/// Half about what some agreement covers, the rest across everything; every consumer is related.
fn question(region: &Region, n: usize) -> Result<Question, String> {
    let patient = NhsNumber::parse("9990000018").map_err(|error| error.to_string())?;
    let spread = n.wrapping_mul(2_654_435_761) >> 7;
    let place = spread % region.agreements.len().max(1);
    let about = region.agreements.get(place);
    let half = about.filter(|_| n.is_multiple_of(2)).map(|versioned| &versioned.agreement);
    let code = |party: Option<&String>, other: String| match party {
        Some(party) if !party.starts_with("group:") => party.clone(),
        _ => other,
    };
    let publisher = code(half.and_then(|about| about.publishers.first()), trust(spread));
    let consumer = code(half.and_then(|about| about.consumers.first()), practice(spread / 3));
    let consumer = ods(&consumer)?;
    let relationship = Relationship {
        patient,
        ods: consumer.clone(),
        kind: RelationshipKind::Registration,
        starts: date(2020, 1, 1),
        ends: None,
        source: String::new(),
    };
    Ok(Question {
        consumer,
        publisher: ods(&publisher)?,
        document_type: if half.is_some() { place % TYPES } else { spread / 5 % TYPES },
        facts: PatientFacts { relationships: vec![relationship], ..PatientFacts::default() },
    })
}
