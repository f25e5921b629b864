//! The chain in SQLite: records are committed in groups, and an answer waits for its record.

use super::checkpoint;
use super::event::{AuditEvent, AuditKind, Outcome};
use super::fallback::Fallback;
use super::message::messages;
use super::reserve::Reserve;
use super::settings::AuditSettings;
use super::signer::Signer;
use crate::clock::Clock;
use crate::sqlite::{Readers, SqliteError, Writer};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub(super) const MIGRATIONS: [&str; 6] = [
    RECORDS,
    super::reading::MIGRATION,
    checkpoint::MIGRATION,
    super::forward::MIGRATION,
    super::subject::MIGRATION,
    super::fallback::MIGRATION,
];

const RECORDS: &str = "
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    -- JSON of the event, from which the DICOM message is made; NULL once expired.
    event TEXT,
    content_digest BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;
";

/// The record could not be kept; the answer must not be given.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the audit record could not be kept: {0}")]
pub struct AuditError(#[from] pub SqliteError);

/// One instance's chain.
#[derive(Clone)]
pub struct Audit {
    pub(super) writer: Writer,
    pub(super) readers: Readers,
    pub(super) clock: Clock,
    folder: PathBuf,
    service: &'static str,
    pub(super) settings: Arc<AuditSettings>,
    signer: Option<Signer>,
    /// Absent for commands.
    reserve: Option<Reserve>,
    pub(super) fallback: Option<Fallback>,
    /// The newest checkpoint that stands in the file beside the database.
    followed: Arc<AtomicI64>,
}

const OUT_OF_SPACE: &str = "there is no space left for audit records";

/// Digest of a record's content.
pub(super) fn content_digest(event: &str) -> [u8; 32] {
    Sha256::digest(event).into()
}

/// Digest of a link: the one before, the place, the content.
pub(super) fn link(previous: &[u8], seq: i64, content: &[u8]) -> [u8; 32] {
    let digest = Sha256::new().chain_update(previous).chain_update(seq.to_be_bytes());
    digest.chain_update(content).finalize().into()
}

pub(super) fn head_path(folder: &Path) -> PathBuf {
    folder.join("audit.head")
}

pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join("audit.db")
}

impl Audit {
    /// Opens the chain in a service's folder, for commands beside the service: they sign nothing.
    pub fn open(folder: &Path, service: &'static str, clock: Clock) -> Result<Self, AuditError> {
        let writer = Writer::open(&database(folder), &MIGRATIONS)?;
        let readers = Readers::open(&database(folder), 2)?;
        Ok(Self {
            writer,
            readers,
            clock,
            folder: folder.to_owned(),
            service,
            settings: Arc::default(),
            signer: None,
            reserve: None,
            fallback: None,
            followed: Arc::default(),
        })
    }

    /// Opens the chain for the service itself, which signs checkpoints.
    pub fn serving(
        folder: &Path,
        service: &'static str,
        clock: Clock,
        settings: AuditSettings,
        signer: Signer,
    ) -> Result<Self, AuditError> {
        let followed = checkpoint::followed(&checkpoint::path(folder));
        let reserve = Reserve::hold(folder, settings.reserve_bytes);
        let fallback = match service {
            "gateway" => Fallback::open(
                &settings.urgent_care_fallback,
                service,
                signer.clone(),
                reserve.clone(),
                clock.clone(),
            )?,
            _ => None,
        };
        Ok(Self {
            reserve: Some(reserve),
            fallback,
            settings: Arc::new(settings),
            signer: Some(signer),
            followed: Arc::new(AtomicI64::new(followed)),
            ..Self::open(folder, service, clock)?
        })
    }

    pub fn service(&self) -> &'static str {
        self.service
    }

    /// Keeps a record. It is durable when this returns. Where there is no space left, answers are
    /// refused: their refusal is kept in the space that was reserved, and the answer must not be given.
    pub async fn record(&self, event: AuditEvent) -> Result<(), AuditError> {
        if event.fallback.is_some() && event.is_answer() {
            return self.record_fallback(event).await;
        }
        if !self.reserve_is_out() {
            match self.write(event.clone()).await {
                Err(AuditError(SqliteError::Full(reason))) => self.let_go(&reason),
                other => return other,
            }
        }
        if !event.is_answer() {
            return self.write(event).await;
        }
        self.write(event.refused(OUT_OF_SPACE)).await?;
        Err(AuditError(SqliteError::Full(OUT_OF_SPACE.to_owned())))
    }

    pub(super) fn reserve_is_out(&self) -> bool {
        self.reserve.as_ref().is_some_and(Reserve::is_out)
    }

    pub(super) fn let_go(&self, reason: &str) {
        if self.reserve.as_ref().is_some_and(Reserve::let_go) {
            let service = self.service;
            tracing::error!(service, reason, "audit is out of space: answers are refused");
        }
    }

    /// Looks whether there is space again; then takes the reserve back and merges what was kept
    /// elsewhere.
    pub async fn recover(&self) -> Result<(), AuditError> {
        let Some(reserve) = self.reserve.clone() else { return Ok(()) };
        if reserve.is_out() {
            let restored = tokio::task::spawn_blocking(move || reserve.restore()).await;
            if !restored.unwrap_or(false) {
                return Ok(());
            }
            tracing::warn!(service = self.service, "audit has space again");
        }
        let merged = self.merge().await?;
        if merged > 0 {
            let what = format!("{merged} records of the second log are in the chain");
            let event = AuditEvent::new(self.service, AuditKind::AuditLog, Outcome::Success);
            self.record(event.because(what)).await?;
        }
        Ok(())
    }

    /// With what every record has.
    pub(super) fn dated(&self, mut event: AuditEvent) -> AuditEvent {
        event.at = moment(self.clock.now());
        event.process = Some(std::process::id());
        event
    }

    pub(super) async fn write(&self, event: AuditEvent) -> Result<(), AuditError> {
        self.write_where(event, |_| Ok(true)).await
    }

    /// The same for a record that may be there already.
    pub(super) async fn write_once(
        &self,
        event: AuditEvent,
        digest: Vec<u8>,
    ) -> Result<(), AuditError> {
        self.write_where(event, move |connection| super::fallback::note(connection, &digest)).await
    }

    async fn write_where(
        &self,
        event: AuditEvent,
        wanted: impl FnOnce(&Connection) -> Result<bool, AuditError> + Send + 'static,
    ) -> Result<(), AuditError> {
        let event = self.dated(event);
        let json = serde_json::to_string(&event)
            .map_err(|error| AuditError(SqliteError::Failed(error.to_string())))?;
        let signing = self.signing();
        self.writer
            .run(move |connection| {
                if !wanted(connection)? {
                    return Ok(());
                }
                let seq = append(connection, &event.at, &json, signing.as_ref())?;
                super::subject::keep(connection, seq, &event)?;
                super::reading::keep(connection, seq, &event)
            })
            .await
    }

    fn signing(&self) -> Option<Signing> {
        let every = i64::from(self.settings.checkpoint_records.max(1));
        Some(Signing { signer: self.signer.clone()?, service: self.service, every })
    }

    /// Signs where the chain stands, where the last checkpoint is older than the settings allow; or
    /// at once, at the end of a service's life.
    pub async fn checkpoint(&self, at_once: bool) -> Result<(), AuditError> {
        let Some(signing) = self.signing() else { return Ok(()) };
        let minutes = i64::from(self.settings.checkpoint_minutes);
        let now = self.clock.now();
        self.writer
            .run(move |connection| {
                let Some((seq, digest)) = newest(connection)? else { return Ok(()) };
                let last = checkpoint::newest(connection)?;
                let is_signed = last.as_ref().is_some_and(|(signed, _)| *signed == seq);
                let at = last.and_then(|(_, at)| at.parse::<jiff::Timestamp>().ok());
                let is_due = at.is_none_or(|at| now.duration_since(at).as_secs() >= minutes * 60);
                if is_signed || !(is_due || at_once) {
                    return Ok(());
                }
                signing.sign(connection, seq, &moment(now), &digest)
            })
            .await
    }

    /// A record of the service's own life.
    pub async fn life(&self, kind: AuditKind) -> Result<(), AuditError> {
        self.record(AuditEvent::new(self.service, kind, Outcome::Success)).await
    }

    /// Writes the newest digest and new checkpoints outside the database. They follow the chain by a
    /// moment, so they may lag; they never lead.
    pub async fn anchor(&self) -> Result<(), AuditError> {
        let folder = self.folder.clone();
        let followed = self.followed.clone();
        self.writer
            .run(move |connection| {
                let known = followed.load(Ordering::Relaxed);
                let new = checkpoint::follow(connection, &checkpoint::path(&folder), known)?;
                followed.store(new, Ordering::Relaxed);
                let Some((seq, digest)) = newest(connection)? else { return Ok(()) };
                let text = format!("{seq} {}\n", hex(&digest));
                let head = head_path(&folder);
                let next = head.with_extension("next");
                let written =
                    std::fs::write(&next, text).and_then(|()| std::fs::rename(&next, &head));
                written.map_err(|error| AuditError(SqliteError::Failed(error.to_string())))
            })
            .await
    }

    /// Whether the chain can be written.
    pub async fn ready(&self) -> Result<(), AuditError> {
        if self.reserve_is_out() {
            return Err(AuditError(SqliteError::Full(OUT_OF_SPACE.to_owned())));
        }
        self.writer.run(|connection| newest(connection).map(|_| ())).await
    }
}

impl From<rusqlite::Error> for AuditError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.into())
    }
}

fn newest(connection: &Connection) -> Result<Option<(i64, Vec<u8>)>, AuditError> {
    let mut statement =
        connection.prepare_cached("SELECT seq, digest FROM record ORDER BY seq DESC LIMIT 1")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// A moment as records have it.
pub(super) fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// By whom the chain is signed as it grows.
struct Signing {
    signer: Signer,
    service: &'static str,
    every: i64,
}

impl Signing {
    fn sign(
        &self,
        connection: &Connection,
        seq: i64,
        at: &str,
        digest: &[u8],
    ) -> Result<(), AuditError> {
        checkpoint::sign(connection, &self.signer, self.service, self.every, (seq, at, digest))
    }
}

fn append(
    connection: &Connection,
    at: &str,
    event: &str,
    signing: Option<&Signing>,
) -> Result<i64, AuditError> {
    let (seq, previous) = newest(connection)?.unwrap_or_default();
    let seq = seq + 1;
    let content = content_digest(event);
    let digest = link(&previous, seq, &content);
    let mut statement = connection.prepare_cached(
        "INSERT INTO record (seq, at, event, content_digest, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    statement.execute((seq, at, event, content, digest))?;
    if let Some(signing) = signing {
        let last = checkpoint::newest(connection)?.map_or(0, |(signed, _)| signed);
        if seq - last >= signing.every {
            signing.sign(connection, seq, at, &digest)?;
        }
    }
    Ok(seq)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A stored record, read back.
#[derive(Clone, Debug, serde::Serialize)]
pub struct AuditRecord {
    pub seq: i64,
    #[serde(flatten)]
    pub event: AuditEvent,
}

impl AuditRecord {
    /// The DICOM messages, each on one line, made from the event: the same event gives the same.
    pub fn messages(&self) -> Vec<String> {
        messages(&self.event)
    }

    /// All of them, one a line.
    pub fn message(&self) -> String {
        self.messages().join("\n")
    }
}

pub(super) fn open_read_only(folder: &Path) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database(folder), flags)?;
    connection.pragma_update(None, "busy_timeout", 10_000)?;
    Ok(connection)
}

/// The newest records of a service's folder, oldest first.
pub fn list(folder: &Path, count: u32) -> Result<Vec<AuditRecord>, SqliteError> {
    let connection = open_read_only(folder)?;
    let mut statement = connection.prepare(
        "SELECT seq, event FROM record WHERE event IS NOT NULL ORDER BY seq DESC LIMIT ?1",
    )?;
    let rows = statement
        .query_map([count], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    let mut records = Vec::new();
    for row in rows {
        let (seq, event) = row?;
        let event = serde_json::from_str(&event).map_err(|e| SqliteError::Failed(e.to_string()))?;
        records.push(AuditRecord { seq, event });
    }
    records.reverse();
    Ok(records)
}
