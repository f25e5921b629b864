//! DICOM messages of every transaction and kind of event against the official schema.

use crate::schema::schemas_folder;
use hub::serve::Role;
use node::audit::{
    AuditEvent, AuditKind, AuditRecord, DecidedEntry, FeedAction, FeedRecord, Outcome,
};
use schemas::transaction::Transaction;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::TestHub;
use tests::message::{self, Itk, Provide};

fn xsd() -> Option<PathBuf> {
    Some(schemas_folder()?.join("audit").join("dicom2017c.xsd"))
}

/// Validates many messages with one run of xmllint.
#[track_caller]
fn all_valid(xsd: &Path, messages: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmllint");
    command.args(["--nonet", "--noout", "--schema"]).arg(xsd);
    for (number, message) in messages.iter().enumerate() {
        let file = folder.path().join(format!("{number:04}.xml"));
        std::fs::write(&file, message).unwrap();
        command.arg(file);
    }
    let output = command.output().expect("xmllint is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn kinds() -> Vec<AuditKind> {
    use AuditKind::{
        AuditLog, Destruction, NodeAuthenticationFailure, Outbox, PatientIdentity, Quarantine,
        Report, Retention, SecurityConfiguration, Start, Stop, UnknownRequest,
        UserAuthenticationFailure,
    };
    let mut kinds = vec![
        UnknownRequest,
        NodeAuthenticationFailure,
        UserAuthenticationFailure,
        Start,
        Stop,
        SecurityConfiguration,
        PatientIdentity,
        Retention,
        Quarantine,
        Destruction,
        Outbox,
        Report,
        AuditLog,
    ];
    let others =
        ["ITI-8", "ITK", "FOLDER", "UPLOAD", "urn:nhs-itk:services:201005:sendDistEnvelope"];
    let known = Transaction::XDS.into_iter().map(Transaction::name);
    kinds.extend(known.chain(others).map(|name| AuditKind::Transaction(name.to_owned())));
    kinds
}

/// An event with everything that one can have.
fn full(kind: AuditKind) -> AuditEvent {
    let text = |text: &str| Some(text.to_owned());
    let patient = |number: &str| Some(format!("{number}^^^&2.16.840.1.113883.2.1.4.1&ISO"));
    let decided = |id: &str, number: &str, decision: &str| DecidedEntry {
        unique_id: id.to_owned(),
        patient_id: patient(number),
        publisher_ods: "RXN".to_owned(),
        type_code: "736373009".to_owned(),
        decision: decision.to_owned(),
        agreement: text("LTHT-GP-2026#3"),
        relationship: text("gp-registration"),
        control: text("agreement"),
        ..DecidedEntry::default()
    };
    AuditEvent {
        at: "2026-07-15T12:00:00.000Z".to_owned(),
        process: Some(4711),
        organisation: text("ZZP01"),
        acting_for: text("ZZP02"),
        system: text("a <\"system\"> & its\u{2} name"),
        address: text("[::1]:50311"),
        reply_to: text("https://zzp01.example/answers"),
        purpose: text("urgent-care"),
        role: text("clinician"),
        user: text("jane<123456789012@https://idp.example>"),
        department: text("A&E"),
        break_glass: text("unconscious, no next of kin"),
        submission_set_unique_id: text("1.2.3"),
        document_unique_ids: vec!["1.2.3.1".to_owned(), "1.2.3.2".to_owned(), "1.9".to_owned()],
        removed_objects: vec!["urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d".to_owned()],
        superseded_objects: vec!["urn:uuid:24d4debf-8f97-4251-9a74-a90016b0af0d".to_owned()],
        decisions: vec![
            decided("1.2.3.1", "9990000018", "permit"),
            decided("1.2.3.2", "9990000026", "permit"),
            decided("1.2.3.3", "9990000018", "preference"),
        ],
        reasons: vec!["one".to_owned(), "two\nlines".to_owned()],
        feed: Some(FeedRecord {
            action: FeedAction::Delete,
            message_id: "M1".to_owned(),
            sender: text("RXN|PAS"),
            receiver: text("HUB|REGISTRY"),
        }),
        message_id: text("urn:uuid:1"),
        correlation_id: text("1"),
        ..AuditEvent::new("gateway", kind, Outcome::MinorFailure)
    }
}

#[test]
fn messages_of_every_transaction_and_kind_validate_against_the_dicom_schema() {
    let Some(xsd) = xsd() else { return };
    let mut messages = Vec::new();
    for kind in kinds() {
        for outcome in [Outcome::Success, Outcome::MinorFailure, Outcome::SeriousFailure] {
            let bare = AuditEvent {
                at: "2026-07-15T12:00:00.000Z".to_owned(),
                ..AuditEvent::new("registry", kind.clone(), outcome)
            };
            let query = AuditEvent {
                query: Some("FindDocuments".to_owned()),
                query_request: Some("PEFkaG9jUXVlcnlSZXF1ZXN0Lz4=".to_owned()),
                ..full(kind.clone())
            };
            for event in [bare, AuditEvent { outcome, ..full(kind.clone()) }, query] {
                messages.extend(AuditRecord { seq: 1, event }.messages());
            }
        }
    }
    assert!(messages.len() > 500, "{}", messages.len());
    all_valid(&xsd, &messages);
}

#[test]
fn what_a_hub_records_of_a_day_validates_against_the_dicom_schema() {
    let Some(xsd) = xsd() else { return };
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let repository = hub.request("RXN", hub.url(Role::Repository));
    assert_eq!(repository.soap(&letter.inline()).xds_status(), "Success");
    let bad = Provide::letter(2).slot("creationTime", &[]).inline();
    assert_eq!(repository.soap(&bad).xds_status(), "Failure");
    let itk = Itk::discharge("9990000026", "3F2504E0-4F89-41D3-9A0C-0305E82C3301");
    hub.request("RXN", hub.itk_url()).content_type("text/xml").post(itk.message());
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    gateway.soap(&message::find_documents("9000000009", "LeafClass", ""));
    gateway.soap(&message::retrieve(&[letter.unique_id.as_str(), "1.2.3"]));
    gateway.soap("<not-soap/>");
    hub.anonymous(hub.url(Role::Gateway)).soap("<x/>");
    repository.soap(&message::remove("1.2.826.0.1.99999.40.1", &[&letter.unique_id]));
    let records = Role::ALL.into_iter().flat_map(|role| hub.audit(role));
    let messages: Vec<String> = records.flat_map(|record| record.messages()).collect();
    assert!(messages.len() > 10, "{}", messages.len());
    all_valid(&xsd, &messages);
}
