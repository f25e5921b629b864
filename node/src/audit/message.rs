//! The hub's event as DICOM audit messages (ITI TF-2 3.20, and each transaction's table).
//!
//! One record is one message, except that each patient has a message of their own, and so have what
//! was delivered and what was not; breaking the glass is an alert beside them. The same event always
//! gives the same messages.

mod classification;
mod objects;
mod participants;
mod parts;

use super::event::AuditEvent;
use classification::classification;
use schemas::atna::{
    AuditCode, AuditMessage, AuditSource, AuditSourceTypeCode, EventIdentification,
};

const DCM: &str = "DCM";
const IHE: &str = "IHE Transactions";
const WATLING: &str = "urn:watling:audit";

/// ParticipantObjectDataLifeCycle of what is no more (DICOM PS3.15 A.5.2).
const PERMANENT_ERASURE: &str = "15";
/// Of what has been replaced: it is found no more as a document in force.
const LOGICAL_DELETION: &str = "14";

/// Documents of one message; the rest follows in further ones.
const DOCUMENTS_MAX: usize = 100;
/// A longer query (base64) is named by its digest: receivers take messages of limited size.
const QUERY_CHARACTERS_MAX: usize = 32 * 1024;

/// Each message on one line of XML.
pub(super) fn messages(event: &AuditEvent) -> Vec<String> {
    let mut all: Vec<String> = parts::parts(event).iter().map(message).collect();
    if let Some(reason) = &event.break_glass {
        all.push(emergency_override(event, reason));
    }
    all
}

fn message(event: &AuditEvent) -> String {
    let (id, action, kind) = classification(event);
    let reasons = (!event.reasons.is_empty()).then(|| event.reasons.join("; "));
    written(event, identification(event, id, action, kind, reasons))
}

/// The alert that somebody broke the glass (DICOM PS3.15 A.5.3.11, code 110127).
fn emergency_override(event: &AuditEvent, reason: &str) -> String {
    let id = AuditCode::new("110113", DCM, "Security Alert");
    let kind = Some(AuditCode::new("110127", DCM, "Emergency Override Started"));
    written(event, identification(event, id, "E", kind, Some(reason.to_owned())))
}

fn identification(
    event: &AuditEvent,
    id: AuditCode,
    action: &str,
    kind: Option<AuditCode>,
    description: Option<String>,
) -> EventIdentification {
    let purpose = event.purpose.iter().map(|p| AuditCode::new(p, "urn:watling:purpose", p));
    EventIdentification {
        action: action.to_owned(),
        at: event.happened_at().to_owned(),
        outcome: event.outcome.indicator().to_owned(),
        id,
        kind: kind.into_iter().collect(),
        description,
        purpose: purpose.collect(),
    }
}

fn written(event: &AuditEvent, identification: EventIdentification) -> String {
    let message = AuditMessage {
        event: identification,
        participants: participants::participants(event),
        source: AuditSource {
            id: format!("watling-{}", event.service),
            site: None,
            kind: AuditSourceTypeCode { code: "4".to_owned() },
        },
        objects: objects::objects(event),
    };
    message.xml().chars().map(allowed).collect()
}

/// What XML 1.0 has no place for, and what would end the line, can come from a certificate.
fn allowed(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => ' ',
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests;
