//! Why a readable document cannot be indexed, and who can mend it.

use crate::dtm::DtmError;
use crate::nhs_number::NhsNumberError;

/// What is to become of a document that is not indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// An operator, or a trace, can find what is missing: it waits for them.
    Quarantine,
    /// Only its sender can mend it.
    Refuse,
}

/// A closed set; no patient's number is in any text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("recordTarget/patientRole has no NHS number (id with root 2.16.840.1.113883.2.1.4.1)")]
    NoNhsNumber,
    #[error("recordTarget/patientRole/id: {0}")]
    NhsNumber(#[from] NhsNumberError),
    #[error(
        "recordTarget/patientRole has several NHS numbers that differ: one document is about one patient"
    )]
    SeveralNumbers,
    #[error("ClinicalDocument/id is neither a UUID nor an OID with an extension")]
    Id,
    #[error("ClinicalDocument/effectiveTime: {0}")]
    Time(#[from] DtmError),
    #[error(
        "ClinicalDocument/code {received:?} is not a document type of this region (code set version {version})"
    )]
    UnknownType { received: String, version: String },
    #[error(
        "ClinicalDocument/code {0} is not a clinical document: it is a withdrawal or a refusal to seal"
    )]
    NotClinical(String),
    #[error(
        "the document carries mediaType {0:?}, which is not taken without an operator's decision"
    )]
    MediaType(String),
}

impl MappingError {
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::NoNhsNumber
            | Self::NhsNumber(NhsNumberError::NotTenDigits | NhsNumberError::CheckDigit)
            | Self::SeveralNumbers
            | Self::MediaType(_) => Remedy::Quarantine,
            // A number of one repeated digit is nobody's, and never a slip of the pen.
            Self::NhsNumber(NhsNumberError::RepeatedDigit)
            | Self::Id
            | Self::Time(_)
            | Self::UnknownType { .. }
            | Self::NotClinical(_) => Remedy::Refuse,
        }
    }

    /// The word by which reports and quarantines name the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoNhsNumber => "no-nhs-number",
            Self::NhsNumber(NhsNumberError::NotTenDigits) => "nhs-number-shape",
            Self::NhsNumber(NhsNumberError::CheckDigit) => "nhs-number-check-digit",
            Self::NhsNumber(NhsNumberError::RepeatedDigit) => "nhs-number-repeated-digit",
            Self::SeveralNumbers => "several-nhs-numbers",
            Self::Id => "document-id",
            Self::Time(_) => "creation-time",
            Self::UnknownType { .. } => "unknown-type",
            Self::NotClinical(_) => "not-clinical",
            Self::MediaType(_) => "media-type",
        }
    }
}
