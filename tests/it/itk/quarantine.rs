//! What may not be indexed as it is waits in quarantine, and leaves it by a decision.

use super::*;
use crate::executable;
use schemas::ods_code::OdsCode;
use serde_json::Value;
use std::process::Command;

/// `watling quarantine ...` beside the hub, and what it said.
fn quarantine(hub: &TestHub, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(executable());
    command.arg("quarantine").args(arguments).arg("--data").arg(hub.data());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), said + &String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn done(hub: &TestHub, arguments: &[&str]) -> String {
    let (done, said) = quarantine(hub, arguments);
    assert!(done, "{said}");
    said
}

fn listed(hub: &TestHub) -> Vec<Value> {
    serde_json::from_str(&done(hub, &["list", "--json"])).unwrap()
}

const BY: [&str; 4] = ["--by", "A Clerk", "--reason", "looked it up"];

fn decide(hub: &TestHub, arguments: &[&str]) -> (bool, String) {
    quarantine(hub, &[arguments, &BY].concat())
}

fn waits(hub: &TestHub, itk: &Itk, reason: &str) {
    accepted(hub, itk);
    assert_eq!(hub.contents(), (0, 0), "nothing of it is indexed or stored");
    let reasons = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(reasons.contains(&format!("({reason})")), "{reasons}");
}

fn altered(from: &str, to: &str) -> Itk {
    let itk = discharge();
    assert!(itk.payload.contains(from));
    Itk { payload: itk.payload.replace(from, to), ..itk }
}

const NUMBER: &str = "root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990000026\"";

#[test]
fn what_has_no_sure_patient_waits_with_its_reason() {
    let hub = TestHub::start();
    let unverified = "root=\"2.16.840.1.113883.2.1.3.2.4.18.23\" extension=\"9990000026\"";
    let of = |number: &str| NUMBER.replace("9990000026", number);
    let custodian = "<id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"RXN\"/><name>Trust</name></representedCustodianOrganization>";
    for (itk, reason) in [
        (altered(NUMBER, "nullFlavor=\"UNK\""), "no-nhs-number"),
        (altered(NUMBER, &of("999000002")), "malformed"),
        (altered(NUMBER, &of("9990000027")), "check-digit"),
        (altered(NUMBER, &of("1111111111")), "repeated-digit"),
        (altered(NUMBER, unverified), "untraced"),
        (altered(custodian, "</representedCustodianOrganization>"), "no-custodian"),
    ] {
        waits(&hub, &itk, reason);
        let list = listed(&hub);
        assert_eq!(list[0]["reason"], reason);
        assert_eq!((&list[0]["publisher"], &list[0]["route"]), (&"RXN".into(), &"itk".into()));
        assert_eq!(list[0]["trackingId"], itk.tracking_id);
    }
    assert_eq!(listed(&hub).len(), 6);
    assert!(!find(&hub, "9990000026", "").contains(&unique_id(DOCUMENT)));
}

#[test]
fn an_operator_says_whose_document_it_is_and_the_hub_registers_it() {
    let hub = TestHub::start();
    waits(&hub, &altered(NUMBER, "nullFlavor=\"UNK\""), "no-nhs-number");
    let said = done(&hub, &[&["resolve", "1", "--nhs-number", "9990000026"], &BY[..]].concat());
    assert!(said.contains("over: registered"), "{said}");
    assert!(find(&hub, "9990000026", "").contains(&unique_id(DOCUMENT)));
    assert_eq!((hub.contents(), listed(&hub).len()), ((1, 1), 0));
    assert_eq!(hub.count(Role::Repository, "front_door.db", "quarantine_payload"), 0);
    let all = done(&hub, &["list", "--all"]);
    assert!(all.contains("over: registered"), "{all}");
    let events = hub.audit(Role::Repository);
    let told = |event: &node::audit::AuditEvent| event.reasons.join("; ").contains("A Clerk");
    let told: Vec<_> = events.iter().filter(|record| told(&record.event)).collect();
    assert_eq!(told.len(), 2, "the decision and what came of it are on record");
    let (done, said) = decide(&hub, &["drop", "1"]);
    assert!(!done && said.contains("is over"), "{said}");
}

#[test]
fn the_same_quarantined_message_again_is_a_replay() {
    let hub = TestHub::start();
    let itk = altered(NUMBER, "nullFlavor=\"UNK\"");
    waits(&hub, &itk, "no-nhs-number");
    accepted(&hub, &itk);
    assert_eq!(listed(&hub).len(), 1);
}

#[test]
fn what_is_redriven_without_a_fix_stays_with_its_reason() {
    let hub = TestHub::start();
    waits(&hub, &altered(NUMBER, "nullFlavor=\"UNK\""), "no-nhs-number");
    let (done, said) = decide(&hub, &["redrive", "1"]);
    assert!(!done && said.contains("stays in quarantine"), "{said}");
    assert!(said.contains("has no NHS number"), "{said}");
    assert_eq!(hub.contents(), (0, 0));
}

#[test]
fn a_fix_of_the_configuration_lets_a_message_through() {
    let mut hub = TestHub::start();
    waits(&hub, &altered("9990000026", "9990000027"), "check-digit");
    hub.restart_with(|options| allow(&mut options.config, "9990000027"));
    let said = done(&hub, &[&["redrive", "1"], &BY[..]].concat());
    assert!(said.contains("over: registered"), "{said}");
    assert!(find(&hub, "9990000026", "").contains(&unique_id(DOCUMENT)));
}

#[test]
fn what_is_dropped_is_forgotten_and_stays_on_the_list() {
    let hub = TestHub::start();
    waits(&hub, &altered(NUMBER, "nullFlavor=\"UNK\""), "no-nhs-number");
    done(&hub, &[&["drop", "1"], &BY[..]].concat());
    assert_eq!(hub.count(Role::Repository, "front_door.db", "quarantine_payload"), 0);
    assert!(done(&hub, &["list", "--all"]).contains("over: dropped"));
    let (done, said) = decide(&hub, &["resolve", "1", "--nhs-number", "9990000026"]);
    assert!(!done && said.contains("is over"), "{said}");
}

#[test]
fn a_decision_waits_for_a_hub_that_does_not_run() {
    let mut hub = TestHub::start();
    waits(&hub, &altered(NUMBER, "nullFlavor=\"UNK\""), "no-nhs-number");
    hub.restart_with(|options| options.roles = vec![Role::Registry, Role::Gateway]);
    let said = done(&hub, &[&["resolve", "1", "--nhs-number", "9990000026"], &BY[..]].concat());
    assert!(said.contains("when the repository is served again"), "{said}");
    hub.restart_with(|options| options.roles = Vec::new());
    for _ in 0..100 {
        if listed(&hub).is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(find(&hub, "9990000026", "").contains(&unique_id(DOCUMENT)));
}

#[test]
fn who_a_document_is_about_is_shown_on_demand_and_that_is_on_record() {
    let hub = TestHub::start();
    waits(&hub, &altered("9990000026", "9990000027"), "check-digit");
    let plain = done(&hub, &["show", "1"]);
    assert!(plain.contains(DOCUMENT) && plain.contains("check digit"), "{plain}");
    assert!(!plain.contains("SYNTHETIC") && !plain.contains("9990000027"), "{plain}");
    let (shown, said) = quarantine(&hub, &["show", "1", "--patient"]);
    assert!(!shown && said.contains("--by"), "{said}");
    let with = done(&hub, &["show", "1", "--patient", "--by", "A Clerk"]);
    assert!(with.contains("SYNTHETIC") && with.contains("9990000027"), "{with}");
    let reasons = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(reasons.contains("A Clerk looked at the patient"), "{reasons}");
}

#[test]
fn a_refusal_comes_before_the_quarantine() {
    let hub = TestHub::start();
    let itk = altered(NUMBER, "nullFlavor=\"UNK\"");
    let payload = itk.payload.replace("20260714153000+01", "yesterday");
    refused(&hub, "1000", &["effectiveTime"], &Itk { payload, ..itk }.message());
    assert!(listed(&hub).is_empty());
}

fn allow(config: &mut hub::config::Config, number: &str) {
    let sender = OdsCode::parse("RXN").unwrap();
    config.itk.accept_invalid_numbers.insert(sender, vec![number.to_owned()]);
}

#[test]
fn a_test_allowance_is_for_its_sender_and_its_numbers_alone() {
    let hub = TestHub::with(|options| allow(&mut options.config, "9990000027"));
    accepted(&hub, &altered("9990000026", "9990000027"));
    assert!(find(&hub, "9990000026", "").contains(&unique_id(DOCUMENT)), "its digit is put right");
    accepted(&hub, &Itk::discharge("9990000019", "8C1D2E3F-40A1-4B52-8C63-D475E6F70819"));
    assert_eq!(listed(&hub).len(), 1, "another number waits");
    let other = Itk::discharge("9990000027", "9C1D2E3F-40A1-4B52-8C63-D475E6F70819");
    let identity = "urn:nhs-uk:identity:ods:RXR:ward1".to_owned();
    let other = Itk { identity, ..other };
    let message = other.message().replace("addressing:ods:RXN", "addressing:ods:RXR");
    assert_ok(&sender(&hub, "RXR").post(&message), &other.tracking_id);
    assert_eq!(listed(&hub).len(), 2, "another sender's waits");
    assert_eq!(hub.contents(), (1, 1));
}

#[test]
fn a_message_in_quarantine_that_names_nobody_is_in_no_log_or_list() {
    let hub = TestHub::start();
    waits(&hub, &altered("9990000026", "9990000027"), "check-digit");
    let list = done(&hub, &["list"]);
    assert!(!list.contains("9990000027") && !list.contains("SYNTHETIC"), "{list}");
    let (known, said) = quarantine(&hub, &["show", "7"]);
    assert!(!known && said.contains("no message 7 was ever in quarantine"), "{said}");
}
