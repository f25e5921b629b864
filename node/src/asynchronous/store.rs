//! Requests that are answered later, in SQLite: what was promised with a 202, and how far it is.

use crate::sqlite::{Readers, SqliteError, Writer};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use std::path::Path;
use uuid::Uuid;

const MIGRATIONS: [&str; 1] = ["
CREATE TABLE request (
    id TEXT PRIMARY KEY,
    -- Organisation and system of the certificate, and its wsa:MessageID: a request is taken once.
    sender TEXT NOT NULL,
    message_id TEXT NOT NULL,
    -- JSON of what else is needed to serve it, and of how its files belong together.
    promise TEXT NOT NULL,
    packing TEXT NOT NULL,
    -- 0 received, 1 answered, 2 delivered, 3 given up, 4 nothing to send
    state INTEGER NOT NULL,
    -- Times that the present step has been tried.
    tries INTEGER NOT NULL DEFAULT 0,
    -- Milliseconds since 1970.
    received_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    give_up_at INTEGER,
    -- Of the answer.
    target TEXT,
    content_type TEXT,
    UNIQUE (sender, message_id)
) STRICT;
CREATE INDEX request_next ON request (state, next_at);
"];

/// Requests that wait to be served, of one role.
pub(super) const WAITING_MAX: i64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Received,
    Answered,
}

/// A request as it is written down.
#[derive(Clone, Debug)]
pub(super) struct New {
    pub id: Uuid,
    pub sender: String,
    pub message_id: String,
    pub promise: String,
    pub packing: String,
    pub now: i64,
    /// When an answer is given up that goes out again.
    pub give_up_at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inserted {
    New,
    /// It is here already and not answered yet, or wants no answer.
    Repeated,
    /// It has been answered: the answer goes out again.
    Again,
    /// Too many wait.
    Full,
}

/// A request with something to do.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub id: Uuid,
    pub message_id: String,
    pub promise: String,
    pub packing: String,
    pub state: State,
    pub tries: u32,
    pub give_up_at: i64,
    pub target: Option<String>,
    pub content_type: Option<String>,
}

/// How many requests are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub received: u64,
    pub answered: u64,
    pub delivered: u64,
    pub given_up: u64,
}

/// What is to be done at a moment.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub due: Vec<Due>,
    /// Beyond their retention.
    pub expired: Vec<Uuid>,
    pub counts: Counts,
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

    /// Writes a request down, durable, unless it is here already.
    pub async fn insert(&self, new: New) -> Result<Inserted, SqliteError> {
        self.writer.run(move |connection| insert(connection, &new)).await
    }

    /// What is due, received requests and answers each up to a number, the oldest first.
    pub async fn work(&self, now: i64, expired: i64, most: u32) -> Result<Work, SqliteError> {
        self.readers.run(move |connection| work(connection, now, expired, most)).await
    }

    /// Counts a try before it begins, so that a request that kills its process shows.
    pub async fn try_again(&self, id: Uuid, next_at: i64) -> Result<(), SqliteError> {
        let sql = "UPDATE request SET tries = tries + 1, next_at = $1 WHERE id = $2";
        self.change(id, sql, next_at).await
    }

    /// The answer is on disk and goes to an address.
    pub async fn answered(
        &self,
        id: Uuid,
        target: String,
        content_type: String,
        give_up_at: i64,
    ) -> Result<(), SqliteError> {
        let job = move |connection: &Connection| {
            connection
                .prepare_cached(
                    "UPDATE request SET state = 1, tries = 0, next_at = 0, target = $1, \
                     content_type = $2, give_up_at = $3 WHERE id = $4 AND state = 0",
                )?
                .execute(params![target, content_type, give_up_at, id.to_string()])?;
            Ok(())
        };
        self.writer.run(job).await
    }

    pub async fn nothing_to_send(&self, id: Uuid) -> Result<(), SqliteError> {
        self.change(id, "UPDATE request SET state = $1 WHERE id = $2", 4).await
    }

    pub async fn delivered(&self, id: Uuid) -> Result<(), SqliteError> {
        self.change(id, "UPDATE request SET state = $1 WHERE id = $2", 2).await
    }

    pub async fn given_up(&self, id: Uuid) -> Result<(), SqliteError> {
        self.change(id, "UPDATE request SET state = $1 WHERE id = $2", 3).await
    }

    pub async fn remove(&self, id: Uuid) -> Result<(), SqliteError> {
        self.change(id, "DELETE FROM request WHERE state >= $1 AND id = $2", 2).await
    }

    async fn change(&self, id: Uuid, sql: &'static str, value: i64) -> Result<(), SqliteError> {
        let job = move |connection: &Connection| {
            connection.prepare_cached(sql)?.execute(params![value, id.to_string()])?;
            Ok(())
        };
        self.writer.run(job).await
    }
}

/// Every request that has a row.
pub(super) fn ids(path: &Path) -> Result<Vec<Uuid>, SqliteError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select = connection.prepare("SELECT id FROM request")?;
    let ids = select.query_map([], |row| uuid(row, 0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

fn uuid(row: &Row<'_>, at: usize) -> rusqlite::Result<Uuid> {
    let text: String = row.get(at)?;
    Uuid::try_parse(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, error.into())
    })
}

fn insert(connection: &Connection, new: &New) -> Result<Inserted, SqliteError> {
    let known: Option<(String, i64)> = connection
        .prepare_cached("SELECT id, state FROM request WHERE sender = $1 AND message_id = $2")?
        .query_row(params![new.sender, new.message_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((id, 1..=3)) => {
            connection
                .prepare_cached(
                    "UPDATE request SET state = 1, tries = 0, next_at = 0, give_up_at = $1 \
                     WHERE id = $2",
                )?
                .execute(params![new.give_up_at, id])?;
            return Ok(Inserted::Again);
        }
        Some(_) => return Ok(Inserted::Repeated),
        None => {}
    }
    let waiting: i64 = connection
        .prepare_cached("SELECT count(*) FROM request WHERE state = 0")?
        .query_row([], |row| row.get(0))?;
    if waiting >= WAITING_MAX {
        return Ok(Inserted::Full);
    }
    connection
        .prepare_cached(
            "INSERT INTO request \
             (id, sender, message_id, promise, packing, state, received_at, next_at) \
             VALUES ($1, $2, $3, $4, $5, 0, $6, 0)",
        )?
        .execute(params![
            new.id.to_string(),
            new.sender,
            new.message_id,
            new.promise,
            new.packing,
            new.now
        ])?;
    Ok(Inserted::New)
}

fn work(connection: &Connection, now: i64, expired: i64, most: u32) -> Result<Work, SqliteError> {
    let mut work = Work { counts: count(connection)?, ..Work::default() };
    for state in [0, 1] {
        let mut select = connection.prepare_cached(
            "SELECT id, message_id, promise, packing, state, tries, give_up_at, target, content_type \
             FROM request WHERE state = $1 AND next_at <= $2 ORDER BY received_at LIMIT $3",
        )?;
        let rows = select.query_map(params![state, now, most], |row| {
            Ok(Due {
                id: uuid(row, 0)?,
                message_id: row.get(1)?,
                promise: row.get(2)?,
                packing: row.get(3)?,
                state: if row.get::<_, i64>(4)? == 0 { State::Received } else { State::Answered },
                tries: row.get(5)?,
                give_up_at: row.get::<_, Option<i64>>(6)?.unwrap_or(i64::MAX),
                target: row.get(7)?,
                content_type: row.get(8)?,
            })
        })?;
        for due in rows {
            work.due.push(due?);
        }
    }
    let mut select = connection
        .prepare_cached("SELECT id FROM request WHERE state >= 2 AND received_at < $1 LIMIT $2")?;
    let rows = select.query_map(params![expired, most], |row| uuid(row, 0))?;
    for id in rows {
        work.expired.push(id?);
    }
    Ok(work)
}

fn count(connection: &Connection) -> Result<Counts, SqliteError> {
    let mut counts = Counts::default();
    let mut select =
        connection.prepare_cached("SELECT state, count(*) FROM request GROUP BY state")?;
    let rows = select
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    for row in rows {
        match row? {
            (0, n) => counts.received = n,
            (1, n) => counts.answered = n,
            (2, n) => counts.delivered = n,
            (3, n) => counts.given_up = n,
            _ => {}
        }
    }
    Ok(counts)
}

/// The counts of a role's database, read beside a running hub; `None` where there is none.
pub fn counts(path: &Path) -> Result<Option<Counts>, SqliteError> {
    if !path.is_file() {
        return Ok(None);
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(Some(count(&connection)?))
}
