//! A document that arrives, whatever its kind: CDA, notice under the Care Act, child protection flag.
//!
//! Each has a CDA header that says who it is about and from, so that numbers are checked, people
//! compared and entries made in one way.

use crate::cda::{CdaError, CdaHeader, HL7, Mapped, MappingContext, MappingError};
use crate::child_protection::{Flag, FlagError};
use crate::hsci::{Notice, NoticeError};
use crate::metadata::{Code, DocumentEntry};
use crate::wire::Slot;
use crate::xml::{self, Limits};

/// Why a document is more sensitive than others: the word that its type gives.
pub const SENSITIVITY_SLOT: &str = "urn:nhs:hub:sensitivity";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error(
        "{0:?} does not say who it is about: only documents of mimetype text/xml are taken alone; send it inside a CDA, or with its metadata by ITI-41"
    )]
    MimeType(String),
    #[error(transparent)]
    Cda(#[from] CdaError),
    #[error(transparent)]
    Notice(#[from] NoticeError),
    #[error(transparent)]
    Flag(#[from] FlagError),
}

/// A document that says itself who it is about.
#[derive(Clone, Debug)]
pub enum Document {
    Cda(Box<CdaHeader>),
    Notice(Box<Notice>),
    Flag(Box<Flag>),
}

impl Document {
    /// By its mimetype and its root element. What is no known kind of XML is told that it is no CDA.
    pub fn read(bytes: &[u8], mime_type: &str, limits: &Limits) -> Result<Self, DocumentError> {
        let bare = mime_type.split(';').next().unwrap_or_default().trim();
        if !["text/xml", "application/xml"].iter().any(|known| bare.eq_ignore_ascii_case(known)) {
            return Err(DocumentError::MimeType(bare.to_owned()));
        }
        Ok(match kind(bytes, limits) {
            Kind::Notice => Self::Notice(Box::new(Notice::read(bytes, limits)?)),
            Kind::Flag => Self::Flag(Box::new(Flag::read(bytes, limits)?)),
            Kind::Cda => Self::Cda(Box::new(CdaHeader::read(bytes, limits)?)),
        })
    }

    /// Who it is about and from.
    pub fn header(&self) -> &CdaHeader {
        match self {
            Self::Cda(header) => header,
            Self::Notice(notice) => &notice.header,
            Self::Flag(flag) => &flag.header,
        }
    }

    pub fn header_mut(&mut self) -> &mut CdaHeader {
        match self {
            Self::Cda(header) => header,
            Self::Notice(notice) => &mut notice.header,
            Self::Flag(flag) => &mut flag.header,
        }
    }

    /// The entry. Its id is symbolic; hash, size and repositoryUniqueId are the repository's to add.
    pub fn map(&self, context: &MappingContext<'_>) -> Result<Mapped, MappingError> {
        let mut mapped = crate::cda::map(self.header(), context)?;
        match self {
            Self::Cda(_) => {}
            Self::Notice(notice) => notice.complete(&mut mapped.entry),
            Self::Flag(flag) => flag.complete(&mut mapped.entry, context),
        }
        protect(&mut mapped.entry, context);
        Ok(mapped)
    }

    /// The notice of a process between hospital and council, if it is one.
    pub fn notice(&self) -> Option<&Notice> {
        match self {
            Self::Notice(notice) => Some(notice),
            _ => None,
        }
    }

    /// What its kind asks for and it does not say; for a CDA the mapping says it.
    pub fn warnings(&self) -> Vec<String> {
        let missing = self.notice().map(|notice| notice.missing.as_slice()).unwrap_or_default();
        missing.iter().map(ToString::to_string).collect()
    }
}

enum Kind {
    Cda,
    Notice,
    Flag,
}

/// Whatever cannot be parsed here is the CDA reader's to refuse, in its words.
fn kind(bytes: &[u8], limits: &Limits) -> Kind {
    // Most documents are CDA, and their tree is built once.
    if root_name(bytes).ends_with("ClinicalDocument") {
        return Kind::Cda;
    }
    let Ok(document) = xml::Document::parse_bytes(bytes, limits) else { return Kind::Cda };
    let root = document.root();
    match root.namespace() {
        HL7 if Notice::is_one(root) => Kind::Notice,
        _ if Flag::is_one(root) => Kind::Flag,
        _ => Kind::Cda,
    }
}

/// The name of the first start tag, as it stands within the first bytes.
fn root_name(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
    let names = head.split('<').skip(1).filter(|tag| !tag.starts_with(['?', '!']));
    let end = |c: char| c.is_whitespace() || c == '>' || c == '/';
    names.take(1).filter_map(|tag| tag.split(end).next()).map(str::to_owned).collect()
}

/// What the type asks of its documents: a least confidentiality, and the word for it.
fn protect(entry: &mut DocumentEntry, context: &MappingContext<'_>) {
    let sets = context.code_sets;
    let code = &entry.type_code.code;
    let Some(kind) = sets.document_type(code, &entry.practice_setting_code.code) else { return };
    let Some(received) = entry.confidentiality_code.first_mut() else { return };
    let least = kind.confidentiality_of(&received.code);
    if least != received.code {
        let display = sets.display("confidentialityCode", least).unwrap_or(least);
        *received = Code::new(least, crate::oid::CONFIDENTIALITY, display);
    }
    let word = kind.sensitivity.as_deref();
    entry.extra.extend(word.map(|word| Slot::one(SENSITIVITY_SLOT, word)));
}
