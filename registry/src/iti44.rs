//! ITI-44 Patient Identity Feed HL7 V3 (ITI TF-2 3.44). What is wrong with a message's content is
//! said in its acknowledgement, not in a fault.

use crate::identity::feed::{records, said};
use crate::identity::{Sender, receive};
use crate::relating::keep;
use crate::{Registry, store};
use async_trait::async_trait;
use node::audit::{Audit, AuditEvent, AuditKind, FeedAction, FeedRecord, Outcome as AuditOutcome};
use node::caller::Caller;
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest, SoapService};
use schemas::pix::{PixHeader, PixMessage, acknowledgement};
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use std::sync::Arc;

/// The registry's door for HL7 v3: patient identity sources only.
pub struct PixEndpoint {
    pub registry: Arc<Registry>,
    /// For the first record of a merge; the endpoint keeps the second with the answer.
    pub audit: Audit,
}

#[async_trait]
impl SoapService for PixEndpoint {
    fn wsdl(&self) -> &'static str {
        schemas::wsdl::PIX
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[Transaction::Iti44]
    }

    fn admit(&self, caller: &Caller, _transaction: Option<Transaction>) -> Result<(), Fault> {
        if self.registry.identity.policy.may_knock(&caller.organisation, &caller.system) {
            return Ok(());
        }
        Err(Fault::forbidden(format!(
            "{} ({}) is no patient identity source of this registry ([registry] patient_identity_sources)",
            caller.organisation, caller.system
        )))
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        let registry = &self.registry;
        let domain = &registry.identity.policy.domain;
        let message =
            match PixMessage::read(request.envelope.body, domain, registry.identity.training()) {
                Ok(message) => message,
                Err(refusal) => {
                    let header =
                        refusal.header.ok_or_else(|| Fault::sender(refusal.reason.clone()))?;
                    let event = self.event(&header, request, &refusal.reason);
                    return Ok(self.outcome(&header, Err(&refusal.reason), event));
                }
            };
        let PixMessage { header, interaction, feed, particulars } = message;
        let sender = Sender::new(request.caller, &header.sender.root, None);
        let result = receive(&registry.identity, &feed, &sender, &header.id.text()).await;
        let said_by = format!("ITI-44 {}", interaction.name());
        let result = match result {
            Ok(()) => keep(&registry.identity, &feed, particulars, &sender, &said_by).await,
            Err(unchanged) => Err(unchanged),
        };
        let record = record(&header);
        let events = records(self.name(), &feed, &record, result.as_ref().map(|_| ()));
        let mut events: Vec<AuditEvent> =
            events.into_iter().map(|event| event.by(request.caller)).collect();
        let last = events.pop().unwrap_or_else(|| self.event(&header, request, ""));
        for event in events {
            self.audit.record(event).await.map_err(|error| {
                tracing::error!(service = self.audit.service(), %error, "audit failed");
                Fault::receiver("the request could not be audited, so it is not answered")
            })?;
        }
        let reason = result.map_err(|unchanged| said(&unchanged.error));
        Ok(self.outcome(&header, reason.as_ref().map(|_| ()).map_err(String::as_str), last))
    }

    async fn ready(&self) -> Result<(), String> {
        store::Store::ready(&*self.registry.store).await.map_err(|error| error.to_string())
    }
}

impl PixEndpoint {
    fn name(&self) -> &'static str {
        Transaction::Iti44.name()
    }

    fn outcome(&self, header: &PixHeader, result: Result<(), &str>, audit: AuditEvent) -> Outcome {
        let now = self.registry.clock.dtm();
        let answer = acknowledgement::write(header, result, &now, node::ids::uuid());
        Outcome { reply: Reply::Body(answer), audit }
    }

    /// The record of a message that was not understood.
    fn event(&self, header: &PixHeader, request: &SoapRequest<'_>, reason: &str) -> AuditEvent {
        let kind = AuditKind::Transaction(self.name().to_owned());
        let mut event = AuditEvent::new("registry", kind, AuditOutcome::SeriousFailure)
            .by(request.caller)
            .because(reason);
        event.feed = Some(record(header));
        event
    }
}

fn record(header: &PixHeader) -> FeedRecord {
    FeedRecord {
        action: FeedAction::Update,
        message_id: header.id.text(),
        sender: Some(header.sender.root.clone()),
        receiver: Some(header.receiver.root.clone()),
    }
}
