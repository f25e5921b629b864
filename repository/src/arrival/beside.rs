//! Payloads that do not say whose they are (a PDF, an image), beside a document of the same message
//! that does: documents of their own, which append to it.

use super::{Arrival, Envelope};
use schemas::cda::{
    Attachment, AttachmentPlace, EXTRACTED_MAX, MediaType, Treatment, attachment_entry,
    attachment_unique_id, slot,
};
use schemas::itk::{ItkFault, Manifested};
use schemas::metadata::DocumentEntry;
use schemas::unique_id::UniqueId;

/// As many as a manifest may have items.
const MOST: usize = 64;

/// Whether a payload is no XML and nobody described it.
pub(super) fn is_one(envelope: &Envelope, payload: &Manifested) -> bool {
    let bare = payload.mime_type.split(';').next().unwrap_or_default().trim();
    let xml = ["text/xml", "application/xml"];
    envelope.description.is_none() && !xml.iter().any(|known| bare.eq_ignore_ascii_case(known))
}

/// The payloads of a message that stand beside its documents; each of a type that may stand alone.
pub(super) fn of(arrival: &Arrival) -> Result<Vec<&Manifested>, ItkFault> {
    let one = |payload: &&Manifested| is_one(&arrival.envelope, payload);
    let found: Vec<&Manifested> = arrival.payloads.iter().filter(one).collect();
    let stands = |payload: &&&Manifested| {
        MediaType::parse(&payload.mime_type).treatment() != Treatment::Extract
    };
    match found.iter().find(stands) {
        None => Ok(found),
        Some(payload) => Err(ItkFault::invalid(format!(
            "manifestitem {}: a payload of mimetype {} is not taken as a document of its own: send it as PDF, text, RTF or an image",
            payload.id, payload.mime_type
        ))),
    }
}

/// The entry: what the document beside it says, but for what speaks of the bytes.
pub(super) fn entry(document: &DocumentEntry, n: usize, payload: &Manifested) -> DocumentEntry {
    let attachment = Attachment {
        place: AttachmentPlace::NonXmlBody,
        media_type: MediaType::parse(&payload.mime_type),
        bytes: Vec::new(),
    };
    let mut entry = attachment_entry(document, EXTRACTED_MAX + n, &attachment);
    entry.extra.retain(|slot| slot.name != slot::EXTRACTED_FROM);
    entry
}

/// By which names whatever came with a document is found: taken out of it, or beside it.
pub(super) fn unique_ids(document: &UniqueId) -> Vec<UniqueId> {
    (0..EXTRACTED_MAX + MOST).map(|n| attachment_unique_id(document, n)).collect()
}
