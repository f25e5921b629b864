//! Referrals and intended recipients of published documents.

use super::{DAY, PATIENT, finds, hub, kept, of, publish, settled};
use tests::message::{Provide, scheme, slot};

/// A document of the patient that names a recipient.
fn addressed(letter: Provide, ods: &str) -> String {
    let recipient = slot(
        "intendedRecipient",
        &format!("Somebody^^^^^&amp;2.16.840.1.113883.2.1.4.3&amp;ISO^^^^{ods}"),
    );
    let set = "<rim:RegistryPackage id=\"SubmissionSet01\">";
    letter.patient(PATIENT).inline().replace(set, &format!("{set}{recipient}"))
}

#[test]
fn whom_a_document_is_addressed_to_has_a_relationship_for_its_life() {
    let hub = hub();
    publish(&hub, &addressed(Provide::letter(1), "RTX"));
    publish(&hub, &Provide::letter(2).patient(PATIENT).inline());
    settled(&hub);
    assert!(finds(&hub, "RTX", PATIENT, 1) && finds(&hub, "RTX", PATIENT, 2));
    assert!(!finds(&hub, "RXR", PATIENT, 1));
    let row = of(&kept(&hub, PATIENT), "RTX", "recipient");
    assert_eq!(
        (row["starts"].as_str(), row["ends"].as_str()),
        (Some("2026-07-15"), Some("2026-10-13"))
    );
    assert_eq!(row["source"], "ITI-42");
    hub.clock().advance_seconds(90 * DAY);
    assert!(finds(&hub, "RTX", PATIENT, 1));
    hub.clock().advance_seconds(DAY);
    assert!(!finds(&hub, "RTX", PATIENT, 1));
}

#[test]
fn a_referral_is_a_relationship_of_its_own_kind_and_life() {
    let hub = hub();
    let snomed = "2.16.840.1.113883.6.96";
    let referral = Provide::letter(1).without_code(scheme::TYPE_CODE);
    let referral = referral.code(scheme::TYPE_CODE, "25611000000107", snomed);
    publish(&hub, &addressed(referral, "RTX"));
    settled(&hub);
    let row = of(&kept(&hub, PATIENT), "RTX", "referral");
    assert_eq!(row["ends"], "2027-01-11");
    assert!(finds(&hub, "RTX", PATIENT, 1));
}

#[test]
fn a_region_may_say_that_recipients_have_none() {
    let hub = hub();
    hub.apply("[policy]\nrecipient_days = 0\n");
    publish(&hub, &addressed(Provide::letter(1), "RTX"));
    settled(&hub);
    assert!(!finds(&hub, "RTX", PATIENT, 1));
}
