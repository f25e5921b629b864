//! Why a message is in quarantine: a closed set, each with its word and what to do next.

use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    NoNhsNumber,
    /// Not ten digits.
    Malformed,
    CheckDigit,
    RepeatedDigit,
    /// Under the root of unverified numbers, and no trace has confirmed it.
    Untraced,
    /// The trace found nobody with these demographics.
    NotFound,
    /// The trace found several people.
    Ambiguous,
    /// The number is of somebody with another name or birth date.
    DemographicsMismatch,
    /// Tracing did not answer; it is tried again.
    TraceUnavailable,
    NoCustodian,
    /// Another document has this setId and version already.
    VersionConflict,
}

impl Reason {
    pub const ALL: [Self; 11] = [
        Self::NoNhsNumber,
        Self::Malformed,
        Self::CheckDigit,
        Self::RepeatedDigit,
        Self::Untraced,
        Self::NotFound,
        Self::Ambiguous,
        Self::DemographicsMismatch,
        Self::TraceUnavailable,
        Self::NoCustodian,
        Self::VersionConflict,
    ];

    /// The word in the store, in JSON and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoNhsNumber => "no-nhs-number",
            Self::Malformed => "malformed",
            Self::CheckDigit => "check-digit",
            Self::RepeatedDigit => "repeated-digit",
            Self::Untraced => "untraced",
            Self::NotFound => "not-found",
            Self::Ambiguous => "ambiguous",
            Self::DemographicsMismatch => "demographics-mismatch",
            Self::TraceUnavailable => "trace-unavailable",
            Self::NoCustodian => "no-custodian",
            Self::VersionConflict => "version-conflict",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The rule that the message broke, naming no patient.
    fn rule(self) -> &'static str {
        match self {
            Self::NoNhsNumber => "recordTarget/patientRole has no NHS number",
            Self::Malformed => "the NHS number is not ten digits",
            Self::CheckDigit => "the NHS number's check digit is wrong (modulus 11)",
            Self::RepeatedDigit => "an NHS number of one repeated digit is never issued",
            Self::Untraced => {
                "the NHS number is marked as unverified and no trace has confirmed it"
            }
            Self::NotFound => "no patient was found by these demographics",
            Self::Ambiguous => "several patients were found by these demographics",
            Self::DemographicsMismatch => {
                "the NHS number is known with another name or date of birth"
            }
            Self::TraceUnavailable => "the patient could not be traced, tracing did not answer",
            Self::NoCustodian => "ClinicalDocument has no custodian",
            Self::VersionConflict => {
                "another document has the same setId and versionNumber: a changed document needs a higher versionNumber"
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.rule(), self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.code()), Some(reason));
        }
        assert_eq!(Reason::parse("bad luck"), None);
    }
}
