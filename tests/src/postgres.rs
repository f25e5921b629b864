//! A schema of its own on a real PostgreSQL server, for each hub of the suite.
//!
//! Where `WATLING_TEST_POSTGRES` names a server (`postgres://user@127.0.0.1:port/database`), every
//! hub of the suite keeps its index there; otherwise on SQLite.

use std::future::Future;
use std::path::Path;
use uuid::Uuid;

pub const SERVER: &str = "WATLING_TEST_POSTGRES";

/// By which a process is told where its index is.
pub const STORE_URL: &str = "WATLING_REGISTRY__STORE__URL";

pub struct Schema {
    server: String,
    name: String,
    /// Whether a later process goes on with it.
    kept: bool,
}

impl Schema {
    /// A new schema, if the suite runs against a server; dropped together with this value.
    pub fn fresh() -> Option<Self> {
        Self::make(Uuid::new_v4(), false)
    }

    /// The schema of a data folder, the same for each process that is started on it.
    pub fn of(data: &Path) -> Option<Self> {
        Self::make(Uuid::new_v5(&Uuid::NAMESPACE_URL, data.as_os_str().as_encoded_bytes()), true)
    }

    fn make(id: Uuid, kept: bool) -> Option<Self> {
        let server = std::env::var(SERVER).ok().filter(|url| !url.is_empty())?;
        let schema = Self { server, name: format!("hub_{}", id.simple()), kept };
        schema.run(&format!("CREATE SCHEMA IF NOT EXISTS {}", schema.name));
        Some(schema)
    }

    /// `[registry.store] url` for a hub that keeps its index here.
    pub fn url(&self) -> String {
        let and = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{and}options=-csearch_path%3D{}", self.server, self.name)
    }

    /// Rows of a table.
    pub fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {}.{table}", self.name);
        self.connected(async |client| client.query_one(&sql, &[]).await.expect("a count").get(0))
    }

    /// How the server would run a statement whose values it does not know, line by line, where it
    /// may not read a whole table if there is any other way.
    pub fn plan(&self, statement: &str, values: usize) -> Vec<String> {
        let nulls = vec!["NULL"; values].join(", ");
        let execute = if values == 0 { "it".to_owned() } else { format!("it({nulls})") };
        let prepare = format!(
            "SET search_path = {}; SET enable_seqscan = off; \
             SET plan_cache_mode = force_generic_plan; PREPARE it AS {statement}",
            self.name
        );
        self.connected(async |client| {
            client.batch_execute(&prepare).await.expect(statement);
            let explain = format!("EXPLAIN (COSTS OFF) EXECUTE {execute}");
            let rows = client.simple_query(&explain).await.expect(statement);
            let line = |message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            };
            rows.into_iter().filter_map(line).collect()
        })
    }

    fn run(&self, sql: &str) {
        self.connected(async |client| client.batch_execute(sql).await.expect("it runs"));
    }

    /// On a thread of its own, since a test may be inside a runtime.
    fn connected<T: Send>(&self, job: impl AsyncFnOnce(tokio_postgres::Client) -> T + Send) -> T {
        std::thread::scope(|scope| {
            let server = &self.server;
            let work = scope.spawn(move || {
                block_on(async move {
                    let (client, connection) =
                        tokio_postgres::connect(server, tokio_postgres::NoTls)
                            .await
                            .expect("the PostgreSQL server that WATLING_TEST_POSTGRES names");
                    let connection = tokio::spawn(connection);
                    let done = job(client).await;
                    let _ = connection.await;
                    done
                })
            });
            work.join().expect("the server's answer")
        })
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

impl Drop for Schema {
    fn drop(&mut self) {
        if !self.kept {
            self.run(&format!("DROP SCHEMA {} CASCADE", self.name));
        }
    }
}
