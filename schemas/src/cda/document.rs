//! A ClinicalDocument on the wire is a clinical document, or the withdrawal of one.

use super::header::{CdaError, CdaHeader};
use super::nullification::{self, Nullification};
use super::read::decode;
use super::warning::{CdaWarning, note};
use crate::xml::{Document, Element, Limits};

/// What a ClinicalDocument turned out to be.
#[derive(Clone, Debug)]
pub enum CdaDocument {
    Clinical(Box<CdaHeader>),
    Nullification(Box<Nullification>),
}

impl CdaDocument {
    /// Reads a document of its own: UTF-8, or UTF-16 with its byte order mark.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, CdaError> {
        let (text, warnings) = decode(bytes)?;
        let document = Document::parse(&text, limits)?;
        let mut read = Self::from_element(document.root())?;
        match &mut read {
            Self::Clinical(header) => header.warnings.extend(warnings),
            Self::Nullification(nullification) => nullification.warnings.extend(warnings),
        }
        Ok(read)
    }

    /// messageType and code say that it is a withdrawal. Where only one of them does it is taken as
    /// one all the same: to withhold a letter that somebody withdrew harms less than to show it.
    pub fn from_element(root: Element<'_>) -> Result<Self, CdaError> {
        let mut header = CdaHeader::from_element(root)?;
        let by_message = header.message_type.as_deref() == Some(nullification::MESSAGE_TYPE);
        let by_code = header.code.is_snomed() && header.code.code == nullification::CODE;
        if !by_message && !by_code {
            return Ok(Self::Clinical(Box::new(header)));
        }
        if by_message != by_code {
            note(&mut header.warnings, CdaWarning::NullificationKind);
        }
        Ok(Self::Nullification(Box::new(Nullification::of(header, root))))
    }
}
