//! Metadata removal (ITI-62): what may go, all or nothing.

use super::CoAuthors;
use crate::attempt::Decided;
use crate::retention::{Going, Keeping, Purpose, RemovalTrace};
use crate::store::{
    Changes, Existing, ExistingAssociation, ObjectKind, Reach, References, Registered,
};
use crate::withdrawal::{self, Actor};
use jiff::civil::Date;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode as Code};
use schemas::metadata::AssociationType;
use schemas::ods_code::OdsCode;
use schemas::remove_objects::RemoveObjects;
use std::collections::HashSet;

pub(crate) fn references(remove: &RemoveObjects) -> References {
    References {
        patient_id: None,
        unique_ids: Vec::new(),
        objects: remove.0.clone(),
        logical_ids: Vec::new(),
        all_versions: false,
        reach: Reach::Neighbours,
        retained: true,
    }
}

/// Who removes, and by what it is decided whether documents may go.
pub(crate) struct Remover<'r> {
    pub keeping: &'r Keeping,
    pub co_authors: &'r CoAuthors,
    pub actor: Actor<'r>,
    pub purpose: Purpose,
    pub now: Dtm,
    pub today: Date,
    /// For the trace: who asked.
    pub by: String,
}

impl Remover<'_> {
    /// A destruction takes along what others have said about the document; a correction does not.
    fn may_touch(&self, object: &Registered, publisher: Option<&OdsCode>) -> bool {
        let of_others = object.kind != ObjectKind::DocumentEntry;
        self.purpose == Purpose::Destruction && of_others
            || self.co_authors.may_touch(Some(self.actor.organisation), publisher)
    }
}

struct Removing<'r> {
    existing: &'r Existing,
    listed: HashSet<EntryUuid>,
    errors: Vec<XdsError>,
}

pub(crate) fn decide(
    remove: &RemoveObjects,
    existing: &Existing,
    remover: &Remover<'_>,
) -> Decided {
    let listed = remove.0.iter().copied().collect();
    let mut removing = Removing { existing, listed, errors: Vec::new() };
    let mut removed = Vec::new();
    for id in &remove.0 {
        match removing.registered(*id) {
            None => removing.refuse(Code::UnresolvedReference, *id, "is not registered here"),
            Some((object, publisher)) => {
                if !remover.may_touch(&object, publisher.as_ref()) {
                    let what = "was published by another organisation: only its publisher, or one with a co-authoring agreement, may remove it";
                    removing.refuse(Code::Registry, *id, what);
                }
                removed.push(object);
            }
        }
    }
    if removing.errors.is_empty() {
        removing.nothing_refers_to_it();
        removing.nothing_is_left_alone();
        removing.history_stays_whole();
    }
    let going = removing.kept(remover);
    if !removing.errors.is_empty() {
        return Err(removing.errors);
    }
    let withdrawn = match remover.purpose {
        Purpose::Correction => withdrawal::of_removal(&removed, existing, remover.actor),
        // What has passed its retention period was not wrong.
        Purpose::Destruction => Vec::new(),
    };
    Ok(Some(Box::new(Changes {
        patient_id: None,
        expected: existing.versions.clone(),
        registered_at: remover.now.clone(),
        sensitivity: None,
        publisher_ods: None,
        submission_set: None,
        entries: Vec::new(),
        folders: Vec::new(),
        associations: Vec::new(),
        statuses: Vec::new(),
        nullified: Vec::new(),
        updated_folders: Vec::new(),
        removed,
        removal: Some(RemovalTrace {
            hold_seq: existing.retained.hold_seq,
            by: remover.by.clone(),
            purpose: remover.purpose,
            entries: going,
        }),
        withdrawn,
    })))
}

impl Removing<'_> {
    fn refuse(&mut self, code: Code, id: EntryUuid, what: &str) {
        let context = format!("{id} {what}");
        self.errors.push(XdsError::new(code, context).at(id.to_string()));
    }

    /// The object, and whose it is to remove: an association is its source's.
    fn registered(&self, id: EntryUuid) -> Option<(Registered, Option<OdsCode>)> {
        let object = |kind, patient| Registered { kind, patient, entry_uuid: id };
        let sets = &self.existing.submission_sets;
        if let Some(entry) = self.existing.entry(id) {
            let kind = object(ObjectKind::DocumentEntry, entry.patient);
            return Some((kind, entry.facts.publisher_ods.clone()));
        }
        if let Some(folder) = self.existing.folder(id) {
            return Some((
                object(ObjectKind::Folder, folder.patient),
                folder.publisher_ods.clone(),
            ));
        }
        if let Some(set) = sets.iter().find(|set| set.entry_uuid == id) {
            return Some((
                object(ObjectKind::SubmissionSet, set.patient),
                set.publisher_ods.clone(),
            ));
        }
        let association = self.existing.association(id)?;
        let source = association.source;
        let entry = self.existing.entry(source).map(|e| e.facts.publisher_ods.clone());
        let folder = self.existing.folder(source).map(|f| f.publisher_ods.clone());
        let set = sets.iter().find(|set| set.entry_uuid == source);
        let publisher = entry.or(folder).or(set.map(|set| set.publisher_ods.clone()));
        Some((object(ObjectKind::Association, association.patient), publisher.flatten()))
    }

    /// The documents that go, each with its ground; refuses those that have to be kept.
    fn kept(&mut self, remover: &Remover<'_>) -> Vec<Going> {
        let existing = self.existing;
        let listed = existing.entries.iter().map(|entry| entry.facts.entry_uuid);
        let listed: Vec<EntryUuid> = listed.filter(|id| self.is_listed(*id)).collect();
        let mut going = Vec::new();
        for id in listed {
            let Some(subject) = existing.retained.entry(id) else {
                self.refuse(Code::Registry, id, "is kept: its retention period cannot be told");
                continue;
            };
            let keeping = remover.keeping;
            match keeping.decide(subject, &existing.retained, remover.purpose, remover.today) {
                Ok(one) => going.push(one),
                Err(kept) => self.refuse(Code::Registry, id, &kept.reason()),
            }
        }
        going
    }

    fn is_listed(&self, id: EntryUuid) -> bool {
        self.listed.contains(&id)
    }

    fn nothing_refers_to_it(&mut self) {
        let refer = self.existing.associations.iter().filter(|a| !self.is_listed(a.entry_uuid));
        let ends = refer.flat_map(|a| [(a.source, a.entry_uuid), (a.target, a.entry_uuid)]);
        let referred: Vec<_> = ends.filter(|(end, _)| self.is_listed(*end)).collect();
        for (id, association) in referred {
            let what = format!(
                "is an end of the association {association}, which would stay: remove both"
            );
            self.refuse(Code::ReferencesExist, id, &what);
        }
    }

    /// A SubmissionSet, entry or Folder that stays keeps at least one association.
    fn nothing_is_left_alone(&mut self) {
        let going = self.existing.associations.iter().filter(|a| self.is_listed(a.entry_uuid));
        let ends: HashSet<EntryUuid> = going.flat_map(|a| [a.source, a.target]).collect();
        let alone: Vec<EntryUuid> = ends
            .into_iter()
            .filter(|end| !self.is_listed(*end) && self.existing.association(*end).is_none())
            .filter(|end| self.existing.touching(*end).all(|a| self.is_listed(a.entry_uuid)))
            .collect();
        for id in alone {
            let what = "would be left without any association: remove it too";
            self.refuse(Code::UnreferencedObject, id, what);
        }
    }

    /// A document that was replaced keeps its replacement; an addendum or transform its document.
    fn history_stays_whole(&mut self) {
        let going = self.existing.associations.iter().filter(|a| self.is_listed(a.entry_uuid));
        let broken: Vec<(EntryUuid, &'static str)> =
            going.filter_map(|association| self.breaks(association)).collect();
        for (id, what) in broken {
            self.refuse(Code::ReferencesExist, id, what);
        }
    }

    fn breaks(&self, association: &ExistingAssociation) -> Option<(EntryUuid, &'static str)> {
        let (source, target) = (association.source, association.target);
        match association.association_type {
            kind if kind.is_replacement() && !self.is_listed(target) && self.is_listed(source) => {
                Some((
                    source,
                    "replaces a document that would stay Deprecated: remove that one too",
                ))
            }
            AssociationType::Appends | AssociationType::Transforms
                if self.is_listed(target) && !self.is_listed(source) =>
            {
                Some((
                    target,
                    "has an addendum or a transform that would stay: remove that one too",
                ))
            }
            _ => None,
        }
    }
}
