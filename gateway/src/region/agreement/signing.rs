//! Who has offered, requested, decided, held back and proposed to change an agreement: what the
//! parties have put their names to.

use super::TypeSelector;
use jiff::civil::Date;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};

/// Who acts: a person or an office, for an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatory {
    /// `B Guardian, Caldicott Guardian`: a name, then the office; or an office alone.
    pub by: String,
    pub organisation: OdsCode,
    pub on: Date,
}

impl Signatory {
    /// Whether two signatures are of one person: the office after the comma may differ.
    pub fn is_same_person(&self, other: &Self) -> bool {
        person(&self.by) == person(&other.by)
    }
}

fn person(by: &str) -> String {
    let name = by.split(',').next().unwrap_or_default();
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Risk that is left after what the data protection impact assessment asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResidualRisk {
    Low,
    Medium,
    /// Blocks approval: the ICO has to be asked first (UK GDPR Article 36).
    High,
}

impl ResidualRisk {
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A data protection impact assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dpia {
    pub reference: String,
    pub residual_risk: ResidualRisk,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
}

/// What a consumer asks for, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub signed: Signatory,
    pub justification: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Approved,
    Refused,
}

/// One person's decision for a publisher party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The publisher party that it is for: an ODS code, or `group:NAME`.
    pub party: String,
    pub verdict: Verdict,
    pub signed: Signatory,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// That something is held back until a person resumes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    pub signed: Signatory,
    pub reason: String,
    /// Who has weighed the clinical risk, where the impact asked for it: name, office, reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinical_safety_approval: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outside {
    /// Until it resumes.
    Suspended,
    Withdrawn,
    Refused,
}

/// An organisation that is outside, although a group or its own name makes it a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    pub ods: OdsCode,
    pub is: Outside,
    pub signed: Signatory,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// An extension that waits for signatures; until then the agreement stands as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_types: Vec<TypeSelector>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_publishers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_consumers: Vec<String>,
    /// A later end than the agreed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Date>,
    pub asked: Signatory,
    /// Publisher parties whose signature it needs.
    pub needs: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
}
