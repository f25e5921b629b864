//! A piece of the log as a file: for whoever is to look at it elsewhere, and can prove it there.
//!
//! JSON lines: what the piece is, its records with their digests, the bare links up to the next signed
//! checkpoint, and the checkpoints with their certificates. Only the hub's authorities are needed to
//! prove it.

use super::checkpoint::Checkpoints;
use super::event::AuditEvent;
use super::search::Span;
use super::store::{hex, open_read_only};
use crate::sqlite::SqliteError;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;

/// The first line of a piece.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Head {
    pub watling_audit_piece: u32,
    pub service: String,
    pub from: i64,
    pub until: i64,
    /// Digest of the record before the first, hexadecimal; empty before the very first.
    pub previous: String,
}

/// A record, or a bare link.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Link {
    pub seq: i64,
    pub at: String,
    /// The very text that the content digest is of; absent where it expired or is not of the piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    pub content_digest: String,
    pub digest: String,
}

/// In what form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// With digests and checkpoints.
    Json,
    /// DICOM audit messages, one a line: for reading, they prove nothing.
    Dicom,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub from: i64,
    pub until: i64,
    /// The signed checkpoint that proves the end of the piece.
    pub proved_by: Option<i64>,
}

/// Why it could not be.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] SqliteError),
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("a record cannot be read: {0}")]
    Record(#[from] serde_json::Error),
}

impl From<rusqlite::Error> for ExportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Writes the records of a span; none where there is none in it.
pub fn export(
    folder: &Path,
    service: &str,
    span: &Span,
    format: ExportFormat,
    to: &mut dyn Write,
) -> Result<Option<Exported>, ExportError> {
    let connection = open_read_only(folder)?;
    connection.execute_batch("BEGIN")?;
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM record", [], |row| row.get(0))?;
    let (from, behind) = span.places(&connection)?;
    let until = newest.min(behind.saturating_sub(1));
    if from > until {
        return Ok(None);
    }
    match format {
        ExportFormat::Dicom => {
            messages(&connection, from, until, to)?;
            Ok(Some(Exported { from, until, proved_by: None }))
        }
        ExportFormat::Json => piece(&connection, service, from, until, to).map(Some),
    }
}

fn messages(
    connection: &Connection,
    from: i64,
    until: i64,
    to: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut statement = connection.prepare(
        "SELECT event FROM record WHERE seq BETWEEN ?1 AND ?2 AND event IS NOT NULL ORDER BY seq",
    )?;
    let mut rows = statement.query((from, until))?;
    while let Some(row) = rows.next()? {
        let event: AuditEvent = serde_json::from_str(&row.get::<_, String>(0)?)?;
        for message in super::message::messages(&event) {
            writeln!(to, "{message}")?;
        }
    }
    Ok(())
}

fn piece(
    connection: &Connection,
    service: &str,
    from: i64,
    until: i64,
    to: &mut dyn Write,
) -> Result<Exported, ExportError> {
    let sql = "SELECT digest FROM record WHERE seq = ?1";
    let previous: Option<Vec<u8>> =
        connection.query_row(sql, [from - 1], |row| row.get(0)).optional()?;
    let head = Head {
        watling_audit_piece: 1,
        service: service.to_owned(),
        from,
        until,
        previous: hex(&previous.unwrap_or_default()),
    };
    writeln!(to, "{}", serde_json::to_string(&head)?)?;
    let mut checkpoints = Checkpoints::stored(connection, from - 1)?;
    let proved_by = checkpoints.all.iter().map(|one| one.seq).find(|seq| *seq >= until);
    let last = proved_by.unwrap_or(until);
    checkpoints.all.retain(|one| one.seq <= last);
    let mut statement = connection.prepare(
        "SELECT seq, at, event, content_digest, digest FROM record \
         WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query((from, last))?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let event: Option<String> = row.get(2)?;
        let link = Link {
            seq,
            at: row.get(1)?,
            event: event.filter(|_| seq <= until),
            content_digest: hex(&row.get::<_, Vec<u8>>(3)?),
            digest: hex(&row.get::<_, Vec<u8>>(4)?),
        };
        writeln!(to, "{}", serde_json::to_string(&link)?)?;
    }
    for line in checkpoints.lines() {
        writeln!(to, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(Exported { from, until, proved_by })
}
