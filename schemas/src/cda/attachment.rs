//! Attachments as bytes: a nonXMLBody, or the observationMedia of a structured body (templates
//! COCD_TP146224GB02 and COCD_TP146002GB01).

use super::header::CdaError;
use super::media::{MediaType, Treatment, media};
use super::read::decode;
use super::{HL7, Remedy, slot};
use crate::hl7::Cxi;
use crate::metadata::{Code, DocumentEntry};
use crate::oid::{self, Oid};
use crate::unique_id::UniqueId;
use crate::wire::Slot;
use crate::xml::{Document, Element, Limits};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use uuid::Uuid;

/// Senders leave the padding out; white space was taken out before.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What the attachments of one document may cost.
#[derive(Clone, Copy, Debug)]
pub struct AttachmentLimits {
    pub xml: Limits,
    pub count: usize,
    /// All of them together, decoded.
    pub bytes: usize,
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        Self { xml: Limits::default(), count: 64, bytes: 64 * 1024 * 1024 }
    }
}

/// Where in its document an attachment stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentPlace {
    NonXmlBody,
    ObservationMedia,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    pub place: AttachmentPlace,
    pub media_type: MediaType,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({:?}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// Why the attachments of a document cannot be taken out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    #[error(transparent)]
    Document(#[from] CdaError),
    #[error("an attachment's text is not base64, as its representation says")]
    Base64,
    #[error(
        "an attachment is compressed inside its document, which is not supported: send it plain"
    )]
    Compressed,
    #[error("the document has more attachments than the limit of {0}")]
    TooMany(usize),
    #[error("the document's attachments are together larger than the limit of {0} bytes")]
    TooLarge(usize),
    #[error("attachments of mediaType {0:?} are not taken without an operator's decision")]
    MediaType(String),
    #[error("an attachment's bytes are not of its mediaType {0:?}")]
    Content(String),
}

impl AttachmentError {
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::MediaType(_) | Self::Content(_) => Remedy::Quarantine,
            _ => Remedy::Refuse,
        }
    }
}

/// Every attachment of a document that carries its bytes, in document order. References are not
/// followed.
pub fn attachments(
    bytes: &[u8],
    limits: &AttachmentLimits,
) -> Result<Vec<Attachment>, AttachmentError> {
    let (text, _) = decode(bytes)?;
    let document = Document::parse(&text, &limits.xml).map_err(CdaError::from)?;
    let root = document.root();
    if !root.is(HL7, "ClinicalDocument") {
        return Err(CdaError::NotCda.into());
    }
    let mut found = Vec::new();
    let mut left = limits.bytes;
    for element in root.descendants().filter(|e| e.namespace() == HL7) {
        let (place, content) = match element.local() {
            "nonXMLBody" => (AttachmentPlace::NonXmlBody, element.child(HL7, "text")),
            "observationMedia" => (AttachmentPlace::ObservationMedia, element.child(HL7, "value")),
            _ => continue,
        };
        let Some(content) = content.filter(|content| !media(*content).by_reference) else {
            continue;
        };
        if found.len() >= limits.count {
            return Err(AttachmentError::TooMany(limits.count));
        }
        let attachment = taken_out(place, content, left)
            .map_err(|error| error.unwrap_or(AttachmentError::TooLarge(limits.bytes)))?;
        left -= attachment.bytes.len();
        found.push(attachment);
    }
    Ok(found)
}

/// `Err(None)` where it is larger than what is left.
fn taken_out(
    place: AttachmentPlace,
    content: Element<'_>,
    left: usize,
) -> Result<Attachment, Option<AttachmentError>> {
    let described = media(content);
    let mime_type = || described.media_type.mime_type().to_owned();
    if described.media_type.treatment() == Treatment::Quarantine {
        return Err(Some(AttachmentError::MediaType(mime_type())));
    }
    if content.attr("compression").is_some_and(|compression| !compression.trim().is_empty()) {
        return Err(Some(AttachmentError::Compressed));
    }
    // Four characters of base64 are three bytes: what cannot fit is not decoded.
    if content.text().len() / 4 * 3 > left.saturating_mul(2) {
        return Err(None);
    }
    let bytes = if described.base64 {
        let text: String = content.text().chars().filter(|c| !c.is_whitespace()).collect();
        BASE64.decode(text).map_err(|_| Some(AttachmentError::Base64))?
    } else {
        content.text().as_bytes().to_vec()
    };
    if bytes.len() > left {
        return Err(None);
    }
    if !described.media_type.begins(&bytes) {
        return Err(Some(AttachmentError::Content(mime_type())));
    }
    Ok(Attachment { place, media_type: described.media_type, bytes })
}

/// Attachments of one document that become documents of their own, at most.
pub const EXTRACTED_MAX: usize = 16;

/// The uniqueId of a document's `n`th attachment, from 0: it follows from its document's, so that
/// extracting again names it the same, and whoever withdraws the one finds the other.
pub fn attachment_unique_id(document: &UniqueId, n: usize) -> UniqueId {
    let name = format!("{document}#{n}");
    Oid::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())).into()
}

/// The entry of an attachment that is taken out: what its document's entry says, but for what speaks
/// of the bytes. It is no version of the set, so it does not carry the set's reference.
pub fn attachment_entry(
    document: &DocumentEntry,
    n: usize,
    attachment: &Attachment,
) -> DocumentEntry {
    let mut extra = document.extra.clone();
    let of_document = [slot::DOCUMENT_ID, slot::STRUCTURED, slot::VERSION_NUMBER];
    extra.retain(|slot| !of_document.contains(&slot.name.as_str()));
    extra.push(Slot::one(slot::STRUCTURED, super::Structure::Unstructured.word()));
    extra.push(Slot::one(slot::EXTRACTED_FROM, document.unique_id.as_str()));
    let of_set = |reference: &Cxi| reference.as_str().ends_with(slot::SET_REFERENCE);
    let references = document.reference_id_list.iter().filter(|reference| !of_set(reference));
    DocumentEntry {
        format_code: Code::new(
            "urn:ihe:iti:xds:2017:mimeTypeSufficient",
            oid::IHE_FORMAT,
            "mimeType Sufficient",
        ),
        hash: None,
        size: None,
        uri: Vec::new(),
        mime_type: attachment.media_type.mime_type().to_owned(),
        reference_id_list: references.cloned().collect(),
        unique_id: attachment_unique_id(&document.unique_id, n),
        extra,
        ..document.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    /// `%PDF-1.4` and a line feed.
    const PDF: &str = "JVBERi0xLjQK";

    fn taken(component: &str) -> Result<Vec<Attachment>, AttachmentError> {
        attachments(sample::document(component).as_bytes(), &AttachmentLimits::default())
    }

    fn blob(attributes: &str, text: &str) -> String {
        format!("<nonXMLBody><text {attributes}>{text}</text></nonXMLBody>")
    }

    fn media_entries(value: &str) -> String {
        format!(
            "<structuredBody><component><section><entry><observationMedia classCode='OBS' \
             moodCode='EVN'><templateId root='2.16.840.1.113883.2.1.3.2.4.18.2' \
             extension='COCD_TP146224GB02#Attachment'/>{value}</observationMedia></entry></section>\
             </component></structuredBody>"
        )
    }

    #[test]
    fn the_body_that_is_no_xml_comes_out_as_bytes() {
        let broken = "JVBE\r\n  Ri0x\n\tLjQK ";
        for text in [PDF, broken] {
            let found =
                taken(&blob("mediaType='application/pdf' representation='B64'", text)).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].bytes, b"%PDF-1.4\n");
            assert_eq!(
                (found[0].place, &found[0].media_type),
                (AttachmentPlace::NonXmlBody, &MediaType::Pdf)
            );
        }
        let unpadded = taken(&blob("mediaType='text/plain' representation='B64'", "YQ")).unwrap();
        assert_eq!(unpadded[0].bytes, b"a");
        let text = taken(&blob("mediaType='text/plain'", "Seen &amp; well")).unwrap();
        assert_eq!(text[0].bytes, b"Seen & well");
    }

    #[test]
    fn attachments_of_a_structured_body_come_out_in_order() {
        let one = format!("<value mediaType='application/pdf' representation='B64'>{PDF}</value>");
        let two = media_entries(&one).replace(
            "</section>",
            "<entry><observationMedia><value mediaType='image/png' \
             representation='B64'>iVBORw0KGgo=</value></observationMedia></entry></section>",
        );
        let kinds: Vec<MediaType> =
            taken(&two).unwrap().into_iter().map(|a| a.media_type).collect();
        assert_eq!(kinds, [MediaType::Pdf, MediaType::Png]);
    }

    #[test]
    fn a_reference_is_not_followed() {
        let value =
            "<value mediaType='image/png'><reference value='https://example.org/x.png'/></value>";
        assert_eq!(taken(&media_entries(value)), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_taken_out_says_why_and_who_mends_it() {
        let pdf = "mediaType='application/pdf' representation='B64'";
        for (component, error, remedy) in [
            (blob(pdf, "!!!!"), AttachmentError::Base64, Remedy::Refuse),
            (
                blob("mediaType='application/msword' representation='B64'", "0M8R4A=="),
                AttachmentError::MediaType("application/msword".to_owned()),
                Remedy::Quarantine,
            ),
            (
                blob("representation='B64'", PDF),
                AttachmentError::MediaType(String::new()),
                Remedy::Quarantine,
            ),
            (
                blob(pdf, "0M8R4A=="),
                AttachmentError::Content("application/pdf".to_owned()),
                Remedy::Quarantine,
            ),
            (
                blob(&format!("{pdf} compression='GZ'"), PDF),
                AttachmentError::Compressed,
                Remedy::Refuse,
            ),
        ] {
            let got = taken(&component).unwrap_err();
            assert_eq!((&got, got.remedy()), (&error, remedy), "{component}");
        }
    }

    #[test]
    fn number_and_size_of_attachments_have_limits() {
        let value =
            format!("<value mediaType='application/pdf' representation='B64'>{PDF}</value>");
        let entry = format!("<entry><observationMedia>{value}</observationMedia></entry>");
        let many =
            media_entries(&value).replace("</section>", &format!("{entry}{entry}</section>"));
        let limits =
            |count, bytes| AttachmentLimits { count, bytes, ..AttachmentLimits::default() };
        let taken =
            |limits| attachments(sample::document(&many).as_bytes(), &limits).map(|a| a.len());
        assert_eq!(taken(limits(3, 27)), Ok(3));
        assert_eq!(taken(limits(2, 27)), Err(AttachmentError::TooMany(2)));
        assert_eq!(taken(limits(3, 26)), Err(AttachmentError::TooLarge(26)));
    }
}
