//! Composition: configuration, node, stores, roles, listeners, wait, drain.

mod expiring;
mod patients;
mod recalling;
mod relating;
mod roles;
mod running;
pub(crate) mod store;
mod watching;

pub(crate) use patients::open_identities;
pub use roles::Role;
pub use running::Hub;

use crate::config::Config;
use crate::data::{DataFolder, Stamp};
use crate::pki::{DevelopmentPki, own_identity, own_problems};
use gateway::region::{AgreementState, RegionFile};
use node::clock::Clock;
use node::tls::Identity;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What `serve` was asked for.
#[derive(Clone, Debug)]
pub struct Options {
    pub data: PathBuf,
    pub config: Config,
    /// All where none is named.
    pub roles: Vec<Role>,
    pub registry_url: Option<String>,
    pub repository_url: Option<String>,
    pub gateway_url: Option<String>,
    pub registry_listen: Option<SocketAddr>,
    pub repository_listen: Option<SocketAddr>,
    pub gateway_listen: Option<SocketAddr>,
    /// For HL7 v2 patient identity feeds, beside the registry.
    pub mllp_listen: Option<SocketAddr>,
    /// Only a CA and the hub's own certificates.
    pub empty: bool,
    /// To be tested by others: a client that may do everything, and the letter of the profile where
    /// the hub is kinder by default.
    pub conformance: bool,
    pub clock: Clock,
}

impl Options {
    pub fn new(data: PathBuf, config: Config) -> Self {
        Self {
            data,
            config,
            roles: Vec::new(),
            registry_url: None,
            repository_url: None,
            gateway_url: None,
            registry_listen: None,
            repository_listen: None,
            gateway_listen: None,
            mllp_listen: None,
            empty: false,
            conformance: false,
            clock: Clock::System,
        }
    }

    pub fn roles(&self) -> Vec<Role> {
        if self.roles.is_empty() { Role::ALL.to_vec() } else { self.roles.clone() }
    }

    fn listen(&self, role: Role) -> SocketAddr {
        match role {
            Role::Registry => self.registry_listen.unwrap_or(self.config.registry.listen),
            Role::Repository => self.repository_listen.unwrap_or(self.config.repository.listen),
            Role::Gateway => self.gateway_listen.unwrap_or(self.config.gateway.listen),
        }
    }
}

/// A folder made ready: its kind, its certificates, its region.
pub(crate) struct Prepared {
    pub data: DataFolder,
    pub stamp: Stamp,
    pki: Option<DevelopmentPki>,
    /// The development region, where this folder has one.
    pub region: Option<RegionFile>,
    /// What was made on the way, for the operator to read.
    pub said: Vec<String>,
}

/// Stamps the folder, makes development certificates where that is what is wanted, never where a
/// configuration brings its own.
pub(crate) fn prepare(options: &Options) -> Result<Prepared, String> {
    let data = DataFolder::open(&options.data)?;
    let _lock = data.lock()?;
    let known = data.stamp()?;
    if options.conformance && (options.config.pki.is_some() || known == Some(Stamp::Live)) {
        return Err("--conformance is for development: a live hub refuses it".to_owned());
    }
    if let Some(own) = &options.config.pki {
        let problems = own_problems(&options.config, own, &options.roles());
        if !problems.is_empty() {
            return Err(problems.join("\n"));
        }
        data.stamp_as(Stamp::Live)?;
        return Ok(Prepared {
            data,
            stamp: Stamp::Live,
            pki: None,
            region: None,
            said: Vec::new(),
        });
    }
    if known.is_some() {
        data.stamp_as(Stamp::Development)?;
    }
    let pki = DevelopmentPki::of(&data);
    let new = !pki.exists();
    let marker = pki.folder.join("region");
    let wants_region = !options.empty && (known.is_none() || new || marker.is_file());
    if wants_region {
        // Before the folder is stamped: a first start that is cut off is finished by the next.
        std::fs::create_dir_all(&pki.folder)
            .map_err(|error| format!("{}: {error}", pki.folder.display()))?;
        crate::data::write_atomic(&marker, b"development\n")?;
    }
    data.stamp_as(Stamp::Development)?;
    let mut said = Vec::new();
    pki.ensure(&options.config.hub.ods)?;
    if new {
        said.push(format!("made a development CA: {}", pki.ca().display()));
    }
    if options.conformance {
        let certificate = pki.ensure_conformance_client()?;
        said.push(format!("conformance client: {}", certificate.display()));
    }
    let region = if wants_region { Some(development_region(&pki, new, &mut said)?) } else { None };
    Ok(Prepared { data, stamp: Stamp::Development, pki: Some(pki), region, said })
}

fn development_region(
    pki: &DevelopmentPki,
    new: bool,
    said: &mut Vec<String>,
) -> Result<RegionFile, String> {
    let region = crate::fixtures::region()?;
    for organisation in &region.organisation {
        // An organisation without a registered system can connect too, and is refused aloud.
        let system = region.system.iter().find(|system| system.organisation == organisation.ods);
        let unregistered =
            format!("{}-integration", organisation.ods.as_str().to_ascii_lowercase());
        let name = system.map_or(unregistered, |system| system.name.clone());
        pki.ensure_client(&name, &organisation.ods)?;
    }
    if new {
        let agreements = region.agreement.iter().filter(|a| a.state != AgreementState::Template);
        said.push(format!(
            "made the development region: {} organisations, {} client certificates in {}, {} agreements, no documents",
            region.organisation.len(),
            region.organisation.len(),
            pki.folder.join("clients").display(),
            agreements.count()
        ));
    }
    Ok(region)
}

impl Prepared {
    /// The certificate by which a role is known.
    pub(crate) fn identity(&self, options: &Options, role: Role) -> Result<Identity, String> {
        if let Some(pki) = &self.pki {
            return Ok(pki.service(role.system()));
        }
        let own = options.config.pki.as_ref().ok_or("no certificates are configured")?;
        own_identity(own, role)
    }
}
