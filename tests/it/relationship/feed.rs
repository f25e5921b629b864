//! ADT: visits, and the practice that a message names.

use super::{DAY, PATIENT, adt, finds, kept, of, published, send, settled, watling};
use crate::relationship::{done, feed};

#[test]
fn an_admission_is_a_relationship_of_its_sender_and_a_discharge_ends_it_after_the_tail() {
    let hub = published();
    assert!(!finds(&hub, "RTX", PATIENT, 1));
    send(&hub, "RTX", &adt("A01", PATIENT, "\rPV1||I"));
    settled(&hub);
    assert!(finds(&hub, "RTX", PATIENT, 1));
    assert!(!finds(&hub, "RXR", PATIENT, 1), "no other hospital is meant");
    send(&hub, "RTX", &adt("A03", PATIENT, "\rPV1||I"));
    settled(&hub);
    assert!(finds(&hub, "RTX", PATIENT, 1), "the discharge letter is still to be written");
    hub.clock().advance_seconds(7 * DAY);
    assert!(finds(&hub, "RTX", PATIENT, 1));
    hub.clock().advance_seconds(DAY);
    assert!(!finds(&hub, "RTX", PATIENT, 1));
}

#[test]
fn every_visit_is_kept_with_its_start_end_source_and_age() {
    let hub = published();
    send(
        &hub,
        "RTX",
        &adt("A04", PATIENT, &format!("\rPV1||E{}V1{}20260714", "|".repeat(17), "|".repeat(25))),
    );
    settled(&hub);
    let row = of(&kept(&hub, PATIENT), "RTX", "encounter");
    assert_eq!(row["starts"], "2026-07-14");
    assert_eq!(row["ends"], "2026-10-13", "without another word it is over after 90 days");
    assert_eq!(row["source"], "ITI-8 A04 FACILITY|PAS");
    assert_eq!(
        (row["reference"].as_str(), row["evidenceOn"].as_str()),
        (Some("V1"), Some("2026-07-15"))
    );
    assert!(row["recordedAt"].as_str().unwrap().starts_with("2026-07-15T12:00"));
    let said = done(&watling(&hub, &["relationship", "history", PATIENT]));
    assert!(said.contains("RTX encounter from 2026-07-14") && said.contains("started"), "{said}");
}

#[test]
fn a_cancelled_admission_and_a_transfer_open_nothing() {
    let hub = published();
    send(&hub, "RTX", &adt("A02", PATIENT, "\rPV1||I"));
    settled(&hub);
    assert!(!finds(&hub, "RTX", PATIENT, 1));
    for event in ["A01", "A11"] {
        send(&hub, "RTX", &adt(event, PATIENT, "\rPV1||I"));
    }
    settled(&hub);
    assert!(!finds(&hub, "RTX", PATIENT, 1));
    for event in ["A01", "A03", "A13"] {
        send(&hub, "RTX", &adt(event, PATIENT, "\rPV1||I"));
    }
    hub.clock().advance_seconds(30 * DAY);
    settled(&hub);
    assert!(finds(&hub, "RTX", PATIENT, 1), "the discharge was cancelled");
}

#[test]
fn an_update_of_a_visit_that_goes_on_is_a_relationship_too() {
    let hub = published();
    send(&hub, "RTX", &adt("A08", PATIENT, "\rPV1||I"));
    settled(&hub);
    assert!(finds(&hub, "RTX", PATIENT, 1));
}

#[test]
fn the_practice_that_a_feed_names_gains_the_patient_and_the_one_before_keeps_a_short_tail() {
    let hub = published();
    assert!(finds(&hub, "ZZP03", PATIENT, 1) && !finds(&hub, "ZZP02", PATIENT, 1));
    let moved = adt("A31", PATIENT, "\rPD1|||SECOND SURGERY^^ZZP02");
    send(&hub, "RXN", &moved);
    settled(&hub);
    assert!(finds(&hub, "ZZP02", PATIENT, 1));
    assert!(finds(&hub, "ZZP03", PATIENT, 1), "results come in after a patient has left");
    hub.clock().advance_seconds(29 * DAY);
    assert!(finds(&hub, "ZZP02", PATIENT, 1) && !finds(&hub, "ZZP03", PATIENT, 1));
}

#[test]
fn a_source_that_is_not_believed_in_it_names_no_practice() {
    let hub = published();
    send(&hub, "RTX", &adt("A31", PATIENT, "\rPD1|||SECOND SURGERY^^ZZP02"));
    settled(&hub);
    assert!(!finds(&hub, "ZZP02", PATIENT, 1) && finds(&hub, "ZZP03", PATIENT, 1));
    let refused = feed(&hub, "RXR").send(&adt("A01", PATIENT, "\rPV1||I"));
    assert_eq!(refused.code, "AE");
    settled(&hub);
    assert!(!finds(&hub, "RXR", PATIENT, 1), "and a stranger opens nothing for itself");
}

#[test]
fn a_message_of_hl7_v3_names_practice_and_death_too() {
    let hub = published();
    let message = crate::patients::pix::message("PRPA_IN201302UV02", PATIENT, None);
    let person = "<patientPerson classCode=\"PSN\" determinerCode=\"INSTANCE\"><deceasedInd value=\"true\"/><deceasedTime value=\"20260715\"/></patientPerson>";
    let practice = "<providerOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\"><id root=\"2.16.840.1.113883.2.1.4.3\" extension=\"ZZP02\"/></providerOrganization>";
    let tell = |more: &str| {
        let message = message.replace("</patient>", &format!("{more}</patient>"));
        let answer = hub.request("RXN", hub.door("pix")).soap(&message);
        assert!(answer.contains("<typeCode code=\"CA\"/>"), "{}", answer.text());
        settled(&hub);
    };
    tell(practice);
    assert!(finds(&hub, "ZZP02", PATIENT, 1));
    tell(&format!("{person}{practice}"));
    hub.clock().advance_seconds(DAY);
    assert!(!finds(&hub, "ZZP02", PATIENT, 1) && !finds(&hub, "ZZP03", PATIENT, 1));
}
