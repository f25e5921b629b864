//! Digests: which entries a publisher is told of, once each.

use super::broken;
use super::review::patient;
use crate::break_glass::OpenedEntry;
use crate::break_glass::digest::{Digest, Told};
use crate::store::{GatewayError, GatewayStore};
use rusqlite::{Connection, params};
use schemas::ods_code::OdsCode;

impl GatewayStore {
    /// Puts what a publisher has not been told of into a digest; `None` where there is nothing.
    pub async fn make_digest(
        &self,
        publisher: OdsCode,
        now: i64,
    ) -> Result<Option<i64>, GatewayError> {
        self.writer.run(move |connection| make(connection, publisher.as_str(), i64::MAX, now)).await
    }

    /// A digest for each publisher of whose documents something was opened before a moment.
    pub async fn make_due_digests(&self, before: i64, now: i64) -> Result<(), GatewayError> {
        let due = self.readers.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT publisher FROM glass_entry WHERE digest IS NULL AND first_at < ?1",
            )?;
            let due = statement.query_map([before], |row| row.get(0))?;
            Ok::<Vec<String>, GatewayError>(due.collect::<Result<_, _>>()?)
        });
        for publisher in due.await? {
            let made = self.writer.run(move |connection| make(connection, &publisher, before, now));
            made.await?;
        }
        Ok(())
    }

    /// Digests whose notices were not put into the outbox.
    pub async fn unsent_digests(&self) -> Result<Vec<Digest>, GatewayError> {
        self.readers.run(|connection| digests(connection, None, true)).await
    }

    /// Every digest of a publisher, or of all, oldest first.
    pub async fn digests(&self, publisher: Option<OdsCode>) -> Result<Vec<Digest>, GatewayError> {
        self.readers.run(move |connection| digests(connection, publisher.as_ref(), false)).await
    }

    pub async fn digest_sent(&self, id: i64, now: i64) -> Result<(), GatewayError> {
        let sent = self.writer.run(move |connection| {
            connection
                .prepare_cached("UPDATE glass_digest SET sent_at = ?2 WHERE id = ?1")?
                .execute([id, now])?;
            Ok::<(), GatewayError>(())
        });
        sent.await
    }

    /// How many uses are not decided on, and how many of them for more than so many days.
    pub async fn glass_ages(&self, now: i64, days: u32) -> Result<(u64, u64), GatewayError> {
        let oldest = now - (i64::from(days) + 1) * 86_400_000;
        let ages = self.readers.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT count(*), coalesce(sum(at <= ?1), 0) FROM glass_use u WHERE NOT EXISTS \
                 (SELECT 1 FROM glass_review r WHERE r.glass_use = u.id AND r.id = (SELECT max(n.id) \
                 FROM glass_review n WHERE n.glass_use = u.id) AND r.outcome <> 'escalated')",
            )?;
            let counted = statement.query_row([oldest], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok::<(i64, i64), GatewayError>(counted)
        });
        let (open, overdue) = ages.await?;
        Ok((open.unsigned_abs(), overdue.unsigned_abs()))
    }
}

fn make(
    connection: &Connection,
    publisher: &str,
    before: i64,
    now: i64,
) -> Result<Option<i64>, GatewayError> {
    let waits: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM glass_entry WHERE publisher = ?1 AND digest IS NULL \
             AND first_at < ?2)",
        )?
        .query_row(params![publisher, before], |row| row.get(0))?;
    if !waits {
        return Ok(None);
    }
    connection
        .prepare_cached("INSERT INTO glass_digest (publisher, at) VALUES (?1, ?2)")?
        .execute(params![publisher, now])?;
    let id = connection.last_insert_rowid();
    connection
        .prepare_cached(
            "UPDATE glass_entry SET digest = ?3 WHERE publisher = ?1 AND digest IS NULL \
             AND first_at < ?2",
        )?
        .execute(params![publisher, before, id])?;
    Ok(Some(id))
}

fn digests(
    connection: &Connection,
    publisher: Option<&OdsCode>,
    unsent: bool,
) -> Result<Vec<Digest>, GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, publisher, at, sent_at FROM glass_digest WHERE (?1 IS NULL OR publisher = ?1) \
         AND (?2 = 0 OR sent_at IS NULL) ORDER BY id",
    )?;
    let mut rows = statement.query(params![publisher.map(OdsCode::as_str), unsent])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        found.push(Digest {
            id,
            publisher: OdsCode::parse(&row.get::<_, String>(1)?).map_err(broken)?,
            at: row.get(2)?,
            sent_at: row.get(3)?,
            told: told(connection, id)?,
        });
    }
    Ok(found)
}

fn told(connection: &Connection, digest: i64) -> Result<Vec<Told>, GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT u.id, u.organisation, u.patient_key, u.at, u.second_factor, u.body, e.unique_id, \
         e.publisher, e.type_code, e.retrieved, e.over_preference FROM glass_entry e \
         JOIN glass_use u ON u.id = e.glass_use WHERE e.digest = ?1 \
         ORDER BY u.patient_key, u.at, u.id, e.unique_id",
    )?;
    let mut rows = statement.query([digest])?;
    let mut all: Vec<Told> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if all.last().is_none_or(|told| told.id != id) {
            all.push(Told {
                id,
                organisation: OdsCode::parse(&row.get::<_, String>(1)?).map_err(broken)?,
                patient: patient(row.get(2)?)?,
                at: row.get(3)?,
                second_factor: row.get(4)?,
                said: serde_json::from_str(&row.get::<_, String>(5)?).map_err(broken)?,
                entries: Vec::new(),
            });
        }
        let entry = OpenedEntry {
            unique_id: row.get(6)?,
            publisher: row.get(7)?,
            type_code: row.get(8)?,
            retrieved: row.get(9)?,
            over_preference: row.get(10)?,
        };
        if let Some(told) = all.last_mut() {
            told.entries.push(entry);
        }
    }
    Ok(all)
}
