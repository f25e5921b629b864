//! A closed practice: its successor inherits what it publishes and must sign to consume; its patients
//! move by a new registration only.

use super::{OTHER, PATIENT, adt, finds, published, send, settled};
use hub::serve::Role;
use tests::TestHub;
use tests::message::Provide;

fn organisation(ods: &str, membership: &str) -> String {
    format!(
        "[[organisation]]\nods = \"{ods}\"\nname = \"Surgery {ods}\"\nkind = \"practice\"\nfictitious = true\npublishes = [\"*\"]\n{membership}\n"
    )
}

/// ZZP01 closed yesterday and ZZP02 has taken its place.
fn closed() -> String {
    organisation(
        "ZZP01",
        "successor = \"ZZP02\"\n[organisation.membership]\nsigned_on = \"2018-01-01\"\nsigned_by = \"Partner\"\nuntil = \"2026-07-14\"\n",
    )
}

/// What the practices publish goes to the hospital RXL.
const AGREEMENT: &str = "[[agreement]]\nid = \"GP-OUT\"\ntitle = \"From practices\"\npublishers = [\"ZZP01\", \"ZZP02\"]\nconsumers = [\"RXL\"]\ndocument_types = [\"*\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nstarts = \"2026-01-01\"\n\n[[system]]\nname = \"zzp01-integration\"\norganisation = \"ZZP01\"\nrole = \"clinician\"\npurposes = [\"direct-care\"]\npublishes = true\n";

fn practice_letter(hub: &TestHub) {
    hub.apply(AGREEMENT);
    let letter = Provide::letter(3).patient(PATIENT).inline();
    let answer = hub.request("ZZP01", hub.url(Role::Repository)).soap(&letter);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

#[test]
fn a_closed_practices_successor_inherits_what_it_publishes() {
    let hub = TestHub::with(|options| {
        super::configure(&mut options.config);
        options.config.repository.publishers = Some(vec![repository::Publisher {
            ods: schemas::ods_code::OdsCode::parse("ZZP01").unwrap(),
            system: None,
            acts_for: Vec::new(),
            speaks_for: Vec::new(),
        }]);
    });
    practice_letter(&hub);
    assert!(finds(&hub, "RXL", PATIENT, 3));
    hub.apply(&closed());
    assert!(finds(&hub, "RXL", PATIENT, 3), "its successor is a member and answers for it");
    hub.apply(&organisation("ZZP02", ""));
    assert!(!finds(&hub, "RXL", PATIENT, 3), "a successor that has not signed answers for nothing");
}

#[test]
fn a_successor_must_sign_to_consume_and_patients_move_by_a_new_registration_only() {
    let hub = published();
    assert!(finds(&hub, "ZZP01", OTHER, 2));
    hub.apply(&closed());
    let refused = super::ask(&hub, "ZZP01", OTHER);
    assert!(refused.contains("not a member"), "the closed practice reads no more");
    assert!(!finds(&hub, "ZZP02", OTHER, 2), "nobody has registered the patient there");
    send_registration(&hub);
    assert!(finds(&hub, "ZZP02", OTHER, 2));
    hub.apply(&organisation("ZZP02", ""));
    let refused = super::ask(&hub, "ZZP02", OTHER);
    assert_eq!(refused.xds_status(), "Failure");
    assert!(refused.contains("not a member"), "{}", refused.text());
}

fn send_registration(hub: &TestHub) {
    send(hub, "RXN", &adt("A31", OTHER, "\rPD1|||SURGERY^^ZZP02"));
    settled(hub);
}
