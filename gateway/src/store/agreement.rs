//! Versions of agreements and of what stands beside them, and who did what: only ever added to.

use super::rows::{append, bodies_at, broken, upsert};
use super::{Applied, GatewayError, GatewayStore, rows};
use crate::region::{Agreement, Organisation, Region, RegionFile, Versioned};
use rusqlite::{Connection, params};

/// Who did what, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// `approve`, `join`, `apply`.
    pub action: String,
    pub person: String,
    pub organisation: Option<String>,
    pub reason: String,
    /// What came of it.
    pub what: String,
}

/// A deed as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// YYYYMMDDhhmmss, UTC.
    pub at: String,
    pub kind: String,
    pub id: String,
    pub version: u32,
    pub deed: Deed,
}

/// A version, and when it was recorded: YYYYMMDDhhmmss, UTC.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated {
    pub recorded_at: String,
    pub versioned: Versioned,
}

/// How many versions of anything there were: what has happened to patients does not raise it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(i64, i64);

/// A whole region with the revision at which it was read: a change that was decided on it is
/// refused where another came between.
#[derive(Clone, Debug)]
pub struct Known {
    pub revision: Revision,
    pub region: std::sync::Arc<Region>,
}

impl GatewayStore {
    /// The newest region, to decide a change on.
    pub async fn known(&self) -> Result<Known, GatewayError> {
        // Before the region: one that is newer than its revision is refused, never overwritten.
        let revision = self.readers.run(revision).await?;
        self.refresh().await?;
        Ok(Known { revision, region: self.snapshot.load().region.clone() })
    }

    /// Appends a version of an agreement and the deed behind it; the new version's number.
    pub async fn record_agreement(
        &self,
        revision: Revision,
        agreement: Agreement,
        deed: Deed,
        now: String,
    ) -> Result<u32, GatewayError> {
        self.recording(revision, move |connection| {
            append(connection, &agreement, &now)?;
            let version = newest(connection, &agreement.id)?;
            done(connection, ("agreement", &agreement.id, version), &deed, &now)?;
            Ok(version)
        })
        .await
    }

    /// The same for an organisation: its membership, its evidence.
    pub async fn record_organisation(
        &self,
        revision: Revision,
        organisation: Organisation,
        deed: Deed,
        now: String,
    ) -> Result<u32, GatewayError> {
        self.recording(revision, move |connection| {
            let ods = organisation.ods.to_string();
            upsert(connection, "organisation", &[("ods", &ods)], &organisation, &now)?;
            let version = newest_of(connection, "organisation", &ods)?;
            done(connection, ("organisation", &ods, version), &deed, &now)?;
            Ok(version)
        })
        .await
    }

    /// Applies a file as somebody's deed, all of it or nothing.
    pub async fn apply_as(
        &self,
        revision: Revision,
        file: RegionFile,
        deed: Deed,
        now: String,
    ) -> Result<Applied, GatewayError> {
        self.recording(revision, move |connection| {
            let before: i64 = rowid(connection, "region_version")?;
            let applied = rows::apply(connection, &file, &now)?;
            for reference in &applied.agreements {
                let (id, version) = reference.rsplit_once('#').unwrap_or((reference, "0"));
                let version = version.parse().map_err(broken)?;
                done(connection, ("agreement", id, version), &deed, &now)?;
            }
            for (kind, key, version) in added_since(connection, before)? {
                done(connection, (&kind, &key, version), &deed, &now)?;
            }
            Ok(applied)
        })
        .await
    }

    /// Runs a change on the region that it was decided on, and raises the epoch with it.
    async fn recording<T: Send + 'static>(
        &self,
        revision: Revision,
        job: impl FnOnce(&Connection) -> Result<T, GatewayError> + Send + 'static,
    ) -> Result<T, GatewayError> {
        let changed = self
            .writer
            .run(move |connection| {
                if self::revision(connection)? != revision {
                    return Err(GatewayError::Moved);
                }
                let changed = job(connection)?;
                connection.execute("UPDATE epoch SET epoch = epoch + 1", [])?;
                Ok(changed)
            })
            .await?;
        self.refresh().await?;
        Ok(changed)
    }

    /// Every version of an agreement, the oldest first.
    pub async fn versions(&self, id: String) -> Result<Vec<Dated>, GatewayError> {
        self.readers
            .run(move |connection| dated(connection, "WHERE a.id = $1 ORDER BY a.version", &[&id]))
            .await
    }

    /// The versions of all agreements that stood at some moment of a span: those that it began with
    /// and those recorded within it. Both ends are YYYYMMDDhhmmss, UTC; the last is not within.
    pub async fn standing_within(
        &self,
        from: String,
        to: String,
    ) -> Result<Vec<Dated>, GatewayError> {
        self.readers
            .run(move |connection| {
                let clause = "WHERE (a.recorded_at >= $1 AND a.recorded_at < $2) OR a.version = \
                              (SELECT max(b.version) FROM agreement b WHERE b.id = a.id \
                              AND b.recorded_at < $1) ORDER BY a.id, a.version";
                dated(connection, clause, &[&from, &to])
            })
            .await
    }

    /// The region as it was recorded before a moment, YYYYMMDDhhmmss, UTC.
    pub async fn region_before(&self, moment: String) -> Result<Region, GatewayError> {
        self.readers.run(move |connection| region_before(connection, &moment)).await
    }

    /// What was done to an agreement or an organisation, or to all, the oldest first.
    pub async fn history(&self, id: Option<String>) -> Result<Vec<Recorded>, GatewayError> {
        self.readers.run(move |connection| history(connection, id.as_deref())).await
    }
}

fn newest(connection: &Connection, id: &str) -> Result<u32, GatewayError> {
    let sql = "SELECT max(version) FROM agreement WHERE id = $1";
    Ok(connection.prepare(sql)?.query_row([id], |row| row.get(0))?)
}

pub(super) fn newest_of(
    connection: &Connection,
    kind: &str,
    key: &str,
) -> Result<u32, GatewayError> {
    let sql = "SELECT coalesce(max(version), 0) FROM region_version WHERE kind = $1 AND key = $2";
    Ok(connection.prepare(sql)?.query_row([kind, key], |row| row.get(0))?)
}

fn revision(connection: &Connection) -> Result<Revision, GatewayError> {
    Ok(Revision(rowid(connection, "agreement")?, rowid(connection, "region_version")?))
}

fn rowid(connection: &Connection, table: &str) -> Result<i64, GatewayError> {
    let sql = format!("SELECT coalesce(max(rowid), 0) FROM {table}");
    Ok(connection.prepare(&sql)?.query_row([], |row| row.get(0))?)
}

fn added_since(
    connection: &Connection,
    rowid: i64,
) -> Result<Vec<(String, String, u32)>, GatewayError> {
    let sql = "SELECT kind, key, version FROM region_version WHERE rowid > $1 ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([rowid], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// `of`: kind, id and version.
fn done(
    connection: &Connection,
    of: (&str, &str, u32),
    deed: &Deed,
    now: &str,
) -> Result<(), GatewayError> {
    let sql = "INSERT INTO deed (at, kind, id, version, action, person, organisation, reason, what) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    connection.prepare_cached(sql)?.execute(params![
        now,
        of.0,
        of.1,
        of.2,
        deed.action,
        deed.person,
        deed.organisation,
        deed.reason,
        deed.what
    ])?;
    Ok(())
}

fn history(connection: &Connection, id: Option<&str>) -> Result<Vec<Recorded>, GatewayError> {
    let sql = "SELECT at, kind, id, version, action, person, organisation, reason, what FROM deed \
               WHERE $1 IS NULL OR id = $1 ORDER BY seq";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([id], |row| {
        let deed = Deed {
            action: row.get(4)?,
            person: row.get(5)?,
            organisation: row.get(6)?,
            reason: row.get(7)?,
            what: row.get(8)?,
        };
        let (at, kind, id, version) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Recorded { at, kind, id, version, deed })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn dated(
    connection: &Connection,
    clause: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Dated>, GatewayError> {
    let sql = format!("SELECT a.recorded_at, a.version, a.body FROM agreement a {clause}");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(2)?;
        let agreement = serde_json::from_str(&body).map_err(broken)?;
        let versioned = Versioned { version: row.get(1)?, agreement };
        found.push(Dated { recorded_at: row.get(0)?, versioned });
    }
    Ok(found)
}

fn region_before(connection: &Connection, moment: &str) -> Result<Region, GatewayError> {
    let clause = "WHERE a.version = (SELECT max(b.version) FROM agreement b WHERE b.id = a.id \
                  AND b.recorded_at < $1) ORDER BY a.id";
    let agreements = dated(connection, clause, &[&moment])?;
    Ok(Region {
        organisations: bodies_at(connection, "organisation", moment)?,
        groups: bodies_at(connection, "organisation_group", moment)?,
        systems: bodies_at(connection, "system", moment)?,
        roles: bodies_at(connection, "role", moment)?,
        tiers: bodies_at(connection, "tier", moment)?,
        policy: bodies_at(connection, "policy", moment)?.pop().unwrap_or_default(),
        agreements: agreements.into_iter().map(|dated| dated.versioned).collect(),
        ..Region::default()
    }
    .prepared())
}
