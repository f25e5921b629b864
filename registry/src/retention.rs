//! How long documents are kept, and what may go: the schedule as data ([`table`]), the periods
//! ([`period`]), holds ([`hold`]) and the decision ([`decision`]) that every removal passes. Pure.

pub mod decision;
pub mod facts;
pub mod hold;
pub mod keeping;
pub mod period;
pub mod table;

#[cfg(test)]
mod tests;

pub use decision::{Approval, Asked, NotRemovable, Permit, Purpose, RemovalPolicy, may_destroy};
pub use hold::{Hold, HoldKind, Lifted, Scope};
pub use keeping::{Going, Keeping, RemovalTrace, Retained};
pub use period::{Retention, candidates_before, retained_until};
pub use table::RetentionTable;

use crate::store::PatientKey;
use jiff::civil::Date;
use schemas::entry_uuid::EntryUuid;
use schemas::ods_code::OdsCode;

/// A document as far as retention is about it: one entry, and what is known of its patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub entry_uuid: EntryUuid,
    /// Whose it is, under every identifier that stands for the same person.
    pub patients: Vec<PatientKey>,
    pub unique_id: String,
    pub repository_unique_id: String,
    /// SHA-1 of the bytes, as in the metadata; empty where the entry has none.
    pub hash: String,
    pub publisher_ods: Option<OdsCode>,
    /// The document type's own code, whichever of its codes was sent.
    pub type_code: String,
    pub practice_setting: String,
    pub class_code: Option<String>,
    /// The last date that any document of the patient and the publisher is about.
    pub last_contact: Date,
    /// The youngest that any document of the patient says (PID-7).
    pub birth_date: Option<Date>,
    /// The latest that any document of the patient says (PID-29).
    pub death_date: Option<Date>,
}
