//! Putting a submission together around documents: the same way for ITK and for a publisher's own
//! client, so that the same document gives the same entry.

use super::Submission;
use crate::dtm::Dtm;
use crate::entry_uuid::EntryUuid;
use crate::metadata::{
    Association, AssociationType, Author, Code, DocumentEntry, ObjectId, SubmissionSet,
    SubmissionSetStatus,
};
use crate::oid::Oid;
use crate::wire::LocalizedString;

/// The branch under the hub's OID in which a source of submissions has its sourceId.
pub const SOURCE_BRANCH: u8 = 50;

/// What a SubmissionSet says beside its documents.
pub struct SetParts {
    pub unique_id: Oid,
    pub source_id: Oid,
    pub submission_time: Dtm,
    pub author: Vec<Author>,
    pub intended_recipient: Vec<String>,
    pub title: Option<String>,
    pub content_type_code: Code,
    pub patient_id: crate::hl7::PatientId,
}

/// A document and its relation to what is registered.
pub enum Part {
    New(Box<DocumentEntry>),
    /// New, and takes the place of a registered entry.
    Replacement(Box<DocumentEntry>, EntryUuid),
    /// New, and related to registered entries.
    Related(Box<DocumentEntry>, Vec<(AssociationType, EntryUuid)>),
    /// Registered before, and distributed again.
    Reference(EntryUuid),
    /// New, and taken out of another part's document: the number of that part, from 0.
    Extracted(Box<DocumentEntry>, usize),
    /// New, and came beside another part's document, to which it appends.
    Beside(Box<DocumentEntry>, usize),
}

/// One SubmissionSet with its documents, ids symbolic and the same for the same input.
pub fn assemble(set: SetParts, parts: Vec<Part>) -> Submission {
    let set_id = ObjectId::Symbolic("SubmissionSet01".to_owned());
    let mut document_entries = Vec::new();
    let mut associations: Vec<Association> = Vec::new();
    let mut associate = |association_type, source: &ObjectId, target: &ObjectId, status| {
        let number = associations.len() + 1;
        associations.push(Association {
            id: ObjectId::Symbolic(format!("Association{number:02}")),
            association_type,
            source: source.clone(),
            target: target.clone(),
            submission_set_status: status,
            documentation: None,
            operation: Vec::new(),
            extra: Vec::new(),
        });
    };
    let document = |n: usize| ObjectId::Symbolic(format!("Document{:02}", n + 1));
    for (n, part) in parts.into_iter().enumerate() {
        let (entry, relations) = match part {
            Part::Reference(uuid) => {
                let status = Some(SubmissionSetStatus::Reference);
                associate(AssociationType::HasMember, &set_id, &ObjectId::Uuid(uuid), status);
                continue;
            }
            Part::New(entry) => (entry, Vec::new()),
            Part::Replacement(entry, target) => {
                (entry, vec![(AssociationType::Replaces, ObjectId::Uuid(target))])
            }
            Part::Related(entry, relations) => {
                let related = relations.into_iter();
                (entry, related.map(|(kind, target)| (kind, ObjectId::Uuid(target))).collect())
            }
            Part::Extracted(entry, from) => {
                (entry, vec![(AssociationType::Transforms, document(from))])
            }
            Part::Beside(entry, of) => (entry, vec![(AssociationType::Appends, document(of))]),
        };
        let id = document(n);
        let original = Some(SubmissionSetStatus::Original);
        associate(AssociationType::HasMember, &set_id, &id, original);
        for (association_type, target) in relations {
            associate(association_type, &id, &target, None);
        }
        document_entries.push(DocumentEntry { id, ..*entry });
    }
    Submission {
        submission_set: SubmissionSet {
            id: set_id,
            home_community_id: None,
            author: set.author,
            comments: Vec::new(),
            content_type_code: set.content_type_code,
            intended_recipient: set.intended_recipient,
            patient_id: set.patient_id,
            source_id: set.source_id,
            submission_time: set.submission_time,
            title: set.title.map(LocalizedString::plain).into_iter().collect(),
            unique_id: set.unique_id,
            extra: Vec::new(),
        },
        document_entries,
        folders: Vec::new(),
        associations,
    }
}
