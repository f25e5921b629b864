//! availabilityStatus and documentAvailability.

use super::ids;

/// Approved until replaced or withdrawn. `Submitted` exists in ebRIM only and never comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AvailabilityStatus {
    Approved,
    Deprecated,
}

impl AvailabilityStatus {
    pub fn urn(self) -> &'static str {
        match self {
            Self::Approved => ids::APPROVED,
            Self::Deprecated => ids::DEPRECATED,
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            ids::APPROVED => Some(Self::Approved),
            ids::DEPRECATED => Some(Self::Deprecated),
            _ => None,
        }
    }

    /// The last word of the URN, for people and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approved => "Approved",
            Self::Deprecated => "Deprecated",
        }
    }
}

/// Whether a repository can hand out a document just now (Metadata Update); absent means Online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentAvailability {
    Online,
    Offline,
}

impl DocumentAvailability {
    pub fn urn(self) -> &'static str {
        match self {
            Self::Online => ids::ONLINE,
            Self::Offline => ids::OFFLINE,
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            ids::ONLINE => Some(Self::Online),
            ids::OFFLINE => Some(Self::Offline),
            _ => None,
        }
    }
}
