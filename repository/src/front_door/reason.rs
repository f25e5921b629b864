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
    /// The same, but that day and month of the birth date stand in each other's place.
    BirthDateTransposed,
    /// Earlier documents say another name or birth date under the number.
    KnownOtherwise,
    /// The number was withdrawn, and no other has taken its place.
    Invalidated,
    /// Unverified, and without the demographics that a trace needs.
    Incomplete,
    /// The national record is not shown, so nothing can be compared.
    Withheld,
    /// Tracing did not answer; it is tried again.
    TraceUnavailable,
    /// Tracing refuses the hub, or cannot be understood: for a person to mend.
    TraceFault,
    /// The registry could not be asked what it knows; tried again.
    RegistryUnavailable,
    NoCustodian,
    /// Several NHS numbers that differ.
    SeveralNumbers,
    /// It carries a type of file that is not taken without a look.
    MediaType,
    /// An earlier version of a set from which a document was withdrawn.
    WithdrawnSet,
    /// Another document has this setId and version already.
    VersionConflict,
}

impl Reason {
    pub const ALL: [Self; 21] = [
        Self::NoNhsNumber,
        Self::Malformed,
        Self::CheckDigit,
        Self::RepeatedDigit,
        Self::Untraced,
        Self::NotFound,
        Self::Ambiguous,
        Self::DemographicsMismatch,
        Self::BirthDateTransposed,
        Self::KnownOtherwise,
        Self::Invalidated,
        Self::Incomplete,
        Self::Withheld,
        Self::TraceUnavailable,
        Self::TraceFault,
        Self::RegistryUnavailable,
        Self::NoCustodian,
        Self::SeveralNumbers,
        Self::MediaType,
        Self::WithdrawnSet,
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
            Self::BirthDateTransposed => "birth-date-transposed",
            Self::KnownOtherwise => "known-otherwise",
            Self::Invalidated => "invalidated",
            Self::Incomplete => "incomplete",
            Self::Withheld => "withheld",
            Self::TraceUnavailable => "trace-unavailable",
            Self::TraceFault => "trace-fault",
            Self::RegistryUnavailable => "registry-unavailable",
            Self::NoCustodian => "no-custodian",
            Self::SeveralNumbers => "several-numbers",
            Self::MediaType => "media-type",
            Self::WithdrawnSet => "withdrawn-set",
            Self::VersionConflict => "version-conflict",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// Whether the document's number is missing or wrong as it stands, so that a trace may find it.
    pub fn is_of_number(self) -> bool {
        matches!(self, Self::NoNhsNumber | Self::Malformed | Self::CheckDigit | Self::RepeatedDigit)
    }

    /// Whether somebody who has looked at the person can vouch for the number all the same.
    pub fn is_mismatch(self) -> bool {
        matches!(
            self,
            Self::DemographicsMismatch
                | Self::BirthDateTransposed
                | Self::KnownOtherwise
                | Self::Withheld
        )
    }

    /// Whether it is over as soon as tracing or the registry answers.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::TraceUnavailable | Self::RegistryUnavailable)
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
            Self::BirthDateTransposed => {
                "the NHS number is known with day and month of the date of birth exchanged"
            }
            Self::KnownOtherwise => {
                "earlier documents say another name or date of birth under the NHS number"
            }
            Self::Invalidated => "the NHS number was withdrawn and no other has taken its place",
            Self::Incomplete => {
                "an unverified NHS number needs name, date of birth and sex beside it to be traced"
            }
            Self::Withheld => {
                "the national record does not tell whose the NHS number is, so nobody can compare"
            }
            Self::TraceUnavailable => "the patient could not be traced, tracing did not answer",
            Self::TraceFault => "tracing refuses this hub or cannot be understood",
            Self::RegistryUnavailable => "the registry did not say what it knows of the patient",
            Self::NoCustodian => "ClinicalDocument has no custodian",
            Self::SeveralNumbers => "recordTarget/patientRole has several NHS numbers that differ",
            Self::MediaType => {
                "the document carries a type of file that is not taken without a look"
            }
            Self::WithdrawnSet => {
                "a document of the same setId was withdrawn, and this is an earlier version"
            }
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
