//! Legitimate relationships, from what the region already produces: each sentence over the wire, on a
//! hub whose clock moves.

mod apart;
mod asserted;
mod by_hand;
mod death;
mod documents;
mod feed;
mod flags;
mod lists;
mod merges;
mod succession;

use crate::executable;
use hub::config::Config;
use hub::serve::Role;
use registry::identity::PatientIdentitySource;
use schemas::ods_code::OdsCode;
use serde_json::Value;
use std::process::{Command, Output};
use tests::message::{self, Provide};
use tests::{Answer, Feed, TestHub};

/// Of practice ZZP03, with an encounter at RXL.
const PATIENT: &str = "9990000018";
/// Of practice ZZP01.
const OTHER: &str = "9990000026";

const DAY: i64 = 86_400;

fn source(ods: &str, registrations: bool) -> PatientIdentitySource {
    PatientIdentitySource {
        ods: OdsCode::parse(ods).unwrap(),
        system: None,
        application: None,
        facility: None,
        merges: registrations,
        registrations,
        encounters: ods != "QE1",
    }
}

/// RXN may merge and name practices; RTX tells of its visits.
fn configure(config: &mut Config) {
    config.registry.patient_identity_sources = vec![source("RXN", true), source("RTX", false)];
}

fn hub() -> TestHub {
    TestHub::with(|options| {
        configure(&mut options.config);
        options.mllp_listen = Some(([127, 0, 0, 1], 0).into());
    })
}

/// With a letter of each patient, published by RXN.
fn published() -> TestHub {
    let hub = hub();
    for (number, patient) in [(1, PATIENT), (2, OTHER)] {
        publish(&hub, &Provide::letter(number).patient(patient).inline());
    }
    hub
}

#[track_caller]
fn publish(hub: &TestHub, envelope: &str) {
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(envelope);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

fn feed(hub: &TestHub, ods: &str) -> Feed {
    let ca = hub.pki().join("ca.pem");
    Feed::connect(&hub.door("mllp"), &ca, Some(hub.certificate(ods)))
}

fn adt(event: &str, patient: &str, more: &str) -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let id = &id[..20];
    format!(
        "MSH|^~\\&|PAS|FACILITY|HUB|REGION|20260715100000||ADT^{event}|{id}|P|2.5\rEVN|{event}\rPID|||{patient}^^^NHS^NH{more}\r"
    )
}

#[track_caller]
fn send(hub: &TestHub, ods: &str, message: &str) {
    let answer = feed(hub, ods).send(message);
    assert_eq!(answer.code, "AA", "{answer:?}");
}

fn ask(hub: &TestHub, ods: &str, patient: &str) -> Answer {
    hub.request(ods, hub.url(Role::Gateway)).soap(&message::find_documents(
        patient,
        "LeafClass",
        "",
    ))
}

/// Whether an organisation finds the letter of this number with the patient.
fn finds(hub: &TestHub, ods: &str, patient: &str, number: u32) -> bool {
    let answer = ask(hub, ods, patient);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    answer.contains(&format!("\"{}\"", Provide::letter(number).unique_id))
}

/// What the registry was told is on its way for a moment.
#[track_caller]
fn soon(what: &str, is: impl Fn() -> bool) {
    for _ in 0..200 {
        if is() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("{what}");
}

/// Until the gateway has taken all that the registry was told.
#[track_caller]
fn settled(hub: &TestHub) {
    soon("the gateway takes what the registry was told", || hub.count_indexed("told") == 0);
}

fn watling(hub: &TestHub, arguments: &[&str]) -> Output {
    let mut command = Command::new(executable());
    command.args(arguments).arg("--data").arg(hub.data());
    hub.beside(&mut command).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
fn done(output: &Output) -> String {
    let said = text(output);
    assert!(output.status.success(), "{said}");
    said
}

/// What is kept of a patient's relationships.
#[track_caller]
fn kept(hub: &TestHub, patient: &str) -> Vec<Value> {
    let output = watling(hub, &["relationship", "list", patient, "--json"]);
    done(&output);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn of(rows: &[Value], ods: &str, kind: &str) -> Value {
    let found = rows.iter().find(|row| row["ods"] == ods && row["kind"] == kind);
    found.unwrap_or_else(|| panic!("{ods} {kind}: {rows:?}")).clone()
}
