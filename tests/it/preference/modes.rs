//! Off, advisory, enforcing: by purpose, as the region's policy says.

use super::{DISCHARGE, published, said, sees};
use hub::serve::Role;

#[test]
fn off_keeps_a_wish_and_does_not_look_at_it() {
    let hub = published();
    hub.apply("[policy.preference]\ndirect-care = \"off\"\n");
    said(&hub, "record", &["--do-not-share"]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
    assert_eq!(sees(&hub, "RX7"), (false, false), "urgent care is not named, so it is enforced");
    let records = hub.audit(Role::Gateway).into_iter().map(|record| record.event);
    let of_practice = records.filter(|event| event.acting_for.as_deref() == Some("ZZP01"));
    assert!(of_practice.flat_map(|event| event.decisions).all(|decided| !decided.over_preference));
}

#[test]
fn advisory_answers_and_notes_on_record_that_the_citizen_was_against_it() {
    let hub = published();
    hub.apply("[policy.preference]\ndirect-care = \"advisory\"\n");
    said(&hub, "record", &["--do-not-share", "--type", "group:discharge"]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
    let record = hub.last_audit(Role::Gateway).event;
    let decided = record.decisions.iter().find(|decided| decided.unique_id == DISCHARGE).unwrap();
    assert_eq!(decided.decision, "permit");
    assert!(decided.over_preference);
    assert!(record.decisions.iter().filter(|decided| decided.over_preference).count() == 1);
}

#[test]
fn enforcing_refuses_and_is_what_holds_where_the_policy_is_silent() {
    let hub = published();
    said(&hub, "record", &["--do-not-share"]);
    assert_eq!(sees(&hub, "ZZP01"), (false, false));
    hub.apply("[policy.preference]\ndirect-care = \"enforcing\"\n");
    assert_eq!(sees(&hub, "ZZP01"), (false, false));
    let record = hub.last_audit(Role::Gateway).event;
    assert!(record.decisions.iter().all(|decided| decided.decision == "preference"));
}
