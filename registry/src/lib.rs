//! Document Registry: indexes metadata, answers queries.
//!
//! [`iti42`] registers, [`iti18`] answers, [`iti8`] and [`iti44`] hear who the patients are; `admission` and `lifecycle` decide what a submission
//! does, as pure functions; [`store`] keeps the index and names no transaction.

mod admission;
mod attempt;
pub mod destruction;
pub mod duplicates;
pub mod identity;
pub mod iti18;
pub mod iti42;
pub mod iti44;
pub mod iti57;
pub mod iti62;
pub mod iti8;
mod kept;
mod lifecycle;
mod relating;
pub mod retention;
pub mod store;
pub mod withdrawal;

pub use lifecycle::CoAuthors;

use async_trait::async_trait;
use identity::Identities;
use lifecycle::Deciding;
use node::caller::{Caller, HubIdentity};
use node::clock::Clock;
use node::endpoint::{Outcome, Refusal, SoapRequest, SoapService};
use retention::Keeping;
use schemas::code_set::CodeSets;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use schemas::update::UpdateKind;
use std::sync::Arc;
use store::retention::RetentionStore;
use store::{Store, StoreError};

/// Whose numbers are taken: a live hub refuses synthetic ones unless they are listed.
#[derive(Clone, Debug)]
pub enum Patients {
    Development,
    Live { synthetic_allowed: Vec<NhsNumber> },
}

/// Which patients of the affinity domain documents can be registered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KnownPatients {
    /// Every valid NHS number.
    #[default]
    Any,
    /// Those that a patient identity feed has named (ITI TF-1 10.4.10): nobody before the first.
    Feed,
}

/// What a submission gets that is registered already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resubmission {
    /// Success again, and nothing changes: a sender that lost the answer may ask again.
    #[default]
    Replay,
    /// XDSDuplicateUniqueIdInRegistry, to the letter of ITI TF-2 3.42.
    Refuse,
}

/// The actor.
pub struct Registry {
    pub store: Arc<dyn Store>,
    pub identity: Identities,
    pub retained: Arc<dyn RetentionStore>,
    pub keeping: Keeping,
    pub code_sets: Arc<CodeSets>,
    pub clock: Clock,
    pub resubmission: Resubmission,
    pub results_max: u32,
    pub co_authors: CoAuthors,
}

impl Registry {
    fn deciding(&self) -> Deciding<'_> {
        Deciding {
            code_sets: &self.code_sets,
            co_authors: &self.co_authors,
            resubmission: self.resubmission,
            now: self.clock.dtm(),
            fresh: node::ids::entry_uuid,
        }
    }
}

/// The registry's door on the network: only the hub's own services may knock, publishers for the
/// metadata of their own documents, and in conformance mode its client.
pub struct RegistryEndpoint {
    pub registry: Arc<Registry>,
    pub hub: HubIdentity,
    pub administrators: Vec<Administrator>,
}

/// A publisher's system: it may update and remove the metadata of what its organisation has
/// published, and register on-demand documents.
#[derive(Clone, Debug)]
pub struct Administrator {
    pub organisation: OdsCode,
    /// The certificate's CN; any of the organisation's where it is absent.
    pub system: Option<String>,
}

impl Administrator {
    fn is(&self, caller: &Caller) -> bool {
        self.organisation == caller.organisation
            && self.system.as_ref().is_none_or(|system| *system == caller.system)
    }
}

#[async_trait]
impl SoapService for RegistryEndpoint {
    fn wsdl(&self) -> &'static str {
        schemas::wsdl::REGISTRY
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[
            Transaction::Iti42,
            Transaction::Iti18,
            Transaction::Iti57,
            Transaction::Iti61,
            Transaction::Iti62,
            Transaction::Iti92,
        ]
    }

    fn admit(&self, caller: &Caller, transaction: Option<Transaction>) -> Result<(), Fault> {
        let administers = || self.administrators.iter().any(|other| other.is(caller));
        let allowed = match transaction {
            _ if self.hub.is_conformance(caller) => true,
            None => self.hub.is_service(caller) || administers(),
            Some(Transaction::Iti42) => self.hub.is_repository(caller),
            Some(Transaction::Iti57) if self.hub.is_repository(caller) => true,
            Some(
                Transaction::Iti57 | Transaction::Iti61 | Transaction::Iti62 | Transaction::Iti92,
            ) => administers(),
            Some(_) => self.hub.is_service(caller),
        };
        if allowed {
            return Ok(());
        }
        Err(Fault::forbidden(format!(
            "{} ({}) may not use the registry for this: publishers send ITI-41 to the repository and administer their own metadata here by ITI-57, 61, 62 and 92; consumers ask the gateway",
            caller.organisation, caller.system
        )))
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        Ok(match request.transaction {
            Transaction::Iti42 | Transaction::Iti61 => {
                iti42::handle(&self.registry, &self.hub, request).await
            }
            Transaction::Iti57 => {
                iti57::handle(&self.registry, &self.hub, request, UpdateKind::Full).await
            }
            Transaction::Iti92 => {
                iti57::handle(&self.registry, &self.hub, request, UpdateKind::Restricted).await
            }
            Transaction::Iti62 => iti62::handle(&self.registry, request).await,
            _ => iti18::handle(&self.registry, &self.hub, request).await,
        })
    }

    async fn ready(&self) -> Result<(), String> {
        self.registry.store.ready().await.map_err(|error| error.to_string())
    }
}

/// The profile's error for a store that failed; what the store said is for the log.
fn store_error(error: &StoreError) -> XdsError {
    match error {
        StoreError::Busy | StoreError::Conflict => XdsError::new(
            XdsErrorCode::RegistryBusy,
            "the registry is busy; send the request again",
        ),
        StoreError::TooMany => XdsError::new(
            XdsErrorCode::TooManyResults,
            "more objects match than the registry answers",
        ),
        StoreError::Failed(reason) => {
            tracing::error!(%reason, "registry store failed");
            XdsError::new(
                XdsErrorCode::Registry,
                "the registry's store failed; nothing was changed",
            )
        }
    }
}
