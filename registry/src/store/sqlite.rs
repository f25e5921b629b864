//! The index in SQLite: connections, transactions, binding; nothing else.

use super::select::{self, Select, Value, status_number, type_number};
use super::{
    Changes, Existing, ExistingEntry, ExistingSet, NewEntry, NewPackage, References, Store,
    StoreError,
};
use async_trait::async_trait;
use node::sqlite::{Readers, SqliteError, Writer};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::metadata::{AssociationType, AvailabilityStatus, EntryFacts, FoundEntry, ObjectType};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::query::{FindDocuments, GetDocuments};
use schemas::unique_id::UniqueId;
use std::path::Path;
use std::sync::Arc;

const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001_index.sqlite.sql")];

const DOCUMENT_ENTRY: i64 = 1;
const SUBMISSION_SET: i64 = 2;
const FOLDER: i64 = 3;
const ASSOCIATION: i64 = 4;

pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    code_sets: Arc<CodeSets>,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        // Another submission took the same id first: reading again shows it.
        match &error {
            rusqlite::Error::SqliteFailure(failure, _)
                if failure.code == rusqlite::ErrorCode::ConstraintViolation =>
            {
                Self::Conflict
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Integer(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}

impl SqliteStore {
    pub fn open(path: &Path, code_sets: Arc<CodeSets>) -> Result<Self, SqliteError> {
        let writer = Writer::open(path, &MIGRATIONS)?;
        Ok(Self { writer, readers: Readers::open(path, 8)?, code_sets })
    }
}

/// The key of a patient of the domain; other authorities have none in this registry.
fn patient_key(patient_id: &PatientId) -> Option<i64> {
    patient_id.nhs_number().map(NhsNumber::key)
}

#[async_trait]
impl Store for SqliteStore {
    async fn existing(&self, references: &References) -> Result<Existing, StoreError> {
        let references = references.clone();
        self.readers.run(move |connection| read_existing(connection, &references)).await
    }

    async fn commit(&self, changes: Changes) -> Result<(), StoreError> {
        self.writer.run(move |connection| apply(connection, &changes)).await
    }

    async fn find(&self, query: &FindDocuments, limit: u32) -> Result<Vec<FoundEntry>, StoreError> {
        let Some(key) = patient_key(&query.patient_id) else { return Ok(Vec::new()) };
        let select = select::find_documents(key, query, &self.code_sets, limit);
        self.readers.run(move |connection| rows(connection, &select)).await
    }

    async fn get(&self, query: &GetDocuments, limit: u32) -> Result<Vec<FoundEntry>, StoreError> {
        let ids: Vec<String> = match query {
            GetDocuments::ByEntryUuid(ids) => ids.iter().map(ToString::to_string).collect(),
            GetDocuments::ByUniqueId(ids) => ids.iter().map(ToString::to_string).collect(),
        };
        self.readers
            .run(move |connection| {
                let sql = format!(
                    "SELECT {} FROM locator l JOIN document_entry e ON e.patient_key = l.patient_key \
                     AND e.entry_uuid = l.entry_uuid WHERE l.id = $1 AND l.kind = {DOCUMENT_ENTRY} \
                     ORDER BY e.seq DESC LIMIT {limit}",
                    select::COLUMNS
                );
                let mut found: Vec<FoundEntry> = Vec::new();
                for id in ids {
                    let one = Select { sql: sql.clone(), values: vec![Value::Text(id)] };
                    for entry in rows(connection, &one)? {
                        let known = |other: &FoundEntry| other.facts.entry_uuid == entry.facts.entry_uuid;
                        if !found.iter().any(known) {
                            found.push(entry);
                        }
                    }
                    if found.len() >= limit as usize {
                        break;
                    }
                }
                Ok(found)
            })
            .await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let probe = |connection: &Connection| {
            connection.query_row(
                "SELECT count(*) FROM patient WHERE patient_key = 0",
                [],
                |_| Ok(()),
            )?;
            Ok(())
        };
        self.readers.run(probe).await
    }
}

fn rows(connection: &Connection, select: &Select) -> Result<Vec<FoundEntry>, StoreError> {
    let mut statement = connection.prepare_cached(&select.sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(&select.values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(entry(row)?);
    }
    Ok(found)
}

/// A stored value that cannot be read is a broken index, never an answer.
fn broken<E: std::fmt::Display>(column: &'static str) -> impl Fn(E) -> StoreError {
    move |error| StoreError::Failed(format!("document_entry.{column} is broken: {error}"))
}

fn uuid(text: &str) -> Result<EntryUuid, StoreError> {
    EntryUuid::parse(text).map_err(broken("entry_uuid"))
}

fn status(number: i64) -> AvailabilityStatus {
    if number == 1 { AvailabilityStatus::Approved } else { AvailabilityStatus::Deprecated }
}

fn ods(text: Option<String>) -> Option<OdsCode> {
    text.and_then(|text| OdsCode::parse(&text).ok())
}

fn entry(row: &Row<'_>) -> Result<FoundEntry, StoreError> {
    let number = NhsNumber::parse(&format!("{:010}", row.get::<_, i64>(0)?));
    let text = |column: usize| row.get::<_, String>(column);
    let facts = EntryFacts {
        patient_id: PatientId::Nhs(number.map_err(broken("patient_key"))?),
        entry_uuid: uuid(&text(1)?)?,
        logical_id: uuid(&text(2)?)?,
        version: row.get(3)?,
        availability_status: status(row.get(4)?),
        object_type: if row.get::<_, i64>(5)? == 1 {
            ObjectType::Stable
        } else {
            ObjectType::OnDemand
        },
        unique_id: UniqueId::parse(&text(6)?).map_err(broken("unique_id"))?,
        repository_unique_id: Oid::parse(&text(7)?).map_err(broken("repository_unique_id"))?,
        mime_type: text(8)?,
        home_community_id: row.get(9)?,
        type_code: text(10)?,
        type_scheme: text(11)?,
        confidentiality: text(12)?
            .split(' ')
            .filter(|c| !c.is_empty())
            .map(str::to_owned)
            .collect(),
        publisher_ods: ods(row.get(13)?),
        hash: text(14)?,
        size: row.get::<_, i64>(15)? as u64,
        registered_at: Dtm::parse(&text(16)?).map_err(broken("registered_at"))?,
        practice_setting: text(17)?,
    };
    Ok(FoundEntry { facts, content: text(18)? })
}

fn read_existing(connection: &Connection, references: &References) -> Result<Existing, StoreError> {
    let key = patient_key(&references.patient_id).unwrap_or_default();
    let mut existing =
        Existing { patient_version: version(connection, key)?, ..Existing::default() };
    let mut locate = connection
        .prepare_cached("SELECT kind, patient_key, entry_uuid FROM locator WHERE id = $1")?;
    let unique_ids = references.unique_ids.iter().map(ToString::to_string);
    let objects = references.objects.iter().map(ToString::to_string);
    let mut located = Vec::new();
    for id in unique_ids.chain(objects) {
        let rows = locate.query_map([&id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        for row in rows {
            let (kind, owner, entry_uuid): (i64, i64, String) = row?;
            located.push((kind, owner, entry_uuid));
        }
    }
    located.sort();
    located.dedup();
    for (kind, owner, entry_uuid) in located {
        let id = uuid(&entry_uuid)?;
        if references.objects.contains(&id) {
            existing.uuids.insert(id);
        }
        match kind {
            DOCUMENT_ENTRY => existing.entries.extend(existing_entry(connection, owner, id, key)?),
            SUBMISSION_SET => existing.submission_sets.extend(existing_set(connection, owner, id)?),
            FOLDER => existing.folder_unique_ids.extend(existing_folder(connection, owner, id)?),
            _ => {}
        }
    }
    if !references.objects.is_empty() {
        existing.dependents = dependents(connection, key)?;
    }
    Ok(existing)
}

fn version(connection: &Connection, key: i64) -> Result<i64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT version FROM patient WHERE patient_key = $1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn existing_entry(
    connection: &Connection,
    owner: i64,
    id: EntryUuid,
    key: i64,
) -> Result<Option<ExistingEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT unique_id, availability_status, publisher_ods, hash, size FROM document_entry \
         WHERE patient_key = $1 AND entry_uuid = $2",
    )?;
    let row = statement.query_row(params![owner, id.to_string()], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, i64>(4)?))
    });
    let Some((unique_id, status_number, publisher, hash, size)) = row.optional()? else {
        return Ok(None);
    };
    Ok(Some(ExistingEntry {
        entry_uuid: id,
        unique_id: UniqueId::parse(&unique_id).map_err(broken("unique_id"))?,
        same_patient: owner == key,
        availability_status: status(status_number),
        publisher_ods: ods(publisher),
        hash,
        size: size as u64,
    }))
}

fn existing_set(
    connection: &Connection,
    owner: i64,
    id: EntryUuid,
) -> Result<Option<ExistingSet>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT unique_id, digest, publisher_ods FROM submission_set WHERE patient_key = $1 AND entry_uuid = $2",
    )?;
    let row = statement.query_row(params![owner, id.to_string()], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
    });
    let Some((unique_id, digest, publisher)) = row.optional()? else { return Ok(None) };
    let unique_id = UniqueId::parse(&unique_id).map_err(broken("unique_id"))?;
    Ok(Some(ExistingSet { unique_id, digest, publisher_ods: ods(publisher) }))
}

fn existing_folder(
    connection: &Connection,
    owner: i64,
    id: EntryUuid,
) -> Result<Option<UniqueId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT unique_id FROM folder WHERE patient_key = $1 AND entry_uuid = $2",
    )?;
    let row = statement.query_row(params![owner, id.to_string()], |row| row.get::<_, String>(0));
    Ok(row.optional()?.and_then(|text| UniqueId::parse(&text).ok()))
}

/// Addenda and transforms of the patient's documents.
fn dependents(
    connection: &Connection,
    key: i64,
) -> Result<Vec<(EntryUuid, EntryUuid)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT source_object, target_object FROM association WHERE patient_key = $1 AND association_type IN ($2, $3)",
    )?;
    let kinds = (AssociationType::Appends.urn(), AssociationType::Transforms.urn());
    let rows = statement.query_map(params![key, kinds.0, kinds.1], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut pairs = Vec::new();
    for row in rows {
        let (source, target) = row?;
        pairs.push((uuid(&source)?, uuid(&target)?));
    }
    Ok(pairs)
}

fn apply(connection: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let key = patient_key(&changes.patient_id)
        .ok_or_else(|| StoreError::Failed("the patient is not of this domain".to_owned()))?;
    if version(connection, key)? != changes.expected_version {
        return Err(StoreError::Conflict);
    }
    connection
        .prepare_cached(
            "INSERT INTO patient (patient_key, version) VALUES ($1, 1) \
             ON CONFLICT (patient_key) DO UPDATE SET version = version + 1",
        )?
        .execute([key])?;
    let at = arrival(connection, &changes.registered_at)?;
    for entry in &changes.entries {
        insert_entry(connection, key, &at, entry)?;
    }
    insert_set(connection, key, &at, changes)?;
    for folder in &changes.folders {
        insert_folder(connection, key, &at, folder)?;
    }
    for association in &changes.associations {
        connection
            .prepare_cached(
                "INSERT INTO association (patient_key, entry_uuid, association_type, source_object, \
                 target_object, availability_status, content) VALUES ($1, $2, $3, $4, $5, 1, $6)",
            )?
            .execute(params![
                key,
                association.entry_uuid.to_string(),
                association.association_type.urn(),
                association.source.to_string(),
                association.target.to_string(),
                association.content
            ])?;
        locate(
            connection,
            &association.entry_uuid.to_string(),
            ASSOCIATION,
            key,
            association.entry_uuid,
        )?;
    }
    for id in &changes.deprecate {
        connection
            .prepare_cached(
                "UPDATE document_entry SET availability_status = 2 WHERE patient_key = $1 AND entry_uuid = $2",
            )?
            .execute(params![key, id.to_string()])?;
        change(connection, key, *id, 2, &at)?;
    }
    Ok(())
}

/// The time of arrival never runs backwards along the sequence, whatever the clock does.
fn arrival(connection: &Connection, now: &Dtm) -> Result<String, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT at FROM change ORDER BY seq DESC LIMIT 1")?;
    let last: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(last.into_iter().fold(now.first_second(), std::cmp::Ord::max))
}

fn change(
    connection: &Connection,
    key: i64,
    id: EntryUuid,
    kind: i64,
    at: &str,
) -> Result<i64, StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO change (patient_key, entry_uuid, kind, at) VALUES ($1, $2, $3, $4)",
        )?
        .execute(params![key, id.to_string(), kind, at])?;
    Ok(connection.last_insert_rowid())
}

fn locate(
    connection: &Connection,
    id: &str,
    kind: i64,
    key: i64,
    uuid: EntryUuid,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO locator (id, kind, patient_key, entry_uuid) VALUES ($1, $2, $3, $4)",
        )?
        .execute(params![id, kind, key, uuid.to_string()])?;
    Ok(())
}

fn insert_entry(
    connection: &Connection,
    key: i64,
    at: &str,
    entry: &NewEntry,
) -> Result<(), StoreError> {
    let id = entry.entry_uuid.to_string();
    let seq = change(connection, key, entry.entry_uuid, 1, at)?;
    connection
        .prepare_cached(
            "INSERT INTO document_entry (patient_key, entry_uuid, logical_id, version, \
             availability_status, object_type, unique_id, repository_unique_id, mime_type, \
             home_community_id, type_code, type_scheme, type_index, practice_setting, creation_time, \
             service_start_time, service_stop_time, confidentiality, publisher_ods, hash, size, \
             seq, registered_at, content) VALUES ($1, $2, $2, 1, 1, $3, $4, $5, $6, $7, $8, $9, \
             $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        )?
        .execute(params![
            key,
            id,
            type_number(entry.object_type),
            entry.unique_id.as_str(),
            entry.repository_unique_id.as_ref().map(Oid::as_str).unwrap_or_default(),
            entry.mime_type,
            entry.home_community_id,
            entry.type_code,
            entry.type_scheme,
            entry.type_index,
            entry.practice_setting,
            entry.creation_time,
            entry.service_start_time,
            entry.service_stop_time,
            entry.confidentiality.join(" "),
            entry.publisher_ods.as_ref().map(OdsCode::as_str),
            entry.hash,
            entry.size as i64,
            seq,
            at,
            entry.content
        ])?;
    let mut code = connection.prepare_cached(
        "INSERT INTO entry_code (patient_key, entry_uuid, attribute, code, scheme) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )?;
    for row in &entry.codes {
        code.execute(params![key, id, row.attribute as i64, row.code, row.scheme])?;
    }
    locate(connection, entry.unique_id.as_str(), DOCUMENT_ENTRY, key, entry.entry_uuid)?;
    locate(connection, &id, DOCUMENT_ENTRY, key, entry.entry_uuid)
}

fn insert_set(
    connection: &Connection,
    key: i64,
    at: &str,
    changes: &Changes,
) -> Result<(), StoreError> {
    let set: &NewPackage = &changes.submission_set;
    let id = set.entry_uuid.to_string();
    connection
        .prepare_cached(
            "INSERT INTO submission_set (patient_key, entry_uuid, unique_id, publisher_ods, digest, \
             registered_at, content) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )?
        .execute(params![
            key,
            id,
            set.unique_id.as_str(),
            changes.publisher_ods.as_ref().map(OdsCode::as_str),
            changes.digest,
            at,
            set.content
        ])?;
    locate(connection, set.unique_id.as_str(), SUBMISSION_SET, key, set.entry_uuid)?;
    locate(connection, &id, SUBMISSION_SET, key, set.entry_uuid)
}

fn insert_folder(
    connection: &Connection,
    key: i64,
    at: &str,
    folder: &NewPackage,
) -> Result<(), StoreError> {
    let id = folder.entry_uuid.to_string();
    connection
        .prepare_cached(
            "INSERT INTO folder (patient_key, entry_uuid, unique_id, availability_status, \
             last_update_time, content) VALUES ($1, $2, $3, $4, $5, $6)",
        )?
        .execute(params![
            key,
            id,
            folder.unique_id.as_str(),
            status_number(AvailabilityStatus::Approved),
            at,
            folder.content
        ])?;
    locate(connection, folder.unique_id.as_str(), FOLDER, key, folder.entry_uuid)?;
    locate(connection, &id, FOLDER, key, folder.entry_uuid)
}
