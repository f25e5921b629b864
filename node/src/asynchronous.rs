//! Answers on a connection of their own (WS-Addressing ReplyTo; ITI TF-2 appendix V.5).
//!
//! A request that wants its answer at a listed address is written down, durable, before it is told
//! 202; it is served and its answer written down, and the answer is posted until it is taken or
//! its time is over. A restart goes on where the last process stopped. A repeated MessageID is not
//! served again: its answer is sent again.

mod address;
mod deliver;
mod run;
mod spooled;
mod store;
mod wanted;

pub use address::{AddressError, AllowList, Network, ReplyAddress};
pub use run::run;
pub use store::{Counts, counts};
pub(crate) use wanted::Later;

use crate::caller::UserAssertion;
use crate::clock::Clock;
use crate::config::AsyncReplies;
use crate::spool::Received;
use crate::sqlite::SqliteError;
use deliver::Undelivered;
use schemas::ods_code::OdsCode;
use schemas::soap::Addressing;
use schemas::soap::fault::Fault;
use serde::{Deserialize, Serialize};
use spooled::{Folder, Packing, in_background};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Inserted, New, Store};
use tokio::sync::Notify;
use uuid::Uuid;

/// The database's name in a role's folder.
pub const DATABASE: &str = "async.db";

/// What one role has promised to answer. Clones share it.
#[derive(Clone)]
pub struct Asynchronous {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    folder: Folder,
    /// Where parts go that serving a request may remove.
    spool: PathBuf,
    list: AllowList,
    deadline: i64,
    retention: i64,
    memory_max: u64,
    tls: Arc<rustls::ClientConfig>,
    clock: Clock,
    wake: Notify,
}

/// Everything but the files that is needed to serve a request later.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Promise {
    /// The endpoint's path.
    pub path: String,
    pub transaction: String,
    pub organisation: OdsCode,
    pub system: String,
    pub address: SocketAddr,
    /// Who was verified when the request came: an assertion is not used twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserAssertion>,
    /// A UUID.
    pub correlation_id: String,
    pub later: Later,
}

/// What became of a request that wants its answer later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    New,
    /// It is here already, and not answered yet or wants no answer.
    Repeated,
    /// Answered before: the answer goes out again.
    Again,
}

fn failed(what: &str, error: impl std::fmt::Display) -> SqliteError {
    SqliteError::Failed(format!("{what}: {error}"))
}

impl Asynchronous {
    /// Opens a role's database and its folder of files, `async.db` and `async/`; what a stopped
    /// process left without a row is removed. Requests are served once [`run`] runs.
    pub fn open(
        folder: &Path,
        spool: PathBuf,
        settings: &AsyncReplies,
        tls: rustls::ClientConfig,
        clock: Clock,
        memory_max: u64,
    ) -> Result<Self, SqliteError> {
        let database = folder.join(DATABASE);
        let store = Store::open(&database)?;
        let folder = Folder { path: folder.join("async") };
        let known = store::ids(&database)?;
        std::fs::create_dir_all(&folder.path).map_err(|error| failed("async/", error))?;
        folder.sweep(&known).map_err(|error| failed("async/", error))?;
        let milliseconds = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX / 1000) * 1000;
        let inner = Inner {
            store,
            folder,
            spool,
            list: AllowList {
                addresses: settings.reply_to.clone(),
                private_networks: settings.private_networks.clone(),
            },
            deadline: milliseconds(settings.deadline_seconds),
            retention: milliseconds(settings.retention_seconds),
            memory_max,
            tls: Arc::new(tls),
            clock,
            wake: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    fn now(&self) -> i64 {
        self.inner.clock.now().as_millisecond()
    }

    /// Where a request wants its answer; `None` on its connection.
    pub(crate) fn wanted(&self, addressing: &Addressing) -> Result<Option<Later>, Fault> {
        wanted::wanted(&self.inner.list, addressing)
    }

    /// Refuses addresses that lead inside before anything is served; what cannot be resolved now
    /// may be later.
    pub(crate) async fn check(&self, later: &Later) -> Result<(), Fault> {
        let addresses = later.reply_to.iter().chain(later.fault_to.iter());
        for address in addresses {
            if let Err(Undelivered::Inside(_)) = deliver::resolve(&self.inner.list, address).await {
                return Err(Fault::only_anonymous(
                    "the host of wsa:ReplyTo or wsa:FaultTo resolves to an address inside this network, which is not listed ([async] private_networks)",
                ));
            }
        }
        Ok(())
    }

    /// Writes a request down, files first. When this returns it will be answered, whatever becomes
    /// of this process.
    pub(crate) async fn accept(
        &self,
        message_id: String,
        promise: Promise,
        received: Received,
    ) -> Result<Accepted, SqliteError> {
        let id = crate::ids::uuid();
        let inner = self.inner.clone();
        let packing = in_background(move || inner.folder.keep(id, received)).await;
        let inserted = match packing {
            Ok(packing) => self.insert(id, message_id, promise, &packing).await,
            Err(error) => Err(failed("the request was not kept", error)),
        };
        if !matches!(inserted, Ok(Inserted::New)) {
            let inner = self.inner.clone();
            let _ = in_background(move || inner.folder.remove(id)).await;
        }
        self.inner.wake.notify_one();
        match inserted? {
            Inserted::New => Ok(Accepted::New),
            Inserted::Repeated => Ok(Accepted::Repeated),
            Inserted::Again => Ok(Accepted::Again),
            Inserted::Full => Err(SqliteError::Busy),
        }
    }

    async fn insert(
        &self,
        id: Uuid,
        message_id: String,
        promise: Promise,
        packing: &Packing,
    ) -> Result<Inserted, SqliteError> {
        let json = |error: serde_json::Error| failed("the request was not kept", error);
        let now = self.now();
        let new = New {
            id,
            sender: format!("{}|{}", promise.organisation, promise.system),
            message_id,
            promise: serde_json::to_string(&promise).map_err(json)?,
            packing: serde_json::to_string(packing).map_err(json)?,
            now,
            give_up_at: now.saturating_add(self.inner.deadline),
        };
        self.inner.store.insert(new).await
    }
}
