//! Looking records up: about a patient, or of a time.

use super::event::AuditEvent;
use super::store::{AuditRecord, open_read_only};
use crate::sqlite::SqliteError;
use rusqlite::{Connection, OptionalExtension, Row};
use std::path::Path;

/// A span of time, RFC 3339 in UTC as records have it; `since` is in it, `until` is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub since: Option<String>,
    pub until: Option<String>,
}

/// The first record at or after a moment, or the place behind the newest. Records are in the order of
/// their moments, so that few rows are looked at.
pub(super) fn first_at(connection: &Connection, at: &str) -> Result<i64, SqliteError> {
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM record", [], |row| row.get(0))?;
    let mut statement =
        connection.prepare("SELECT seq, at FROM record WHERE seq >= ?1 ORDER BY seq LIMIT 1")?;
    let (mut low, mut high) = (1, newest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<(i64, String)> =
            statement.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match found {
            Some((seq, moment)) if *moment < *at => low = seq + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

impl Span {
    /// First place, and the one behind the last.
    pub(super) fn places(&self, connection: &Connection) -> Result<(i64, i64), SqliteError> {
        let place = |at: &Option<String>, otherwise| match at {
            Some(at) => first_at(connection, at),
            None => Ok(otherwise),
        };
        Ok((place(&self.since, 1)?, place(&self.until, i64::MAX)?))
    }
}

fn record(row: &Row<'_>) -> Result<AuditRecord, SqliteError> {
    let text: String = row.get(1)?;
    let event: AuditEvent =
        serde_json::from_str(&text).map_err(|error| SqliteError::Failed(error.to_string()))?;
    Ok(AuditRecord { seq: row.get(0)?, event })
}

/// Every record of a service's folder in a span whose content is still there, oldest first.
pub fn each(
    folder: &Path,
    span: &Span,
    seen: &mut dyn FnMut(AuditRecord),
) -> Result<(), SqliteError> {
    let connection = open_read_only(folder)?;
    let (from, behind) = span.places(&connection)?;
    let mut statement = connection.prepare(
        "SELECT seq, event FROM record WHERE seq >= ?1 AND seq < ?2 AND event IS NOT NULL \
         ORDER BY seq",
    )?;
    let mut rows = statement.query((from, behind))?;
    while let Some(row) = rows.next()? {
        seen(record(row)?);
    }
    Ok(())
}

/// The records about any of these patients (CX), oldest first.
pub fn about(folder: &Path, patients: &[String]) -> Result<Vec<AuditRecord>, SqliteError> {
    let connection = open_read_only(folder)?;
    let mut statement = connection.prepare(
        "SELECT r.seq, r.event FROM subject s JOIN record r ON r.seq = s.seq \
         WHERE s.patient = ?1 AND r.event IS NOT NULL",
    )?;
    let mut found = std::collections::BTreeMap::new();
    for patient in patients {
        let mut rows = statement.query([patient])?;
        while let Some(row) = rows.next()? {
            let record = record(row)?;
            found.insert(record.seq, record);
        }
    }
    Ok(found.into_values().collect())
}
