//! Metadata update (ITI-57, ITI-92): new versions, statuses and associations, all or nothing.

mod associations;
mod status;
mod version;

use super::assign::Ids;
use super::folders::has_member;
use super::{Deciding, unique};
use crate::attempt::Decided;
use crate::store::{Changes, Existing, NewAssociation, NewFolder, References, Registered};
use crate::withdrawal::{self, Actor};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::ids::slot;
use schemas::metadata::{Association, AvailabilityStatus, ObjectId};
use schemas::ods_code::OdsCode;
use schemas::update::{MetadataUpdate, Operation, UpdateKind};
use std::collections::HashMap;

/// What of the index an update needs to know.
pub(crate) fn references(update: &MetadataUpdate) -> References {
    let submission = &update.submission;
    let mut references = super::references(submission);
    let keep = &submission.submission_set.unique_id;
    references.all_versions = true;
    references.unique_ids.retain(|unique_id| unique_id.as_str() == keep.as_str());
    for operation in &update.operations {
        match operation {
            Operation::UpdateEntry(version) | Operation::UpdateFolder(version) => {
                references.logical_ids.push(version.logical_id);
            }
            Operation::UpdateStatus(change) => references.objects.extend(change.target.uuid()),
            Operation::SubmitAssociation(_) => {}
        }
    }
    references
}

/// The changes while they are put together.
struct Updating<'u> {
    update: &'u MetadataUpdate,
    existing: &'u Existing,
    deciding: &'u Deciding<'u>,
    actor: Actor<'u>,
    ids: Ids,
    changes: Changes,
    /// What each updated object's new version replaces.
    previous: HashMap<ObjectId, EntryUuid>,
    errors: Vec<XdsError>,
}

pub(crate) fn decide(
    update: &MetadataUpdate,
    existing: &Existing,
    deciding: &Deciding<'_>,
    actor: Actor<'_>,
) -> Decided {
    let submission = &update.submission;
    let mut errors = Vec::new();
    super::unique_ids(submission, &without_entries(existing), &mut errors);
    super::fresh_ids(submission, existing, &mut errors);
    let ids = Ids::assign(submission, deciding.fresh);
    let digest = super::digest(submission);
    let changes = Changes {
        patient_id: Some(submission.submission_set.patient_id.clone()),
        expected: existing.versions.clone(),
        registered_at: deciding.now.clone(),
        sensitivity: None,
        publisher_ods: Some(actor.organisation.clone()),
        submission_set: Some(ids.submission_set(submission, digest, deciding.code_sets)),
        entries: Vec::new(),
        folders: Vec::new(),
        associations: Vec::new(),
        statuses: Vec::new(),
        nullified: Vec::new(),
        updated_folders: Vec::new(),
        removed: Vec::new(),
        removal: None,
        withdrawn: Vec::new(),
    };
    let previous = HashMap::new();
    let mut updating =
        Updating { update, existing, deciding, actor, ids, changes, previous, errors };
    updating.all();
    if !updating.errors.is_empty() {
        return Err(updating.errors);
    }
    updating.changes.updated_folders =
        unique(std::mem::take(&mut updating.changes.updated_folders));
    let Updating { previous, mut changes, .. } = updating;
    let mut updated: Vec<EntryUuid> = previous.into_values().collect();
    updated.sort_unstable_by_key(|id| id.uuid());
    changes.withdrawn = withdrawal::of_update(&changes, existing, &updated, actor);
    changes.withdrawn.extend(withdrawal::of_nullification(&changes, existing, update, actor));
    Ok(Some(Box::new(changes)))
}

/// A version shares its uniqueId with the one before.
fn without_entries(existing: &Existing) -> Existing {
    Existing { entries: Vec::new(), folders: Vec::new(), ..existing.clone() }
}

impl Updating<'_> {
    /// New versions first: a status of the same request is that of the new version.
    fn all(&mut self) {
        let update = self.update;
        for operation in &update.operations {
            let done = match operation {
                Operation::UpdateEntry(version) => self.entry(version),
                Operation::UpdateFolder(version) => self.folder(version),
                _ => Ok(()),
            };
            self.errors.extend(done.err());
        }
        for operation in &update.operations {
            let done = match operation {
                Operation::SubmitAssociation(id) => self.submit(id),
                _ => Ok(()),
            };
            self.errors.extend(done.err());
        }
        for operation in &update.operations {
            let done = match operation {
                Operation::UpdateStatus(change) => self.status(change),
                _ => Ok(()),
            };
            self.errors.extend(done.err());
        }
    }

    fn refuse(&self, code: XdsErrorCode, at: &ObjectId, what: &str) -> XdsError {
        XdsError::new(code, format!("{what} (object {at})")).at(at.to_string())
    }

    /// The general refusal of either transaction.
    fn code(&self, restricted: XdsErrorCode) -> XdsErrorCode {
        self.update.kind.code(XdsErrorCode::MetadataUpdate, restricted)
    }

    fn is_restricted(&self) -> bool {
        self.update.kind == UpdateKind::Restricted
    }

    /// Only a publisher and its co-authors touch what it has published.
    fn may_touch(&self, publisher: Option<&OdsCode>, at: &ObjectId) -> Result<(), XdsError> {
        if self.deciding.co_authors.may_touch(Some(self.actor.organisation), publisher) {
            return Ok(());
        }
        let code = self.code(XdsErrorCode::LocalPolicyRestriction);
        let what = "was published by another organisation: only its publisher, or one with a co-authoring agreement, may update it";
        Err(self.refuse(code, at, what))
    }

    /// The SubmissionSet's own membership of an object of the request.
    fn brought(&mut self, object: &ObjectId) {
        let set = self.update.submission.submission_set.id.clone();
        let association: Option<&Association> = self
            .update
            .submission
            .associations
            .iter()
            .find(|a| a.source == set && a.target == *object && a.operation_is_version());
        let membership = association.map(|a| NewAssociation {
            entry_uuid: self.ids.of(&a.id),
            submission_set_status: a.submission_set_status,
            content: a.content(&self.ids.of(&a.id).to_string()),
            ..has_member(self.ids.of(&a.id), self.ids.of(&set), self.ids.of(object))
        });
        self.changes.associations.extend(membership);
    }

    /// A membership that the registry makes, held by the update's SubmissionSet.
    fn link(&mut self, association: NewAssociation) {
        let set = self.ids.of(&self.update.submission.submission_set.id);
        let held = has_member((self.deciding.fresh)(), set, association.entry_uuid);
        self.changes.associations.push(association);
        self.changes.associations.push(held);
    }

    /// Whether this update takes documents out of every answer: the hub's own word.
    fn nullifies(&self) -> bool {
        let set = &self.update.submission.submission_set;
        set.extra.iter().any(|slot| slot.name == slot::NULLIFIED)
    }

    fn deprecate(&mut self, object: Registered) {
        self.changes.statuses.push((object, AvailabilityStatus::Deprecated));
    }

    fn new_folder_mut(&mut self, id: EntryUuid) -> Option<&mut NewFolder> {
        self.changes.folders.iter_mut().find(|folder| folder.entry_uuid == id)
    }
}
