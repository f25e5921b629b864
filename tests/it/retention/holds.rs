//! A hold beats everything.

use super::{
    done, old_letter, publish, registered, remove_bytes, remove_metadata, remove_objects,
    retention, strict,
};
use hub::serve::Role;
use node::audit::AuditKind;
use tests::TestHub;
use tests::message::Provide;

const BY: [&str; 4] = ["--by", "A Clerk", "--reason", "letter before claim"];

fn place(hub: &TestHub, name: &str, scope: &[&str]) -> (bool, String) {
    let review = ["--review", "2099-06-01"];
    retention(hub, &[&["hold", "place", name], scope, &BY, &review].concat())
}

fn lift(hub: &TestHub, name: &str) -> (bool, String) {
    retention(hub, &[&["hold", "lift", name], &BY[..]].concat())
}

#[test]
fn what_is_on_hold_is_removed_by_nobody_until_the_hold_is_lifted() {
    let hub = TestHub::start();
    let letter = old_letter(1);
    publish(&hub, "RXN", &letter);
    let (placed, said) = place(&hub, "CLAIM-17", &["--patient", "9000000009"]);
    assert!(placed, "{said}");
    let words = ["the hold \"CLAIM-17\"", "operator has lifted"];
    let objects = registered(&hub);
    let remove = || remove_objects(&hub, "RXN", &objects);
    let metadata = hub.refuses(Role::Registry, &words, remove);
    assert_eq!(metadata.error_codes(), ["XDSRegistryError"]);
    let ids = [letter.unique_id.as_str()];
    let bytes = hub.refuses(Role::Repository, &words, || remove_bytes(&hub, "RXN", &ids));
    assert_eq!(bytes.error_codes(), ["XDSRemoveDocumentsError"]);
    assert_eq!(hub.last_audit(Role::Repository).event.decisions[0].decision, "hold");
    for answer in [&metadata, &bytes] {
        assert!(!answer.contains("claim") && !answer.contains("A Clerk"), "only the name is said");
    }
    assert!(lift(&hub, "CLAIM-17").0);
    assert_eq!(remove_metadata(&hub, "RXN").xds_status(), "Success");
    assert_eq!(remove_bytes(&hub, "RXN", &ids).xds_status(), "Success");
}

#[test]
fn a_hold_covers_what_its_scope_says_and_nothing_else() {
    let hub = TestHub::start();
    let (letter, other) = (Provide::letter(1), Provide::letter(2));
    publish(&hub, "RXN", &letter);
    publish(&hub, "RXR", &other);
    let scopes: [&[&str]; 4] = [
        &["--publisher", "RXN"],
        &["--document", &letter.unique_id],
        &["--type", "outpatient-letter", "--publisher", "RXN"],
        &["--everything"],
    ];
    for (n, scope) in scopes.iter().enumerate() {
        let name = format!("H-{n}");
        assert!(place(&hub, &name, scope).0);
        let answer = remove_bytes(&hub, "RXN", &[&letter.unique_id]);
        assert_eq!(answer.error_codes(), ["XDSRemoveDocumentsError"], "{scope:?}");
        assert!(lift(&hub, &name).0);
    }
    for (n, scope) in [&["--publisher", "RXR"][..], &["--patient", "9990000018"]].iter().enumerate()
    {
        assert!(place(&hub, &format!("OTHER-{n}"), scope).0);
    }
    let mixed = ["--publisher", "RXN", "--document", &other.unique_id];
    assert!(place(&hub, "MIXED", &mixed).0);
    assert_eq!(remove_bytes(&hub, "RXN", &[&letter.unique_id]).xds_status(), "Success");
    let held = remove_bytes(&hub, "RXR", &[&other.unique_id]);
    assert_eq!(held.error_codes(), ["XDSRemoveDocumentsError"]);
}

#[test]
fn bytes_stay_on_hold_after_their_metadata_was_removed() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    assert_eq!(remove_metadata(&hub, "RXN").xds_status(), "Success");
    assert!(registered(&hub).is_empty());
    assert_eq!(hub.count_indexed("removed_entry"), 1, "a trace stays");
    assert!(place(&hub, "CLAIM-17", &["--patient", "9000000009"]).0);
    let ids = [letter.unique_id.as_str()];
    assert_eq!(remove_bytes(&hub, "RXN", &ids).error_codes(), ["XDSRemoveDocumentsError"]);
    assert!(lift(&hub, "CLAIM-17").0);
    assert_eq!(remove_bytes(&hub, "RXN", &ids).xds_status(), "Success");
}

#[test]
fn holds_have_a_history_that_is_only_ever_added_to_and_is_on_record() {
    let hub = strict();
    assert!(place(&hub, "CLAIM-17", &["--patient", "9000000009"]).0);
    let (again, said) = place(&hub, "CLAIM-17", &["--everything"]);
    assert!(!again && said.contains("named CLAIM-17 before"), "{said}");
    assert!(done(&hub, &["hold", "list"]).contains("CLAIM-17"));
    assert!(lift(&hub, "CLAIM-17").0);
    let (twice, said) = lift(&hub, "CLAIM-17");
    assert!(!twice && said.contains("no hold named \"CLAIM-17\" stands"), "{said}");
    assert!(done(&hub, &["hold", "list"]).contains("no hold stands"));
    let all: serde_json::Value =
        serde_json::from_str(&done(&hub, &["hold", "list", "--all", "--json"])).unwrap();
    assert_eq!(all[0]["name"], "CLAIM-17");
    assert_eq!(all[0]["placedBy"], "A Clerk");
    assert_eq!(all[0]["lifted"]["by"], "A Clerk");
    assert!(!place(&hub, "CLAIM-17", &["--everything"]).0, "a name is given once");
    assert_eq!(hub.count_indexed("retention_hold"), 2);
    let mut records = hub.audit(Role::Registry);
    records.retain(|record| record.event.kind == AuditKind::Retention);
    let reasons: Vec<_> = records.iter().map(|record| record.event.reasons.join(" ")).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[0].contains("placed by A Clerk on one patient: letter before claim"));
    assert!(reasons[1].contains("lifted by A Clerk"));
    assert!(records[0].event.patient_id.as_ref().unwrap().starts_with("9000000009^^^"));
}

#[test]
fn a_hold_without_a_scope_or_with_a_number_in_its_name_is_refused() {
    let hub = strict();
    for (name, scope, words) in [
        ("CLAIM", &[][..], "say what is held"),
        ("P-9000000009", &["--everything"], "it holds an NHS number"),
        ("CLAIM", &["--type", "unheard"], "unheard"),
        ("A CLAIM", &["--everything"], "letters, digits"),
    ] {
        let (placed, said) = place(&hub, name, scope);
        assert!(!placed && said.contains(words), "{said}");
    }
    assert_eq!(hub.count_indexed("retention_hold"), 0);
}
