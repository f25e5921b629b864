//! The hub's event as a DICOM audit message (ITI TF-2 3.20, and each transaction's table).

use super::event::{AuditEvent, AuditKind, Outcome};
use base64::Engine;
use schemas::atna::{
    ActiveParticipant, AuditCode, AuditMessage, AuditSource, AuditSourceTypeCode,
    EventIdentification, ObjectDetail, ParticipantObject,
};

const DCM: &str = "DCM";
const IHE: &str = "IHE Transactions";
const WATLING: &str = "urn:watling:audit";

/// ParticipantObjectDataLifeCycle of what is no more (DICOM PS3.15 A.5.2).
const PERMANENT_ERASURE: &str = "15";
/// Of what has been replaced: it is found no more as a document in force.
const LOGICAL_DELETION: &str = "14";

/// Event id, action and type: the row of the transaction in the profile's table.
fn classification(event: &AuditEvent) -> (AuditCode, &'static str, Option<AuditCode>) {
    let ihe = |code: &str, text: &str| Some(AuditCode::new(code, IHE, text));
    let dcm = |code: &str, text: &str| AuditCode::new(code, DCM, text);
    let import = dcm("110107", "Import");
    let patient = dcm("110110", "Patient Record");
    let action = event.feed.as_ref().map_or("E", |feed| feed.action.code());
    match &event.kind {
        AuditKind::Transaction(name) => match name.as_str() {
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
            other => (
                import,
                "C",
                Some(AuditCode::new(other, "urn:nhs-itk:services:201005", "ITK message")),
            ),
        },
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
            let kind = AuditCode::new("quarantine", "urn:watling:audit", "Quarantined message");
            (import, "U", Some(kind))
        }
        AuditKind::Report => (dcm("110101", "Audit Log Used"), "R", None),
        AuditKind::Destruction => {
            let kind = AuditCode::new("destruction", WATLING, "Retention period ended");
            (dcm("110110", "Patient Record"), "D", Some(kind))
        }
        AuditKind::Outbox => {
            let kind = AuditCode::new("outbox", "urn:watling:audit", "Message of the hub's own");
            (dcm("110106", "Export"), "R", Some(kind))
        }
        AuditKind::SecurityConfiguration | AuditKind::Retention => {
            (dcm("110113", "Security Alert"), "E", Some(dcm("110129", "Security Configuration")))
        }
    }
}

/// One line of XML.
pub(super) fn message(event: &AuditEvent) -> String {
    let process = event.process.map(|id| id.to_string());
    let (id, action, kind) = classification(event);
    AuditMessage {
        event: EventIdentification {
            action: action.to_owned(),
            at: event.at.clone(),
            outcome: event.outcome.indicator().to_owned(),
            id,
            kind: kind.into_iter().collect(),
            description: (!event.reasons.is_empty()).then(|| event.reasons.join("; ")),
            purpose: event
                .purpose
                .iter()
                .map(|p| AuditCode::new(p, "urn:watling:purpose", p))
                .collect(),
        },
        participants: participants(event, process),
        source: AuditSource {
            id: format!("watling-{}", event.service),
            site: None,
            kind: AuditSourceTypeCode { code: "4".to_owned() },
        },
        objects: objects(event),
    }
    .xml()
}

fn participants(event: &AuditEvent, process: Option<String>) -> Vec<ActiveParticipant> {
    let address =
        event.address.as_deref().and_then(|a| a.rsplit_once(':')).map(|(host, _)| host.to_owned());
    // In an asynchronous exchange the source is its ReplyTo address (ITI TF-2 3.18.5.1 and others).
    let user_id = match (&event.reply_to, &event.organisation, &event.system) {
        (Some(reply_to), ..) => reply_to.clone(),
        (None, Some(organisation), Some(system)) => format!("{organisation}|{system}"),
        (None, None, Some(system)) => system.clone(),
        _ => address.clone().unwrap_or_else(|| "unknown".to_owned()),
    };
    let named = event.organisation.as_ref().zip(event.system.as_ref());
    let named = named.map(|(organisation, system)| format!("{organisation}|{system}"));
    // The ends of a feed are named as its messages name them (ITI TF-2 3.8.5.1).
    let feed = event.feed.as_ref();
    let sender = feed.and_then(|feed| feed.sender.clone());
    let receiver = feed.and_then(|feed| feed.receiver.clone());
    let source = ActiveParticipant {
        alternative_user_id: event.reply_to.as_ref().or(sender.as_ref()).and(named),
        user_id: sender.unwrap_or(user_id),
        user_name: event.acting_for.clone(),
        is_requestor: true,
        network_type: address.as_ref().map(|_| "2".to_owned()),
        network_id: address,
        role: vec![AuditCode::new("110153", DCM, "Source Role ID")],
    };
    let destination = ActiveParticipant {
        user_id: receiver.unwrap_or_else(|| format!("watling-{}", event.service)),
        alternative_user_id: process,
        is_requestor: false,
        role: vec![AuditCode::new("110152", DCM, "Destination Role ID")],
        ..ActiveParticipant::default()
    };
    vec![source, destination]
}

/// The message by which a feed named the patient.
fn feed_detail(event: &AuditEvent) -> Option<ObjectDetail> {
    let feed = event.feed.as_ref().filter(|feed| !feed.message_id.is_empty())?;
    let name = if event.kind_name() == "ITI-8" { "MSH-10" } else { "II" };
    let value = base64::engine::general_purpose::STANDARD.encode(&feed.message_id);
    Some(ObjectDetail { name: name.to_owned(), value })
}

fn objects(event: &AuditEvent) -> Vec<ParticipantObject> {
    let mut objects = Vec::new();
    let object = |id: &str, kind: &str, role: &str, id_type: AuditCode| ParticipantObject {
        id: id.to_owned(),
        kind: kind.to_owned(),
        role: role.to_owned(),
        id_type,
        ..ParticipantObject::default()
    };
    for patient in event.patients() {
        let id_type = AuditCode::new("2", "RFC-3881", "Patient Number");
        let mut patient = object(patient, "1", "1", id_type);
        patient.detail.extend(feed_detail(event));
        objects.push(patient);
    }
    if let Some(set) = &event.submission_set_unique_id {
        let marker = schemas::metadata::ids::submission_set::MARKER;
        let id_type =
            AuditCode::new(marker, "IHE XDS Metadata", "submission set classificationNode");
        objects.push(object(set, "2", "20", id_type));
    }
    for removed in &event.removed_objects {
        let id_type = AuditCode::new("entryUUID", "IHE XDS Metadata", "registry object entryUUID");
        let mut removed = object(removed, "2", "3", id_type);
        if event.outcome == Outcome::Success {
            removed.life_cycle = Some(PERMANENT_ERASURE.to_owned());
        }
        objects.push(removed);
    }
    for superseded in &event.superseded_objects {
        let id_type = AuditCode::new("entryUUID", "IHE XDS Metadata", "registry object entryUUID");
        let mut superseded = object(superseded, "2", "3", id_type);
        if event.outcome == Outcome::Success {
            superseded.life_cycle = Some(LOGICAL_DELETION.to_owned());
        }
        objects.push(superseded);
    }
    if let Some(request) = &event.query_request {
        let id_type = AuditCode::new("ITI-18", IHE, "Registry Stored Query");
        let mut query = object(event.query.as_deref().unwrap_or("query"), "2", "24", id_type);
        query.query = Some(request.clone());
        let encoding = base64::engine::general_purpose::STANDARD.encode("UTF-8");
        query.detail.push(ObjectDetail { name: "QueryEncoding".to_owned(), value: encoding });
        objects.push(query);
    }
    for document in &event.document_unique_ids {
        let id_type = AuditCode::new("9", "RFC-3881", "Report Number");
        let mut report = object(document, "2", "3", id_type);
        let erases = matches!(event.kind_name(), "ITI-86" | "destruction");
        if erases && event.outcome == Outcome::Success {
            report.life_cycle = Some(PERMANENT_ERASURE.to_owned());
        }
        let decided = event.decisions.iter().find(|d| d.unique_id == *document);
        if let Some(agreement) = decided.and_then(|decided| decided.agreement.as_ref()) {
            let value = base64::engine::general_purpose::STANDARD.encode(agreement);
            report.detail.push(ObjectDetail { name: "urn:watling:agreement".to_owned(), value });
        }
        objects.push(report);
    }
    objects
}
