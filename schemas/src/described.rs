//! Documents that do not speak for themselves (a PDF, a text, an image), and the description that
//! their sender gives with them: on the command line, in a file beside them or in a form.

mod entry;
mod fields;
mod kept;

pub use entry::entry;
pub use fields::{FIELDS, Field, FieldError, birth_date, moment};

use crate::cda::{CdaHeader, Identifier};
use crate::child_protection::Flag;
use crate::code_set::{CodeSets, DocumentType};
use crate::dtm::Dtm;
use crate::hsci::Notice;
use crate::nhs_number::NhsNumber;
use crate::ods_code::OdsCode;
use crate::xml::{Document, Element, Limits};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What some bytes turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A CDA, or another document that says itself who it is about.
    Cda,
    /// A Distribution Envelope, with or without SOAP around it.
    Itk,
    Other,
}

/// Elements that may stand before the Distribution Envelope: SOAP with its headers.
const BEFORE_ENVELOPE_MAX: usize = 64;

/// Told by the root element, never by a name or a declared type.
pub fn kind(bytes: &[u8]) -> Kind {
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return Kind::Other };
    let root = document.root();
    if root.is(crate::cda::HL7, "ClinicalDocument") || Notice::is_one(root) || Flag::is_one(root) {
        return Kind::Cda;
    }
    let itk = |element: Element<'_>| element.is(crate::itk::NAMESPACE, "DistributionEnvelope");
    if root.descendants().take(BEFORE_ENVELOPE_MAX).any(itk) { Kind::Itk } else { Kind::Other }
}

/// What a sender says of a document. It names the patient, so its `Debug` is redacted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "kept::Kept", try_from = "kept::Kept")]
pub struct Description {
    /// A document type's name, label or code.
    pub document_type: String,
    pub patient: NhsNumber,
    pub family_name: Option<String>,
    pub given_name: Option<String>,
    pub birth_date: Option<Date>,
    pub title: Option<String>,
    /// When what the document is about took place.
    pub event: Option<Dtm>,
    /// When the document was written.
    pub written: Option<Dtm>,
}

impl Description {
    /// The least that can be said of a document.
    pub fn new(document_type: &str, patient: NhsNumber) -> Self {
        Self {
            document_type: document_type.to_owned(),
            patient,
            family_name: None,
            given_name: None,
            birth_date: None,
            title: None,
            event: None,
            written: None,
        }
    }

    /// Patient and publisher as a CDA header would name them, for whoever judges headers.
    pub fn header(&self, publisher: &OdsCode) -> CdaHeader {
        let id = Identifier {
            root: crate::oid::NHS_NUMBER.to_owned(),
            extension: Some(self.patient.digits()),
            authority_name: None,
        };
        let mut header = CdaHeader::default();
        header.patient.ids.push(id);
        header.custodian.id = Some(Identifier {
            root: crate::oid::ODS_ORGANISATION.to_owned(),
            extension: Some(publisher.to_string()),
            authority_name: None,
        });
        header.patient.person.family = self.family_name.clone().unwrap_or_default();
        header.patient.person.given = self.given_name.clone().unwrap_or_default();
        header.patient.birth_time = self.birth_date.map(|day| day.strftime("%Y%m%d").to_string());
        header
    }
}

impl std::fmt::Debug for Description {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Description({})", self.document_type)
    }
}

/// Why no entry can be made of a document and its description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescribedError {
    #[error("{0:?} is not a document type of this region; known: {1}")]
    Type(String, String),
    #[error(
        "the document is neither PDF, RTF, PNG, JPEG, TIFF nor a .txt or .xml file: export it as PDF"
    )]
    Format,
    #[error("the document is empty: export it again")]
    Empty,
}

/// A document type by its name, its label in any case, or one of its codes.
pub fn document_type<'a>(
    code_sets: &'a CodeSets,
    text: &str,
) -> Result<&'a DocumentType, DescribedError> {
    let types = &code_sets.document_type;
    let by_label = || types.iter().find(|t| t.label.eq_ignore_ascii_case(text.trim()));
    let by_code = || {
        let code = code_sets.canonical_type(text);
        let mut of_code = types.iter().filter(|t| t.type_code == code);
        of_code.clone().find(|t| !t.by_setting).or_else(|| of_code.next())
    };
    code_sets.by_name(text).or_else(by_label).or_else(by_code).ok_or_else(|| {
        let names: Vec<&str> = types.iter().map(|t| t.name.as_str()).collect();
        DescribedError::Type(text.to_owned(), names.join(", "))
    })
}

/// By the bytes first, by the ending of the file's name where they do not say.
pub fn mime_type(bytes: &[u8], name: &str) -> Result<&'static str, DescribedError> {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    Ok(match bytes {
        [] => return Err(DescribedError::Empty),
        [b'%', b'P', b'D', b'F', ..] => "application/pdf",
        [b'{', b'\\', b'r', b't', b'f', ..] => "application/rtf",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "image/tiff",
        _ if ending == "txt" || ending == "text" => "text/plain",
        _ if ending == "xml" => "text/xml",
        _ => return Err(DescribedError::Format),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_stands_in_its_bytes() {
        let itk = "<DistributionEnvelope xmlns=\"urn:nhs-itk:ns:201005\"/>";
        let soap = format!("<e><h/><b>{itk}</b></e>");
        let cda = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>";
        for (text, expected) in [
            (cda, Kind::Cda),
            (itk, Kind::Itk),
            (&soap, Kind::Itk),
            ("<letter/>", Kind::Other),
            ("%PDF-1.7", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(kind(text.as_bytes()), expected, "{text}");
        }
        for (bytes, name, expected) in [
            (&b"%PDF-1.7"[..], "a.txt", Ok("application/pdf")),
            (b"{\\rtf1", "a", Ok("application/rtf")),
            (b"\x89PNG\r\n", "a", Ok("image/png")),
            (b"\xff\xd8\xff\xe0", "a", Ok("image/jpeg")),
            (b"II*\0", "a", Ok("image/tiff")),
            (b"Dear", "A.TXT", Ok("text/plain")),
            (b"<a/>", "a.xml", Ok("text/xml")),
            (b"PK\x03\x04", "letter.docx", Err(DescribedError::Format)),
            (b"", "a.pdf", Err(DescribedError::Empty)),
        ] {
            assert_eq!(mime_type(bytes, name), expected, "{name}");
        }
    }
}
