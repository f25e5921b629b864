//! Content that has been kept long enough goes; its digests stay, so that the chain stands. What was
//! removed is on record, and what is missing without such a record shows as damage.

use super::search::first_at;
use super::store::{Audit, AuditError, moment};
use super::{AuditEvent, AuditKind, Outcome, checkpoint};
use jiff::ToSpan;
use rusqlite::{Connection, OptionalExtension};

/// Records of one transaction.
const AT_ONCE: i64 = 1_000;

impl Audit {
    /// Removes the content of what is older than the settings keep, as far as it was signed and has
    /// been passed on. Tells how many records it took.
    pub async fn expire(&self) -> Result<i64, AuditError> {
        let Some(years) = self.settings.keep_years else { return Ok(0) };
        let zoned = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC);
        let Ok(before) = zoned.checked_sub(i64::from(years).years()) else { return Ok(0) };
        let before = moment(before.timestamp());
        let receiver = self.settings.forward.as_ref().map(|forward| forward.receiver());
        let (from, until) = self
            .writer
            .run(move |connection| range(connection, &before, receiver.as_deref()))
            .await?;
        if from > until {
            return Ok(0);
        }
        let what = format!("content of records {from} to {until} expired after {years} years");
        let mut event = AuditEvent::new(self.service(), AuditKind::AuditLog, Outcome::Success);
        event.expired_up_to = Some(until);
        self.record(event.because(what)).await?;
        let mut at = from;
        while at <= until {
            let last = until.min(at + AT_ONCE - 1);
            self.writer.run(move |connection| empty(connection, at, last)).await?;
            at = last + 1;
        }
        Ok(until - from + 1)
    }
}

/// The first record that still has content, and the last that may lose it.
fn range(
    connection: &Connection,
    before: &str,
    receiver: Option<&str>,
) -> Result<(i64, i64), AuditError> {
    let sql = "SELECT seq FROM record WHERE event IS NOT NULL ORDER BY seq LIMIT 1";
    let from: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    let mut until = first_at(connection, before)? - 1;
    until = until.min(checkpoint::newest(connection)?.map_or(0, |(seq, _)| seq));
    if let Some(receiver) = receiver {
        let sql = "SELECT seq FROM forwarded WHERE receiver = ?1";
        let taken = connection.query_row(sql, [receiver], |row| row.get::<_, i64>(0)).optional()?;
        until = until.min(taken.unwrap_or(0));
    }
    Ok((from.unwrap_or(i64::MAX), until))
}

/// Overwrites content, so that it is not left in free pages.
fn empty(connection: &Connection, from: i64, until: i64) -> Result<(), AuditError> {
    connection.pragma_update(None, "secure_delete", "ON")?;
    let span = (from, until);
    connection.execute("UPDATE record SET event = NULL WHERE seq BETWEEN ?1 AND ?2", span)?;
    connection.execute("DELETE FROM subject WHERE seq BETWEEN ?1 AND ?2", span)?;
    connection.pragma_update(None, "secure_delete", "OFF")?;
    Ok(())
}
