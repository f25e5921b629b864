//! The registry's index: one trait of whole transactions, in the words of the domain.

mod answer;
mod apply;
pub mod duplicates;
mod engine;
mod existing;
mod fetch;
pub mod identity;
mod index;
mod new_rows;
pub mod retention;
mod rows;
mod select;
pub mod sql;
mod told;
mod withdrawal;

pub use engine::{Engine, Postgres, PostgresConfig, Sqlite};
pub use index::Index;

use crate::retention::{RemovalTrace, Retained};
use crate::withdrawal::Withdrawal;
use async_trait::async_trait;
use jiff::civil::Date;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::metadata::{
    AssociationType, AvailabilityStatus, DocumentAvailability, EntryFacts, ObjectType,
    SubmissionSetStatus,
};
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::query::{QueryAnswer, StoredQuery};
use schemas::sensitivity::Sensitivity;
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
    #[error("more objects match than are answered")]
    TooMany,
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Each method is one transaction; a failed call changes nothing.
#[async_trait]
pub trait Store: Send + Sync {
    /// What the index knows of the things a request refers to.
    async fn existing(&self, references: &References) -> Result<Existing, StoreError>;

    /// Applies changes if every patient's version is still the expected one. Durable on return.
    async fn commit(&self, changes: Changes) -> Result<(), StoreError>;

    /// What a stored query finds; more than `limit` objects are [`StoreError::TooMany`].
    async fn query(&self, query: &StoredQuery, limit: usize) -> Result<QueryAnswer, StoreError>;

    async fn ready(&self) -> Result<(), StoreError>;
}

/// Whose rows: the first column of every table. The NHS number under its own authority, a negative
/// number for an identifier of any other.
pub type PatientKey = i64;

/// How far around the objects that a request names a decision has to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Their associations, and what hangs on them as addendum or transform, at any depth.
    #[default]
    Dependents,
    /// Their associations, and of what those lead to as many as tell whether others are left.
    Neighbours,
}

/// What a request refers to.
#[derive(Clone, Debug)]
pub struct References {
    /// Whom it is about; a removal is about whoever owns the objects.
    pub patient_id: Option<PatientId>,
    pub unique_ids: Vec<UniqueId>,
    /// entryUUIDs.
    pub objects: Vec<EntryUuid>,
    pub logical_ids: Vec<EntryUuid>,
    /// Whether the other versions of the named objects matter too.
    pub all_versions: bool,
    pub reach: Reach,
    /// Whether documents may be removed: then what keeps them is read too.
    pub retained: bool,
}

/// A registered SubmissionSet, as far as deciding takes.
#[derive(Clone, Debug)]
pub struct ExistingSet {
    pub entry_uuid: EntryUuid,
    pub patient: PatientKey,
    pub unique_id: UniqueId,
    pub digest: Vec<u8>,
    pub publisher_ods: Option<OdsCode>,
}

#[derive(Clone, Debug)]
pub struct ExistingEntry {
    pub facts: EntryFacts,
    pub patient: PatientKey,
    /// Whether the request is about the same patient, after merges.
    pub same_patient: bool,
    /// Nullified by its publisher: no answer holds it, and nothing brings it back.
    pub nullified: bool,
    /// As stored; read for the versions of a logicalID only.
    pub content: String,
}

#[derive(Clone, Debug)]
pub struct ExistingFolder {
    pub entry_uuid: EntryUuid,
    pub logical_id: EntryUuid,
    pub version: u32,
    pub unique_id: UniqueId,
    pub availability_status: AvailabilityStatus,
    pub publisher_ods: Option<OdsCode>,
    pub patient: PatientKey,
    pub same_patient: bool,
}

#[derive(Clone, Debug)]
pub struct ExistingAssociation {
    pub entry_uuid: EntryUuid,
    pub patient: PatientKey,
    pub association_type: AssociationType,
    pub source: EntryUuid,
    pub target: EntryUuid,
    pub availability_status: AvailabilityStatus,
    pub submission_set_status: Option<SubmissionSetStatus>,
    /// As stored.
    pub content: String,
}

/// The part of the index that one decision needs.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// The patient that the request is about.
    pub patient: Option<identity::KnownPatient>,
    /// Each patient whose rows were read, with the version read; the request's own come first.
    pub versions: Vec<(PatientKey, i64)>,
    pub submission_sets: Vec<ExistingSet>,
    pub folders: Vec<ExistingFolder>,
    pub entries: Vec<ExistingEntry>,
    pub associations: Vec<ExistingAssociation>,
    /// Those of the named entryUUIDs that are in use, by whatever object.
    pub uuids: HashSet<EntryUuid>,
    /// What keeps the entries, where it was asked for.
    pub retained: Retained,
}

impl Existing {
    /// Whether any object carries this uniqueId.
    pub fn is_known(&self, unique_id: &str) -> bool {
        self.submission_sets.iter().any(|set| set.unique_id.as_str() == unique_id)
            || self.folders.iter().any(|folder| folder.unique_id.as_str() == unique_id)
            || self.entries.iter().any(|entry| entry.facts.unique_id.as_str() == unique_id)
    }

    pub fn entry(&self, id: EntryUuid) -> Option<&ExistingEntry> {
        self.entries.iter().find(|entry| entry.facts.entry_uuid == id)
    }

    pub fn folder(&self, id: EntryUuid) -> Option<&ExistingFolder> {
        self.folders.iter().find(|folder| folder.entry_uuid == id)
    }

    pub fn association(&self, id: EntryUuid) -> Option<&ExistingAssociation> {
        self.associations.iter().find(|association| association.entry_uuid == id)
    }

    /// Associations with this object at either end.
    pub fn touching(&self, id: EntryUuid) -> impl Iterator<Item = &ExistingAssociation> {
        self.associations.iter().filter(move |a| a.source == id || a.target == id)
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
    /// Of an entry or a SubmissionSet.
    AuthorPerson = 7,
    ReferenceId = 8,
    /// contentTypeCode of a SubmissionSet.
    ContentType = 9,
    /// codeList of a Folder.
    FolderCode = 10,
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
    pub logical_id: EntryUuid,
    pub version: u32,
    pub availability_status: AvailabilityStatus,
    /// Nullified before it came.
    pub nullified: bool,
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
    /// The last day that the document is about; the day of arrival where it says none.
    pub last_service: Option<Date>,
    /// PID-7 and PID-29.
    pub birth_date: Option<Date>,
    pub death_date: Option<Date>,
    pub document_availability: Option<DocumentAvailability>,
    pub confidentiality: Vec<String>,
    pub publisher_ods: Option<OdsCode>,
    pub recipients: Vec<OdsCode>,
    pub hash: String,
    pub size: u64,
    pub codes: Vec<CodeRow>,
    pub content: String,
}

#[derive(Clone, Debug)]
pub struct NewSubmissionSet {
    pub entry_uuid: EntryUuid,
    pub unique_id: UniqueId,
    pub home_community_id: Option<String>,
    pub source_id: Oid,
    pub submission_time: String,
    pub digest: Vec<u8>,
    pub codes: Vec<CodeRow>,
    pub content: String,
}

#[derive(Clone, Debug)]
pub struct NewFolder {
    pub entry_uuid: EntryUuid,
    pub logical_id: EntryUuid,
    pub version: u32,
    pub availability_status: AvailabilityStatus,
    pub unique_id: UniqueId,
    pub home_community_id: Option<String>,
    pub codes: Vec<CodeRow>,
    pub content: String,
}

#[derive(Clone, Debug)]
pub struct NewAssociation {
    pub entry_uuid: EntryUuid,
    pub association_type: AssociationType,
    pub source: EntryUuid,
    pub target: EntryUuid,
    pub availability_status: AvailabilityStatus,
    pub submission_set_status: Option<SubmissionSetStatus>,
    pub content: String,
}

/// Kinds of registry objects; the number is the stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    DocumentEntry = 1,
    SubmissionSet = 2,
    Folder = 3,
    Association = 4,
}

/// A registered object and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Registered {
    pub kind: ObjectKind,
    pub patient: PatientKey,
    pub entry_uuid: EntryUuid,
}

/// What one request does.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Whose the new objects are; none where nothing is added.
    pub patient_id: Option<PatientId>,
    /// Every patient that the decision read, each with the version read.
    pub expected: Vec<(PatientKey, i64)>,
    pub registered_at: Dtm,
    pub publisher_ods: Option<OdsCode>,
    /// How PDS classes the patient, where the repository has asked.
    pub sensitivity: Option<Sensitivity>,
    pub submission_set: Option<NewSubmissionSet>,
    pub entries: Vec<NewEntry>,
    pub folders: Vec<NewFolder>,
    pub associations: Vec<NewAssociation>,
    pub statuses: Vec<(Registered, AvailabilityStatus)>,
    /// Entries that no answer holds any more.
    pub nullified: Vec<Registered>,
    /// Folders whose lastUpdateTime becomes now.
    pub updated_folders: Vec<Registered>,
    pub removed: Vec<Registered>,
    /// On what ground entries go; needed wherever one does.
    pub removal: Option<RemovalTrace>,
    /// Entries of which those who have read them are to be told.
    pub withdrawn: Vec<Withdrawal>,
}
