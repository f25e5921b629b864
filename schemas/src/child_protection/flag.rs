//! What a flag says.

use crate::cda::{CdaError, CdaHeader};
use crate::dtm::DtmError;
use crate::ods_code::{OdsCode, OdsCodeError};
use crate::xml::XmlError;
use jiff::civil::Date;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    #[error("the flag is not readable: {0}")]
    Xml(#[from] XmlError),
    #[error("the document is no ChildProtectionFlag of namespace urn:watling:child-protection:1")]
    NotFlag,
    #[error("ChildProtectionFlag/{0} is required")]
    Missing(&'static str),
    #[error("ChildProtectionFlag/{0} {1}")]
    Wrong(&'static str, &'static str),
    #[error("ChildProtectionFlag/recorded: {0}")]
    Time(#[from] DtmError),
    #[error("ChildProtectionFlag/council/@ods: {0}")]
    Council(#[from] OdsCodeError),
    #[error("ChildProtectionFlag: {0}")]
    Header(#[from] CdaError),
}

/// CP-IS observation types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanKind {
    /// CPPI
    ChildProtection,
    /// LACI
    LookedAfter,
    /// UCPI: it hangs on the mother's number until the birth.
    Unborn,
}

impl PlanKind {
    pub const ALL: [Self; 3] = [Self::ChildProtection, Self::LookedAfter, Self::Unborn];

    pub fn code(self) -> &'static str {
        match self {
            Self::ChildProtection => "CPPI",
            Self::LookedAfter => "LACI",
            Self::Unborn => "UCPI",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::ChildProtection => "Child protection plan",
            Self::LookedAfter => "Looked-after child",
            Self::Unborn => "Unborn child protection plan",
        }
    }

    /// The event that a status is, `CPPSD`, `CPPED` or `CPPDD` for a child protection plan.
    pub fn event(self, status: PlanStatus) -> &'static str {
        match (self, status) {
            (Self::ChildProtection, PlanStatus::Active) => "CPPSD",
            (Self::ChildProtection, PlanStatus::Ended) => "CPPED",
            (Self::ChildProtection, PlanStatus::Deleted) => "CPPDD",
            (Self::LookedAfter, PlanStatus::Active) => "LACSD",
            (Self::LookedAfter, PlanStatus::Ended) => "LACED",
            (Self::LookedAfter, PlanStatus::Deleted) => "LACDD",
            (Self::Unborn, PlanStatus::Active) => "UCPSD",
            (Self::Unborn, PlanStatus::Ended) => "UCPED",
            (Self::Unborn, PlanStatus::Deleted) => "UCPDD",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanStatus {
    Active,
    Ended,
    /// Recorded in error: there never was one.
    Deleted,
}

impl PlanStatus {
    pub const ALL: [Self; 3] = [Self::Active, Self::Ended, Self::Deleted];

    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Deleted => "deleted",
        }
    }
}

/// The child, or for an unborn child its mother.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    /// As written: whether it is one is asked where every document's is.
    pub nhs_number: String,
    pub family: String,
    pub given: String,
    pub birth_date: Date,
    /// 0 not known, 1 male, 2 female, 9 not specified.
    pub gender: String,
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject(***)")
    }
}

/// A flag. A later version of the same plan takes its place.
#[derive(Clone, Debug)]
pub struct Flag {
    pub id: Uuid,
    /// The plan: the same in every version.
    pub plan: Uuid,
    pub version: u32,
    pub kind: PlanKind,
    pub status: PlanStatus,
    pub start: Date,
    /// When it ended, or was deleted.
    pub end: Option<Date>,
    pub subject: Subject,
    pub council: OdsCode,
    pub council_name: String,
    /// Of the social care team in office hours, and outside them.
    pub telephone: String,
    pub out_of_hours: Option<String>,
    /// CDA time: when the council recorded this version.
    pub recorded: String,
    /// The same as a CDA would say it.
    pub header: CdaHeader,
}

impl Flag {
    /// `Child protection plan`, and how it ended.
    pub fn title(&self) -> String {
        match (self.status, self.end) {
            (PlanStatus::Active, _) => self.kind.name().to_owned(),
            (status, Some(end)) => {
                format!("{} ({} {})", self.kind.name(), status.name(), end.strftime("%-d %b %Y"))
            }
            (status, None) => format!("{} ({})", self.kind.name(), status.name()),
        }
    }
}
