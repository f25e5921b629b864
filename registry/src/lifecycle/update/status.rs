//! availabilityStatus of what is registered, or of what the same request makes.

use super::Updating;
use crate::store::{ExistingAssociation, ExistingEntry, ObjectKind, Registered};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode as Code};
use schemas::metadata::{AssociationType, AvailabilityStatus, ObjectId};
use schemas::update::StatusChange;

impl Updating<'_> {
    pub(super) fn status(&mut self, change: &StatusChange) -> Result<(), XdsError> {
        if let Some(id) = self.made(change) {
            return self.status_of_new(change, id);
        }
        let unknown = || {
            let what = "the target of UpdateAvailabilityStatus is not registered";
            self.refuse(Code::UnresolvedReference, &change.target, what)
        };
        let id = change.target.uuid().ok_or_else(unknown)?;
        let (object, status) = self.registered(id, change)?.ok_or_else(unknown)?;
        if self.nullifies() && object.kind == ObjectKind::DocumentEntry {
            self.nullify(id);
            return Ok(());
        }
        self.fits(change, status)?;
        self.changes.statuses.push((object, change.new));
        Ok(())
    }

    /// The object of this request that is meant: itself, or by the version before it.
    fn made(&self, change: &StatusChange) -> Option<EntryUuid> {
        let by_previous = self.previous.iter().find(|(object, previous)| {
            **object == change.target || change.target.uuid() == Some(**previous)
        });
        let own = by_previous.map(|(object, _)| object).unwrap_or(&change.target);
        let id = self.ids.known(own)?;
        let entries = self.changes.entries.iter().map(|entry| entry.entry_uuid);
        let folders = self.changes.folders.iter().map(|folder| folder.entry_uuid);
        let associations = self.changes.associations.iter().map(|a| a.entry_uuid);
        entries.chain(folders).chain(associations).find(|made| *made == id)
    }

    fn status_of_new(&mut self, change: &StatusChange, id: EntryUuid) -> Result<(), XdsError> {
        let entry = self.changes.entries.iter().find(|entry| entry.entry_uuid == id);
        let folder = self.changes.folders.iter().find(|folder| folder.entry_uuid == id);
        let association = self.changes.associations.iter().find(|a| a.entry_uuid == id);
        let status = entry.map(|entry| entry.availability_status);
        let status = status.or(folder.map(|folder| folder.availability_status));
        let status = status.or(association.map(|association| association.availability_status));
        self.fits(change, status.unwrap_or(AvailabilityStatus::Approved))?;
        let new = change.new;
        if let Some(entry) = self.changes.entries.iter_mut().find(|e| e.entry_uuid == id) {
            entry.availability_status = new;
        }
        if let Some(folder) = self.new_folder_mut(id) {
            folder.availability_status = new;
        }
        if let Some(made) = self.changes.associations.iter_mut().find(|a| a.entry_uuid == id) {
            made.availability_status = new;
        }
        Ok(())
    }

    fn fits(&self, change: &StatusChange, status: AvailabilityStatus) -> Result<(), XdsError> {
        if change.original == status {
            return Ok(());
        }
        let what = format!(
            "OriginalStatus is {}, the object is {}",
            change.original.name(),
            status.name()
        );
        Err(self.refuse(Code::MetadataUpdate, &change.target, &what))
    }

    fn registered(
        &self,
        id: EntryUuid,
        change: &StatusChange,
    ) -> Result<Option<(Registered, AvailabilityStatus)>, XdsError> {
        let at = &change.target;
        let older = |versions: &mut dyn Iterator<Item = u32>, version: u32| {
            let what = "an older version keeps its status: name the latest";
            match versions.max() {
                Some(latest) if latest > version => {
                    Err(self.refuse(Code::MetadataUpdate, at, what))
                }
                _ => Ok(()),
            }
        };
        if let Some(entry) = self.existing.entry(id) {
            let facts = &entry.facts;
            let same = self.existing.entries.iter().map(|known| &known.facts);
            let same = same.filter(|known| known.logical_id == facts.logical_id);
            older(&mut same.map(|known| known.version), facts.version)?;
            self.may_touch(facts.publisher_ods.as_ref(), at)?;
            if !self.nullifies() {
                self.stands(entry, at)?;
            }
            let kind = ObjectKind::DocumentEntry;
            let object = Registered { kind, patient: entry.patient, entry_uuid: id };
            return Ok(Some((object, facts.availability_status)));
        }
        if let Some(folder) = self.existing.folder(id) {
            let same = self.existing.folders.iter();
            let same = same.filter(|known| known.logical_id == folder.logical_id);
            older(&mut same.map(|known| known.version), folder.version)?;
            self.may_touch(folder.publisher_ods.as_ref(), at)?;
            let object =
                Registered { kind: ObjectKind::Folder, patient: folder.patient, entry_uuid: id };
            return Ok(Some((object, folder.availability_status)));
        }
        if self.existing.submission_sets.iter().any(|set| set.entry_uuid == id) {
            let what = "a SubmissionSet is always Approved";
            return Err(self.refuse(Code::MetadataUpdate, at, what));
        }
        let Some(association) = self.existing.association(id) else { return Ok(None) };
        self.association_status(association, change)?;
        let object = Registered {
            kind: ObjectKind::Association,
            patient: association.patient,
            entry_uuid: id,
        };
        Ok(Some((object, association.availability_status)))
    }

    /// Every version of an entry's metadata goes; one that is gone is gone.
    fn nullify(&mut self, id: EntryUuid) {
        let Some(named) = self.existing.entry(id) else { return };
        let same =
            self.existing.entries.iter().filter(|entry| {
                entry.facts.logical_id == named.facts.logical_id && !entry.nullified
            });
        let objects = same.map(|entry| Registered {
            kind: ObjectKind::DocumentEntry,
            patient: entry.patient,
            entry_uuid: entry.facts.entry_uuid,
        });
        self.changes.nullified.extend(objects);
    }

    /// A withdrawn document is not updated.
    pub(super) fn stands(&self, entry: &ExistingEntry, at: &ObjectId) -> Result<(), XdsError> {
        if !entry.nullified {
            return Ok(());
        }
        let what = "was withdrawn by its publisher: nothing brings it back";
        Err(self.refuse(Code::MetadataUpdate, at, what))
    }

    /// Relationships and memberships of folders may lapse; what a SubmissionSet brought, it brought.
    fn association_status(
        &self,
        association: &ExistingAssociation,
        change: &StatusChange,
    ) -> Result<(), XdsError> {
        let at = &change.target;
        let folder = self.existing.folder(association.source);
        if association.association_type == AssociationType::HasMember && folder.is_none() {
            let what = "the membership of a SubmissionSet is always Approved";
            return Err(self.refuse(Code::MetadataUpdate, at, what));
        }
        let entry = self.existing.entry(association.source);
        let publisher = entry.and_then(|entry| entry.facts.publisher_ods.as_ref());
        let publisher = publisher.or(folder.and_then(|folder| folder.publisher_ods.as_ref()));
        self.may_touch(publisher, at)
    }
}
