//! After a crash, and every minute: rows that are pending are settled with the registry, and bytes
//! that nothing names are removed once they are an hour old.

use crate::Repository;
use crate::index::{DocumentKey, Index};
use crate::objects::{ObjectStore, Sha256};
use node::actors::CallContext;
use node::sqlite::SqliteError;
use schemas::query::StoredQuery;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const UNREFERENCED_SECONDS: u64 = 3600;

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    pub registered: usize,
    pub released: usize,
    pub objects_removed: usize,
}

/// Settles pending rows that are old enough, a thousand at a time: registered stays, the rest goes. A younger row may
/// belong to a registration that is still under way at the registry.
pub async fn settle(repository: &Repository, age_seconds: i64) -> Result<Recovered, String> {
    let mut recovered = Recovered::default();
    let before = repository.clock.now() - jiff::SignedDuration::from_secs(age_seconds);
    let before = schemas::dtm::Dtm::from_timestamp(before).to_string();
    let pending =
        repository.index.pending(before.clone()).await.map_err(|error| error.to_string())?;
    for key in pending {
        let registered = is_registered(repository, &key).await?;
        let settled = repository.index.settle(key, registered, before.clone()).await;
        settled.map_err(|error| error.to_string())?;
        recovered.registered += usize::from(registered);
        recovered.released += usize::from(!registered);
    }
    Ok(recovered)
}

async fn is_registered(repository: &Repository, key: &DocumentKey) -> Result<bool, String> {
    let query = StoredQuery::documents(vec![key.unique_id.clone()]);
    let context = CallContext { correlation_id: node::ids::uuid() };
    let answer =
        repository.query.query(&query, &context).await.map_err(|error| error.to_string())?;
    if let Some(error) = answer.errors.iter().find(|error| error.is_error()) {
        return Err(error.to_string());
    }
    let own = |entry: &schemas::metadata::FoundEntry| {
        entry.facts.repository_unique_id == key.repository_unique_id
    };
    Ok(answer.entries.iter().any(own))
}

/// Removes unreferenced objects that are old enough.
pub async fn sweep(repository: &Repository) -> Result<usize, String> {
    let before = SystemTime::now() - Duration::from_secs(UNREFERENCED_SECONDS);
    let candidates =
        repository.objects.older_than(before).await.map_err(|error| error.to_string())?;
    let swept = repository.index.sweep(repository.objects.clone(), candidates, before).await;
    swept.map_err(|error| error.to_string())
}

/// A refusal or a removal leaves nothing behind: bytes that no document names go at once. Where the
/// registry's answer is unknown, the document's row stands and keeps them.
pub(crate) async fn discard(repository: &Repository, objects: Vec<Sha256>) {
    if let Err(error) = sweep_now(&repository.index, &repository.objects, objects).await {
        tracing::warn!(%error, "bytes of a refused or removed document are left to the next sweep");
    }
}

/// Removes those of the objects that no document names, however young.
pub(crate) async fn sweep_now(
    index: &Index,
    objects: &Arc<dyn ObjectStore>,
    candidates: Vec<Sha256>,
) -> Result<usize, SqliteError> {
    let any_age = SystemTime::now() + Duration::from_secs(60);
    index.sweep(objects.clone(), candidates, any_age).await
}

/// Rows younger than this are left to whoever stored them.
const SETTLE_SECONDS: i64 = 300;

/// Settles what a stopped process left behind; to be called before the first request is taken.
/// With a registry in the same process nothing can be under way, so age does not matter.
pub async fn begin(
    repository: &Repository,
    registry_in_process: bool,
) -> Result<Recovered, String> {
    repository.index.forget_holds().await.map_err(|error| error.to_string())?;
    if !registry_in_process {
        return Ok(Recovered::default());
    }
    let mut all = Recovered::default();
    loop {
        let round = settle(repository, 0).await?;
        if round == Recovered::default() {
            return Ok(all);
        }
        all.registered += round.registered;
        all.released += round.released;
    }
}

/// Runs beside the service.
pub async fn run(repository: Arc<Repository>) {
    let mut round = 0u32;
    loop {
        match settle(&repository, SETTLE_SECONDS).await {
            Ok(done) if done != Recovered::default() => {
                tracing::info!(
                    registered = done.registered,
                    released = done.released,
                    "recovery settled documents"
                );
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "recovery will try again"),
        }
        if round.is_multiple_of(60)
            && let Err(error) = sweep(&repository).await
        {
            tracing::warn!(%error, "unreferenced objects not removed");
        }
        round += 1;
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}
