//! Rows of holds, approvals, entries and removed entries into meaning.

use super::person::Persons;
use super::{Destroyed, Place};
use crate::retention::facts::{day, day_text};
use crate::retention::{
    Approval, Going, Hold, HoldKind, Lifted, Permit, Purpose, Retained, Retention, Scope, Subject,
};
use crate::store::fetch::chunked;
use crate::store::rows::uuid;
use crate::store::sql::{Row, Sql};
use crate::store::{CodeAttribute, PatientKey, StoreError};
use jiff::civil::Date;
use schemas::entry_uuid::EntryUuid;
use schemas::ods_code::OdsCode;
use std::collections::{BTreeMap, BTreeSet};

/// What an entry's own row and codes say; the patient's part comes from [`Persons`].
fn entry_columns() -> String {
    format!(
        "e.patient_key, e.entry_uuid, e.unique_id, e.repository_unique_id, e.hash, \
         e.publisher_ods, e.type_index, e.practice_setting, \
         (SELECT max(c.code) FROM entry_code c WHERE c.patient_key = e.patient_key \
          AND c.attribute = {} AND c.entry_uuid = e.entry_uuid), e.last_service, \
         e.birth_date, e.death_date",
        CodeAttribute::Class as i64
    )
}

/// The same columns over `removed_entry`.
const REMOVED_COLUMNS: &str = "patient_key, entry_uuid, unique_id, repository_unique_id, hash, \
    publisher_ods, type_code, practice_setting, class_code, last_contact, birth_date, death_date";
const SUBJECT_COLUMNS: usize = 12;
/// Where e.last_service stands among them.
const LAST_SERVICE: usize = 9;

fn broken(column: &str) -> StoreError {
    StoreError::Failed(format!("the stored {column} is broken"))
}

pub(super) fn stored_day(text: &str, column: &str) -> Result<Date, StoreError> {
    day(text).ok_or_else(|| broken(column))
}

pub(super) fn optional_day(row: &Row, column: usize) -> Result<Option<Date>, StoreError> {
    row.optional_text(column)?.map(|text| stored_day(text, "day")).transpose()
}

fn subject(row: &Row) -> Result<Subject, StoreError> {
    let owned = |column| row.text(column).map(str::to_owned);
    Ok(Subject {
        patients: vec![row.integer(0)?],
        entry_uuid: uuid(row.text(1)?)?,
        unique_id: owned(2)?,
        repository_unique_id: owned(3)?,
        hash: owned(4)?,
        publisher_ods: row.optional_text(5)?.and_then(|text| OdsCode::parse(text).ok()),
        type_code: owned(6)?,
        practice_setting: owned(7)?,
        class_code: row.optional_text(8)?.map(str::to_owned),
        last_contact: stored_day(row.text(9)?, "last_service")?,
        birth_date: optional_day(row, 10)?,
        death_date: optional_day(row, 11)?,
    })
}

/// What keeps these entries.
pub(in crate::store) fn of_entries(
    sql: &mut dyn Sql,
    entries: Vec<(PatientKey, EntryUuid)>,
) -> Result<Retained, StoreError> {
    let subjects = registered(sql, entries)?;
    around(sql, subjects)
}

fn registered(
    sql: &mut dyn Sql,
    entries: Vec<(PatientKey, EntryUuid)>,
) -> Result<Vec<Subject>, StoreError> {
    let mut by_patient: BTreeMap<PatientKey, Vec<String>> = BTreeMap::new();
    for (patient, id) in entries {
        by_patient.entry(patient).or_default().push(id.to_string());
    }
    let text = format!(
        "SELECT {} FROM document_entry e WHERE e.patient_key = $1 AND e.entry_uuid IN ({{}})",
        entry_columns()
    );
    let mut subjects = Vec::new();
    let mut persons = Persons::default();
    for (patient, ids) in by_patient {
        for row in chunked(sql, &text, &[patient.into()], &ids)? {
            subjects.push(persons.complete(sql, subject(&row)?)?);
        }
    }
    Ok(subjects)
}

/// What keeps the documents with these uniqueIds, their entries there or removed.
pub(super) fn of_documents(sql: &mut dyn Sql, ids: &[String]) -> Result<Retained, StoreError> {
    let located = "SELECT patient_key, entry_uuid FROM locator WHERE id IN ({}) AND kind = 1";
    let mut entries = Vec::new();
    for row in chunked(sql, located, &[], ids)? {
        entries.push((row.integer(0)?, uuid(row.text(1)?)?));
    }
    let mut subjects = registered(sql, entries)?;
    let text = format!("SELECT {REMOVED_COLUMNS} FROM removed_entry WHERE unique_id IN ({{}})");
    let mut persons = Persons::default();
    for row in chunked(sql, &text, &[], ids)? {
        subjects.push(persons.complete(sql, subject(&row)?)?);
    }
    around(sql, subjects)
}

/// Holds that stand and approvals that name one of the documents.
fn around(sql: &mut dyn Sql, subjects: Vec<Subject>) -> Result<Retained, StoreError> {
    let state = sql.rows("SELECT hold_seq FROM retention_state WHERE id = 1", &[])?;
    let hold_seq = state.first().map_or(Ok(0), |row| row.integer(0))?;
    let standing = holds(sql)?.into_iter().filter(|hold| hold.lifted.is_none()).collect();
    let ids: BTreeSet<String> = subjects.iter().map(|one| one.unique_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let text =
        "SELECT approval, unique_id FROM retention_approval_document WHERE unique_id IN ({})";
    let named = chunked(sql, text, &[], &ids)?;
    let approvals = if named.is_empty() { Vec::new() } else { approvals_naming(sql, &named)? };
    Ok(Retained { hold_seq, holds: standing, approvals, subjects })
}

/// Every hold, with its end where it has one.
pub(super) fn holds(sql: &mut dyn Sql) -> Result<Vec<Hold>, StoreError> {
    let mut holds: Vec<Hold> = Vec::new();
    let text = "SELECT name, act, at, actor, reason, kind, review_on, patient_key, publisher_ods, \
                type_code, unique_id FROM retention_hold WHERE seq > $1 ORDER BY seq";
    for row in sql.rows(text, &[0.into()])? {
        let owned = |column| row.text(column).map(str::to_owned);
        let (name, at, by, reason) = (owned(0)?, owned(2)?, owned(3)?, owned(4)?);
        if row.integer(1)? == 2 {
            if let Some(hold) = holds.iter_mut().find(|hold| hold.name == name) {
                hold.lifted = Some(Lifted { by, at, reason });
            }
            continue;
        }
        let scope = Scope {
            patient: row.optional_integer(7)?,
            publisher: row
                .optional_text(8)?
                .map(|text| OdsCode::parse(text).map_err(|_| broken("publisher_ods")))
                .transpose()?,
            type_code: row.optional_text(9)?.map(str::to_owned),
            document: row.optional_text(10)?.map(str::to_owned),
        };
        holds.push(Hold {
            name,
            kind: row.optional_text(5)?.and_then(HoldKind::parse).ok_or_else(|| broken("kind"))?,
            scope,
            reason,
            placed_by: by,
            placed_at: at,
            review_on: optional_day(&row, 6)?.ok_or_else(|| broken("review_on"))?,
            lifted: None,
        });
    }
    Ok(holds)
}

const APPROVAL_COLUMNS: &str = "seq, purpose, controller_ods, approved_by, reason, at, valid_until";

fn approval(row: &Row, documents: Vec<String>) -> Result<Approval, StoreError> {
    let owned = |column| row.text(column).map(str::to_owned);
    Ok(Approval {
        id: row.integer(0)?,
        purpose: Purpose::parse(row.text(1)?).ok_or_else(|| broken("purpose"))?,
        controller: OdsCode::parse(row.text(2)?).map_err(|_| broken("controller_ods"))?,
        approved_by: owned(3)?,
        reason: owned(4)?,
        placed_at: owned(5)?,
        valid_until: stored_day(row.text(6)?, "valid_until")?,
        documents,
    })
}

/// Approvals with those of their documents that `named` lists: approval, uniqueId.
fn approvals_naming(sql: &mut dyn Sql, named: &[Row]) -> Result<Vec<Approval>, StoreError> {
    let mut documents: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for row in named {
        documents.entry(row.integer(0)?).or_default().push(row.text(1)?.to_owned());
    }
    let text = format!("SELECT {APPROVAL_COLUMNS} FROM retention_approval WHERE seq = $1");
    let mut found = Vec::new();
    for (id, documents) in documents {
        if let Some(row) = sql.rows(&text, &[id.into()])?.first() {
            found.push(approval(row, documents)?);
        }
    }
    Ok(found)
}

/// Every approval, whole.
pub(super) fn approvals(sql: &mut dyn Sql) -> Result<Vec<Approval>, StoreError> {
    let text = "SELECT approval, unique_id FROM retention_approval_document \
                WHERE approval > $1 ORDER BY approval, unique_id";
    let named = sql.rows(text, &[0.into()])?;
    approvals_naming(sql, &named)
}

pub(super) fn oldest(
    sql: &mut dyn Sql,
    until: Date,
    from: Option<Place>,
    limit: u32,
) -> Result<(Vec<Subject>, Option<Place>), StoreError> {
    let (day, id) = from.unwrap_or_default();
    let text = format!(
        "SELECT {} FROM document_entry e \
         WHERE (e.last_service, e.entry_uuid) > ($1, $2) AND e.last_service <= $3 \
         ORDER BY e.last_service, e.entry_uuid LIMIT {limit}",
        entry_columns()
    );
    let rows = sql.rows(&text, &[day.into(), id.into(), day_text(until).into()])?;
    let next = match rows.last() {
        Some(row) if rows.len() == limit as usize => {
            Some((row.text(LAST_SERVICE)?.to_owned(), row.text(1)?.to_owned()))
        }
        _ => None,
    };
    let mut persons = Persons::default();
    let mut subjects = Vec::new();
    for row in &rows {
        subjects.push(persons.complete(sql, subject(row)?)?);
    }
    Ok((subjects, next))
}

pub(super) fn destroyed(sql: &mut dyn Sql, id: i64) -> Result<Vec<Destroyed>, StoreError> {
    let text = format!(
        "SELECT {REMOVED_COLUMNS}, removed_at, removed_by, rule, table_version, retained_until, \
         certificate FROM removed_entry WHERE approval = $1 AND purpose = $2 ORDER BY seq"
    );
    let values = [id.into(), Purpose::Destruction.name().into()];
    let read = |row: &Row| {
        let owned = |column| row.text(column).map(str::to_owned);
        let retention = Retention {
            until: optional_day(row, SUBJECT_COLUMNS + 4)?,
            rule: owned(SUBJECT_COLUMNS + 2)?,
            version: owned(SUBJECT_COLUMNS + 3)?,
            because: "",
        };
        Ok(Destroyed {
            going: Going { subject: subject(row)?, retention, permit: Permit::Approved(id) },
            at: owned(SUBJECT_COLUMNS)?,
            by: owned(SUBJECT_COLUMNS + 1)?,
            certificate: row.optional_text(SUBJECT_COLUMNS + 5)?.map(str::to_owned),
        })
    };
    sql.rows(&text, &values)?.iter().map(read).collect()
}
