//! What an operator does to items, where a hub may be delivering them.

use super::super::item::State;
use super::{SqliteError, Store};
use rusqlite::{Connection, OptionalExtension, params};
use schemas::ods_code::OdsCode;
use uuid::Uuid;

/// With a time of its own.
pub(super) const AGAIN: &str =
    "UPDATE item SET state = 0, next_at = 0, give_up_at = NULL, settled_at = NULL WHERE seq = $1";

impl Store {
    /// Tries an item again, at once; the state it was in, `None` where there is no such item.
    /// One that is delivered, dropped or on its way stays as it is.
    pub async fn retry(&self, id: Uuid) -> Result<Option<State>, SqliteError> {
        let job = move |connection: &Connection| {
            let Some((seq, state)) = state_of(connection, id)? else { return Ok(None) };
            if matches!(state, State::Waiting | State::Collected | State::Parked) {
                connection.prepare_cached(AGAIN)?.execute([seq])?;
            }
            Ok(Some(state))
        };
        self.writer.run(job).await
    }

    /// Tries everything of a destination again that waits or is parked; how many that is.
    pub async fn retry_all(&self, to: OdsCode) -> Result<usize, SqliteError> {
        let job = move |connection: &Connection| {
            let changed = connection
                .prepare_cached(
                    "UPDATE item SET state = 0, next_at = 0, give_up_at = NULL, settled_at = NULL \
                     WHERE destination = $1 AND state IN (0, 2, 4)",
                )?
                .execute([to.as_str()])?;
            Ok(changed)
        };
        self.writer.run(job).await
    }

    /// Gives an item up; as [`Self::retry`].
    pub async fn drop_item(
        &self,
        id: Uuid,
        reason: String,
        now: i64,
    ) -> Result<Option<State>, SqliteError> {
        let job = move |connection: &Connection| {
            let Some((seq, state)) = state_of(connection, id)? else { return Ok(None) };
            if matches!(state, State::Waiting | State::Collected | State::Parked) {
                connection
                    .prepare_cached(
                        "UPDATE item SET state = 5, settled_at = $1, last_error = $2 \
                         WHERE seq = $3",
                    )?
                    .execute(params![now, reason, seq])?;
            }
            Ok(Some(state))
        };
        self.writer.run(job).await
    }
}

fn state_of(connection: &Connection, id: Uuid) -> Result<Option<(i64, State)>, SqliteError> {
    let found: Option<(i64, i64)> = connection
        .prepare_cached("SELECT seq, state FROM item WHERE id = $1")?
        .query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((seq, number)) = found else { return Ok(None) };
    let state = State::from_number(number).ok_or_else(|| super::broken("state"))?;
    Ok(Some((seq, state)))
}
