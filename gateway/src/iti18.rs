//! ITI-18 at the gateway: ask the registry, decide on each entry, answer with what may be seen.

use crate::asking::{Decided, Standing, decide_all, stand, unavailable};
use crate::{Gateway, coverage};
use base64::Engine;
use node::actors::CallContext;
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::code_set::DocumentType;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::query::{FindDocuments, QueryAnswer, QueryKind, ReturnType, StoredQuery};
use schemas::wire::MetadataLimits;

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
    let region = match gateway.store.region() {
        Ok(region) => region,
        Err(error) => return QueryAnswer::failure(unavailable(&error, XdsErrorCode::RegistryBusy)),
    };
    let standing = match stand(gateway, &region, request.caller, XdsErrorCode::Registry) {
        Ok(standing) => standing,
        Err((_, error)) => return QueryAnswer::failure(error),
    };
    audit.purpose = Some(standing.asker.purpose.to_owned());
    audit.role = Some(standing.asker.profile.role.clone());
    let context = CallContext { correlation_id: request.correlation_id };
    let whole = StoredQuery { return_type: ReturnType::LeafClass, ..query.clone() };
    let found = match gateway.registry.query(&whole, &context).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "registry not available");
            let what = "the registry cannot be reached; try again";
            return QueryAnswer::failure(XdsError::new(XdsErrorCode::RegistryBusy, what));
        }
    };
    if found.errors.iter().any(XdsError::is_error) {
        return QueryAnswer::failures(found.errors);
    }
    match decide_all(gateway, &standing, found.entries).await {
        Ok(decided) => visible(gateway, &standing, query, decided, audit),
        Err(error) => QueryAnswer::failure(unavailable(&error, XdsErrorCode::RegistryBusy)),
    }
}

/// What may be seen, with a Warning about what agreements do not cover.
fn visible(
    gateway: &Gateway,
    standing: &Standing<'_>,
    query: &StoredQuery,
    decided: Decided,
    audit: &mut AuditEvent,
) -> QueryAnswer {
    audit.decided(decided.decisions);
    let entries: Vec<_> = decided.visible.into_iter().map(|(entry, _)| entry).collect();
    let first = entries.first().map(|entry| &entry.facts.patient_id);
    let several = entries.iter().any(|entry| Some(&entry.facts.patient_id) != first);
    if several && query.return_type == ReturnType::LeafClass {
        let what = "the entries belong to several patients: ask with returnType ObjectRef, or for one patient at a time";
        return QueryAnswer::failure(XdsError::new(XdsErrorCode::ResultNotSinglePatient, what));
    }
    audit.document_unique_ids = entries.iter().map(|e| e.facts.unique_id.to_string()).collect();
    let warning = match &query.kind {
        QueryKind::FindDocuments(find) => {
            let wanted = |document_type: &DocumentType| asked_for(gateway, find, document_type);
            coverage::warning(
                standing.region,
                &gateway.code_sets,
                standing.today,
                &standing.asker,
                &wanted,
            )
        }
        _ => None,
    };
    QueryAnswer { entries, errors: warning.into_iter().collect(), ..QueryAnswer::default() }
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
