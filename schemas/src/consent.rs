//! Consent documents of others: FHIR R4 Consent, and the acknowledgement of a privacy policy (IHE
//! BPPC, ITI TF-1 19). What either says that the hub cannot keep is refused by its name, since a
//! wish that is half understood would be half obeyed.

pub mod bppc;
pub mod fhir;
mod json;
mod provision;
#[cfg(test)]
mod tests;

use crate::nhs_number::NhsNumber;
use crate::ods_code::OdsCode;
use crate::oid::Oid;
use jiff::civil::Date;

/// Rules of one document at most.
pub const RULES_MAX: usize = 200;

/// What a consent document says, in its own codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentDocument {
    pub patient: NhsNumber,
    /// The document's own id: the same again is known by it.
    pub id: String,
    /// The organisation that is responsible for it, if it says so.
    pub organisation: Option<OdsCode>,
    pub rules: Vec<Rule>,
}

/// One thing that is permitted or denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub permit: bool,
    pub about: About,
    pub starts: Option<Date>,
    /// The last day.
    pub ends: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    Sharing {
        documents: Documents,
        publisher: Option<OdsCode>,
        consumer: Option<OdsCode>,
    },
    /// ActReason (2.16.840.1.113883.5.8).
    Purpose(String),
    /// A policy of the affinity domain, whose meaning is configured.
    Policy(Oid),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Documents {
    Any,
    /// A SNOMED CT classCode.
    Class(String),
    /// A SNOMED CT typeCode.
    Type(String),
}

/// Why a consent document is not taken. Elements are named by their path, values never.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    #[error("it is no JSON: {0}")]
    Json(String),
    #[error("it is no XML that is read here: {0}")]
    Xml(String),
    #[error("it is larger than {0} bytes")]
    Size(usize),
    #[error("{0} is missing")]
    Missing(String),
    #[error("{0} is not what it should be: {1}")]
    Value(String, &'static str),
    #[error("{0} cannot be kept: take it out, or enter the wish by hand")]
    Unknown(String),
    #[error("{0} cannot be kept: {1}")]
    Together(String, &'static str),
    #[error("it makes more than {RULES_MAX} rules: enter fewer, wider ones")]
    Rules,
}
