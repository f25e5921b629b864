//! Documents that are taken back: who had read them, who is told, and what becomes of it.

mod apart;
mod decisions;
mod duplicates;
mod notices;
mod readers;
mod taken_back;

use crate::executable;
use hub::serve::Role;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tests::message::{self, Provide, scheme};
use tests::{Answer, TestHub};

fn publish(hub: &TestHub, ods: &str, letter: &Provide) {
    let answer = hub.request(ods, hub.url(Role::Repository)).soap(&letter.inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

/// A discharge summary, which the ambulance service may see as well as the practice.
fn discharge(number: u32) -> Provide {
    let snomed = "2.16.840.1.113883.6.96";
    Provide::letter(number).code(scheme::TYPE_CODE, "373942005", snomed).code(
        scheme::CLASS_CODE,
        "422735006",
        snomed,
    )
}

/// What an organisation is shown of patient 9000000009.
fn find(hub: &TestHub, ods: &str) -> Answer {
    let query = message::find_documents("9000000009", "LeafClass", "");
    hub.request(ods, hub.url(Role::Gateway)).soap(&query)
}

fn open(hub: &TestHub, ods: &str, letter: &Provide) -> Answer {
    let asked = message::retrieve(&[&letter.unique_id]);
    hub.request(ods, hub.url(Role::Gateway)).soap(&asked)
}

/// The entryUUID that a practice finds.
fn entry_uuid(hub: &TestHub, letter: &Provide) -> String {
    let found = find(hub, "ZZP01");
    let text = found.text();
    let mut entries = text.split("<rim:ExtrinsicObject id=\"").skip(1);
    let entry = entries.find(|entry| entry.contains(&letter.unique_id)).expect("it is shown");
    entry[..45].to_owned()
}

/// `watling report ...` beside a hub's folder, and what it said.
fn report_in(data: &Path, arguments: &[&str]) -> (bool, String) {
    run(&mut Command::new(executable()), data, arguments)
}

fn run(command: &mut Command, data: &Path, arguments: &[&str]) -> (bool, String) {
    command.arg("report").args(arguments).arg("--data").arg(data);
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), said + &String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn report(hub: &TestHub, arguments: &[&str]) -> String {
    let mut command = Command::new(executable());
    let (done, said) = run(hub.beside(&mut command), hub.data(), arguments);
    assert!(done, "{said}");
    said
}

fn json(said: &str) -> Value {
    serde_json::from_str(said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// Asks again until it is so: withdrawals go their way beside the requests.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it did not happen: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The withdrawals that the gateway knows of, once there are as many.
#[track_caller]
fn recalls(data: &Path, count: usize) -> Vec<Value> {
    until("the gateway knows of the withdrawals", || {
        let (done, said) = report_in(data, &["recalls", "--json"]);
        assert!(done, "{said}");
        let all = json(&said).as_array().expect("an array").clone();
        (all.len() >= count).then_some(all)
    })
}

/// (organisation, opened, listed, state) of an incident.
fn organisations(incident: &Value) -> Vec<(String, u64, u64, String)> {
    let all = incident["organisations"].as_array().expect("an array").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let count = |value: &Value| value.as_u64().expect("a number");
    all.map(|one| {
        let (opened, listed) = (count(&one["retrieved"]), count(&one["listed"]));
        (text(&one["organisation"]), opened, listed, text(&one["state"]))
    })
    .collect()
}
