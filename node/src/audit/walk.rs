//! The records of a period one after the other, for what replays them: read beside the process that
//! writes them, never whole in memory.

use super::event::AuditEvent;
use super::store::open_read_only;
use crate::sqlite::SqliteError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// One step of a walk.
#[derive(Debug)]
pub enum Walked {
    Event(Box<AuditEvent>),
    /// The record's content has expired.
    Expired,
    /// The record is not one that this program can read.
    Unreadable,
}

/// A period of a chain. Records are in the order of their time, so that its ends are found without
/// looking at all of them.
pub struct Walk {
    connection: Connection,
    /// Places in the chain: the first of the period, and the first behind it.
    first: i64,
    end: i64,
}

impl Walk {
    /// The records of a service's folder from a moment on, up to another.
    pub fn open(folder: &Path, from: Timestamp, until: Timestamp) -> Result<Self, SqliteError> {
        let connection = open_read_only(folder)?;
        let sql = "SELECT coalesce(min(seq), 1), coalesce(max(seq), 0) FROM record";
        let (low, high): (i64, i64) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let first = first_at(&connection, low, high + 1, from)?;
        let end = first_at(&connection, first, high + 1, until)?;
        Ok(Self { connection, first, end })
    }

    /// How many places there are.
    pub fn length(&self) -> u64 {
        u64::try_from(self.end - self.first).unwrap_or_default()
    }

    /// Hands out each record with its place; ends early where `each` says false.
    pub fn each(&self, mut each: impl FnMut(i64, Walked) -> bool) -> Result<(), SqliteError> {
        let sql = "SELECT seq, event FROM record WHERE seq >= ?1 AND seq < ?2 ORDER BY seq";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([self.first, self.end])?;
        while let Some(row) = rows.next()? {
            let walked = match row.get_ref(1)?.as_str_or_null() {
                Ok(None) => Walked::Expired,
                Ok(Some(text)) => match serde_json::from_str(text) {
                    Ok(event) => Walked::Event(Box::new(event)),
                    Err(_) => Walked::Unreadable,
                },
                Err(_) => Walked::Unreadable,
            };
            if !each(row.get(0)?, walked) {
                break;
            }
        }
        Ok(())
    }
}

/// The first place in `low..high` whose record is of this moment or later; `high` where there is
/// none.
fn first_at(
    connection: &Connection,
    mut low: i64,
    mut high: i64,
    moment: Timestamp,
) -> Result<i64, SqliteError> {
    let moment = moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let mut at = connection.prepare("SELECT seq, at FROM record WHERE seq >= ?1 LIMIT 1")?;
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<(i64, String)> =
            at.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match found {
            Some((seq, found)) if seq < high && found < moment => low = seq + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Audit, AuditKind, Outcome};
    use crate::clock::Clock;

    #[tokio::test]
    async fn a_period_holds_the_records_of_its_days_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-07-01T12:00:00Z".parse().unwrap());
        let audit = Audit::open(folder.path(), "gateway", clock.clone()).unwrap();
        for _ in 0..20 {
            let event = AuditEvent::new("gateway", AuditKind::Report, Outcome::Success);
            audit.record(event).await.unwrap();
            clock.advance_seconds(86_400);
        }
        let of = |from: &str, until: &str| {
            let (from, until) = (from.parse().unwrap(), until.parse().unwrap());
            let walk = Walk::open(folder.path(), from, until).unwrap();
            let mut seen = Vec::new();
            walk.each(|seq, walked| {
                assert!(matches!(walked, Walked::Event(_)));
                seen.push(seq);
                true
            })
            .unwrap();
            assert_eq!(walk.length(), seen.len() as u64);
            seen
        };
        assert_eq!(of("2026-07-03T12:00:00Z", "2026-07-06T00:00:00Z"), [3, 4, 5]);
        assert_eq!(of("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z").len(), 20);
        assert!(of("2026-07-21T00:00:00Z", "2026-08-01T00:00:00Z").is_empty());
        assert!(of("2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z").is_empty());
    }
}
