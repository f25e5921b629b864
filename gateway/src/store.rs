//! Organisations, agreements, relationships and preferences in SQLite; decisions read a snapshot
//! that follows the store within 250 ms, and none is made on one older than a second.

pub mod agreement;
pub mod break_glass;
mod draft;
pub mod preference;
pub mod read_notice;
pub mod recall;
pub mod relationship;
mod rows;
pub mod transactional;

pub use draft::Draft;

use crate::decision::PatientFacts;
use crate::region::{Region, RegionFile};
use arc_swap::ArcSwap;
use jiff::civil::Date;
use node::sqlite::{Readers, SqliteError, Writer};
use rusqlite::Connection;
use schemas::nhs_number::{NhsNumber, NhsNumberError};
use schemas::ods_code::OdsCode;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const MIGRATIONS: [&str; 7] = [
    include_str!("store/0001_region.sql"),
    include_str!("store/0002_policy.sql"),
    include_str!("store/0003_relationship.sql"),
    include_str!("store/0004_preference.sql"),
    include_str!("store/0005_agreement.sql"),
    include_str!("store/0006_seen.sql"),
    include_str!("store/0007_break_glass.sql"),
];
const POLL: Duration = Duration::from_millis(250);
const STALE_MILLIS: u64 = 1_000;

#[derive(Clone, Debug, thiserror::Error)]
pub enum GatewayError {
    #[error(transparent)]
    Store(#[from] SqliteError),
    #[error("the agreements were last read more than a second ago")]
    Stale,
    #[error("the region was changed by somebody else meanwhile: look again, then try again")]
    Moved,
    #[error("{0}")]
    Row(String),
    #[error("the relationship or preference of a patient: {0}")]
    Patient(#[from] NhsNumberError),
}

impl From<rusqlite::Error> for GatewayError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What an application of a file changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub organisations: usize,
    pub systems: usize,
    pub groups: usize,
    pub roles: usize,
    pub tiers: usize,
    pub policy: usize,
    /// `id#version` of each new agreement version.
    pub agreements: Vec<String>,
    pub relationships: usize,
    pub preferences: usize,
}

struct Snapshot {
    epoch: i64,
    region: Arc<Region>,
}

#[derive(Clone)]
pub struct GatewayStore {
    writer: Writer,
    readers: Readers,
    /// Of its own, so that the snapshot never waits behind questions about patients.
    follower: Readers,
    snapshot: Arc<ArcSwap<Snapshot>>,
    started: Instant,
    /// Milliseconds after `started` of the last successful look at the epoch.
    read_at: Arc<AtomicU64>,
}

impl GatewayStore {
    pub async fn open(path: &Path) -> Result<Self, GatewayError> {
        let writer = Writer::open(path, &MIGRATIONS)?;
        let readers = Readers::open(path, 4)?;
        let follower = Readers::open(path, 1)?;
        let snapshot = Snapshot { epoch: -1, region: Arc::default() };
        let store = Self {
            writer,
            readers,
            follower,
            snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
            started: Instant::now(),
            read_at: Arc::default(),
        };
        store.refresh().await?;
        Ok(store)
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Looks at the epoch, and reads the region anew where it has moved.
    pub async fn refresh(&self) -> Result<(), GatewayError> {
        let known = self.snapshot.load().epoch;
        let at = self.millis();
        let newer = self.follower.run(move |connection| newer(connection, known)).await?;
        if let Some(snapshot) = newer {
            self.snapshot.store(Arc::new(snapshot));
        }
        self.read_at.store(at, Ordering::Relaxed);
        Ok(())
    }

    /// Follows the store for as long as the process lives.
    pub async fn follow(self) {
        loop {
            tokio::time::sleep(POLL).await;
            if let Err(error) = self.refresh().await {
                tracing::error!(%error, "agreements not read");
            }
        }
    }

    /// The snapshot to decide on.
    pub fn region(&self) -> Result<Arc<Region>, GatewayError> {
        if self.millis().saturating_sub(self.read_at.load(Ordering::Relaxed)) > STALE_MILLIS {
            return Err(GatewayError::Stale);
        }
        Ok(self.snapshot.load().region.clone())
    }

    /// The snapshot however old it is: for the urgent-care fallback alone.
    pub(crate) fn last_known_region(&self) -> Arc<Region> {
        self.snapshot.load().region.clone()
    }

    /// The snapshot's number: another one means that something has changed.
    pub fn epoch(&self) -> i64 {
        self.snapshot.load().epoch
    }

    /// Relationships of one patient, and what holds today of what they have said.
    pub async fn patient_facts(
        &self,
        patient: NhsNumber,
        today: Date,
    ) -> Result<PatientFacts, GatewayError> {
        self.readers.run(move |connection| rows::patient_facts(connection, patient, today)).await
    }

    /// Applies a file; a new version of an agreement only where it differs from the newest.
    pub async fn apply(&self, file: RegionFile, now: String) -> Result<Applied, GatewayError> {
        let applied =
            self.writer.run(move |connection| rows::apply(connection, &file, &now)).await?;
        self.refresh().await?;
        Ok(applied)
    }

    /// Takes a system's profile away: whatever its certificate asks for is refused aloud from the next
    /// snapshot on. Whether there was one.
    pub async fn remove_system(
        &self,
        name: String,
        organisation: OdsCode,
    ) -> Result<bool, GatewayError> {
        let remove =
            move |connection: &Connection| rows::remove_system(connection, &name, &organisation);
        let removed = self.writer.run(remove).await?;
        self.refresh().await?;
        Ok(removed)
    }

    /// What applying a file would change, without changing it.
    pub async fn plan(&self, file: RegionFile, now: String) -> Result<Applied, GatewayError> {
        let planned: Result<(), Planned> = self
            .writer
            .run(move |connection| {
                // An error rolls the savepoint back: the plan travels as one.
                match rows::apply(connection, &file, &now) {
                    Ok(applied) => Err(Planned(Ok(applied))),
                    Err(error) => Err(Planned(Err(error))),
                }
            })
            .await;
        match planned {
            Ok(()) => Ok(Applied::default()),
            Err(Planned(outcome)) => outcome,
        }
    }

    /// Whether no organisation is known yet.
    pub fn is_empty(&self) -> bool {
        self.snapshot.load().region.organisations.is_empty()
    }
}

struct Planned(Result<Applied, GatewayError>);

impl From<SqliteError> for Planned {
    fn from(error: SqliteError) -> Self {
        Self(Err(error.into()))
    }
}

fn newer(connection: &Connection, known: i64) -> Result<Option<Snapshot>, GatewayError> {
    let epoch: i64 =
        connection.prepare_cached("SELECT epoch FROM epoch")?.query_row([], |row| row.get(0))?;
    if epoch == known {
        return Ok(None);
    }
    Ok(Some(Snapshot { epoch, region: Arc::new(rows::region(connection)?) }))
}
