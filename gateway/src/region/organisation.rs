//! Tier 1: who belongs to the trusted network, and on what evidence.

use super::agreement::{Suspension, TypeSelector};
use super::evidence::Evidence;
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

impl OrganisationKind {
    /// Whether patients are registered with it.
    pub fn has_a_list(self) -> bool {
        self == Self::Practice
    }
}

/// The signature under the region's framework.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    pub signed_on: Date,
    /// The office that signed.
    pub signed_by: String,
    /// The person who held it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatory: Option<String>,
    /// The last day; none where it stands until a person ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    #[serde(default)]
    pub suspended: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    #[serde(default)]
    pub evidence: Evidence,
}

impl Membership {
    /// Evidence that has run out does not end it: that is for a person to decide.
    pub fn is_in_force(&self, today: Date) -> bool {
        !self.suspended && self.signed_on <= today && self.until.is_none_or(|until| today <= until)
    }
}

/// Who answers for what an organisation has published, once it is no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SuccessorForm", into = "SuccessorForm")]
pub struct Successor {
    pub ods: OdsCode,
    /// The first day; where absent, the day after the membership's last.
    pub from: Option<Date>,
}

/// `successor = "RBN"`, or `successor = { ods = "RBN", from = "2023-07-01" }`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum SuccessorForm {
    Code(OdsCode),
    Dated { ods: OdsCode, from: Date },
}

impl From<SuccessorForm> for Successor {
    fn from(form: SuccessorForm) -> Self {
        match form {
            SuccessorForm::Code(ods) => Self { ods, from: None },
            SuccessorForm::Dated { ods, from } => Self { ods, from: Some(from) },
        }
    }
}

impl From<Successor> for SuccessorForm {
    fn from(successor: Successor) -> Self {
        match successor.from {
            None => Self::Code(successor.ods),
            Some(from) => Self::Dated { ods: successor.ods, from },
        }
    }
}

/// A part of an organisation that agreements can name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// As assertions and system profiles carry it.
    pub code: String,
    pub name: String,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Successor>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<Department>,
    /// What it offers to the region.
    #[serde(default)]
    pub publishes: Vec<TypeSelector>,
    /// Absent: connected, but not (yet) a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<Membership>,
}

impl Organisation {
    /// Known by name, and nothing else.
    pub fn named(ods: OdsCode, name: impl Into<String>, kind: OrganisationKind) -> Self {
        Self {
            ods,
            name: name.into(),
            kind,
            fictitious: false,
            unverified: false,
            successor: None,
            departments: Vec::new(),
            publishes: Vec::new(),
            membership: None,
        }
    }

    /// Who has taken its place by that day.
    pub fn successor_on(&self, today: Date) -> Option<&OdsCode> {
        let successor = self.successor.as_ref()?;
        let ended = || self.membership.as_ref().and_then(|membership| membership.until);
        let begun = match successor.from {
            Some(from) => from <= today,
            None => ended().is_none_or(|last| last < today),
        };
        begun.then_some(&successor.ods)
    }
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
    /// What it acts as where a request carries no assertion.
    pub role: String,
    /// Those that a request may name; the first is used where it names none.
    pub purposes: Vec<String>,
    /// The department that asks where a request names none.
    #[serde(default)]
    pub department: Option<String>,
    /// Only people ask through it: without an assertion it is refused.
    #[serde(default)]
    pub assertion_required: bool,
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
