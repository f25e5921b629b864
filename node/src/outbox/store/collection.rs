//! Items of organisations without an endpoint: handed out, confirmed, or handed out again.

use super::super::item::State;
use super::{Due, SqliteError, Store, due_of, listing};
use rusqlite::{Connection, params};
use schemas::ods_code::OdsCode;
use std::collections::BTreeSet;
use uuid::Uuid;

impl Store {
    /// Hands out what waits for these organisations, the oldest first, until somebody confirms it
    /// or a time has passed. `service` is a specific service without its prefix.
    pub async fn collect(
        &self,
        of: Vec<OdsCode>,
        service: Option<String>,
        most: usize,
        now: i64,
        again_at: i64,
    ) -> Result<Vec<Due>, SqliteError> {
        let job = move |connection: &Connection| {
            let mut found = Vec::new();
            for ods in &of {
                found.extend(waiting(connection, ods, service.as_deref(), most, now)?);
            }
            found.sort_by_key(|due| due.seq);
            found.truncate(most);
            for due in &mut found {
                connection
                    .prepare_cached(
                        "UPDATE item SET state = 2, attempts = attempts + 1, next_at = $1 \
                         WHERE seq = $2",
                    )?
                    .execute(params![again_at, due.seq])?;
            }
            Ok(found)
        };
        self.writer.run(job).await
    }

    /// Settles what was handed out to these organisations; the handles that are none of theirs.
    pub async fn confirm(
        &self,
        of: Vec<OdsCode>,
        handles: Vec<Uuid>,
        now: i64,
    ) -> Result<Vec<Uuid>, SqliteError> {
        let job = move |connection: &Connection| {
            let mut unknown = Vec::new();
            for handle in handles {
                if !confirm(connection, &of, handle, now)? {
                    unknown.push(handle);
                }
            }
            Ok(unknown)
        };
        self.writer.run(job).await
    }

    /// Parks what was put before a moment for organisations other than these and nobody collected;
    /// how many that is.
    pub async fn give_up_uncollected(
        &self,
        endpoints: BTreeSet<OdsCode>,
        before: i64,
        now: i64,
    ) -> Result<usize, SqliteError> {
        let job = move |connection: &Connection| {
            let mut select = connection.prepare_cached(
                "SELECT seq, destination FROM item WHERE state IN (0, 2) AND created_at < $1",
            )?;
            let rows = select
                .query_map([before], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
            let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            let has_endpoint =
                |text: &str| OdsCode::parse(text).is_ok_and(|ods| endpoints.contains(&ods));
            let old = rows.iter().filter(|(_, destination)| !has_endpoint(destination));
            let old: Vec<i64> = old.map(|(seq, _)| *seq).collect();
            for seq in &old {
                connection
                    .prepare_cached(
                        "UPDATE item SET state = $1, settled_at = $2, last_error = $3 \
                         WHERE seq = $4",
                    )?
                    .execute(params![State::Parked.number(), now, "nobody collected it", seq])?;
            }
            Ok(old.len())
        };
        self.writer.run(job).await
    }
}

fn waiting(
    connection: &Connection,
    ods: &OdsCode,
    service: Option<&str>,
    most: usize,
    now: i64,
) -> Result<Vec<Due>, SqliteError> {
    let sql = format!(
        "SELECT {}, message, seq FROM item \
         WHERE destination = $1 AND state <= 2 AND state <> 1 AND (state = 0 OR next_at <= $2) \
         AND ($3 IS NULL OR message ->> '$.service' = $3) ORDER BY seq LIMIT $4",
        listing::COLUMNS
    );
    let mut select = connection.prepare_cached(&sql)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = select.query_map(params![ods.as_str(), now, service, most], due_of)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Confirming again what was confirmed does no harm.
fn confirm(
    connection: &Connection,
    of: &[OdsCode],
    handle: Uuid,
    now: i64,
) -> Result<bool, SqliteError> {
    for ods in of {
        let confirmed = connection
            .prepare_cached(
                "UPDATE item SET state = 3, settled_at = coalesce(settled_at, $1), \
                 last_error = NULL WHERE id = $2 AND destination = $3 AND state <= 4",
            )?
            .execute(params![now, handle.to_string(), ods.as_str()])?;
        if confirmed > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
