//! The registry's index: one trait of whole transactions, in the words of the domain.

mod select;
mod sqlite;

pub use sqlite::SqliteStore;

use async_trait::async_trait;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::metadata::{AssociationType, AvailabilityStatus, FoundEntry, ObjectType};
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::query::{FindDocuments, GetDocuments};
use schemas::unique_id::UniqueId;
use std::collections::HashSet;

#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// More work is waiting than the store takes on.
    #[error("the store is busy")]
    Busy,
    /// What the decision was based on has changed: read and decide again.
    #[error("the patient's index has changed meanwhile")]
    Conflict,
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Each method is one transaction; a failed call changes nothing.
#[async_trait]
pub trait Store: Send + Sync {
    /// What the index knows of the things a submission refers to.
    async fn existing(&self, references: &References) -> Result<Existing, StoreError>;

    /// Applies changes if the patient's version is still the expected one. Durable on return.
    async fn commit(&self, changes: Changes) -> Result<(), StoreError>;

    /// Entries of one patient that match, at most `limit`.
    async fn find(&self, query: &FindDocuments, limit: u32) -> Result<Vec<FoundEntry>, StoreError>;

    /// Entries by id, in any status, at most `limit`.
    async fn get(&self, query: &GetDocuments, limit: u32) -> Result<Vec<FoundEntry>, StoreError>;

    async fn ready(&self) -> Result<(), StoreError>;
}

/// What a submission refers to.
#[derive(Clone, Debug)]
pub struct References {
    pub patient_id: PatientId,
    pub unique_ids: Vec<UniqueId>,
    pub objects: Vec<EntryUuid>,
}

/// A registered SubmissionSet, as far as recognising it takes.
#[derive(Clone, Debug)]
pub struct ExistingSet {
    pub unique_id: UniqueId,
    pub digest: Vec<u8>,
    pub publisher_ods: Option<OdsCode>,
}

#[derive(Clone, Debug)]
pub struct ExistingEntry {
    pub entry_uuid: EntryUuid,
    pub unique_id: UniqueId,
    pub same_patient: bool,
    pub availability_status: AvailabilityStatus,
    pub publisher_ods: Option<OdsCode>,
    pub hash: String,
    pub size: u64,
}

/// The part of the index that one decision needs.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    pub patient_version: i64,
    pub submission_sets: Vec<ExistingSet>,
    pub folder_unique_ids: Vec<UniqueId>,
    /// Entries with one of the uniqueIds or ids.
    pub entries: Vec<ExistingEntry>,
    /// Those of the referred ids that are in use, by whatever object.
    pub uuids: HashSet<EntryUuid>,
    /// (addendum or transform, what it belongs to) of this patient.
    pub dependents: Vec<(EntryUuid, EntryUuid)>,
}

impl Existing {
    /// Whether any object carries this uniqueId.
    pub fn is_known(&self, unique_id: &UniqueId) -> bool {
        self.submission_sets.iter().any(|set| set.unique_id == *unique_id)
            || self.folder_unique_ids.contains(unique_id)
            || self.entries.iter().any(|entry| entry.unique_id == *unique_id)
    }
}

/// Coded attributes with index rows; the number is the stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeAttribute {
    Class = 1,
    Confidentiality = 2,
    Event = 3,
    Format = 4,
    Facility = 5,
    PracticeSetting = 6,
    AuthorPerson = 7,
}

#[derive(Clone, Debug)]
pub struct CodeRow {
    pub attribute: CodeAttribute,
    pub code: String,
    pub scheme: String,
}

/// A DocumentEntry as rows: columns find, content answers.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub entry_uuid: EntryUuid,
    pub unique_id: UniqueId,
    pub object_type: ObjectType,
    pub repository_unique_id: Option<Oid>,
    pub mime_type: String,
    pub home_community_id: Option<String>,
    pub type_code: String,
    pub type_scheme: String,
    /// The document type's own code, whichever of its codes was sent.
    pub type_index: String,
    pub practice_setting: String,
    pub creation_time: Option<String>,
    pub service_start_time: Option<String>,
    pub service_stop_time: Option<String>,
    pub confidentiality: Vec<String>,
    pub publisher_ods: Option<OdsCode>,
    pub hash: String,
    pub size: u64,
    pub codes: Vec<CodeRow>,
    pub content: String,
}

/// A SubmissionSet or Folder.
#[derive(Clone, Debug)]
pub struct NewPackage {
    pub entry_uuid: EntryUuid,
    pub unique_id: UniqueId,
    pub content: String,
}

#[derive(Clone, Debug)]
pub struct NewAssociation {
    pub entry_uuid: EntryUuid,
    pub association_type: AssociationType,
    pub source: EntryUuid,
    pub target: EntryUuid,
    pub content: String,
}

/// One submission's effect.
#[derive(Clone, Debug)]
pub struct Changes {
    pub patient_id: PatientId,
    pub expected_version: i64,
    pub registered_at: Dtm,
    pub digest: Vec<u8>,
    pub publisher_ods: Option<OdsCode>,
    pub entries: Vec<NewEntry>,
    pub submission_set: NewPackage,
    pub folders: Vec<NewPackage>,
    pub associations: Vec<NewAssociation>,
    pub deprecate: Vec<EntryUuid>,
}
