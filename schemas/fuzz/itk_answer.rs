//! Any bytes as what comes back from others: an acknowledgement, an answer to a posted message, the
//! content of a queue.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::itk::{Acknowledgement, PostAnswer, QueueMessageResponse};
use schemas::xml::{Document, Limits};

fuzz_target!(|bytes: &[u8]| {
    for status in [200, 500] {
        let answer = PostAnswer::read(status, bytes);
        assert!(!(answer.is_accepted() && answer.may_retry()));
        if let PostAnswer::Envelope(envelope) = answer {
            let limits = Limits { attributes_per_element: 1_000, ..Limits::default() };
            assert!(Document::parse(&envelope, &limits).is_ok(), "{envelope}");
        }
    }
    if let Some(acknowledgement) = Acknowledgement::read(bytes) {
        let written = match &acknowledgement {
            Acknowledgement::Infrastructure(response) => response.write(),
            Acknowledgement::Business(response) => response.write(),
        };
        let again = Acknowledgement::read(written.as_bytes());
        let again = again.unwrap_or_else(|| panic!("unread: {written}"));
        assert_eq!(again.is_positive(), acknowledgement.is_positive(), "{written}");
        assert_eq!(again.tracking_id_ref(), acknowledgement.tracking_id_ref(), "{written}");
    }
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return };
    if let Some(queue) = QueueMessageResponse::read(document.root()) {
        let written = queue.write();
        let document = Document::parse(&written, &Limits::default());
        let document = document.unwrap_or_else(|error| panic!("{error}: {written}"));
        assert_eq!(QueueMessageResponse::read(document.root()), Some(queue), "{written}");
    }
});
