//! What is in quarantine only because tracing, or the registry, did not answer: taken along the road
//! again until it does, with growing pauses.

use super::quarantine::{carry_on, settle};
use crate::Repository;
use crate::front_door::State;
use node::audit::Audit;
use schemas::itk::ItkFault;
use std::sync::Arc;
use std::time::Duration;

/// The first pause, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// For as long as the hub runs.
pub async fn retrace(repository: Arc<Repository>, audit: Audit) {
    let (first, longest) = PAUSES;
    let mut pause = first;
    loop {
        tokio::time::sleep(pause).await;
        pause = match round(&repository, &audit).await {
            Ok(true) => first,
            Ok(false) => (pause * 2).min(longest),
            Err(fault) => {
                tracing::warn!(reason = %fault.diagnostic, "waiting messages cannot be taken along again");
                (pause * 2).min(longest)
            }
        };
    }
}

/// Each of those that wait; the first that has no answer yet ends the round, for the others would
/// have none either. Whether tracing answers as far as is known.
async fn round(repository: &Repository, audit: &Audit) -> Result<bool, ItkFault> {
    let waiting = repository.front_door.waiting().await.map_err(super::unable)?;
    for id in waiting {
        let found = repository.front_door.in_quarantine(id).await.map_err(super::unable)?;
        let Some((quarantined, payloads)) = found.filter(|(q, _)| q.state == State::Open) else {
            continue;
        };
        match carry_on(repository, audit, quarantined, payloads).await? {
            None => {}
            Some(doubt) if doubt.reason.is_passing() => return Ok(false),
            Some(doubt) => {
                let reason = Some(doubt.reason);
                settle(repository, id, State::Open, reason, doubt.explanation).await?;
            }
        }
    }
    Ok(true)
}
