//! Any bytes as a SubmitObjectsRequest: what is understood survives being written and read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::submission::Submission;
use schemas::wire::MetadataLimits;
use schemas::xml::{Document, Limits};

fuzz_target!(|bytes: &[u8]| {
    let limits = MetadataLimits::default();
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return };
    let Ok(submission) = Submission::read(document.root(), &limits) else { return };
    let written = submission.write();
    let document = Document::parse(&written, &Limits::default());
    let document = document.unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(Submission::read(document.root(), &limits), Ok(submission), "{written}");
});
