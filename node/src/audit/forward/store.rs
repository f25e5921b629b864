//! The cursor of each receiver, and what lies behind it.

use crate::audit::event::AuditEvent;
use crate::audit::store::{Audit, AuditError, open_read_only};
use crate::sqlite::SqliteError;
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

pub(in crate::audit) const MIGRATION: &str = "
-- Up to which record each receiver has taken what was forwarded to it.
CREATE TABLE forwarded (
    receiver TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// A record that waits; its content may have expired.
pub(super) struct Waiting {
    pub seq: i64,
    pub event: Option<AuditEvent>,
}

/// How far a receiver is behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    pub records: i64,
    /// Moment of the oldest record that it has not taken.
    pub since: Option<String>,
}

fn taken(connection: &Connection, receiver: &str) -> Result<i64, SqliteError> {
    let sql = "SELECT seq FROM forwarded WHERE receiver = ?1";
    let seq = connection.prepare_cached(sql)?.query_row([receiver], |row| row.get(0)).optional()?;
    Ok(seq.unwrap_or(0))
}

fn behind_of(connection: &Connection, receiver: &str) -> Result<Behind, SqliteError> {
    let taken = taken(connection, receiver)?;
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM record", [], |row| row.get(0))?;
    let sql = "SELECT at FROM record WHERE seq > ?1 ORDER BY seq LIMIT 1";
    let since = connection.prepare_cached(sql)?.query_row([taken], |row| row.get(0)).optional()?;
    Ok(Behind { records: newest - taken, since })
}

/// The same for whoever looks at a service's folder from outside.
pub fn behind(folder: &Path, receiver: &str) -> Result<Behind, SqliteError> {
    behind_of(&open_read_only(folder)?, receiver)
}

impl Audit {
    pub(super) async fn behind(&self, receiver: &str) -> Result<Behind, SqliteError> {
        let receiver = receiver.to_owned();
        self.readers.run(move |connection| behind_of(connection, &receiver)).await
    }

    /// The record up to which a receiver has everything.
    pub(super) async fn taken(&self, receiver: &str) -> Result<i64, SqliteError> {
        let receiver = receiver.to_owned();
        self.readers.run(move |connection| taken(connection, &receiver)).await
    }

    /// Moves the cursor.
    pub(super) async fn take(&self, receiver: String, seq: i64) -> Result<(), AuditError> {
        self.writer
            .run(move |connection| {
                let sql = "INSERT INTO forwarded (receiver, seq) VALUES (?1, ?2)
                           ON CONFLICT (receiver) DO UPDATE SET seq = ?2";
                connection.prepare_cached(sql)?.execute((receiver, seq))?;
                Ok(())
            })
            .await
    }

    /// The next records, in order.
    pub(super) async fn behind_of(
        &self,
        seq: i64,
        count: u32,
    ) -> Result<Vec<Waiting>, SqliteError> {
        self.readers
            .run(move |connection| {
                let sql = "SELECT seq, event FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2";
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query((seq, count))?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    let text: Option<String> = row.get(1)?;
                    let event = text.map(|text| serde_json::from_str(&text)).transpose();
                    let event = event.map_err(|error| SqliteError::Failed(error.to_string()))?;
                    found.push(Waiting { seq: row.get(0)?, event });
                }
                Ok(found)
            })
            .await
    }
}
