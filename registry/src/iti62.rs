//! ITI-62 Remove Metadata: an organisation takes back what it has published.

use crate::Registry;
use crate::attempt::attempt;
use crate::lifecycle::remove::{self, Remover};
use crate::retention::Purpose;
use crate::store::Existing;
use crate::withdrawal::Actor;
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::error::XdsError;
use schemas::registry_response;
use schemas::remove_objects::RemoveObjects;
use schemas::wire::MetadataLimits;
use std::sync::{Mutex, PoisonError};

/// Answers an administrator: an organisation that removes what it has published.
pub async fn handle(registry: &Registry, request: &SoapRequest<'_>) -> Outcome {
    let removal = RemoveObjects::read(request.envelope.body, &MetadataLimits::default());
    let trace = Trace::default();
    let errors = match &removal {
        Ok(removal) => apply(registry, removal, request, &trace).await,
        Err(errors) => errors.clone(),
    };
    let failed = errors.iter().any(XdsError::is_error);
    let outcome = if failed { AuditOutcome::SeriousFailure } else { AuditOutcome::Success };
    let mut event =
        AuditEvent::transaction("registry", request.transaction, outcome).by(request.caller);
    if let Ok(removal) = &removal {
        event.removed_objects = removal.0.iter().map(ToString::to_string).collect();
    }
    let about = trace.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    event.patient_id = about.patient_id;
    event.document_unique_ids = about.document_unique_ids;
    let event = errors.iter().fold(event, |event, error| event.because(error.to_string()));
    Outcome { reply: Reply::Body(registry_response::write(&errors)), audit: event }
}

/// What the record says of the removed objects: afterwards nobody else knows.
#[derive(Default)]
struct Trace(Mutex<About>);

#[derive(Default)]
struct About {
    patient_id: Option<String>,
    document_unique_ids: Vec<String>,
}

impl Trace {
    fn note(&self, removal: &RemoveObjects, existing: &Existing) {
        let named = existing.entries.iter().map(|entry| &entry.facts);
        let named: Vec<_> = named.filter(|facts| removal.0.contains(&facts.entry_uuid)).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = About {
            patient_id: named.first().map(|facts| facts.patient_id.text()),
            document_unique_ids: named.iter().map(|facts| facts.unique_id.to_string()).collect(),
        };
    }
}

async fn apply(
    registry: &Registry,
    removal: &RemoveObjects,
    request: &SoapRequest<'_>,
    trace: &Trace,
) -> Vec<XdsError> {
    let remover = Remover {
        keeping: &registry.keeping,
        co_authors: &registry.co_authors,
        actor: Actor::of(request),
        purpose: Purpose::Correction,
        now: registry.clock.dtm(),
        today: registry.clock.today(),
        by: format!("{} ({})", request.caller.organisation, request.caller.system),
    };
    let references = remove::references(removal);
    attempt(registry, &references, |existing| {
        trace.note(removal, existing);
        remove::decide(removal, existing, &remover)
    })
    .await
}
