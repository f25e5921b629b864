//! Document Repository: keeps bytes, registers them.
//!
//! `iti41` and `itk` provide, `iti43` retrieves, `iti86` removes. [`arrival`] is the road of a message;
//! `provide` is the one road from received documents to a registered submission; [`objects`] keeps
//! bytes, [`index`] knows which document is which object, [`front_door`] which message was answered.

pub mod acknowledge;
pub mod arrival;
pub mod completeness;
pub mod destruction;
pub mod front_door;
pub mod identity;
pub mod index;
pub mod intake;
mod iti41;
mod iti43;
mod iti86;
mod itk;
pub mod objects;
mod provide;
pub mod quality;
pub mod recovery;
pub mod removal;
pub mod restricted;
pub mod senders;
pub mod trace;
mod unique_ids;
pub mod withdrawal;

pub use unique_ids::RepositoryUniqueIds;

use async_trait::async_trait;
use front_door::FrontDoor;
use index::Index;
use intake::Intake;
use node::actors::{Query, Register, Retain, Update};
use node::caller::{Caller, HubIdentity};
use node::clock::Clock;
use node::endpoint::{Dialect, Outcome, Refusal, SoapRequest, SoapService};
use objects::ObjectStore;
use schemas::code_set::CodeSets;
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A system that may publish.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// The organisation of the system's certificate (subject OU).
    pub ods: OdsCode,
    /// The system (subject CN); any of the organisation's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Other organisations that this system publishes for.
    #[serde(default)]
    pub acts_for: Vec<OdsCode>,
    /// Other ODS codes that may stand in its messages: sites, former codes.
    #[serde(default)]
    pub speaks_for: Vec<OdsCode>,
}

/// The actor.
pub struct Repository {
    pub unique_ids: RepositoryUniqueIds,
    /// The hub's own arc: identifiers that it issues stand below it.
    pub oid_root: Oid,
    pub publishers: Vec<Publisher>,
    pub intake: Intake,
    pub objects: Arc<dyn ObjectStore>,
    pub index: Index,
    pub front_door: FrontDoor,
    pub acknowledging: acknowledge::Acknowledging,
    /// What the region decided about messages.
    pub rules: arrival::Rules,
    /// Content whose confidentiality has a ceiling.
    pub restrictions: restricted::Restrictions,
    pub turns: arrival::Turns,
    /// What must be kept whatever its publisher wants.
    pub retain: Arc<dyn Retain>,
    pub registry: Arc<dyn Register>,
    pub update: Arc<dyn Update>,
    pub query: Arc<dyn Query>,
    /// Who knows whose numbers are whose.
    pub tracing: identity::Tracing,
    /// Whose silence is unusual.
    pub silences: completeness::Silences,
    pub code_sets: Arc<CodeSets>,
    pub clock: Clock,
}

/// A caller whose profile allows it to publish for the organisation it asked for.
pub(crate) struct Submitter<'a> {
    pub profile: &'a Publisher,
    pub ods: OdsCode,
}

impl Submitter<'_> {
    /// Whether messages of this submitter may carry an ODS code.
    pub fn may_speak_for(&self, ods: &OdsCode) -> bool {
        *ods == self.ods || self.profile.ods == *ods || self.profile.speaks_for.contains(ods)
    }

    /// Every organisation whose messages this submitter may collect and answer, its own first.
    pub fn speaks_for(&self) -> Vec<OdsCode> {
        let profile = self.profile;
        let mut all = vec![self.ods.clone(), profile.ods.clone()];
        all.extend(profile.acts_for.iter().chain(&profile.speaks_for).cloned());
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|ods| seen.insert(ods.clone()));
        all
    }
}

impl Repository {
    fn profile(&self, caller: &Caller) -> Option<&Publisher> {
        let of_caller = |publisher: &&Publisher| {
            publisher.ods == caller.organisation
                && publisher.system.as_ref().is_none_or(|system| *system == caller.system)
        };
        self.publishers.iter().find(of_caller)
    }

    /// The submitter, or the fault that says what its profile lacks.
    pub(crate) fn submitter(&self, caller: &Caller) -> Result<Submitter<'_>, Fault> {
        let profile = self.profile(caller).ok_or_else(|| not_a_publisher(caller))?;
        let ods = caller.asked_for();
        if *ods != profile.ods && !profile.acts_for.contains(ods) {
            return Err(Fault::forbidden(format!(
                "{} ({}) may not publish for {ods}: its profile lists other organisations",
                caller.organisation, caller.system
            )));
        }
        Ok(Submitter { profile, ods: ods.clone() })
    }
}

fn not_a_publisher(caller: &Caller) -> Fault {
    Fault::forbidden(format!(
        "{} ({}) is not a publisher of this repository ([repository] publishers): consumers retrieve documents from the gateway",
        caller.organisation, caller.system
    ))
}

/// ITI-41 and ITI-86 for publishers, ITI-43 for the hub's own services: documents leave through the
/// gateway. In conformance mode its client is a publisher (by its profile) that retrieves as well.
pub struct RepositoryEndpoint {
    pub repository: Arc<Repository>,
    pub hub: HubIdentity,
}

#[async_trait]
impl SoapService for RepositoryEndpoint {
    fn wsdl(&self) -> &'static str {
        schemas::wsdl::REPOSITORY
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[Transaction::Iti41, Transaction::Iti43, Transaction::Iti86]
    }

    fn admit(&self, caller: &Caller, transaction: Option<Transaction>) -> Result<(), Fault> {
        match transaction {
            None if self.hub.is_service(caller) => Ok(()),
            Some(Transaction::Iti43) if self.hub.is_service(caller) => Ok(()),
            Some(Transaction::Iti43) if self.hub.is_conformance(caller) => Ok(()),
            Some(Transaction::Iti43) => Err(Fault::forbidden(format!(
                "{} ({}) may not retrieve at the repository: documents are retrieved at the gateway",
                caller.organisation, caller.system
            ))),
            None => {
                self.repository.profile(caller).map(|_| ()).ok_or_else(|| not_a_publisher(caller))
            }
            Some(_) => self.repository.submitter(caller).map(|_| ()),
        }
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        match request.transaction {
            Transaction::Iti43 => Ok(iti43::handle(&self.repository, request).await),
            Transaction::Iti86 => iti86::handle(&self.repository, request).await,
            _ => iti41::handle(&self.repository, request).await,
        }
    }

    async fn ready(&self) -> Result<(), String> {
        self.repository.index.ready().await.map_err(|error| error.to_string())
    }
}

/// ITK messages for publishers.
pub struct ItkEndpoint {
    pub repository: Arc<Repository>,
}

#[async_trait]
impl SoapService for ItkEndpoint {
    fn dialect(&self) -> Dialect {
        Dialect::Itk
    }

    fn wsdl(&self) -> &'static str {
        schemas::wsdl::ITK
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[Transaction::Itk]
    }

    fn admit(&self, caller: &Caller, transaction: Option<Transaction>) -> Result<(), Fault> {
        match transaction {
            None => {
                self.repository.profile(caller).map(|_| ()).ok_or_else(|| not_a_publisher(caller))
            }
            Some(_) => self.repository.submitter(caller).map(|_| ()),
        }
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        itk::handle(&self.repository, request).await
    }

    async fn ready(&self) -> Result<(), String> {
        let outbox = self.repository.acknowledging.outbox.ready().await;
        outbox.map_err(|error| format!("the outbox: {error}"))?;
        self.repository.index.ready().await.map_err(|error| error.to_string())
    }
}
