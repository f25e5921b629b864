//! Any bytes as a clinical document: its header, headings and attachments are read within their
//! limits, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::cda::{AttachmentLimits, CdaDocument, Headings, attachments};
use schemas::xml::Limits;

fuzz_target!(|bytes: &[u8]| {
    let limits = AttachmentLimits { bytes: 100_000, ..AttachmentLimits::default() };
    if let Ok(found) = attachments(bytes, &limits) {
        let total: usize = found.iter().map(|attachment| attachment.bytes.len()).sum();
        assert!(found.len() <= limits.count && total <= limits.bytes);
    }
    if let Ok(CdaDocument::Clinical(header)) = CdaDocument::read(bytes, &Limits::default()) {
        let headings = Headings::of(&header, None);
        let _ = headings.missing().count();
    }
});
