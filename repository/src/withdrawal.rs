//! What those who have read a document are told when its bytes are removed here.

use schemas::dtm::Dtm;
use schemas::metadata::FoundEntry;
use schemas::ods_code::OdsCode;
use schemas::recall::{Reason, Withdrawn, WithdrawnDocument};

/// Documents whose bytes their publisher removes (ITI-86): a message for each patient.
pub(crate) fn of_removal(
    entries: &[FoundEntry],
    by: &OdsCode,
    system: &str,
    at: &Dtm,
) -> Vec<Withdrawn> {
    let mut messages: Vec<Withdrawn> = Vec::new();
    for entry in entries {
        let patient_id = &entry.facts.patient_id;
        let at_patient = messages.iter().position(|known| known.patient_id == *patient_id);
        let at_patient = at_patient.unwrap_or_else(|| {
            messages.push(Withdrawn {
                id: node::ids::uuid(),
                reason: Reason::Removed,
                patient_id: patient_id.clone(),
                at: at.clone(),
                by: by.clone(),
                system: Some(system.to_owned()),
                documents: Vec::new(),
            });
            messages.len() - 1
        });
        let documents = &mut messages[at_patient].documents;
        if !documents.iter().any(|known| known.unique_id == entry.facts.unique_id) {
            documents.push(document(entry));
        }
    }
    messages
}

fn document(entry: &FoundEntry) -> WithdrawnDocument {
    let facts = &entry.facts;
    WithdrawnDocument {
        unique_id: facts.unique_id.clone(),
        entry_uuid: Some(facts.entry_uuid),
        type_code: facts.type_code.clone(),
        practice_setting: facts.practice_setting.clone(),
        publisher_ods: facts.publisher_ods.clone(),
        creation_time: entry.read().and_then(|entry| entry.creation_time),
        replaced_by: None,
        recipients: facts.recipients.clone(),
    }
}
