//! Each role, from its folder to its endpoints.

mod consumers;

use super::recalling::Part;
use super::relating;
use super::{Options, Prepared};
use crate::config::{Config, ResubmissionSetting};
use clap::ValueEnum;
use gateway::Gateway;
use gateway::break_glass::digest::Digests;
use gateway::safeguarding::ReadNotices;
use gateway::store::GatewayStore;
use node::actors::{Completeness, Query, Register, Retain, Retrieve, Update};
use node::asynchronous::Asynchronous;
use node::audit::{Audit, Signer};
use node::caller::{
    CONFORMANCE_SYSTEM, GATEWAY_SYSTEM, HubIdentity, REGISTRY_SYSTEM, REPOSITORY_SYSTEM,
    conformance_ods,
};
use node::client::{RemoteRegistry, RemoteRepository, SoapClient};
use node::config::Limits;
use node::endpoint::page::Page;
use node::endpoint::{Endpoint, Node, SoapService};
use node::outbox::{Opening, Outbox, Outboxes};
use node::recalls::Withdrawals;
use node::relating::Tellings;
use registry::iti8::Iti8;
use registry::iti44::PixEndpoint;
use registry::retention::Keeping;
use registry::{Administrator, Registry, RegistryEndpoint, Resubmission};
use repository::acknowledge::Acknowledging;
use repository::completeness::{self, CompletenessEndpoint, Silences};
use repository::front_door::FrontDoor;
use repository::index::Index;
use repository::intake::Intake;
use repository::objects::FilesystemObjects;
use repository::senders::folder::Watch;
use repository::senders::upload::Upload;
use repository::{ItkEndpoint, Publisher, Repository, RepositoryEndpoint};
use schemas::code_set::CodeSets;
use schemas::retrieve::DOCUMENTS_MAX;
use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Registry,
    Repository,
    Gateway,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Registry, Self::Repository, Self::Gateway];

    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Repository => "repository",
            Self::Gateway => "gateway",
        }
    }

    /// CN of the role's own certificate.
    pub fn system(self) -> &'static str {
        match self {
            Self::Registry => REGISTRY_SYSTEM,
            Self::Repository => REPOSITORY_SYSTEM,
            Self::Gateway => GATEWAY_SYSTEM,
        }
    }

    pub fn path(self) -> &'static str {
        match self {
            Self::Registry => "/registry",
            Self::Repository => "/repository",
            Self::Gateway => "/gateway",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The page by which documents are uploaded.
pub(super) const UPLOAD_PATH: &str = "/repository/upload";

/// A role that is ready to listen.
pub(super) struct Ready {
    pub role: Role,
    pub endpoints: Vec<Endpoint>,
    pub pages: Vec<Page>,
    pub audit: Audit,
    pub repository: Option<Arc<Repository>>,
    pub gateway: Option<GatewayStore>,
    /// Who tells councils that a child protection entry was read.
    pub read_notices: Option<Arc<ReadNotices>>,
    /// The gateway itself, for whoever asks it without the network.
    pub actor: Option<Arc<Gateway>>,
    /// What publishers are told of broken glass.
    pub digests: Option<Arc<Digests>>,
    /// What the role sends to other organisations.
    pub outbox: Option<Outbox>,
    /// Withdrawals that the role keeps until the gateway has taken them.
    pub withdrawals: Option<Arc<dyn Withdrawals>>,
    pub recalling: Option<Part>,
    /// News of patients that the role keeps until the gateway has taken it.
    pub tellings: Option<Arc<dyn Tellings>>,
    pub relating: Option<relating::Part>,
    /// Who hears HL7 v2 patient identity feeds.
    pub feed: Option<Iti8>,
    /// Watched folders.
    pub folders: Vec<Watch>,
}

/// The registry's sides, as the other roles use them.
type RegistryDoors = (Arc<dyn Register>, Arc<dyn Query>, Arc<dyn Retain>, Arc<dyn Update>);

/// The repository's sides, as the gateway uses them.
type RepositoryDoors = (Arc<dyn Retrieve>, Arc<dyn Completeness>);

/// Builds the roles of one process, registry first: the others may call straight into it.
pub(super) struct Builder<'a> {
    pub options: &'a Options,
    pub prepared: &'a Prepared,
    pub runtime: tokio::runtime::Handle,
    pub code_sets: Arc<CodeSets>,
    registry: Option<Arc<Registry>>,
    repository: Option<Arc<Repository>>,
    /// Of every role of this process.
    pub(super) outboxes: Outboxes,
    nodes: RefCell<Vec<(Role, Arc<Node>)>>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        options: &'a Options,
        prepared: &'a Prepared,
        runtime: tokio::runtime::Handle,
    ) -> Result<Self, String> {
        let code_sets = Arc::new(options.config.code_sets()?);
        let nodes = RefCell::default();
        Ok(Self {
            options,
            prepared,
            runtime,
            code_sets,
            registry: None,
            repository: None,
            outboxes: Outboxes::default(),
            nodes,
        })
    }

    pub(super) async fn build(&mut self, role: Role) -> Result<Ready, String> {
        let folder = self.prepared.data.role(role.name())?;
        self.clear_spool(role)?;
        let clock = self.options.clock.clone();
        let identity = self.prepared.identity(self.options, role)?;
        let signer = Signer::of(&identity).map_err(|error| error.to_string())?;
        let settings = self.options.config.audit.clone();
        let audit = Audit::serving(&folder, role.name(), clock, settings, signer);
        let audit = audit.map_err(|error| error.to_string())?;
        let mut ready = Ready {
            role,
            endpoints: Vec::new(),
            pages: Vec::new(),
            audit,
            repository: None,
            gateway: None,
            actor: None,
            read_notices: None,
            digests: None,
            outbox: None,
            withdrawals: None,
            recalling: None,
            tellings: None,
            relating: None,
            feed: None,
            folders: Vec::new(),
        };
        match role {
            Role::Registry => self.registry(&mut ready, folder).await?,
            Role::Repository => self.repository(&mut ready, folder).await?,
            Role::Gateway => self.gateway(&mut ready, folder).await?,
        }
        Ok(ready)
    }

    fn hub(&self) -> HubIdentity {
        let config = &self.options.config;
        HubIdentity { ods: config.hub.ods.clone(), conformance: self.options.conformance }
    }

    /// The node of a role, made once: its endpoints share it.
    fn node(&self, role: Role) -> Result<Arc<Node>, String> {
        if let Some((_, node)) = self.nodes.borrow().iter().find(|(of, _)| *of == role) {
            return Ok(node.clone());
        }
        let node = Arc::new(self.make_node(role)?);
        self.nodes.borrow_mut().push((role, node.clone()));
        Ok(node)
    }

    fn make_node(&self, role: Role) -> Result<Node, String> {
        let config = &self.options.config;
        let identity = self.prepared.identity(self.options, role)?;
        let asynchronous = Asynchronous::open(
            &self.prepared.data.role(role.name())?,
            self.spool(role)?,
            config.asynchronous(role),
            identity.client_config().map_err(|error| error.to_string())?,
            self.options.clock.clone(),
            config.limits.memory_bytes_max,
        );
        Ok(Node {
            clock: self.options.clock.clone(),
            limits: self.options.config.limits,
            saml_header: self.options.config.hub.saml_header,
            xua: crate::config::xua::open(config, &self.prepared.data.path, &self.options.clock)?,
            hub: self.hub(),
            runtime: self.runtime.clone(),
            spool: self.spool(role)?,
            asynchronous: asynchronous.map_err(|error| format!("{role}: {error}"))?,
        })
    }

    /// Opens a role's outbox, and lets the others of this process know it.
    async fn outbox(&self, ready: &mut Ready, folder: &Path) -> Result<Outbox, String> {
        let identity = self.prepared.identity(self.options, ready.role)?;
        let opening = Opening {
            folder,
            directory: self.options.config.itk.directory.clone(),
            settings: self.options.config.itk.outbox.clone(),
            tls: identity.client_config().map_err(|error| error.to_string())?,
            system: ready.role.system(),
            clock: self.options.clock.clone(),
        };
        let outbox = Outbox::open(opening).await.map_err(|e| format!("{}: {e}", ready.role))?;
        self.outboxes.add(outbox.clone());
        ready.outbox = Some(outbox.clone());
        Ok(outbox)
    }

    fn spool(&self, role: Role) -> Result<PathBuf, String> {
        self.prepared.data.role(&format!("{}/spool", role.name()))
    }

    /// Parts of requests that a killed process left behind; nobody else uses the role's folder.
    fn clear_spool(&self, role: Role) -> Result<(), String> {
        let folder = self.spool(role)?;
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        for item in std::fs::read_dir(&folder).map_err(failed)? {
            std::fs::remove_file(item.map_err(failed)?.path()).map_err(failed)?;
        }
        Ok(())
    }

    pub(super) fn client(&self, role: Role) -> Result<SoapClient, String> {
        let identity = self.prepared.identity(self.options, role)?;
        let tls = identity.client_config().map_err(|error| error.to_string())?;
        let limits = between_services(self.options.config.limits);
        Ok(SoapClient::new(tls, self.spool(role)?, Duration::from_secs(120), limits))
    }

    async fn registry(&mut self, ready: &mut Ready, folder: PathBuf) -> Result<(), String> {
        let section = &self.options.config.registry;
        let store = super::store::open(&section.store, &folder, self.code_sets.clone()).await?;
        let refuse =
            self.options.conformance || section.resubmission == ResubmissionSetting::Refuse;
        let store = Arc::new(store);
        let index = store.clone();
        let registry = Arc::new(Registry {
            retained: store.clone(),
            keeping: self.keeping()?,
            store: store.clone(),
            identity: super::patients::identities(
                self.options,
                &self.code_sets,
                self.prepared.stamp,
                store,
            )?,
            code_sets: self.code_sets.clone(),
            clock: self.options.clock.clone(),
            resubmission: if refuse { Resubmission::Refuse } else { Resubmission::Replay },
            results_max: self.options.config.limits.results_max,
            co_authors: registry::CoAuthors(section.co_authors.clone()),
        });
        ready.tellings = Some(index.clone());
        ready.withdrawals = Some(index);
        let publishers = self.options.config.publishers(self.prepared.region.as_ref());
        let administrators = publishers.into_iter();
        let administrators =
            administrators.map(|p| Administrator { organisation: p.ods, system: p.system });
        let pix = PixEndpoint { registry: registry.clone(), audit: ready.audit.clone() };
        ready.feed = Some(Iti8 { registry: registry.clone(), audit: ready.audit.clone() });
        let service = RegistryEndpoint {
            registry: registry.clone(),
            hub: self.hub(),
            administrators: administrators.collect(),
        };
        self.registry = Some(registry);
        ready.endpoints.push(Endpoint {
            path: Role::Registry.path(),
            service: Arc::new(service),
            audit: ready.audit.clone(),
            node: self.node(Role::Registry)?,
        });
        ready.endpoints.push(Endpoint {
            path: super::patients::PIX_PATH,
            service: Arc::new(pix),
            audit: ready.audit.clone(),
            node: self.node(Role::Registry)?,
        });
        Ok(())
    }

    fn keeping(&self) -> Result<Keeping, String> {
        let config = &self.options.config;
        let table = Arc::new(crate::config::retention::load(config, &self.code_sets)?);
        let policy = config.removal_policy(self.prepared.stamp, self.options.conformance);
        Ok(Keeping { table, policy })
    }

    fn publishers(&self) -> Vec<Publisher> {
        let mut publishers = self.options.config.publishers(self.prepared.region.as_ref());
        if self.options.conformance {
            publishers.push(Publisher {
                ods: conformance_ods(),
                system: Some(CONFORMANCE_SYSTEM.to_owned()),
                acts_for: Vec::new(),
                speaks_for: Vec::new(),
            });
        }
        publishers
    }

    /// The registry of this process, or the one at its URL.
    fn reach_registry(&self, from: Role) -> Result<RegistryDoors, String> {
        if let Some(registry) = &self.registry {
            let registry = registry.clone();
            return Ok((registry.clone(), registry.clone(), registry.clone(), registry));
        }
        let configured =
            self.options.registry_url.clone().or(self.options.config.registry.url.clone());
        let url = configured
            .unwrap_or_else(|| default_url(self.options.config.registry.listen, Role::Registry));
        let remote = Arc::new(RemoteRegistry { client: self.client(from)?, url });
        Ok((remote.clone(), remote.clone(), remote.clone(), remote))
    }

    fn reach_repository(&self) -> Result<RepositoryDoors, String> {
        if let Some(repository) = &self.repository {
            return Ok((repository.clone(), repository.clone()));
        }
        let configured =
            self.options.repository_url.clone().or(self.options.config.repository.url.clone());
        let url = configured.unwrap_or_else(|| {
            default_url(self.options.config.repository.listen, Role::Repository)
        });
        let remote = Arc::new(RemoteRepository { client: self.client(Role::Gateway)?, url });
        Ok((remote.clone(), remote))
    }

    /// Who knows whose NHS numbers are whose, as the repository asks them.
    fn tracing(&self) -> Result<repository::identity::Tracing, String> {
        let config = &self.options.config;
        let identity = self.prepared.identity(self.options, Role::Repository)?;
        let settings = &config.tracing;
        let clock = &self.options.clock;
        let service = repository::trace::open(settings, &config.hub.ods, &identity, clock)?;
        Ok(repository::identity::Tracing {
            service,
            when: settings.when,
            provided: settings.provided,
        })
    }

    async fn repository(&mut self, ready: &mut Ready, folder: PathBuf) -> Result<(), String> {
        let config = &self.options.config;
        let index = Index::open(&folder.join("documents.db"));
        let objects = FilesystemObjects::open(&folder.join("objects"));
        let front_door = FrontDoor::open(&folder);
        let (register, query, retain, update) = self.reach_registry(Role::Repository)?;
        let intake = intake(config).await;
        let outbox = self.outbox(ready, &folder).await?;
        let repository = Arc::new(Repository {
            unique_ids: config.repository_unique_ids()?,
            oid_root: config.hub.oid_root.clone(),
            publishers: self.publishers(),
            objects: Arc::new(objects.map_err(|error| error.to_string())?),
            index: index.map_err(|error| error.to_string())?,
            front_door: front_door.map_err(|error| error.to_string())?,
            rules: config.itk.rules(),
            restrictions: crate::config::restricted::load(config)?,
            turns: Default::default(),
            acknowledging: Acknowledging {
                outbox,
                outboxes: self.outboxes.clone(),
                ods: config.hub.ods.clone(),
            },
            retain,
            intake,
            registry: register,
            update,
            query,
            tracing: self.tracing()?,
            silences: Silences::new(config.repository.silence),
            code_sets: self.code_sets.clone(),
            clock: self.options.clock.clone(),
        });
        let recovered = repository::recovery::begin(&repository, self.registry.is_some()).await?;
        if recovered != repository::recovery::Recovered::default() {
            tracing::info!(?recovered, "settled what a stopped process left behind");
        }
        let node = self.node(Role::Repository)?;
        let xds = RepositoryEndpoint { repository: repository.clone(), hub: self.hub() };
        let itk = ItkEndpoint { repository: repository.clone() };
        let lacking = CompletenessEndpoint { repository: repository.clone(), hub: self.hub() };
        for (path, service) in [
            ("/repository", Arc::new(xds) as Arc<dyn SoapService>),
            ("/repository/itk", Arc::new(itk)),
            (completeness::PATH, Arc::new(lacking)),
        ] {
            let audit = ready.audit.clone();
            ready.endpoints.push(Endpoint { path, service, audit, node: node.clone() });
        }
        if config.itk.upload.enabled {
            let most = config.itk.upload.request_bytes_max;
            let service = Arc::new(Upload::new(repository.clone(), most));
            let (path, audit) = (UPLOAD_PATH, ready.audit.clone());
            ready.pages.push(Page { path, service, audit, node: node.clone() });
        }
        ready.folders = watches(config, &repository, &ready.audit)?;
        ready.withdrawals = Some(Arc::new(repository.index.clone()));
        self.repository = Some(repository.clone());
        ready.repository = Some(repository);
        Ok(())
    }
}

/// Watched folders, each made ready.
fn watches(
    config: &Config,
    repository: &Arc<Repository>,
    audit: &Audit,
) -> Result<Vec<Watch>, String> {
    let section = &config.itk.folders;
    if let Some(problem) = section.problems().into_iter().next() {
        return Err(problem);
    }
    let folders = section.folder.iter().cloned();
    let watch = |folder| Watch::open(repository.clone(), audit.clone(), folder, section.watching());
    folders.map(watch).collect()
}

/// What documents have to pass; a scanner that does not answer yet may do so by the time of the
/// first document.
async fn intake(config: &Config) -> Intake {
    let scanner = config.repository.scan.clone();
    if let Some(Err(reason)) = match &scanner {
        Some(scanner) => Some(scanner.ping().await),
        None => None,
    } {
        tracing::warn!(%reason, "the malware scanner does not answer: no document is taken until it does");
    }
    Intake { mime_check: config.repository.mime_check, scanner }
}

/// What one of the hub's own services may answer another: any answer to a request that is within
/// the limits, so as many documents as one ITI-43 may name, each as large as one may be.
fn between_services(limits: Limits) -> Limits {
    let documents = DOCUMENTS_MAX as u64;
    let answered = limits.document_bytes_max.saturating_mul(documents);
    Limits {
        parts_max: limits.parts_max.max(DOCUMENTS_MAX + 1),
        request_bytes_max: limits.request_bytes_max.max(answered),
        ..limits
    }
}

pub(super) fn default_url(listen: std::net::SocketAddr, role: Role) -> String {
    format!("https://{listen}{}", role.path())
}
