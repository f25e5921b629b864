//! What a question to the log needs beside it: names of organisations and types, and the record that
//! it was asked.

use crate::config::Config;
use crate::serve::Role;
use gateway::region::Region;
use gateway::store::GatewayStore;
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use schemas::code_set::{CodeSets, DocumentType};
use schemas::ods_code::OdsCode;
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Desk {
    region: Arc<Region>,
    code_sets: CodeSets,
    pub(super) config: Config,
    service: Role,
    audit: Audit,
}

impl Desk {
    /// Over a data folder; where the gateway is elsewhere, organisations go by their codes.
    pub(crate) async fn open(data: &Path, config: Config) -> Result<Self, String> {
        let found = super::folders(data)?;
        let here = found.iter().find(|(role, _)| *role == Role::Gateway).or(found.first());
        let (service, folder) = here.cloned().ok_or("there is no audit log")?;
        let region = folder.join("region.db");
        let region = if region.is_file() {
            let store = GatewayStore::open(&region).await.map_err(|error| error.to_string())?;
            store.region().map_err(|error| error.to_string())?
        } else {
            Arc::default()
        };
        let audit = Audit::open(&folder, service.name(), Clock::System);
        let audit = audit.map_err(|error| error.to_string())?;
        Ok(Self { region, code_sets: config.code_sets()?, config, service, audit })
    }

    /// Puts on record that the log was asked, before it answers.
    pub(crate) async fn record(&self, what: &str, patient: Option<String>) -> Result<(), String> {
        let kind = AuditKind::Report;
        let mut event = AuditEvent::new(self.service.name(), kind, Outcome::Success);
        event.patient_id = patient;
        let recorded = self.audit.record(event.because(what)).await;
        recorded.map_err(|error| error.to_string())
    }

    pub(crate) fn organisation(&self, ods: &str) -> String {
        let ods_code = OdsCode::parse(ods).ok();
        let known = ods_code.and_then(|ods| self.region.organisation(&ods));
        known.map_or_else(|| ods.to_owned(), |known| known.name.clone())
    }

    /// The region's document type of a record's type code: the first that has it.
    pub(crate) fn document_type(&self, type_code: &str) -> Option<&DocumentType> {
        self.code_sets.document_type.iter().find(|one| one.type_code == type_code)
    }

    pub(crate) fn type_label(&self, type_code: &str) -> String {
        self.document_type(type_code).map_or_else(|| type_code.to_owned(), |one| one.label.clone())
    }
}
