//! Submit association: a new relationship or membership between registered objects.

use super::Updating;
use crate::lifecycle::folders::has_member;
use crate::store::{NewAssociation, ObjectKind, PatientKey, Registered};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode as Code};
use schemas::metadata::{Association, AssociationType, AvailabilityStatus, ObjectId};
use schemas::ods_code::OdsCode;

/// An end of a submitted association.
struct End<'e> {
    id: EntryUuid,
    kind: ObjectKind,
    patient: PatientKey,
    publisher: Option<&'e OdsCode>,
}

impl Updating<'_> {
    pub(super) fn submit(&mut self, id: &ObjectId) -> Result<(), XdsError> {
        let update = self.update;
        let associations = &update.submission.associations;
        let Some(association) = associations.iter().find(|a| a.id == *id) else { return Ok(()) };
        let source = self.end(association, &association.source)?;
        let target = self.end(association, &association.target)?;
        self.pair_fits(association, &source, &target)?;
        let ends = (source.id, target.id);
        let into_folder = (source.kind == ObjectKind::Folder).then_some(Registered {
            kind: ObjectKind::Folder,
            patient: source.patient,
            entry_uuid: source.id,
        });
        let entry_uuid = self.ids.of(&association.id);
        let new = NewAssociation {
            association_type: association.association_type,
            content: association.content(&entry_uuid.to_string()),
            ..has_member(entry_uuid, ends.0, ends.1)
        };
        self.changes.updated_folders.extend(into_folder);
        self.link(new);
        Ok(())
    }

    fn end(&self, association: &Association, end: &ObjectId) -> Result<End<'_>, XdsError> {
        let id = end.uuid().ok_or_else(|| {
            let what = format!("the end {end} is not the entryUUID of a registered object");
            self.refuse(Code::UnresolvedReference, &association.id, &what)
        })?;
        let entry = self.existing.entry(id).map(|entry| {
            let publisher = entry.facts.publisher_ods.as_ref();
            let kind = ObjectKind::DocumentEntry;
            (End { id, kind, patient: entry.patient, publisher }, entry.facts.availability_status)
        });
        let folder = self.existing.folder(id).map(|folder| {
            let publisher = folder.publisher_ods.as_ref();
            let kind = ObjectKind::Folder;
            (End { id, kind, patient: folder.patient, publisher }, folder.availability_status)
        });
        let (end, status) = entry.or(folder).ok_or_else(|| {
            let what = format!("the end {end} is not a registered DocumentEntry or Folder");
            self.refuse(Code::UnresolvedReference, &association.id, &what)
        })?;
        if status != AvailabilityStatus::Approved {
            let what = format!("the end {id} is Deprecated");
            return Err(self.refuse(Code::MetadataUpdate, &association.id, &what));
        }
        Ok(end)
    }

    fn pair_fits(
        &self,
        association: &Association,
        source: &End<'_>,
        target: &End<'_>,
    ) -> Result<(), XdsError> {
        let kind = association.association_type;
        let wanted = match kind {
            AssociationType::HasMember => ObjectKind::Folder,
            _ => ObjectKind::DocumentEntry,
        };
        if source.kind != wanted || target.kind != ObjectKind::DocumentEntry {
            let what = "HasMember leads from a Folder to a DocumentEntry, a relationship from one DocumentEntry to another";
            return Err(self.refuse(Code::MetadataUpdate, &association.id, what));
        }
        let own: Vec<PatientKey> = [source, target].iter().map(|end| end.patient).collect();
        let same = self.same_person(own[0], own[1]);
        if !same {
            let what = "the two ends belong to different patients";
            return Err(self.refuse(Code::PatientIdReconciliation, &association.id, what));
        }
        let again = self.existing.associations.iter().any(|known| {
            known.association_type == kind
                && (known.source, known.target) == (source.id, target.id)
                && known.availability_status == AvailabilityStatus::Approved
        });
        if again {
            let what = "an Approved association of this type connects the two already";
            return Err(self.refuse(Code::MetadataUpdate, &association.id, what));
        }
        self.may_touch(source.publisher, &association.id)?;
        if kind.is_replacement() {
            self.may_touch(target.publisher, &association.id)?;
        }
        Ok(())
    }

    /// One key, or two that were merged: then both are those of the request's patient.
    fn same_person(&self, one: PatientKey, other: PatientKey) -> bool {
        let own = |key: PatientKey| {
            self.existing.entries.iter().any(|entry| entry.patient == key && entry.same_patient)
                || self.existing.folders.iter().any(|f| f.patient == key && f.same_patient)
        };
        one == other || own(one) && own(other)
    }
}
