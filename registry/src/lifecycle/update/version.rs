//! New versions of entries and folders, and what goes over to them.

use super::Updating;
use crate::lifecycle::assign::{new_entry, new_folder};
use crate::lifecycle::folders::has_member;
use crate::store::{
    ExistingAssociation, ExistingEntry, ExistingFolder, NewAssociation, ObjectKind, Registered,
};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode as Code};
use schemas::metadata::{
    AssociationType, AvailabilityStatus, DocumentAvailability, DocumentEntry, EntryFacts, Hash,
    ObjectType,
};
use schemas::oid::Oid;
use schemas::update::{NewVersion, Operation};

impl Updating<'_> {
    pub(super) fn entry(&mut self, version: &NewVersion) -> Result<(), XdsError> {
        let entries = &self.update.submission.document_entries;
        let Some(entry) = entries.iter().find(|entry| entry.id == version.object) else {
            return Ok(());
        };
        let versions = self.existing.entries.iter();
        let versions = versions.filter(|known| known.facts.logical_id == version.logical_id);
        let latest = versions.max_by_key(|known| known.facts.version).ok_or_else(|| {
            self.refuse(Code::MetadataVersion, &entry.id, "no registered entry has this logicalID")
        })?;
        self.is_latest(version, latest.facts.version)?;
        self.may_touch(latest.facts.publisher_ods.as_ref(), &entry.id)?;
        self.stands(latest, &entry.id)?;
        let approved = latest.facts.availability_status == AvailabilityStatus::Approved;
        if !approved && !self.is_restricted() {
            let what = "the latest version is Deprecated: change its status first";
            return Err(self.refuse(Code::MetadataUpdate, &entry.id, what));
        }
        self.unchanged(entry, latest)?;
        let mut stamped = entry.clone();
        if let Some(publisher) = &latest.facts.publisher_ods {
            stamped.stamp_publisher(publisher);
        }
        let id = self.ids.of(&entry.id);
        let mut new = new_entry(&stamped, id, self.deciding.code_sets);
        new.logical_id = version.logical_id;
        new.version = latest.facts.version + 1;
        new.availability_status = latest.facts.availability_status;
        new.publisher_ods = latest.facts.publisher_ods.clone();
        new.recipients = latest.facts.recipients.clone();
        self.changes.entries.push(new);
        let previous = latest.facts.entry_uuid;
        let object = Registered {
            kind: ObjectKind::DocumentEntry,
            patient: latest.patient,
            entry_uuid: previous,
        };
        if approved {
            self.deprecate(object);
        }
        self.previous.insert(entry.id.clone(), previous);
        self.brought(&entry.id);
        self.propagate_entry(version, latest, id)
    }

    pub(super) fn folder(&mut self, version: &NewVersion) -> Result<(), XdsError> {
        let folders = &self.update.submission.folders;
        let Some(folder) = folders.iter().find(|folder| folder.id == version.object) else {
            return Ok(());
        };
        let versions = self.existing.folders.iter();
        let versions = versions.filter(|known| known.logical_id == version.logical_id);
        let latest = versions.max_by_key(|known| known.version).cloned().ok_or_else(|| {
            self.refuse(Code::MetadataUpdate, &folder.id, "no registered folder has this logicalID")
        })?;
        self.is_latest(version, latest.version)?;
        self.may_touch(latest.publisher_ods.as_ref(), &folder.id)?;
        if latest.availability_status != AvailabilityStatus::Approved {
            let what = "the latest version is Deprecated: change its status first";
            return Err(self.refuse(Code::MetadataUpdate, &folder.id, what));
        }
        if latest.unique_id.as_str() != folder.unique_id.as_str() {
            let what = "the uniqueId is not that of the version before";
            return Err(self.refuse(Code::MetadataUpdate, &folder.id, what));
        }
        let id = self.ids.of(&folder.id);
        let mut new = new_folder(folder, id, self.deciding.code_sets);
        new.logical_id = version.logical_id;
        new.version = latest.version + 1;
        self.changes.folders.push(new);
        self.deprecate(Registered {
            kind: ObjectKind::Folder,
            patient: latest.patient,
            entry_uuid: latest.entry_uuid,
        });
        self.previous.insert(folder.id.clone(), latest.entry_uuid);
        self.brought(&folder.id);
        self.propagate_folder(version, &latest, id)
    }

    fn is_latest(&self, version: &NewVersion, latest: u32) -> Result<(), XdsError> {
        if version.previous_version == latest {
            return Ok(());
        }
        let what = format!(
            "PreviousVersion is {}, the latest version is {latest}",
            version.previous_version
        );
        Err(self.refuse(Code::MetadataVersion, &version.object, &what))
    }

    /// What no update may change.
    fn unchanged(&self, entry: &DocumentEntry, latest: &ExistingEntry) -> Result<(), XdsError> {
        let facts = &latest.facts;
        let refuse = |restricted, what: &str| {
            let what = format!("the {what} is not that of the version before");
            Err(self.refuse(self.code(restricted), &entry.id, &what))
        };
        if entry.unique_id != facts.unique_id {
            return refuse(Code::MetadataIdentifier, "uniqueId");
        }
        if entry.object_type != facts.object_type {
            return refuse(Code::UnmodifiableMetadata, "objectType");
        }
        let assembled_later = facts.size == 0;
        if facts.object_type == ObjectType::Stable && !assembled_later {
            self.same_bytes(entry, facts)?;
        }
        if confidentiality(&codes_of(entry)) < confidentiality(&facts.confidentiality) {
            let what = "the confidentialityCode is lower than that of the version before, which the rules for restricted content may have set: submit the document anew in its place (RPLC)";
            return Err(self.refuse(self.code(Code::UnmodifiableMetadata), &entry.id, what));
        }
        if !self.is_restricted() {
            return Ok(());
        }
        if !latest.same_patient {
            return refuse(Code::PatientIdReconciliation, "patientId");
        }
        if entry.repository_unique_id.as_ref().map_or("", Oid::as_str)
            != facts.repository_unique_id.as_str()
        {
            return refuse(Code::UnmodifiableMetadata, "repositoryUniqueId");
        }
        let kept = stored(latest);
        let online =
            |said: Option<DocumentAvailability>| said.unwrap_or(DocumentAvailability::Online);
        let was = kept.as_ref().and_then(|kept| kept.document_availability);
        if online(entry.document_availability) != online(was) {
            return refuse(Code::UnmodifiableMetadata, "documentAvailability");
        }
        if kept.is_some_and(|kept| kept.source_patient_id != entry.source_patient_id) {
            return refuse(Code::UnmodifiableMetadata, "sourcePatientId");
        }
        Ok(())
    }

    /// Metadata describes the bytes that are stored, and those do not change.
    fn same_bytes(&self, entry: &DocumentEntry, facts: &EntryFacts) -> Result<(), XdsError> {
        let same = [
            ("hash", entry.hash.as_ref().map_or("", Hash::as_str) == facts.hash),
            ("size", entry.size == Some(facts.size)),
            ("mimeType", entry.mime_type == facts.mime_type),
        ];
        let Some((attribute, _)) = same.into_iter().find(|(_, same)| !same) else { return Ok(()) };
        let what = format!(
            "the {attribute} is not that of the version before: another document replaces this one by RPLC"
        );
        Err(self.refuse(self.code(Code::UnmodifiableMetadata), &entry.id, &what))
    }

    /// Approved associations of the previous version that an update may take over.
    fn carried(&self, previous: EntryUuid) -> Vec<ExistingAssociation> {
        let touching = self.existing.touching(previous);
        let approved = touching.filter(|a| a.availability_status == AvailabilityStatus::Approved);
        let from_set = |a: &ExistingAssociation| {
            a.association_type == AssociationType::HasMember
                && self.existing.folder(a.source).is_none()
        };
        approved.filter(|a| !from_set(a)).cloned().collect()
    }

    fn propagate_entry(
        &mut self,
        version: &NewVersion,
        latest: &ExistingEntry,
        new: EntryUuid,
    ) -> Result<(), XdsError> {
        if !version.propagate {
            return Ok(());
        }
        let previous = latest.facts.entry_uuid;
        let carried = self.carried(previous);
        self.no_manual_operation(version, previous, &carried)?;
        for association in carried {
            if !latest.same_patient {
                let what = "the new version belongs to another patient than what it is connected with: send AssociationPropagation no";
                return Err(self.refuse(Code::PatientIdReconciliation, &version.object, what));
            }
            if association.association_type == AssociationType::HasMember {
                self.join_folder(association.source, new);
                continue;
            }
            let moved = |end: EntryUuid| if end == previous { new } else { end };
            let (source, target) = (moved(association.source), moved(association.target));
            let id = (self.deciding.fresh)();
            self.changes.associations.push(NewAssociation {
                association_type: association.association_type,
                content: association
                    .content
                    .replace(&association.entry_uuid.to_string(), &id.to_string()),
                ..has_member(id, source, target)
            });
        }
        Ok(())
    }

    /// The new version joins a folder that is Approved.
    fn join_folder(&mut self, folder: EntryUuid, new: EntryUuid) {
        let Some(folder) = self.existing.folder(folder) else { return };
        if folder.availability_status != AvailabilityStatus::Approved {
            return;
        }
        let object = Registered {
            kind: ObjectKind::Folder,
            patient: folder.patient,
            entry_uuid: folder.entry_uuid,
        };
        self.changes.updated_folders.push(object);
        let membership = has_member((self.deciding.fresh)(), folder.entry_uuid, new);
        self.link(membership);
    }

    fn propagate_folder(
        &mut self,
        version: &NewVersion,
        latest: &ExistingFolder,
        new: EntryUuid,
    ) -> Result<(), XdsError> {
        if !version.propagate {
            return Ok(());
        }
        let memberships = self.existing.associations.iter().filter(|a| {
            a.association_type == AssociationType::HasMember
                && a.source == latest.entry_uuid
                && a.availability_status == AvailabilityStatus::Approved
        });
        let memberships: Vec<ExistingAssociation> = memberships.cloned().collect();
        self.no_manual_operation(version, latest.entry_uuid, &memberships)?;
        for membership in memberships {
            let Some(member) = self.existing.entry(membership.target) else { continue };
            if member.facts.availability_status != AvailabilityStatus::Approved {
                continue;
            }
            if !latest.same_patient {
                let what = "the new version belongs to another patient than its documents: send AssociationPropagation no";
                return Err(self.refuse(Code::PatientIdReconciliation, &version.object, what));
            }
            let membership = has_member((self.deciding.fresh)(), new, membership.target);
            self.link(membership);
        }
        Ok(())
    }

    /// What goes over by itself is not arranged by hand in the same request.
    fn no_manual_operation(
        &self,
        version: &NewVersion,
        previous: EntryUuid,
        carried: &[ExistingAssociation],
    ) -> Result<(), XdsError> {
        let new = &version.object;
        let manual = self.update.operations.iter().any(|operation| match operation {
            Operation::SubmitAssociation(id) => {
                let associations = &self.update.submission.associations;
                associations.iter().find(|a| a.id == *id).is_some_and(|a| {
                    [&a.source, &a.target]
                        .iter()
                        .any(|end| *end == new || end.uuid() == Some(previous))
                })
            }
            Operation::UpdateStatus(change) => {
                carried.iter().any(|a| change.target.uuid() == Some(a.entry_uuid))
            }
            _ => false,
        });
        if !manual {
            return Ok(());
        }
        let what = "its associations go over to the new version, and the same request changes them: send AssociationPropagation no";
        Err(self.refuse(Code::MetadataUpdateOperation, new, what))
    }
}

fn codes_of(entry: &DocumentEntry) -> Vec<String> {
    entry.confidentiality_code.iter().map(|code| code.code.clone()).collect()
}

/// 1 restricted, 2 very restricted: what an update may raise and not lower.
fn confidentiality(codes: &[String]) -> u8 {
    let rank = |code: &String| match code.as_str() {
        "R" => 1,
        "V" => 2,
        _ => 0,
    };
    codes.iter().map(rank).max().unwrap_or(0)
}

/// The previous version as it was submitted.
fn stored(latest: &ExistingEntry) -> Option<DocumentEntry> {
    let found = schemas::metadata::FoundEntry {
        facts: latest.facts.clone(),
        content: latest.content.clone(),
    };
    found.read()
}
