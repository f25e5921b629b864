//! Who may see what and why not, as people read it: `explain`, `matrix`, `gaps` beside a running hub.

use crate::executable;
use hub::serve::Role;
use serde_json::Value;
use std::process::Command;
use tests::TestHub;
use tests::message::{Itk, Provide};

const PATIENT: &str = "9000000009";
const LETTER: &str = "1.2.826.0.1.99999.20.1";

fn published() -> TestHub {
    let hub = TestHub::start();
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(1).inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let discharge = Itk::discharge(PATIENT, "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01");
    let answer =
        hub.request("RXN", hub.itk_url()).content_type("text/xml").post(discharge.message());
    assert!(answer.contains("OK:"), "{}", answer.text());
    hub
}

/// What a command says, whether it ended well, and that every line fits.
fn agreement(hub: &TestHub, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(executable());
    command.arg("agreement").args(arguments).arg("--data").arg(hub.data());
    let output = hub.beside(&mut command).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    for line in said.lines().filter(|_| !arguments.contains(&"--json")) {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(!said.contains(PATIENT) && !complaint.contains(PATIENT), "{said}{complaint}");
    (output.status.success(), said + &complaint)
}

/// On one line, so that a sentence is found wherever it is wrapped.
fn unwrapped(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn json(hub: &TestHub, arguments: &[&str]) -> Value {
    let (done, said) = agreement(hub, &[arguments, &["--json"]].concat());
    assert!(done, "{said}");
    serde_json::from_str(&said).unwrap()
}

#[test]
fn each_entry_is_explained_by_control_and_agreement_with_what_would_have_to_change() {
    let hub = published();
    let (done, said) = agreement(&hub, &["explain", "--as", "RX7", PATIENT]);
    let said = unwrapped(&said);
    assert!(done, "{said}");
    for words in [
        "as paramedic for urgent-care, through rx7-integration",
        "1 permitted, 1 withheld",
        "passes, by LSC-URGENT-2026#1",
        "passes, by standing",
        "it would pass if the agreement is amended to cover the type",
        LETTER,
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let found = json(&hub, &["explain", "--as", "ZZP02", PATIENT]);
    let entries = found["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        assert_eq!(
            (&entry["permitted"], &entry["reason"]),
            (&false.into(), &"no-relationship".into())
        );
        assert_eq!(entry["findings"][1]["agreement"], "LSC-GP-2026#1", "{entry}");
        assert_eq!(entry["findings"][2]["passes"], false);
    }
}

#[test]
fn the_explanation_is_what_the_gateway_does() {
    let hub = published();
    let find = tests::message::find_documents(PATIENT, "LeafClass", "");
    for ods in ["RX7", "ZZP01", "ZZP02", "RXL", "RXN", "323", "RW5"] {
        let answer = hub.request(ods, hub.url(Role::Gateway)).soap(&find);
        let found = json(&hub, &["explain", "--as", ods, PATIENT]);
        for entry in found["entries"].as_array().unwrap() {
            let seen = answer.contains(&format!("value=\"{}\"", entry["id"].as_str().unwrap()));
            assert_eq!(seen, entry["permitted"] == true, "{ods}: {entry}");
        }
    }
}

#[test]
fn that_it_was_asked_is_on_record_with_the_patient() {
    let hub = published();
    agreement(&hub, &["explain", "--as", "ZZP01", PATIENT]);
    let event = hub.last_audit(Role::Gateway).event;
    assert_eq!(event.kind_name(), "report");
    assert!(event.patient_id.unwrap().starts_with(PATIENT));
    assert!(event.reasons[0].contains("what ZZP01 would see: 2 permitted, 0 withheld"));
}

#[test]
fn a_refusal_that_no_patient_changes_is_explained_without_one() {
    let hub = published();
    for (ods, reason) in [("ZZP06", "not-a-member"), ("325", "no-agreement")] {
        let (done, said) = agreement(&hub, &["explain", "--as", ods, PATIENT]);
        assert!(
            done && said.contains(reason) && said.contains("it would be answered if"),
            "{said}"
        );
        assert!(!said.contains("RXN"), "{said}");
    }
    let (_, said) =
        agreement(&hub, &["explain", "--as", "ZZP01", "--purpose", "research", PATIENT]);
    assert!(said.contains("purpose-not-allowed"), "{said}");
    let (done, said) = agreement(&hub, &["explain", "--as", "QE1", PATIENT]);
    assert!(!done && said.contains("no system asks for QE1"), "{said}");
}

#[test]
fn of_a_protected_patient_no_place_is_told() {
    let hub = published();
    let mut command = Command::new(executable());
    command.args(["patient", "sensitive", PATIENT, "--on", "--reason", "a lead"]);
    let output = hub.beside(command.arg("--data").arg(hub.data())).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for arguments in
        [&["explain", "--as", "RX7", PATIENT][..], &["explain", "--as", "RX7", PATIENT, "--json"]]
    {
        let (done, said) = agreement(&hub, arguments);
        assert!(done && said.contains("withheld"), "{said}");
        for place in ["RXN", "LSC-URGENT", LETTER] {
            assert!(!said.contains(place), "{place}: {said}");
        }
    }
}

#[test]
fn who_may_see_what_fits_a_page_and_a_spreadsheet() {
    let hub = TestHub::start();
    let (done, said) = agreement(&hub, &["matrix"]);
    assert!(done, "{said}");
    for words in
        ["For direct-care, as clinician", "For urgent-care, as paramedic", "ZZP01 +4", "own"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (_, said) = agreement(&hub, &["matrix", "--consumer", "RX7"]);
    assert!(said.contains("LSC-URGENT-2026#1") && !said.contains("LSC-GP-2026"), "{said}");
    let cells = json(&hub, &["matrix", "--publisher", "323"]);
    let cells = cells.as_array().unwrap();
    assert!(!cells.is_empty() && cells.iter().all(|cell| cell["publisher"] == "323"));
    let mut command = Command::new(executable());
    command.args(["agreement", "matrix", "--csv", "--data"]).arg(hub.data());
    let csv = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(csv.starts_with("consumer,publisher,group,types,role,purpose"), "{csv}");
    assert!(csv.lines().any(|line| line.starts_with("RX7,RXN,discharge,*,paramedic,urgent-care")));
    let (done, said) = agreement(&hub, &["matrix", "--consumer", "XXX"]);
    assert!(!done && said.contains("XXX is not an organisation"), "{said}");
}

#[test]
fn what_is_left_undone_is_said_with_what_to_do_next() {
    let hub = TestHub::start();
    let (done, said) = agreement(&hub, &["gaps"]);
    assert!(done, "{said}");
    for words in ["Connected, not signed", "ZZP06", "Requested, not decided", "Suspended", "next:"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (ended_well, _) = agreement(&hub, &["gaps", "--fail"]);
    assert!(!ended_well, "there are some");
    let gaps = json(&hub, &["gaps"]);
    let unsigned = gaps.as_array().unwrap().iter().filter(|g| g["kind"] == "connected-unsigned");
    let about: Vec<&Value> = unsigned.map(|gap| &gap["about"]).collect();
    assert_eq!(about, ["ZZP06"]);
}
