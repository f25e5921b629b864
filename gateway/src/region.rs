//! The region: organisations and their membership (tier 1), agreements (tier 2), systems, groups.
//!
//! The same shapes are the file that an operator applies, the rows of the store, and the snapshot
//! that decisions read.

mod agreement;
mod evidence;
mod index;
mod organisation;
mod parties;
mod policy;
mod problems;
mod roles;

pub use agreement::{
    Agreement, AgreementState, Amendment, Decision, Dpia, Exception, Outside, Request,
    ResidualRisk, Signatory, Standing, Suspension, TypeSelector, Verdict,
};
pub use evidence::{Evidence, EvidenceItem, EvidenceKind, Office};
pub use index::Index;
pub(crate) use index::Meeting;
pub use organisation::{
    Department, Group, Membership, Organisation, OrganisationKind, Successor, SystemProfile,
};

pub use policy::{
    BreakGlassPolicy, ClinicalSafetyPolicy, DecidesFor, EvidencePolicy, Operator, Policy,
    PreferenceMode, WithheldShows,
};
pub use problems::{problems, purposes as mixed_purposes};
pub use roles::{Role, Tier, role_problems};

use jiff::civil::Date;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};

/// Why an organisation may look at a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationshipKind {
    /// The patient is on the practice's list.
    Registration,
    Encounter,
    Referral,
    /// A document was addressed to it.
    Recipient,
    /// A social-care case.
    Care,
}

impl RelationshipKind {
    pub const ALL: [Self; 5] =
        [Self::Registration, Self::Encounter, Self::Referral, Self::Recipient, Self::Care];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Encounter => "encounter",
            Self::Referral => "referral",
            Self::Recipient => "recipient",
            Self::Care => "care",
        }
    }
}

/// A legitimate relationship between a patient and an organisation, with its dates and source.
#[derive(Clone, Debug, PartialEq)]
pub struct Relationship {
    pub patient: NhsNumber,
    pub ods: OdsCode,
    pub kind: RelationshipKind,
    pub starts: Date,
    pub ends: Option<Date>,
    pub source: String,
}

impl Relationship {
    pub fn is_current(&self, today: Date) -> bool {
        self.starts <= today && self.ends.is_none_or(|ends| today <= ends)
    }
}

/// Whether a citizen wants something shared or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    #[default]
    DoNotShare,
    /// An exception to a wider wish that something is not shared.
    Share,
}

/// A citizen's wish. A field that is absent means "any".
#[derive(Clone, Debug, PartialEq)]
pub struct Preference {
    /// Each number of a merged patient has wishes of its own.
    pub patient: NhsNumber,
    pub wish: Wish,
    pub document_type: Option<TypeSelector>,
    pub publisher: Option<OdsCode>,
    pub consumer: Option<OdsCode>,
    pub recorded_on: Date,
    /// Which organisation recorded it.
    pub recorded_by: OdsCode,
}

/// A row of an applied file: `patient = "999..."`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationshipRow {
    pub patient: String,
    pub ods: OdsCode,
    pub kind: RelationshipKind,
    pub starts: Date,
    #[serde(default)]
    pub ends: Option<Date>,
    pub source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreferenceRow {
    pub patient: String,
    #[serde(default)]
    pub document_type: Option<TypeSelector>,
    #[serde(default)]
    pub publisher: Option<OdsCode>,
    #[serde(default)]
    pub consumer: Option<OdsCode>,
    pub recorded_on: Date,
    pub recorded_by: OdsCode,
    #[serde(default)]
    pub wish: Wish,
    /// The day it was recorded where it is absent.
    #[serde(default)]
    pub starts: Option<Date>,
    /// The last day.
    #[serde(default)]
    pub ends: Option<Date>,
}

/// A file that an operator applies: any of its parts may be absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionFile {
    #[serde(default)]
    pub organisation: Vec<Organisation>,
    #[serde(default)]
    pub group: Vec<Group>,
    #[serde(default)]
    pub system: Vec<SystemProfile>,
    #[serde(default)]
    pub role: Vec<Role>,
    #[serde(default)]
    pub tier: Vec<Tier>,
    #[serde(default)]
    pub policy: Option<Policy>,
    #[serde(default)]
    pub agreement: Vec<Agreement>,
    #[serde(default)]
    pub relationship: Vec<RelationshipRow>,
    #[serde(default)]
    pub preference: Vec<PreferenceRow>,
}

/// An agreement with the number of its version.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned {
    pub version: u32,
    pub agreement: Agreement,
}

impl Versioned {
    /// `LSC-GP-2026#3`: how audit records name it.
    pub fn reference(&self) -> String {
        format!("{}#{}", self.agreement.id, self.version)
    }
}

/// What decisions read: a snapshot of the newest versions.
#[derive(Clone, Debug, Default)]
pub struct Region {
    pub organisations: Vec<Organisation>,
    pub groups: Vec<Group>,
    pub systems: Vec<SystemProfile>,
    pub roles: Vec<Role>,
    pub tiers: Vec<Tier>,
    pub policy: Policy,
    pub agreements: Vec<Versioned>,
    /// Look-ups over the rest, made once: a region that is changed is a clone, or a new one.
    pub index: Index,
}

/// The NHS number of a patient id, if it has one.
pub fn number_of(patient: &PatientId) -> Option<NhsNumber> {
    patient.nhs_number()
}
