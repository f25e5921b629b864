//! Acknowledgements that come: of an item, or of nothing that was sent.

use super::super::answer::{Acknowledgement, Level, Unmatched};
use super::{SqliteError, Store};
use rusqlite::{Connection, OptionalExtension, params};
use schemas::ods_code::OdsCode;

/// Acknowledgements without an item that are kept; beyond them the oldest go.
const UNMATCHED_MAX: i64 = 10_000;

impl Store {
    /// Writes an acknowledgement beside the item that it names; only the item's destination can
    /// acknowledge it. An item that somebody acknowledges has arrived. `false` where there is none.
    pub async fn acknowledge(
        &self,
        acknowledgement: Acknowledgement,
        now: i64,
    ) -> Result<bool, SqliteError> {
        let job = move |connection: &Connection| acknowledge(connection, &acknowledgement, now);
        self.writer.run(job).await
    }

    /// Keeps one that answers nothing; the same one again is one.
    pub async fn keep_unmatched(
        &self,
        acknowledgement: Acknowledgement,
        now: i64,
    ) -> Result<(), SqliteError> {
        let job = move |connection: &Connection| keep(connection, &acknowledgement, now);
        self.writer.run(job).await
    }

    /// Acknowledgements that answer nothing, oldest first.
    pub async fn unmatched(&self) -> Result<Vec<Unmatched>, SqliteError> {
        let job = |connection: &Connection| {
            let mut select = connection.prepare_cached(
                "SELECT sender, tracking_id, tracking_id_ref, level, answer, received_at, detail \
                 FROM unmatched ORDER BY seq",
            )?;
            let rows = select.query_map([], |row| {
                Ok(Unmatched {
                    sender: row.get(0)?,
                    tracking_id: row.get(1)?,
                    tracking_id_ref: row.get(2)?,
                    level: row.get(3)?,
                    answer: row.get(4)?,
                    received_at: row.get(5)?,
                    detail: row.get(6)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        self.readers.run(job).await
    }
}

fn acknowledge(
    connection: &Connection,
    acknowledgement: &Acknowledgement,
    now: i64,
) -> Result<bool, SqliteError> {
    let found = acknowledgement.senders.iter().find_map(|ods| {
        let found = item_of(connection, &acknowledgement.tracking_id_ref, ods);
        found.transpose()
    });
    let Some(seq) = found.transpose()? else { return Ok(false) };
    let sql = match acknowledgement.level {
        Level::Infrastructure => {
            "UPDATE item SET infrastructure_answer = $1, \
             answer_detail = coalesce($2, answer_detail) WHERE seq = $3"
        }
        Level::Business => {
            "UPDATE item SET business_answer = $1, \
             answer_detail = coalesce($2, answer_detail) WHERE seq = $3"
        }
    };
    let Acknowledgement { answer, detail, .. } = acknowledgement;
    connection.prepare_cached(sql)?.execute(params![answer, detail, seq])?;
    connection
        .prepare_cached(
            "UPDATE item SET state = 3, settled_at = $1 WHERE seq = $2 AND state IN (0, 1, 2, 4)",
        )?
        .execute(params![now, seq])?;
    Ok(true)
}

/// An item by the tracking id of its message and its destination.
fn item_of(
    connection: &Connection,
    tracking_id: &str,
    ods: &OdsCode,
) -> Result<Option<i64>, SqliteError> {
    let mut select = connection
        .prepare_cached("SELECT seq FROM item WHERE tracking_id = $1 AND destination = $2")?;
    let tracking_id = tracking_id.to_ascii_lowercase();
    Ok(select.query_row(params![tracking_id, ods.as_str()], |row| row.get(0)).optional()?)
}

fn keep(
    connection: &Connection,
    acknowledgement: &Acknowledgement,
    now: i64,
) -> Result<(), SqliteError> {
    let sender = acknowledgement.senders.first().map_or("", OdsCode::as_str);
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO unmatched \
             (sender, tracking_id, tracking_id_ref, level, answer, received_at, detail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )?
        .execute(params![
            sender,
            acknowledgement.tracking_id,
            acknowledgement.tracking_id_ref,
            acknowledgement.level.name(),
            acknowledgement.answer,
            now,
            acknowledgement.detail
        ])?;
    connection
        .prepare_cached("DELETE FROM unmatched WHERE seq <= (SELECT max(seq) FROM unmatched) - $1")?
        .execute([UNMATCHED_MAX])?;
    Ok(())
}
