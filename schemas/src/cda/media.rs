//! What a document may carry inside it, and what becomes of each kind.

use super::HL7;
use super::read::attr;
use crate::xml::Element;

/// The closed list of media types, and whatever is not on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaType {
    Pdf,
    PlainText,
    Rtf,
    Tiff,
    Jpeg,
    Png,
    Html,
    Word,
    Other(String),
}

/// What becomes of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Taken, and may become a document of its own.
    Extract,
    /// Taken as it stands inside its document, and never a document of its own. HTML is neither
    /// rendered nor cleaned by the hub: cleaning would alter a clinical document that somebody
    /// signed, and a reader of CDA shows its attachments by rules of its own.
    KeepInside,
    /// An operator decides: the type can carry what a reader cannot show safely.
    Quarantine,
}

impl MediaType {
    /// Parameters and case say nothing here.
    pub fn parse(text: &str) -> Self {
        let bare = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match bare.as_str() {
            "application/pdf" => Self::Pdf,
            "text/plain" => Self::PlainText,
            "text/rtf" | "application/rtf" => Self::Rtf,
            "image/tiff" | "image/tif" => Self::Tiff,
            "image/jpeg" | "image/jpg" => Self::Jpeg,
            "image/png" => Self::Png,
            "text/html" => Self::Html,
            "application/msword" => Self::Word,
            _ => Self::Other(bare),
        }
    }

    pub fn mime_type(&self) -> &str {
        match self {
            Self::Pdf => "application/pdf",
            Self::PlainText => "text/plain",
            Self::Rtf => "text/rtf",
            Self::Tiff => "image/tiff",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Html => "text/html",
            Self::Word => "application/msword",
            Self::Other(other) => other,
        }
    }

    pub fn treatment(&self) -> Treatment {
        match self {
            Self::Pdf | Self::PlainText | Self::Rtf | Self::Tiff | Self::Jpeg | Self::Png => {
                Treatment::Extract
            }
            Self::Html => Treatment::KeepInside,
            Self::Word | Self::Other(_) => Treatment::Quarantine,
        }
    }

    /// Whether bytes begin as this type does, where the type has a beginning of its own.
    pub(super) fn begins(&self, bytes: &[u8]) -> bool {
        match self {
            // The header may stand anywhere in the first kilobyte (ISO 32000-1, annex H).
            Self::Pdf => bytes[..bytes.len().min(1024)].windows(5).any(|part| part == b"%PDF-"),
            Self::Rtf => bytes.starts_with(b"{\\rt"),
            Self::Tiff => bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*"),
            Self::Jpeg => bytes.starts_with(&[0xff, 0xd8, 0xff]),
            Self::Png => bytes.starts_with(&[0x89, b'P', b'N', b'G']),
            Self::PlainText | Self::Html => !bytes.contains(&0),
            Self::Word | Self::Other(_) => true,
        }
    }
}

/// An attachment as its element says, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    pub media_type: MediaType,
    pub base64: bool,
    /// It is a reference without content.
    pub by_reference: bool,
}

/// Reads an `ED`: `nonXMLBody/text` or `observationMedia/value`. Without a mediaType it is plain text
/// (HL7 v3 data types), unless it is base64, of which nobody can say what it is.
pub(super) fn media(element: Element<'_>) -> Media {
    let base64 = element.attr("representation").is_some_and(|r| r.eq_ignore_ascii_case("B64"));
    let media_type = match attr(element, "mediaType") {
        Some(text) => MediaType::parse(&text),
        None if base64 => MediaType::Other(String::new()),
        None => MediaType::PlainText,
    };
    let by_reference = element.child(HL7, "reference").is_some() && element.trimmed().is_empty();
    Media { media_type, base64, by_reference }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_media_type_has_its_treatment() {
        for (text, mime_type, treatment) in [
            ("application/pdf", "application/pdf", Treatment::Extract),
            ("Application/PDF; name=x", "application/pdf", Treatment::Extract),
            ("text/plain", "text/plain", Treatment::Extract),
            ("text/rtf", "text/rtf", Treatment::Extract),
            ("application/rtf", "text/rtf", Treatment::Extract),
            ("image/tiff", "image/tiff", Treatment::Extract),
            ("image/jpeg", "image/jpeg", Treatment::Extract),
            ("image/png", "image/png", Treatment::Extract),
            ("text/html", "text/html", Treatment::KeepInside),
            ("application/msword", "application/msword", Treatment::Quarantine),
            ("application/zip", "application/zip", Treatment::Quarantine),
            ("", "", Treatment::Quarantine),
        ] {
            let media_type = MediaType::parse(text);
            assert_eq!(media_type.mime_type(), mime_type, "{text}");
            assert_eq!(media_type.treatment(), treatment, "{text}");
        }
    }
}
