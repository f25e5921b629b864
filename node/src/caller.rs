//! Who is at the other end: the certificate names a system (subject CN) and its own organisation (an
//! ODS code). Which organisation it acts for is said by the request and checked by
//! the service against the system's profile.

mod certificate;
pub mod fingerprint;
mod user;

pub use certificate::{PeerCertificate, PinnedCaller, PinnedCallers};
pub use fingerprint::Fingerprint;
pub use user::{Role, SDS_ROLE_SYSTEM, TransactionalFlag, UserAssertion};

use crate::tls::Trusted;
use schemas::ods_code::OdsCode;
use std::net::SocketAddr;

/// The other end of a connection, before anything was asked.
#[derive(Clone, Debug)]
pub struct Peer {
    pub address: SocketAddr,
    pub certificate: Option<PeerCertificate>,
    /// For a look at the certificate again while the connection lives.
    pub trusted: Option<Trusted>,
}

/// A system that proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub system: String,
    pub organisation: OdsCode,
    /// The organisation that the request says it acts for; not yet checked.
    pub claimed_for: Option<OdsCode>,
    pub address: SocketAddr,
    /// The person behind the system, where a verified assertion names one; without one the system
    /// acts under its registered profile.
    pub user: Option<UserAssertion>,
}

impl Caller {
    /// The organisation the request is for, if the profile allows it.
    pub fn asked_for(&self) -> &OdsCode {
        self.claimed_for.as_ref().unwrap_or(&self.organisation)
    }
}

/// The certificates that are the hub's own: one organisation, known system names.
#[derive(Clone, Debug)]
pub struct HubIdentity {
    pub ods: OdsCode,
    /// Whether the conformance client is let in (`watling serve --conformance`).
    pub conformance: bool,
}

/// Systems of the hub itself.
pub const REGISTRY_SYSTEM: &str = "watling-registry";
pub const REPOSITORY_SYSTEM: &str = "watling-repository";
pub const GATEWAY_SYSTEM: &str = "watling-gateway";
pub const OPERATOR_SYSTEM: &str = "watling-operator";

/// The system (subject CN) of the client by which others test a development hub.
pub const CONFORMANCE_SYSTEM: &str = "watling-conformance";

/// The organisation (subject OU) of the conformance client: invented, never issued, and no
/// organisation of any region. Its documents are published under this code.
pub fn conformance_ods() -> OdsCode {
    OdsCode::parse("ZZT99").unwrap_or_else(|_| unreachable!("it is an ODS code"))
}

impl HubIdentity {
    fn is(&self, caller_system: &str, organisation: &OdsCode, system: &str) -> bool {
        *organisation == self.ods && caller_system == system
    }

    pub fn is_repository(&self, caller: &Caller) -> bool {
        self.is(&caller.system, &caller.organisation, REPOSITORY_SYSTEM)
    }

    pub fn is_gateway(&self, caller: &Caller) -> bool {
        self.is(&caller.system, &caller.organisation, GATEWAY_SYSTEM)
    }

    pub fn is_service(&self, caller: &Caller) -> bool {
        [REGISTRY_SYSTEM, REPOSITORY_SYSTEM, GATEWAY_SYSTEM]
            .iter()
            .any(|system| self.is(&caller.system, &caller.organisation, system))
    }

    /// The client that may speak every transaction to registry and repository directly: known in
    /// conformance mode only, which a live hub refuses.
    pub fn is_conformance(&self, caller: &Caller) -> bool {
        self.conformance
            && caller.system == CONFORMANCE_SYSTEM
            && caller.organisation == conformance_ods()
    }

    pub fn is_operator(&self, certificate: &PeerCertificate) -> bool {
        let organisation = certificate.organisation.as_ref();
        organisation.is_some_and(|ods| self.is(&certificate.system, ods, OPERATOR_SYSTEM))
    }
}
