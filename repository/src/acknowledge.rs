//! Acknowledgements that a sender asked for, put where they are durable before it is answered.

use crate::Repository;
use crate::arrival::{Arrival, Disposition};
use schemas::itk::ItkFault;

/// Called for every accepted message, replays included (what was put before is not put again), and
/// again when it leaves quarantine. A quarantined message gets its business acknowledgement as AE.
pub(crate) async fn acknowledge(
    _repository: &Repository,
    _arrival: &Arrival,
    _disposition: &Disposition,
) -> Result<(), ItkFault> {
    Ok(())
}

/// Called where an accepted message is refused after all: it was dropped from quarantine. Its
/// business acknowledgement is AR.
pub(crate) async fn reject(
    _repository: &Repository,
    _arrival: &Arrival,
    _fault: &ItkFault,
) -> Result<(), ItkFault> {
    Ok(())
}
