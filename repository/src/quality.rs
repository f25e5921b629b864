//! Quality events: what became of each message, counted per publisher.

use crate::Repository;
use crate::arrival::{Arrival, Disposition};

/// Called for every accepted message once it is durable.
pub(crate) async fn record(
    _repository: &Repository,
    _arrival: &Arrival,
    _disposition: &Disposition,
) {
}
