//! Taking an entry off a number that two people share, and giving it back: its rows become another
//! patient's, with all versions of it, their associations, and the SubmissionSet once nothing of it
//! is left behind.

use super::OwnedEntry;
use super::keys::{key_for_writing, own_identifier};
use super::reading::patient;
use crate::store::apply::{arrival, ids_of, tables};
use crate::store::fetch::{associations_of, objects};
use crate::store::sql::{Sql, Value};
use crate::store::{ObjectKind, PatientKey, Registered, StoreError};
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::metadata::AssociationType;

/// In the change feed: the object is no longer the one's, and is the other's.
const REMOVED: i64 = 4;
const REGISTERED: i64 = 1;

/// In the locator: the object is another patient's, and an association of this one leads to it.
const REFERRED: i64 = 5;

fn owner(sql: &mut dyn Sql, entry: EntryUuid) -> Result<Option<PatientKey>, StoreError> {
    let mut found = objects(sql, &[entry])?.into_iter();
    Ok(found.find(|object| object.kind == ObjectKind::DocumentEntry).map(|object| object.patient))
}

/// Whom an entry was split off, if it was not given back.
fn before(sql: &mut dyn Sql, entry: EntryUuid) -> Result<Option<PatientKey>, StoreError> {
    let rows = sql.rows(
        "SELECT from_key FROM patient_split WHERE entry_uuid = $1 AND undone_at IS NULL \
         ORDER BY seq DESC LIMIT 1",
        &[entry.to_string().into()],
    )?;
    rows.first().map(|row| row.integer(0)).transpose()
}

pub(super) fn entry(sql: &mut dyn Sql, entry: EntryUuid) -> Result<Option<OwnedEntry>, StoreError> {
    let Some(key) = owner(sql, entry)? else { return Ok(None) };
    let id = own_identifier(sql, key)?;
    let owner = patient(sql, &id)?;
    let split_off = match before(sql, entry)? {
        Some(key) => {
            let id = own_identifier(sql, key)?;
            Some(patient(sql, &id)?)
        }
        None => None,
    };
    Ok(Some(OwnedEntry { entry_uuid: entry, owner, split_off }))
}

pub(super) fn split_off(
    sql: &mut dyn Sql,
    entry: EntryUuid,
    to: &PatientId,
    at: &str,
) -> Result<(), StoreError> {
    let from = owner(sql, entry)?.ok_or(StoreError::Conflict)?;
    let to = key_for_writing(sql, to)?;
    moved(sql, entry, from, to, at)?;
    sql.execute(
        "INSERT INTO patient_split (entry_uuid, from_key, to_key, at) VALUES ($1, $2, $3, $4)",
        &[entry.to_string().into(), from.into(), to.into(), at.into()],
    )?;
    Ok(())
}

pub(super) fn give_back(sql: &mut dyn Sql, entry: EntryUuid, at: &str) -> Result<(), StoreError> {
    let from = owner(sql, entry)?.ok_or(StoreError::Conflict)?;
    let to = before(sql, entry)?.ok_or(StoreError::Conflict)?;
    moved(sql, entry, from, to, at)?;
    sql.execute(
        "UPDATE patient_split SET undone_at = $1 WHERE seq = (SELECT max(seq) FROM patient_split \
         WHERE entry_uuid = $2 AND undone_at IS NULL)",
        &[at.into(), entry.to_string().into()],
    )?;
    Ok(())
}

/// Moves every version of an entry and what hangs on it.
fn moved(
    sql: &mut dyn Sql,
    entry: EntryUuid,
    from: PatientKey,
    to: PatientKey,
    at: &str,
) -> Result<(), StoreError> {
    let at = Dtm::parse(at).map_err(|error| StoreError::Failed(error.to_string()))?;
    let at = arrival(sql, &at)?;
    let versions = sql.rows(
        "SELECT v.entry_uuid FROM document_entry e JOIN document_entry v \
         ON v.patient_key = e.patient_key AND v.logical_id = e.logical_id \
         WHERE e.patient_key = $1 AND e.entry_uuid = $2",
        &[from.into(), entry.to_string().into()],
    )?;
    let mut sets = Vec::new();
    for row in &versions {
        let id = crate::store::rows::uuid(row.text(0)?)?;
        object(sql, ObjectKind::DocumentEntry, id, from, to)?;
        for (patient, kind) in [(from, REMOVED), (to, REGISTERED)] {
            sql.execute(
                "INSERT INTO change (patient_key, entry_uuid, kind, at) VALUES ($1, $2, $3, $4)",
                &[patient.into(), id.to_string().into(), kind.into(), at.as_str().into()],
            )?;
        }
        let associations = associations_of(sql, &[id])?;
        for association in associations.into_iter().filter(|a| a.patient == from) {
            object(sql, ObjectKind::Association, association.entry_uuid, from, to)?;
            refer(sql, association.source, to)?;
            refer(sql, association.target, to)?;
            if association.association_type == AssociationType::HasMember {
                sets.push(association.source);
            }
        }
    }
    sets.into_iter().try_for_each(|set| submission_set(sql, set, from, to))
}

/// A SubmissionSet goes where its last member has gone.
fn submission_set(
    sql: &mut dyn Sql,
    set: EntryUuid,
    from: PatientKey,
    to: PatientKey,
) -> Result<(), StoreError> {
    let is_ours = Registered { kind: ObjectKind::SubmissionSet, patient: from, entry_uuid: set };
    let left = sql.rows(
        "SELECT 1 FROM association WHERE patient_key = $1 AND source_object = $2 LIMIT 1",
        &[from.into(), set.to_string().into()],
    )?;
    if left.is_empty() && objects(sql, &[set])?.contains(&is_ours) {
        object(sql, ObjectKind::SubmissionSet, set, from, to)?;
    }
    Ok(())
}

fn object(
    sql: &mut dyn Sql,
    kind: ObjectKind,
    id: EntryUuid,
    from: PatientKey,
    to: PatientKey,
) -> Result<(), StoreError> {
    let ids = ids_of(sql, &Registered { kind, patient: from, entry_uuid: id })?;
    let values: [Value; 3] = [to.into(), from.into(), id.to_string().into()];
    for table in tables(kind) {
        let text = format!(
            "UPDATE {table} SET patient_key = $1 WHERE patient_key = $2 AND entry_uuid = $3"
        );
        sql.execute(&text, &values)?;
    }
    for name in ids {
        sql.execute(
            "UPDATE locator SET patient_key = $1 \
             WHERE id = $2 AND kind < 5 AND entry_uuid = $3 AND patient_key = $4",
            &[to.into(), name.into(), id.to_string().into(), from.into()],
        )?;
    }
    Ok(())
}

/// An end of an association that is not with its patient leads to it all the same.
fn refer(sql: &mut dyn Sql, end: EntryUuid, patient: PatientKey) -> Result<(), StoreError> {
    let values: [Value; 3] = [end.to_string().into(), REFERRED.into(), patient.into()];
    sql.execute(
        "INSERT INTO locator (id, kind, patient_key, entry_uuid, version) \
         VALUES ($1, $2, $3, $1, 1) ON CONFLICT (id, kind, entry_uuid, patient_key) DO NOTHING",
        &values,
    )?;
    Ok(())
}
