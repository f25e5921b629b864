//! Any bytes as an envelope with an assertion: located or refused; what is cut out is one assertion
//! without a signature, and is read or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::saml::{Assertion, DSIG, Enveloped, locate};
use schemas::soap::Envelope;
use schemas::xml::{Document, Limits};

fuzz_target!(|bytes: &[u8]| {
    let _ = Assertion::read(bytes);
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return };
    let Ok(envelope) = Envelope::read(&document) else { return };
    let Ok(Some(assertion)) = locate(document.root(), envelope.header) else { return };
    let Ok(enveloped) = Enveloped::read(assertion) else { return };
    let content = Document::parse(&enveloped.content, &Limits::default()).expect("it is XML");
    assert!(
        content
            .root()
            .descendants()
            .all(|element| element.namespace() != DSIG || element.local() != "Signature")
    );
    assert_eq!(content.root().attr("ID"), Some(enveloped.id.as_str()));
    assert!(Document::parse(&enveloped.document, &Limits::default()).is_ok());
    let _ = Assertion::read(enveloped.content.as_bytes());
});
