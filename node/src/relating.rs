//! Bringing news of patients to the gateway: the registry keeps what a feed, a merge or a document
//! says in the transaction that accepts it, and it goes from there when the gateway has taken it. In
//! order: what ended did not begin after it.

use crate::actors::{CallContext, NotAvailable, Relate};
use crate::recalls::Waiting;
use async_trait::async_trait;
use schemas::relationship::Told;
use schemas::xml::{Document, Limits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// How many are taken at once.
const AT_ONCE: u32 = 100;
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Also without a sign: `watling patient merge` keeps news in a process of its own.
const LOOK: Duration = Duration::from_millis(500);

/// A store that keeps news until it is taken.
#[async_trait]
pub trait Tellings: Send + Sync {
    /// The oldest that wait.
    async fn waiting(&self, limit: u32) -> Result<Vec<Waiting>, String>;

    async fn taken(&self, id: Uuid) -> Result<(), String>;

    /// Given when something is kept.
    fn sign(&self) -> Arc<Notify>;
}

/// Brings what waits to the gateway, for as long as the process lives.
pub async fn run(service: &'static str, from: Arc<dyn Tellings>, to: Arc<dyn Relate>) {
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
                tracing::warn!(service, %reason, "the gateway has not taken news of a patient yet");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// Brings the oldest; how many were taken. One that cannot be read is put on the log and dropped: it
/// would never become readable, and the later ones wait behind it.
async fn bring(from: &dyn Tellings, to: &dyn Relate) -> Result<usize, String> {
    let mut count = 0;
    for one in from.waiting(AT_ONCE).await? {
        match read(&one.body) {
            Ok(told) => {
                let context = CallContext { correlation_id: one.id };
                let taken = to.relate(&told, &context).await;
                taken.map_err(|NotAvailable(reason)| reason)?;
            }
            Err(reason) => tracing::error!(id = %one.id, %reason, "kept news cannot be read"),
        }
        from.taken(one.id).await?;
        count += 1;
    }
    Ok(count)
}

fn read(body: &str) -> Result<Told, String> {
    let document = Document::parse(body, &Limits::default()).map_err(|error| error.to_string())?;
    Told::read(document.root()).map_err(|error| error.to_string())
}
