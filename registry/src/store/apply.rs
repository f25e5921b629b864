//! Writing one request's changes.

use super::fetch::{chunked, located};
use super::identity::key_for_writing;
use super::new_rows::{NewRow, NewRows, insert};
use super::retention::keep_trace;
use super::rows::{membership_number, status_number, type_number, uuid};
use super::sql::{Sql, Value};
use super::{
    Changes, CodeRow, NewAssociation, NewEntry, NewFolder, NewSubmissionSet, ObjectKind,
    PatientKey, Registered, StoreError,
};
use super::{told, withdrawal};
use crate::retention::facts::day_text;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::metadata::{AvailabilityStatus, DocumentAvailability};
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::unique_id::UniqueId;

/// What the change feed says of an object; the number is the stored value.
#[derive(Clone, Copy)]
enum Change {
    Registered = 1,
    Deprecated = 2,
    Approved = 3,
    Removed = 4,
    Nullified = 5,
}

/// Ids that lead to an association's owner although the object is another patient's.
const REFERRED: i64 = 5;

struct Applying<'s> {
    sql: &'s mut dyn Sql,
    patient: PatientKey,
    publisher_ods: Option<OdsCode>,
    at: String,
    new: NewRows,
}

pub(super) fn apply(sql: &mut dyn Sql, changes: &Changes) -> Result<(), StoreError> {
    let mut expected = changes.expected.clone();
    let patient = match &changes.patient_id {
        None => 0,
        Some(patient_id) => {
            let key = key_for_writing(sql, patient_id)?;
            // An identifier of another authority had no key until now: nothing read its version.
            if !expected.iter().any(|(known, _)| *known == key) {
                expected.push((key, 0));
            }
            key
        }
    };
    raise_versions(sql, &expected)?;
    if let Some(class) = changes.sensitivity {
        let text = "UPDATE patient SET sensitivity = $1 WHERE patient_key = $2";
        sql.execute(text, &[class.code().into(), patient.into()])?;
    }
    let at = arrival(sql, &changes.registered_at)?;
    let publisher_ods = changes.publisher_ods.clone();
    if let Some(trace) = &changes.removal {
        keep_trace(sql, trace, &at)?;
    }
    withdrawal::keep(sql, &changes.withdrawn, &changes.registered_at)?;
    told::keep_changes(sql, changes)?;
    let mut applying = Applying { sql, patient, publisher_ods, at, new: NewRows::default() };
    applying.add(changes)?;
    for (object, status) in &changes.statuses {
        applying.status(object, *status)?;
    }
    for object in &changes.nullified {
        applying.nullify(object)?;
    }
    for folder in &changes.updated_folders {
        applying.sql.execute(
            "UPDATE folder SET last_update_time = $1 WHERE patient_key = $2 AND entry_uuid = $3",
            &[
                applying.at.as_str().into(),
                folder.patient.into(),
                folder.entry_uuid.to_string().into(),
            ],
        )?;
    }
    changes.removed.iter().try_for_each(|object| applying.remove(object))
}

/// In the order of the keys, so that two requests about the same patients do not lock each other.
pub(super) fn raise_versions(
    sql: &mut dyn Sql,
    expected: &[(PatientKey, i64)],
) -> Result<(), StoreError> {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    for (patient, version) in expected {
        if version == 0 {
            sql.execute(
                "INSERT INTO patient (patient_key, version) VALUES ($1, 0) \
                 ON CONFLICT (patient_key) DO NOTHING",
                &[patient.into()],
            )?;
        }
        let raised = sql.execute(
            "UPDATE patient SET version = version + 1 WHERE patient_key = $1 AND version = $2",
            &[patient.into(), version.into()],
        )?;
        if raised != 1 {
            return Err(StoreError::Conflict);
        }
    }
    Ok(())
}

/// The time of arrival never runs backwards along the sequence, whatever the clock does.
pub(super) fn arrival(sql: &mut dyn Sql, now: &Dtm) -> Result<String, StoreError> {
    let last = sql.rows("SELECT at FROM change WHERE seq = (SELECT max(seq) FROM change)", &[])?;
    let last = last.first().map(|row| row.text(0).map(str::to_owned)).transpose()?;
    Ok(last.into_iter().fold(now.first_second(), std::cmp::Ord::max))
}

impl Applying<'_> {
    /// The new objects.
    fn add(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let entries = changes.entries.iter().map(|entry| entry.entry_uuid);
        let set = changes.submission_set.iter().map(|set| set.entry_uuid);
        let folders = changes.folders.iter().map(|folder| folder.entry_uuid);
        let mut seqs = self.registered(entries.chain(set).chain(folders))?.into_iter();
        let mut next = || seqs.next().ok_or(StoreError::Conflict);
        for entry in &changes.entries {
            self.entry(entry, next()?)?;
        }
        if let Some(set) = &changes.submission_set {
            self.submission_set(set, next()?)?;
        }
        for folder in &changes.folders {
            self.folder(folder, next()?)?;
        }
        for association in &changes.associations {
            self.association(association);
        }
        self.refer()?;
        std::mem::take(&mut self.new).write(self.sql)
    }

    /// Places in the change feed, in order.
    fn registered(&mut self, ids: impl Iterator<Item = EntryUuid>) -> Result<Vec<i64>, StoreError> {
        let kind = Change::Registered as i64;
        let row = |id: EntryUuid| {
            let at = self.at.as_str().into();
            vec![self.patient.into(), id.to_string().into(), kind.into(), at]
        };
        let rows: Vec<NewRow> = ids.map(row).collect();
        let into = "INSERT INTO change (patient_key, entry_uuid, kind, at)";
        let seqs = insert(self.sql, into, &rows, " RETURNING seq")?;
        let mut seqs: Vec<i64> = seqs.iter().map(|row| row.integer(0)).collect::<Result<_, _>>()?;
        seqs.sort_unstable();
        Ok(seqs)
    }

    fn change(
        &mut self,
        patient: PatientKey,
        id: EntryUuid,
        kind: Change,
    ) -> Result<i64, StoreError> {
        let rows = self.sql.rows(
            "INSERT INTO change (patient_key, entry_uuid, kind, at) VALUES ($1, $2, $3, $4) \
             RETURNING seq",
            &[patient.into(), id.to_string().into(), (kind as i64).into(), self.at.as_str().into()],
        )?;
        rows.first().map_or_else(|| Err(StoreError::Conflict), |row| row.integer(0))
    }

    fn locate(&mut self, id: &str, kind: i64, object: EntryUuid, version: u32) {
        self.new.locators.push(vec![
            id.into(),
            kind.into(),
            self.patient.into(),
            object.to_string().into(),
            i64::from(version).into(),
        ]);
    }

    /// The three ids under which a versioned object is found.
    fn locate_versioned(
        &mut self,
        kind: ObjectKind,
        unique_id: &UniqueId,
        object: EntryUuid,
        logical_id: EntryUuid,
        version: u32,
    ) {
        self.locate(unique_id.as_str(), kind as i64, object, version);
        self.locate(&object.to_string(), kind as i64, object, version);
        self.locate(&logical_id.to_string(), kind as i64, object, version);
    }

    fn content(&mut self, id: EntryUuid, content: &str) {
        self.new.content.push(vec![self.patient.into(), id.to_string().into(), content.into()]);
    }

    fn codes(&mut self, id: EntryUuid, codes: &[CodeRow]) {
        for row in codes {
            self.new.codes.push(vec![
                self.patient.into(),
                id.to_string().into(),
                (row.attribute as i64).into(),
                row.code.as_str().into(),
                row.scheme.as_str().into(),
            ]);
        }
    }

    fn entry(&mut self, entry: &NewEntry, seq: i64) -> Result<(), StoreError> {
        self.supersede("document_entry", entry.logical_id, entry.version)?;
        let recipients: Vec<&str> = entry.recipients.iter().map(OdsCode::as_str).collect();
        self.new.entries.push(vec![
            self.patient.into(),
            entry.entry_uuid.to_string().into(),
            entry.logical_id.to_string().into(),
            i64::from(entry.version).into(),
            // No later version is registered.
            1.into(),
            status_number(entry.availability_status).into(),
            type_number(entry.object_type).into(),
            entry.unique_id.as_str().into(),
            entry.repository_unique_id.as_ref().map_or("", Oid::as_str).into(),
            entry.mime_type.as_str().into(),
            entry.home_community_id.as_deref().into(),
            entry.type_code.as_str().into(),
            entry.type_scheme.as_str().into(),
            entry.type_index.as_str().into(),
            entry.practice_setting.as_str().into(),
            entry.creation_time.as_deref().into(),
            entry.service_start_time.as_deref().into(),
            entry.service_stop_time.as_deref().into(),
            entry.document_availability.map(DocumentAvailability::urn).into(),
            entry.confidentiality.join(" ").into(),
            entry.publisher_ods.as_ref().map(OdsCode::as_str).into(),
            entry.hash.as_str().into(),
            (entry.size as i64).into(),
            seq.into(),
            self.at.as_str().into(),
            recipients.join(" ").into(),
            entry.last_service.map_or_else(|| self.at[..8].to_owned(), day_text).into(),
            entry.birth_date.map(day_text).into(),
            entry.death_date.map(day_text).into(),
            i64::from(entry.nullified).into(),
        ]);
        self.content(entry.entry_uuid, &entry.content);
        self.codes(entry.entry_uuid, &entry.codes);
        self.locate_versioned(
            ObjectKind::DocumentEntry,
            &entry.unique_id,
            entry.entry_uuid,
            entry.logical_id,
            entry.version,
        );
        Ok(())
    }

    fn submission_set(&mut self, set: &NewSubmissionSet, seq: i64) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO submission_set (patient_key, entry_uuid, unique_id, home_community_id, \
             source_id, submission_time, publisher_ods, digest, seq, registered_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                self.patient.into(),
                set.entry_uuid.to_string().into(),
                set.unique_id.as_str().into(),
                set.home_community_id.as_deref().into(),
                set.source_id.as_str().into(),
                set.submission_time.as_str().into(),
                self.publisher_ods.as_ref().map(OdsCode::as_str).into(),
                Value::Bytes(set.digest.clone()),
                seq.into(),
                self.at.as_str().into(),
            ],
        )?;
        self.content(set.entry_uuid, &set.content);
        self.codes(set.entry_uuid, &set.codes);
        self.locate(set.unique_id.as_str(), ObjectKind::SubmissionSet as i64, set.entry_uuid, 1);
        let id = set.entry_uuid.to_string();
        self.locate(&id, ObjectKind::SubmissionSet as i64, set.entry_uuid, 1);
        Ok(())
    }

    fn folder(&mut self, folder: &NewFolder, seq: i64) -> Result<(), StoreError> {
        self.supersede("folder", folder.logical_id, folder.version)?;
        self.sql.execute(
            "INSERT INTO folder (patient_key, entry_uuid, logical_id, version, latest, \
             availability_status, unique_id, home_community_id, last_update_time, publisher_ods, \
             seq, registered_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11)",
            &[
                self.patient.into(),
                folder.entry_uuid.to_string().into(),
                folder.logical_id.to_string().into(),
                i64::from(folder.version).into(),
                status_number(folder.availability_status).into(),
                folder.unique_id.as_str().into(),
                folder.home_community_id.as_deref().into(),
                self.at.as_str().into(),
                self.publisher_ods.as_ref().map(OdsCode::as_str).into(),
                seq.into(),
                self.at.as_str().into(),
            ],
        )?;
        self.content(folder.entry_uuid, &folder.content);
        self.codes(folder.entry_uuid, &folder.codes);
        self.locate_versioned(
            ObjectKind::Folder,
            &folder.unique_id,
            folder.entry_uuid,
            folder.logical_id,
            folder.version,
        );
        Ok(())
    }

    fn association(&mut self, association: &NewAssociation) {
        let id = association.entry_uuid.to_string();
        self.new.associations.push(vec![
            self.patient.into(),
            id.as_str().into(),
            association.association_type.urn().into(),
            association.source.to_string().into(),
            association.target.to_string().into(),
            status_number(association.availability_status).into(),
            association.submission_set_status.map(membership_number).into(),
            association.content.as_str().into(),
        ]);
        self.locate(&id, ObjectKind::Association as i64, association.entry_uuid, 1);
        self.new.ends.extend([association.source, association.target].map(|end| end.to_string()));
    }

    /// Earlier versions are no longer the latest, whosever they are.
    fn supersede(
        &mut self,
        table: &str,
        logical_id: EntryUuid,
        version: u32,
    ) -> Result<(), StoreError> {
        if version == 1 {
            return Ok(());
        }
        for earlier in located(self.sql, &[logical_id.to_string()])? {
            self.sql.execute(
                &format!(
                    "UPDATE {table} SET latest = 0 WHERE patient_key = $1 AND entry_uuid = $2"
                ),
                &[earlier.object.patient.into(), earlier.object.entry_uuid.to_string().into()],
            )?;
        }
        Ok(())
    }

    /// Ends of associations that belong to another patient lead here too.
    fn refer(&mut self) -> Result<(), StoreError> {
        let ends = std::mem::take(&mut self.new.ends);
        let text = "SELECT DISTINCT id FROM locator \
             WHERE patient_key <> $1 AND id IN ({}) AND kind < 5";
        for row in chunked(self.sql, text, &[self.patient.into()], &ends)? {
            let end = uuid(row.text(0)?)?;
            self.locate(&end.to_string(), REFERRED, end, 1);
        }
        Ok(())
    }

    fn status(
        &mut self,
        object: &Registered,
        status: AvailabilityStatus,
    ) -> Result<(), StoreError> {
        let table = match object.kind {
            ObjectKind::DocumentEntry => "document_entry",
            ObjectKind::Folder => "folder",
            ObjectKind::Association => "association",
            ObjectKind::SubmissionSet => return Ok(()),
        };
        self.sql.execute(
            &format!(
                "UPDATE {table} SET availability_status = $1 WHERE patient_key = $2 AND entry_uuid = $3"
            ),
            &[
                status_number(status).into(),
                object.patient.into(),
                object.entry_uuid.to_string().into(),
            ],
        )?;
        let kind = match status {
            AvailabilityStatus::Approved => Change::Approved,
            AvailabilityStatus::Deprecated => Change::Deprecated,
        };
        self.change(object.patient, object.entry_uuid, kind).map(|_| ())
    }

    /// The row stays for audit; no answer holds it.
    fn nullify(&mut self, object: &Registered) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE document_entry SET availability_status = 2, nullified = 1 \
             WHERE patient_key = $1 AND entry_uuid = $2",
            &[object.patient.into(), object.entry_uuid.to_string().into()],
        )?;
        self.change(object.patient, object.entry_uuid, Change::Nullified).map(|_| ())
    }

    /// Takes an object out with all its rows; the change feed keeps that it was there.
    fn remove(&mut self, object: &Registered) -> Result<(), StoreError> {
        let values = [object.patient.into(), object.entry_uuid.to_string().into()];
        for id in ids_of(self.sql, object)? {
            self.sql.execute(
                "DELETE FROM locator WHERE id = $1 AND kind < 5 AND entry_uuid = $2",
                &[id.into(), object.entry_uuid.to_string().into()],
            )?;
        }
        for table in tables(object.kind) {
            let text = format!("DELETE FROM {table} WHERE patient_key = $1 AND entry_uuid = $2");
            self.sql.execute(&text, &values)?;
        }
        self.change(object.patient, object.entry_uuid, Change::Removed).map(|_| ())
    }
}

/// The table of a kind of object, and those that hang on it.
pub(super) fn tables(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::DocumentEntry => &["document_entry", "content", "entry_code"],
        ObjectKind::SubmissionSet => &["submission_set", "content", "entry_code"],
        ObjectKind::Folder => &["folder", "content", "entry_code"],
        ObjectKind::Association => &["association"],
    }
}

/// Under which ids an object is found.
pub(super) fn ids_of(sql: &mut dyn Sql, object: &Registered) -> Result<Vec<String>, StoreError> {
    let table = tables(object.kind)[0];
    let columns: &[&str] = match object.kind {
        ObjectKind::DocumentEntry | ObjectKind::Folder => &["unique_id", "logical_id"],
        ObjectKind::SubmissionSet => &["unique_id"],
        ObjectKind::Association => &[],
    };
    let mut ids = vec![object.entry_uuid.to_string()];
    let values = [object.patient.into(), object.entry_uuid.to_string().into()];
    for column in columns {
        let text =
            format!("SELECT {column} FROM {table} WHERE patient_key = $1 AND entry_uuid = $2");
        for mut row in sql.rows(&text, &values)? {
            ids.push(row.take_text(0)?);
        }
    }
    Ok(ids)
}
