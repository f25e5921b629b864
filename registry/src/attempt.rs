//! Read, decide, commit; and again where what was read no longer holds.

use crate::identity::may_register;
use crate::store::{Changes, Existing, References, StoreError};
use crate::{Registry, store_error};
use schemas::error::XdsError;
use std::time::Duration;

/// A patient whose index changed between reading and committing is read again, this often.
const ATTEMPTS_MAX: u32 = 16;

/// What a decision comes to: changes to commit (or none), or why not.
pub(crate) type Decided = Result<Option<Box<Changes>>, Vec<XdsError>>;

/// The errors of a decision; without one its changes are durable, with one nothing has changed.
pub(crate) async fn attempt(
    registry: &Registry,
    references: &References,
    decide: impl Fn(&Existing) -> Decided,
) -> Vec<XdsError> {
    for attempt in 0..ATTEMPTS_MAX {
        match once(registry, references, &decide).await {
            Ok(errors) => return errors,
            Err(StoreError::Conflict) => {
                tokio::time::sleep(Duration::from_millis(u64::from(attempt))).await;
            }
            Err(error) => return vec![store_error(&error)],
        }
    }
    vec![store_error(&StoreError::Conflict)]
}

async fn once(
    registry: &Registry,
    references: &References,
    decide: &impl Fn(&Existing) -> Decided,
) -> Result<Vec<XdsError>, StoreError> {
    let existing = registry.store.existing(references).await?;
    match decide(&existing) {
        Ok(None) => Ok(Vec::new()),
        Ok(Some(changes)) => {
            // What is removed may be any patient's; what is new, only one's who stands for itself.
            let patient = existing.patient.as_ref().filter(|_| changes.patient_id.is_some());
            if let Some(Err(error)) = patient.map(|known| may_register(&registry.identity, known)) {
                return Ok(vec![error]);
            }
            registry.store.commit(*changes).await.map(|()| Vec::new())
        }
        Err(errors) => Ok(errors),
    }
}
