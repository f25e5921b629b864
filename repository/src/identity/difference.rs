//! What differs between two accounts of a person: attributes, never values.

use schemas::demographics::{
    BirthDateAgreement, Demographics, NameAgreement, compare_birth_dates, compare_names,
};
use std::fmt;

/// One attribute of two accounts that cannot both be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Difference {
    FamilyName,
    GivenName,
    Name,
    BirthDate,
    /// Day and month stand in each other's place.
    BirthDateTransposed,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FamilyName => "the family name",
            Self::GivenName => "the given name",
            Self::Name => "family and given name",
            Self::BirthDate => "the date of birth",
            Self::BirthDateTransposed => "the date of birth (day and month exchanged)",
        })
    }
}

/// Every attribute in which two accounts differ; what one of them does not say does not differ. A
/// name agrees with any of the names that the other account has.
pub fn differences(one: &Demographics, other: &Demographics) -> Vec<Difference> {
    let mut found = Vec::new();
    found.extend(names(one, other));
    if let (Some(date), Some(other)) = (one.birth_date, other.birth_date) {
        match compare_birth_dates(date, other) {
            BirthDateAgreement::Same => {}
            BirthDateAgreement::Transposed => found.push(Difference::BirthDateTransposed),
            BirthDateAgreement::Differs => found.push(Difference::BirthDate),
        }
    }
    found
}

/// By the pair of names that differ least.
fn names(one: &Demographics, other: &Demographics) -> Option<Difference> {
    let pairs = one.names.iter().flat_map(|name| other.names.iter().map(move |also| (name, also)));
    let differing = pairs.map(|(name, also)| match compare_names(name, also) {
        NameAgreement::FamilyDiffers => Some(Difference::FamilyName),
        NameAgreement::GivenDiffers => Some(Difference::GivenName),
        NameAgreement::BothDiffer => Some(Difference::Name),
        _ => None,
    });
    differing.min().flatten()
}

/// `the family name and the date of birth`.
pub(super) fn listed(differences: &[Difference]) -> String {
    let shown: Vec<String> = differences.iter().map(ToString::to_string).collect();
    shown.join(" and ")
}
