//! Whose document it is: the gate before anything is indexed.

use crate::Repository;
use crate::arrival::Envelope;
use crate::front_door::Reason;
use node::actors::CallContext;
use schemas::cda::CdaHeader;
use schemas::nhs_number::NhsNumber;

/// A number that may be indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    pub number: NhsNumber,
}

/// Whether the document's patient is who its header says. `number` is the header's own number
/// where it has a valid one, with whether the sender had traced it; else why it has none.
pub(crate) async fn check(
    _repository: &Repository,
    _envelope: &Envelope,
    _header: &CdaHeader,
    number: Result<(NhsNumber, bool), Reason>,
    _call: &CallContext,
) -> Result<Verified, Reason> {
    match number? {
        (number, true) => Ok(Verified { number }),
        (_, false) => Err(Reason::Untraced),
    }
}
