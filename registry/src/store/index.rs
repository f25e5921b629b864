//! The index on either engine: each method one transaction.

use super::engine::{Engine, Postgres, PostgresConfig, Sqlite};
use super::sql::Sql;
use super::{Changes, Existing, References, Store, StoreError};
use super::{answer, apply, existing};
use async_trait::async_trait;
use schemas::code_set::CodeSets;
use schemas::query::{QueryAnswer, StoredQuery};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

pub struct Index {
    engine: Engine,
    code_sets: Arc<CodeSets>,
    /// Given when documents were taken back.
    pub(super) withdrawn: Arc<Notify>,
    /// Given when there is news of a patient.
    pub(super) told: Arc<Notify>,
}

impl Index {
    /// The embedded index in a file.
    pub fn sqlite(path: &Path, code_sets: Arc<CodeSets>) -> Result<Self, StoreError> {
        Ok(Self::on(Engine::Sqlite(Sqlite::open(path)?), code_sets))
    }

    /// The index on a server.
    pub async fn postgres(
        config: PostgresConfig,
        code_sets: Arc<CodeSets>,
    ) -> Result<Self, StoreError> {
        Ok(Self::on(Engine::Postgres(Postgres::open(config).await?), code_sets))
    }

    fn on(engine: Engine, code_sets: Arc<CodeSets>) -> Self {
        Self { engine, code_sets, withdrawn: Arc::default(), told: Arc::default() }
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
        let takes_back = !changes.withdrawn.is_empty();
        self.engine.write(move |sql| apply::apply(sql, &changes)).await?;
        if takes_back {
            self.withdrawn.notify_one();
        }
        self.told.notify_one();
        Ok(())
    }

    async fn query(&self, query: &StoredQuery, limit: usize) -> Result<QueryAnswer, StoreError> {
        let (query, code_sets) = (query.clone(), self.code_sets.clone());
        self.engine.read(move |sql| answer::answer(sql, &query, &code_sets, limit)).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let probe = |sql: &mut dyn Sql| {
            sql.rows("SELECT version FROM patient WHERE patient_key = 0", &[]).map(|_| ())
        };
        self.engine.read(probe).await
    }
}
