//! ITI-18 Registry Stored Query: which documents do you hold?

use crate::identity::frozen_warning;
use crate::store::StoreError;
use crate::store::identity::PatientStatus;
use crate::{Registry, store_error};
use async_trait::async_trait;
use base64::Engine;
use node::actors::{CallContext, NotAvailable, Query};
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::caller::{Caller, HubIdentity};
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::query::{QueryAnswer, ReturnType, StoredQuery};
use schemas::wire::MetadataLimits;

/// So many more references than whole objects are answered.
const REFERENCES_FOR_ONE: usize = 100;

/// Answers the hub's own services on the network, and in conformance mode its client.
pub async fn handle(registry: &Registry, hub: &HubIdentity, request: &SoapRequest<'_>) -> Outcome {
    let query = StoredQuery::read(request.envelope.body, &MetadataLimits::default());
    let (answer, return_type) = match &query {
        Ok(query) => (answer_to(registry, hub, request.caller, query).await, query.return_type),
        Err(error) => (QueryAnswer::failure(error.clone()), ReturnType::LeafClass),
    };
    let audit = audit(request, query.as_ref().ok(), &answer);
    Outcome { reply: Reply::Body(answer.write(return_type)), audit }
}

/// Whole objects of several patients are refused; to a service they are answered, which decides
/// first what the asker may see and refuses then.
async fn answer_to(
    registry: &Registry,
    hub: &HubIdentity,
    caller: &Caller,
    query: &StoredQuery,
) -> QueryAnswer {
    let answer = answer(registry, query).await;
    match answer.check_single_patient(query.return_type) {
        Err(error) if !hub.is_service(caller) => QueryAnswer::failure(error),
        _ => answer,
    }
}

/// Asks the store; never fails, since a failure is an answer too.
pub async fn answer(registry: &Registry, query: &StoredQuery) -> QueryAnswer {
    if query.kind.patient_id().is_some_and(|patient| is_foreign(registry, patient)) {
        // An empty list would be read as "there is none".
        let context = format!(
            "the patient id's assigning authority is not this affinity domain's ({}): nothing was looked up",
            registry.code_sets.domain
        );
        return QueryAnswer::failure(XdsError::new(XdsErrorCode::UnknownPatientId, context));
    }
    let limit = match query.return_type {
        ReturnType::LeafClass => registry.results_max as usize,
        // An id is a hundredth of an object.
        ReturnType::ObjectRef => registry.results_max as usize * REFERENCES_FOR_ONE,
    };
    match registry.store.query(query, limit).await {
        Err(StoreError::TooMany) => {
            let context = format!(
                "more than {limit} objects match: narrow the query by time, type or class, or ask for ObjectRef and then for the objects by id, some at a time"
            );
            QueryAnswer::failure(XdsError::new(XdsErrorCode::TooManyResults, context))
        }
        Err(error) => QueryAnswer::failure(store_error(&error)),
        Ok(mut answer) => match warnings(registry, query).await {
            Ok(warnings) => {
                answer.errors.extend(warnings);
                answer
            }
            Err(error) => QueryAnswer::failure(store_error(&error)),
        },
    }
}

/// Neither of the domain nor of a local authority of it.
fn is_foreign(registry: &Registry, patient: &PatientId) -> bool {
    let policy = &registry.identity.policy;
    match patient {
        patient if policy.is_domains(patient) => false,
        PatientId::Nhs(_) => true,
        PatientId::Other(cx) => policy.issuer(&cx.authority).is_none(),
    }
}

/// Who reads under a number that two people share must know it.
async fn warnings(registry: &Registry, query: &StoredQuery) -> Result<Vec<XdsError>, StoreError> {
    let Some(patient) = query.kind.patient_id() else { return Ok(Vec::new()) };
    let patient = registry.identity.store.patient(patient).await?;
    let frozen = patient.status() == PatientStatus::Frozen;
    Ok(frozen.then(frozen_warning).into_iter().collect())
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
