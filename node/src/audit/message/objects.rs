//! What an event was about: patients, sets, queries, documents.

use super::{IHE, LOGICAL_DELETION, PERMANENT_ERASURE, QUERY_CHARACTERS_MAX};
use crate::audit::event::{AuditEvent, Outcome};
use base64::Engine;
use schemas::atna::{AuditCode, ObjectDetail, ParticipantObject};
use sha2::{Digest, Sha256};

/// The message by which a feed named the patient.
fn feed_detail(event: &AuditEvent) -> Option<ObjectDetail> {
    let feed = event.feed.as_ref().filter(|feed| !feed.message_id.is_empty())?;
    let name = if event.kind_name() == "ITI-8" { "MSH-10" } else { "II" };
    Some(detail(name, &feed.message_id))
}

fn object(id: &str, kind: &str, role: &str, id_type: AuditCode) -> ParticipantObject {
    ParticipantObject {
        id: id.to_owned(),
        kind: kind.to_owned(),
        role: role.to_owned(),
        id_type,
        ..ParticipantObject::default()
    }
}

fn detail(name: &str, value: impl AsRef<[u8]>) -> ObjectDetail {
    let value = base64::engine::general_purpose::STANDARD.encode(value);
    ObjectDetail { name: name.to_owned(), value }
}

pub(super) fn objects(event: &AuditEvent) -> Vec<ParticipantObject> {
    let mut objects = Vec::new();
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
    let gone = event.removed_objects.iter().map(|id| (id, PERMANENT_ERASURE));
    let replaced = event.superseded_objects.iter().map(|id| (id, LOGICAL_DELETION));
    for (id, life_cycle) in gone.chain(replaced) {
        let id_type = AuditCode::new("entryUUID", "IHE XDS Metadata", "registry object entryUUID");
        let mut changed = object(id, "2", "3", id_type);
        changed.life_cycle = (event.outcome == Outcome::Success).then(|| life_cycle.to_owned());
        objects.push(changed);
    }
    objects.extend(query(event));
    // Queries are audited, their results are not (ITI TF-2 3.18.5.1).
    if event.query_request.is_none() {
        objects.extend(event.document_unique_ids.iter().map(|id| document(event, id)));
    }
    objects
}

fn query(event: &AuditEvent) -> Option<ParticipantObject> {
    let request = event.query_request.as_ref()?;
    let id_type = AuditCode::new("ITI-18", IHE, "Registry Stored Query");
    let mut query = object(event.query.as_deref().unwrap_or("query"), "2", "24", id_type);
    if request.len() <= QUERY_CHARACTERS_MAX {
        query.query = Some(request.clone());
        query.detail.push(detail("QueryEncoding", "UTF-8"));
    } else {
        query.detail.push(detail("urn:watling:query-sha256", Sha256::digest(request)));
    }
    Some(query)
}

fn document(event: &AuditEvent, id: &str) -> ParticipantObject {
    let id_type = AuditCode::new("9", "RFC-3881", "Report Number");
    let mut report = object(id, "2", "3", id_type);
    let erases = matches!(event.kind_name(), "ITI-86" | "destruction");
    if erases && event.outcome == Outcome::Success {
        report.life_cycle = Some(PERMANENT_ERASURE.to_owned());
    }
    let decided = event.decisions.iter().find(|decided| decided.unique_id == id);
    for (name, value) in [
        ("urn:watling:agreement", decided.and_then(|decided| decided.agreement.as_ref())),
        ("urn:watling:relationship", decided.and_then(|decided| decided.relationship.as_ref())),
    ] {
        report.detail.extend(value.map(|value| detail(name, value)));
    }
    report
}
