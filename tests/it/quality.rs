//! Quality: what becomes of each document is counted, by whatever road it comes, and reported without
//! naming a patient.

use crate::executable;
use hub::serve::Role;
use serde_json::Value;
use std::process::Command;
use tests::TestHub;
use tests::message::{self, Itk, Provide};

const PATIENT: &str = "9990000026";
const DOCUMENT: &str = "3F2504E0-4F89-41D3-9A0C-0305E82C3301";

fn report(hub: &TestHub, arguments: &[&str]) -> String {
    let mut command = Command::new(executable());
    command
        .args(["report", "quality", "--since", "520w", "--data"])
        .arg(hub.data())
        .args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("999000") && !text.contains("2.25."), "it names nobody: {text}");
    text
}

fn rows(hub: &TestHub) -> Vec<Value> {
    let report: Value = serde_json::from_str(&report(hub, &["--format", "json"])).unwrap();
    report["rows"].as_array().unwrap().clone()
}

fn row(hub: &TestHub, document_type: &str) -> Value {
    let rows = rows(hub);
    let mut found = rows.iter().filter(|row| row["documentType"] == document_type);
    found.next().unwrap_or_else(|| panic!("{document_type} in {rows:?}")).clone()
}

fn itk(hub: &TestHub, message: &Itk) -> u16 {
    hub.request("RXN", hub.itk_url()).content_type("text/xml").post(message.message()).status
}

fn numbered(n: usize) -> String {
    format!("3F2504E0-4F89-41D3-9A0C-0305E82C33{n:02}")
}

/// A discharge whose event ended at a time, with sections.
fn discharge(n: usize, ended: &str, sections: &str) -> Itk {
    let itk = Itk::discharge(PATIENT, &numbered(n));
    let encounter = format!(
        "<componentOf><encompassingEncounter><effectiveTime><high value=\"{ended}\"/></effectiveTime></encompassingEncounter></componentOf><component><structuredBody>{sections}</structuredBody></component>"
    );
    let payload = itk.payload.replace("<component><structuredBody/></component>", &encounter);
    assert_ne!(payload, itk.payload);
    Itk { payload, ..itk }
}

fn section(title: &str, text: &str) -> String {
    format!("<component><section><title>{title}</title><text>{text}</text></section></component>")
}

#[test]
fn what_becomes_of_each_document_is_counted_by_type_and_week() {
    let hub = TestHub::start();
    assert_eq!(itk(&hub, &Itk::discharge(PATIENT, &numbered(1))), 200);
    assert_eq!(itk(&hub, &Itk::discharge("9990000027", &numbered(2))), 200, "into quarantine");
    let broken =
        Itk { payload: message::cda(PATIENT, "no id"), ..Itk::discharge(PATIENT, DOCUMENT) };
    assert_eq!(itk(&hub, &broken), 500);
    let row = row(&hub, "inpatient-discharge");
    assert_eq!(
        (&row["received"], &row["registered"], &row["rejected"], &row["quarantined"]),
        (&3.into(), &1.into(), &1.into(), &1.into()),
        "{row}"
    );
    assert_eq!((&row["publisher"], &row["weekFrom"]), (&"RXN".into(), &"2026-07-13".into()));
    assert_eq!(row["routes"]["itk"], 3);
}

#[test]
fn a_message_that_is_refused_at_the_envelope_is_counted_too() {
    let hub = TestHub::start();
    let late =
        Itk { expires: "2026-07-15T11:00:00Z".to_owned(), ..Itk::discharge(PATIENT, DOCUMENT) };
    assert_eq!(itk(&hub, &late), 500);
    let row = row(&hub, "");
    assert_eq!((&row["rejected"], &row["received"]), (&1.into(), &1.into()), "{row}");
}

#[test]
fn the_same_again_is_one_document() {
    let hub = TestHub::start();
    let itk_message = Itk::discharge(PATIENT, DOCUMENT);
    for _ in 0..3 {
        assert_eq!(itk(&hub, &itk_message), 200);
    }
    let letter = Provide::letter(1).inline();
    for _ in 0..3 {
        let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&letter);
        assert_eq!(answer.xds_status(), "Success");
    }
    assert_eq!(row(&hub, "inpatient-discharge")["received"], 1);
    assert_eq!(row(&hub, "outpatient-letter")["received"], 1);
    assert_eq!(row(&hub, "outpatient-letter")["routes"]["iti-41"], 1);
}

#[test]
fn every_road_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let hub = TestHub::with(|options| crate::senders::watch(options, folder.path(), "ZZH01"));
    let refused = Provide::letter(1).code(message::scheme::TYPE_CODE, "unknown", "1.2.3");
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&refused.inline());
    assert_eq!(answer.xds_status(), "Failure");
    let upload = hub.request("RXN", hub.door("upload")).content_type("text/xml");
    assert_eq!(upload.post(message::cda(PATIENT, &numbered(1))).status, 201);
    std::fs::write(folder.path().join("letter.xml"), message::cda(PATIENT, &numbered(2))).unwrap();
    let receipt = folder.path().join("sent/letter.xml.receipt.json");
    crate::senders::eventually("a receipt", || receipt.exists());
    let rows = rows(&hub);
    for (route, outcome) in
        [("iti-41", "rejected"), ("upload", "registered"), ("folder", "registered")]
    {
        let counted = |row: &&Value| row["routes"][route] == 1 && row[outcome] == 1;
        assert_eq!(rows.iter().filter(counted).count(), 1, "{route} in {rows:?}");
    }
}

#[test]
fn late_documents_and_their_headings_are_told() {
    let hub = TestHub::start();
    let full: String = [
        "GP practice",
        "Patient demographics",
        "Distribution list",
        "Discharge details",
        "Clinical summary",
        "Diagnoses",
        "Allergies and adverse reactions",
        "Person completing record",
    ]
    .iter()
    .map(|title| section(title, "something is said"))
    .collect();
    let none = full.replacen("something is said", "None", 1);
    assert_eq!(itk(&hub, &discharge(1, "20260715110000Z", &full)), 200);
    assert_eq!(itk(&hub, &discharge(2, "20260714110000Z", &none)), 200);
    assert_eq!(itk(&hub, &discharge(3, "20260710110000Z", "")), 200);
    let row = row(&hub, "inpatient-discharge");
    assert_eq!(
        (&row["late"], &row["timed"], &row["medianMinutes"]),
        (&2.into(), &3.into(), &1500.into()),
        "{row}"
    );
    assert_eq!(row["withStandard"], 3, "{row}");
    assert_eq!(row["missingHeading"], 1, "{row}");
    assert_eq!(row["missing"]["Diagnoses"], 1, "{row}");
    assert_eq!(row["unstructured"], 0, "{row}");
    let table = report(&hub, &["--late-after", "48"]);
    for part in
        ["RXN  Inpatient discharge summary", "Late >48 h", "1 (33%)", "missing: ", "Diagnoses 1"]
    {
        assert!(table.contains(part), "{part} in {table}");
    }
    let csv = report(&hub, &["--publisher", "RXN", "--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2, "{csv}");
    assert!(lines[0].starts_with("publisher,document_type,week_from,received,"), "{csv}");
    assert!(
        lines[1].starts_with("RXN,inpatient-discharge,2026-07-13,3,3,0,0,2,3,66.7,1500,0,3,1,"),
        "{csv}"
    );
    assert_eq!(report(&hub, &["--publisher", "RXL", "--format", "csv"]).lines().count(), 1);
}

#[test]
fn an_unstructured_document_is_told() {
    let hub = TestHub::start();
    let pdf = Provide {
        mime_type: "application/pdf".to_owned(),
        document: b"%PDF-1.7\n".to_vec(),
        ..Provide::letter(1)
    };
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&pdf.inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let row = row(&hub, "outpatient-letter");
    assert_eq!((&row["unstructured"], &row["examined"]), (&1.into(), &1.into()), "{row}");
}
