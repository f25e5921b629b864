//! Tier 1: who belongs to the trusted network, and on what evidence.

use super::agreement::TypeSelector;
use jiff::civil::Date;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganisationKind {
    Acute,
    Community,
    MentalHealth,
    LearningDisability,
    Ambulance,
    Practice,
    OutOfHours,
    Hospice,
    Council,
    Commissioner,
    Supplier,
}

/// Compliance evidence; each item with the day it runs out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Data Security and Protection Toolkit, `Standards Met`.
    #[serde(default)]
    pub dspt: Option<String>,
    #[serde(default)]
    pub dspt_until: Option<Date>,
    /// ICO registration number.
    #[serde(default)]
    pub ico: Option<String>,
    #[serde(default)]
    pub caldicott_guardian: bool,
}

/// The signature under the region's framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    pub signed_on: Date,
    /// The office that signed.
    pub signed_by: String,
    #[serde(default)]
    pub until: Option<Date>,
    #[serde(default)]
    pub suspended: bool,
    #[serde(default)]
    pub evidence: Evidence,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub ods: OdsCode,
    pub name: String,
    pub kind: OrganisationKind,
    /// Invented for development: the code cannot be issued.
    #[serde(default)]
    pub fictitious: bool,
    /// The code was not confirmed in the ODS.
    #[serde(default)]
    pub unverified: bool,
    #[serde(default)]
    pub successor: Option<OdsCode>,
    /// What it offers to the region.
    #[serde(default)]
    pub publishes: Vec<TypeSelector>,
    /// Absent: connected, but not (yet) a member.
    #[serde(default)]
    pub membership: Option<Membership>,
}

/// Organisations under one name; a group by kind grows by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub name: String,
    #[serde(default)]
    pub kind: Option<OrganisationKind>,
    #[serde(default)]
    pub members: Vec<OdsCode>,
}

/// A registered system: the certificate's CN and OU, and what it may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemProfile {
    /// Subject CN of its certificate.
    pub name: String,
    /// Subject OU of its certificate.
    pub organisation: OdsCode,
    /// Other organisations that it may act for.
    #[serde(default)]
    pub acts_for: Vec<OdsCode>,
    pub role: String,
    /// The first is used where a request names none.
    pub purposes: Vec<String>,
    /// May ask for any patient for urgent care: a convenience of development.
    #[serde(default)]
    pub standing_urgent_care: bool,
    /// May publish to the repository.
    #[serde(default)]
    pub publishes: bool,
    /// Other ODS codes that may stand in its messages.
    #[serde(default)]
    pub speaks_for: Vec<OdsCode>,
}
