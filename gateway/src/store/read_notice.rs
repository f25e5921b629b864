//! Readings of child-protection entries and the notices of them, in the region's database: several
//! gateways that share it tell a council once.

use super::{GatewayError, GatewayStore, rows};
use crate::region::RelationshipKind;
use crate::safeguarding::settings::Notify;
use node::sqlite::SqliteError;
use rusqlite::{Connection, OptionalExtension, params};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::collections::BTreeMap;
use uuid::Uuid;

/// An entry was shown.
#[derive(Clone, Debug)]
pub struct Read {
    pub patient: NhsNumber,
    pub organisation: OdsCode,
    pub council: OdsCode,
    /// uniqueId of the entry.
    pub document: String,
    pub purpose: String,
    pub role: String,
    pub notify: Notify,
    /// Milliseconds since 1970.
    pub at: i64,
    pub episode_hours: u32,
}

/// One reading in a message.
#[derive(Clone, Debug)]
pub struct Told {
    pub organisation: OdsCode,
    pub document: String,
    pub purpose: String,
    pub first_at: i64,
}

/// A message to a council about one child.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub council: OdsCode,
    pub patient: NhsNumber,
    pub tracking_id: Uuid,
    pub payload_id: Uuid,
    pub reads: Vec<Told>,
}

/// A row of the report: it names no patient.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadRow {
    pub council: String,
    pub organisation: String,
    pub purpose: String,
    pub role: String,
    pub document: String,
    pub notify: String,
    /// Milliseconds since 1970.
    pub first_at: i64,
    pub last_at: i64,
    pub reads: i64,
    pub state: String,
    pub detail: Option<String>,
}

impl GatewayStore {
    /// Keeps a reading; `true` where it begins an episode that somebody is told of.
    pub(crate) async fn keep_read(&self, read: Read) -> Result<bool, GatewayError> {
        self.writer.run(move |connection| keep(connection, &read)).await
    }

    /// Takes what is due for one gateway: what is told at once, and digests whose first reading was
    /// before `digest_before`.
    pub(crate) async fn claim_reads(
        &self,
        sender: String,
        digest_before: i64,
    ) -> Result<(), GatewayError> {
        let due = self.readers.run(move |connection| {
            let sql = "SELECT count(*) FROM read_notice WHERE state = 'waiting'";
            Ok::<i64, GatewayError>(connection.query_row(sql, [], |row| row.get(0))?)
        });
        if due.await? == 0 {
            return Ok(());
        }
        self.writer.run(move |connection| claim(connection, &sender, digest_before)).await
    }

    /// What one gateway has taken and not yet put into its outbox.
    pub(crate) async fn claimed_reads(
        &self,
        sender: String,
    ) -> Result<Vec<Outgoing>, GatewayError> {
        self.readers.run(move |connection| claimed(connection, &sender)).await
    }

    /// Messages of one gateway that are on their way, with their state.
    pub(crate) async fn sent_reads(
        &self,
        sender: String,
    ) -> Result<Vec<(Uuid, String)>, GatewayError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT DISTINCT tracking_id, state FROM read_notice \
                     WHERE state IN ('sent', 'delivered') AND sender = $1",
                )?;
                let rows = statement
                    .query_map([sender], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
                let mut sent = Vec::new();
                for row in rows {
                    let (id, state) = row?;
                    sent.push((uuid(&id)?, state));
                }
                Ok(sent)
            })
            .await
    }

    pub(crate) async fn note_reads(
        &self,
        tracking_id: Uuid,
        state: &'static str,
        detail: Option<String>,
    ) -> Result<(), GatewayError> {
        self.writer
            .run(move |connection| {
                let sql = "UPDATE read_notice SET state = $1, detail = $2 WHERE tracking_id = $3";
                connection.prepare_cached(sql)?.execute(params![
                    state,
                    detail,
                    tracking_id.to_string()
                ])?;
                Ok(())
            })
            .await
    }

    /// For the report, newest first; only what somebody has to look after where `open`.
    pub async fn reads(&self, open: bool) -> Result<Vec<ReadRow>, GatewayError> {
        self.readers
            .run(move |connection| {
                let only = if open {
                    " WHERE state IN ('waiting', 'claimed', 'sent', 'delivered', 'refused', 'undeliverable')"
                } else {
                    ""
                };
                let mut statement = connection.prepare(&format!(
                    "SELECT council, organisation, purpose, role, document, notify, first_at, \
                     last_at, reads, state, detail FROM read_notice{only} \
                     ORDER BY first_at DESC LIMIT 10000"
                ))?;
                let rows = statement.query_map([], |row| {
                    Ok(ReadRow {
                        council: row.get(0)?,
                        organisation: row.get(1)?,
                        purpose: row.get(2)?,
                        role: row.get(3)?,
                        document: row.get(4)?,
                        notify: row.get(5)?,
                        first_at: row.get(6)?,
                        last_at: row.get(7)?,
                        reads: row.get(8)?,
                        state: row.get(9)?,
                        detail: row.get(10)?,
                    })
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }
}

fn broken(what: impl std::fmt::Display) -> GatewayError {
    GatewayError::Store(SqliteError::Failed(format!("a row of readings is broken: {what}")))
}

fn uuid(text: &str) -> Result<Uuid, GatewayError> {
    Uuid::try_parse(text).map_err(broken)
}

/// The encounter that the organisation has with the patient, as the region knows it.
fn encounter(connection: &Connection, read: &Read) -> Result<String, GatewayError> {
    let at = jiff::Timestamp::from_millisecond(read.at).map_err(broken)?;
    let today = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let facts = rows::patient_facts(connection, read.patient, today)?;
    let current = facts.relationships.iter().filter(|relationship| {
        relationship.ods == read.organisation
            && relationship.kind == RelationshipKind::Encounter
            && relationship.is_current(today)
    });
    let newest = current.max_by_key(|relationship| relationship.starts);
    Ok(newest.map(|encounter| encounter.starts.to_string()).unwrap_or_default())
}

fn keep(connection: &Connection, read: &Read) -> Result<bool, GatewayError> {
    let episode = encounter(connection, read)?;
    let since = read.at - i64::from(read.episode_hours) * 3_600_000;
    let known: Option<String> = connection
        .prepare_cached(
            "SELECT id FROM read_notice WHERE patient_key = $1 AND organisation = $2 \
             AND council = $3 AND episode = $4 AND (episode <> '' OR first_at > $5) \
             ORDER BY first_at DESC LIMIT 1",
        )?
        .query_row(
            params![
                read.patient.key(),
                read.organisation.as_str(),
                read.council.as_str(),
                episode,
                since
            ],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = known {
        connection
            .prepare_cached("UPDATE read_notice SET reads = reads + 1, last_at = $1 WHERE id = $2")?
            .execute(params![read.at, id])?;
        return Ok(false);
    }
    let state = if read.notify == Notify::No { "report-only" } else { "waiting" };
    connection
        .prepare_cached(
            "INSERT INTO read_notice (id, patient_key, organisation, council, episode, document, \
             purpose, role, notify, first_at, last_at, reads, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1, $11)",
        )?
        .execute(params![
            node::ids::uuid().to_string(),
            read.patient.key(),
            read.organisation.as_str(),
            read.council.as_str(),
            episode,
            read.document,
            read.purpose,
            read.role,
            read.notify.name(),
            read.at,
            state
        ])?;
    Ok(read.notify != Notify::No)
}

/// One message for each reading that is told at once, one for each council and child of a digest.
fn claim(connection: &Connection, sender: &str, digest_before: i64) -> Result<(), GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, council, patient_key, notify FROM read_notice WHERE state = 'waiting' \
         AND (notify = 'at-once' OR EXISTS (SELECT 1 FROM read_notice o \
         WHERE o.state = 'waiting' AND o.notify = 'digest' AND o.council = read_notice.council \
         AND o.patient_key = read_notice.patient_key AND o.first_at <= $1)) ORDER BY first_at",
    )?;
    let mut rows = statement.query([digest_before])?;
    let mut messages: BTreeMap<(String, i64, String), Vec<String>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (id, council): (String, String) = (row.get(0)?, row.get(1)?);
        let alone = row.get::<_, String>(3)? == "at-once";
        let of_its_own = if alone { id.clone() } else { String::new() };
        messages.entry((council, row.get(2)?, of_its_own)).or_default().push(id);
    }
    let mut take = connection.prepare_cached(
        "UPDATE read_notice SET state = 'claimed', sender = $1, tracking_id = $2, \
         payload_id = $3 WHERE id = $4 AND state = 'waiting'",
    )?;
    for ids in messages.values() {
        let tracking_id = node::ids::uuid().to_string();
        let payload_id = node::ids::uuid().to_string();
        for id in ids {
            take.execute(params![sender, tracking_id, payload_id, id])?;
        }
    }
    Ok(())
}

fn claimed(connection: &Connection, sender: &str) -> Result<Vec<Outgoing>, GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT council, patient_key, tracking_id, payload_id, organisation, document, purpose, \
         first_at FROM read_notice WHERE state = 'claimed' AND sender = $1 \
         ORDER BY tracking_id, first_at",
    )?;
    let mut rows = statement.query([sender])?;
    let mut messages: Vec<Outgoing> = Vec::new();
    while let Some(row) = rows.next()? {
        let ods = |text: String| OdsCode::parse(&text).map_err(broken);
        let told = Told {
            organisation: ods(row.get(4)?)?,
            document: row.get(5)?,
            purpose: row.get(6)?,
            first_at: row.get(7)?,
        };
        let tracking_id = uuid(&row.get::<_, String>(2)?)?;
        if let Some(message) = messages.last_mut().filter(|m| m.tracking_id == tracking_id) {
            message.reads.push(told);
            continue;
        }
        let digits = format!("{:010}", row.get::<_, i64>(1)?);
        messages.push(Outgoing {
            council: ods(row.get(0)?)?,
            patient: NhsNumber::parse(&digits)?,
            tracking_id,
            payload_id: uuid(&row.get::<_, String>(3)?)?,
            reads: vec![told],
        });
    }
    Ok(messages)
}
