//! Messages in quarantine: what may not be indexed as it is, durable until somebody decides.

use super::{FrontDoor, MessageKey, Reason};
use crate::arrival::Envelope;
use node::sqlite::SqliteError;
use rusqlite::{Connection, OptionalExtension, Row, params};
use schemas::itk::Manifested;
use schemas::nhs_number::NhsNumber;

/// Bytes of one message in quarantine, decoded.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Messages that wait for a decision at most.
pub const OPEN_MAX: i64 = 10_000;

/// Where a message in quarantine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for somebody to decide.
    Open,
    /// Decided: the hub takes it along the road again.
    Redrive,
    /// Decided: the hub tells the sender and forgets the documents.
    Drop,
    /// Registered.
    Done,
    Dropped,
}

impl State {
    const ALL: [Self; 5] = [Self::Open, Self::Redrive, Self::Drop, Self::Done, Self::Dropped];

    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Redrive => "redrive",
            Self::Drop => "drop",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == text)
    }
}

/// A message in quarantine, without its documents.
#[derive(Clone, Debug)]
pub struct Quarantined {
    pub id: i64,
    pub reason: Reason,
    pub envelope: Envelope,
    pub received_at: String,
    pub state: State,
    pub decision: Option<Decision>,
    /// What its patient was doubted for, or what the last redrive came to; never a patient's.
    pub outcome: Option<String>,
}

/// What somebody has decided, and who.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// A name or an office.
    pub by: String,
    pub at: String,
    pub because: String,
    /// An operator vouches for the document.
    pub resolved: bool,
    pub number: Option<NhsNumber>,
    pub despite_mismatch: bool,
}

const COLUMNS: &str = "id, reason, envelope, received_at, state, decided_by, decided_at, \
    decided_because, resolved, nhs_number, despite_mismatch, outcome";

impl FrontDoor {
    /// Keeps a message with its documents; durable on return. `None` where the quarantine is full.
    pub async fn quarantine(
        &self,
        reason: Reason,
        explanation: String,
        envelope: Envelope,
        payloads: Vec<Manifested>,
        key: MessageKey,
        now: String,
    ) -> Result<Option<i64>, SqliteError> {
        let claimed = crate::completeness::claimed(&envelope, &payloads);
        let said =
            serde_json::to_string(&envelope).map_err(|e| SqliteError::Failed(e.to_string()))?;
        self.writer
            .run(move |connection| {
                let open = "SELECT count(*) FROM quarantine WHERE state = 'open'";
                let open: i64 = connection.query_row(open, [], |row| row.get(0))?;
                if open >= OPEN_MAX {
                    return Ok(None);
                }
                connection
                    .prepare_cached(
                        "INSERT INTO quarantine (reason, publisher, route, received_at, envelope, \
                         state, outcome) VALUES ($1, $2, $3, $4, $5, 'open', $6)",
                    )?
                    .execute(params![
                        reason.code(),
                        envelope.publisher.as_str(),
                        envelope.route.name(),
                        now,
                        said,
                        explanation
                    ])?;
                let id = connection.last_insert_rowid();
                payloads.iter().enumerate().try_for_each(|(n, p)| put(connection, id, n, p))?;
                crate::completeness::keep_claims(connection, id, &claimed)?;
                super::messages::remember(connection, &key, "quarantined", &now)?;
                Ok(Some(id))
            })
            .await
    }

    /// The newest first; those that are over too where `all`.
    pub async fn quarantined(&self, all: bool) -> Result<Vec<Quarantined>, SqliteError> {
        self.readers
            .run(move |connection| {
                let over = if all { "" } else { " WHERE state NOT IN ('done', 'dropped')" };
                let sql =
                    format!("SELECT {COLUMNS} FROM quarantine{over} ORDER BY id DESC LIMIT 10000");
                let mut statement = connection.prepare(&sql)?;
                let mut rows = statement.query([])?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(read(row)?);
                }
                Ok(found)
            })
            .await
    }

    /// One message with its documents; none where they were forgotten.
    pub async fn in_quarantine(
        &self,
        id: i64,
    ) -> Result<Option<(Quarantined, Vec<Manifested>)>, SqliteError> {
        self.readers
            .run(move |connection| {
                let sql = format!("SELECT {COLUMNS} FROM quarantine WHERE id = $1");
                let mut statement = connection.prepare_cached(&sql)?;
                let mut rows = statement.query([id])?;
                let Some(row) = rows.next()? else { return Ok(None) };
                Ok(Some((read(row)?, documents(connection, id)?)))
            })
            .await
    }

    /// Enters a decision; `false` where there is no such message or it is over.
    pub async fn decide(
        &self,
        id: i64,
        state: State,
        decision: Decision,
    ) -> Result<bool, SqliteError> {
        self.writer
            .run(move |connection| {
                let changed = connection
                    .prepare_cached(
                        "UPDATE quarantine SET state = $1, decided_by = $2, decided_at = $3, \
                         decided_because = $4, resolved = $5, nhs_number = $6, \
                         despite_mismatch = $7, outcome = NULL \
                         WHERE id = $8 AND state IN ('open', 'redrive')",
                    )?
                    .execute(params![
                        state.name(),
                        decision.by,
                        decision.at,
                        decision.because,
                        decision.resolved,
                        decision.number.map(NhsNumber::digits),
                        decision.despite_mismatch,
                        id
                    ])?;
                Ok(changed == 1)
            })
            .await
    }

    /// Open messages that only wait until tracing or the registry answers, oldest first.
    pub async fn waiting(&self) -> Result<Vec<i64>, SqliteError> {
        self.readers
            .run(|connection| {
                let sql = "SELECT id FROM quarantine WHERE state = 'open' \
                    AND reason IN ($1, $2) ORDER BY id LIMIT 1000";
                let mut statement = connection.prepare_cached(sql)?;
                let reasons = [Reason::TraceUnavailable, Reason::RegistryUnavailable];
                let ids = statement.query_map(reasons.map(Reason::code), |row| row.get(0))?;
                Ok(ids.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// What somebody has decided and the hub has yet to do.
    pub async fn decided(&self) -> Result<Vec<i64>, SqliteError> {
        self.readers
            .run(|connection| {
                let sql = "SELECT id FROM quarantine WHERE state IN ('redrive', 'drop') ORDER BY id LIMIT 100";
                let mut statement = connection.prepare_cached(sql)?;
                let ids = statement.query_map([], |row| row.get(0))?;
                Ok(ids.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// What came of a decision. Documents that are registered or dropped are forgotten here.
    pub async fn settle_quarantine(
        &self,
        id: i64,
        state: State,
        reason: Option<Reason>,
        outcome: String,
    ) -> Result<(), SqliteError> {
        self.writer
            .run(move |connection| {
                connection
                    .prepare_cached(
                        "UPDATE quarantine SET state = $1, reason = coalesce($2, reason), \
                         outcome = $3 WHERE id = $4",
                    )?
                    .execute(params![state.name(), reason.map(Reason::code), outcome, id])?;
                if matches!(state, State::Done | State::Dropped) {
                    connection
                        .execute("DELETE FROM quarantine_payload WHERE quarantine_id = $1", [id])?;
                }
                Ok(())
            })
            .await
    }
}

fn put(
    connection: &Connection,
    id: i64,
    n: usize,
    payload: &Manifested,
) -> Result<(), SqliteError> {
    connection
        .prepare_cached(
            "INSERT INTO quarantine_payload (quarantine_id, number, item_id, mime_type, \
             profile_id, bytes, metadata, filename) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )?
        .execute(params![
            id,
            n as i64,
            payload.id,
            payload.mime_type,
            payload.profile_id,
            payload.bytes,
            payload.metadata,
            payload.filename
        ])?;
    Ok(())
}

fn documents(connection: &Connection, id: i64) -> Result<Vec<Manifested>, SqliteError> {
    let mut statement = connection.prepare_cached(
        "SELECT item_id, mime_type, profile_id, bytes, metadata, filename \
         FROM quarantine_payload WHERE quarantine_id = $1 ORDER BY number",
    )?;
    let rows = statement.query_map([id], |row| {
        Ok(Manifested {
            metadata: row.get(4)?,
            filename: row.get(5)?,
            ..Manifested::new(
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
                row.get(3)?,
            )
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> Result<Quarantined, SqliteError> {
    let broken = |what: &str| SqliteError::Failed(format!("a stored quarantine {what} is broken"));
    let text = |column| row.get::<_, String>(column);
    let envelope = serde_json::from_str(&text(2)?).map_err(|_| broken("envelope"))?;
    let by: Option<String> = row.get(5)?;
    let number: Option<String> = row.get(9)?;
    let decision = match by {
        None => None,
        Some(by) => Some(Decision {
            by,
            at: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
            because: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
            resolved: row.get(8)?,
            number: number.and_then(|digits| NhsNumber::parse(&digits).ok()),
            despite_mismatch: row.get(10)?,
        }),
    };
    Ok(Quarantined {
        id: row.get(0)?,
        reason: Reason::parse(&text(1)?).ok_or_else(|| broken("reason"))?,
        envelope,
        received_at: text(3)?,
        state: State::parse(&text(4)?).ok_or_else(|| broken("state"))?,
        decision,
        outcome: row.get::<_, Option<String>>(11).optional()?.flatten(),
    })
}
