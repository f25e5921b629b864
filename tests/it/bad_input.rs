//! Bad input gets the right fault or error, is audited, and leaves nothing behind.

mod documents;
mod envelope;
mod limits;
mod metadata;
mod query;

use hub::serve::Role;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tests::message::{self, Provide};
use tests::{Answer, TestHub};

/// Posts an envelope as RXN to the repository, which must refuse it.
fn repository_refuses(hub: &TestHub, words: &[&str], envelope: &str) -> Answer {
    let request = hub.request("RXN", hub.url(Role::Repository));
    hub.refuses(Role::Repository, words, || request.soap(envelope))
}

/// Posts a package as RXN to the repository, which must refuse it.
fn repository_refuses_package(
    hub: &TestHub,
    words: &[&str],
    (content_type, body): (String, Vec<u8>),
) -> Answer {
    let request = hub.request("RXN", hub.url(Role::Repository)).content_type(&content_type);
    hub.refuses(Role::Repository, words, || request.post(&body))
}

/// A refusal in a RegistryResponse: HTTP 200, Failure, and every error with this code.
fn assert_failure(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.xds_status().as_str()), (200, "Failure"), "{answer:?}");
    let codes = answer.error_codes();
    assert!(!codes.is_empty() && codes.iter().all(|c| c == code), "{code}: {codes:?}");
    assert!(answer.contains("ErrorSeverityType:Error"));
}

/// A refusal in a SOAP fault.
fn assert_fault(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.fault_code().as_str()), (status, code), "{}", answer.text());
}

#[derive(Clone, Default)]
struct Net(Arc<Mutex<Vec<u8>>>);

impl Write for Net {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_nhs_number_of_a_refused_request_reaches_the_log() {
    let net = Net::default();
    let writer = net.clone();
    let hub_only = tracing_subscriber::EnvFilter::new(
        "hub=trace,node=trace,registry=trace,repository=trace,gateway=trace,schemas=trace,actix=trace,it=trace",
    );
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(hub_only)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    tracing::info!("the net is out");
    let hub = TestHub::start();
    // Numbers that no other test uses: all tests of this process fall into the net.
    let (wrong, right) = ("9990000191", "9990000107");
    let bad_number = Provide::letter(90).patient(wrong);
    repository_refuses(&hub, &["check digit"], &bad_number.inline());
    let bad_code = Provide::letter(91).patient(right).code(message::scheme::TYPE_CODE, "1", "1.2");
    repository_refuses(&hub, &["typeCode"], &bad_code.inline());
    let query = message::find_documents(wrong, "LeafClass", "");
    let request = hub.request("ZZP01", hub.url(Role::Gateway));
    hub.refuses(Role::Gateway, &["check digit"], || request.soap(&query));
    let caught = String::from_utf8_lossy(&net.0.lock().unwrap()).into_owned();
    assert!(caught.contains("the net is out"), "the log is caught");
    for number in [wrong, right] {
        assert!(!caught.contains(number), "an NHS number was logged");
    }
}
