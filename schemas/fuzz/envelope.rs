//! Any bytes as a SOAP envelope: read or refused, and what is read lies in what was received.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::soap::{self, Envelope};
use schemas::xml::{Document, Limits};

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return };
    let Ok(envelope) = Envelope::read(&document) else { return };
    let received = std::str::from_utf8(bytes).unwrap_or_default();
    assert!(received.contains(envelope.body.source()));
    soap::correlation_id(&envelope);
});
