//! The repository's own index: `(repositoryUniqueId, uniqueId)` to an object and its state.
//!
//! A row is `pending` from the moment its bytes are durable, and can be retrieved at once: a
//! registry or a reader may ask before ITI-42 has answered. Holds count the submissions on their
//! way, so that one that fails does not pull the row from under another.

use crate::objects::{ObjectStore, Sha256, Stored};
use node::sqlite::{Readers, SqliteError, Writer};
use rusqlite::{Connection, OptionalExtension, params};
use schemas::unique_id::UniqueId;
use std::path::Path;
use std::sync::Arc;

const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001_documents.sql")];

/// A document of the repository.
#[derive(Clone, Debug)]
pub struct Document {
    pub sha256: Sha256,
    pub size: u64,
    pub mime_type: String,
}

/// What became of a wish to hold a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Held,
    /// The uniqueId stands for other bytes already; those are never overwritten.
    OtherBytes {
        size_differs: bool,
    },
}

#[derive(Clone)]
pub struct Index {
    writer: Writer,
    readers: Readers,
    repository_unique_id: String,
}

impl Index {
    pub fn open(path: &Path, repository_unique_id: &str) -> Result<Self, SqliteError> {
        let writer = Writer::open(path, &MIGRATIONS)?;
        let readers = Readers::open(path, 4)?;
        Ok(Self { writer, readers, repository_unique_id: repository_unique_id.to_owned() })
    }

    /// Holds every document of a submission, in one durable step; all or none.
    pub async fn hold(
        &self,
        documents: Vec<(UniqueId, String, Stored)>,
        now: String,
    ) -> Result<Vec<Held>, SqliteError> {
        let repository = self.repository_unique_id.clone();
        self.writer
            .run(move |connection| {
                let mut outcome = Vec::new();
                for (unique_id, mime_type, stored) in &documents {
                    outcome.push(hold_one(
                        connection,
                        &repository,
                        unique_id,
                        mime_type,
                        stored,
                        &now,
                    )?);
                }
                if outcome.iter().any(|held| *held != Held::Held) {
                    let held =
                        documents.iter().zip(&outcome).filter(|(_, held)| **held == Held::Held);
                    for ((unique_id, ..), _) in held {
                        release_one(connection, &repository, unique_id.as_str())?;
                    }
                }
                Ok(outcome)
            })
            .await
    }

    /// The submission is registered: its documents stay.
    pub async fn registered(&self, documents: Vec<UniqueId>) -> Result<(), SqliteError> {
        let repository = self.repository_unique_id.clone();
        self.writer
            .run(move |connection| {
                for unique_id in &documents {
                    connection
                        .prepare_cached(
                            "UPDATE document SET state = 2, holds = max(holds - 1, 0) \
                             WHERE repository_unique_id = $1 AND unique_id = $2",
                        )?
                        .execute(params![repository, unique_id.as_str()])?;
                }
                Ok(())
            })
            .await
    }

    /// The submission failed: what only it relied on goes.
    pub async fn release(&self, documents: Vec<UniqueId>) -> Result<(), SqliteError> {
        let repository = self.repository_unique_id.clone();
        self.writer
            .run(move |connection| {
                documents
                    .iter()
                    .try_for_each(|id| release_one(connection, &repository, id.as_str()))
            })
            .await
    }

    /// The registry's answer is unknown: the documents stay pending until it is asked again.
    pub async fn leave_pending(&self, documents: Vec<UniqueId>) -> Result<(), SqliteError> {
        let repository = self.repository_unique_id.clone();
        self.writer
            .run(move |connection| {
                for unique_id in &documents {
                    connection
                        .prepare_cached(
                            "UPDATE document SET holds = max(holds - 1, 0) \
                             WHERE repository_unique_id = $1 AND unique_id = $2",
                        )?
                        .execute(params![repository, unique_id.as_str()])?;
                }
                Ok(())
            })
            .await
    }

    pub async fn document(&self, unique_id: String) -> Result<Option<Document>, SqliteError> {
        let repository = self.repository_unique_id.clone();
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT sha256, size, mime_type FROM document \
                     WHERE repository_unique_id = $1 AND unique_id = $2",
                )?;
                let row = statement.query_row(params![repository, unique_id], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get(2)?))
                });
                let Some((sha256, size, mime_type)) = row.optional()? else { return Ok(None) };
                let sha256 = Sha256::parse(&sha256)
                    .ok_or_else(|| SqliteError::Failed("document.sha256 is broken".to_owned()))?;
                Ok(Some(Document { sha256, size: size as u64, mime_type }))
            })
            .await
    }

    /// No submission is on its way when a process starts.
    pub async fn forget_holds(&self) -> Result<(), SqliteError> {
        self.writer
            .run(|c| {
                Ok(c.execute("UPDATE document SET holds = 0 WHERE holds > 0", []).map(|_| ())?)
            })
            .await
    }

    /// Documents stored before a time whose registration is unknown and that nobody is working on.
    pub async fn pending(&self, before: String) -> Result<Vec<UniqueId>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT unique_id FROM document WHERE state = 1 AND holds = 0 AND stored_at <= $1 LIMIT 1000",
                )?;
                let ids = statement.query_map([before], |row| row.get::<_, String>(0))?;
                let ids: Result<Vec<String>, _> = ids.collect();
                Ok(ids?.iter().filter_map(|id| UniqueId::parse(id).ok()).collect())
            })
            .await
    }

    /// Settles a pending row with what the registry said, unless a submission holds it by now.
    pub async fn settle(&self, unique_id: UniqueId, registered: bool) -> Result<(), SqliteError> {
        let repository = self.repository_unique_id.clone();
        let sql = if registered {
            "UPDATE document SET state = 2 WHERE repository_unique_id = $1 AND unique_id = $2"
        } else {
            "DELETE FROM document WHERE repository_unique_id = $1 AND unique_id = $2 AND state = 1 AND holds = 0"
        };
        let job = move |connection: &Connection| {
            connection.prepare_cached(sql)?.execute(params![repository, unique_id.as_str()])?;
            Ok(())
        };
        self.writer.run(job).await
    }

    /// Removes objects that no row names, under the writer's lock: no row can appear meanwhile.
    pub async fn sweep(
        &self,
        objects: Arc<dyn ObjectStore>,
        candidates: Vec<Sha256>,
    ) -> Result<usize, SqliteError> {
        self.writer
            .run(move |connection| {
                let mut removed = 0;
                let mut named = connection
                    .prepare_cached("SELECT 1 FROM document WHERE sha256 = $1 LIMIT 1")?;
                for sha256 in candidates {
                    if !named.exists([sha256.to_string()])? {
                        objects.remove(sha256).map_err(|e| SqliteError::Failed(e.to_string()))?;
                        removed += 1;
                    }
                }
                Ok(removed)
            })
            .await
    }

    pub async fn ready(&self) -> Result<(), SqliteError> {
        self.readers
            .run(|c| {
                Ok(c.query_row("SELECT count(*) FROM document WHERE unique_id = ''", [], |_| {
                    Ok(())
                })?)
            })
            .await
    }
}

fn hold_one(
    connection: &Connection,
    repository: &str,
    unique_id: &UniqueId,
    mime_type: &str,
    stored: &Stored,
    now: &str,
) -> Result<Held, SqliteError> {
    let mut known = connection.prepare_cached(
        "SELECT sha256, size FROM document WHERE repository_unique_id = $1 AND unique_id = $2",
    )?;
    let known: Option<(String, i64)> = known
        .query_row(params![repository, unique_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((sha256, size)) = known {
        if sha256 != stored.sha256.to_string() {
            return Ok(Held::OtherBytes { size_differs: size as u64 != stored.size });
        }
        connection
            .prepare_cached(
                "UPDATE document SET holds = holds + 1 WHERE repository_unique_id = $1 AND unique_id = $2",
            )?
            .execute(params![repository, unique_id.as_str()])?;
        return Ok(Held::Held);
    }
    connection
        .prepare_cached(
            "INSERT INTO document (repository_unique_id, unique_id, sha256, sha1, size, mime_type, \
             state, holds, stored_at) VALUES ($1, $2, $3, $4, $5, $6, 1, 1, $7)",
        )?
        .execute(params![
            repository,
            unique_id.as_str(),
            stored.sha256.to_string(),
            stored.sha1.as_str(),
            stored.size as i64,
            mime_type,
            now
        ])?;
    Ok(Held::Held)
}

fn release_one(
    connection: &Connection,
    repository: &str,
    unique_id: &str,
) -> Result<(), SqliteError> {
    connection
        .prepare_cached(
            "UPDATE document SET holds = max(holds - 1, 0) WHERE repository_unique_id = $1 AND unique_id = $2",
        )?
        .execute(params![repository, unique_id])?;
    connection
        .prepare_cached(
            "DELETE FROM document WHERE repository_unique_id = $1 AND unique_id = $2 AND state = 1 AND holds = 0",
        )?
        .execute(params![repository, unique_id])?;
    Ok(())
}
