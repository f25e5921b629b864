//! Entries of the registry for commands at the gateway's folder: from the index beside it, where
//! this machine has it.

use crate::config::Config;
use crate::serve::store;
use registry::store::{Index, Store, StoreError};
use schemas::code_set::CodeSets;
use schemas::hl7::PatientId;
use schemas::metadata::EntryFacts;
use schemas::nhs_number::NhsNumber;
use schemas::query::{FindDocuments, QueryKind, StoredQuery};
use schemas::unique_id::UniqueId;
use std::path::Path;
use std::sync::Arc;

/// How many ids go into one question.
const IDS_AT_ONCE: usize = 200;

pub(super) struct Entries {
    index: Index,
    results_max: usize,
}

impl Entries {
    /// `None` where the registry is neither in this folder nor in a database that the configuration
    /// names.
    pub async fn open(
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
        Ok(Some(Self { index, results_max }))
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
        let answer = self.index.query(query, self.results_max).await;
        let answer = answer.map_err(|error| match error {
            StoreError::TooMany => "more documents match than limits.results_max".to_owned(),
            error => format!("the registry's index: {error}"),
        })?;
        Ok(answer.entries.into_iter().map(|entry| entry.facts).collect())
    }
}
