//! One event as the events of its messages: each patient apart, what was delivered apart from what
//! was not, and not too many documents in one.

use super::DOCUMENTS_MAX;
use crate::audit::event::{AuditEvent, AuditKind, Outcome};
use std::collections::BTreeSet;

pub(super) fn parts(event: &AuditEvent) -> Vec<AuditEvent> {
    by_patient(event).iter().flat_map(by_outcome).flat_map(by_count).collect()
}

fn by_patient(event: &AuditEvent) -> Vec<AuditEvent> {
    let patients = event.patients();
    if patients.len() < 2 {
        return vec![event.clone()];
    }
    let part = |(number, patient): (usize, &&str)| {
        // What belongs to nobody known is told once.
        let is_of = |of: Option<&str>| of.map_or(number == 0, |of| of == *patient);
        let mut part = event.clone();
        part.patient_id = Some((*patient).to_owned());
        part.decisions.retain(|decided| is_of(decided.patient_id.as_deref()));
        part.document_unique_ids.retain(|id| {
            let mut decided = event.decisions.iter().filter(|decided| decided.unique_id == *id);
            decided.next().map_or(number == 0, |decided| is_of(decided.patient_id.as_deref()))
        });
        part
    };
    patients.iter().enumerate().map(part).collect()
}

/// A retrieval that delivered some of what it was asked for (ITI TF-2 3.43.5).
fn by_outcome(event: &AuditEvent) -> Vec<AuditEvent> {
    let is_retrieval = event.kind == AuditKind::Transaction("ITI-43".to_owned());
    let delivered: BTreeSet<&String> = event.document_unique_ids.iter().collect();
    let decided = event.decisions.iter().map(|decided| &decided.unique_id);
    let withheld: BTreeSet<&String> = decided.filter(|id| !delivered.contains(id)).collect();
    let is_mixed = is_retrieval
        && event.outcome == Outcome::MinorFailure
        && !delivered.is_empty()
        && !withheld.is_empty();
    if !is_mixed {
        return vec![event.clone()];
    }
    let withheld = withheld.into_iter().cloned().collect();
    let good = AuditEvent { outcome: Outcome::Success, reasons: Vec::new(), ..event.clone() };
    vec![good, AuditEvent { document_unique_ids: withheld, ..event.clone() }]
}

fn by_count(event: AuditEvent) -> Vec<AuditEvent> {
    if event.document_unique_ids.len() <= DOCUMENTS_MAX {
        return vec![event];
    }
    let chunks = event.document_unique_ids.chunks(DOCUMENTS_MAX);
    let part = |ids: &[String]| AuditEvent { document_unique_ids: ids.to_vec(), ..event.clone() };
    chunks.map(part).collect()
}
