//! Attachments that become documents of their own beside the CDA that carried them. Pure.
//!
//! The CDA stays whole and is the document; what is taken out is a transform of it (XFRM), so that a
//! consumer without a CDA reader can show a letter.

use schemas::cda::{
    Attachment, AttachmentError, AttachmentLimits, AttachmentPlace, EXTRACTED_MAX, Mapped,
    MediaType, Remedy, Structure, Treatment, attachment_entry, attachments,
};
use schemas::itk::{ItkFault, Manifested};
use schemas::metadata::DocumentEntry;
use serde::{Deserialize, Serialize};

/// Which attachments are taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extract {
    #[default]
    Off,
    /// A PDF that is all the body there is.
    PdfBody,
    /// Every attachment of a type that may stand alone.
    All,
}

impl Extract {
    fn takes(self, attachment: &Attachment) -> bool {
        match self {
            Self::Off => false,
            Self::PdfBody => {
                attachment.place == AttachmentPlace::NonXmlBody
                    && attachment.media_type == MediaType::Pdf
            }
            Self::All => attachment.media_type.treatment() == Treatment::Extract,
        }
    }
}

/// An entry with its bytes.
type Extracted = (DocumentEntry, Vec<u8>);

/// The entries to register beside a document's own, with their bytes, and what there is to tell of
/// attachments that stay inside. A body that cannot be decoded is its sender's to mend.
pub(super) fn of(
    extract: Extract,
    mapped: &Mapped,
    payload: &Manifested,
) -> Result<(Vec<Extracted>, Option<String>), ItkFault> {
    let body_only = extract == Extract::PdfBody && mapped.structure != Structure::Unstructured;
    if extract == Extract::Off || body_only {
        return Ok((Vec::new(), None));
    }
    let found = match attachments(&payload.bytes, &AttachmentLimits::default()) {
        Ok(found) => found,
        // Described by its sender, and no CDA.
        Err(AttachmentError::Document(_)) => return Ok((Vec::new(), None)),
        Err(error) if error.remedy() == Remedy::Quarantine => {
            return Ok((Vec::new(), Some(format!("attachments stay inside: {error}"))));
        }
        Err(error) => {
            return Err(ItkFault::invalid(format!("payload {}: {error}", payload.id)));
        }
    };
    let wanted = found.into_iter().enumerate().filter(|(_, one)| extract.takes(one));
    let taken = wanted
        .take_while(|(n, _)| *n < EXTRACTED_MAX)
        .map(|(n, attachment)| (attachment_entry(&mapped.entry, n, &attachment), attachment.bytes));
    Ok((taken.collect(), None))
}
