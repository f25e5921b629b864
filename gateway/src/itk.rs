//! The gateway's ITK address: organisations that have read a document collect notices here, and
//! acknowledge them.

use crate::Gateway;
use async_trait::async_trait;
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::caller::Caller;
use node::endpoint::{Dialect, Outcome, Refusal, Reply, SoapRequest, SoapService};
use node::outbox::{Outbox, Outboxes};
use schemas::itk::{ItkErrorCode, ItkFault, ItkMessage, QueueRequest, ReadContext};
use schemas::ods_code::OdsCode;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use std::sync::Arc;

/// Every certificate may knock: what is there for it is its own organisation's.
pub struct ItkEndpoint {
    pub gateway: Arc<Gateway>,
    /// The gateway's own.
    pub outbox: Outbox,
    /// Of every role of the process.
    pub outboxes: Outboxes,
}

impl ItkEndpoint {
    /// The certificate's organisation, and those that its profile acts or speaks for.
    fn speaks_for(&self, caller: &Caller) -> Result<Vec<OdsCode>, Fault> {
        let region = self.gateway.store.region();
        let region = region.map_err(|error| Fault::receiver(error.to_string()))?;
        let profile = region.system(&caller.system, &caller.organisation);
        let others = profile.into_iter().flat_map(|p| p.acts_for.iter().chain(&p.speaks_for));
        let mut all = vec![caller.organisation.clone()];
        all.extend(others.filter(|ods| **ods != caller.organisation).cloned());
        Ok(all)
    }
}

#[async_trait]
impl SoapService for ItkEndpoint {
    fn dialect(&self) -> Dialect {
        Dialect::Itk
    }

    fn wsdl(&self) -> &'static str {
        schemas::wsdl::ITK
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[Transaction::Itk]
    }

    fn admit(&self, _caller: &Caller, _transaction: Option<Transaction>) -> Result<(), Fault> {
        Ok(())
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        let of = self.speaks_for(request.caller)?;
        let audit = AuditEvent::transaction("gateway", request.transaction, AuditOutcome::Success)
            .by(request.caller);
        if QueueRequest::is_one(request.envelope.body) {
            let (answer, said) = self.outboxes.queue(&request.envelope, &of).await?;
            return Ok(Outcome { reply: Reply::Body(answer), audit: audit.because(said) });
        }
        let context = ReadContext::new(self.gateway.clock.now());
        let message = ItkMessage::read(&request.envelope, &context)?;
        if !message.is_acknowledgement() {
            let what = "the gateway's ITK address takes acknowledgements and requests of queues only: documents go to the repository's";
            return Err(ItkFault::new(ItkErrorCode::CannotProcess, what).into());
        }
        let said = self.outboxes.take(&message, &of).await?;
        let audit = said.into_iter().fold(audit, AuditEvent::because);
        let answer = schemas::itk::simple_response(&message.tracking_id);
        Ok(Outcome { reply: Reply::Body(answer), audit })
    }

    async fn ready(&self) -> Result<(), String> {
        self.outbox.ready().await.map_err(|error| error.to_string())
    }
}
