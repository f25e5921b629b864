//! What a decision is made on, and what it gives.

use crate::region::{Preference, Relationship, RelationshipKind, SystemProfile};
use jiff::Timestamp;
use jiff::civil::Date;
use schemas::code_set::DocumentType;
use schemas::ods_code::OdsCode;
use std::fmt;

/// The moment of a decision: agreements begin and end with the region's days, flags with the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub today: Date,
    pub now: Timestamp,
}

/// That a request belongs to an incident: why there is a relationship for some hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionalFlag {
    /// `ambulance-incident`, `111-case`, `self-presentation`.
    pub kind: String,
    /// The incident's or case's number.
    pub reference: String,
    pub until: Timestamp,
}

/// That a user breaks the glass.
#[derive(Clone, PartialEq, Eq)]
pub struct BreakGlass {
    pub reason: String,
    pub second_factor: bool,
}

/// What a person wrote is for the record and the review, not for a log.
impl fmt::Debug for BreakGlass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakGlass")
            .field("second_factor", &self.second_factor)
            .finish_non_exhaustive()
    }
}

/// A known system, acting for an organisation that its profile allows, with what was shown beside
/// the certificate.
#[derive(Clone, Debug)]
pub struct Asker<'r> {
    pub profile: &'r SystemProfile,
    pub organisation: &'r OdsCode,
    /// The region's word for the role: the profile's, or what an assertion's job role means.
    pub role: &'r str,
    pub purpose: &'r str,
    pub department: Option<String>,
    pub transactional: Option<TransactionalFlag>,
    pub break_glass: Option<BreakGlass>,
}

impl<'r> Asker<'r> {
    /// As the profile has it: nothing shown beside the certificate.
    pub fn of_profile(
        profile: &'r SystemProfile,
        organisation: &'r OdsCode,
        purpose: &'r str,
    ) -> Self {
        Self {
            profile,
            organisation,
            role: &profile.role,
            purpose,
            department: profile.department.clone(),
            transactional: None,
            break_glass: None,
        }
    }
}

/// That one entry is kept within a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Of the entry.
    pub unique_id: String,
    /// Whether its existence is hidden from those outside.
    pub locked: bool,
    /// Organisations inside, beside the publisher.
    pub open_to: Vec<OdsCode>,
}

/// What the gateway knows of a patient and this consumer.
#[derive(Clone, Debug, Default)]
pub struct PatientFacts {
    pub relationships: Vec<Relationship>,
    pub preferences: Vec<Preference>,
    /// Purposes that the citizen has consented to.
    pub consents: Vec<String>,
    pub sealed: Vec<Seal>,
    pub died_on: Option<Date>,
}

/// What is decided on.
#[derive(Clone, Copy, Debug)]
pub struct EntryView<'e> {
    pub unique_id: &'e str,
    pub publisher_ods: Option<&'e OdsCode>,
    /// `None` where the region does not know the type.
    pub document_type: Option<&'e DocumentType>,
    /// Every confidentialityCode of the entry.
    pub confidentiality: &'e [String],
    /// Organisations that the document was addressed to.
    pub recipients: &'e [OdsCode],
}

/// Why there is a legitimate relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The publisher's own document.
    Own,
    /// The document was addressed to the asker.
    Addressed,
    Relationship(RelationshipKind),
    Transactional,
    /// The patient has died, and the purpose needs no relationship after that.
    AfterDeath,
    /// The system's standing flag.
    Standing,
    BreakGlass,
}

impl Basis {
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Addressed => "addressed",
            Self::Relationship(kind) => kind.name(),
            Self::Transactional => "transactional",
            Self::AfterDeath => "after-death",
            Self::Standing => "standing",
            Self::BreakGlass => "break-glass",
        }
    }
}

/// Leave to see one entry: only [`super::decide`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Agreement and version, `own` for an organisation's own and inherited documents, `addressed` for those of a
    /// local identifier that name it.
    pub(super) agreement: String,
    pub(super) basis: Basis,
    /// The citizen's preference was against it, and it was advice only or something stood in for it.
    pub(super) over_preference: bool,
    pub(super) broke_glass: bool,
    pub(super) index_only: bool,
}

impl Permit {
    pub fn agreement(&self) -> &str {
        &self.agreement
    }

    pub fn basis(&self) -> Basis {
        self.basis
    }

    pub fn over_preference(&self) -> bool {
        self.over_preference
    }

    /// Whether it would have been refused without a broken glass.
    pub fn broke_glass(&self) -> bool {
        self.broke_glass
    }

    /// Whether the entry may be listed and the document not handed out.
    pub fn is_index_only(&self) -> bool {
        self.index_only
    }
}
