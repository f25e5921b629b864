//! When a document is taken back: who had seen it, an incident that lists them, and a notice to each
//! organisation that may have a copy.
//!
//! [`plan`] decides, pure; [`notice`] words the message; [`watch`] sends what waits, follows what
//! became of it, and looks again for answers that were on their way when the document was taken
//! back. The incident and its notices are kept in [`crate::store::recall`].

pub mod endpoint;
pub mod notice;
mod outbox;
pub mod plan;
pub mod watch;

use crate::store::recall::{NewIncident, RecallStore};
use async_trait::async_trait;
use node::actors::{CallContext, NotAvailable, Recall, Recalled};
use node::audit::Readings;
use node::clock::Clock;
use node::sqlite::SqliteError;
pub use outbox::OutboxNotices;
pub(crate) use outbox::progress;
use plan::{Policy, Told};
use schemas::code_set::CodeSets;
use schemas::ods_code::OdsCode;
use schemas::recall::{Acknowledged, Reason, Withdrawn};
use std::sync::Arc;
use tokio::sync::Notify;

/// What carries notices to other organisations.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Durable on return; the same notice again changes nothing.
    async fn put(&self, notice: &notice::Notice) -> Result<(), String>;

    /// What has become of the notices of an incident.
    async fn progress(&self, incident: &str) -> Result<Vec<notice::Progress>, String>;

    /// Takes an acknowledgement that came to another process; whether it answers a notice.
    async fn acknowledged(&self, acknowledged: &Acknowledged) -> Result<bool, String>;
}

/// The gateway's part in a recall.
pub struct Recalls {
    pub store: RecallStore,
    pub readings: Readings,
    pub notices: Arc<dyn Notices>,
    pub policy: Policy,
    pub code_sets: Arc<CodeSets>,
    pub clock: Clock,
    /// The organisation that runs the hub.
    pub hub: OdsCode,
    /// Given when something waits to be sent.
    pub wake: Notify,
}

fn unavailable(error: SqliteError) -> NotAvailable {
    tracing::error!(%error, "a withdrawal could not be kept");
    NotAvailable("the gateway could not keep the withdrawal; tell it again".to_owned())
}

#[async_trait]
impl Recall for Recalls {
    async fn recall(
        &self,
        withdrawn: &Withdrawn,
        _context: &CallContext,
    ) -> Result<Recalled, NotAvailable> {
        let recalled = self.take(withdrawn).await.map_err(unavailable)?;
        self.wake.notify_one();
        Ok(recalled)
    }

    async fn acknowledged(
        &self,
        acknowledged: &Acknowledged,
        _context: &CallContext,
    ) -> Result<bool, NotAvailable> {
        let known = self.notices.acknowledged(acknowledged).await.map_err(NotAvailable)?;
        self.wake.notify_one();
        Ok(known)
    }
}

impl Recalls {
    async fn take(&self, withdrawn: &Withdrawn) -> Result<Recalled, SqliteError> {
        if self.store.knows(withdrawn.id).await? {
            return Ok(Recalled::Incident);
        }
        let unique_ids: Vec<String> =
            withdrawn.documents.iter().map(|document| document.unique_id.to_string()).collect();
        // What is recorded behind this place is looked at later.
        let seen = self.readings.newest().await?;
        let readings = self.readings.of(unique_ids.clone(), 0).await?;
        let told = self.told(&unique_ids, withdrawn.reason).await?;
        let affected = plan::plan(withdrawn, &readings, &told, &self.policy);
        let nobody = affected.iter().all(|one| one.state == plan::State::Own);
        let taken_at = self.clock.now().as_millisecond();
        let look_at = Some(taken_at + watch::LOOKS[0]);
        let incident =
            NewIncident { withdrawn: withdrawn.clone(), taken_at, seen, look_at, affected };
        self.store.keep(incident).await?;
        let quiet = nobody && withdrawn.reason != Reason::WrongPatient;
        Ok(if quiet { Recalled::NobodyRead } else { Recalled::Incident })
    }

    /// Who has been told the same of the same document before.
    async fn told(&self, unique_ids: &[String], reason: Reason) -> Result<Told, SqliteError> {
        let mut told = Told::default();
        for incident in self.store.about(unique_ids.to_vec()).await? {
            if incident.withdrawn.reason != reason {
                continue;
            }
            for one in incident.affected.iter().filter(|one| one.state.is_a_notice()) {
                let documents = incident.withdrawn.documents.iter();
                told.extend(documents.map(|d| (one.organisation.clone(), d.unique_id.clone())));
            }
        }
        Ok(told)
    }
}
