//! ITI-8 Patient Identity Feed: HL7 v2 ADT messages, each answered with an ACK (ITI TF-2 3.8).

use crate::Registry;
use crate::identity::feed::{records, said};
use crate::identity::{IdentityError, Refusal, Sender, Unchanged, receive};
use crate::relating::keep;
use async_trait::async_trait;
use node::audit::{Audit, AuditEvent, AuditKind, FeedAction, FeedRecord, Outcome};
use node::caller::Caller;
use node::mllp::MllpService;
use schemas::hl7v2::acknowledgement;
use schemas::hl7v2::{AdtContext, AdtMessage, AdtRefusal, Condition, Header, Nack};
use schemas::pix::PatientFeed;
use std::sync::Arc;
use std::time::Instant;

const NAME: &str = "ITI-8";

/// The registry's door for HL7 v2.
pub struct Iti8 {
    pub registry: Arc<Registry>,
    pub audit: Audit,
}

#[async_trait]
impl MllpService for Iti8 {
    async fn receive(&self, caller: &Caller, message: &[u8]) -> Option<Vec<u8>> {
        let started = Instant::now();
        let context = AdtContext {
            domain: &self.registry.identity.policy.domain,
            training: self.registry.identity.training(),
        };
        let (header, result, events) = match AdtMessage::read(message, &context) {
            Ok(message) => self.apply(caller, message).await,
            Err(refusal) => not_understood(*refusal),
        };
        let outcome = if result.is_ok() { Outcome::Success } else { Outcome::SeriousFailure };
        for event in events {
            if let Err(error) = self.audit.record(event.by(caller)).await {
                tracing::error!(service = self.audit.service(), %error, "audit failed");
                let nack = Nack::unable("the message could not be audited, so it is not answered");
                return Some(self.acknowledge(header.as_ref(), Err(&nack)));
            }
        }
        node::telemetry::answered(self.audit.service(), NAME, outcome.name(), started.elapsed());
        Some(self.acknowledge(header.as_ref(), result.as_ref().map(|_| ())))
    }
}

type Handled = (Option<Header>, Result<(), Nack>, Vec<AuditEvent>);

impl Iti8 {
    fn acknowledge(&self, header: Option<&Header>, result: Result<(), &Nack>) -> Vec<u8> {
        let control_id = node::ids::uuid().simple().to_string();
        // MSH-10 has at most 20 characters up to version 2.5.1.
        let now = self.registry.clock.dtm();
        acknowledgement::write(header, result, &now, &control_id[..20])
    }

    async fn apply(&self, caller: &Caller, message: AdtMessage) -> Handled {
        let AdtMessage { header, event, feed, particulars } = message;
        let sender =
            Sender::new(caller, &header.sending_application, Some(&header.sending_facility));
        let registry = &self.registry;
        let result = match &feed {
            // A registry ignores A08 (ITI TF-2 3.8.4.1.3), and what is of a visit: who the patient is
            // does not change.
            PatientFeed::Update(_) if registry.identity.policy.source(&sender).is_some() => Ok(()),
            PatientFeed::Update(_) => {
                Err(Unchanged { error: Refusal::NotASource.into(), nameless: false })
            }
            _ => receive(&registry.identity, &feed, &sender, &header.control_id).await,
        };
        let said_by = format!(
            "{NAME} {} {}|{}",
            event.code(),
            header.sending_facility,
            header.sending_application
        );
        let result = match result {
            Ok(()) => keep(&registry.identity, &feed, particulars, &sender, &said_by).await,
            Err(unchanged) => Err(unchanged),
        };
        let record = record(&header, FeedAction::Update);
        let events = records(NAME, &feed, &record, result.as_ref().map(|_| ()));
        let location =
            if matches!(feed, PatientFeed::Merge { .. }) { "MRG^1^1" } else { "PID^1^3" };
        (Some(header), result.map_err(|unchanged| nack(&unchanged.error, location)), events)
    }
}

fn nack(error: &IdentityError, location: &'static str) -> Nack {
    let condition = match error {
        IdentityError::Store(_) => return Nack::unable(said(error)),
        IdentityError::Refused(Refusal::NotASource | Refusal::MayNotMerge) => {
            return Nack::error(Condition::TableValue, "MSH^1^3", said(error));
        }
        IdentityError::Refused(
            Refusal::SubsumedUnknown
            | Refusal::SurvivingUnknown
            | Refusal::AlreadySubsumed
            | Refusal::SurvivingSubsumed,
        ) => Condition::UnknownKey,
        IdentityError::Refused(_) => Condition::TableValue,
    };
    Nack::error(condition, location, said(error))
}

/// `facility|application` of both ends.
fn record(header: &Header, action: FeedAction) -> FeedRecord {
    let end = |facility: &str, application: &str| Some(format!("{facility}|{application}"));
    FeedRecord {
        action,
        message_id: header.control_id.clone(),
        sender: end(&header.sending_facility, &header.sending_application),
        receiver: end(&header.receiving_facility, &header.receiving_application),
    }
}

fn not_understood(refusal: AdtRefusal) -> Handled {
    let AdtRefusal { header, nack } = refusal;
    let kind = AuditKind::Transaction(NAME.to_owned());
    let mut event =
        AuditEvent::new("registry", kind, Outcome::SeriousFailure).because(nack.reason.clone());
    event.feed = header.as_ref().map(|header| record(header, FeedAction::Update));
    (header.map(|header| *header), Err(nack), vec![event])
}
