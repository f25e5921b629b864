//! A region of a trust, a practice and an ambulance service, and questions of its past.

use super::*;
use crate::decision::PatientFacts;
use crate::region::{Region, RegionFile, Relationship, RelationshipKind, Versioned};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use node::audit::{AuditEvent, AuditKind, DecidedEntry, Outcome};
use schemas::code_set::CodeSets;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::collections::{BTreeSet, HashMap};

const TODAY: Date = date(2026, 7, 15);

const REGION: &str = r#"
[[organisation]]
ods = "TRUST"
name = "A trust"
kind = "acute"
membership = { signed_on = "2020-01-01", signed_by = "an office" }
[[organisation]]
ods = "GP1"
name = "A practice"
kind = "practice"
membership = { signed_on = "2020-01-01", signed_by = "an office" }
[[organisation]]
ods = "NEW"
name = "Connected, not signed"
kind = "practice"
[[organisation]]
ods = "AMB"
name = "An ambulance service"
kind = "ambulance"
membership = { signed_on = "2020-01-01", signed_by = "an office" }
[[system]]
name = "gp1"
organisation = "GP1"
role = "clinician"
purposes = ["direct-care"]
[[system]]
name = "new"
organisation = "NEW"
role = "clinician"
purposes = ["direct-care"]
[[system]]
name = "amb"
organisation = "AMB"
role = "paramedic"
purposes = ["urgent-care"]
standing_urgent_care = true
[[group]]
name = "practices"
kind = "practice"
[[agreement]]
id = "GP"
title = "To practices"
publishers = ["TRUST"]
consumers = ["group:practices"]
document_types = ["letter"]
purposes = ["direct-care"]
roles = ["clinician"]
starts = "2026-01-01"
[[agreement]]
id = "URGENT"
title = "At the roadside"
publishers = ["TRUST"]
consumers = ["AMB"]
document_types = ["dnacpr", "letter"]
purposes = ["urgent-care"]
roles = ["paramedic"]
starts = "2026-01-01"
"#;

const SETS: &str = r#"
version = "1"
domain = "2.1"
[[document_type]]
name = "letter"
label = "Letter"
group = "letter"
type_code = "1"
display = ""
class_code = ""
practice_setting = "ward"
facility = ""
[[document_type]]
name = "dnacpr"
label = "DNACPR"
group = "end-of-life"
type_code = "2"
display = ""
class_code = ""
practice_setting = "ward"
facility = ""
"#;

fn region(text: &str, version: u32) -> Region {
    let file: RegionFile = toml::from_str(text).unwrap();
    let versioned = |agreement| Versioned { version, agreement };
    Region {
        organisations: file.organisation,
        groups: file.group,
        systems: file.system,
        agreements: file.agreement.into_iter().map(versioned).collect(),
        ..Region::default()
    }
}

fn patient(n: u64) -> NhsNumber {
    (0..10).find_map(|more| NhsNumber::from_first_nine(999_000_000 + n * 10 + more)).unwrap()
}

fn decided(n: u64, id: &str, type_code: &str, decision: &str) -> DecidedEntry {
    let permitted = decision.contains('#');
    DecidedEntry {
        unique_id: id.to_owned(),
        patient_id: Some(schemas::hl7::PatientId::Nhs(patient(n)).text()),
        publisher_ods: "TRUST".to_owned(),
        type_code: type_code.to_owned(),
        practice_setting: "ward".to_owned(),
        confidentiality: vec!["N".to_owned()],
        decision: if permitted { "permit" } else { decision }.to_owned(),
        agreement: permitted.then(|| decision.to_owned()),
        ..DecidedEntry::default()
    }
}

fn event(ods: &str, transaction: &str, decisions: Vec<DecidedEntry>) -> AuditEvent {
    let kind = AuditKind::Transaction(transaction.to_owned());
    let mut event = AuditEvent::new("gateway", kind, Outcome::Success);
    event.at = "2026-07-10T12:00:00.000Z".to_owned();
    event.organisation = Some(ods.to_owned());
    event.acting_for = Some(ods.to_owned());
    event.system = Some(ods.to_ascii_lowercase());
    event.decided(decisions);
    event
}

/// Registered with the practice until two days after the questions.
fn facts(n: u64) -> PatientFacts {
    PatientFacts {
        relationships: vec![Relationship {
            patient: patient(n),
            ods: OdsCode::parse("GP1").unwrap(),
            kind: RelationshipKind::Registration,
            starts: date(2020, 1, 1),
            ends: Some(date(2026, 7, 12)),
            source: String::new(),
        }],
        ..PatientFacts::default()
    }
}

fn replayed(draft: &str, events: &[AuditEvent]) -> Report {
    let (standing, draft) = (region(REGION, 1), region(draft, 2));
    let code_sets: CodeSets = toml::from_str(SETS).unwrap();
    let mut replay = Replay::new(Setting {
        standing: &standing,
        draft: &draft,
        draft_facts: HashMap::new(),
        on: TODAY,
        zone: TimeZone::UTC,
        code_sets: &code_sets,
        critical: BTreeSet::from(["dnacpr".to_owned()]),
    });
    let questions: Vec<Question> =
        events.iter().filter_map(Question::read).map(Result::unwrap).collect();
    for n in 0..4 {
        replay.know_patient(patient(n), facts(n));
    }
    let wants = replay.wants(&questions);
    assert!(wants.patients.is_empty() && wants.documents.is_empty(), "{wants:?}");
    questions.iter().for_each(|question| replay.take(question));
    replay.report()
}

fn day() -> Vec<AuditEvent> {
    let letters = |n| vec![decided(n, &format!("2.25.{n}"), "1", "GP#1")];
    vec![
        event("GP1", "ITI-18", letters(1)),
        event("GP1", "ITI-18", letters(2)),
        event("GP1", "ITI-43", letters(2)),
        event(
            "AMB",
            "ITI-18",
            vec![decided(1, "2.25.1", "1", "URGENT#1"), decided(1, "2.25.9", "2", "URGENT#1")],
        ),
        event("GP1", "ITI-18", vec![decided(1, "2.25.9", "2", "type-not-covered")]),
    ]
}

#[test]
fn a_draft_that_is_the_region_changes_nothing_and_every_record_comes_out_the_same() {
    let report = replayed(REGION, &day());
    assert!(report.changes.is_empty(), "{:?}", report.changes);
    let baseline = &report.baseline;
    assert_eq!((baseline.decisions, baseline.reproduced), (6, 6), "{baseline:?}");
    assert_eq!((baseline.under_another_version, baseline.for_another_reason), (0, 0));
    assert_eq!((report.questions, report.documents, report.patients), (5, 3, 2));
    // The draft's copies are version 2.
    assert_eq!(report.unchanged.under_another_agreement, 5);
    assert_eq!(report.unchanged.withheld, 1);
}

#[test]
fn a_suspended_agreement_withholds_from_whom_it_permitted_what_it_permitted() {
    let draft = REGION.replace("id = \"GP\"\n", "id = \"GP\"\nstate = \"suspended\"\n");
    let report = replayed(&draft, &day());
    let [change] = &report.changes[..] else { panic!("{:?}", report.changes) };
    assert_eq!(change.direction, Direction::NewlyWithheld);
    assert_eq!((change.consumer.as_str(), change.publisher.as_str()), ("GP1", "TRUST"));
    assert_eq!((change.reason, change.agreement.as_str()), ("no-agreement", "GP#1"));
    assert_eq!(change.counts, Counts { questions: 3, documents: 2, patients: 2, opened: 1 });
    let [aloud] = &report.aloud[..] else { panic!("{:?}", report.aloud) };
    assert_eq!((aloud.direction, aloud.questions), (Direction::NewlyWithheld, 4));
}

#[test]
fn a_resuscitation_decision_that_a_crew_would_lose_is_named_first() {
    let draft = REGION
        .replace("document_types = [\"letter\"]", "document_types = [\"dnacpr\"]")
        .replace("[\"dnacpr\", \"letter\"]", "[\"letter\"]");
    let report = replayed(&draft, &day());
    assert!(report.changes[0].is_urgent_loss(), "{:?}", report.changes[0]);
    assert_eq!(report.changes[0].consumer, "AMB");
    assert_eq!(report.changes[1].counts.patients, 2, "then what touches most patients");
    let permitted = report.changes.iter().find(|c| c.direction == Direction::NewlyPermitted);
    let permitted = permitted.unwrap();
    assert_eq!((permitted.reason, permitted.agreement.as_str()), ("type-not-covered", "GP#2"));
    assert!(!permitted.is_loss());
}

#[test]
fn a_relationship_that_has_ended_since_still_counts_as_on_the_day_of_the_question() {
    assert!(facts(1).relationships.iter().all(|r| !r.is_current(TODAY)));
    let report = replayed(REGION, &day());
    assert_eq!(report.unchanged.permitted, 5);
}

#[test]
fn what_the_region_no_longer_decides_alike_is_counted_by_cause() {
    let mut late = event("GP1", "ITI-18", vec![decided(1, "2.25.1", "1", "GP#1")]);
    late.at = "2026-07-14T12:00:00.000Z".to_owned();
    let mut refused = decided(1, "2.25.1", "1", "no-relationship");
    refused.control = Some("relationship".to_owned());
    let early = event("GP1", "ITI-18", vec![refused]);
    let report = replayed(REGION, &[late, early]);
    let not = |was_permitted| NotReproduced {
        cause: "relationship".to_owned(),
        was_permitted,
        decisions: 1,
    };
    assert_eq!(report.baseline.reproduced, 0);
    assert_eq!(report.baseline.not_reproduced, [not(false), not(true)]);
}

#[test]
fn questions_that_are_refused_aloud_are_answered_where_the_draft_signs() {
    let draft = REGION.replace(
        "name = \"Connected, not signed\"\nkind = \"practice\"\n",
        "name = \"Signed\"\nkind = \"practice\"\nmembership = { signed_on = \"2026-01-01\", signed_by = \"x\" }\n",
    );
    let mut asked = event("NEW", "ITI-18", Vec::new());
    asked.patient_id = Some(schemas::hl7::PatientId::Nhs(patient(3)).text());
    let report = replayed(&draft, &[asked]);
    let [aloud] = &report.aloud[..] else { panic!("{:?}", report.aloud) };
    assert_eq!(aloud.direction, Direction::NewlyPermitted);
    assert_eq!((aloud.consumer.as_str(), aloud.reason), ("NEW", "not-a-member"));
    assert_eq!((aloud.questions, aloud.patients, aloud.documents), (1, 1, None));
}

#[test]
fn older_versions_follow_the_newest_and_count_apart() {
    let outdated = event("GP1", "ITI-18", vec![decided(1, "2.25.1", "1", "superseded")]);
    let report = replayed(REGION, &[outdated]);
    assert_eq!(report.unchanged.outdated, 1);
    assert_eq!(report.baseline.reproduced, 1);
    assert!(report.changes.is_empty());
}

#[test]
fn a_report_names_no_patient() {
    let draft = REGION.replace("id = \"GP\"\n", "id = \"GP\"\nstate = \"suspended\"\n");
    let text = serde_json::to_string(&replayed(&draft, &day())).unwrap();
    for n in 0..4 {
        assert!(!text.contains(&patient(n).digits()));
    }
    assert!(!text.contains("2.25."), "nor a document: {text}");
}
