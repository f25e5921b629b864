//! Messages of the hub's own to other organisations: acknowledgements and notices, kept until they
//! are taken.
//!
//! What was put is delivered, whenever a process is killed: to the endpoint that the configuration
//! gives for an organisation, in the order it was put, one at a time for each organisation; or it
//! waits until the organisation collects it. What a receiver refuses for good is parked, where an
//! operator sees it.

mod answer;
mod by_hand;
mod collecting;
mod compose;
mod directory;
mod incoming;
mod item;
mod run;
mod store;
mod verdict;

pub use answer::{Acknowledgement, Level, Unmatched};
pub use by_hand::{ByHand, destinations};
pub use collecting::{Collected, Outboxes};
pub use directory::{Directory, DirectoryEntry, OutboxSettings, ServiceStyle, Soap};
pub use item::{Counts, Destination, Item, Kind, Message, Put, Shown, State};
pub use run::run;

use crate::clock::Clock;
use crate::sqlite::SqliteError;
use std::path::Path;
use std::sync::Arc;
use store::Store;
use tokio::sync::Notify;
use uuid::Uuid;

/// The database's name in a role's folder.
pub const DATABASE: &str = "outbox.db";

/// What one role sends. Clones share it.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    directory: Directory,
    settings: OutboxSettings,
    /// The role's certificate: receivers know the hub by it.
    tls: Arc<rustls::ClientConfig>,
    /// CN of that certificate, the label of every message.
    system: String,
    clock: Clock,
    wake: Notify,
}

/// What an outbox needs to know.
pub struct Opening<'a> {
    pub folder: &'a Path,
    pub directory: Directory,
    pub settings: OutboxSettings,
    pub tls: rustls::ClientConfig,
    /// CN of the role's certificate.
    pub system: &'a str,
    pub clock: Clock,
}

impl Outbox {
    /// Opens a role's outbox. What a stopped process was delivering is delivered again: call it in
    /// the process that has the role only. Items move once [`run`] runs.
    pub async fn open(opening: Opening<'_>) -> Result<Self, SqliteError> {
        let store = Store::open(&opening.folder.join(DATABASE))?;
        store.recover().await?;
        let inner = Inner {
            store,
            directory: opening.directory,
            settings: opening.settings,
            tls: Arc::new(opening.tls),
            system: opening.system.to_owned(),
            clock: opening.clock,
            wake: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    fn now(&self) -> i64 {
        self.inner.clock.now().as_millisecond()
    }

    /// Puts a message, durable when this returns. One that is there already (by kind, destination,
    /// reference and occasion) is not put again, but tried again where it was parked.
    pub async fn put(&self, item: Item) -> Result<Put, SqliteError> {
        let mut item = item;
        if item.kind.is_acknowledgement() {
            item.message.wants_infrastructure_ack = false;
            item.message.wants_business_ack = false;
        }
        let put = self.inner.store.put(item, self.now()).await?;
        self.inner.wake.notify_one();
        Ok(put)
    }

    /// Everything that was put about a tracking id or document, with what became of it.
    pub async fn about(&self, reference: &str) -> Result<Vec<Shown>, SqliteError> {
        self.inner.store.about(reference.to_owned()).await
    }

    pub async fn find(&self, id: Uuid) -> Result<Option<Shown>, SqliteError> {
        self.inner.store.find(id).await
    }

    pub async fn counts(&self) -> Result<Counts, SqliteError> {
        self.inner.store.counts().await
    }

    /// Whether it can be read and written.
    pub async fn ready(&self) -> Result<(), SqliteError> {
        self.inner.store.ready().await
    }
}
