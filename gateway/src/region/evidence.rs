//! Compliance evidence of a member: what it is, and when it runs out.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a member shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// Data Security and Protection Toolkit, due each 30 June.
    Dspt,
    /// Registration with the Information Commissioner's Office, yearly.
    Ico,
    CaldicottGuardian,
    /// Senior Information Risk Owner.
    Siro,
    /// Data Protection Officer.
    Dpo,
}

impl EvidenceKind {
    pub const ALL: [Self; 5] =
        [Self::Dspt, Self::Ico, Self::CaldicottGuardian, Self::Siro, Self::Dpo];

    pub fn name(self) -> &'static str {
        match self {
            Self::Dspt => "dspt",
            Self::Ico => "ico",
            Self::CaldicottGuardian => "caldicott-guardian",
            Self::Siro => "siro",
            Self::Dpo => "dpo",
        }
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An office that somebody holds: `true`, `"A Name"`, or `{ name = "A Name", until = "2027-03-31" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Office {
    Held(bool),
    Named(String),
    Until { name: String, until: Date },
}

impl Default for Office {
    fn default() -> Self {
        Self::Held(false)
    }
}

impl Office {
    pub fn is_held(&self) -> bool {
        !matches!(self, Self::Held(false))
    }

    fn name(&self) -> &str {
        match self {
            Self::Held(_) => "held",
            Self::Named(name) | Self::Until { name, .. } => name,
        }
    }

    fn until(&self) -> Option<Date> {
        match self {
            Self::Until { until, .. } => Some(*until),
            _ => None,
        }
    }
}

/// Compliance evidence; each item with the day it runs out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    /// Published status of the toolkit, `Standards Met`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dspt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dspt_until: Option<Date>,
    /// End of the improvement plan behind `Approaching Standards`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dspt_plan_until: Option<Date>,
    /// ICO registration number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ico: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ico_until: Option<Date>,
    pub caldicott_guardian: Office,
    pub siro: Office,
    pub dpo: Office,
}

/// One item that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceItem<'e> {
    pub kind: EvidenceKind,
    /// The status, the number, or who holds the office.
    pub shown: &'e str,
    /// The last day; none where it does not run out.
    pub until: Option<Date>,
}

impl Evidence {
    pub fn item(&self, kind: EvidenceKind) -> Option<EvidenceItem<'_>> {
        let (shown, until) = match kind {
            EvidenceKind::Dspt => (self.dspt.as_deref()?, self.dspt_until),
            EvidenceKind::Ico => (self.ico.as_deref()?, self.ico_until),
            EvidenceKind::CaldicottGuardian => held(&self.caldicott_guardian)?,
            EvidenceKind::Siro => held(&self.siro)?,
            EvidenceKind::Dpo => held(&self.dpo)?,
        };
        Some(EvidenceItem { kind, shown, until })
    }

    pub fn items(&self) -> impl Iterator<Item = EvidenceItem<'_>> {
        EvidenceKind::ALL.into_iter().filter_map(|kind| self.item(kind))
    }

    /// Whether the toolkit's status is one that a member may have: Met or better, or Approaching
    /// with a plan that ends.
    pub fn dspt_suffices(&self) -> bool {
        match self.dspt.as_deref().map(str::trim) {
            Some("Standards Met" | "Standards Exceeded") => true,
            Some("Approaching Standards") => self.dspt_plan_until.is_some(),
            _ => false,
        }
    }
}

fn held(office: &Office) -> Option<(&str, Option<Date>)> {
    office.is_held().then(|| (office.name(), office.until()))
}
