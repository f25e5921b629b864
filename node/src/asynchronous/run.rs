//! Serving what was promised and delivering the answers, a few at a time, for as long as a role runs.

use super::deliver::{self, Undelivered};
use super::spooled::in_background;
use super::store::{Due, State};
use super::{Asynchronous, Promise, ReplyAddress};
use crate::audit::{AuditEvent, AuditKind, Outcome};
use crate::caller::Caller;
use crate::endpoint::{Endpoint, HttpReply};
use crate::telemetry;
use futures_util::FutureExt;
use schemas::soap::fault::Fault;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Requests served, and answers sent, at one time.
const AT_ONCE: usize = 16;
/// Requests and answers looked at in one look; more than can be under way.
const LOOK: u32 = 64;
/// How often the store is looked at when nothing says that it changed.
const PAUSE: Duration = Duration::from_millis(500);
/// A request that was begun this often without an answer is answered with a fault.
const TRIES_MAX: u32 = 5;

/// Runs until it is dropped; what is under way then is begun again by the next process.
pub async fn run(endpoints: Arc<Vec<Endpoint>>) {
    let Some(first) = endpoints.first() else { return };
    let asynchronous = first.node.asynchronous.clone();
    let service = first.audit.service();
    let mut tasks = JoinSet::new();
    let mut busy = HashSet::new();
    loop {
        match asynchronous.look().await {
            Ok(work) => {
                telemetry::asynchronous_waiting(service, &work.counts);
                for due in work.due {
                    if busy.len() < AT_ONCE && busy.insert(due.id) {
                        tasks.spawn(one(asynchronous.clone(), endpoints.clone(), due));
                    }
                }
                for id in work.expired.into_iter().filter(|id| !busy.contains(id)) {
                    asynchronous.forget(id).await;
                }
            }
            Err(error) => tracing::error!(service, %error, "promised answers cannot be read"),
        }
        tokio::select! {
            () = asynchronous.inner.wake.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
            Some(done) = tasks.join_next() => drop(done.map(|id| busy.remove(&id))),
        }
    }
}

/// Takes one request a step further.
async fn one(asynchronous: Asynchronous, endpoints: Arc<Vec<Endpoint>>, due: Due) -> Uuid {
    let id = due.id;
    let promise: Option<Promise> = serde_json::from_str(&due.promise).ok();
    let endpoint = promise
        .as_ref()
        .and_then(|promise| endpoints.iter().find(|endpoint| endpoint.path == promise.path));
    let (Some(promise), Some(endpoint)) = (&promise, endpoint) else {
        tracing::error!(%id, "a promised answer belongs to no endpoint of this role");
        asynchronous.pause(&due).await;
        return id;
    };
    let step = async {
        match due.state {
            State::Received => asynchronous.serve(endpoint, promise, &due).await,
            State::Answered => asynchronous.deliver(endpoint, promise, &due).await,
        }
    };
    if AssertUnwindSafe(step).catch_unwind().await.is_err() {
        tracing::error!(%id, "a promised answer failed; it is tried again");
    }
    asynchronous.inner.wake.notify_one();
    id
}

/// At most five minutes.
fn back_off(tries: u32) -> i64 {
    crate::post::back_off(tries, 300_000)
}

impl Asynchronous {
    async fn look(&self) -> Result<super::store::Work, crate::sqlite::SqliteError> {
        let now = self.now();
        let expired = now.saturating_sub(self.inner.retention);
        self.inner.store.work(now, expired, LOOK).await
    }

    /// The next try is later, whatever becomes of this one.
    async fn pause(&self, due: &Due) -> bool {
        let next_at = self.now().saturating_add(back_off(due.tries));
        let paused = self.inner.store.try_again(due.id, next_at).await;
        paused
            .map_err(|error| tracing::error!(id = %due.id, %error, "a try was not counted"))
            .is_ok()
    }

    async fn forget(&self, id: Uuid) {
        let inner = self.inner.clone();
        let removed = in_background(move || inner.folder.remove(id)).await;
        let removed = match removed {
            Ok(()) => self.inner.store.remove(id).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = removed {
            tracing::error!(%id, %error, "an old answer was not removed");
        }
    }

    /// Serves a request and keeps its answer.
    async fn serve(&self, endpoint: &Endpoint, promise: &Promise, due: &Due) {
        if !self.pause(due).await {
            return;
        }
        let caller = Caller {
            system: promise.system.clone(),
            organisation: promise.organisation.clone(),
            claimed_for: None,
            address: promise.address,
            user: promise.user.clone(),
        };
        let served = self.answer(endpoint, promise, due, caller.clone());
        let reply = match AssertUnwindSafe(served).catch_unwind().await {
            Ok(reply) => reply,
            // A panic is the hub's own fault; it is on record like any other failure.
            Err(_) => {
                let fault = Fault::receiver("the hub failed while it served the request");
                endpoint.refuse_later(caller, promise, &due.message_id, fault).await
            }
        };
        if let Err(error) = self.keep(promise, due, reply).await {
            tracing::error!(id = %due.id, %error, "an answer was not kept; the request is served again");
        }
    }

    async fn answer(
        &self,
        endpoint: &Endpoint,
        promise: &Promise,
        due: &Due,
        caller: Caller,
    ) -> HttpReply {
        let refuse = |reason: &'static str, caller: Caller| async move {
            let fault = Fault::receiver(reason);
            endpoint.refuse_later(caller, promise, &due.message_id, fault).await
        };
        if due.tries >= TRIES_MAX {
            return refuse("the hub could not serve the request", caller).await;
        }
        let (inner, id, packing) = (self.inner.clone(), due.id, due.packing.clone());
        let loaded = in_background(move || {
            let packing = serde_json::from_str(&packing)?;
            inner.folder.load(id, &packing, inner.memory_max, &inner.spool)
        });
        match loaded.await {
            Ok(received) => endpoint.serve_later(caller, promise, received).await,
            Err(error) => {
                tracing::error!(%id, %error, "a promised request cannot be read");
                refuse("the hub lost the request; send it again with another MessageID", caller)
                    .await
            }
        }
    }

    async fn keep(&self, promise: &Promise, due: &Due, reply: HttpReply) -> Result<(), String> {
        let later = &promise.later;
        let target = if reply.is_fault() { &later.fault_to } else { &later.reply_to };
        let id = due.id;
        let Some(target) = target else {
            let done = self.inner.store.nothing_to_send(id).await;
            done.map_err(|error| error.to_string())?;
            return self.forget_request(id).await;
        };
        let kept = self.inner.folder.keep_answer(id, reply.body).await;
        kept.map_err(|error| error.to_string())?;
        let give_up_at = self.now().saturating_add(self.inner.deadline);
        let target = target.as_str().to_owned();
        let answered = self.inner.store.answered(id, target, reply.content_type, give_up_at).await;
        answered.map_err(|error| error.to_string())?;
        self.forget_request(id).await
    }

    async fn forget_request(&self, id: Uuid) -> Result<(), String> {
        let inner = self.inner.clone();
        let forgotten = in_background(move || inner.folder.forget_request(id)).await;
        forgotten.map_err(|error| error.to_string())
    }

    /// Sends an answer once; gives up when its time is over.
    async fn deliver(&self, endpoint: &Endpoint, promise: &Promise, due: &Due) {
        if !self.pause(due).await {
            return;
        }
        let service = endpoint.audit.service();
        let sent = self.post(due).await;
        let (what, settled) = match &sent {
            Ok(()) => ("delivered", self.inner.store.delivered(due.id).await),
            Err(problem) => {
                let over = self.now() >= due.give_up_at;
                let hopeless = matches!(problem, Undelivered::NotListed(_));
                tracing::warn!(service, id = %due.id, %problem, "an answer was not delivered");
                if !over && !hopeless {
                    return telemetry::asynchronous(service, "not-delivered");
                }
                let reason =
                    format!("the answer could not be delivered, and is given up: {problem}");
                if let Err(error) =
                    endpoint.audit.record(gave_up(promise, due, service, reason)).await
                {
                    return tracing::error!(service, %error, "audit failed");
                }
                ("given-up", self.inner.store.given_up(due.id).await)
            }
        };
        telemetry::asynchronous(service, what);
        if let Err(error) = settled {
            tracing::error!(service, id = %due.id, %error, "an answer's state was not kept");
        }
    }

    async fn post(&self, due: &Due) -> Result<(), Undelivered> {
        let target = due.target.as_deref().unwrap_or_default();
        let address = ReplyAddress::parse(target)
            .map_err(|error| Undelivered::NotListed(error.to_string()))?;
        let content_type = due.content_type.as_deref().unwrap_or_default();
        let answer = self.inner.folder.answer(due.id);
        let inner = &self.inner;
        deliver::post(&inner.list, inner.tls.clone(), &address, content_type, &answer).await
    }
}

/// The record of an answer that nobody took.
fn gave_up(promise: &Promise, due: &Due, service: &str, reason: String) -> AuditEvent {
    let kind = AuditKind::Transaction(promise.transaction.clone());
    let mut event = AuditEvent::new(service, kind, Outcome::SeriousFailure).because(reason);
    event.organisation = Some(promise.organisation.to_string());
    event.system = Some(promise.system.clone());
    event.reply_to = due.target.clone();
    event.message_id = Some(due.message_id.clone());
    event.correlation_id = Some(promise.correlation_id.clone());
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_lie_further_and_further_apart_up_to_five_minutes() {
        let pauses: Vec<i64> = (0..12).map(back_off).collect();
        assert!(pauses.is_sorted());
        assert_eq!((pauses[0], pauses[1], pauses[11]), (2_000, 4_000, 300_000));
        assert_eq!(back_off(u32::MAX), 300_000);
    }
}
