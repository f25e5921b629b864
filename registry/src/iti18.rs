//! ITI-18 Registry Stored Query: which documents do you hold?

use crate::{Registry, store_error};
use async_trait::async_trait;
use base64::Engine;
use node::actors::{CallContext, NotAvailable, Query};
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::query::{QueryAnswer, QueryKind, ReturnType, Selector, StoredQuery};
use schemas::wire::MetadataLimits;

/// Answers the hub's own services on the network.
pub async fn handle(registry: &Registry, request: &SoapRequest<'_>) -> Outcome {
    let query = StoredQuery::read(request.envelope.body, &MetadataLimits::default());
    let (answer, return_type) = match &query {
        Ok(query) => (answer(registry, query).await, query.return_type),
        Err(error) => (QueryAnswer::failure(error.clone()), ReturnType::LeafClass),
    };
    let audit = audit(request, query.as_ref().ok(), &answer);
    Outcome { reply: Reply::Body(answer.write(return_type)), audit }
}

/// Asks the store; never fails, since a failure is an answer too.
pub async fn answer(registry: &Registry, query: &StoredQuery) -> QueryAnswer {
    if query.kind.patient_id().is_some_and(|patient| patient.nhs_number().is_none()) {
        // An empty list would be read as "there is none".
        let context = format!(
            "the patient id's assigning authority is not this affinity domain's ({}): nothing was looked up",
            registry.code_sets.domain
        );
        return QueryAnswer::failure(XdsError::new(XdsErrorCode::UnknownPatientId, context));
    }
    let found = match &query.kind {
        QueryKind::FindDocuments(find)
            if !find.is_by_reference_id() && find.document_availability.is_empty() =>
        {
            registry.store.find(find, registry.results_max + 1).await
        }
        QueryKind::GetDocuments(get @ (Selector::EntryUuid(_) | Selector::UniqueId(_))) => {
            registry.store.get(get, registry.results_max + 1).await
        }
        _ => {
            let context = format!("{} is not available yet", query.kind.name());
            return QueryAnswer::failure(XdsError::new(XdsErrorCode::Registry, context));
        }
    };
    match found {
        Err(error) => QueryAnswer::failure(store_error(&error)),
        Ok(entries) if entries.len() > registry.results_max as usize => {
            let context = format!(
                "more than {} entries match: narrow the query by time, type or class",
                registry.results_max
            );
            QueryAnswer::failure(XdsError::new(XdsErrorCode::TooManyResults, context))
        }
        Ok(entries) => QueryAnswer { entries, ..QueryAnswer::default() },
    }
}

#[async_trait]
impl Query for Registry {
    async fn query(
        &self,
        query: &StoredQuery,
        _context: &CallContext,
    ) -> Result<QueryAnswer, NotAvailable> {
        Ok(answer(self, query).await)
    }
}

fn audit(
    request: &SoapRequest<'_>,
    query: Option<&StoredQuery>,
    answer: &QueryAnswer,
) -> AuditEvent {
    let failed = answer.errors.iter().any(XdsError::is_error);
    let outcome = if failed { AuditOutcome::SeriousFailure } else { AuditOutcome::Success };
    let mut event =
        AuditEvent::transaction("registry", request.transaction, outcome).by(request.caller);
    let source = request.envelope.body.source();
    event.query_request = Some(base64::engine::general_purpose::STANDARD.encode(source));
    if let Some(query) = query {
        event.query = Some(query.kind.name().to_owned());
        event.patient_id = query.kind.patient_id().map(PatientId::text);
    }
    for error in &answer.errors {
        event = event.because(error.to_string());
    }
    event
}
