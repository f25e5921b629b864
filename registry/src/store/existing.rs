//! Reading what a decision needs. Versions are read first: a change in between shows at commit.

use super::rows::{
    ASSOCIATION_COLUMNS, ENTRY_COLUMNS, ENTRY_CONTENT, entry_facts, existing_association,
    existing_folder, existing_set, uuid,
};
use super::sql::Sql;
use super::{
    Existing, ExistingAssociation, ExistingEntry, ObjectKind, PatientKey, Reach, References,
    Registered, StoreError,
};
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::metadata::AssociationType;
use schemas::nhs_number::NhsNumber;
use std::collections::HashSet;

/// A decision that would read more associations than this is not taken.
const ASSOCIATIONS_MAX: usize = 100_000;

/// The keys under which a patient's rows lie; other authorities have none in this registry.
pub(super) fn patient_keys(
    _sql: &mut dyn Sql,
    patient_id: &PatientId,
) -> Result<Vec<PatientKey>, StoreError> {
    Ok(patient_id.nhs_number().map(NhsNumber::key).into_iter().collect())
}

struct Reading<'s> {
    sql: &'s mut dyn Sql,
    own: Vec<PatientKey>,
    existing: Existing,
    seen: HashSet<Registered>,
}

pub(super) fn read(sql: &mut dyn Sql, references: &References) -> Result<Existing, StoreError> {
    let own = match &references.patient_id {
        Some(patient_id) => patient_keys(sql, patient_id)?,
        None => Vec::new(),
    };
    let mut reading =
        Reading { sql, own: own.clone(), existing: Existing::default(), seen: HashSet::new() };
    for patient in own {
        reading.version(patient)?;
    }
    for unique_id in &references.unique_ids {
        for found in locate(reading.sql, unique_id.as_str())? {
            reading.object(found, false)?;
        }
    }
    for logical_id in &references.logical_ids {
        for found in locate(reading.sql, &logical_id.to_string())? {
            reading.object(found, true)?;
        }
    }
    for id in &references.objects {
        for found in locate(reading.sql, &id.to_string())? {
            if found.entry_uuid == *id {
                reading.existing.uuids.insert(*id);
            }
            reading.object(found, false)?;
        }
    }
    let start = reading.start(references);
    reading.surroundings(start, references.reach)?;
    Ok(reading.existing)
}

/// What an id names, under every patient.
pub(super) fn locate(sql: &mut dyn Sql, id: &str) -> Result<Vec<Registered>, StoreError> {
    let rows = sql.rows(
        "SELECT kind, patient_key, entry_uuid FROM locator WHERE id = $1 AND kind < 5",
        &[id.into()],
    )?;
    let read = |row: &super::sql::Row| {
        let kind = match row.integer(0)? {
            1 => ObjectKind::DocumentEntry,
            2 => ObjectKind::SubmissionSet,
            3 => ObjectKind::Folder,
            _ => ObjectKind::Association,
        };
        let entry_uuid = uuid(row.text(2)?)?;
        Ok(Registered { kind, patient: row.integer(1)?, entry_uuid })
    };
    rows.iter().map(read).collect()
}

/// Associations with this object at either end, whosever they are.
pub(super) fn associations_of(
    sql: &mut dyn Sql,
    id: EntryUuid,
) -> Result<Vec<ExistingAssociation>, StoreError> {
    let id = id.to_string();
    let owners =
        sql.rows("SELECT DISTINCT patient_key FROM locator WHERE id = $1", &[id.as_str().into()])?;
    let mut found = Vec::new();
    for owner in owners {
        for end in ["source_object", "target_object"] {
            let text = format!(
                "SELECT {ASSOCIATION_COLUMNS} FROM association WHERE patient_key = $1 AND {end} = $2"
            );
            let rows = sql.rows(&text, &[owner.integer(0)?.into(), id.as_str().into()])?;
            for mut row in rows {
                found.push(existing_association(&mut row)?);
            }
        }
    }
    Ok(found)
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

    /// Reads an object once.
    fn object(&mut self, object: Registered, with_content: bool) -> Result<(), StoreError> {
        if !self.seen.insert(object) {
            return Ok(());
        }
        self.version(object.patient)?;
        let values = [object.patient.into(), object.entry_uuid.to_string().into()];
        match object.kind {
            ObjectKind::DocumentEntry => self.entry(&values, with_content)?,
            ObjectKind::SubmissionSet => {
                let rows = self.sql.rows(
                    "SELECT patient_key, entry_uuid, unique_id, digest, publisher_ods \
                     FROM submission_set WHERE patient_key = $1 AND entry_uuid = $2",
                    &values,
                )?;
                for row in &rows {
                    self.existing.submission_sets.push(existing_set(row)?);
                }
            }
            ObjectKind::Folder => {
                let rows = self.sql.rows(
                    "SELECT patient_key, entry_uuid, logical_id, version, unique_id, \
                     availability_status, publisher_ods FROM folder \
                     WHERE patient_key = $1 AND entry_uuid = $2",
                    &values,
                )?;
                for row in &rows {
                    self.existing.folders.push(existing_folder(row, &self.own)?);
                }
            }
            ObjectKind::Association => {
                let text = format!(
                    "SELECT {ASSOCIATION_COLUMNS} FROM association WHERE patient_key = $1 AND entry_uuid = $2"
                );
                for mut row in self.sql.rows(&text, &values)? {
                    self.existing.associations.push(existing_association(&mut row)?);
                }
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        values: &[super::sql::Value],
        with_content: bool,
    ) -> Result<(), StoreError> {
        let text = if with_content {
            format!(
                "SELECT {ENTRY_COLUMNS}, c.content FROM document_entry e JOIN content c \
                 ON c.patient_key = e.patient_key AND c.entry_uuid = e.entry_uuid \
                 WHERE e.patient_key = $1 AND e.entry_uuid = $2"
            )
        } else {
            format!(
                "SELECT {ENTRY_COLUMNS} FROM document_entry e \
                 WHERE e.patient_key = $1 AND e.entry_uuid = $2"
            )
        };
        for mut row in self.sql.rows(&text, values)? {
            let patient = row.integer(0)?;
            self.existing.entries.push(ExistingEntry {
                facts: entry_facts(&row)?,
                patient,
                same_patient: self.own.contains(&patient),
                content: if with_content { row.take_text(ENTRY_CONTENT)? } else { String::new() },
            });
        }
        Ok(())
    }

    /// Documents, and what is to be updated or removed. A folder that a document joins is not looked
    /// around in: it may hold very many.
    fn start(&self, references: &References) -> Vec<EntryUuid> {
        if references.reach == Reach::Neighbours {
            return references.objects.clone();
        }
        let entries = self.existing.entries.iter().map(|entry| entry.facts.entry_uuid);
        let folders = self.existing.folders.iter();
        let folders = folders.filter(|folder| references.logical_ids.contains(&folder.logical_id));
        entries.chain(folders.map(|folder| folder.entry_uuid)).collect()
    }

    /// Associations around `start` and the objects at their other ends; one addendum or transform
    /// leads to the next.
    fn surroundings(&mut self, start: Vec<EntryUuid>, reach: Reach) -> Result<(), StoreError> {
        let named: HashSet<EntryUuid> = start.iter().copied().collect();
        let mut waiting = start;
        let mut visited = HashSet::new();
        while let Some(id) = waiting.pop() {
            if !visited.insert(id) {
                continue;
            }
            for association in associations_of(self.sql, id)? {
                let (source, target) = (association.source, association.target);
                let depends = matches!(
                    association.association_type,
                    AssociationType::Appends | AssociationType::Transforms
                );
                let object = Registered {
                    kind: ObjectKind::Association,
                    patient: association.patient,
                    entry_uuid: association.entry_uuid,
                };
                self.version(association.patient)?;
                let entry_uuid = association.entry_uuid;
                if self.seen.insert(object) {
                    self.existing.associations.push(association);
                }
                self.end(source)?;
                self.end(target)?;
                if depends && target == id {
                    waiting.push(source);
                }
                if reach == Reach::Neighbours && named.contains(&id) {
                    waiting.extend([entry_uuid, source, target]);
                }
            }
            if self.existing.associations.len() > ASSOCIATIONS_MAX {
                let what = format!("more than {ASSOCIATIONS_MAX} associations hang together here");
                return Err(StoreError::Failed(what));
            }
        }
        Ok(())
    }

    fn end(&mut self, id: EntryUuid) -> Result<(), StoreError> {
        for found in locate(self.sql, &id.to_string())? {
            if found.entry_uuid == id {
                self.object(found, false)?;
            }
        }
        Ok(())
    }
}
