//! Entries of the registry for commands at the gateway's folder: from the index beside it where this
//! machine has it, else by ITI-18 with the gateway's own certificate.

use crate::config::Config;
use crate::data::DataFolder;
use crate::pki::{DevelopmentPki, own_identity};
use crate::serve::{Role, store};
use node::actors::{CallContext, Query};
use node::client::{RemoteRegistry, SoapClient};
use registry::store::{Index, Store, StoreError};
use schemas::code_set::CodeSets;
use schemas::hl7::PatientId;
use schemas::metadata::EntryFacts;
use schemas::nhs_number::NhsNumber;
use schemas::query::{FindDocuments, QueryKind, StoredQuery};
use schemas::unique_id::UniqueId;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How many ids go into one question.
const IDS_AT_ONCE: usize = 200;

pub(super) enum Entries {
    Here { index: Box<Index>, results_max: usize },
    Elsewhere { registry: Box<RemoteRegistry>, _spool: tempfile::TempDir },
}

impl Entries {
    /// `None` where the registry is neither in this folder nor in a database that the configuration
    /// names.
    pub async fn here(
        data: &Path,
        config: &Config,
        code_sets: Arc<CodeSets>,
    ) -> Result<Option<Self>, String> {
        let folder = data.join("registry");
        if !folder.is_dir() && config.registry.store.url.is_none() {
            return Ok(None);
        }
        let index = store::open(&config.registry.store, &folder, code_sets).await?;
        let results_max = usize::try_from(config.limits.results_max).unwrap_or(usize::MAX);
        Ok(Some(Self::Here { index: Box::new(index), results_max }))
    }

    /// The registry of another machine, asked as the gateway asks it.
    pub fn elsewhere(data: &Path, config: &Config, url: Option<&str>) -> Result<Self, String> {
        let url = url.map(str::to_owned).or_else(|| config.registry.url.clone());
        let url = url.ok_or("the registry is not in this folder: say where it is with --registry-url, or registry.url in the configuration")?;
        let identity = match &config.pki {
            Some(own) => own_identity(own, Role::Gateway)?,
            None => DevelopmentPki::of(&DataFolder::open(data)?).service(Role::Gateway.system()),
        };
        let tls = identity.client_config().map_err(|error| error.to_string())?;
        let spool = tempfile::tempdir().map_err(|error| error.to_string())?;
        let folder = spool.path().to_owned();
        let client = SoapClient::new(tls, folder, Duration::from_secs(120), config.limits);
        let registry = Box::new(RemoteRegistry { client, url });
        Ok(Self::Elsewhere { registry, _spool: spool })
    }

    /// Entries in force of one patient.
    pub async fn of_patient(&self, patient: NhsNumber) -> Result<Vec<EntryFacts>, String> {
        let find = FindDocuments::approved(PatientId::Nhs(patient));
        self.ask(&StoredQuery::leaf_class(QueryKind::FindDocuments(Box::new(find)))).await
    }

    /// Entries by uniqueId, in any status; those that are no more are left out.
    pub async fn of_documents(&self, ids: &[String]) -> Result<Vec<EntryFacts>, String> {
        let mut found = Vec::new();
        for part in ids.chunks(IDS_AT_ONCE) {
            let ids = part.iter().filter_map(|id| UniqueId::parse(id).ok()).collect();
            found.extend(self.ask(&StoredQuery::documents(ids)).await?);
        }
        Ok(found)
    }

    async fn ask(&self, query: &StoredQuery) -> Result<Vec<EntryFacts>, String> {
        let answer = match self {
            Self::Here { index, results_max } => {
                index.query(query, *results_max).await.map_err(|error| match error {
                    StoreError::TooMany => {
                        "more documents match than limits.results_max".to_owned()
                    }
                    error => format!("the registry's index: {error}"),
                })?
            }
            Self::Elsewhere { registry, .. } => {
                let context = CallContext { correlation_id: node::ids::uuid() };
                let answer = registry.query(query, &context).await;
                answer.map_err(|error| format!("the registry: {error}"))?
            }
        };
        if let Some(error) = answer.errors.iter().find(|error| error.is_error()) {
            return Err(format!("the registry: {error}"));
        }
        Ok(answer.entries.into_iter().map(|entry| entry.facts).collect())
    }
}
