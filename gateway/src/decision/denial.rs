//! Why not.

use serde::{Deserialize, Serialize};

/// Which of the four controls refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    IdentityAndRole,
    Agreement,
    Relationship,
    Preference,
}

impl Control {
    pub fn name(self) -> &'static str {
        match self {
            Self::IdentityAndRole => "identity-and-role",
            Self::Agreement => "agreement",
            Self::Relationship => "relationship",
            Self::Preference => "preference",
        }
    }
}

/// Why not. The word is the reason code in audit records and explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Denial {
    UnknownSystem,
    /// The system may not act for the organisation, or the person is of another one.
    MayNotActFor,
    UnknownOrganisation,
    NotAMember,
    /// Only people ask through this system, and none was asserted.
    NoAssertion,
    /// The role that was shown has no place in the region's table.
    UnknownRole,
    /// The purpose is not among those of the system's profile.
    PurposeNotAllowed,
    /// The role's tier does not read documents of this type.
    TierNotCovered,
    NoAgreement,
    UnknownPublisher,
    PublisherNotAMember,
    TypeNotCovered,
    RoleNotCovered,
    DepartmentNotCovered,
    TooConfidential,
    NoRelationship,
    /// The glass may not be broken by this role, or without a reason or a second factor.
    BreakGlassNotAllowed,
    Preference,
    /// The purpose demands an explicit consent and none is on record.
    NoConsent,
    /// The entry is sealed and the asker is not inside the seal.
    Sealed,
    /// As sealed, and nobody outside is to know that it exists.
    SealedAndLocked,
    /// The entry itself may be seen, but not what has replaced it.
    Superseded,
    LocalIdentifier,
    /// The assertion is about another patient.
    OtherPatient,
}

impl Denial {
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownSystem => "unknown-system",
            Self::MayNotActFor => "may-not-act-for",
            Self::UnknownOrganisation => "unknown-organisation",
            Self::NotAMember => "not-a-member",
            Self::NoAssertion => "no-assertion",
            Self::UnknownRole => "unknown-role",
            Self::PurposeNotAllowed => "purpose-not-allowed",
            Self::TierNotCovered => "tier-not-covered",
            Self::NoAgreement => "no-agreement",
            Self::UnknownPublisher => "unknown-publisher",
            Self::PublisherNotAMember => "publisher-not-a-member",
            Self::TypeNotCovered => "type-not-covered",
            Self::RoleNotCovered => "role-not-covered",
            Self::DepartmentNotCovered => "department-not-covered",
            Self::TooConfidential => "too-confidential",
            Self::NoRelationship => "no-relationship",
            Self::BreakGlassNotAllowed => "break-glass-not-allowed",
            Self::Preference => "preference",
            Self::NoConsent => "no-consent",
            Self::Sealed => "sealed",
            Self::SealedAndLocked => "sealed-and-locked",
            Self::Superseded => "superseded",
            Self::LocalIdentifier => "local-identifier",
            Self::OtherPatient => "other-patient",
        }
    }

    /// The control that refused.
    pub fn control(self) -> Control {
        match self {
            Self::UnknownSystem
            | Self::MayNotActFor
            | Self::UnknownOrganisation
            | Self::NotAMember
            | Self::NoAssertion
            | Self::UnknownRole
            | Self::PurposeNotAllowed
            | Self::OtherPatient
            | Self::TierNotCovered => Control::IdentityAndRole,
            Self::NoAgreement
            | Self::UnknownPublisher
            | Self::PublisherNotAMember
            | Self::TypeNotCovered
            | Self::RoleNotCovered
            | Self::DepartmentNotCovered
            | Self::TooConfidential
            | Self::Superseded => Control::Agreement,
            Self::NoRelationship | Self::BreakGlassNotAllowed | Self::LocalIdentifier => {
                Control::Relationship
            }
            Self::Preference | Self::NoConsent | Self::Sealed | Self::SealedAndLocked => {
                Control::Preference
            }
        }
    }
}
