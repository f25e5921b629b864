//! A hub in this process: a throw-away folder, port 0, a fixed clock.

use crate::postgres::{STORE_URL, Schema};
use crate::wire::{Answer, Certificate, Request};
use hub::client::Target;
use hub::config::Config;
use hub::serve::{Hub, Options, Role};
use node::audit::AuditRecord;
use node::clock::Clock;
use schemas::ods_code::OdsCode;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The moment at which every test hub's clock stands.
pub const START: &str = "2026-07-15T12:00:00Z";

pub struct TestHub {
    hub: Option<Hub>,
    options: Options,
    /// Where the registry's index lies, if on a server.
    schema: Option<Schema>,
    _folder: tempfile::TempDir,
}

impl Default for TestHub {
    fn default() -> Self {
        Self::start()
    }
}

impl TestHub {
    /// The development region, all roles in one process.
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// In conformance mode; its client is `hub.request("conformance", ...)`.
    pub fn conformance() -> Self {
        Self::with(|options| options.conformance = true)
    }

    /// With options of the test's own.
    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let free = Some(([127, 0, 0, 1], 0).into());
        let mut options = Options {
            registry_listen: free,
            repository_listen: free,
            gateway_listen: free,
            clock: Clock::fixed(START.parse().expect("a time")),
            ..Options::new(folder.path().join("data"), Config::default())
        };
        // Hundreds of hubs share a disk.
        options.config.audit.reserve_bytes = 64 * 1024;
        let schema = Schema::fresh();
        change(&mut options);
        options.config.registry.store.url = schema.as_ref().map(Schema::url);
        // Many hubs share the server.
        options.config.registry.store.connections_max = 4;
        let hub = Hub::start(&options).expect("the hub starts");
        Self { hub: Some(hub), options, schema, _folder: folder }
    }

    /// Stops and starts again on the same folder (and new ports).
    pub fn restart(&mut self) {
        self.restart_with(|_| {});
    }

    /// The same with other options.
    pub fn restart_with(&mut self, change: impl FnOnce(&mut Options)) {
        change(&mut self.options);
        self.hub.take().expect("it runs").stop();
        self.hub = Some(Hub::start(&self.options).expect("the hub starts again"));
    }

    /// The gateway itself, without its door.
    pub fn gateway(&self) -> std::sync::Arc<gateway::Gateway> {
        self.hub.as_ref().and_then(Hub::gateway).expect("the hub has a gateway")
    }

    pub fn data(&self) -> &Path {
        &self.options.data
    }

    pub fn clock(&self) -> &Clock {
        &self.options.clock
    }

    pub fn url(&self, role: Role) -> String {
        self.hub.as_ref().expect("it runs").url(role).to_owned()
    }

    /// Tells a command that runs beside it where its index is.
    pub fn beside<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let url = self.schema.as_ref().map(Schema::url);
        command.envs(url.map(|url| (STORE_URL, url)))
    }

    /// Its configuration as a file, for commands beside it.
    pub fn configuration(&self) -> String {
        toml::to_string(&self.options.config).expect("a configuration")
    }

    /// The address of a door that is not a role's, `mllp` or `pix`.
    pub fn door(&self, name: &str) -> String {
        self.hub.as_ref().expect("it runs").urls.get(name).expect("a door of this name").clone()
    }

    pub fn itk_url(&self) -> String {
        format!("{}/itk", self.url(Role::Repository))
    }

    pub fn pki(&self) -> PathBuf {
        self.data().join("pki")
    }

    /// The certificate of an organisation of the region.
    pub fn certificate(&self, ods: &str) -> Certificate {
        Certificate::in_folder(&self.pki().join("clients"), ods)
    }

    /// The certificate of one of the hub's own services, `watling-repository`.
    pub fn service_certificate(&self, name: &str) -> Certificate {
        Certificate::in_folder(&self.pki(), name)
    }

    /// A request as an organisation: `hub.request("RXN", hub.url(Role::Repository))`.
    pub fn request(&self, ods: &str, url: impl Into<String>) -> Request {
        Request::new(url, &self.pki().join("ca.pem")).certificate(self.certificate(ods))
    }

    /// A request without a client certificate.
    pub fn anonymous(&self, url: impl Into<String>) -> Request {
        Request::new(url, &self.pki().join("ca.pem"))
    }

    /// The command-line client's view of this hub.
    pub fn target(&self, ods: &str) -> Target {
        Target::in_folder(self.data(), OdsCode::parse(ods).expect("an ODS code"))
    }

    /// Audit records of a service, oldest first.
    pub fn audit(&self, role: Role) -> Vec<AuditRecord> {
        node::audit::list(&self.data().join(role.name()), 10_000).expect("audit can be read")
    }

    /// The newest record of a service that is a request (not a start or stop).
    pub fn last_audit(&self, role: Role) -> AuditRecord {
        use node::audit::AuditKind;
        let mut records = self.audit(role);
        records.retain(|r| !matches!(r.event.kind, AuditKind::Start | AuditKind::Stop));
        records.pop().expect("a record")
    }

    /// Rows of a table of the registry's index, on whichever engine.
    pub fn count_indexed(&self, table: &str) -> i64 {
        match &self.schema {
            Some(schema) => schema.count(table),
            None => self.count(Role::Registry, "index.db", table),
        }
    }

    /// Rows of a table in a role's database, for what must (not) be there.
    pub fn count(&self, role: Role, database: &str, table: &str) -> i64 {
        let path = self.data().join(role.name()).join(database);
        let connection = rusqlite::Connection::open(path).expect("the database");
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get(0)).expect("a count")
    }

    /// Registered entries, and documents the repository knows: what a refused request leaves alone.
    pub fn contents(&self) -> (i64, i64) {
        let entries = self.count_indexed("document_entry");
        (entries, self.count(Role::Repository, "documents.db", "document"))
    }

    /// Sends a request that must be refused, and checks what every refusal has in common: nothing
    /// is left behind, one new audit record of a failure gives the reason, `words` stand in answer
    /// and record, and the answer repeats no NHS number of the suite's.
    pub fn refuses(&self, role: Role, words: &[&str], send: impl FnOnce() -> Answer) -> Answer {
        let (before, records) = (self.contents(), self.audit(role).len());
        let answer = send();
        let said = answer.plain();
        let audit = self.audit(role);
        assert_eq!(audit.len(), records + 1, "one audit record: {said}");
        let event = self.last_audit(role).event;
        assert_ne!(event.outcome, node::audit::Outcome::Success, "{said}");
        let reasons = event.reasons.join("; ");
        for word in words {
            assert!(said.contains(word), "the answer does not say {word:?}: {said}");
            assert!(reasons.contains(word), "the record does not say {word:?}: {reasons}");
        }
        for number in ["900000000", "999000001", "999000002", "999934520"] {
            assert!(!said.contains(number), "the answer repeats an NHS number: {said}");
            assert!(!reasons.contains(number), "the reason repeats an NHS number: {reasons}");
        }
        assert_eq!(self.contents(), before, "something was left behind: {said}");
        answer
    }

    /// Applies a region file to the gateway.
    pub fn apply(&self, toml: &str) {
        let file: gateway::region::RegionFile = toml::from_str(toml).expect("a region file");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let path = self.data().join("gateway").join("region.db");
        runtime.block_on(async {
            let store = gateway::store::GatewayStore::open(&path).await.expect("the store");
            store.apply(file, "20260715120000".to_owned()).await.expect("it applies");
        });
        // Within the second that the hub promises.
        std::thread::sleep(std::time::Duration::from_millis(600));
    }
}
