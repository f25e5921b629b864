//! An outbox in SQLite: items put, taken in turn, settled.

mod answers;
mod by_hand;
mod collection;
mod listing;
#[cfg(test)]
mod tests;

pub(super) use listing::destinations;

use super::item::{Item, Message, Put, Shown, State};
use crate::sqlite::{Readers, SqliteError, Writer};
use rusqlite::{Connection, OptionalExtension, Row, params};
use schemas::ods_code::OdsCode;
use std::collections::BTreeSet;
use std::path::Path;
use uuid::Uuid;

const MIGRATIONS: [&str; 2] =
    [include_str!("migrations/0001_outbox.sql"), include_str!("migrations/0002_detail.sql")];

/// Items of one destination that may be open at one time.
pub(super) const OPEN_MAX: i64 = 100_000;

/// An item whose turn it is.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub seq: i64,
    pub shown: Shown,
    pub message: Message,
}

#[derive(Clone)]
pub(super) struct Store {
    writer: Writer,
    readers: Readers,
}

impl Store {
    pub fn open(path: &Path) -> Result<Self, SqliteError> {
        Ok(Self { writer: Writer::open(path, &MIGRATIONS)?, readers: Readers::open(path, 2)? })
    }

    /// Whether it can be written.
    pub async fn ready(&self) -> Result<(), SqliteError> {
        let job = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM item WHERE seq < 0", [], |_| Ok(()))?;
            Ok(())
        };
        self.writer.run(job).await
    }

    /// What a process was delivering when it stopped is delivered again.
    pub async fn recover(&self) -> Result<(), SqliteError> {
        let job = |connection: &Connection| {
            connection.execute("UPDATE item SET state = 0, next_at = 0 WHERE state = 1", [])?;
            Ok(())
        };
        self.writer.run(job).await
    }

    /// Durable when it returns.
    pub async fn put(&self, item: Item, now: i64) -> Result<Put, SqliteError> {
        self.writer.run(move |connection| put(connection, &item, now)).await
    }

    /// The oldest open item of each of these destinations, where its time has come.
    pub async fn due(
        &self,
        destinations: BTreeSet<OdsCode>,
        now: i64,
    ) -> Result<Vec<Due>, SqliteError> {
        self.readers.run(move |connection| due(connection, &destinations, now)).await
    }

    /// Begins a try, unless somebody settled the item meanwhile; the first one starts its time.
    pub async fn begin(&self, seq: i64, give_up_at: i64) -> Result<Option<i64>, SqliteError> {
        let job = move |connection: &Connection| {
            let begun = connection
                .prepare_cached(
                    "UPDATE item SET state = 1, attempts = attempts + 1, \
                     give_up_at = coalesce(give_up_at, $1) WHERE seq = $2 AND state IN (0, 2) \
                     RETURNING give_up_at",
                )?
                .query_row(params![give_up_at, seq], |row| row.get(0))
                .optional()?;
            Ok(begun)
        };
        self.writer.run(job).await
    }

    pub async fn delivered(&self, seq: i64, now: i64) -> Result<(), SqliteError> {
        self.settle(seq, State::Delivered, now, None).await
    }

    pub async fn parked(&self, seq: i64, now: i64, error: String) -> Result<(), SqliteError> {
        self.settle(seq, State::Parked, now, Some(error)).await
    }

    async fn settle(
        &self,
        seq: i64,
        state: State,
        now: i64,
        error: Option<String>,
    ) -> Result<(), SqliteError> {
        let job = move |connection: &Connection| {
            connection
                .prepare_cached(
                    "UPDATE item SET state = $1, settled_at = $2, last_error = $3 \
                     WHERE seq = $4 AND state <= 2",
                )?
                .execute(params![state.number(), now, error, seq])?;
            Ok(())
        };
        self.writer.run(job).await
    }

    pub async fn later(&self, seq: i64, next_at: i64, error: String) -> Result<(), SqliteError> {
        let job = move |connection: &Connection| {
            connection
                .prepare_cached(
                    "UPDATE item SET state = 0, next_at = $1, last_error = $2 \
                     WHERE seq = $3 AND state = 1",
                )?
                .execute(params![next_at, error, seq])?;
            Ok(())
        };
        self.writer.run(job).await
    }

    /// Forgets what was settled before a moment.
    pub async fn forget(&self, before: i64) -> Result<(), SqliteError> {
        let job = move |connection: &Connection| {
            connection
                .prepare_cached("DELETE FROM item WHERE state >= 3 AND settled_at < $1")?
                .execute([before])?;
            Ok(())
        };
        self.writer.run(job).await
    }
}

fn put(connection: &Connection, item: &Item, now: i64) -> Result<Put, SqliteError> {
    let known: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT seq, state FROM item \
             WHERE kind = $1 AND destination = $2 AND reference = $3 AND occasion = $4",
        )?
        .query_row(
            params![item.kind.name(), item.destination.as_str(), item.reference, item.occasion],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    if let Some((seq, state)) = known {
        let state = State::from_number(state).ok_or_else(|| broken("state"))?;
        if state != State::Parked {
            return Ok(Put::Known(state));
        }
        connection.prepare_cached(by_hand::AGAIN)?.execute([seq])?;
        return Ok(Put::Again);
    }
    let open: i64 = connection
        .prepare_cached("SELECT count(*) FROM item WHERE destination = $1 AND state <= 2")?
        .query_row([item.destination.as_str()], |row| row.get(0))?;
    if open >= OPEN_MAX {
        return Err(SqliteError::Busy);
    }
    insert(connection, item, now)?;
    Ok(Put::New)
}

fn insert(connection: &Connection, item: &Item, now: i64) -> Result<(), SqliteError> {
    let message = serde_json::to_string(&item.message)
        .map_err(|error| SqliteError::Failed(error.to_string()))?;
    connection
        .prepare_cached(
            "INSERT INTO item \
             (id, kind, destination, address, reference, occasion, tracking_id, message, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )?
        .execute(params![
            crate::ids::uuid().to_string(),
            item.kind.name(),
            item.destination.as_str(),
            item.address,
            item.reference,
            item.occasion,
            item.message.tracking_id.to_string(),
            message,
            now
        ])?;
    Ok(())
}

fn due(
    connection: &Connection,
    destinations: &BTreeSet<OdsCode>,
    now: i64,
) -> Result<Vec<Due>, SqliteError> {
    let mut select = connection.prepare_cached(
        "SELECT destination, min(seq) FROM item WHERE state <= 2 GROUP BY destination",
    )?;
    let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (destination, seq) = row?;
        if OdsCode::parse(&destination).is_ok_and(|ods| destinations.contains(&ods)) {
            found.extend(one_due(connection, seq, now)?);
        }
    }
    Ok(found)
}

fn one_due(connection: &Connection, seq: i64, now: i64) -> Result<Option<Due>, SqliteError> {
    let sql = format!(
        "SELECT {}, message, seq FROM item WHERE seq = $1 AND state IN (0, 2) AND next_at <= $2",
        listing::COLUMNS
    );
    let found = connection.prepare_cached(&sql)?.query_row(params![seq, now], due_of).optional()?;
    Ok(found)
}

/// Reads a row of the columns of [`listing::COLUMNS`], the message and the place.
fn due_of(row: &Row<'_>) -> rusqlite::Result<Due> {
    let message: String = row.get("message")?;
    let message = serde_json::from_str(&message).map_err(|error| unreadable(error.into()))?;
    Ok(Due { seq: row.get("seq")?, shown: listing::shown(row)?, message })
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error)
}

fn broken(what: &str) -> SqliteError {
    SqliteError::Failed(format!("an item's {what} is none that this program knows"))
}

fn uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    let text: String = row.get(column)?;
    Uuid::try_parse(&text).map_err(|error| unreadable(error.into()))
}
