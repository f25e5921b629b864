//! Any bytes as a message of the toolkit, payloads decoded: read within its limits, or refused in a
//! fault that is XML.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::itk::{DecodeLimits, Encoding, ItkFault, ItkMessage, QueueRequest, ReadContext};
use schemas::soap::{Envelope, SoapVersion};
use schemas::xml::{Document, Limits};

const PAYLOAD: usize = 100_000;
const MESSAGE: usize = 150_000;
/// So that a changed date is not the end of every message.
const CENTURY: i64 = 100 * 366 * 24 * 3600;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return };
    let envelope = match Envelope::read_any(&document) {
        Ok(envelope) => envelope,
        Err(fault) => return refused(&ItkFault::from_soap(&fault)),
    };
    if let Err(fault) = QueueRequest::read(&envelope) {
        refused(&fault);
    }
    let context = ReadContext {
        skew_seconds: CENTURY,
        limits: DecodeLimits { payload_bytes: PAYLOAD, message_bytes: MESSAGE },
        ..ReadContext::new("2026-01-14T15:31:04Z".parse().expect("a time"))
    };
    match ItkMessage::read(&envelope, &context) {
        Ok(message) => accepted(&message),
        Err(fault) => refused(&fault),
    }
});

fn accepted(message: &ItkMessage) {
    assert!((1..=64).contains(&message.payloads.len()));
    let bytes: usize = message.payloads.iter().map(|payload| payload.bytes.len()).sum();
    assert!(bytes <= MESSAGE);
    assert_eq!(message.tracking_id, message.tracking_id.to_uppercase());
    // Declarations that a payload needs are added to it.
    let limits = Limits { attributes_per_element: 1_000, ..Limits::default() };
    for payload in message.payloads.iter().filter(|p| p.encoding == Encoding::Inline) {
        let read = Document::parse_bytes(&payload.bytes, &limits);
        assert!(read.is_ok(), "{:?}: {}", read.err(), String::from_utf8_lossy(&payload.bytes));
    }
}

fn refused(fault: &ItkFault) {
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let text = fault.write(version, None, "M", "E", None);
        assert!(Document::parse(&text, &Limits::default()).is_ok(), "{text}");
    }
}
