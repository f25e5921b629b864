//! `watling preference`: record, list, withdraw, history, seal, unseal, consent.

use super::{DISCHARGE, LETTER, PATIENT, published, run, said, say, sees};
use hub::serve::Role;
use node::audit::AuditKind;

#[test]
fn a_wish_governs_the_next_answer_and_its_withdrawal_the_one_after() {
    let hub = published();
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
    let told = said(&hub, "record", &["--do-not-share", "--type", "group:letter"]);
    assert!(told.contains("statement 1") && told.contains("do not share group:letter"), "{told}");
    assert_eq!(sees(&hub, "ZZP01"), (false, true));
    assert_eq!(sees(&hub, "RXN"), (true, true), "what it wrote itself");
    said(&hub, "withdraw", &["1"]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
}

#[test]
fn a_wish_to_share_is_an_exception_to_a_wider_one_not_to() {
    let hub = published();
    said(&hub, "record", &["--do-not-share"]);
    assert_eq!((sees(&hub, "ZZP01"), sees(&hub, "RX7")), ((false, false), (false, false)));
    said(&hub, "record", &["--share", "--consumer", "ZZP01"]);
    assert_eq!((sees(&hub, "ZZP01"), sees(&hub, "RX7")), ((true, true), (false, false)));
}

#[test]
fn a_wish_by_publisher_or_consumer_leaves_the_others_alone() {
    let hub = published();
    said(&hub, "record", &["--do-not-share", "--consumer", "RX7"]);
    assert_eq!((sees(&hub, "ZZP01"), sees(&hub, "RX7")), ((true, true), (false, false)));
    said(&hub, "record", &["--do-not-share", "--publisher", "RXL"]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true), "nothing here is of RXL");
    said(&hub, "record", &["--do-not-share", "--publisher", "RXN"]);
    assert_eq!(sees(&hub, "ZZP01"), (false, false));
}

#[test]
fn a_sealed_document_is_for_its_publisher_and_those_inside_until_it_is_unsealed() {
    let hub = published();
    said(&hub, "seal", &[DISCHARGE]);
    assert_eq!((sees(&hub, "ZZP01"), sees(&hub, "RXN")), ((true, false), (true, true)));
    said(&hub, "unseal", &[DISCHARGE]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
    said(&hub, "seal", &[LETTER, "--lock", "--open-to", "ZZP01"]);
    assert_eq!((sees(&hub, "ZZP01"), sees(&hub, "RX7")), ((true, true), (false, true)));
    let error = say(&hub, "unseal", &[DISCHARGE]).unwrap_err();
    assert!(error.contains("is not sealed"), "{error}");
}

#[test]
fn a_purpose_that_demands_consent_opens_with_it_and_closes_with_its_withdrawal() {
    let hub = published();
    hub.apply("[policy]\nconsent_required = [\"direct-care\"]\n");
    assert_eq!(sees(&hub, "ZZP01"), (false, false));
    let record = hub.last_audit(Role::Gateway).event;
    assert!(record.decisions.iter().all(|decided| decided.decision == "no-consent"));
    said(&hub, "consent", &["direct-care", "--given"]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
    said(&hub, "consent", &["direct-care", "--refused"]);
    assert_eq!(sees(&hub, "ZZP01"), (false, false), "a refusal beats a consent");
    said(&hub, "withdraw", &["2"]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
    said(&hub, "withdraw", &["1"]);
    assert_eq!(sees(&hub, "ZZP01"), (false, false));
}

#[test]
fn every_change_is_on_record_with_who_and_what() {
    let hub = published();
    said(&hub, "record", &["--do-not-share"]);
    said(&hub, "withdraw", &["1"]);
    let records = hub.audit(Role::Gateway);
    let changes = records.iter().filter(|r| r.event.kind == AuditKind::SecurityConfiguration);
    let changes: Vec<_> = changes.map(|record| &record.event).collect();
    let [recorded, withdrawn] = changes[..] else { panic!("{} records", changes.len()) };
    for (event, what) in [(recorded, "do not share anything"), (withdrawn, "withdrawn")] {
        assert_eq!(event.organisation.as_deref(), Some("ZZP01"));
        assert!(event.patient_id.as_ref().unwrap().starts_with(PATIENT));
        let reasons = event.reasons.join(";");
        assert!(reasons.contains(what) && reasons.contains("Practice manager"), "{reasons}");
        assert!(!reasons.contains(PATIENT), "the reason repeats the number");
    }
}

#[test]
fn the_list_has_what_holds_and_the_history_everything() {
    let hub = published();
    said(&hub, "record", &["--do-not-share", "--consumer", "RX7"]);
    said(&hub, "seal", &[DISCHARGE]);
    said(&hub, "withdraw", &["1"]);
    let list = run(hub.data(), &["preference", "list", PATIENT]).unwrap();
    assert!(list.contains("seal document") && !list.contains("RX7"), "{list}");
    let history = run(hub.data(), &["preference", "history", PATIENT]).unwrap();
    for words in ["do not share anything with RX7", "withdrawn", "signed form", "seal document"] {
        assert!(history.contains(words), "{words}: {history}");
    }
    assert!(!history.contains(PATIENT), "nothing repeats the number");
    let json = run(hub.data(), &["preference", "history", PATIENT, "--json"]).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["standing"], "withdrawn");
    assert_eq!(json[0]["withdrawn"]["by"]["organisation"], "ZZP01");
}

#[test]
fn what_would_never_match_is_refused_by_name() {
    let hub = published();
    for (verb, arguments, words) in [
        ("record", &["--do-not-share", "--type", "group:letters"][..], "no document type"),
        ("record", &["--do-not-share", "--consumer", "ZZZ99"], "no organisation of this region"),
        ("record", &["--do-not-share", "--until", "2026-06-01"], "ends before it starts"),
        ("consent", &["marketing", "--given"], "no purpose of this region"),
        ("seal", &["not an id"], "not a uniqueId"),
        ("withdraw", &["7"], "has no statement 7"),
    ] {
        let error = say(&hub, verb, arguments).unwrap_err();
        assert!(error.contains(words) && !error.contains(PATIENT), "{verb} {arguments:?}: {error}");
    }
    assert_eq!(hub.count(Role::Gateway, "region.db", "statement"), 0);
}
