//! Configuration: one TOML file, unknown keys refused, environment overrides, embedded defaults.
//!
//! `WATLING_REGISTRY__STORE__URL` overrides `registry.store.url`.

pub mod code_sets;
pub mod folders;
pub mod itk;
pub mod restricted;
pub mod retention;
pub mod upload;
pub mod xua;

use crate::serve::Role;
use gateway::region::RegionFile;
use itk::ItkSection;
use node::caller::PinnedCaller;
use node::config::{AsyncReplies, Limits, SamlHeader};
use node::xua::XuaSettings;
use registry::identity::{LocalAuthority, PatientIdentitySource};
use repository::intake::MimeCheck;
use repository::intake::clamd::Clamd;
use repository::trace::TraceSettings;
use repository::{Publisher, RepositoryUniqueIds};
use retention::RemovalSetting;
use schemas::code_set::{CodeSets, Mode};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub hub: HubSection,
    /// Absent: the development certificates of the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pki: Option<PkiSection>,
    /// Absent: no assertion can be verified, and `hub.saml_header` decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xua: Option<XuaSettings>,
    /// Certificates that do not say whose they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caller: Vec<PinnedCaller>,
    pub registry: RegistrySection,
    pub repository: RepositorySection,
    pub gateway: GatewaySection,
    /// Who is told when a document is taken back.
    pub recall: gateway::recall::plan::Policy,
    pub itk: ItkSection,
    /// What consent documents of others mean.
    pub preference: gateway::preference::import::Import,
    pub restricted: restricted::RestrictedSection,
    /// Answers on connections of their own, of every role that does not have its own section.
    #[serde(rename = "async")]
    pub asynchronous: AsyncReplies,
    pub limits: Limits,
    /// Who is asked whose an NHS number is.
    pub tracing: TraceSettings,
    /// How the audit log is proved, kept and passed on.
    pub audit: node::audit::AuditSettings,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct HubSection {
    /// ODS code of the organisation that runs the hub; the OU of its own certificates.
    pub ods: OdsCode,
    /// Arc under which the hub issues identifiers.
    pub oid_root: Oid,
    /// The affinity domain's code sets; absent: the embedded ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_sets: Option<PathBuf>,
    pub saml_header: SamlHeader,
    /// Synthetic NHS numbers that a live hub accepts, for its own checks.
    pub synthetic_numbers: Vec<String>,
}

impl Default for HubSection {
    fn default() -> Self {
        let ods = OdsCode::parse("QE1").unwrap_or_else(|_| unreachable!("QE1 is an ODS code"));
        let root = Oid::parse("1.2.826.0.1.99999").unwrap_or_else(|_| unreachable!("it is an OID"));
        Self {
            ods,
            oid_root: root,
            code_sets: None,
            saml_header: SamlHeader::Refuse,
            synthetic_numbers: Vec::new(),
        }
    }
}

/// Certificates of a hub with its own PKI. A role needs its certificate and key; all share trust.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PkiSection {
    pub trust: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<KeyPair>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<KeyPair>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<KeyPair>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPair {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResubmissionSetting {
    #[default]
    Replay,
    Refuse,
}

/// Whose documents are registered: any valid number's, or those that a feed has named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum PatientsSetting {
    /// Every patient of the affinity domain with a valid number
    #[default]
    Any,
    /// Patients that a patient identity feed has named
    Feed,
}

impl From<PatientsSetting> for registry::KnownPatients {
    fn from(setting: PatientsSetting) -> Self {
        match setting {
            PatientsSetting::Any => Self::Any,
            PatientsSetting::Feed => Self::Feed,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// `sqlite:` and a file, by default in the role's folder; or `postgres://user:password@host/db`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// PostgreSQL: certificates of the authority that signed the server's. Needed unless the server
    /// is on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// PostgreSQL: connections that this process opens at most.
    pub connections_max: usize,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { url: None, ca: None, connections_max: 16 }
    }
}

/// Which engine keeps the index.
pub enum StoreUrl {
    /// In the registry's folder.
    Embedded,
    Sqlite(PathBuf),
    Postgres(String),
}

impl StoreSection {
    /// The engine, refused where the way to it would lie open.
    pub fn url(&self) -> Result<StoreUrl, String> {
        let Some(url) = &self.url else { return Ok(StoreUrl::Embedded) };
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(StoreUrl::Sqlite(PathBuf::from(path)));
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(format!(
                "registry.store.url: {:?} is not supported; use sqlite:FILE or postgres://user:password@host:port/database",
                scheme(url)
            ));
        }
        let rest = url.split_once("//").map_or("", |(_, rest)| rest);
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        let host = host.split(['/', '?']).next().unwrap_or_default();
        let host = match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host,
        };
        let here = ["", "localhost", "127.0.0.1", "[::1]"].contains(&host);
        if !here && self.ca.is_none() {
            return Err(format!(
                "registry.store.url: {host} is another machine: set ca to the certificate of the authority that signed its certificate"
            ));
        }
        Ok(StoreUrl::Postgres(url.clone()))
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistrySection {
    pub listen: SocketAddr,
    /// Where the other roles find it, when it runs apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub resubmission: ResubmissionSetting,
    pub patients: PatientsSetting,
    /// Modes that take the place of the file's: attribute (or mimeType) to strict, warn or off.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, Mode>,
    pub store: StoreSection,
    /// Address for HL7 v2 patient identity feeds (ITI-8); absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mllp_listen: Option<SocketAddr>,
    /// The name by which HL7 v2 senders know the assigning authority of NHS numbers.
    pub patient_id_namespace: String,
    /// Systems that are believed when they say who a patient is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patient_identity_sources: Vec<PatientIdentitySource>,
    /// Organisations that may register patients under local identifiers, for want of a number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub local_authorities: Vec<LocalAuthority>,
    /// The retention table; absent: the embedded one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<PathBuf>,
    /// Whose word a removal needs before the retention period has passed; absent: the controller's
    /// approval on a live hub, the publisher's own in a development region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removal: Option<RemovalSetting>,
    /// Groups of organisations that may replace, transform, update and remove each other's documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub co_authors: Vec<Vec<OdsCode>>,
    #[serde(rename = "async", skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<AsyncReplies>,
}

impl Default for RegistrySection {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8441).into(),
            url: None,
            resubmission: ResubmissionSetting::default(),
            patients: PatientsSetting::default(),
            codes: BTreeMap::new(),
            asynchronous: None,
            store: StoreSection::default(),
            mllp_listen: None,
            patient_id_namespace: "NHS".to_owned(),
            patient_identity_sources: Vec::new(),
            local_authorities: Vec::new(),
            retention: None,
            removal: None,
            co_authors: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RepositorySection {
    pub listen: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Absent: `oid_root` with 40.1 behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_unique_id: Option<Oid>,
    /// Publishers whose documents are kept under a repositoryUniqueId of their own, by the ODS
    /// code that they publish for; all others share `repository_unique_id`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub repository_unique_id_of: BTreeMap<OdsCode, Oid>,
    /// What to do with a document that is not of its declared mimeType.
    pub mime_check: MimeCheck,
    /// When a publisher's silence is unusual, of which readers are warned.
    pub silence: repository::completeness::Silence,
    /// The malware scanner; absent: documents are not scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan: Option<Clamd>,
    /// Systems that may publish. In development: the fixture region's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publishers: Option<Vec<Publisher>>,
    #[serde(rename = "async", skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<AsyncReplies>,
}

impl Default for RepositorySection {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8442).into(),
            url: None,
            repository_unique_id: None,
            repository_unique_id_of: BTreeMap::new(),
            mime_check: MimeCheck::default(),
            silence: Default::default(),
            scan: None,
            publishers: None,
            asynchronous: None,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaySection {
    pub listen: SocketAddr,
    /// Where the other roles find it, when it runs apart: they tell it of documents taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where agreements lie, if not in the role's own folder: several gateways may share them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<PathBuf>,
    /// Of which readings of child protection entries councils are told.
    pub safeguarding: gateway::safeguarding::settings::Settings,
    /// Types that hold a decision on resuscitation: readers are warned where current ones disagree.
    pub decision_types: Vec<gateway::conflicts::DecisionType>,
    #[serde(rename = "async", skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<AsyncReplies>,
}

impl Default for GatewaySection {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8443).into(),
            url: None,
            region: None,
            safeguarding: Default::default(),
            decision_types: gateway::conflicts::decision_types(),
            asynchronous: None,
        }
    }
}

impl Config {
    /// Reads the file (if any) and the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, String> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("the configuration {}: {error}", path.display()))?,
            None => String::new(),
        };
        let name = file.map_or("(defaults)".to_owned(), |path| path.display().to_string());
        // Read once as it stands, so that an error points at its line.
        toml::from_str::<Self>(&text).map_err(|error| format!("{name}: {error}"))?;
        let mut table: toml::Table = text.parse().map_err(|error| format!("{name}: {error}"))?;
        // Every key lies in a section, so a variable without `__` is not meant for the hub.
        let meant = |key: &str| key.starts_with("WATLING_") && key.contains("__");
        let variables: Vec<_> = std::env::vars().filter(|(key, _)| meant(key)).collect();
        for (key, value) in &variables {
            overlay(&mut table, key, value)?;
        }
        let names: Vec<&str> = variables.iter().map(|(key, _)| key.as_str()).collect();
        let config: Self = table.try_into().map_err(|error| {
            format!("{name} with {} from the environment: {error}", names.join(", "))
        })?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), String> {
        for number in &self.hub.synthetic_numbers {
            NhsNumber::parse(number).map_err(|error| format!("hub.synthetic_numbers: {error}"))?;
        }
        for (key, url) in [
            ("registry.url", &self.registry.url),
            ("repository.url", &self.repository.url),
            ("gateway.url", &self.gateway.url),
        ] {
            if let Some(url) = url.as_deref().filter(|url| !url.starts_with("https://")) {
                return Err(format!("{key}: {url:?} must begin with https://"));
            }
        }
        self.itk.check(self.pki.is_some())?;
        for role in Role::ALL {
            let replies = self.asynchronous(role);
            if replies.deadline_seconds == 0 || replies.deadline_seconds > replies.retention_seconds
            {
                return Err(format!(
                    "async of the {role}: deadline_seconds is {}; it must be at least 1 and at most retention_seconds, which is {}",
                    replies.deadline_seconds, replies.retention_seconds
                ));
            }
        }
        self.itk.validate()?;
        self.tracing.check()?;
        self.registry.store.url().map(|_| ())
    }

    pub fn repository_unique_ids(&self) -> Result<RepositoryUniqueIds, String> {
        let shared = match &self.repository.repository_unique_id {
            Some(oid) => oid.clone(),
            None => {
                let text = format!("{}.40.1", self.hub.oid_root);
                Oid::parse(&text).map_err(|error| format!("hub.oid_root: {error}"))?
            }
        };
        let of_publisher = self.repository.repository_unique_id_of.clone();
        Ok(RepositoryUniqueIds { shared, of_publisher })
    }

    /// Publishers by configuration, or those of a region's system profiles.
    pub fn publishers(&self, region: Option<&RegionFile>) -> Vec<Publisher> {
        if let Some(publishers) = &self.repository.publishers {
            return publishers.clone();
        }
        let systems = region.into_iter().flat_map(|region| &region.system);
        let publisher = |system: &gateway::region::SystemProfile| Publisher {
            ods: system.organisation.clone(),
            system: Some(system.name.clone()),
            acts_for: system.acts_for.clone(),
            speaks_for: system.speaks_for.clone(),
        };
        systems.filter(|system| system.publishes).map(publisher).collect()
    }

    /// Where a role may send answers.
    pub fn asynchronous(&self, role: Role) -> &AsyncReplies {
        let own = match role {
            Role::Registry => &self.registry.asynchronous,
            Role::Repository => &self.repository.asynchronous,
            Role::Gateway => &self.gateway.asynchronous,
        };
        own.as_ref().unwrap_or(&self.asynchronous)
    }

    /// The affinity domain's code sets with this configuration's modes.
    pub fn code_sets(&self) -> Result<CodeSets, String> {
        Ok(code_sets::load(self)?.code_sets)
    }

    /// The effective configuration; it holds paths of keys, never keys, and store passwords hidden.
    pub fn effective(&self) -> String {
        let mut shown = self.clone();
        if let Some(url) = &shown.registry.store.url {
            shown.registry.store.url = Some(without_password(url));
        }
        toml::to_string_pretty(&shown).unwrap_or_else(|error| format!("# {error}\n"))
    }
}

fn scheme(url: &str) -> &str {
    url.split(':').next().unwrap_or_default()
}

/// `scheme://user:***@host`.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{host}")
        }
        None => url.to_owned(),
    }
}

/// Puts one variable into the table; a value that reads as TOML keeps its type.
fn overlay(table: &mut toml::Table, key: &str, value: &str) -> Result<(), String> {
    let path: Vec<String> =
        key.trim_start_matches("WATLING_").split("__").map(str::to_ascii_lowercase).collect();
    let Some((last, sections)) = path.split_last() else { return Ok(()) };
    let mut at = table;
    for section in sections {
        let next = at.entry(section.clone()).or_insert_with(|| toml::Table::new().into());
        at = next.as_table_mut().ok_or_else(|| format!("{key}: {section} is not a section"))?;
    }
    let parsed: Result<toml::Table, _> = format!("value = {value}").parse();
    let typed = parsed.ok().and_then(|mut table| table.remove("value"));
    at.insert(last.clone(), typed.unwrap_or_else(|| value.into()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = toml::from_str::<Config>("[registry]\nlisten_on = 1\n").unwrap_err();
        assert!(error.to_string().contains("listen_on"), "{error}");
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let mut table: toml::Table = "[registry.store]\nurl = \"sqlite:a\"\n".parse().unwrap();
        overlay(&mut table, "WATLING_REGISTRY__STORE__URL", "sqlite:b").unwrap();
        overlay(&mut table, "WATLING_LIMITS__RESULTS_MAX", "7").unwrap();
        let config: Config = table.try_into().unwrap();
        assert_eq!(config.registry.store.url.as_deref(), Some("sqlite:b"));
        assert_eq!(config.limits.results_max, 7);
    }

    #[test]
    fn the_effective_configuration_hides_passwords() {
        assert_eq!(without_password("postgres://u:secret@h/d"), "postgres://u:***@h/d");
        assert_eq!(without_password("postgres://u:se@cret@h/d"), "postgres://u:***@h/d");
        let mut config = Config::default();
        config.registry.store.url = Some("postgres://u:secret@h/d".to_owned());
        let effective = config.effective();
        assert!(effective.contains("listen = \"127.0.0.1:8441\""));
        assert!(effective.contains("u:***@h/d") && !effective.contains("secret"), "{effective}");
    }
}
