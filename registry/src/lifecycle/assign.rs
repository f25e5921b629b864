//! Symbolic ids become entryUUIDs, meaning becomes rows.

use crate::store::{CodeAttribute, CodeRow, NewAssociation, NewEntry, NewPackage};
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::metadata::ids::document_entry as scheme;
use schemas::metadata::{DocumentEntry, Hash, ObjectId};
use schemas::submission::Submission;
use std::collections::HashMap;

/// The UUID of every object of one submission.
pub(super) struct Ids(HashMap<ObjectId, EntryUuid>);

impl Ids {
    pub(super) fn assign(submission: &Submission, fresh: &mut dyn FnMut() -> EntryUuid) -> Self {
        let entries = submission.document_entries.iter().map(|entry| &entry.id);
        let folders = submission.folders.iter().map(|folder| &folder.id);
        let associations = submission.associations.iter();
        let associations = associations.flat_map(|a| [&a.id, &a.source, &a.target]);
        let set = std::iter::once(&submission.submission_set.id);
        let mut ids = HashMap::new();
        for id in set.chain(entries).chain(folders).chain(associations) {
            let uuid = || id.uuid().unwrap_or_else(&mut *fresh);
            if !ids.contains_key(id) {
                let mut uuid = uuid;
                ids.insert(id.clone(), uuid());
            }
        }
        Self(ids)
    }

    /// Every id of the submission was assigned above.
    fn of(&self, id: &ObjectId) -> EntryUuid {
        self.0.get(id).copied().unwrap_or_else(|| EntryUuid::from_uuid(uuid::Uuid::nil()))
    }

    pub(super) fn entries(&self, submission: &Submission, code_sets: &CodeSets) -> Vec<NewEntry> {
        submission.document_entries.iter().map(|entry| self.entry(entry, code_sets)).collect()
    }

    fn entry(&self, entry: &DocumentEntry, code_sets: &CodeSets) -> NewEntry {
        let entry_uuid = self.of(&entry.id);
        let first_second = |time: &Option<Dtm>| time.as_ref().map(Dtm::first_second);
        NewEntry {
            entry_uuid,
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
            confidentiality: entry.confidentiality_code.iter().map(|c| c.code.clone()).collect(),
            publisher_ods: entry.publisher_ods(),
            hash: entry.hash.as_ref().map(Hash::to_string).unwrap_or_default(),
            size: entry.size.unwrap_or_default(),
            codes: codes(entry, code_sets),
            content: entry.content(&entry_uuid.to_string()),
        }
    }

    pub(super) fn submission_set(&self, submission: &Submission) -> NewPackage {
        let set = &submission.submission_set;
        let uuid = self.of(&set.id);
        NewPackage {
            entry_uuid: uuid,
            unique_id: set.unique_id.clone(),
            content: set.content(&uuid.to_string()),
        }
    }

    pub(super) fn folders(&self, submission: &Submission) -> Vec<NewPackage> {
        let package = |folder: &schemas::metadata::Folder| {
            let uuid = self.of(&folder.id);
            let content = folder.content(&uuid.to_string());
            NewPackage { entry_uuid: uuid, unique_id: folder.unique_id.clone(), content }
        };
        submission.folders.iter().map(package).collect()
    }

    pub(super) fn associations(&self, submission: &Submission) -> Vec<NewAssociation> {
        let row = |association: &schemas::metadata::Association| {
            let uuid = self.of(&association.id);
            NewAssociation {
                entry_uuid: uuid,
                association_type: association.association_type,
                source: self.of(&association.source),
                target: self.of(&association.target),
                content: association.content(&uuid.to_string()),
            }
        };
        submission.associations.iter().map(row).collect()
    }
}

/// Index rows of the coded attributes and authors; schemes under their own OID, so that a query
/// finds a code whichever spelling either side used.
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
    let coded = entry.classified().filter_map(|(code, scheme)| {
        let scheme_oid = code_sets.system_oid(&code.scheme).to_owned();
        Some(CodeRow { attribute: attribute(scheme)?, code: code.code.clone(), scheme: scheme_oid })
    });
    let persons = entry.author.iter().filter_map(|author| author.person.as_ref());
    let persons = persons.map(|person| CodeRow {
        attribute: CodeAttribute::AuthorPerson,
        code: person.as_str().to_owned(),
        scheme: String::new(),
    });
    coded.chain(persons).collect()
}
