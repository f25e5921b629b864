//! What consumers talk to: queries and retrieval behind the agreement.
//!
//! [`region`] is what organisations decided; [`decision`] applies it, pure; [`store`] keeps it;
//! `iti18` and `iti43` ask, decide, then answer. Only a [`decision::Permit`] opens an entry or
//! a document, and the audit record names the agreement version behind each.

pub mod agreement;
mod asking;
mod asserted;
pub mod break_glass;
pub mod conflicts;
mod coverage;
pub mod decision;
pub mod fallback;
pub mod gaps;
mod iti18;
mod iti43;
mod itk;
mod letter;
pub mod preference;
pub mod recall;
pub mod region;
pub mod relationship;
pub mod safeguarding;
mod seen;
mod sensitive;
pub mod simulate;
pub mod store;
mod superseded;
mod surroundings;

pub use itk::ItkEndpoint;

use async_trait::async_trait;
use node::actors::{Completeness, Query, Retrieve};
use node::audit::Fallback;
use node::caller::Caller;
use node::clock::Clock;
use node::endpoint::{Outcome, Refusal, SoapRequest, SoapService};
use node::outbox::Outbox;
use schemas::code_set::CodeSets;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use std::sync::Arc;
use store::GatewayStore;

/// The actor.
pub struct Gateway {
    pub store: GatewayStore,
    pub registry: Arc<dyn Query>,
    pub repository: Arc<dyn Retrieve>,
    /// What a list may lack, as the repository knows.
    pub completeness: Arc<dyn Completeness>,
    pub code_sets: Arc<CodeSets>,
    /// What it has to tell those who have read a document.
    pub outbox: Outbox,
    /// Who tells councils that a child protection entry was read.
    pub read_notices: Arc<safeguarding::ReadNotices>,
    /// Types that hold a decision on resuscitation.
    pub decision_types: Vec<conflicts::DecisionType>,
    pub clock: Clock,
    /// What a region may choose for urgent care when audit or agreements are out of reach.
    pub fallback: Option<Fallback>,
}

/// The gateway's door: every certificate may knock; who may see what is decided inside.
pub struct GatewayEndpoint {
    pub gateway: Arc<Gateway>,
}

#[async_trait]
impl SoapService for GatewayEndpoint {
    fn wsdl(&self) -> &'static str {
        schemas::wsdl::GATEWAY
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[Transaction::Iti18, Transaction::Iti43]
    }

    fn admit(&self, _caller: &Caller, _transaction: Option<Transaction>) -> Result<(), Fault> {
        Ok(())
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        Ok(match request.transaction {
            Transaction::Iti43 => iti43::handle(&self.gateway, request).await,
            _ => iti18::handle(&self.gateway, request).await,
        })
    }

    async fn ready(&self) -> Result<(), String> {
        self.gateway.store.region().map(|_| ()).map_err(|error| error.to_string())
    }
}
