//! SQLite as the embedded store: one writer that commits many waiting jobs in one fsync, and a
//! pool of read-only connections.
//!
//! Each job runs in a savepoint, so that one that fails does not poison its batch, and is answered
//! only after the commit: acknowledged means durable.

use rusqlite::{Connection, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, oneshot};

/// Why a store could not do its work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SqliteError {
    #[error("the store has more work waiting than it takes on; try again")]
    Busy,
    #[error("the store has no space left: {0}")]
    Full(String),
    #[error("the store failed: {0}")]
    Failed(String),
}

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) if is_full(failure) => {
                Self::Full(error.to_string())
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// Whether a disk or a quota is full: SQLite tells only the first of them by its name.
fn is_full(failure: &rusqlite::ffi::Error) -> bool {
    failure.code == rusqlite::ErrorCode::DiskFull
        || matches!(
            failure.extended_code,
            rusqlite::ffi::SQLITE_IOERR_WRITE | rusqlite::ffi::SQLITE_IOERR_SHMSIZE
        )
}

const QUEUE_MAX: usize = 2_048;
const BATCH_MAX: usize = 128;

/// Plans that a connection remembers; a few hundred kilobytes.
const STATEMENTS_MAX: usize = 64;

type Finish = Box<dyn FnOnce(Result<(), SqliteError>) + Send>;
type Job = Box<dyn FnOnce(Result<&Connection, SqliteError>) -> Finish + Send>;

/// The only connection that writes. Clones share it.
#[derive(Clone)]
pub struct Writer {
    jobs: SyncSender<Job>,
}

fn pragmas(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "busy_timeout", 10_000)
}

/// The version of a database, if this program knows it.
fn known_version(connection: &Connection, migrations: &[&str]) -> Result<usize, SqliteError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > migrations.len() {
        let what = format!(
            "the database has version {version}, this program knows {}: run a newer watling",
            migrations.len()
        );
        return Err(SqliteError::Failed(what));
    }
    Ok(version)
}

/// Brings a database to its newest form: `migrations[n]` leads from version n to n + 1.
fn migrate(
    connection: &mut Connection,
    from: usize,
    migrations: &[&str],
) -> Result<(), SqliteError> {
    for (number, sql) in migrations.iter().enumerate().skip(from) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

impl Writer {
    /// Opens (or makes) a database, migrates it and starts its thread.
    pub fn open(path: &Path, migrations: &[&str]) -> Result<Self, SqliteError> {
        let mut connection = Connection::open(path)?;
        // Before the pragmas: WAL mode is written into the file.
        let version = known_version(&connection, migrations)?;
        pragmas(&connection)?;
        migrate(&mut connection, version, migrations)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        std::thread::Builder::new()
            .name(format!("{}-writer", name.unwrap_or_default()))
            .spawn(move || work(&connection, &queue))
            .map_err(|error| SqliteError::Failed(error.to_string()))?;
        Ok(Self { jobs })
    }

    /// Runs a job in the next batch; its answer comes after the commit. A job that returns an
    /// error leaves nothing behind.
    pub async fn run<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<SqliteError> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = connection.map_err(E::from).and_then(|c| in_savepoint(c, job));
            Box::new(move |committed| {
                let answer = match committed {
                    Ok(()) => result,
                    // What failed before the commit has failed for its own reason.
                    Err(error) => result.and(Err(E::from(error))),
                };
                let _ = sender.send(answer);
            })
        });
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => E::from(SqliteError::Busy),
            TrySendError::Disconnected(_) => stopped(),
        })?;
        receiver.await.unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped<E: From<SqliteError>>() -> E {
    E::from(SqliteError::Failed("the store's writer has stopped".to_owned()))
}

fn in_savepoint<T, E: From<SqliteError>>(
    connection: &Connection,
    job: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let savepoint = |sql: &str| connection.execute_batch(sql).map_err(|e| E::from(e.into()));
    savepoint("SAVEPOINT job")?;
    let result = catch_unwind(AssertUnwindSafe(|| job(connection))).unwrap_or_else(|_| {
        Err(E::from(SqliteError::Failed("a job of the store panicked".to_owned())))
    });
    match result {
        Ok(value) => savepoint("RELEASE job").map(|()| value),
        Err(error) => {
            savepoint("ROLLBACK TO job; RELEASE job")?;
            Err(error)
        }
    }
}

/// Takes what waits, runs it in one transaction, commits once, answers all.
fn work(connection: &Connection, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(SqliteError::from);
        // Without a transaction no job runs: its savepoint would commit by itself.
        let usable = || begun.clone().map(|()| connection);
        let mut finishes = vec![first(usable())];
        while finishes.len() < BATCH_MAX {
            let Ok(job) = queue.try_recv() else { break };
            finishes.push(job(usable()));
        }
        let committed = begun.clone().and_then(|()| Ok(connection.execute_batch("COMMIT")?));
        if committed.is_err() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        for finish in finishes {
            finish(committed.clone());
        }
    }
}

/// Read-only connections, used one at a time each, off the async threads.
#[derive(Clone)]
pub struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    path: PathBuf,
}

impl Readers {
    pub fn open(path: &Path, count: usize) -> Result<Self, SqliteError> {
        let readers = Self {
            idle: Arc::default(),
            permits: Arc::new(Semaphore::new(count)),
            path: path.to_owned(),
        };
        readers.give_back(readers.connect()?);
        Ok(readers)
    }

    fn connect(&self) -> Result<Connection, SqliteError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.pragma_update(None, "query_only", "ON")?;
        connection.pragma_update(None, "busy_timeout", 10_000)?;
        // Stored query patterns are case-sensitive (ITI TF-2 3.18.4.1.2.3.5).
        connection.pragma_update(None, "case_sensitive_like", "ON")?;
        connection.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    pub async fn run<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<SqliteError> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| stopped::<E>())?;
        let readers = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => readers.connect()?,
            };
            let result = job(&connection);
            readers.give_back(connection);
            result
        });
        task.await.unwrap_or_else(|_| Err(stopped()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [&str; 1] = ["CREATE TABLE t (n INTEGER PRIMARY KEY)"];

    fn insert(n: i64) -> impl FnOnce(&Connection) -> Result<(), SqliteError> + Send + 'static {
        move |connection| Ok(connection.execute("INSERT INTO t VALUES (?1)", [n]).map(|_| ())?)
    }

    #[tokio::test]
    async fn a_job_that_fails_or_panics_does_not_poison_its_batch() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let writer = Writer::open(&path, &TABLE).unwrap();
        let readers = Readers::open(&path, 2).unwrap();
        let jobs = (0..40).map(|n| {
            let writer = writer.clone();
            tokio::spawn(async move {
                match n % 4 {
                    0 => writer.run(insert(7)).await,
                    1 => writer.run(|_| panic!("a job's own fault")).await,
                    _ => writer.run(insert(100 + n)).await,
                }
            })
        });
        let mut failed = 0;
        for job in jobs.collect::<Vec<_>>() {
            failed += usize::from(job.await.unwrap().is_err());
        }
        let count = readers
            .run(|c| {
                Ok::<i64, SqliteError>(c.query_row("SELECT count(*) FROM t", [], |r| r.get(0))?)
            })
            .await
            .unwrap();
        assert_eq!(
            (failed, count),
            (19, 21),
            "one of the ten equal keys and all twenty others stand"
        );
    }

    #[test]
    fn a_database_of_the_future_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let later = Connection::open(&path).unwrap();
        later.execute_batch("CREATE TABLE later (n INTEGER); PRAGMA user_version = 9").unwrap();
        drop(later);
        let bytes = std::fs::read(&path).unwrap();
        assert!(Writer::open(&path, &TABLE).is_err());
        assert!(std::fs::read(&path).unwrap() == bytes, "not a byte of it is another");
    }
}
