//! Whom a message claims to be about, as far as it says a valid NHS number, verified or not.

use crate::arrival::Envelope;
use schemas::document::Document;
use schemas::itk::Manifested;
use schemas::nhs_number::NhsNumber;
use schemas::xml::Limits;

/// A number for each payload that says one. A child protection flag says none: that one waits is
/// told to nobody.
pub(crate) fn claimed(envelope: &Envelope, payloads: &[Manifested]) -> Vec<NhsNumber> {
    let described = envelope.description.iter().map(|description| description.patient);
    let mut numbers: Vec<NhsNumber> = described.chain(payloads.iter().filter_map(of)).collect();
    numbers.sort_by_key(|number| number.key());
    numbers.dedup();
    numbers
}

fn of(payload: &Manifested) -> Option<NhsNumber> {
    let document = Document::read(&payload.bytes, &payload.mime_type, &Limits::default()).ok()?;
    if matches!(document, Document::Flag(_)) {
        return None;
    }
    let (text, _) = document.header().patient.nhs_number()?;
    NhsNumber::parse(text).ok()
}
