//! What a broken glass opens, and what it never opens.

use super::{LETTER, PATIENT, REASON, ask, find, find_query, get, hub, reason, said, uses};
use hub::serve::Role;
use tests::TestHub;
use tests::message;

#[test]
fn it_stands_in_for_a_relationship_and_is_kept_with_who_whom_why_and_what() {
    let hub = hub("");
    let plain = hub.request("RXL", hub.url(Role::Gateway)).soap(&find_query());
    assert!(!plain.contains(LETTER), "no relationship");
    assert!(find(&hub, "RXL").contains(LETTER));
    let record = hub.last_audit(Role::Gateway).event;
    assert_eq!(record.break_glass.as_deref(), Some(REASON));
    assert_eq!(record.purpose.as_deref(), Some("break-glass"));
    assert!(record.decisions.iter().all(|decided| decided.broke_glass));
    assert_eq!(get(&hub, "RXL").xds_status(), "Success");
    let all = uses(&hub);
    assert_eq!(all.as_array().unwrap().len(), 1, "the retrieval belongs to the same use: {all}");
    let one = &all[0];
    assert_eq!((&one["organisation"], &one["role"]), (&"RXL".into(), &"clinician".into()));
    assert_eq!(one["entries"][0]["uniqueId"], LETTER);
    assert_eq!(one["entries"][0]["retrieved"], true);
    assert!(!all.to_string().contains(PATIENT) && !all.to_string().contains(REASON));
    let shown = said(&hub, &["break-glass", "show", "1"]);
    for words in [PATIENT, REASON, LETTER, "rxl-integration"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let record = hub.last_audit(Role::Gateway).event;
    assert!(record.reasons.join(" ").contains("use 1 of a broken glass was shown"));
}

#[test]
fn an_emergency_override_stands_on_record_beside_the_transaction() {
    let hub = hub("");
    find(&hub, "RXL");
    let messages = said(&hub, &["audit", "list", "--service", "gateway", "--atna"]);
    let alert = messages.lines().find(|line| line.contains("110127")).expect("an alert");
    assert!(alert.contains("110113") && alert.contains("Emergency Override Started"), "{alert}");
    assert!(alert.contains(PATIENT), "it names the patient");
    assert!(messages.lines().any(|line| line.contains("110112") && line.contains("ITI-18")));
}

#[test]
fn after_its_minutes_the_same_person_opens_another_use() {
    let hub = hub("minutes = 60\n");
    find(&hub, "RXL");
    hub.clock().advance_seconds(59 * 60);
    find(&hub, "RXL");
    assert_eq!(uses(&hub).as_array().unwrap().len(), 1);
    hub.clock().advance_seconds(2 * 60);
    std::thread::sleep(std::time::Duration::from_millis(600));
    find(&hub, "RXL");
    assert_eq!(uses(&hub).as_array().unwrap().len(), 2);
}

fn do_not_share(hub: &TestHub, verb: &[&str]) {
    let ground = ["--starts", "2026-07-01", "--as", "ZZP01", "--by", "GP", "--evidence", "letter"];
    said(hub, &[&["preference"], verb, &ground[..]].concat());
}

#[test]
fn it_stands_in_for_the_citizens_wish_only_where_the_region_says_so() {
    for (policy, opens) in [("", false), ("over_preference = true\n", true)] {
        let hub = hub(policy);
        do_not_share(&hub, &["record", PATIENT, "--do-not-share"]);
        assert_eq!(find(&hub, "RXL").contains(LETTER), opens, "{policy}");
        let entries = &uses(&hub)[0]["entries"];
        assert_eq!(entries.as_array().unwrap().len(), usize::from(opens), "a use all the same");
        assert!(!opens || entries[0]["overPreference"] == true);
    }
}

#[test]
fn it_opens_what_is_sealed_where_the_region_says_so_and_never_what_is_locked() {
    let hub = hub("over_preference = true\n");
    do_not_share(&hub, &["seal", PATIENT, LETTER]);
    assert!(find(&hub, "RXL").contains(LETTER));
    do_not_share(&hub, &["seal", PATIENT, LETTER, "--lock"]);
    assert!(!find(&hub, "RXL").contains(LETTER));
    assert_eq!(get(&hub, "RXL").error_codes(), ["XDSDocumentUniqueIdError"]);
}

#[test]
fn it_never_stands_in_for_membership_identity_role_or_agreement() {
    let hub = hub("");
    for (ods, words) in [
        ("ZZP06", "is not a member"),
        ("QE1", "is not registered with this gateway"),
        ("RX7", "the glass cannot be broken here"),
        ("325", "has no agreement in force"),
        ("RXR", "the purpose \"break-glass\" is not among those"),
    ] {
        let answer = find(&hub, ods);
        assert_eq!(answer.xds_status(), "Failure", "{ods}");
        assert!(
            answer.contains(words) || answer.plain().contains(words),
            "{ods}: {}",
            answer.text()
        );
        assert!(!answer.contains(LETTER));
    }
    assert_eq!(hub.count(Role::Gateway, "region.db", "glass_use"), 0, "nothing was broken");
}

#[test]
fn a_header_that_gives_no_reason_in_words_is_refused_aloud() {
    let hub = hub("");
    for (inside, words) in [
        (String::new(), "one Reason"),
        ("<g:Reason>x</g:Reason>".to_owned(), "3 to 400 characters"),
        (reason().repeat(2), "one Reason"),
        (format!("{}<g:SecondFactor>abc</g:SecondFactor>", reason()), "six digits"),
    ] {
        let answer = ask(&hub, "RXL", &message::retrieve(&[LETTER]), &inside);
        assert_eq!(answer.xds_status(), "Failure");
        assert!(answer.contains(words), "{}", answer.text());
    }
    assert_eq!(hub.count(Role::Gateway, "region.db", "glass_use"), 0);
}
