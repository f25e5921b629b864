//! What the subject, or a proxy, may read of who has seen their documents: organisations by name, when,
//! for what purpose, what kind of document. No safeguarding, nothing of other people, no names of staff
//! or systems.

use super::desk::Desk;
use crate::cli::csv;
use node::audit::{AuditRecord, Outcome};
use serde::Serialize;
use std::collections::BTreeSet;

/// One answer in which documents of the subject were shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    at: String,
    organisation: String,
    /// `listed` in an answer, or `opened`.
    what: &'static str,
    purpose: String,
    /// Access in an emergency that no relationship covered.
    emergency: bool,
    documents: Vec<String>,
}

pub(super) fn rows(desk: &Desk, records: &[&AuditRecord], patients: &[String]) -> Vec<Row> {
    records.iter().filter_map(|record| row(desk, record, patients)).collect()
}

fn row(desk: &Desk, record: &AuditRecord, patients: &[String]) -> Option<Row> {
    let event = &record.event;
    let what = match event.kind_name() {
        "ITI-18" => "listed",
        "ITI-43" => "opened",
        _ => return None,
    };
    // Services of the hub ask each other on behalf of somebody who is on record at the gateway.
    if event.service != "gateway" || event.outcome == Outcome::SeriousFailure {
        return None;
    }
    let purpose = event.purpose.clone().unwrap_or_default();
    if desk.config.audit.undisclosed_purposes.contains(&purpose) {
        return None;
    }
    let shown: BTreeSet<&String> = event.document_unique_ids.iter().collect();
    let own = |patient: &Option<String>| {
        patient.as_ref().is_some_and(|patient| patients.contains(patient))
    };
    let seen = event.decisions.iter().filter(|decided| {
        decided.decision == "permit"
            && own(&decided.patient_id)
            && shown.contains(&decided.unique_id)
    });
    let open = seen.filter(|decided| {
        let known = desk.document_type(&decided.type_code);
        known.is_none_or(|known| known.group != "safeguarding")
    });
    let documents: Vec<String> = open.map(|decided| desk.type_label(&decided.type_code)).collect();
    if documents.is_empty() {
        return None;
    }
    let organisation = event.acting_for.as_ref().or(event.organisation.as_ref())?;
    Some(Row {
        at: event.happened_at().to_owned(),
        organisation: desk.organisation(organisation),
        what,
        purpose,
        emergency: event.break_glass.is_some(),
        documents,
    })
}

/// A text for each kind of document, with its number where there are several.
fn counted(documents: &[String]) -> String {
    let mut kinds: Vec<(&String, usize)> = Vec::new();
    for document in documents {
        match kinds.iter_mut().find(|(kind, _)| *kind == document) {
            Some((_, count)) => *count += 1,
            None => kinds.push((document, 1)),
        }
    }
    let text = |(kind, count): &(&String, usize)| match count {
        1 => (*kind).clone(),
        count => format!("{count} x {kind}"),
    };
    kinds.iter().map(text).collect::<Vec<_>>().join(", ")
}

pub(super) fn say(rows: &[Row], as_csv: bool) {
    if as_csv {
        say!("at,organisation,what,purpose,emergency,documents");
    }
    for row in rows {
        let documents = counted(&row.documents);
        let emergency = if row.emergency { "yes" } else { "no" };
        let Row { at, organisation, what, purpose, .. } = row;
        if as_csv {
            let values = [at, organisation, *what, purpose, emergency, &documents];
            say!("{}", csv::line(&values));
        } else {
            let urgent = if row.emergency { ", emergency access" } else { "" };
            let at = super::moment(at);
            say!("{at}  {organisation} {what} for {purpose}{urgent}: {documents}");
        }
    }
    if rows.is_empty() && !as_csv {
        say!("nobody has been shown this patient's documents");
    }
}
