//! Death ends relationships, keeps preferences, opens the examiner's and the coroner's purposes and
//! starts retention.

use super::{DAY, PATIENT, adt, done, finds, published, send, settled, watling};
use hub::serve::Role;
use tests::TestHub;
use tests::message::{Provide, scheme};

fn died() -> String {
    adt("A08", PATIENT, &format!("{}20260715|Y", "|".repeat(26)))
}

/// A medical examiner at RXR, asking for that purpose alone.
const EXAMINER: &str = "[[system]]\nname = \"rxr-integration\"\norganisation = \"RXR\"\nrole = \"clinician\"\npurposes = [\"examiner\"]\n\n[[agreement]]\nid = \"EXAMINER\"\ntitle = \"To the medical examiner\"\npublishers = [\"group:publishers\"]\nconsumers = [\"RXR\"]\ndocument_types = [\"*\"]\npurposes = [\"examiner\"]\nroles = [\"clinician\"]\nstarts = \"2026-01-01\"\n";

fn indexed(hub: &TestHub) -> i64 {
    hub.count_indexed("patient WHERE died_on = '20260715'")
}

#[test]
fn death_ends_relationships_and_opens_the_examiners_purpose() {
    let hub = published();
    hub.apply(EXAMINER);
    assert!(finds(&hub, "ZZP03", PATIENT, 1) && finds(&hub, "RXL", PATIENT, 1));
    assert!(!finds(&hub, "RXR", PATIENT, 1), "there is no examiner of the living");
    send(&hub, "RTX", &died());
    settled(&hub);
    assert!(finds(&hub, "RXR", PATIENT, 1));
    assert!(finds(&hub, "ZZP03", PATIENT, 1), "with the day of death");
    hub.clock().advance_seconds(DAY);
    assert!(!finds(&hub, "ZZP03", PATIENT, 1) && !finds(&hub, "RXL", PATIENT, 1));
    assert!(finds(&hub, "RXR", PATIENT, 1));
    let record = hub.last_audit(Role::Gateway).event;
    let basis = record.decisions.iter().find_map(|decided| decided.relationship.clone());
    assert_eq!(basis.as_deref(), Some("after-death"));
}

#[test]
fn death_keeps_preferences() {
    let hub = published();
    hub.apply(EXAMINER);
    hub.apply(&format!("[[preference]]\npatient = \"{PATIENT}\"\nconsumer = \"RXR\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP03\"\n"));
    send(&hub, "RTX", &died());
    settled(&hub);
    assert!(!finds(&hub, "RXR", PATIENT, 1));
}

#[test]
fn death_starts_the_retention_clock() {
    let hub = super::hub();
    let record = Provide::letter(1).patient(PATIENT).without_code(scheme::TYPE_CODE);
    let record = record.code(scheme::TYPE_CODE, "824321000000109", "2.16.840.1.113883.6.96");
    super::publish(&hub, &record.slot("creationTime", &["19900615"]).inline());
    let due = || crate::retention::done(&hub, &["due"]);
    assert!(!due().contains("gp-record"), "a GP record has no end before a death is known");
    send(&hub, "RTX", &adt("A08", PATIENT, &format!("{}19950701|Y", "|".repeat(26))));
    assert!(due().contains("gp-record"), "ten years after it: {}", due());
}

#[test]
fn a_discharge_by_death_is_a_death_and_has_no_tail() {
    let hub = published();
    let expired = format!("\rPV1||I{}20{}20260715", "|".repeat(34), "|".repeat(9));
    send(&hub, "RTX", &adt("A01", PATIENT, "\rPV1||I"));
    send(&hub, "RTX", &adt("A03", PATIENT, &expired));
    assert_eq!(indexed(&hub), 1);
    settled(&hub);
    hub.clock().advance_seconds(DAY);
    assert!(!finds(&hub, "RTX", PATIENT, 1));
}

#[test]
fn a_death_told_in_error_is_taken_back_by_whoever_told_it() {
    let hub = published();
    send(&hub, "RTX", &died());
    settled(&hub);
    hub.clock().advance_seconds(DAY);
    let lives = adt("A08", PATIENT, &format!("{}|N", "|".repeat(26)));
    send(&hub, "RXN", &lives);
    settled(&hub);
    assert!(!finds(&hub, "ZZP03", PATIENT, 1), "many senders write N for want of knowledge");
    send(&hub, "RTX", &lives);
    settled(&hub);
    assert!(finds(&hub, "ZZP03", PATIENT, 1) && finds(&hub, "RXL", PATIENT, 1));
    assert_eq!(indexed(&hub), 0);
    let said = done(&watling(&hub, &["relationship", "history", PATIENT]));
    assert!(said.contains("over: died") && said.contains("stands again"), "{said}");
}
