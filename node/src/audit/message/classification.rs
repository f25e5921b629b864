//! The row of each event in the profile's table: event id, action and type (ITI TF-2 3.20, and the
//! security audit section of each transaction).

use super::{DCM, IHE, WATLING};
use crate::audit::event::{AuditEvent, AuditKind};
use schemas::atna::AuditCode;

/// Event id, action and type: the row of the transaction in the profile's table.
pub(super) fn classification(event: &AuditEvent) -> (AuditCode, &'static str, Option<AuditCode>) {
    let import = dcm("110107", "Import");
    let patient = dcm("110110", "Patient Record");
    let action = event.feed.as_ref().map_or("E", |feed| feed.action.code());
    match &event.kind {
        AuditKind::Transaction(name) => transaction(name, action),
        AuditKind::PatientIdentity => (patient, action, None),
        AuditKind::UnknownRequest => (dcm("110113", "Security Alert"), "E", None),
        AuditKind::NodeAuthenticationFailure => {
            (dcm("110113", "Security Alert"), "E", Some(dcm("110126", "Node Authentication")))
        }
        AuditKind::Start => {
            (dcm("110100", "Application Activity"), "E", Some(dcm("110120", "Application Start")))
        }
        AuditKind::Stop => {
            (dcm("110100", "Application Activity"), "E", Some(dcm("110121", "Application Stop")))
        }
        AuditKind::Quarantine => {
            let kind = AuditCode::new("quarantine", WATLING, "Quarantined message");
            (import, "U", Some(kind))
        }
        AuditKind::Report => (dcm("110101", "Audit Log Used"), "R", None),
        AuditKind::Destruction => {
            let kind = AuditCode::new("destruction", WATLING, "Retention period ended");
            (dcm("110110", "Patient Record"), "D", Some(kind))
        }
        AuditKind::Outbox => {
            let kind = AuditCode::new("outbox", WATLING, "Message of the hub's own");
            (dcm("110106", "Export"), "R", Some(kind))
        }
        AuditKind::AuditLog => {
            let kind = AuditCode::new("audit-log", WATLING, "Content expired or records merged");
            (dcm("110101", "Audit Log Used"), "U", Some(kind))
        }
        AuditKind::UserAuthenticationFailure => {
            (dcm("110114", "User Authentication"), "E", Some(dcm("110122", "Login")))
        }
        AuditKind::SecurityConfiguration | AuditKind::Retention => {
            (dcm("110113", "Security Alert"), "E", Some(dcm("110129", "Security Configuration")))
        }
    }
}

fn dcm(code: &str, text: &str) -> AuditCode {
    AuditCode::new(code, DCM, text)
}

fn transaction(name: &str, action: &'static str) -> (AuditCode, &'static str, Option<AuditCode>) {
    let ihe = |code: &str, text: &str| Some(AuditCode::new(code, IHE, text));
    let import = dcm("110107", "Import");
    let patient = dcm("110110", "Patient Record");
    match name {
        "ITI-18" => (dcm("110112", "Query"), "E", ihe("ITI-18", "Registry Stored Query")),
        "ITI-41" => (import, "C", ihe("ITI-41", "Provide and Register Document Set-b")),
        "ITI-42" => (import, "C", ihe("ITI-42", "Register Document Set-b")),
        "ITI-8" => (patient, action, ihe("ITI-8", "Patient Identity Feed")),
        "ITI-44" => (patient, action, ihe("ITI-44", "Patient Identity Feed")),
        "ITI-43" => (dcm("110106", "Export"), "R", ihe("ITI-43", "Retrieve Document Set")),
        "ITI-57" => (import, "U", ihe("ITI-57", "Update Document Set")),
        "ITI-61" => (import, "C", ihe("ITI-61", "Register On-Demand Document Entry")),
        "ITI-62" => (dcm("110110", "Patient Record"), "D", ihe("ITI-62", "Remove Metadata")),
        "ITI-92" => (import, "U", ihe("ITI-92", "Restricted Update Document Set")),
        "ITI-86" => (dcm("110110", "Patient Record"), "D", ihe("ITI-86", "Remove Documents")),
        "FOLDER" => (import, "C", Some(AuditCode::new("folder", WATLING, "Watched folder"))),
        "UPLOAD" => (import, "C", Some(AuditCode::new("upload", WATLING, "Upload"))),
        "Recall" => {
            let kind = AuditCode::new("recall", WATLING, "Recall of documents");
            (dcm("110110", "Patient Record"), "U", Some(kind))
        }
        "Completeness" => {
            let kind = AuditCode::new("completeness", WATLING, "Completeness of a list");
            (dcm("110112", "Query"), "E", Some(kind))
        }
        other => {
            (import, "C", Some(AuditCode::new(other, "urn:nhs-itk:services:201005", "ITK message")))
        }
    }
}
