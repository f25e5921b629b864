//! Merged patients keep their relationships, and have them back for themselves where it is undone.

use super::{OTHER, PATIENT, done, feed, finds, published, settled, soon, watling};

fn merge(subsumed: &str, surviving: &str) -> String {
    let pid = format!("{surviving}^^^NHS^NH");
    format!(
        "MSH|^~\\&|PAS|FACILITY|HUB|REGION|20260715100000||ADT^A40|M1|P|2.5\rEVN|A40\rPID|||{pid}\rMRG|{subsumed}^^^NHS^NH\r"
    )
}

#[test]
fn merged_patients_keep_their_relationships() {
    let hub = published();
    assert!(finds(&hub, "ZZP03", PATIENT, 1) && finds(&hub, "ZZP01", OTHER, 2));
    let answer = feed(&hub, "RXN").send(&merge(PATIENT, OTHER));
    assert_eq!(answer.code, "AA", "{answer:?}");
    settled(&hub);
    for practice in ["ZZP03", "ZZP01"] {
        for number in [1, 2] {
            assert!(finds(&hub, practice, OTHER, number), "{practice}: {number}");
        }
    }
}

#[test]
fn a_merge_by_hand_counts_like_one_of_a_feed_and_undone_each_has_its_own_again() {
    let hub = published();
    done(&watling(&hub, &["patient", "merge", PATIENT, "--into", OTHER]));
    soon("the practice of the subsumed number finds both", || finds(&hub, "ZZP03", OTHER, 2));
    done(&watling(&hub, &["patient", "unmerge", PATIENT]));
    soon("each has its own again", || !finds(&hub, "ZZP03", OTHER, 2));
    assert!(finds(&hub, "ZZP03", PATIENT, 1) && finds(&hub, "ZZP01", OTHER, 2));
    assert!(!finds(&hub, "ZZP01", PATIENT, 1));
}

#[test]
fn a_wish_that_was_said_under_the_subsumed_number_holds_for_the_survivor() {
    let hub = published();
    hub.apply(&format!("[[preference]]\npatient = \"{PATIENT}\"\nconsumer = \"ZZP01\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP03\"\n"));
    assert!(finds(&hub, "ZZP01", OTHER, 2));
    let answer = feed(&hub, "RXN").send(&merge(PATIENT, OTHER));
    assert_eq!(answer.code, "AA", "{answer:?}");
    settled(&hub);
    assert!(!finds(&hub, "ZZP01", OTHER, 2) && !finds(&hub, "ZZP01", OTHER, 1));
}
