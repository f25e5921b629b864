//! Who has read which document: rows beside the chain, written in the transaction of the record, so
//! that an answer whose readings cannot be kept is not given. They outlive the record's content.

use super::AuditError;
use super::store::database;
use crate::sqlite::{Readers, SqliteError};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use std::path::Path;

pub(super) const MIGRATION: &str = "
-- A document as answers have named it: an entry of its own for each version of its metadata.
CREATE TABLE read_document (
    id INTEGER PRIMARY KEY,
    unique_id TEXT NOT NULL,
    entry_uuid TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX read_document_by_id ON read_document (unique_id, entry_uuid);

-- An answer that showed documents; seq is that of its record.
CREATE TABLE reading_act (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    -- 1 listed in the answer of a query, 2 retrieved
    kind INTEGER NOT NULL,
    -- the certificate's, and the one it acted for
    organisation TEXT NOT NULL,
    acting_for TEXT NOT NULL,
    system TEXT NOT NULL,
    role TEXT,
    purpose TEXT,
    correlation_id TEXT
) STRICT;

CREATE TABLE reading (
    document INTEGER NOT NULL,
    act INTEGER NOT NULL,
    PRIMARY KEY (document, act)
) STRICT, WITHOUT ROWID;
";

/// How a document was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingKind {
    /// Its entry stood in the answer of a query.
    Listed,
    /// Its bytes were handed out.
    Retrieved,
}

impl ReadingKind {
    fn number(self) -> i64 {
        match self {
            Self::Listed => 1,
            Self::Retrieved => 2,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Retrieved => "retrieved",
        }
    }
}

/// A document by its uniqueId, and the entry by which it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadDocument {
    pub unique_id: String,
    pub entry_uuid: String,
}

/// What an answer shows, to be kept with its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub kind: ReadingKind,
    pub documents: Vec<ReadDocument>,
}

/// One document in one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// Place of the answer's record in the chain.
    pub seq: i64,
    /// RFC 3339.
    pub at: String,
    pub kind: ReadingKind,
    pub unique_id: String,
    #[serde(rename = "entryUUID")]
    pub entry_uuid: String,
    /// The organisation that was answered.
    pub organisation: String,
    /// The organisation whose certificate asked for it.
    pub certificate_organisation: String,
    pub system: String,
    pub role: Option<String>,
    pub purpose: Option<String>,
    pub correlation_id: Option<String>,
}

/// Writes what a record's answer shows.
pub(super) fn keep(
    connection: &Connection,
    seq: i64,
    event: &super::AuditEvent,
) -> Result<(), AuditError> {
    let Some(shown) = event.shown.as_ref().filter(|shown| !shown.documents.is_empty()) else {
        return Ok(());
    };
    let organisation = event.organisation.as_deref().unwrap_or_default();
    let acting_for = event.acting_for.as_deref().unwrap_or(organisation);
    let mut statement = connection.prepare_cached(
        "INSERT INTO reading_act (seq, at, kind, organisation, acting_for, system, role, purpose, \
         correlation_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    statement.execute(params![
        seq,
        event.at,
        shown.kind.number(),
        organisation,
        acting_for,
        event.system.as_deref().unwrap_or_default(),
        event.role,
        event.purpose,
        event.correlation_id,
    ])?;
    let mut known = connection
        .prepare_cached("SELECT id FROM read_document WHERE unique_id = ?1 AND entry_uuid = ?2")?;
    let mut new = connection
        .prepare_cached("INSERT INTO read_document (unique_id, entry_uuid) VALUES (?1, ?2)")?;
    let mut read = connection
        .prepare_cached("INSERT OR IGNORE INTO reading (document, act) VALUES (?1, ?2)")?;
    for document in &shown.documents {
        let key = params![document.unique_id, document.entry_uuid];
        let found: Option<i64> = known.query_row(key, |row| row.get(0)).optional()?;
        let id = match found {
            Some(id) => id,
            None => new.insert(key)?,
        };
        read.execute((id, seq))?;
    }
    Ok(())
}

/// The readings of a service's folder, read beside the process that writes them.
#[derive(Clone)]
pub struct Readings {
    readers: Readers,
}

impl Readings {
    pub fn open(folder: &Path) -> Result<Self, SqliteError> {
        Ok(Self { readers: Readers::open(&database(folder), 2)? })
    }

    /// Every reading of these documents (uniqueIds) behind a place in the chain, oldest first.
    pub async fn of(
        &self,
        unique_ids: Vec<String>,
        after: i64,
    ) -> Result<Vec<Reading>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut found = Vec::new();
                for unique_id in &unique_ids {
                    of_one(connection, unique_id, after, &mut found)?;
                }
                found.sort_by(|a, b| (a.seq, &a.unique_id).cmp(&(b.seq, &b.unique_id)));
                Ok(found)
            })
            .await
    }

    /// The place of the newest record.
    pub async fn newest(&self) -> Result<i64, SqliteError> {
        self.readers
            .run(|connection| {
                let sql = "SELECT coalesce(max(seq), 0) FROM record";
                Ok(connection.query_row(sql, [], |row| row.get(0))?)
            })
            .await
    }
}

fn of_one(
    connection: &Connection,
    unique_id: &str,
    after: i64,
    found: &mut Vec<Reading>,
) -> Result<(), SqliteError> {
    let mut statement = connection.prepare_cached(
        "SELECT a.seq, a.at, a.kind, d.unique_id, d.entry_uuid, a.acting_for, a.organisation, \
         a.system, a.role, a.purpose, a.correlation_id FROM read_document d \
         JOIN reading r ON r.document = d.id JOIN reading_act a ON a.seq = r.act \
         WHERE d.unique_id = ?1 AND r.act > ?2",
    )?;
    let rows = statement.query_map(params![unique_id, after], reading)?;
    for row in rows {
        found.push(row?);
    }
    Ok(())
}

fn reading(row: &Row<'_>) -> rusqlite::Result<Reading> {
    let retrieved = row.get::<_, i64>(2)? == ReadingKind::Retrieved.number();
    Ok(Reading {
        seq: row.get(0)?,
        at: row.get(1)?,
        kind: if retrieved { ReadingKind::Retrieved } else { ReadingKind::Listed },
        unique_id: row.get(3)?,
        entry_uuid: row.get(4)?,
        organisation: row.get(5)?,
        certificate_organisation: row.get(6)?,
        system: row.get(7)?,
        role: row.get(8)?,
        purpose: row.get(9)?,
        correlation_id: row.get(10)?,
    })
}
