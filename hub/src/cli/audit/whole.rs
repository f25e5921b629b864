//! The whole of what is on record about a patient, for an investigator.

use super::desk::Desk;
use crate::cli::csv;
use node::audit::{AuditRecord, DecidedEntry};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    at: String,
    service: String,
    /// Place of the record in its service's chain.
    seq: i64,
    event: String,
    outcome: &'static str,
    organisation: String,
    organisation_name: String,
    certificate_organisation: String,
    system: String,
    user: String,
    role: String,
    department: String,
    purpose: String,
    break_glass: String,
    address: String,
    query: String,
    documents: Vec<Document>,
    reasons: Vec<String>,
    correlation_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    unique_id: String,
    type_code: String,
    document_type: String,
    publisher: String,
    decision: String,
    agreement: String,
    relationship: String,
    control: String,
    shown: bool,
}

pub(super) fn rows(desk: &Desk, records: &[&AuditRecord], patients: &[String]) -> Vec<Row> {
    records.iter().map(|record| row(desk, record, patients)).collect()
}

fn row(desk: &Desk, record: &AuditRecord, patients: &[String]) -> Row {
    let event = &record.event;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let own = |decided: &&DecidedEntry| {
        decided.patient_id.as_ref().is_none_or(|patient| patients.contains(patient))
    };
    let organisation = event.acting_for.as_ref().or(event.organisation.as_ref());
    let organisation = organisation.cloned().unwrap_or_default();
    let mut documents: Vec<Document> = event
        .decisions
        .iter()
        .filter(own)
        .map(|decided| document(desk, decided, &event.document_unique_ids))
        .collect();
    let undecided = event.document_unique_ids.iter();
    let undecided = undecided.filter(|id| event.decisions.iter().all(|d| d.unique_id != **id));
    let bare = |id: &String| DecidedEntry { unique_id: id.clone(), ..DecidedEntry::default() };
    documents.extend(undecided.map(|id| document(desk, &bare(id), &event.document_unique_ids)));
    Row {
        at: event.happened_at().to_owned(),
        service: event.service.clone(),
        seq: record.seq,
        event: event.kind_name().to_owned(),
        outcome: event.outcome.name(),
        organisation_name: desk.organisation(&organisation),
        organisation,
        certificate_organisation: text(&event.organisation),
        system: text(&event.system),
        user: text(&event.user),
        role: text(&event.role),
        department: text(&event.department),
        purpose: text(&event.purpose),
        break_glass: text(&event.break_glass),
        address: text(&event.address),
        query: text(&event.query),
        documents,
        reasons: event.reasons.clone(),
        correlation_id: text(&event.correlation_id),
    }
}

fn document(desk: &Desk, decided: &DecidedEntry, shown: &[String]) -> Document {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Document {
        unique_id: decided.unique_id.clone(),
        document_type: desk.type_label(&decided.type_code),
        type_code: decided.type_code.clone(),
        publisher: decided.publisher_ods.clone(),
        decision: decided.decision.clone(),
        agreement: text(&decided.agreement),
        relationship: text(&decided.relationship),
        control: text(&decided.control),
        shown: shown.contains(&decided.unique_id),
    }
}

const COLUMNS: &str = "at,service,seq,event,outcome,organisation,organisationName,\
certificateOrganisation,system,user,role,department,purpose,breakGlass,address,query,uniqueId,\
documentType,publisher,decision,agreement,relationship,control,shown,correlationId";

pub(super) fn say(rows: &[Row], as_csv: bool) {
    if as_csv {
        say!("{COLUMNS}");
        rows.iter().flat_map(lines).for_each(|line| say!("{line}"));
        return;
    }
    for row in rows {
        let (at, service, event, outcome) =
            (super::moment(&row.at), &row.service, &row.event, row.outcome);
        say!("{at}  {service} record {}  {event} {outcome}", row.seq);
        let named = [
            ("by", &row.organisation_name),
            ("through", &row.system),
            ("of", &row.certificate_organisation),
            ("user", &row.user),
            ("as", &row.role),
            ("in", &row.department),
            ("for", &row.purpose),
            ("from", &row.address),
            ("broke the glass:", &row.break_glass),
        ];
        let said = named.iter().filter(|(_, value)| !value.is_empty());
        let said: Vec<String> = said.map(|(word, value)| format!("{word} {value}")).collect();
        say!("    {}", said.join(" "));
        for document in &row.documents {
            let Document { unique_id, document_type, publisher, decision, .. } = document;
            let shown = if document.shown { "shown" } else { "not shown" };
            let why = [&document.agreement, &document.relationship, &document.control];
            let why: Vec<&str> = why.iter().map(|s| s.as_str()).filter(|s| !s.is_empty()).collect();
            let why = why.join(", ");
            say!("    {document_type} of {publisher}, {unique_id}: {decision} ({why}), {shown}");
        }
        row.reasons.iter().for_each(|reason| say!("    {reason}"));
    }
    if rows.is_empty() {
        say!("nothing is on record about this patient");
    }
}

/// A line for each document, one where there is none.
fn lines(row: &Row) -> Vec<String> {
    let seq = row.seq.to_string();
    let line = |of: [&str; 8]| {
        let mut values = vec![
            row.at.as_str(),
            &row.service,
            &seq,
            &row.event,
            row.outcome,
            &row.organisation,
            &row.organisation_name,
            &row.certificate_organisation,
            &row.system,
            &row.user,
            &row.role,
            &row.department,
            &row.purpose,
            &row.break_glass,
            &row.address,
            &row.query,
        ];
        values.extend(of);
        values.push(&row.correlation_id);
        csv::line(&values)
    };
    if row.documents.is_empty() {
        return vec![line([""; 8])];
    }
    let each = row.documents.iter().map(|one| {
        let shown = if one.shown { "yes" } else { "no" };
        line([
            &one.unique_id,
            &one.document_type,
            &one.publisher,
            &one.decision,
            &one.agreement,
            &one.relationship,
            &one.control,
            shown,
        ])
    });
    each.collect()
}
