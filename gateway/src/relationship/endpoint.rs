//! The door at which the hub's registry tells who looks after a patient, where it runs apart.

use super::Relationships;
use async_trait::async_trait;
use node::actors::{CallContext, Relate};
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::caller::{Caller, HubIdentity};
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest, SoapService};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::registry_response;
use schemas::relationship::Told;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use std::sync::Arc;

/// The path of the door below the gateway's own.
pub const PATH: &str = "/gateway/relationship";

pub struct RelationshipEndpoint {
    pub relationships: Arc<Relationships>,
    pub hub: HubIdentity,
}

#[async_trait]
impl SoapService for RelationshipEndpoint {
    fn wsdl(&self) -> &'static str {
        schemas::wsdl::RELATIONSHIP
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[Transaction::Relationship]
    }

    fn admit(&self, caller: &Caller, _transaction: Option<Transaction>) -> Result<(), Fault> {
        if self.hub.is_service(caller) {
            return Ok(());
        }
        Err(Fault::forbidden(format!(
            "{} ({}) may not say who looks after a patient here: this address is for the hub's own services; patient identity sources send ITI-8 or ITI-44 to the registry",
            caller.organisation, caller.system
        )))
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        let mut audit =
            AuditEvent::transaction("gateway", request.transaction, AuditOutcome::Success)
                .by(request.caller);
        let context = CallContext { correlation_id: request.correlation_id };
        let notes = match self.take(request, &context, &mut audit).await {
            Ok(()) => Vec::new(),
            Err(error) => {
                audit.outcome = AuditOutcome::SeriousFailure;
                audit = audit.because(error.to_string());
                vec![error]
            }
        };
        Ok(Outcome { reply: Reply::Body(registry_response::write(&notes)), audit })
    }

    async fn ready(&self) -> Result<(), String> {
        self.relationships.store.region().map(|_| ()).map_err(|error| error.to_string())
    }
}

impl RelationshipEndpoint {
    async fn take(
        &self,
        request: &SoapRequest<'_>,
        context: &CallContext,
        audit: &mut AuditEvent,
    ) -> Result<(), XdsError> {
        let told = Told::read(request.envelope.body).map_err(|error| {
            let what = format!("the message cannot be read: {error}");
            XdsError::new(XdsErrorCode::Registry, what)
        })?;
        audit.patient_id = Some(told.patient.text());
        audit.reasons.push(told.source.clone());
        let taken = self.relationships.relate(&told, context).await;
        taken.map_err(|error| XdsError::new(XdsErrorCode::RegistryBusy, error.to_string()))
    }
}
