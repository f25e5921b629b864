//! The notice to one organisation: a non-coded CDA with a text that a clinician reads and a system
//! can find its copy by. Pure.

use super::plan::{Affected, State};
use crate::letter::Letter;
use crate::store::recall::Incident;
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::recall::{Reason, Withdrawn, WithdrawnDocument};
use uuid::Uuid;

pub const PROFILE: &str = "urn:nhs-en:profile:NonCodedCDADocument-v2-1";
pub const INTERACTION: &str = "primaryRecipientNonCodedCDADocument-v2-0";
pub const SERVICE: &str = "SendCDADocument-v2-0";

/// A message about an incident, to one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub incident: Uuid,
    pub destination: OdsCode,
    pub tracking_id: Uuid,
    pub payload_id: Uuid,
    /// The organisation that sends it.
    pub hub: OdsCode,
    /// The ClinicalDocument.
    pub payload: String,
}

/// How far the message with this tracking id is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub tracking_id: Uuid,
    pub state: State,
    pub detail: Option<String>,
}

impl Notice {
    pub(super) fn new(
        incident: &Incident,
        one: &Affected,
        code_sets: &CodeSets,
        hub: &OdsCode,
    ) -> Self {
        let withdrawn = &incident.withdrawn;
        let words = words(withdrawn, one, code_sets);
        Self {
            incident: withdrawn.id,
            destination: one.organisation.clone(),
            tracking_id: one.tracking_id,
            payload_id: one.payload_id,
            hub: hub.clone(),
            payload: Letter {
                title: headline(withdrawn.reason),
                patient: &withdrawn.patient_id,
                at: &withdrawn.at,
                payload_id: one.payload_id,
                to: &one.organisation,
                hub,
                words: &words,
            }
            .write(),
        }
    }
}

/// What happened, for a heading.
pub fn headline(reason: Reason) -> &'static str {
    match reason {
        Reason::WrongPatient => "Document filed under the wrong patient",
        Reason::Corrected => "Document replaced by a corrected version",
        Reason::MetadataUpdated => "Details of a document corrected",
        Reason::Deprecated => "Document no longer current",
        Reason::Removed => "Document withdrawn",
    }
}

fn what_to_do(reason: Reason) -> &'static str {
    match reason {
        Reason::WrongPatient => {
            "It may be about another person. Remove every copy from this patient's record, check what was decided on it, and act on your own incident procedure."
        }
        Reason::Corrected => {
            "Do not use your copy. Open the new version at the hub, and check what was decided on the old one."
        }
        Reason::MetadataUpdated => {
            "The document itself is unchanged. Look it up again at the hub, and correct how your copy is filed."
        }
        Reason::Deprecated => {
            "Do not use your copy. Look at the hub for what is current, and check what was decided on it."
        }
        Reason::Removed => {
            "Do not use your copy, and remove it from this patient's record. Check what was decided on it."
        }
    }
}

/// The text of the notice.
fn words(withdrawn: &Withdrawn, one: &Affected, code_sets: &CodeSets) -> String {
    let Withdrawn { reason, patient_id, at, by, .. } = withdrawn;
    let patient = match patient_id {
        PatientId::Nhs(number) => format!("NHS number {}", number.digits()),
        PatientId::Other(cx) => format!("Local identifier {}", cx.text()),
    };
    let mut text = format!(
        "{}\n\n{patient}\nTaken back on {} (UTC) by {by}\nReference {}\n",
        headline(*reason),
        time(at),
        withdrawn.id
    );
    for document in &withdrawn.documents {
        text.push_str(&lines(document, code_sets));
    }
    text.push_str(&format!("\nWhat to do\n{}\n\nWhy you are told\n", what_to_do(*reason)));
    for (count, what) in [(one.retrieved, "opened it"), (one.listed, "was shown it in an answer")] {
        if count > 0 {
            let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
            text.push_str(&format!("Your organisation {what} {times}.\n"));
        }
    }
    let addressed = if one.addressed { "It was addressed to your organisation.\n" } else { "" };
    let between = match (&one.first_at, &one.last_at) {
        (Some(first), Some(last)) => format!("First at {first}, last at {last}.\n"),
        _ => String::new(),
    };
    format!(
        "{text}{addressed}{between}\nAcknowledge this message when your copy has been dealt with.\n"
    )
}

fn lines(document: &WithdrawnDocument, code_sets: &CodeSets) -> String {
    let known = code_sets.document_type(&document.type_code, &document.practice_setting);
    let label = known.map_or(document.type_code.as_str(), |known| known.label.as_str());
    let publisher = document.publisher_ods.as_ref().map_or("not known", OdsCode::as_str);
    let written = document.creation_time.as_ref().map_or("not stated".to_owned(), time);
    let mut text = format!(
        "\nDocument {}\nType: {label}\nPublished by: {publisher}\nWritten: {written}\n",
        document.unique_id
    );
    if let Some(new) = &document.replaced_by {
        text.push_str(&format!("Replaced by: {new}\n"));
    }
    text
}

/// `2026-07-15 12:00`, as far as it is known.
fn time(at: &Dtm) -> String {
    let text = at.as_str();
    let part = |from: usize, to: usize| text.get(from..to);
    match (part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12)) {
        (Some(y), Some(m), Some(d), Some(h), Some(min)) => format!("{y}-{m}-{d} {h}:{min}"),
        (Some(y), Some(m), Some(d), ..) => format!("{y}-{m}-{d}"),
        _ => text.to_owned(),
    }
}
