//! The road inward: bytes, limits, envelope, action, service, audit, bytes.
//!
//! A service sees a [`SoapRequest`] and gives an [`Outcome`]; everything around it is here, once.
//! Every outcome is recorded before its first byte leaves: an answer that cannot be audited is not
//! given.

mod http;
mod later;
pub mod page;
mod person;
mod reply;
mod serve;

pub use http::{Mounted, mount};
pub use reply::{DocumentsReply, Leave, Reply, TakenBack};
pub(crate) use reply::{HttpBody, HttpReply};
pub(crate) use serve::identify;

use crate::asynchronous::Asynchronous;
use crate::audit::{Audit, AuditEvent};
use crate::caller::{Caller, HubIdentity};
use crate::clock::Clock;
use crate::config::{Limits, SamlHeader};
use crate::spool::Received;
use crate::xua::Xua;
use async_trait::async_trait;
use schemas::itk::ItkFault;
use schemas::soap::Envelope;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

/// What every service of one process shares.
pub struct Node {
    pub clock: Clock,
    pub limits: Limits,
    /// What becomes of an assertion where none can be verified.
    pub saml_header: SamlHeader,
    /// Who verifies assertions, where the configuration trusts an issuer.
    pub xua: Option<Xua>,
    pub hub: HubIdentity,
    /// The multi-threaded runtime on which services run; actix workers only read and write.
    pub runtime: tokio::runtime::Handle,
    /// Large parts of requests wait here.
    pub spool: PathBuf,
    /// What the role has promised to answer on connections of its own.
    pub asynchronous: Asynchronous,
}

/// A request as a service sees it.
pub struct SoapRequest<'d> {
    pub transaction: Transaction,
    pub envelope: Envelope<'d>,
    pub caller: &'d Caller,
    pub received: &'d Received,
    pub correlation_id: Uuid,
}

/// An answer and the record of it.
pub struct Outcome {
    pub reply: Reply,
    pub audit: AuditEvent,
}

/// A request that gets a fault instead of an answer.
#[derive(Clone, Debug)]
pub enum Refusal {
    Soap(Fault),
    Itk(ItkFault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Soap(fault)
    }
}

impl From<ItkFault> for Refusal {
    fn from(fault: ItkFault) -> Self {
        Self::Itk(fault)
    }
}

/// Which words an endpoint uses for its faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SOAP 1.2, WS-Addressing actions of IHE.
    Xds,
    /// SOAP 1.1 or 1.2, ToolkitErrorInfo.
    Itk,
}

/// One SOAP endpoint of a service.
#[async_trait]
pub trait SoapService: Send + Sync {
    fn dialect(&self) -> Dialect {
        Dialect::Xds
    }

    /// The WSDL with `ADDRESS` where the endpoint's own address goes.
    fn wsdl(&self) -> &'static str;

    fn transactions(&self) -> &'static [Transaction];

    /// Whether this system may use this transaction here at all; asked before the body is read.
    fn admit(&self, caller: &Caller, transaction: Option<Transaction>) -> Result<(), Fault>;

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal>;

    /// Whether the service can do its work now.
    async fn ready(&self) -> Result<(), String>;
}

/// An endpoint with its place and its audit chain.
#[derive(Clone)]
pub struct Endpoint {
    pub path: &'static str,
    pub service: Arc<dyn SoapService>,
    pub audit: Audit,
    pub node: Arc<Node>,
}
