//! What a region may choose for urgent care when audit or agreements are out of reach: a bounded number
//! of answers for a bounded time, each marked in the answer and kept, signed, in a second log on another
//! volume, which is merged into the chain when that can be written again. Off by default.

mod log;

use super::event::AuditEvent;
use super::reserve::Reserve;
use super::signer::Signer;
use super::store::{Audit, AuditError};
use crate::clock::Clock;
use crate::sqlite::SqliteError;
use jiff::Timestamp;
use log::SecondLog;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) const MIGRATION: &str = "
-- Lines of the second log that stand in the chain, so that none is merged twice.
CREATE TABLE merged (
    digest BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
";

/// `[audit.urgent_care_fallback]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct FallbackSettings {
    pub enabled: bool,
    /// A folder on another volume than the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// Purposes that are answered.
    pub purposes: Vec<String>,
    /// Answers of one outage.
    pub answers_max: u32,
    /// Minutes from the first of them.
    pub minutes_max: u32,
}

impl Default for FallbackSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            folder: None,
            purposes: vec!["urgent-care".to_owned()],
            answers_max: 200,
            minutes_max: 60,
        }
    }
}

/// Why an answer was given by the fallback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FallbackCause {
    /// The audit log has no space left.
    AuditFull,
    /// The agreements could not be read; the last known ones were used.
    PolicyStore,
}

/// The fallback of a running gateway; clones share its bounds.
#[derive(Clone)]
pub struct Fallback {
    settings: Arc<FallbackSettings>,
    reserve: Reserve,
    clock: Clock,
    state: Arc<Mutex<State>>,
}

struct State {
    log: SecondLog,
    /// Of the outage that is on.
    first: Option<Timestamp>,
    answers: u32,
}

impl Fallback {
    pub(super) fn open(
        settings: &FallbackSettings,
        service: &'static str,
        signer: Signer,
        reserve: Reserve,
        clock: Clock,
    ) -> Result<Option<Self>, AuditError> {
        if !settings.enabled {
            return Ok(None);
        }
        let failed = |reason: String| AuditError(SqliteError::Failed(reason));
        let folder = settings.folder.as_ref().ok_or_else(|| {
            failed("audit.urgent_care_fallback: name a folder on another volume".to_owned())
        })?;
        let path = folder.join(format!("{service}.fallback"));
        let log = SecondLog::open(path.clone(), service, signer);
        let log = log.map_err(|error| failed(format!("{}: {error}", path.display())))?;
        // What a stopped process has used up stays used up until it is merged.
        let (first, answers) = (log.first, log.lines);
        let state = Arc::new(Mutex::new(State { log, first, answers }));
        Ok(Some(Self { settings: Arc::new(settings.clone()), reserve, clock, state }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the audit log is out of space.
    pub fn is_audit_full(&self) -> bool {
        self.reserve.is_out()
    }

    /// Whether one more answer for this purpose may be given.
    pub fn permits(&self, purpose: &str) -> bool {
        let listed = self.settings.purposes.iter().any(|listed| listed == purpose);
        listed && self.is_within(&self.state())
    }

    fn is_within(&self, state: &State) -> bool {
        let seconds = i64::from(self.settings.minutes_max) * 60;
        let now = self.clock.now();
        let in_time = state.first.is_none_or(|first| now.duration_since(first).as_secs() < seconds);
        in_time && state.answers < self.settings.answers_max
    }

    /// Uses up one answer; `keep` does so with a record in the second log.
    fn count(&self, keep: Option<&AuditEvent>) -> Result<(), AuditError> {
        let mut state = self.state();
        if !self.is_within(&state) {
            let reason = "the urgent-care fallback has given all the answers that it may";
            return Err(AuditError(SqliteError::Full(reason.to_owned())));
        }
        if let Some(event) = keep {
            let kept = state.log.append(event);
            kept.map_err(|error| AuditError(SqliteError::Full(error.to_string())))?;
        }
        state.first.get_or_insert(self.clock.now());
        state.answers += 1;
        Ok(())
    }

    /// The outage is over.
    fn forget(&self) {
        let mut state = self.state();
        (state.first, state.answers) = (None, 0);
    }

    /// Ends an outage of the agreements, unless the audit log is full too or something waits to be
    /// merged.
    pub fn agreements_are_back(&self) {
        let mut state = self.state();
        if !self.reserve.is_out() && state.log.lines == 0 {
            (state.first, state.answers) = (None, 0);
        }
    }
}

impl Audit {
    /// The gateway's fallback, where the region has chosen one.
    pub fn fallback(&self) -> Option<Fallback> {
        self.fallback.clone()
    }

    /// Keeps an answer of the fallback: in the chain where that can be written.
    pub(super) async fn record_fallback(&self, event: AuditEvent) -> Result<(), AuditError> {
        let Some(fallback) = &self.fallback else {
            return Err(AuditError(SqliteError::Full("no fallback is configured".to_owned())));
        };
        if !self.reserve_is_out() {
            fallback.count(None)?;
            match self.write(event.clone()).await {
                Err(AuditError(SqliteError::Full(reason))) => self.let_go(&reason),
                other => return other,
            }
        }
        let (fallback, event) = (fallback.clone(), self.dated(event));
        let kept = tokio::task::spawn_blocking(move || fallback.count(Some(&event))).await;
        kept.unwrap_or_else(|error| Err(AuditError(SqliteError::Failed(error.to_string()))))
    }

    /// Brings the second log into the chain, whose space is there again. Tells how many records.
    pub(super) async fn merge(&self) -> Result<usize, AuditError> {
        let Some(fallback) = &self.fallback else { return Ok(0) };
        let lines = fallback.state().log.read();
        let lines = lines.map_err(|error| AuditError(SqliteError::Failed(error.to_string())))?;
        let count = lines.len();
        for line in lines {
            let mut event = line.event;
            event.answered_at = Some(std::mem::take(&mut event.at));
            let place = line.number;
            let proof = if line.is_signed { "signed" } else { "NOT SIGNED by this service" };
            let why = format!("kept as record {place} of the second log, {proof}");
            self.write_once(event.because(why), line.digest).await?;
        }
        if count > 0 {
            let moved = fallback.state().log.set_aside();
            moved.map_err(|error| AuditError(SqliteError::Failed(error.to_string())))?;
            fallback.forget();
        }
        Ok(count)
    }
}

/// Notes that a line of the second log is in the chain; false where it was already.
pub(super) fn note(connection: &Connection, digest: &[u8]) -> Result<bool, AuditError> {
    let sql = "INSERT OR IGNORE INTO merged (digest) VALUES (?1)";
    Ok(connection.execute(sql, [digest])? == 1)
}
