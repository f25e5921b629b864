//! How the national record classes a patient: the S-flag.

use serde::{Deserialize, Serialize};

/// How PDS classes a record (FHIR `meta.security`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// `U`
    Unrestricted,
    /// `R`: where the person lives and is registered must not be told.
    Restricted,
    /// `V`
    VeryRestricted,
    /// `REDACTED`: PDS itself has left things out.
    Redacted,
}

impl Sensitivity {
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "U" => Some(Self::Unrestricted),
            "R" => Some(Self::Restricted),
            "V" => Some(Self::VeryRestricted),
            "REDACTED" => Some(Self::Redacted),
            _ => None,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Unrestricted => "U",
            Self::Restricted => "R",
            Self::VeryRestricted => "V",
            Self::Redacted => "REDACTED",
        }
    }

    /// Whether address, practice and location are masked.
    pub fn masks(self) -> bool {
        self != Self::Unrestricted
    }
}
