//! An outbox as an operator sees it, beside the process that delivers.

use super::store::{self, Store};
use super::{Counts, DATABASE, Destination, Shown, State, Unmatched};
use crate::clock::Clock;
use crate::sqlite::SqliteError;
use schemas::ods_code::OdsCode;
use std::path::Path;
use uuid::Uuid;

/// To whom a role's outbox has sent or sends, and what of it is open; read without changing anything,
/// nothing where there is no outbox yet.
pub fn destinations(folder: &Path) -> Result<Vec<Destination>, SqliteError> {
    let path = folder.join(DATABASE);
    if path.is_file() { store::destinations(&path) } else { Ok(Vec::new()) }
}

/// A role's outbox, opened for a command.
pub struct ByHand {
    store: Store,
    clock: Clock,
}

impl ByHand {
    /// `None` where the role has no outbox yet.
    pub fn open(folder: &Path, clock: Clock) -> Result<Option<Self>, SqliteError> {
        let path = folder.join(DATABASE);
        if !path.is_file() {
            return Ok(None);
        }
        Ok(Some(Self { store: Store::open(&path)?, clock }))
    }

    /// Items in a state, for a destination; without a state those that are not settled well, or
    /// all. The oldest come first.
    pub async fn list(
        &self,
        state: Option<State>,
        to: Option<OdsCode>,
        all: bool,
    ) -> Result<Vec<Shown>, SqliteError> {
        self.store.list(state, to, all).await
    }

    pub async fn find(&self, id: Uuid) -> Result<Option<Shown>, SqliteError> {
        self.store.find(id).await
    }

    /// Acknowledgements that came and answer nothing of the hub's.
    pub async fn unmatched(&self) -> Result<Vec<Unmatched>, SqliteError> {
        self.store.unmatched().await
    }

    pub async fn counts(&self) -> Result<Counts, SqliteError> {
        self.store.counts().await
    }

    /// Tries an item again at once, with a time of its own; the state it was in. One that is
    /// delivered, dropped or on its way stays as it is.
    pub async fn retry(&self, id: Uuid) -> Result<Option<State>, SqliteError> {
        self.store.retry(id).await
    }

    /// The same for everything of a destination that waits or is parked; how many that is.
    pub async fn retry_all(&self, to: OdsCode) -> Result<usize, SqliteError> {
        self.store.retry_all(to).await
    }

    /// Gives an item up, with the reason in place of its last error; the state it was in. One that
    /// is delivered, dropped or on its way stays as it is.
    pub async fn drop_item(&self, id: Uuid, reason: &str) -> Result<Option<State>, SqliteError> {
        let now = self.clock.now().as_millisecond();
        self.store.drop_item(id, format!("dropped: {reason}"), now).await
    }
}
