//! Quality events: what became of each message, counted per publisher.

use crate::Repository;
use crate::arrival::{Arrival, Disposition, Route};
use schemas::ods_code::OdsCode;

/// Called for every accepted message once it is durable.
pub(crate) async fn record(
    _repository: &Repository,
    _arrival: &Arrival,
    _disposition: &Disposition,
) {
}

/// Called for what was refused before it became a message.
pub(crate) async fn refused(_repository: &Repository, _route: Route, _publisher: &OdsCode) {}
