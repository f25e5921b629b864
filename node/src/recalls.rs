//! Bringing withdrawals to the gateway: whoever takes a document back keeps the withdrawal in the
//! transaction that does it, and it goes from there when the gateway has taken it.

use crate::actors::{CallContext, NotAvailable, Recall};
use async_trait::async_trait;
use schemas::recall::Withdrawn;
use schemas::xml::{Document, Limits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// A withdrawal that waits, in the words of [`Withdrawn::write`].
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: Uuid,
    pub body: String,
}

/// How many are taken at once.
const AT_ONCE: u32 = 100;
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Also without a sign somebody may have left one: a process that stopped before it gave the sign.
const LOOK: Duration = Duration::from_secs(30);

/// A store that keeps withdrawals until they are taken.
#[async_trait]
pub trait Withdrawals: Send + Sync {
    /// The oldest that wait.
    async fn waiting(&self, limit: u32) -> Result<Vec<Waiting>, String>;

    async fn taken(&self, id: Uuid) -> Result<(), String>;

    /// Given when one is kept.
    fn sign(&self) -> Arc<Notify>;
}

/// Brings what waits to the gateway, for as long as the process lives.
pub async fn run(service: &'static str, from: Arc<dyn Withdrawals>, to: Arc<dyn Recall>) {
    let sign = from.sign();
    let mut pause = PAUSE_MIN;
    loop {
        match bring(from.as_ref(), to.as_ref()).await {
            Ok(0) => {
                pause = PAUSE_MIN;
                let _ = tokio::time::timeout(LOOK, sign.notified()).await;
            }
            Ok(_) => pause = PAUSE_MIN,
            Err(reason) => {
                tracing::warn!(service, %reason, "the gateway has not taken a withdrawal yet");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// Brings the oldest; how many were taken. One that cannot be read does not stand in the others' way.
async fn bring(from: &dyn Withdrawals, to: &dyn Recall) -> Result<usize, String> {
    let mut count = 0;
    for one in from.waiting(AT_ONCE).await? {
        let context = CallContext { correlation_id: one.id };
        let withdrawn = match read(&one.body) {
            Ok(withdrawn) => withdrawn,
            Err(reason) => {
                tracing::error!(id = %one.id, %reason, "a kept withdrawal cannot be read");
                continue;
            }
        };
        let told = to.recall(&withdrawn, &context).await;
        told.map_err(|NotAvailable(reason)| reason)?;
        from.taken(one.id).await?;
        count += 1;
    }
    Ok(count)
}

fn read(body: &str) -> Result<Withdrawn, String> {
    let document = Document::parse(body, &Limits::default()).map_err(|error| error.to_string())?;
    Withdrawn::read(document.root()).map_err(|error| error.to_string())
}
