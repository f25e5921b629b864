//! Who has seen what: as the patient may read it, whole, for a publisher, and counted.

use crate::executable;
use hub::serve::Role;
use node::audit::{Audit, AuditEvent, AuditKind, DecidedEntry, Outcome};
use node::clock::Clock;
use serde_json::Value;
use std::process::Command;
use tests::TestHub;
use tests::message::{self, Provide};

const PATIENT: &str = "9000000009";

/// `watling ...` beside the hub; what it said, if it succeeded.
#[track_caller]
fn watling(hub: &TestHub, arguments: &[&str]) -> String {
    let config = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(config.path(), hub.configuration()).unwrap();
    let mut command = Command::new(executable());
    command.args(arguments).arg("--data").arg(hub.data()).arg("--config").arg(config.path());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(hub: &TestHub, arguments: &[&str]) -> Vec<Value> {
    let text = watling(hub, arguments);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

const ASKED: [&str; 4] = ["--by", "D Records", "--reason", "subject access request 114"];

fn who_saw(patient: &str, more: &[&'static str]) -> Vec<String> {
    let start = ["audit", "who-saw", patient].map(str::to_owned);
    let rest = ASKED.iter().chain(more).map(|text| (*text).to_owned());
    start.into_iter().chain(rest).collect()
}

#[track_caller]
fn asked(hub: &TestHub, patient: &str, more: &[&'static str]) -> Vec<Value> {
    let arguments = who_saw(patient, more);
    json(hub, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A letter that a practice lists and opens, and that an ambulance and another practice are not shown.
fn read_hub() -> (TestHub, Provide) {
    let hub = TestHub::with(|options| options.config.audit.checkpoint_records = 1);
    let letter = Provide::letter(1);
    let repository = hub.request("RXN", hub.url(Role::Repository));
    assert_eq!(repository.soap(&letter.inline()).xds_status(), "Success");
    let find = message::find_documents(PATIENT, "LeafClass", "");
    for ods in ["ZZP01", "RX7", "ZZP02"] {
        hub.request(ods, hub.url(Role::Gateway)).soap(&find);
    }
    let open = message::retrieve(&[&letter.unique_id]);
    let opened = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&open);
    assert_eq!(opened.xds_status(), "Success");
    (hub, letter)
}

/// A record as the gateway would write it.
fn recorded(hub: &TestHub, patient: &str, purpose: &str, type_code: &str) {
    let kind = AuditKind::Transaction("ITI-43".to_owned());
    let mut event = AuditEvent::new("gateway", kind, Outcome::Success);
    event.organisation = Some("ZZP01".to_owned());
    event.acting_for = Some("ZZP01".to_owned());
    event.system = Some("zzp01-records".to_owned());
    event.user = Some("jane<123456789012@https://idp.example>".to_owned());
    event.purpose = Some(purpose.to_owned());
    event.document_unique_ids = vec!["1.2.826.0.1.99999.20.77".to_owned()];
    event.decided(vec![DecidedEntry {
        unique_id: "1.2.826.0.1.99999.20.77".to_owned(),
        patient_id: Some(format!("{patient}^^^&2.16.840.1.113883.2.1.4.1&ISO")),
        publisher_ods: "RXN".to_owned(),
        type_code: type_code.to_owned(),
        decision: "permit".to_owned(),
        agreement: Some("own".to_owned()),
        ..DecidedEntry::default()
    }]);
    let folder = hub.data().join("gateway");
    let audit = Audit::open(&folder, "gateway", Clock::System).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(audit.record(event)).unwrap();
}

#[test]
fn the_subject_reads_organisations_moments_and_kinds_and_nothing_of_staff_or_systems() {
    let (hub, letter) = read_hub();
    let rows = asked(&hub, PATIENT, &["--json"]);
    let facts: Vec<_> = rows.iter().map(|r| (r["what"].as_str(), r["purpose"].as_str())).collect();
    let expected = [(Some("listed"), Some("direct-care")), (Some("opened"), Some("direct-care"))];
    assert_eq!(facts, expected, "{rows:?}");
    for row in &rows {
        let text = row.to_string();
        assert!(row["organisation"].as_str().is_some_and(|name| name.contains(' ')), "{text}");
        for hidden in ["integration", "127.0.0.1", &letter.unique_id, "RXN", "paramedic", PATIENT] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
    let arguments = who_saw(PATIENT, &[]);
    let said = watling(&hub, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[test]
fn safeguarding_is_not_told_to_the_subject_and_is_told_to_the_investigator() {
    let (hub, _) = read_hub();
    recorded(&hub, PATIENT, "safeguarding", "736373009");
    recorded(&hub, PATIENT, "direct-care", "229054004");
    assert_eq!(asked(&hub, PATIENT, &["--json"]).len(), 2, "neither the purpose nor the type");
    let whole = asked(&hub, PATIENT, &["--view", "investigator", "--json"]);
    let named = |purpose: &str| whole.iter().any(|row| row["purpose"] == purpose);
    assert!(named("safeguarding"), "{whole:?}");
    let person = whole.iter().find(|row| row["user"] != "").expect("the person");
    assert_eq!(person["user"], "jane<123456789012@https://idp.example>");
    let types = whole.iter().flat_map(|row| row["documents"].as_array().unwrap());
    assert!(types.into_iter().any(|one| one["typeCode"] == "229054004"));
}

#[test]
fn the_investigator_reads_every_decision_with_its_agreement_system_and_address() {
    let (hub, letter) = read_hub();
    let rows = asked(&hub, PATIENT, &["--view", "investigator", "--json"]);
    let opened = rows.iter().find(|row| row["event"] == "ITI-43" && row["service"] == "gateway");
    let opened = opened.expect("the retrieval");
    assert_eq!((&opened["organisation"], &opened["role"]), (&"ZZP01".into(), &"clinician".into()));
    assert!(opened["address"].as_str().unwrap().starts_with("127.0.0.1:"), "{opened}");
    let document = &opened["documents"][0];
    assert_eq!(document["uniqueId"], letter.unique_id.as_str());
    assert!(document["agreement"].as_str().unwrap().contains('#'), "{document}");
    let refused = rows.iter().find(|row| row["organisation"] == "ZZP02").expect("the refusal");
    assert_eq!(refused["documents"][0]["shown"], false, "{refused}");
    assert!(rows.iter().any(|row| row["event"] == "ITI-41"), "who published it");
    let scanned = asked(&hub, PATIENT, &["--view", "investigator", "--json", "--scan"]);
    // The first question is on record by now, about this patient.
    assert_eq!(scanned.len(), rows.len() + 1);
    let csv = who_saw(PATIENT, &["--view", "investigator", "--csv"]);
    let csv = watling(&hub, &csv.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(csv.starts_with("at,service,seq,event,") && csv.contains(&letter.unique_id), "{csv}");
}

#[test]
fn the_question_itself_is_on_record_with_who_asked_and_why() {
    let (hub, _) = read_hub();
    asked(&hub, PATIENT, &["--json"]);
    let event = hub.last_audit(Role::Gateway).event;
    assert_eq!(event.kind, AuditKind::Report);
    assert!(event.patient_id.is_some_and(|patient| patient.starts_with(PATIENT)));
    assert!(event.reasons[0].contains("D Records: subject access request 114"));
}

#[test]
fn readings_of_a_number_that_was_merged_are_told_too() {
    let hub = TestHub::start();
    recorded(&hub, "9990000026", "direct-care", "736373009");
    assert_eq!(asked(&hub, "9990000018", &["--json"]).len(), 0);
    for patient in ["9990000018", "9990000026"] {
        watling(&hub, &["patient", "add", patient]);
    }
    watling(&hub, &["patient", "merge", "9990000026", "--into", "9990000018"]);
    assert_eq!(asked(&hub, "9990000018", &["--json"]).len(), 1);
}

#[test]
fn a_publisher_reads_who_has_read_what_it_publishes_and_no_patient_is_named() {
    let (hub, letter) = read_hub();
    let rows = json(&hub, &["audit", "by", "RXN", "--json"]);
    let facts: Vec<_> =
        rows.iter().map(|r| (r["organisation"].as_str(), r["what"].as_str())).collect();
    let of = |ods, what| (Some(ods), Some(what));
    assert_eq!(facts, [of("ZZP01", "listed"), of("ZZP01", "opened")]);
    assert!(rows.iter().all(|row| row["uniqueId"] == letter.unique_id.as_str()));
    let csv = watling(&hub, &["audit", "by", "RXN", "--csv"]);
    assert!(csv.lines().count() == 3 && !csv.contains(PATIENT), "{csv}");
    assert_eq!(json(&hub, &["audit", "by", "RXL", "--json"]).len(), 0);
    assert_eq!(json(&hub, &["audit", "by", "RXN", "--until", "2026-01-01", "--json"]).len(), 0);
}

#[test]
fn usage_is_counted_by_month_organisation_type_and_outcome() {
    let (hub, _) = read_hub();
    let rows = json(&hub, &["report", "usage", "--json"]);
    let row = |ods: &str, transaction: &str| {
        let mut of = rows.iter();
        of.find(|row| row["organisation"] == ods && row["transaction"] == transaction).unwrap()
    };
    let opened = row("ZZP01", "ITI-43");
    assert_eq!((&opened["month"], &opened["outcome"]), (&"2026-07".into(), &"success".into()));
    assert_eq!((&opened["requests"], &opened["shown"]), (&1.into(), &1.into()));
    let refused = row("ZZP02", "ITI-18");
    assert_eq!((&refused["shown"], &refused["withheld"]), (&0.into(), &1.into()), "{refused}");
    let csv = watling(&hub, &["report", "usage", "--csv"]);
    assert!(csv.starts_with("month,organisation,department,"), "{csv}");
    assert!(watling(&hub, &["report", "usage"]).contains("2026-07  "));
}

#[test]
fn an_exported_piece_is_proved_by_the_command_without_the_logs() {
    let (hub, _) = read_hub();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("piece.jsonl");
    let out = path.to_str().unwrap();
    // What the command itself records is not the service's to sign.
    let export = ["audit", "export", "--service", "gateway", "--until", "2026-08-01", "--out"];
    let said = watling(&hub, &[&export[..], &[out]].concat());
    assert!(said.contains("proved by the signed checkpoint"), "{said}");
    let said = watling(&hub, &["audit", "verify", "--piece", out]);
    assert!(said.contains("whole"), "{said}");
    let messages = folder.path().join("messages.xml");
    watling(
        &hub,
        &[
            "audit",
            "export",
            "--service",
            "gateway",
            "--dicom",
            "--out",
            messages.to_str().unwrap(),
        ],
    );
    let text = std::fs::read_to_string(&messages).unwrap();
    assert!(text.lines().all(|line| line.starts_with("<AuditMessage")), "{text}");
}
