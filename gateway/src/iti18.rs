//! ITI-18 at the gateway: ask the registry, decide on each entry, answer with what may be seen of
//! them and of what stands around them.

use crate::asking::{Inquiry, Judged, Standing, stand};
use crate::break_glass::shown::Glass;
use crate::fallback;
use crate::relationship::flag;
use crate::seen::{incomplete, veil, withheld};
use crate::sensitive;
use crate::superseded::{self, Scope};
use crate::{Gateway, asserted, break_glass, conflicts, coverage, safeguarding, surroundings};
use base64::Engine;
use node::actors::CallContext;
use node::audit::{AuditEvent, Outcome as AuditOutcome, ReadDocument, ReadingKind, Shown};
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::code_set::DocumentType;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::query::{FindDocuments, QueryAnswer, QueryKind, ReturnType, StoredQuery};
use schemas::wire::MetadataLimits;
use std::collections::BTreeSet;
use std::time::Instant;

pub(crate) async fn handle(gateway: &Gateway, request: &SoapRequest<'_>) -> Outcome {
    let mut audit = AuditEvent::transaction("gateway", request.transaction, AuditOutcome::Success)
        .by(request.caller);
    let source = request.envelope.body.source();
    audit.query_request = Some(base64::engine::general_purpose::STANDARD.encode(source));
    let query = StoredQuery::read(request.envelope.body, &MetadataLimits::default());
    let return_type = query.as_ref().map_or(ReturnType::LeafClass, |query| query.return_type);
    let answer = match query {
        Ok(query) => {
            describe(&mut audit, &query);
            answer(gateway, request, &query, &mut audit).await
        }
        Err(error) => QueryAnswer::failure(error),
    };
    if answer.errors.iter().any(XdsError::is_error) {
        audit.outcome = AuditOutcome::SeriousFailure;
    }
    for error in &answer.errors {
        audit = audit.because(error.to_string());
    }
    Outcome { reply: Reply::Body(answer.write(return_type)), audit }
}

fn describe(audit: &mut AuditEvent, query: &StoredQuery) {
    audit.query = Some(query.kind.name().to_owned());
    audit.patient_id = query.kind.patient_id().map(PatientId::text);
}

async fn answer(
    gateway: &Gateway,
    request: &SoapRequest<'_>,
    query: &StoredQuery,
    audit: &mut AuditEvent,
) -> QueryAnswer {
    let started = Instant::now();
    let busy = XdsErrorCode::RegistryBusy;
    let (region, cause) = match fallback::region(gateway, busy) {
        Ok(found) => found,
        Err(error) => return QueryAnswer::failure(error),
    };
    let code = XdsErrorCode::Registry;
    let glass = match Glass::read(gateway, request, &region, code).await {
        Ok(glass) => glass,
        Err(error) => return QueryAnswer::failure(error),
    };
    let mut standing = match stand(gateway, &region, request.caller, &glass, code) {
        Ok(standing) => standing,
        Err((_, error)) => return QueryAnswer::failure(error),
    };
    audit.purpose = Some(standing.asker.purpose.to_owned());
    audit.role = Some(standing.asker.role.to_owned());
    let patient = query.kind.patient_id();
    if let Err(error) = asserted::narrow(&mut standing, patient, code) {
        return QueryAnswer::failure(error);
    }
    let patient = patient.and_then(PatientId::nhs_number);
    let flagged = flag::attach(gateway, request, &mut standing, patient, code, audit).await;
    if let Err(error) = flagged {
        return QueryAnswer::failure(error);
    }
    let mark = match fallback::mark(gateway, &standing, cause, audit, busy) {
        Ok(mark) => mark,
        Err(error) => return QueryAnswer::failure(error),
    };
    let context = CallContext { correlation_id: request.correlation_id };
    let inquiry = Inquiry { gateway, standing, context, busy };
    let mut answer = visible(&inquiry, query, audit).await.unwrap_or_else(QueryAnswer::failure);
    if let Err(error) = break_glass::keep(&inquiry, request, &glass, audit).await {
        return QueryAnswer::failure(error);
    }
    if answer.is_empty() && !answer.errors.iter().any(XdsError::is_error) {
        veil::on_the_beat(started).await;
    }
    answer.errors.extend(mark);
    answer
}

/// What may be seen, with Warnings about what may not.
async fn visible(
    inquiry: &Inquiry<'_>,
    query: &StoredQuery,
    audit: &mut AuditEvent,
) -> Result<QueryAnswer, XdsError> {
    let found = inquiry.ask(&wanted(query)).await?;
    let mut judged = inquiry.judge(found.entries.clone()).await?;
    if judged.is_empty() {
        inquiry.know(query.kind.patient_id()).await?;
    }
    let mut warnings = superseded::settle(inquiry, &mut judged, Scope::All).await?;
    let (surroundings, beside) = surroundings::gather(inquiry, &found, &judged).await?;
    // On record whatever follows: an answer that is refused has been decided on too.
    audit.decided(judged.iter().chain(&beside).map(Judged::decided).collect());
    let mut answer = surroundings.narrow(&query.kind, found);
    answer.check_single_patient(query.return_type)?;
    let conflicts = conflicts::look(inquiry, &answer).await?;
    conflicts.order(&mut answer.entries);
    let said = conflicts.warnings(inquiry.standing.at.today);
    let named: Vec<Judged> = if said.is_empty() { Vec::new() } else { conflicts.judged };
    warnings.extend(said);
    let told = withheld::look(inquiry, query).await?;
    let all = judged.iter().chain(&beside).chain(&named).chain(&told.judged);
    audit.decided(each_once(all).map(Judged::decided).collect());
    let entries = answer.entries.iter();
    audit.document_unique_ids = entries.map(|e| e.facts.unique_id.to_string()).collect();
    audit.shown = Some(shown(&answer, &named));
    if query.return_type == ReturnType::LeafClass {
        safeguarding::read(inquiry, answer.entries.iter().map(|entry| &entry.facts)).await;
    }
    if answer.is_empty() {
        // Whoever is shown nothing learns nothing of the patient, be it that the number is shared.
        answer.errors.clear();
    }
    sensitive::finish(&mut answer)?;
    warnings.extend(uncovered(inquiry, &query.kind));
    warnings.extend(told.warning);
    warnings.extend(incomplete::warnings(inquiry, query).await?);
    answer.entries.extend(told.entries);
    answer.errors.extend(warnings);
    Ok(answer)
}

/// An entry that several questions found is one decision.
fn each_once<'j>(all: impl Iterator<Item = &'j Judged>) -> impl Iterator<Item = &'j Judged> {
    let mut seen = BTreeSet::new();
    all.filter(move |judged| seen.insert(judged.id()))
}

/// Whoever is answered has seen these entries, and those that a Warning names.
fn shown(answer: &QueryAnswer, named: &[Judged]) -> Shown {
    let named = named.iter().map(|judged| &judged.entry.facts);
    let entries = answer.entries.iter().map(|entry| &entry.facts).chain(named);
    let documents = entries.map(|facts| ReadDocument {
        unique_id: facts.unique_id.to_string(),
        entry_uuid: facts.entry_uuid.to_string(),
    });
    Shown { kind: ReadingKind::Listed, documents: documents.collect() }
}

/// Deciding takes the facts. By reference very many documents may be found, far more than whole.
fn wanted(query: &StoredQuery) -> StoredQuery {
    match &query.kind {
        QueryKind::FindDocuments(_) => query.clone(),
        _ => StoredQuery { return_type: ReturnType::LeafClass, ..query.clone() },
    }
}

/// What agreements leave out of a query about a patient.
fn uncovered(inquiry: &Inquiry<'_>, kind: &QueryKind) -> Option<XdsError> {
    kind.patient_id()?;
    let Inquiry { gateway, standing, .. } = inquiry;
    let wanted = |document_type: &DocumentType| match kind {
        QueryKind::FindDocuments(find) => asked_for(gateway, find, document_type),
        _ => true,
    };
    let Standing { region, at, asker, .. } = standing;
    coverage::warning(region, &gateway.code_sets, at.today, asker, &wanted)
}

/// Whether a query's type and class filters could find a document type at all.
fn asked_for(gateway: &Gateway, find: &FindDocuments, document_type: &DocumentType) -> bool {
    let types = &find.type_code;
    let of_type = types.is_empty()
        || types
            .iter()
            .any(|t| gateway.code_sets.canonical_type(&t.code) == document_type.type_code);
    let of_class = find.class_code.is_empty()
        || find.class_code.iter().any(|c| c.code == document_type.class_code);
    of_type && of_class
}
