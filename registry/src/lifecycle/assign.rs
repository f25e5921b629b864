//! Symbolic ids become entryUUIDs, meaning becomes rows.

use super::superseded;
use crate::retention::facts;
use crate::store::{CodeAttribute, CodeRow, NewAssociation, NewEntry, NewFolder, NewSubmissionSet};
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::metadata::ids::document_entry as scheme;
use schemas::metadata::{Author, AvailabilityStatus, Code, DocumentEntry, Folder, Hash, ObjectId};
use schemas::submission::Submission;
use std::collections::HashMap;

/// The UUID of every object of one submission.
pub(super) struct Ids(HashMap<ObjectId, EntryUuid>);

impl Ids {
    pub(super) fn assign(submission: &Submission, fresh: fn() -> EntryUuid) -> Self {
        let entries = submission.document_entries.iter().map(|entry| &entry.id);
        let folders = submission.folders.iter().map(|folder| &folder.id);
        let associations = submission.associations.iter();
        let associations = associations.flat_map(|a| [&a.id, &a.source, &a.target]);
        let set = std::iter::once(&submission.submission_set.id);
        let mut ids = HashMap::new();
        for id in set.chain(entries).chain(folders).chain(associations) {
            if !ids.contains_key(id) {
                ids.insert(id.clone(), id.uuid().unwrap_or_else(fresh));
            }
        }
        Self(ids)
    }

    /// Every id of the submission was assigned above.
    pub(super) fn of(&self, id: &ObjectId) -> EntryUuid {
        self.0.get(id).copied().unwrap_or_else(|| EntryUuid::from_uuid(uuid::Uuid::nil()))
    }

    /// The id of an object of the submission, if it is one.
    pub(super) fn known(&self, id: &ObjectId) -> Option<EntryUuid> {
        self.0.get(id).copied()
    }

    pub(super) fn entries(&self, submission: &Submission, code_sets: &CodeSets) -> Vec<NewEntry> {
        let recipients = submission.submission_set.recipient_organisations();
        let new = |entry: &DocumentEntry| NewEntry {
            recipients: recipients.clone(),
            ..new_entry(entry, self.of(&entry.id), code_sets)
        };
        submission.document_entries.iter().map(new).collect()
    }

    pub(super) fn submission_set(
        &self,
        submission: &Submission,
        digest: Vec<u8>,
        code_sets: &CodeSets,
    ) -> NewSubmissionSet {
        let set = &submission.submission_set;
        let entry_uuid = self.of(&set.id);
        let code = row(CodeAttribute::ContentType, &set.content_type_code, code_sets);
        NewSubmissionSet {
            entry_uuid,
            unique_id: set.unique_id.clone().into(),
            home_community_id: set.home_community_id.clone(),
            source_id: set.source_id.clone(),
            submission_time: set.submission_time.first_second(),
            digest,
            codes: persons(&set.author).chain([code]).collect(),
            content: set.content(&entry_uuid.to_string()),
        }
    }

    pub(super) fn folders(&self, submission: &Submission, code_sets: &CodeSets) -> Vec<NewFolder> {
        let new = |folder: &Folder| new_folder(folder, self.of(&folder.id), code_sets);
        submission.folders.iter().map(new).collect()
    }

    pub(super) fn associations(&self, submission: &Submission) -> Vec<NewAssociation> {
        let row = |association: &schemas::metadata::Association| {
            let uuid = self.of(&association.id);
            NewAssociation {
                entry_uuid: uuid,
                association_type: association.association_type,
                source: self.of(&association.source),
                target: self.of(&association.target),
                availability_status: AvailabilityStatus::Approved,
                submission_set_status: association.submission_set_status,
                content: association.content(&uuid.to_string()),
            }
        };
        submission.associations.iter().map(row).collect()
    }
}

/// The first version of an entry.
pub(super) fn new_entry(
    entry: &DocumentEntry,
    entry_uuid: EntryUuid,
    code_sets: &CodeSets,
) -> NewEntry {
    let first_second = |time: &Option<Dtm>| time.as_ref().map(Dtm::first_second);
    NewEntry {
        entry_uuid,
        logical_id: entry_uuid,
        version: 1,
        availability_status: match superseded::successor(entry) {
            None if !superseded::is_nullified(entry) => AvailabilityStatus::Approved,
            _ => AvailabilityStatus::Deprecated,
        },
        nullified: superseded::is_nullified(entry),
        unique_id: entry.unique_id.clone(),
        object_type: entry.object_type,
        repository_unique_id: entry.repository_unique_id.clone(),
        mime_type: entry.mime_type.clone(),
        home_community_id: entry.home_community_id.clone(),
        type_code: entry.type_code.code.clone(),
        type_scheme: entry.type_code.scheme.clone(),
        type_index: code_sets.canonical_type(&entry.type_code.code).to_owned(),
        practice_setting: entry.practice_setting_code.code.clone(),
        creation_time: first_second(&entry.creation_time),
        service_start_time: first_second(&entry.service_start_time),
        service_stop_time: first_second(&entry.service_stop_time),
        last_service: facts::last_service(entry),
        birth_date: facts::birth_date(entry),
        death_date: facts::death_date(entry),
        document_availability: entry.document_availability,
        confidentiality: entry.confidentiality_code.iter().map(|c| c.code.clone()).collect(),
        publisher_ods: entry.publisher_ods(),
        recipients: Vec::new(),
        hash: entry.hash.as_ref().map(Hash::to_string).unwrap_or_default(),
        size: entry.size.unwrap_or_default(),
        codes: codes(entry, code_sets),
        content: entry.content(&entry_uuid.to_string()),
    }
}

/// The first version of a folder.
pub(super) fn new_folder(
    folder: &Folder,
    entry_uuid: EntryUuid,
    code_sets: &CodeSets,
) -> NewFolder {
    let codes = folder.code_list.iter();
    NewFolder {
        entry_uuid,
        logical_id: entry_uuid,
        version: 1,
        availability_status: AvailabilityStatus::Approved,
        unique_id: folder.unique_id.clone().into(),
        home_community_id: folder.home_community_id.clone(),
        codes: codes.map(|code| row(CodeAttribute::FolderCode, code, code_sets)).collect(),
        content: folder.content(&entry_uuid.to_string()),
    }
}

/// Schemes under their own OID, so that a query finds a code whichever spelling either side used.
fn row(attribute: CodeAttribute, code: &Code, code_sets: &CodeSets) -> CodeRow {
    let scheme = code_sets.system_oid(&code.scheme).to_owned();
    CodeRow { attribute, code: code.code.clone(), scheme }
}

fn persons(authors: &[Author]) -> impl Iterator<Item = CodeRow> {
    let persons = authors.iter().filter_map(|author| author.person.as_ref());
    persons.map(|person| text_row(CodeAttribute::AuthorPerson, person.as_str()))
}

fn text_row(attribute: CodeAttribute, text: &str) -> CodeRow {
    CodeRow { attribute, code: text.to_owned(), scheme: String::new() }
}

/// Index rows of the coded attributes, authors and reference ids.
fn codes(entry: &DocumentEntry, code_sets: &CodeSets) -> Vec<CodeRow> {
    let attribute = |scheme: &str| match scheme {
        scheme::CLASS_CODE => Some(CodeAttribute::Class),
        scheme::CONFIDENTIALITY_CODE => Some(CodeAttribute::Confidentiality),
        scheme::EVENT_CODE_LIST => Some(CodeAttribute::Event),
        scheme::FORMAT_CODE => Some(CodeAttribute::Format),
        scheme::HEALTHCARE_FACILITY_TYPE_CODE => Some(CodeAttribute::Facility),
        scheme::PRACTICE_SETTING_CODE => Some(CodeAttribute::PracticeSetting),
        _ => None,
    };
    let coded = entry.classified();
    let coded = coded.filter_map(|(code, scheme)| Some(row(attribute(scheme)?, code, code_sets)));
    let references = entry.reference_id_list.iter();
    let references = references.map(|id| text_row(CodeAttribute::ReferenceId, id.as_str()));
    coded.chain(persons(&entry.author)).chain(references).collect()
}
