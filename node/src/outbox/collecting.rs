//! All outboxes of a process, for whoever comes to the hub: organisations that collect what waits for
//! them, and acknowledgements of what was sent.

use super::answer::Acknowledgement;
use super::directory::ServiceStyle;
use super::store::Due;
use super::{Outbox, Unmatched};
use crate::actors::{CallContext, Recall};
use crate::sqlite::SqliteError;
use schemas::ods_code::OdsCode;
use schemas::recall::Acknowledged;
use std::sync::{Arc, RwLock};
use uuid::Uuid;

/// Messages handed out at once.
const COLLECTED_MAX: usize = 100;

/// The outboxes of one process, in the order they were added. Clones share them.
#[derive(Clone, Default)]
pub struct Outboxes {
    all: Arc<RwLock<Vec<Outbox>>>,
    /// The gateway of another process: what comes may answer a notice that it has sent.
    gateway: Arc<RwLock<Option<Arc<dyn Recall>>>>,
}

/// A message that is handed out until it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    pub handle: Uuid,
    /// The whole service id.
    pub service: String,
    /// The Distribution Envelope.
    pub envelope: String,
}

impl Collected {
    fn of(due: &Due) -> Self {
        let envelope = due.message.envelope(&due.shown.address, ServiceStyle::Specific);
        Self { handle: due.shown.id, service: envelope.service.clone(), envelope: envelope.write() }
    }
}

impl Outboxes {
    pub fn add(&self, outbox: Outbox) {
        self.all.write().unwrap_or_else(std::sync::PoisonError::into_inner).push(outbox);
    }

    /// Asks this gateway too whether an acknowledgement answers one of its notices.
    pub fn ask(&self, gateway: Arc<dyn Recall>) {
        let mut known = self.gateway.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *known = Some(gateway);
    }

    fn all(&self) -> Vec<Outbox> {
        self.all.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Hands out what waits for these organisations and has no endpoint to go to, at most `most`;
    /// what is not confirmed comes again after its time. `service` is a specific service without
    /// its prefix.
    pub async fn collect(
        &self,
        of: &[OdsCode],
        service: Option<&str>,
        most: usize,
    ) -> Result<Vec<Collected>, SqliteError> {
        let mut left = most.min(COLLECTED_MAX);
        let mut found = Vec::new();
        for outbox in self.all() {
            let inner = &outbox.inner;
            let of = of.iter().filter(|ods| inner.directory.find(ods).is_none()).cloned();
            let now = outbox.now();
            let visible =
                i64::try_from(inner.settings.visibility_seconds).unwrap_or(i64::MAX / 1000);
            let again_at = now.saturating_add(visible.saturating_mul(1000));
            let service = service.map(str::to_owned);
            let due = inner.store.collect(of.collect(), service, left, now, again_at).await?;
            left -= due.len();
            found.extend(due.iter().map(Collected::of));
        }
        Ok(found)
    }

    /// Takes the confirmations of these organisations; the handles that are none of theirs.
    pub async fn confirm(
        &self,
        of: &[OdsCode],
        handles: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, SqliteError> {
        let mut left = handles;
        for outbox in self.all() {
            left = outbox.inner.store.confirm(of.to_vec(), left, outbox.now()).await?;
        }
        Ok(left)
    }

    /// Writes an acknowledgement beside what it answers. One that answers nothing is kept, to be
    /// reported; `false` then.
    pub async fn acknowledge(&self, acknowledgement: Acknowledgement) -> Result<bool, SqliteError> {
        if self.acknowledge_here(&acknowledgement).await?
            || self.elsewhere(&acknowledgement).await?
        {
            return Ok(true);
        }
        if let Some(first) = self.all().first() {
            first.inner.store.keep_unmatched(acknowledgement, first.now()).await?;
        }
        Ok(false)
    }

    /// Where one of this process's outboxes has sent what is answered.
    pub async fn acknowledge_here(
        &self,
        acknowledgement: &Acknowledgement,
    ) -> Result<bool, SqliteError> {
        for outbox in &self.all() {
            let now = outbox.now();
            if outbox.inner.store.acknowledge(acknowledgement.clone(), now).await? {
                outbox.inner.wake.notify_one();
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A gateway that cannot be asked is an error: the acknowledgement comes again.
    async fn elsewhere(&self, acknowledgement: &Acknowledgement) -> Result<bool, SqliteError> {
        let known = self.gateway.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let Some(gateway) = known else { return Ok(false) };
        let context = CallContext { correlation_id: crate::ids::uuid() };
        let said = Acknowledged {
            level: acknowledgement.level.name().to_owned(),
            senders: acknowledgement.senders.clone(),
            tracking_id: acknowledgement.tracking_id.clone(),
            tracking_id_ref: acknowledgement.tracking_id_ref.clone(),
            answer: acknowledgement.answer.clone(),
        };
        let told = gateway.acknowledged(&said, &context).await;
        told.map_err(|error| SqliteError::Failed(error.to_string()))
    }

    /// Acknowledgements that answer nothing of the hub's, oldest first.
    pub async fn unmatched(&self) -> Result<Vec<Unmatched>, SqliteError> {
        match self.all().first() {
            Some(first) => first.inner.store.unmatched().await,
            None => Ok(Vec::new()),
        }
    }
}
