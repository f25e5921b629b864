//! Who shows an assertion: what the connection proves, and what the request says beside it.

use crate::caller::{Caller, Fingerprint, Peer};
use schemas::ods_code::OdsCode;
use std::net::IpAddr;

#[derive(Clone, Debug)]
pub struct Presented {
    /// The organisation of the client certificate.
    pub organisation: OdsCode,
    /// The organisation that the request says it acts for.
    pub acting_for: Option<OdsCode>,
    /// SHA-256 of the client certificate.
    pub certificate: Option<Fingerprint>,
    pub address: IpAddr,
}

impl Presented {
    pub fn by(caller: &Caller, peer: &Peer) -> Self {
        Self {
            organisation: caller.organisation.clone(),
            acting_for: caller.claimed_for.clone(),
            certificate: peer.certificate.as_ref().map(|certificate| certificate.fingerprint),
            address: peer.address.ip(),
        }
    }
}
