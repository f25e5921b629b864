//! What a case is as the gateway's own types.

use super::case::{self, ALL, BY_KIND, GROUP, LISTED, ORGANISATIONS, Question, World};
use gateway::decision::{Asker, BreakGlass, Moment, PatientFacts, Seal, Shown, TransactionalFlag};
use gateway::region::{
    Agreement, AgreementState, BreakGlassPolicy, Exception, Group, Membership, Organisation,
    OrganisationKind, Outside, Policy, Preference, PreferenceMode, Region, Relationship,
    RelationshipKind, Role, Signatory, Successor, SystemProfile, Tier, TypeSelector, Versioned,
    Wish,
};
use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use schemas::code_set::DocumentType;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::sync::LazyLock;

const TODAY: Date = date(2026, 7, 15);
const CODES: [&str; ORGANISATIONS + 1] = ["AAA", "BBB", "CCC", "DDD", "EEE"];
/// Of the kind that the group by kind is of: the first two.
const KINDS: [OrganisationKind; ORGANISATIONS] = [
    OrganisationKind::Acute,
    OrganisationKind::Acute,
    OrganisationKind::Practice,
    OrganisationKind::Council,
];
const TYPES: [(&str, &str); case::TYPES] = [("one", "g"), ("two", "g"), ("three", "h")];
pub const PURPOSES: [&str; case::PURPOSES] =
    ["direct-care", "urgent-care", "break-glass", "research", "planning", "coroner"];
pub const ROLES: [&str; case::ROLES] = ["clinician", "nurse", "social-worker", "ghost"];
/// Codes of the rows of the role table; the last role has no row.
const ROLE_CODES: [&[&str]; case::ROLES - 1] =
    [&["R0260", "S8000:G8000:R8000"], &["R0580-R1260"], &["R1330", "R1070"]];
/// What an assertion may show, with the role that it means where there is a table.
pub const SHOWN_ROLES: [(&str, Option<usize>); 12] = [
    ("R0260", Some(0)),
    ("NR0260", Some(0)),
    ("S0010:G0020:R0260", Some(0)),
    ("S8000:G8000:R8000", Some(0)),
    ("R8000", None),
    ("R0600", Some(1)),
    ("R1070", Some(2)),
    ("social-worker", Some(2)),
    ("nurse", Some(1)),
    ("clinician", Some(0)),
    ("ghost", None),
    ("R9999", None),
];
pub const DEPARTMENTS: [&str; 2] = ["ED", "PALL"];
pub const LEVELS: [&str; 6] = ["N", "R", "V", "U", "L", "X"];
pub const UNIQUE_IDS: [&str; 2] = ["2.25.1", "2.25.2"];
const STATES: [AgreementState; 8] = [
    AgreementState::Agreed,
    AgreementState::Suspended,
    AgreementState::Withdrawn,
    AgreementState::Template,
    AgreementState::Draft,
    AgreementState::Offered,
    AgreementState::Requested,
    AgreementState::Refused,
];

static ODS: LazyLock<Vec<OdsCode>> =
    LazyLock::new(|| CODES.iter().map(|code| OdsCode::parse(code).unwrap()).collect());
static DOCUMENT_TYPES: LazyLock<Vec<DocumentType>> = LazyLock::new(|| {
    let made = |(name, group): &(&str, &str)| DocumentType {
        name: (*name).to_owned(),
        group: (*group).to_owned(),
        ..DocumentType::default()
    };
    TYPES.iter().map(made).collect()
});
static DAYS: LazyLock<Vec<Date>> =
    LazyLock::new(|| (-2..3).map(|n| TODAY.checked_add(Span::new().days(n)).unwrap()).collect());
static PATIENT: LazyLock<NhsNumber> = LazyLock::new(|| NhsNumber::parse("9990000018").unwrap());

pub fn ods(n: usize) -> &'static OdsCode {
    &ODS[n]
}

pub fn document_type(n: usize) -> &'static DocumentType {
    &DOCUMENT_TYPES[n]
}

fn day(offset: i64) -> Date {
    DAYS[(offset + 2) as usize]
}

pub fn moment() -> Moment {
    Moment { today: TODAY, now: Timestamp::UNIX_EPOCH }
}

fn codes(places: &[usize]) -> Vec<OdsCode> {
    places.iter().map(|n| ods(*n).clone()).collect()
}

fn words(all: &[&str], places: &[usize]) -> Vec<String> {
    places.iter().map(|n| all[*n].to_owned()).collect()
}

fn party(n: &usize) -> String {
    match *n {
        BY_KIND => "group:acute".to_owned(),
        LISTED => "group:listed".to_owned(),
        n => CODES.get(n).map_or("group:nobody".to_owned(), |code| (*code).to_owned()),
    }
}

fn selector(n: &usize) -> TypeSelector {
    match *n {
        ALL => TypeSelector::All,
        GROUP => TypeSelector::Group("g".to_owned()),
        n => TypeSelector::Name(TYPES[n].0.to_owned()),
    }
}

pub fn region(world: &World) -> Region {
    let organisation = |(n, drawn): (usize, &case::Organisation)| Organisation {
        membership: drawn.member.map(|(from, until, suspended)| Membership {
            signed_on: day(from),
            until: until.map(day),
            suspended,
            ..Membership::default()
        }),
        successor: drawn
            .successor
            .map(|(to, from)| Successor { ods: ods(to).clone(), from: from.map(day) }),
        ..Organisation::named(ods(n).clone(), "", KINDS[n])
    };
    let tiers = world.tiers.as_deref().unwrap_or_default();
    let role = |(n, _): (usize, &_)| Role {
        name: ROLES[n].to_owned(),
        codes: ROLE_CODES[n].iter().map(|code| (*code).to_owned()).collect(),
        tier: format!("tier-{n}"),
    };
    let tier = |(n, drawn): (usize, &Option<(Vec<usize>, bool)>)| {
        let (types, index_only) = drawn.as_ref()?;
        let document_types = types.iter().map(selector).collect();
        Some(Tier { name: format!("tier-{n}"), document_types, index_only: *index_only })
    };
    let group = |name: &str, kind, members| Group { name: name.to_owned(), kind, members };
    Region {
        organisations: world.organisations.iter().enumerate().map(organisation).collect(),
        groups: vec![
            group("acute", Some(OrganisationKind::Acute), Vec::new()),
            group("listed", None, codes(&world.listed)),
        ],
        systems: vec![profile(&world.profile)],
        roles: tiers.iter().enumerate().map(role).collect(),
        tiers: tiers.iter().enumerate().filter_map(tier).collect(),
        policy: policy(&world.policy),
        agreements: world.agreements.iter().enumerate().map(agreement).collect(),
        ..Region::default()
    }
}

fn profile(drawn: &case::Profile) -> SystemProfile {
    SystemProfile {
        name: "system".to_owned(),
        organisation: ods(drawn.organisation).clone(),
        acts_for: codes(&drawn.acts_for),
        role: ROLES[drawn.role].to_owned(),
        purposes: words(&PURPOSES, &drawn.purposes),
        department: drawn.department.map(|n| DEPARTMENTS[n].to_owned()),
        assertion_required: drawn.assertion_required,
        standing_urgent_care: drawn.standing,
        publishes: false,
        speaks_for: Vec::new(),
    }
}

fn policy(drawn: &case::Policy) -> Policy {
    let mode = |(purpose, mode): (&&str, &usize)| {
        let modes = [PreferenceMode::Off, PreferenceMode::Advisory, PreferenceMode::Enforcing];
        ((*purpose).to_owned(), modes[*mode])
    };
    Policy {
        preference: PURPOSES.iter().zip(&drawn.modes).map(mode).collect(),
        consent_required: words(&PURPOSES, &drawn.consent),
        break_glass: BreakGlassPolicy {
            roles: words(&ROLES, &drawn.glass_roles),
            over_preference: drawn.glass_over,
            second_factor: drawn.second_factor,
            ..BreakGlassPolicy::default()
        },
        ..Policy::default()
    }
}

fn agreement((n, drawn): (usize, &case::Agreement)) -> Versioned {
    let signed = Signatory { by: String::new(), organisation: ods(0).clone(), on: TODAY };
    let out = |n: &usize| Exception {
        ods: ods(*n).clone(),
        is: Outside::Withdrawn,
        signed: signed.clone(),
        reason: String::new(),
    };
    Versioned {
        version: 1,
        agreement: Agreement {
            id: n.to_string(),
            state: STATES[drawn.state],
            publishers: drawn.publishers.iter().map(party).collect(),
            consumers: drawn.consumers.iter().map(party).collect(),
            exceptions: drawn.out.iter().map(out).collect(),
            document_types: drawn.types.iter().map(selector).collect(),
            purposes: words(&PURPOSES, &drawn.purposes),
            roles: words(&ROLES, &drawn.roles),
            departments: words(&DEPARTMENTS, &drawn.departments),
            starts: day(drawn.period.0),
            ends: drawn.period.1.map(day),
            confidentiality: LEVELS[drawn.ceiling].to_owned(),
            ..Agreement::default()
        },
    }
}

fn flag(question: &Question) -> Option<TransactionalFlag> {
    question.flag.map(|minutes| TransactionalFlag {
        kind: "111-case".to_owned(),
        reference: "1".to_owned(),
        until: Timestamp::UNIX_EPOCH.checked_add(Span::new().minutes(minutes)).unwrap(),
    })
}

fn glass(question: &Question) -> Option<BreakGlass> {
    question.glass.map(|(reason, second_factor)| BreakGlass {
        reason: if reason { "unconscious" } else { "  " }.to_owned(),
        second_factor,
    })
}

pub fn asker<'r>(region: &'r Region, question: &Question) -> Asker<'r> {
    Asker {
        profile: &region.systems[0],
        organisation: ods(question.asker),
        role: ROLES[question.role],
        purpose: PURPOSES[question.purpose],
        department: question.department.map(|n| DEPARTMENTS[n].to_owned()),
        transactional: flag(question),
        break_glass: glass(question),
    }
}

pub fn shown(question: &Question) -> Shown {
    Shown {
        role: question.shown_role.map(|n| SHOWN_ROLES[n].0.to_owned()),
        purpose: question.shown_purpose.map(|n| PURPOSES[n].to_owned()),
        organisation: question.shown_organisation.map(|n| ods(n).clone()),
        department: question.department.map(|n| DEPARTMENTS[n].to_owned()),
        transactional: flag(question),
        break_glass: glass(question),
    }
}

pub fn confidentiality(question: &Question) -> Vec<String> {
    words(&LEVELS, &question.confidentiality)
}

pub fn recipients(question: &Question) -> Vec<OdsCode> {
    codes(&question.recipients)
}

pub fn facts(question: &Question) -> PatientFacts {
    let patient = *PATIENT;
    let relationship = |(who, from, until): &(usize, i64, Option<i64>)| Relationship {
        patient,
        ods: ods(*who).clone(),
        kind: RelationshipKind::Encounter,
        starts: day(*from),
        ends: until.map(day),
        source: String::new(),
    };
    let preference = |wish: &case::Wish| Preference {
        patient,
        wish: if wish.share { Wish::Share } else { Wish::DoNotShare },
        document_type: wish.of_type.as_ref().map(selector),
        publisher: wish.publisher.map(|n| ods(n).clone()),
        consumer: wish.consumer.map(|n| ods(n).clone()),
        recorded_on: day(wish.day),
        recorded_by: ods(0).clone(),
    };
    let seal = |seal: &case::Seal| Seal {
        unique_id: UNIQUE_IDS[seal.entry].to_owned(),
        locked: seal.locked,
        open_to: codes(&seal.open_to),
    };
    PatientFacts {
        relationships: question.relationships.iter().map(relationship).collect(),
        preferences: question.wishes.iter().map(preference).collect(),
        consents: words(&PURPOSES, &question.consents),
        sealed: question.seals.iter().map(seal).collect(),
        died_on: question.died.map(day),
    }
}
