//! The operations of a metadata update, read from the objects of its request.

use super::UpdateKind;
use crate::entry_uuid::EntryUuid;
use crate::error::{XdsError, XdsErrorCode};
use crate::metadata::ids::slot;
use crate::metadata::{Association, AssociationType, AvailabilityStatus, ObjectId};
use crate::submission::Submission;
use crate::wire::RegistryObject;
use std::collections::HashSet;

/// A new version of a DocumentEntry or Folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// The object of the request.
    pub object: ObjectId,
    pub logical_id: EntryUuid,
    /// Which version it is made from; it must be the latest.
    pub previous_version: u32,
    /// Whether memberships and relationships go over to the new version.
    pub propagate: bool,
}

/// A new availabilityStatus for something registered, or made by the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    pub target: ObjectId,
    pub original: AvailabilityStatus,
    pub new: AvailabilityStatus,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    UpdateEntry(NewVersion),
    UpdateFolder(NewVersion),
    UpdateStatus(StatusChange),
    /// The Association of the request with this id.
    SubmitAssociation(ObjectId),
}

struct Reading<'r> {
    submission: &'r Submission,
    objects: &'r [RegistryObject],
    kind: UpdateKind,
    errors: &'r mut Vec<XdsError>,
}

pub(super) fn read(
    submission: &Submission,
    objects: &[RegistryObject],
    kind: UpdateKind,
    errors: &mut Vec<XdsError>,
) -> Vec<Operation> {
    let mut reading = Reading { submission, objects, kind, errors };
    let mut operations = Vec::new();
    for entry in &submission.document_entries {
        operations.extend(reading.version(&entry.id).map(Operation::UpdateEntry));
    }
    for folder in &submission.folders {
        operations.extend(reading.version(&folder.id).map(Operation::UpdateFolder));
    }
    for association in &submission.associations {
        operations.extend(reading.association(association));
    }
    reading.once_each(&operations);
    reading.only_what_is_allowed(&operations);
    if operations.is_empty() && reading.errors.is_empty() {
        let what = "the request updates nothing: it holds a SubmissionSet only";
        let code = kind.code(XdsErrorCode::MetadataUpdate, XdsErrorCode::InvalidRequest);
        reading.refuse(code, &submission.submission_set.id, what);
    }
    operations
}

impl Reading<'_> {
    fn refuse(&mut self, code: XdsErrorCode, id: &ObjectId, what: &str) {
        let context = format!("{what} (object {id})");
        self.errors.push(XdsError::new(code, context).at(id.to_string()));
    }

    fn code(&self, full: XdsErrorCode, restricted: XdsErrorCode) -> XdsErrorCode {
        self.kind.code(full, restricted)
    }

    fn lid(&self, id: &ObjectId) -> Option<&str> {
        let text = id.to_string();
        let object = self.objects.iter().find(|object| object.id == text);
        object.and_then(|object| object.lid.as_deref())
    }

    /// The membership by which the SubmissionSet brings an object.
    fn membership(&self, id: &ObjectId) -> Option<&Association> {
        let set = &self.submission.submission_set.id;
        let mut memberships = self.submission.associations.iter().filter(|association| {
            association.association_type == AssociationType::HasMember && association.source == *set
        });
        memberships.find(|association| association.target == *id)
    }

    fn version(&mut self, id: &ObjectId) -> Option<NewVersion> {
        use XdsErrorCode as Code;
        let lid = self.lid(id).and_then(|lid| EntryUuid::parse(lid).ok());
        let Some(logical_id) = lid.filter(|lid| id.uuid() != Some(*lid)) else {
            let code = self.code(Code::MetadataUpdate, Code::InvalidRequest);
            let what = "an update names what it updates in lid (logicalID, a urn:uuid: other than the object's own id)";
            self.refuse(code, id, what);
            return None;
        };
        let Some(membership) = self.membership(id).cloned() else {
            let code = self.code(Code::MetadataUpdate, Code::MetadataAnnotation);
            self.refuse(code, id, "no HasMember links the SubmissionSet to the object");
            return None;
        };
        let Some(previous) = value(&membership, slot::PREVIOUS_VERSION) else {
            let code = self.code(Code::MetadataUpdate, Code::MetadataAnnotation);
            let what = "the HasMember to the object needs the Slot PreviousVersion";
            self.refuse(code, id, what);
            return None;
        };
        let previous_version = previous.ok().and_then(|text| text.parse().ok()).filter(|n| *n > 0);
        let propagate = match value(&membership, slot::ASSOCIATION_PROPAGATION) {
            None => Some(true),
            Some(Ok("yes")) => Some(true),
            Some(Ok("no")) => Some(false),
            Some(_) => None,
        };
        let (Some(previous_version), Some(propagate)) = (previous_version, propagate) else {
            let what =
                "PreviousVersion is one whole number and AssociationPropagation is yes or no";
            self.refuse(Code::MetadataUpdateOperation, id, what);
            return None;
        };
        Some(NewVersion { object: id.clone(), logical_id, previous_version, propagate })
    }

    fn association(&mut self, association: &Association) -> Option<Operation> {
        let set = &self.submission.submission_set.id;
        match association.association_type {
            AssociationType::UpdateAvailabilityStatus => self.status(association),
            AssociationType::SubmitAssociation => self.submit(association),
            AssociationType::HasMember if association.source == *set => {
                let target = &association.target;
                let objects = self.submission.document_entries.iter().map(|entry| &entry.id);
                let folders = self.submission.folders.iter().map(|folder| &folder.id);
                if !objects.chain(folders).any(|id| id == target) {
                    let what = "the SubmissionSet of an update holds what the update brings only";
                    let code =
                        self.code(XdsErrorCode::MetadataUpdate, XdsErrorCode::InvalidRequest);
                    self.refuse(code, &association.id, what);
                }
                None
            }
            _ => {
                let submitted = self.submission.associations.iter().any(|other| {
                    other.association_type == AssociationType::SubmitAssociation
                        && other.target == association.id
                });
                if !submitted {
                    let what = "a new Association is the target of a SubmitAssociation of the SubmissionSet";
                    self.refuse(XdsErrorCode::MetadataUpdate, &association.id, what);
                }
                None
            }
        }
    }

    fn status(&mut self, association: &Association) -> Option<Operation> {
        let status = |name: &str| match value(association, name) {
            Some(Ok(text)) => AvailabilityStatus::parse(text),
            _ => None,
        };
        let (original, new) = (status(slot::ORIGINAL_STATUS), status(slot::NEW_STATUS));
        let from_set = association.source == self.submission.submission_set.id;
        let (Some(original), Some(new), true) = (original, new, from_set) else {
            let what = "UpdateAvailabilityStatus leads from the SubmissionSet and has the Slots OriginalStatus and NewStatus, each with the URN of Approved or Deprecated";
            self.refuse(XdsErrorCode::MetadataUpdateOperation, &association.id, what);
            return None;
        };
        let target = association.target.clone();
        Some(Operation::UpdateStatus(StatusChange { target, original, new }))
    }

    fn submit(&mut self, association: &Association) -> Option<Operation> {
        let target = &association.target;
        let found = self.submission.associations.iter().any(|other| other.id == *target);
        if !found || association.source != self.submission.submission_set.id {
            let what = "SubmitAssociation leads from the SubmissionSet to an Association of the same request";
            self.refuse(XdsErrorCode::MetadataUpdateOperation, &association.id, what);
            return None;
        }
        let text = target.to_string();
        if self.lid(target).is_some_and(|lid| lid != text) {
            let what = "an Association has no versions: submit it without lid";
            self.refuse(XdsErrorCode::MetadataUpdate, target, what);
            return None;
        }
        Some(Operation::SubmitAssociation(target.clone()))
    }

    /// Two updates of one object contradict each other.
    fn once_each(&mut self, operations: &[Operation]) {
        let mut seen = HashSet::new();
        for operation in operations {
            if let Operation::UpdateEntry(version) | Operation::UpdateFolder(version) = operation
                && !seen.insert(version.logical_id)
            {
                let what = "two objects of the request update the same logicalID";
                self.refuse(XdsErrorCode::MetadataUpdateOperation, &version.object, what);
            }
        }
    }

    fn only_what_is_allowed(&mut self, operations: &[Operation]) {
        if self.kind == UpdateKind::Full {
            return;
        }
        let set = &self.submission.submission_set.id.clone();
        if operations.iter().any(|operation| !matches!(operation, Operation::UpdateEntry(_))) {
            let what = "a restricted update makes new versions of DocumentEntries and nothing else";
            self.refuse(XdsErrorCode::UnmodifiableMetadata, set, what);
        }
    }
}

/// The one value of an operation's slot: absent, or wrong in number, or there.
fn value<'a>(association: &'a Association, name: &str) -> Option<Result<&'a str, ()>> {
    let slot = association.operation.iter().find(|slot| slot.name == name)?;
    match slot.values.as_slice() {
        [value] if !value.is_empty() => Some(Ok(value)),
        _ => Some(Err(())),
    }
}
