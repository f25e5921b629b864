//! The door at which the hub's other services tell of withdrawals and acknowledgements.

use super::Recalls;
use async_trait::async_trait;
use node::actors::{CallContext, NotAvailable, Recall, Recalled};
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::caller::{Caller, HubIdentity};
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest, SoapService};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::recall::{ACKNOWLEDGED, Acknowledged, RecallError, Withdrawn};
use schemas::registry_response;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use std::sync::Arc;

/// The path of the door below the gateway's own.
pub const PATH: &str = "/gateway/recall";

pub struct RecallEndpoint {
    pub recalls: Arc<Recalls>,
    pub hub: HubIdentity,
}

#[async_trait]
impl SoapService for RecallEndpoint {
    fn wsdl(&self) -> &'static str {
        schemas::wsdl::RECALL
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[Transaction::Recall]
    }

    fn admit(&self, caller: &Caller, _transaction: Option<Transaction>) -> Result<(), Fault> {
        if self.hub.is_service(caller) {
            return Ok(());
        }
        Err(Fault::forbidden(format!(
            "{} ({}) may not tell of withdrawals: this address is for the hub's own services; publishers withdraw documents by ITI-57, ITI-62, ITI-86 or an ITK message",
            caller.organisation, caller.system
        )))
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        let mut audit =
            AuditEvent::transaction("gateway", request.transaction, AuditOutcome::Success)
                .by(request.caller);
        let body = request.envelope.body;
        let context = CallContext { correlation_id: request.correlation_id };
        let told = if body.local() == ACKNOWLEDGED {
            self.acknowledged(Acknowledged::read(body), &context).await
        } else {
            self.withdrawn(Withdrawn::read(body), &context, &mut audit).await
        };
        let notes = told.unwrap_or_else(|error| vec![error]);
        if notes.iter().any(XdsError::is_error) {
            audit.outcome = AuditOutcome::SeriousFailure;
        }
        for note in &notes {
            audit = audit.because(note.to_string());
        }
        Ok(Outcome { reply: Reply::Body(registry_response::write(&notes)), audit })
    }

    async fn ready(&self) -> Result<(), String> {
        self.recalls.store.ready().await.map_err(|error| error.to_string())
    }
}

fn unreadable(error: RecallError) -> XdsError {
    XdsError::new(XdsErrorCode::Registry, format!("the message cannot be read: {error}"))
}

fn busy(error: NotAvailable) -> XdsError {
    XdsError::new(XdsErrorCode::RegistryBusy, error.to_string())
}

impl RecallEndpoint {
    async fn withdrawn(
        &self,
        withdrawn: Result<Withdrawn, RecallError>,
        context: &CallContext,
        audit: &mut AuditEvent,
    ) -> Result<Vec<XdsError>, XdsError> {
        let withdrawn = withdrawn.map_err(unreadable)?;
        audit.patient_id = Some(withdrawn.patient_id.text());
        let documents = withdrawn.documents.iter();
        audit.document_unique_ids = documents.map(|d| d.unique_id.to_string()).collect();
        let recalled = self.recalls.recall(&withdrawn, context).await.map_err(busy)?;
        audit.reasons.push(match recalled {
            Recalled::NobodyRead => format!("{}: nobody has read it", withdrawn.reason.name()),
            _ => format!("{}: incident {}", withdrawn.reason.name(), withdrawn.id),
        });
        Ok(Vec::new())
    }

    async fn acknowledged(
        &self,
        acknowledged: Result<Acknowledged, RecallError>,
        context: &CallContext,
    ) -> Result<Vec<XdsError>, XdsError> {
        let acknowledged = acknowledged.map_err(unreadable)?;
        if self.recalls.acknowledged(&acknowledged, context).await.map_err(busy)? {
            return Ok(Vec::new());
        }
        let what = "no notice of this gateway has the tracking id";
        Ok(vec![XdsError::warning(XdsErrorCode::Registry, what)])
    }
}
