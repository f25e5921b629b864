//! Reading what a decision needs. Versions are read first: a change in between shows at commit.

use super::fetch::{self, located};
use super::identity::{self, Identifiers, patient_keys};
use super::retention;
use super::rows::{
    ENTRY_COLUMNS, ENTRY_CONTENT, entry_facts, existing_folder, existing_set, is_nullified,
};
use super::sql::Sql;
use super::{
    Existing, ExistingAssociation, ExistingEntry, ObjectKind, PatientKey, Reach, References,
    Registered, StoreError,
};
use schemas::entry_uuid::EntryUuid;
use schemas::metadata::AssociationType;
use std::collections::HashSet;

/// A decision that would read more associations than this is not taken.
const ASSOCIATIONS_MAX: usize = 100_000;

struct Reading<'s> {
    sql: &'s mut dyn Sql,
    own: Vec<PatientKey>,
    identifiers: Identifiers,
    existing: Existing,
    seen: HashSet<Registered>,
}

pub(super) fn read(sql: &mut dyn Sql, references: &References) -> Result<Existing, StoreError> {
    let own = match &references.patient_id {
        Some(patient_id) => patient_keys(sql, patient_id)?,
        None => Vec::new(),
    };
    let patient = references.patient_id.as_ref();
    let patient = patient.map(|id| identity::patient(sql, id)).transpose()?;
    let mut reading = Reading {
        sql,
        own: own.clone(),
        identifiers: Identifiers::default(),
        existing: Existing { patient, ..Existing::default() },
        seen: HashSet::new(),
    };
    for patient in own {
        reading.version(patient)?;
    }
    reading.named(references)?;
    match references.reach {
        Reach::Dependents => reading.dependents(references)?,
        Reach::Neighbours => reading.neighbours(references)?,
    }
    if references.retained {
        let entries = reading.existing.entries.iter();
        let entries = entries.map(|entry| (entry.patient, entry.facts.entry_uuid)).collect();
        reading.existing.retained = retention::of_entries(reading.sql, entries)?;
    }
    Ok(reading.existing)
}

impl Reading<'_> {
    fn version(&mut self, patient: PatientKey) -> Result<(), StoreError> {
        if self.existing.versions.iter().any(|(known, _)| *known == patient) {
            return Ok(());
        }
        let rows = self
            .sql
            .rows("SELECT version FROM patient WHERE patient_key = $1", &[patient.into()])?;
        let version = rows.first().map_or(Ok(0), |row| row.integer(0))?;
        self.existing.versions.push((patient, version));
        Ok(())
    }

    /// What the request names, and the ends of the associations among it.
    fn named(&mut self, references: &References) -> Result<(), StoreError> {
        let unique_ids: Vec<String> =
            references.unique_ids.iter().map(ToString::to_string).collect();
        let named = located(self.sql, &unique_ids)?;
        let named: Vec<Registered> = named.into_iter().map(|found| found.object).collect();
        let logical_ids: Vec<String> =
            references.logical_ids.iter().map(ToString::to_string).collect();
        let versions = located(self.sql, &logical_ids)?;
        let versions: Vec<Registered> = versions.into_iter().map(|found| found.object).collect();
        let objects = fetch::objects(self.sql, &references.objects)?;
        self.existing.uuids.extend(objects.iter().map(|object| object.entry_uuid));
        self.read(&versions, true)?;
        self.read(&named, false)?;
        self.read(&objects, false)?;
        let ends = self.existing.associations.iter().flat_map(|a| [a.source, a.target]).collect();
        self.ends(ends)?;
        if references.all_versions { self.versions() } else { Ok(()) }
    }

    /// The other versions of every entry and folder read so far.
    fn versions(&mut self) -> Result<(), StoreError> {
        let entries = self.existing.entries.iter().map(|entry| entry.facts.logical_id);
        let folders = self.existing.folders.iter().map(|folder| folder.logical_id);
        let ids: HashSet<String> = entries.chain(folders).map(|id| id.to_string()).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let versions = located(self.sql, &ids)?.into_iter().map(|found| found.object);
        self.read(&versions.collect::<Vec<_>>(), false)
    }

    /// Reads objects that were not read before.
    fn read(&mut self, objects: &[Registered], with_content: bool) -> Result<(), StoreError> {
        let unseen = objects.iter().copied().filter(|object| self.seen.insert(*object));
        let unseen: Vec<Registered> = unseen.collect();
        for object in &unseen {
            self.version(object.patient)?;
        }
        self.entries(&unseen, with_content)?;
        let columns = "patient_key, entry_uuid, unique_id, digest, publisher_ods";
        for row in fetch::rows(self.sql, &unseen, ObjectKind::SubmissionSet, columns)? {
            self.existing.submission_sets.push(existing_set(&row)?);
        }
        let columns = "patient_key, entry_uuid, logical_id, version, unique_id, \
            availability_status, publisher_ods";
        for row in fetch::rows(self.sql, &unseen, ObjectKind::Folder, columns)? {
            self.existing.folders.push(existing_folder(&row, &self.own)?);
        }
        self.existing.associations.extend(fetch::associations(self.sql, &unseen)?);
        Ok(())
    }

    fn entries(&mut self, objects: &[Registered], with_content: bool) -> Result<(), StoreError> {
        let columns = fetch::with_content(ENTRY_COLUMNS, with_content);
        for mut row in fetch::rows(self.sql, objects, ObjectKind::DocumentEntry, &columns)? {
            let patient = row.integer(0)?;
            let shown = self.identifiers.shown(self.sql, patient)?;
            self.existing.entries.push(ExistingEntry {
                facts: entry_facts(&row, shown)?,
                nullified: is_nullified(&row)?,
                patient,
                same_patient: self.own.contains(&patient),
                content: row.take_text(ENTRY_CONTENT)?,
            });
        }
        Ok(())
    }

    fn ends(&mut self, ids: HashSet<EntryUuid>) -> Result<(), StoreError> {
        let ids: Vec<EntryUuid> = ids.into_iter().collect();
        let objects = fetch::objects(self.sql, &ids)?;
        self.read(&objects, false)
    }

    /// Documents, and folders that are updated. A folder that a document joins is not looked around
    /// in: it may hold very many.
    fn start(&self, references: &References) -> HashSet<EntryUuid> {
        let entries = self.existing.entries.iter().map(|entry| entry.facts.entry_uuid);
        let folders = self.existing.folders.iter();
        let folders = folders.filter(|folder| references.logical_ids.contains(&folder.logical_id));
        entries.chain(folders.map(|folder| folder.entry_uuid)).collect()
    }

    /// Associations around what was read, and the objects at their other ends; one addendum or
    /// transform leads to the next.
    fn dependents(&mut self, references: &References) -> Result<(), StoreError> {
        let mut visited: HashSet<EntryUuid> = HashSet::new();
        let mut waiting = self.start(references);
        while !waiting.is_empty() {
            let ids: Vec<EntryUuid> = waiting.drain().collect();
            visited.extend(&ids);
            let mut ends = HashSet::new();
            for association in fetch::associations_of(self.sql, &ids)? {
                let (source, target) = (association.source, association.target);
                ends.extend([source, target]);
                let depends = matches!(
                    association.association_type,
                    AssociationType::Appends | AssociationType::Transforms
                );
                if depends && visited.contains(&target) {
                    waiting.insert(source);
                }
                self.association(association)?;
            }
            self.ends(ends)?;
            waiting.retain(|id| !visited.contains(id));
            self.bounded()?;
        }
        Ok(())
    }

    /// Every association of what is named with its ends; of those ends as many associations as it
    /// takes to see whether one is left without the named ones. A Folder may hold very many.
    fn neighbours(&mut self, references: &References) -> Result<(), StoreError> {
        for association in fetch::associations_of(self.sql, &references.objects)? {
            self.association(association)?;
        }
        self.bounded()?;
        let ends = self.existing.associations.iter().flat_map(|a| [a.source, a.target]);
        let mut ends: HashSet<EntryUuid> = ends.collect();
        self.ends(ends.clone())?;
        references.objects.iter().for_each(|named| {
            ends.remove(named);
        });
        for association in &self.existing.associations {
            ends.remove(&association.entry_uuid);
        }
        let enough = references.objects.len() + 1;
        for end in ends {
            for association in fetch::some_associations_of(self.sql, end, enough)? {
                self.association(association)?;
            }
        }
        Ok(())
    }

    fn bounded(&self) -> Result<(), StoreError> {
        if self.existing.associations.len() <= ASSOCIATIONS_MAX {
            return Ok(());
        }
        let what = format!("more than {ASSOCIATIONS_MAX} associations hang together here");
        Err(StoreError::Failed(what))
    }

    fn association(&mut self, association: ExistingAssociation) -> Result<(), StoreError> {
        self.version(association.patient)?;
        let object = Registered {
            kind: ObjectKind::Association,
            patient: association.patient,
            entry_uuid: association.entry_uuid,
        };
        if self.seen.insert(object) {
            self.existing.associations.push(association);
        }
        Ok(())
    }
}
