//! Which assertions were used: durable before the request goes on, shared by every process on the
//! file, and no longer than they live.

use super::Refused;
use crate::sqlite::Writer;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

const MIGRATIONS: [&str; 1] = [include_str!("0001_used.sql")];

/// One use of an assertion or token.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub issuer: String,
    pub id: String,
    /// From when on it would be refused for its age alone.
    pub expires: Timestamp,
    pub by: Option<String>,
    pub once: bool,
}

/// The uses of every issuer's assertions. Clones share it.
#[derive(Clone)]
pub struct ReplayStore {
    writer: Writer,
}

impl ReplayStore {
    pub fn open(path: &Path) -> Result<Self, String> {
        let writer = Writer::open(path, &MIGRATIONS);
        let writer = writer.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { writer })
    }

    /// Notes a use, or refuses it.
    pub(super) async fn take(&self, used: Use, now: Timestamp) -> Result<(), Refused> {
        self.writer.run(move |connection| note(connection, &used, now)).await
    }
}

fn note(connection: &Connection, used: &Use, now: Timestamp) -> Result<(), Refused> {
    let failed = |error: rusqlite::Error| Refused::Store(error.to_string());
    let forget = "DELETE FROM used WHERE expires <= ?1";
    connection.execute(forget, [now.as_millisecond()]).map_err(failed)?;
    let known: Option<Option<String>> = connection
        .query_row(
            "SELECT presented_by FROM used WHERE issuer = ?1 AND id = ?2",
            (&used.issuer, &used.id),
            |row| row.get(0),
        )
        .optional()
        .map_err(failed)?;
    match known {
        None => {
            let row = (&used.issuer, &used.id, &used.by, used.expires.as_millisecond());
            let insert =
                "INSERT INTO used (issuer, id, presented_by, expires) VALUES (?1, ?2, ?3, ?4)";
            connection.execute(insert, row).map(|_| ()).map_err(failed)
        }
        Some(_) if used.once => Err(Refused::Replayed),
        Some(first) if first.is_some() && first == used.by => Ok(()),
        Some(_) => Err(Refused::OtherPresenter),
    }
}
