//! PostgreSQL: a pool of connections, each job a transaction on one of them.
//!
//! Jobs are the same synchronous functions as on SQLite: each runs on a blocking thread and waits
//! there for its statements.

use crate::store::StoreError;
use crate::store::sql::{Row, Sql, Value};
use bytes::BytesMut;
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use rustls::ClientConfig;
use std::error::Error;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

const MIGRATIONS: [&str; 7] = [
    include_str!("../migrations/0001_index.postgres.sql"),
    include_str!("../migrations/0002_patient.postgres.sql"),
    include_str!("../migrations/0003_retention.postgres.sql"),
    include_str!("../migrations/0004_withdrawal.postgres.sql"),
    include_str!("../migrations/0005_sensitivity.postgres.sql"),
    include_str!("../migrations/0006_nullified.postgres.sql"),
    include_str!("../migrations/0007_told.postgres.sql"),
];

/// A caller waits so long for a connection, then the registry is busy.
const WAIT: Duration = Duration::from_secs(10);

/// Query texts vary with the number of values; beyond this many the plans are forgotten.
const STATEMENTS_MAX: usize = 256;

/// How to reach the server.
pub struct PostgresConfig {
    /// `postgres://user:password@host:port/database`.
    pub url: String,
    /// Absent: without TLS, for a server on this machine.
    pub tls: Option<ClientConfig>,
    pub connections_max: usize,
}

#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Connects, sees that the server keeps what it acknowledges, and migrates.
    pub async fn open(config: PostgresConfig) -> Result<Self, StoreError> {
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            StoreError::Failed(format!("[registry.store] url: {what}: {error}"))
        };
        let server: Config =
            config.url.parse().map_err(|error| failed("not a PostgreSQL address", &error))?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match config.tls {
            Some(tls) => Manager::from_config(server, MakeRustlsConnect::new(tls), recycling),
            None => Manager::from_config(server, NoTls, recycling),
        };
        let pool = Pool::builder(manager)
            .max_size(config.connections_max)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .build()
            .map_err(|error| failed("cannot be used", &error))?;
        let postgres = Self { pool };
        postgres.keeps_what_it_acknowledges().await?;
        postgres.migrate().await?;
        Ok(postgres)
    }

    async fn keeps_what_it_acknowledges(&self) -> Result<(), StoreError> {
        let client = self.pool.get().await?;
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await?;
            if row.get::<_, String>(0) == "off" {
                let what = format!(
                    "the PostgreSQL server runs with {setting} = off: an acknowledged document could be lost. Set it to on"
                );
                return Err(StoreError::Failed(what));
            }
        }
        Ok(())
    }

    /// Several registries may start at once: one migrates, the others find it done.
    async fn migrate(&self) -> Result<(), StoreError> {
        let mut client = self.pool.get().await?;
        client
            .batch_execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
            .await
            .or_else(|error| if is_race(&error) { Ok(()) } else { Err(error) })?;
        let transaction = client.transaction().await?;
        transaction.batch_execute("LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE").await?;
        let row = transaction.query_opt("SELECT version FROM schema_version", &[]).await?;
        let version = row.map_or(0, |row| row.get::<_, i64>(0));
        let from = usize::try_from(version).unwrap_or(usize::MAX);
        if from > MIGRATIONS.len() {
            let what = format!(
                "the database has version {version}, this program knows {}: run a newer watling",
                MIGRATIONS.len()
            );
            return Err(StoreError::Failed(what));
        }
        for sql in MIGRATIONS.iter().skip(from) {
            transaction.batch_execute(sql).await?;
        }
        transaction.batch_execute("DELETE FROM schema_version").await?;
        let version = MIGRATIONS.len() as i64;
        transaction.execute("INSERT INTO schema_version VALUES ($1)", &[&version]).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", job).await
    }

    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    {
        self.run("BEGIN ISOLATION LEVEL READ COMMITTED", job).await
    }

    async fn run<T, F>(&self, begin: &'static str, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    {
        let client = self.pool.get().await?;
        let task = tokio::task::spawn_blocking(move || {
            let mut session = Session { client: Some(client), runtime: Handle::current() };
            session.batch(begin)?;
            let result = job(&mut session);
            session.batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            session.give_back();
            result
        });
        task.await
            .unwrap_or_else(|_| Err(StoreError::Failed("a job of the store panicked".to_owned())))
    }
}

/// A connection with an open transaction. One that does not come to its end (a panic, a broken
/// connection) does not go back into the pool.
struct Session {
    client: Option<Object>,
    runtime: Handle,
}

impl Session {
    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::Failed("the session is over".to_owned()))
    }

    fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.runtime.block_on(self.client()?.batch_execute(sql))?)
    }

    fn give_back(mut self) {
        if let Some(client) = self.client.take() {
            if client.statement_cache.size() > STATEMENTS_MAX {
                client.statement_cache.clear();
            }
            drop(client);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

impl Sql for Session {
    fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        super::tell(sql);
        let client = self.client()?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        let rows = self.runtime.block_on(async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, &values).await
        })?;
        rows.iter().map(row).collect()
    }

    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        super::tell(sql);
        let client = self.client()?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        let count = self.runtime.block_on(async {
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, &values).await
        })?;
        Ok(count)
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let value = |(n, column): (usize, &tokio_postgres::Column)| match *column.type_() {
        Type::INT8 => Ok(row.get::<_, Option<i64>>(n).into()),
        Type::INT4 => Ok(row.get::<_, Option<i32>>(n).map(i64::from).into()),
        Type::TEXT | Type::VARCHAR => Ok(row.get::<_, Option<String>>(n).into()),
        Type::BYTEA => Ok(row.get::<_, Option<Vec<u8>>>(n).map_or(Value::Null, Value::Bytes)),
        ref other => Err(StoreError::Failed(format!("the index has no column of type {other}"))),
    };
    row.columns().iter().enumerate().map(value).collect::<Result<_, _>>().map(Row)
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::VARCHAR, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

/// Two registries that make the same table at once.
fn is_race(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(&SqlState::UNIQUE_VIOLATION | &SqlState::DUPLICATE_TABLE))
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(said)
                if [
                    SqlState::UNIQUE_VIOLATION,
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                ]
                .contains(said.code()) =>
            {
                Self::Conflict
            }
            // The server's detail may hold values, and with them a patient's number.
            Some(said) => Self::Failed(format!("{} ({})", said.message(), said.code().code())),
            None => Self::Failed(error.to_string()),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Timeout(_) => Self::Busy,
            PoolError::Backend(error) => error.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}
