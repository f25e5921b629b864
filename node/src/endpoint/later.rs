//! Requests whose answer goes to an address of its own: promised here, served here again by
//! [`crate::asynchronous`].

use super::reply::{HttpBody, HttpReply};
use super::serve::{Begun, Known};
use super::{Endpoint, Refusal};
use crate::asynchronous::{Accepted, Later, Promise};
use crate::audit::{AuditEvent, Outcome as AuditOutcome};
use crate::caller::{Caller, Peer};
use crate::spool::Received;
use crate::sqlite::SqliteError;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use std::time::Instant;
use uuid::Uuid;

/// HTTP 202 without a body.
fn promised() -> HttpReply {
    let body = HttpBody::Whole(bytes::Bytes::new());
    HttpReply { status: 202, content_type: String::new(), body, close: false }
}

fn correlation_id(promise: &Promise) -> Uuid {
    Uuid::try_parse(&promise.correlation_id).unwrap_or_else(|_| crate::ids::uuid())
}

impl Endpoint {
    /// Writes a request down and says 202.
    pub(super) async fn promise(
        &self,
        later: Later,
        known: &Known,
        caller: &Caller,
        received: Received,
        correlation_id: Uuid,
    ) -> Result<HttpReply, Refusal> {
        let asynchronous = &self.node.asynchronous;
        asynchronous.check(&later).await?;
        let transaction = known.transaction.map_or("", Transaction::name);
        let message_id = known.message_id.clone().unwrap_or_default();
        let promise = Promise {
            path: self.path.to_owned(),
            transaction: transaction.to_owned(),
            organisation: caller.organisation.clone(),
            system: caller.system.clone(),
            address: caller.address,
            user: known.caller.as_ref().and_then(|caller| caller.user.clone()),
            correlation_id: correlation_id.to_string(),
            later,
        };
        let service = self.audit.service();
        match asynchronous.accept(message_id, promise, received).await {
            Ok(Accepted::New) => crate::telemetry::asynchronous(service, "accepted"),
            Ok(Accepted::Repeated) => crate::telemetry::asynchronous(service, "repeated"),
            Ok(Accepted::Again) => {
                crate::telemetry::asynchronous(service, "repeated");
                self.record_again(known, correlation_id).await?;
            }
            Err(SqliteError::Busy) => {
                let reason = "more requests wait to be answered than this hub takes on; try again";
                return Err(Fault::receiver(reason).into());
            }
            Err(error) => {
                tracing::error!(service, %error, "a request could not be kept");
                return Err(Fault::receiver("the hub could not keep the request; try again").into());
            }
        }
        Ok(promised())
    }

    /// A stored answer leaves once more: that is on record too.
    async fn record_again(&self, known: &Known, correlation_id: Uuid) -> Result<(), Refusal> {
        let Some(transaction) = known.transaction else { return Ok(()) };
        let service = self.audit.service();
        let mut event = AuditEvent::transaction(service, transaction, AuditOutcome::Success)
            .because("a repeated MessageID: the stored answer is sent again");
        if let Some(caller) = &known.caller {
            event = event.by(caller);
        }
        event.message_id = known.message_id.clone();
        event.correlation_id = Some(correlation_id.to_string());
        self.audit.record(event).await.map_err(|error| {
            tracing::error!(service, %error, "audit failed");
            Fault::receiver("the request could not be audited, so it is not answered").into()
        })
    }

    /// Serves a request that was promised an answer. Whether its sender may still ask is asked
    /// again.
    pub(crate) async fn serve_later(
        &self,
        caller: Caller,
        promise: &Promise,
        received: Received,
    ) -> HttpReply {
        let started = Instant::now();
        let peer = Peer { address: caller.address, certificate: None, trusted: None };
        let mut known = Known {
            caller: Some(caller.clone()),
            later: Some(promise.later.clone()),
            ..Known::default()
        };
        let mut correlation_id = correlation_id(promise);
        let begun = self.begin(&peer, caller, &received, &mut known, &mut correlation_id).await;
        let refusal = match begun {
            Ok(Begun::Answered(outcome)) => {
                let outcome = *outcome;
                return self
                    .answer(&peer, outcome, &known, &received, correlation_id, started)
                    .await;
            }
            Ok(Begun::Later(_)) => {
                Fault::receiver("the request was promised an answer twice").into()
            }
            Err(refusal) => refusal,
        };
        self.refuse(&peer, &known, refusal, Some(correlation_id), started).await
    }

    /// The fault of a promised request that cannot be served at all.
    pub(crate) async fn refuse_later(
        &self,
        caller: Caller,
        promise: &Promise,
        message_id: &str,
        fault: Fault,
    ) -> HttpReply {
        let peer = Peer { address: caller.address, certificate: None, trusted: None };
        let known = Known {
            transaction: self
                .service
                .transactions()
                .iter()
                .copied()
                .find(|t| t.name() == promise.transaction),
            message_id: Some(message_id.to_owned()),
            caller: Some(caller),
            later: Some(promise.later.clone()),
            ..Known::default()
        };
        let correlation_id = Some(correlation_id(promise));
        self.refuse(&peer, &known, fault.into(), correlation_id, Instant::now()).await
    }
}
