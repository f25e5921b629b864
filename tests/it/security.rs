//! Who may connect, who may do what, and what is on record of it.

mod audit;
mod authority;
mod certificates;
mod folders;
mod permissions;

use node::audit::{AuditKind, AuditRecord};
use std::time::{Duration, Instant};
use tests::{Request, TestHub};

/// Asks until it is so, or the time is over.
fn within(time: Duration, mut so: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + time;
    loop {
        if so() {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The failed handshakes that a service has on record.
fn failed_handshakes(hub: &TestHub, role: hub::serve::Role) -> Vec<AuditRecord> {
    let mut records = hub.audit(role);
    records.retain(|record| record.event.kind == AuditKind::NodeAuthenticationFailure);
    records
}

/// The handshake fails, and the failure is on record with what the certificate claimed.
fn assert_handshake_fails(hub: &TestHub, role: hub::serve::Role, request: &Request, system: &str) {
    let before = failed_handshakes(hub, role).len();
    let answer = request.try_post("<x/>");
    assert!(answer.is_err(), "an answer came back: {answer:?}");
    let recorded = || failed_handshakes(hub, role).len() > before;
    assert!(within(Duration::from_secs(2), recorded), "the failed handshake is not on record");
    let event = failed_handshakes(hub, role).pop().unwrap().event;
    assert_eq!(event.outcome, node::audit::Outcome::SeriousFailure);
    assert_eq!(event.system.as_deref(), Some(system));
    assert!(!event.reasons.is_empty(), "the reason is given");
    assert!(event.reasons[0].contains("its names are claims"), "nobody reads them as true");
}
