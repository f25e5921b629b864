//! What citizens have said, entered beside a running hub: its next answer follows.

mod by_hand;
mod import;
mod merged;
mod modes;

use crate::executable;
use hub::serve::Role;
use std::path::Path;
use std::process::Command;
use tests::message::{self, Itk, Provide};
use tests::{Answer, TestHub};

const PATIENT: &str = "9000000009";
const DISCHARGE: &str = "2.25.122346624735976320989315329860700871681";
const LETTER: &str = "1.2.826.0.1.99999.20.1";

/// A hub with one letter and one discharge of the patient, published by RXN.
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

fn find(hub: &TestHub, ods: &str) -> Answer {
    let query = message::find_documents(PATIENT, "LeafClass", "");
    hub.request(ods, hub.url(Role::Gateway)).soap(&query)
}

/// Whether an organisation is shown the letter and the discharge.
fn sees(hub: &TestHub, ods: &str) -> (bool, bool) {
    let answer = find(hub, ods);
    (answer.contains(LETTER), answer.contains(DISCHARGE))
}

/// `watling ARGUMENTS --data ...`; what it said, if it succeeded.
fn run(data: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(executable());
    let output = command.args(arguments).arg("--data").arg(data).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// `watling preference VERB 9000000009 ...` as the patient's practice, in force at the hub's time.
fn say(hub: &TestHub, verb: &str, arguments: &[&str]) -> Result<String, String> {
    let ground = ["--as", "ZZP01", "--by", "Practice manager", "--evidence", "signed form"];
    let days: &[&str] = match verb {
        "withdraw" | "unseal" => &[],
        _ => &["--starts", "2026-07-01"],
    };
    run(hub.data(), &[&["preference", verb, PATIENT], arguments, days, &ground].concat())
}

#[track_caller]
fn said(hub: &TestHub, verb: &str, arguments: &[&str]) -> String {
    say(hub, verb, arguments).unwrap_or_else(|error| panic!("{verb} {arguments:?}: {error}"))
}
