//! Incidents and the organisations that they affect, in SQLite beside the region.

use crate::recall::plan::{Affected, State, merge};
use node::sqlite::{Readers, SqliteError, Writer};
use rusqlite::{Connection, Row, params};
use schemas::ods_code::OdsCode;
use schemas::recall::{Reason, Withdrawn};
use schemas::xml::{Document, Limits};
use std::path::Path;
use uuid::Uuid;

const MIGRATIONS: [&str; 1] = [include_str!("0001_recall.sql")];

/// The database's name in the gateway's folder.
pub const DATABASE: &str = "recall.db";

/// An incident that is to be kept.
#[derive(Clone, Debug)]
pub struct NewIncident {
    pub withdrawn: Withdrawn,
    pub taken_at: i64,
    pub seen: i64,
    pub look_at: Option<i64>,
    pub affected: Vec<Affected>,
}

/// An incident as it is kept.
#[derive(Clone, Debug)]
pub struct Incident {
    pub seq: i64,
    pub withdrawn: Withdrawn,
    /// Milliseconds since 1970.
    pub taken_at: i64,
    pub seen: i64,
    pub looks: i64,
    /// In the order of their codes.
    pub affected: Vec<Affected>,
}

#[derive(Clone)]
pub struct RecallStore {
    writer: Writer,
    readers: Readers,
}

const INCIDENT: &str = "SELECT seq, body, taken_at, seen, looks FROM incident";
const AFFECTED: &str = "SELECT organisation, retrieved, listed, addressed, first_at, last_at, \
     state, tracking_id, payload_id, state_at, detail FROM affected WHERE incident = ?1";

fn broken(what: impl std::fmt::Display) -> SqliteError {
    SqliteError::Failed(format!("a row of the recall store is broken: {what}"))
}

impl RecallStore {
    pub fn open(folder: &Path) -> Result<Self, SqliteError> {
        let path = folder.join(DATABASE);
        let writer = Writer::open(&path, &MIGRATIONS)?;
        Ok(Self { writer, readers: Readers::open(&path, 4)? })
    }

    pub async fn ready(&self) -> Result<(), SqliteError> {
        self.readers.run(|c| Ok(c.query_row("SELECT 1", [], |_| Ok(()))?)).await
    }

    pub async fn knows(&self, id: Uuid) -> Result<bool, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT 1 FROM incident WHERE id = ?1")?;
                Ok(statement.exists([id.to_string()])?)
            })
            .await
    }

    /// Keeps an incident; one that is there already stays as it is.
    pub async fn keep(&self, incident: NewIncident) -> Result<(), SqliteError> {
        self.writer.run(move |connection| keep(connection, &incident)).await
    }

    pub async fn incident(&self, id: Uuid) -> Result<Option<Incident>, SqliteError> {
        self.readers
            .run(move |connection| {
                let sql = format!("{INCIDENT} WHERE id = ?1");
                Ok(incidents(connection, &sql, &[&id.to_string()])?.pop())
            })
            .await
    }

    /// Every incident, oldest first.
    pub async fn all(&self) -> Result<Vec<Incident>, SqliteError> {
        let sql = format!("{INCIDENT} ORDER BY seq");
        self.readers.run(move |connection| incidents(connection, &sql, &[])).await
    }

    /// Incidents about any of these documents (uniqueIds), oldest first.
    pub async fn about(&self, unique_ids: Vec<String>) -> Result<Vec<Incident>, SqliteError> {
        self.readers
            .run(move |connection| {
                let sql = format!(
                    "{INCIDENT} WHERE seq IN (SELECT incident FROM incident_document \
                     WHERE unique_id = ?1)"
                );
                let mut found = Vec::new();
                for unique_id in &unique_ids {
                    found.extend(incidents(connection, &sql, &[unique_id])?);
                }
                found.sort_by_key(|incident| incident.seq);
                found.dedup_by_key(|incident| incident.seq);
                Ok(found)
            })
            .await
    }

    /// Incidents with an organisation for which somebody has to do something, oldest first.
    pub async fn open_ones(&self) -> Result<Vec<Incident>, SqliteError> {
        let sql = format!(
            "{INCIDENT} WHERE seq IN (SELECT incident FROM affected WHERE open = 1) ORDER BY seq"
        );
        self.readers.run(move |connection| incidents(connection, &sql, &[])).await
    }

    /// Incidents that are to be looked at again by now.
    pub async fn to_look_at(&self, now: i64) -> Result<Vec<Incident>, SqliteError> {
        let sql = format!("{INCIDENT} WHERE look_at <= ?1 ORDER BY look_at LIMIT 100");
        self.readers.run(move |connection| incidents(connection, &sql, &[&now])).await
    }

    /// Adds what later readings brought, and says when to look again.
    pub async fn looked(
        &self,
        incident: i64,
        more: Vec<Affected>,
        seen: i64,
        look_at: Option<i64>,
    ) -> Result<(), SqliteError> {
        self.writer
            .run(move |connection| {
                for one in &more {
                    let sql = format!("{AFFECTED} AND organisation = ?2");
                    let organisation = one.organisation.to_string();
                    let known = of_rows(connection, &sql, &[&incident, &organisation])?.pop();
                    let merged = known.map_or(one.clone(), |mut known| {
                        merge(&mut known, one);
                        known
                    });
                    write(connection, incident, &merged)?;
                }
                connection
                    .prepare_cached(
                        "UPDATE incident SET seen = ?1, look_at = ?2, looks = looks + 1 \
                         WHERE seq = ?3",
                    )?
                    .execute(params![seen, look_at, incident])?;
                Ok(())
            })
            .await
    }

    /// Forgets an incident that affects nobody but whoever took the documents back; one of a wrong
    /// patient stays.
    pub async fn forget_if_nobody_saw(
        &self,
        incident: i64,
        reason: Reason,
    ) -> Result<(), SqliteError> {
        if reason == Reason::WrongPatient {
            return Ok(());
        }
        self.writer
            .run(move |connection| {
                let affected = of_rows(connection, AFFECTED, &[&incident])?;
                if affected.iter().any(|one| one.state != State::Own) {
                    return Ok(());
                }
                for sql in [
                    "DELETE FROM affected WHERE incident = ?1",
                    "DELETE FROM incident_document WHERE incident = ?1",
                    "DELETE FROM incident WHERE seq = ?1",
                ] {
                    connection.prepare_cached(sql)?.execute([incident])?;
                }
                Ok(())
            })
            .await
    }

    /// Notes how far the notice to an organisation is.
    pub async fn note(
        &self,
        incident: i64,
        organisation: OdsCode,
        state: State,
        at: i64,
        detail: Option<String>,
    ) -> Result<bool, SqliteError> {
        self.writer
            .run(move |connection| {
                let changed = connection
                    .prepare_cached(
                        "UPDATE affected SET state = ?1, open = ?2, state_at = ?3, detail = ?4 \
                         WHERE incident = ?5 AND organisation = ?6",
                    )?
                    .execute(params![
                        state.name(),
                        i64::from(state.is_open()),
                        at,
                        detail,
                        incident,
                        organisation.as_str()
                    ])?;
                Ok(changed == 1)
            })
            .await
    }
}

fn keep(connection: &Connection, incident: &NewIncident) -> Result<(), SqliteError> {
    let new = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO incident (id, taken_at, body, seen, look_at, looks) \
             VALUES (?1, ?2, ?3, ?4, ?5, 0)",
        )?
        .execute(params![
            incident.withdrawn.id.to_string(),
            incident.taken_at,
            incident.withdrawn.write(),
            incident.seen,
            incident.look_at
        ])?;
    if new == 0 {
        return Ok(());
    }
    let seq = connection.last_insert_rowid();
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO incident_document (unique_id, incident) VALUES (?1, ?2)",
    )?;
    for document in &incident.withdrawn.documents {
        statement.execute(params![document.unique_id.as_str(), seq])?;
    }
    let at = incident.taken_at;
    let affected = incident.affected.iter();
    affected
        .map(|one| Affected { state_at: at, ..one.clone() })
        .try_for_each(|one| write(connection, seq, &one))
}

fn write(connection: &Connection, incident: i64, one: &Affected) -> Result<(), SqliteError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO affected (incident, organisation, retrieved, listed, \
             addressed, first_at, last_at, state, open, tracking_id, payload_id, state_at, detail) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            incident,
            one.organisation.as_str(),
            one.retrieved,
            one.listed,
            i64::from(one.addressed),
            one.first_at,
            one.last_at,
            one.state.name(),
            i64::from(one.state.is_open()),
            one.tracking_id.to_string(),
            one.payload_id.to_string(),
            one.state_at,
            one.detail
        ])?;
    Ok(())
}

fn incidents(
    connection: &Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Incident>, SqliteError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let body: String = row.get(1)?;
        let document = Document::parse(&body, &Limits::default()).map_err(broken)?;
        found.push(Incident {
            seq,
            withdrawn: Withdrawn::read(document.root()).map_err(broken)?,
            taken_at: row.get(2)?,
            seen: row.get(3)?,
            looks: row.get(4)?,
            affected: of_rows(connection, AFFECTED, &[&seq])?,
        });
    }
    Ok(found)
}

fn of_rows(
    connection: &Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Affected>, SqliteError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(affected(row)?);
    }
    Ok(found)
}

fn affected(row: &Row<'_>) -> Result<Affected, SqliteError> {
    let text = |column: usize| row.get::<_, String>(column);
    let uuid = |column: usize| Uuid::try_parse(&text(column)?).map_err(broken);
    Ok(Affected {
        organisation: OdsCode::parse(&text(0)?).map_err(broken)?,
        retrieved: row.get(1)?,
        listed: row.get(2)?,
        addressed: row.get::<_, i64>(3)? == 1,
        first_at: row.get(4)?,
        last_at: row.get(5)?,
        state: State::parse(&text(6)?).ok_or_else(|| broken("state"))?,
        tracking_id: uuid(7)?,
        payload_id: uuid(8)?,
        state_at: row.get(9)?,
        detail: row.get(10)?,
    })
}
