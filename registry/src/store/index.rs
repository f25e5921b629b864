//! The index on either engine: each method one transaction.

use super::engine::{Engine, Postgres, PostgresConfig, Sqlite};
use super::existing::{locate, patient_keys};
use super::rows::{ENTRY_CONTENT, entry_facts};
use super::sql::Sql;
use super::{Changes, Existing, ObjectKind, References, Store, StoreError};
use super::{apply, existing, select};
use async_trait::async_trait;
use schemas::code_set::CodeSets;
use schemas::metadata::FoundEntry;
use schemas::query::{FindDocuments, Selector};
use std::path::Path;
use std::sync::Arc;

pub struct Index {
    engine: Engine,
    code_sets: Arc<CodeSets>,
}

impl Index {
    /// The embedded index in a file.
    pub fn sqlite(path: &Path, code_sets: Arc<CodeSets>) -> Result<Self, StoreError> {
        Ok(Self { engine: Engine::Sqlite(Sqlite::open(path)?), code_sets })
    }

    /// The index on a server.
    pub async fn postgres(
        config: PostgresConfig,
        code_sets: Arc<CodeSets>,
    ) -> Result<Self, StoreError> {
        Ok(Self { engine: Engine::Postgres(Postgres::open(config).await?), code_sets })
    }

    /// The database itself, for the other stores that keep their tables in it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

#[async_trait]
impl Store for Index {
    async fn existing(&self, references: &References) -> Result<Existing, StoreError> {
        let references = references.clone();
        self.engine.read(move |sql| existing::read(sql, &references)).await
    }

    async fn commit(&self, changes: Changes) -> Result<(), StoreError> {
        self.engine.write(move |sql| apply::apply(sql, &changes)).await
    }

    async fn find(&self, query: &FindDocuments, limit: u32) -> Result<Vec<FoundEntry>, StoreError> {
        let (query, code_sets) = (query.clone(), self.code_sets.clone());
        let find = move |sql: &mut dyn Sql| {
            let keys = patient_keys(sql, &query.patient_id)?;
            let select = select::find_documents(&keys, &query, &code_sets, limit);
            entries(sql, &select)
        };
        self.engine.read(find).await
    }

    async fn get(&self, query: &Selector, limit: u32) -> Result<Vec<FoundEntry>, StoreError> {
        let ids: Vec<String> = match query {
            Selector::EntryUuid(ids) | Selector::LogicalId(ids) => {
                ids.iter().map(ToString::to_string).collect()
            }
            Selector::UniqueId(ids) => ids.iter().map(ToString::to_string).collect(),
        };
        let get = move |sql: &mut dyn Sql| {
            let mut found: Vec<FoundEntry> = Vec::new();
            for id in ids {
                for object in locate(sql, &id)? {
                    let known = |e: &FoundEntry| e.facts.entry_uuid == object.entry_uuid;
                    if object.kind == ObjectKind::DocumentEntry && !found.iter().any(known) {
                        found.extend(entries(sql, &select::entry(&object))?);
                    }
                }
                if found.len() >= limit as usize {
                    break;
                }
            }
            Ok(found)
        };
        self.engine.read(get).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let probe = |sql: &mut dyn Sql| {
            sql.rows("SELECT version FROM patient WHERE patient_key = 0", &[]).map(|_| ())
        };
        self.engine.read(probe).await
    }
}

fn entries(sql: &mut dyn Sql, select: &select::Select) -> Result<Vec<FoundEntry>, StoreError> {
    let rows = sql.rows(&select.sql, &select.values)?;
    let found = rows.into_iter().map(|mut row| {
        Ok(FoundEntry { facts: entry_facts(&row)?, content: row.take_text(ENTRY_CONTENT)? })
    });
    found.collect()
}
