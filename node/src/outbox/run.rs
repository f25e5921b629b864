//! Delivery: the oldest item of each organisation, several organisations at a time, for as long as a
//! role runs.

use super::compose::{Attempt, Composed, request};
use super::directory::DirectoryEntry;
use super::item::Shown;
use super::store::Due;
use super::verdict::{Verdict, verdict};
use super::{Outbox, Soap};
use crate::audit::{Audit, AuditEvent, AuditKind, Outcome};
use crate::post::{self, Unanswered};
use crate::telemetry;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};
use schemas::ods_code::OdsCode;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Organisations that are sent to at one time.
const AT_ONCE: usize = 16;
/// How often the store is looked at when nothing says that it changed.
const PAUSE: Duration = Duration::from_millis(500);
/// How often it is counted and swept.
const SWEEP: Duration = Duration::from_secs(5);
const EXCHANGE: Duration = Duration::from_secs(60);
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// The longest pause between two tries, in milliseconds.
const BACK_OFF_MAX: i64 = 15 * 60 * 1000;

/// Runs until it is dropped; what is under way then is begun again by the next process.
pub async fn run(outbox: Outbox, audit: Audit) {
    let service = audit.service();
    let mut tasks: JoinSet<OdsCode> = JoinSet::new();
    let mut busy = HashSet::new();
    let mut swept: Option<Instant> = None;
    loop {
        if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
            outbox.sweep(service).await;
            swept = Some(Instant::now());
        }
        match outbox.inner.store.due(outbox.inner.directory.codes(), outbox.now()).await {
            Ok(due) => {
                for due in due {
                    let to = due.shown.destination.clone();
                    if busy.len() < AT_ONCE && busy.insert(to) {
                        tasks.spawn(one(outbox.clone(), audit.clone(), due));
                    }
                }
            }
            Err(error) => tracing::error!(service, %error, "the outbox cannot be read"),
        }
        tokio::select! {
            () = outbox.inner.wake.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
            Some(done) = tasks.join_next() => drop(done.map(|to| busy.remove(&to))),
        }
    }
}

/// Tries one item once. A panic would leave its organisation waiting for ever.
async fn one(outbox: Outbox, audit: Audit, due: Due) -> OdsCode {
    let to = due.shown.destination.clone();
    if AssertUnwindSafe(outbox.attempt(&audit, &due)).catch_unwind().await.is_err() {
        tracing::error!(id = %due.shown.id, "a delivery failed; it is tried again");
        let next_at = outbox.now().saturating_add(BACK_OFF_MAX);
        let error = "the hub failed while it was delivered".to_owned();
        let _ = outbox.inner.store.later(due.seq, next_at, error).await;
    }
    to
}

/// The pause after a try, in milliseconds: 2 seconds, then twice as long each time up to a quarter of
/// an hour, of which `seed` takes off up to a half so that not everybody comes at the same moment.
fn pause(tries: u32, seed: u128) -> i64 {
    let longest = post::back_off(tries, BACK_OFF_MAX);
    let mixed = seed.wrapping_add(u128::from(tries)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let part = i64::try_from((mixed >> 64) % 1_000).unwrap_or(0);
    longest - longest / 2 * part / 1_000
}

impl Outbox {
    /// Counts for the metrics, gives up what nobody collects, forgets what is long settled.
    async fn sweep(&self, service: &'static str) {
        let (now, settings) = (self.now(), &self.inner.settings);
        let ago = |seconds: u64| {
            let milliseconds = i64::try_from(seconds).unwrap_or(i64::MAX / 1000) * 1000;
            now.saturating_sub(milliseconds)
        };
        let store = &self.inner.store;
        let endpoints = self.inner.directory.codes();
        let swept = async {
            let uncollected = ago(settings.collect_seconds);
            let given_up = store.give_up_uncollected(endpoints, uncollected, now).await?;
            store.forget(ago(settings.retention_seconds)).await?;
            Ok::<_, crate::sqlite::SqliteError>((given_up, store.counts().await?))
        };
        match swept.await {
            Ok((given_up, counts)) => {
                if given_up > 0 {
                    tracing::warn!(service, given_up, "messages that nobody collected are parked");
                }
                telemetry::outbox(service, &counts, now);
            }
            Err(error) => tracing::error!(service, %error, "the outbox cannot be swept"),
        }
    }

    async fn attempt(&self, audit: &Audit, due: &Due) {
        let (service, store) = (audit.service(), &self.inner.store);
        let Some(entry) = self.inner.directory.find(&due.shown.destination) else { return };
        let deadline =
            i64::try_from(self.inner.settings.deadline_seconds).unwrap_or(i64::MAX / 1000);
        let give_up_at = self.now().saturating_add(deadline.saturating_mul(1000));
        let give_up_at = match store.begin(due.seq, give_up_at).await {
            Ok(Some(at)) => at,
            // Settled by hand, or collected, since it was looked at.
            Ok(None) => return,
            Err(error) => return tracing::error!(service, %error, "a try was not begun"),
        };
        let verdict = match self.post(&due.shown, due, entry).await {
            Ok(answer) => verdict(answer.status, &answer.body),
            Err(unanswered) => Verdict::Later(unanswered.to_string()),
        };
        let over = self.now() >= give_up_at;
        let settled = match verdict {
            Verdict::Delivered => self.delivered(audit, due).await,
            Verdict::Final(reason) => self.park(audit, due, reason).await,
            Verdict::Later(reason) if over => {
                self.park(audit, due, format!("not taken in time; the last try: {reason}")).await
            }
            Verdict::Later(reason) => {
                telemetry::outbox_try(service, due.shown.kind.name(), "not-delivered");
                let (id, to) = (due.shown.id, &due.shown.destination);
                tracing::warn!(service, %id, %to, reason, "a message was not delivered");
                let pause = pause(due.shown.attempts, due.shown.id.as_u128());
                store.later(due.seq, self.now().saturating_add(pause), reason).await
            }
        };
        if let Err(error) = settled {
            let id = due.shown.id;
            tracing::error!(service, %id, %error, "what became of a message was not kept");
        }
    }

    async fn post(
        &self,
        shown: &Shown,
        due: &Due,
        entry: &DirectoryEntry,
    ) -> Result<post::Answer, Unanswered> {
        let attempt = Attempt::new(self.inner.clock.now());
        let composed = request(shown, &due.message, entry, &self.inner.system, &attempt);
        let request = http(entry, composed);
        let request = request
            .map_err(|error| Unanswered::Unreachable(entry.url.host.clone(), error.to_string()))?;
        let sockets = post::resolve(&entry.url).await?;
        let tls = self.inner.tls.clone();
        post::send(tls, &entry.url, &sockets, request, ANSWER_BYTES_MAX, EXCHANGE).await
    }

    async fn delivered(&self, audit: &Audit, due: &Due) -> Result<(), crate::sqlite::SqliteError> {
        self.inner.store.delivered(due.seq, self.now()).await?;
        telemetry::outbox_try(audit.service(), due.shown.kind.name(), "delivered");
        // An acknowledgement tells its reader nothing new of a patient; a notice does.
        if !due.shown.kind.is_acknowledgement() {
            let event = record(audit, &due.shown, Outcome::Success);
            self.record(audit, event.because("the notice was delivered")).await;
        }
        Ok(())
    }

    async fn park(
        &self,
        audit: &Audit,
        due: &Due,
        reason: String,
    ) -> Result<(), crate::sqlite::SqliteError> {
        let (service, shown) = (audit.service(), &due.shown);
        tracing::warn!(service, id = %shown.id, to = %shown.destination, reason, "a message is parked");
        telemetry::outbox_try(service, shown.kind.name(), "parked");
        let event = record(audit, shown, Outcome::SeriousFailure);
        self.record(audit, event.because(format!("parked: {reason}"))).await;
        self.inner.store.parked(due.seq, self.now(), reason).await
    }

    async fn record(&self, audit: &Audit, event: AuditEvent) {
        if let Err(error) = audit.record(event).await {
            tracing::error!(service = audit.service(), %error, "audit failed");
        }
    }
}

/// A record of what became of an item.
fn record(audit: &Audit, shown: &Shown, outcome: Outcome) -> AuditEvent {
    let mut event = AuditEvent::new(audit.service(), AuditKind::Outbox, outcome);
    event.message_id = Some(shown.tracking_id.to_string().to_uppercase());
    event.because(format!(
        "{} {} to {} about {}",
        shown.kind.name(),
        shown.id,
        shown.destination,
        shown.reference
    ))
}

fn http(
    entry: &DirectoryEntry,
    composed: Composed,
) -> Result<hyper::Request<post::Body>, hyper::http::Error> {
    let builder = post::request(&entry.url).header(CONTENT_LENGTH, composed.envelope.len());
    let action = composed.action;
    let builder = match entry.soap {
        Soap::V11 => builder
            .header(CONTENT_TYPE, "text/xml; charset=UTF-8")
            .header("SOAPAction", format!("\"{action}\"")),
        Soap::V12 => builder.header(
            CONTENT_TYPE,
            format!("application/soap+xml; charset=UTF-8; action=\"{action}\""),
        ),
    };
    let body = Full::new(bytes::Bytes::from(composed.envelope));
    builder.body(body.map_err(|never| match never {}).boxed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_lie_further_apart_up_to_a_quarter_of_an_hour_and_never_at_one_moment() {
        for tries in 0..40 {
            let longest = post::back_off(tries, BACK_OFF_MAX);
            let pauses: Vec<i64> = (0..200).map(|n| pause(tries, n << 70 | 0xABCD_EF01)).collect();
            assert!(pauses.iter().all(|pause| (longest / 2..=longest).contains(pause)));
            let different: HashSet<i64> = pauses.iter().copied().collect();
            assert!(different.len() > 50, "{} at {tries}", different.len());
        }
        assert_eq!(post::back_off(0, BACK_OFF_MAX), 2_000);
        assert_eq!(post::back_off(u32::MAX, BACK_OFF_MAX), BACK_OFF_MAX);
    }
}
