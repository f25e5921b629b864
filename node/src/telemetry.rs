//! Metrics and log fields. NHS numbers, names and payloads never reach either: their types have no
//! `Display`, and the fields below are the only ones used.

use crate::asynchronous::Counts;
use crate::audit::forward::Behind;
use crate::outbox;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use schemas::transaction::Transaction;
use std::sync::OnceLock;
use std::time::Duration;

static PROMETHEUS: OnceLock<PrometheusHandle> = OnceLock::new();

/// The process-wide Prometheus registry.
pub fn prometheus() -> &'static PrometheusHandle {
    PROMETHEUS.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // A second recorder cannot be installed; the first one then keeps counting.
        let _ = metrics::set_global_recorder(recorder);
        handle
    })
}

/// Counts one request of a service.
pub fn request(
    service: &'static str,
    transaction: Option<Transaction>,
    outcome: &'static str,
    took: Duration,
) {
    answered(service, transaction.map_or("unknown", Transaction::name), outcome, took);
}

/// Counts one request or message under its transaction's name.
pub fn answered(
    service: &'static str,
    transaction: &'static str,
    outcome: &'static str,
    took: Duration,
) {
    prometheus();
    let labels = [("service", service), ("transaction", transaction), ("outcome", outcome)];
    metrics::counter!("watling_requests_total", &labels).increment(1);
    let labels = [("service", service), ("transaction", transaction)];
    metrics::histogram!("watling_request_seconds", &labels).record(took.as_secs_f64());
}

/// Counts a handshake that a certificate failed.
pub fn handshake_refused(service: &'static str) {
    prometheus();
    metrics::counter!("watling_handshakes_refused_total", "service" => service).increment(1);
}

/// Counts an assertion or token that was not accepted, by the word for its reason.
pub fn assertion_refused(service: &'static str, reason: String) {
    prometheus();
    let labels = [("service", service.to_owned()), ("reason", reason)];
    metrics::counter!("watling_assertions_refused_total", &labels).increment(1);
}

/// How many days a certificate has left, by whose it is: `own`, an issuer's name, or a caller's
/// `organisation|system`.
pub fn certificate_days_left(whose: String, days: i64) {
    prometheus();
    metrics::gauge!("watling_certificate_days_left", "whose" => whose).set(days as f64);
}

/// Counts what became of a request that wants its answer later, or of an attempt to deliver one.
pub fn asynchronous(service: &'static str, what: &'static str) {
    prometheus();
    let labels = [("service", service), ("what", what)];
    metrics::counter!("watling_async_total", &labels).increment(1);
}

/// How many requests wait to be served, answers to be taken, and answers were given up.
pub fn asynchronous_waiting(service: &'static str, counts: &Counts) {
    prometheus();
    let states = [
        ("received", counts.received),
        ("answered", counts.answered),
        ("given-up", counts.given_up),
    ];
    for (state, count) in states {
        let labels = [("service", service), ("state", state)];
        metrics::gauge!("watling_async_requests", &labels).set(count as f64);
    }
}

/// How many uses of a broken glass nobody has decided on, and how many of them for too long.
pub fn break_glass(open: u64, overdue: u64) {
    prometheus();
    for (state, count) in [("open", open), ("overdue", overdue)] {
        metrics::gauge!("watling_break_glass_uses", "state" => state).set(count as f64);
    }
}

/// Counts what became of a try to deliver a message of the outbox.
pub fn outbox_try(service: &'static str, kind: &'static str, what: &'static str) {
    prometheus();
    let labels = [("service", service), ("kind", kind), ("what", what)];
    metrics::counter!("watling_outbox_total", &labels).increment(1);
}

/// How many organisations have evidence that has lapsed, is late or falls due.
pub fn evidence(stage: &'static str, organisations: usize) {
    prometheus();
    metrics::gauge!("watling_evidence_organisations", "stage" => stage).set(organisations as f64);
}

/// How many messages wait, were delivered and are parked, and how long the oldest has waited, in
/// seconds; `now` in milliseconds since 1970.
pub fn outbox(service: &'static str, counts: &outbox::Counts, now: i64) {
    prometheus();
    let states = [
        ("waiting", counts.open),
        ("delivered", counts.delivered),
        ("parked", counts.parked),
        ("dropped", counts.dropped),
    ];
    for (state, count) in states {
        let labels = [("service", service), ("state", state)];
        metrics::gauge!("watling_outbox_items", &labels).set(count as f64);
    }
    let age = counts.oldest_at.map_or(0, |at| now.saturating_sub(at).max(0) / 1000);
    metrics::gauge!("watling_outbox_oldest_seconds", "service" => service).set(age as f64);
    let unmatched = counts.unmatched as f64;
    metrics::gauge!("watling_outbox_unmatched", "service" => service).set(unmatched);
}

/// How many audit records their receiver has not taken yet.
pub fn audit_behind(service: &'static str, behind: &Behind) {
    prometheus();
    let records = behind.records as f64;
    metrics::gauge!("watling_audit_forward_behind", "service" => service).set(records);
}
