//! What is in an outbox, for whoever looks.

use super::super::item::{Counts, Destination, Kind, Shown, State};
use super::{SqliteError, Store, unreadable, uuid};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use schemas::ods_code::OdsCode;
use std::path::Path;
use uuid::Uuid;

pub(super) const COLUMNS: &str = "id, kind, state, destination, address, reference, occasion, \
     tracking_id, attempts, created_at, next_at, settled_at, last_error, infrastructure_answer, \
     business_answer, answer_detail";

/// Items that one listing holds.
const LISTED_MAX: u32 = 10_000;

pub(super) fn shown(row: &Row<'_>) -> rusqlite::Result<Shown> {
    let text = |column: &str| row.get::<_, String>(column);
    let unknown = |what: &str| unreadable(what.into());
    let kind = Kind::from_name(&text("kind")?).ok_or_else(|| unknown("kind"))?;
    let state = State::from_number(row.get("state")?).ok_or_else(|| unknown("state"))?;
    let destination = OdsCode::parse(&text("destination")?);
    Ok(Shown {
        id: uuid(row, "id")?,
        kind,
        state,
        destination: destination.map_err(|error| unreadable(error.into()))?,
        address: text("address")?,
        reference: text("reference")?,
        occasion: text("occasion")?,
        tracking_id: uuid(row, "tracking_id")?,
        attempts: row.get("attempts")?,
        created_at: row.get("created_at")?,
        next_attempt_at: row.get("next_at")?,
        settled_at: row.get("settled_at")?,
        last_error: row.get("last_error")?,
        infrastructure_answer: row.get("infrastructure_answer")?,
        business_answer: row.get("business_answer")?,
        answer_detail: row.get("answer_detail")?,
    })
}

impl Store {
    /// Items in a state and for a destination, or all that are not settled well, oldest first.
    pub async fn list(
        &self,
        state: Option<State>,
        to: Option<OdsCode>,
        all: bool,
    ) -> Result<Vec<Shown>, SqliteError> {
        let job = move |connection: &Connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM item WHERE ($1 IS NULL OR destination = $1) \
                 AND ($2 IS NULL OR state = $2) AND ($3 OR state IN (0, 1, 2, 4)) \
                 ORDER BY seq LIMIT $4"
            );
            let mut select = connection.prepare_cached(&sql)?;
            let to = to.as_ref().map(OdsCode::as_str);
            let any = all || state.is_some();
            let values = params![to, state.map(State::number), any, LISTED_MAX];
            let rows = select.query_map(values, shown)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        self.readers.run(job).await
    }

    pub async fn find(&self, id: Uuid) -> Result<Option<Shown>, SqliteError> {
        let job = move |connection: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM item WHERE id = $1");
            let mut select = connection.prepare_cached(&sql)?;
            Ok(select.query_row([id.to_string()], shown).optional()?)
        };
        self.readers.run(job).await
    }

    /// Everything about a tracking id or document, in the order it was put.
    pub async fn about(&self, reference: String) -> Result<Vec<Shown>, SqliteError> {
        let job = move |connection: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM item WHERE reference = $1 ORDER BY seq");
            let mut select = connection.prepare_cached(&sql)?;
            let rows = select.query_map([reference], shown)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        self.readers.run(job).await
    }

    pub async fn counts(&self) -> Result<Counts, SqliteError> {
        self.readers.run(|connection: &Connection| counts(connection)).await
    }
}

fn counts(connection: &Connection) -> Result<Counts, SqliteError> {
    let mut counts = Counts::default();
    let mut select = connection
        .prepare_cached("SELECT state, count(*), min(created_at) FROM item GROUP BY state")?;
    let rows = select.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?.unsigned_abs(), row.get::<_, i64>(2)?))
    })?;
    for row in rows {
        let (state, count, oldest) = row?;
        match State::from_number(state) {
            Some(State::Waiting | State::Delivering | State::Collected) => {
                counts.open += count;
                counts.oldest_at = Some(counts.oldest_at.map_or(oldest, |at| at.min(oldest)));
            }
            Some(State::Delivered) => counts.delivered = count,
            Some(State::Parked) => counts.parked = count,
            Some(State::Dropped) => counts.dropped = count,
            None => {}
        }
    }
    let unmatched: i64 =
        connection.query_row("SELECT count(*) FROM unmatched", [], |row| row.get(0))?;
    counts.unmatched = unmatched.unsigned_abs();
    Ok(counts)
}

/// What a database holds for each organisation, read beside whoever writes it.
pub(in super::super) fn destinations(path: &Path) -> Result<Vec<Destination>, SqliteError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select = connection.prepare(
        "SELECT destination, sum(state <= 2), min(CASE WHEN state <= 2 THEN created_at END) \
         FROM item GROUP BY destination ORDER BY destination",
    )?;
    let rows = select.query_map([], |row| {
        let ods = OdsCode::parse(&row.get::<_, String>(0)?);
        Ok(Destination {
            destination: ods.map_err(|error| unreadable(error.into()))?,
            open: row.get::<_, i64>(1)?.unsigned_abs(),
            oldest_at: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
