//! The CDA header (POCD_MT000002UK01 on the wire) as the hub knows it: what is said, not yet what
//! it means.

use super::Remedy;
use super::body::Body;
use super::warning::CdaWarning;
use crate::nhs_number_status::NhsNumberStatus;
use crate::oid;
use crate::xml::XmlError;

/// Why bytes are no document that the hub can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CdaError {
    #[error("the CDA is not readable: {0}")]
    Xml(#[from] XmlError),
    #[error(
        "the CDA's bytes are not the encoding that it claims: they are neither UTF-8 nor UTF-16 with \
         a byte order mark; send it as UTF-8"
    )]
    Encoding,
    #[error("the document is not an hl7:ClinicalDocument")]
    NotCda,
    #[error("ClinicalDocument/{0} is required")]
    Missing(&'static str),
    #[error("ClinicalDocument has {0} recordTargets; one document is about one patient")]
    Patients(usize),
    #[error(
        "recordTarget/patientRole/id has the root {0}, which is no NHS number's (England and Wales): \
         a number of another country is no patient identifier here"
    )]
    ForeignNumber(String),
}

impl CdaError {
    /// A document that cannot be read is its sender's to mend.
    pub fn remedy(&self) -> Remedy {
        Remedy::Refuse
    }
}

/// A code with its system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded {
    pub code: String,
    pub system: String,
    pub display: Option<String>,
}

impl Coded {
    /// Whether the system is one of SNOMED CT's, or was left out.
    pub fn is_snomed(&self) -> bool {
        let known = [oid::SNOMED_CT_UK, oid::SNOMED_CT, oid::SNOMED_CT_EXPRESSION, ""];
        known.contains(&self.system.as_str())
    }
}

/// An identifier: root and extension.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identifier {
    pub root: String,
    pub extension: Option<String>,
    pub authority_name: Option<String>,
}

// An extension may be a patient's number.
impl std::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identifier({}^***)", self.root)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    pub id: Option<Identifier>,
    pub name: Option<String>,
    /// standardIndustryClassCode.
    pub kind: Option<Coded>,
}

/// An address of a person on a network: `tel:`, `mailto:` and the like.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Telecom {
    pub value: String,
    /// `WP`, `H`, `MC` ...
    pub usage: String,
}

impl std::fmt::Debug for Telecom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Telecom(***)")
    }
}

/// Name parts of a person, with identifiers and role.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub ids: Vec<Identifier>,
    pub family: String,
    pub given: String,
    pub prefix: String,
    pub role: Option<Coded>,
    pub telecom: Vec<Telecom>,
    pub organisation: Organisation,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(***)")
    }
}

/// Who is to act on a document (PRCP), and who is told (TRC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecipientKind {
    #[default]
    Primary,
    Copy,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    pub kind: RecipientKind,
    pub person: Person,
}

#[derive(Clone, Default, PartialEq, Eq)]
pub struct Patient {
    pub ids: Vec<Identifier>,
    /// patientIdStatus of the NHS number's id, or of the one that stands in its place.
    pub status: Option<NhsNumberStatus>,
    pub person: Person,
    pub birth_time: Option<String>,
    /// 0 not known, 1 male, 2 female, 9 not specified.
    pub gender: Option<String>,
    /// Street lines and town, then the postcode.
    pub address: Vec<String>,
    pub postcode: Option<String>,
}

impl std::fmt::Debug for Patient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Patient(***)")
    }
}

impl Patient {
    /// The NHS number as written, and whether its sender had traced it; `None` also where there are
    /// several that differ, since nobody can say which is meant.
    pub fn nhs_number(&self) -> Option<(&str, bool)> {
        let with_root = |root: &str| {
            let ids = self.ids.iter().filter(|id| id.root == root);
            ids.filter_map(|id| id.extension.as_deref()).next()
        };
        if self.has_several_numbers() {
            return None;
        }
        with_root(oid::NHS_NUMBER)
            .map(|number| (number, true))
            .or_else(|| with_root(oid::NHS_NUMBER_UNVERIFIED).map(|number| (number, false)))
    }

    /// Numbers are compared by their digits; what is no number is another one all the same.
    pub fn has_several_numbers(&self) -> bool {
        let roots = [oid::NHS_NUMBER, oid::NHS_NUMBER_UNVERIFIED];
        let nhs = self.ids.iter().filter(|id| roots.contains(&id.root.as_str()));
        let bare = |text: &str| text.replace([' ', '-'], "");
        let mut numbers = nhs.filter_map(|id| id.extension.as_deref()).map(bare);
        numbers.next().is_some_and(|first| numbers.any(|other| other != first))
    }

    pub fn local_id(&self) -> Option<&Identifier> {
        let local = |id: &&Identifier| id.root == oid::LOCAL_IDENTIFIER && id.extension.is_some();
        self.ids.iter().find(local)
    }
}

/// `relatedDocument/parentDocument`: the document that this one replaces or withdraws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParentDocument {
    pub id: Option<Identifier>,
    pub code: Option<Coded>,
    pub set_id: Option<String>,
    pub version: Option<u32>,
}

/// What the hub reads of a document.
#[derive(Clone, Debug, Default)]
pub struct CdaHeader {
    pub message_type: Option<String>,
    pub id: Identifier,
    pub code: Coded,
    pub title: Option<String>,
    pub effective_time: String,
    pub confidentiality: Option<Coded>,
    pub language: Option<String>,
    /// Upper case, as the case of a UUID says nothing.
    pub set_id: Option<String>,
    pub version: Option<u32>,
    pub patient: Patient,
    pub author: Option<Person>,
    pub custodian: Organisation,
    pub recipients: Vec<Recipient>,
    pub authenticator: Option<Person>,
    /// Whether the authenticator stands as `authenticator`, the NHS's, not as `legalAuthenticator`.
    pub nhs_authenticator: bool,
    pub encounter_ids: Vec<Identifier>,
    pub encounter_code: Option<Coded>,
    /// `inFulfillmentOf/order/id`: the referral that this answers.
    pub referral_ids: Vec<Identifier>,
    pub service_start: Option<String>,
    pub service_stop: Option<String>,
    pub care_setting: Option<Coded>,
    /// The document that this one replaces: `relatedDocument[@typeCode='RPLC']`.
    pub parent: Option<ParentDocument>,
    pub body: Body,
    /// Deviations that reading met.
    pub warnings: Vec<CdaWarning>,
}
