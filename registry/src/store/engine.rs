//! The two engines behind one transaction: SQLite in the registry's folder, PostgreSQL for more
//! than one machine.

mod postgres;
mod sqlite;

pub use postgres::{Postgres, PostgresConfig};
pub use sqlite::Sqlite;

use super::StoreError;
use super::sql::Sql;

/// An open database of either kind. Clones share it.
#[derive(Clone)]
pub enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Engine {
    /// Runs a job that only reads, on one consistent view of the index.
    pub async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(engine) => engine.read(job).await,
            Self::Postgres(engine) => engine.read(job).await,
        }
    }

    /// Runs a job that writes. On return it is durable, or nothing of it has happened.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(engine) => engine.write(job).await,
            Self::Postgres(engine) => engine.write(job).await,
        }
    }
}

/// Each statement, for whoever looks for a slow one; never its values, which name patients.
fn tell(sql: &str) {
    tracing::trace!(target: "registry::sql", "{sql}");
}
