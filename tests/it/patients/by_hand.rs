//! What an operator does: merges undone, numbers frozen and parted, pairs that are never linked.

use super::{ONE, OTHER, THIRD, ask, found, hub, register, registered};
use crate::executable;
use hub::serve::Role;
use std::io::Write;
use std::process::{Command, Stdio};
use tests::TestHub;
use tests::message::{self, Provide};

/// `watling patient ...`; what it said, if it succeeded.
fn run(hub: &TestHub, arguments: &[&str], input: &str) -> Result<String, String> {
    let config = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(config.path(), hub.configuration()).unwrap();
    let mut command = Command::new(executable());
    command.arg("patient").args(arguments).arg("--data").arg(hub.data());
    command.arg("--config").arg(config.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[track_caller]
fn done(hub: &TestHub, arguments: &[&str]) {
    run(hub, arguments, "").unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
}

#[track_caller]
fn refused(hub: &TestHub, arguments: &[&str], word: &str) {
    let error = run(hub, arguments, "").unwrap_err();
    assert!(error.contains(word) && !error.contains("999000"), "{arguments:?}: {error}");
}

fn pair() -> String {
    format!("{ONE}\n{OTHER}\n")
}

fn three() -> TestHub {
    let hub = hub();
    for (number, patient) in [(1, ONE), (2, OTHER), (3, THIRD)] {
        registered(&hub, number, patient);
    }
    hub
}

#[test]
fn an_undone_merge_gives_back_exactly_what_was_its_own() {
    let hub = three();
    done(&hub, &["merge", ONE, "--into", OTHER]);
    done(&hub, &["merge", OTHER, "--into", THIRD]);
    registered(&hub, 4, THIRD);
    assert_eq!(found(&hub, THIRD), [1, 2, 3, 4]);
    done(&hub, &["unmerge", OTHER]);
    assert_eq!((found(&hub, OTHER), found(&hub, THIRD)), (vec![1, 2], vec![3, 4]));
    registered(&hub, 5, OTHER);
    done(&hub, &["unmerge", ONE]);
    assert_eq!((found(&hub, ONE), found(&hub, OTHER)), (vec![1], vec![2, 5]));
    refused(&hub, &["unmerge", ONE], "not merged");
    let records = hub.audit(Role::Registry);
    let by_hand = records.iter().filter(|record| record.event.kind_name() == "patient-identity");
    assert_eq!(by_hand.count(), 2 + 2 + 1 + 1 + 1, "each command is on record");
}

#[test]
fn two_who_must_never_be_linked_are_not_and_no_list_shows_them_together() {
    let hub = three();
    run(&hub, &["protect"], &pair()).unwrap();
    refused(&hub, &["merge", ONE, "--into", OTHER], "closed to merging");
    refused(&hub, &["merge", OTHER, "--into", ONE], "closed to merging");
    done(&hub, &["merge", OTHER, "--into", THIRD]);
    refused(&hub, &["merge", ONE, "--into", THIRD], "closed to merging");
    assert_eq!((found(&hub, ONE), found(&hub, THIRD)), (vec![1], vec![2, 3]));
    assert!(!run(&hub, &["list-problems"], "").unwrap().contains(ONE));
    for record in hub.audit(Role::Registry) {
        let text = record.message() + &serde_json::to_string(&record).unwrap();
        assert!(!(text.contains(ONE) && text.contains(OTHER)), "{text}");
        if record.event.kind_name() == "patient-identity" && !text.contains(THIRD) {
            assert!(!text.contains(ONE), "{text}");
        }
    }
    run(&hub, &["unprotect"], &pair()).unwrap();
    done(&hub, &["merge", ONE, "--into", THIRD]);
    assert_eq!(found(&hub, THIRD), [1, 2, 3]);
}

#[test]
fn protecting_two_who_are_merged_parts_them() {
    let hub = three();
    done(&hub, &["merge", ONE, "--into", THIRD]);
    done(&hub, &["merge", OTHER, "--into", THIRD]);
    run(&hub, &["protect"], &pair()).unwrap();
    assert_eq!((found(&hub, ONE), found(&hub, THIRD)), (vec![1], vec![2, 3]));
    assert_eq!(hub.count_indexed("patient_merge"), 1, "forgotten as well");
}

#[test]
fn a_shared_number_is_frozen_and_parted_entry_by_entry_and_back() {
    let hub = three();
    registered(&hub, 4, ONE);
    let entry = entry_uuid(&hub, ONE, 4);
    refused(&hub, &["split", &entry, "--to", THIRD], "freeze it first");
    done(&hub, &["freeze", ONE]);
    let warned = ask(&hub, ONE);
    assert_eq!((warned.xds_status().as_str(), found(&hub, ONE)), ("Success", vec![1, 4]));
    assert!(warned.contains("ErrorSeverityType:Warning") && warned.contains("share this patient"));
    assert_eq!(register(&hub, 5, ONE).error_codes(), ["XDSRegistryError"]);
    refused(&hub, &["merge", ONE, "--into", OTHER], "closed to merging");
    assert!(run(&hub, &["list-problems"], "").unwrap().contains("shared number"));
    done(&hub, &["split", &entry, "--to", THIRD]);
    assert_eq!((found(&hub, ONE), found(&hub, THIRD)), (vec![1], vec![3, 4]));
    done(&hub, &["unsplit", &entry]);
    assert_eq!((found(&hub, ONE), found(&hub, THIRD)), (vec![1, 4], vec![3]));
    refused(&hub, &["unsplit", &entry], "not split off");
    done(&hub, &["split", &entry, "--to", THIRD]);
    done(&hub, &["unfreeze", ONE]);
    assert_eq!((found(&hub, ONE), found(&hub, THIRD)), (vec![1], vec![3, 4]));
    registered(&hub, 5, ONE);
    let gone = |table| hub.count_indexed(table);
    assert_eq!(gone("document_entry"), 5);
}

/// The entryUUID of a document, as the registry assigned it.
fn entry_uuid(hub: &TestHub, patient: &str, number: u32) -> String {
    let answer = ask(hub, patient).text();
    let unique_id = Provide::letter(number).unique_id;
    let entry = answer.split("<rim:ExtrinsicObject ").skip(1);
    let entry = entry.chain(answer.split("<ExtrinsicObject ").skip(1));
    let mut entry = entry.filter(|entry| entry.contains(&format!("\"{unique_id}\"")));
    let entry = entry.next().expect("the entry");
    let tag = format!(" {}", entry.split('>').next().unwrap_or_default());
    tag.split(" id=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[test]
fn readers_at_the_gateway_are_warned_of_a_shared_number() {
    let hub = hub();
    let patients = hub::fixtures::patients().unwrap();
    let patient = patients.iter().find(|p| p.practice.as_str() == "ZZP01").unwrap();
    let number = patient.number.digits();
    let publisher = hub.request("RXN", hub.url(Role::Repository));
    let answer = publisher.soap(&Provide::letter(1).patient(&number).inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    done(&hub, &["freeze", &number]);
    let ask = |ods: &str| {
        let gateway = hub.request(ods, hub.url(Role::Gateway));
        gateway.soap(&message::find_documents(&number, "LeafClass", ""))
    };
    let seen = ask("ZZP01");
    assert_eq!(seen.xds_status(), "Success", "{}", seen.text());
    assert!(seen.contains("share this patient"), "{}", seen.text());
    let other = ask("ZZP02");
    assert!(!other.contains("share this patient"), "who sees nothing learns nothing");
}
