//! The repository's own index: `(repositoryUniqueId, uniqueId)` to an object and its state.
//!
//! A row is `pending` from the moment its bytes are durable, and can be retrieved at once: a
//! registry or a reader may ask before ITI-42 has answered. Holds count the submissions on their
//! way, so that one that fails does not pull the row from under another.

use crate::objects::{ObjectStore, Sha256, Stored};
use node::sqlite::{Readers, SqliteError, Writer};
use rusqlite::{Connection, OptionalExtension, params};
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::unique_id::UniqueId;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Notify;

mod removal;
mod withdrawal;

pub use removal::{Candidate, Kept, Removal, Removed};

const MIGRATIONS: [&str; 4] = [
    include_str!("migrations/0001_documents.sql"),
    include_str!("migrations/0002_removal.sql"),
    include_str!("migrations/0003_withdrawal.sql"),
    include_str!("migrations/0004_nullified.sql"),
];

/// The name of a document: (repositoryUniqueId, uniqueId).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentKey {
    pub repository_unique_id: Oid,
    pub unique_id: UniqueId,
}

impl DocumentKey {
    /// `None` where a text can name no document at all.
    pub fn parse(repository_unique_id: &str, unique_id: &str) -> Option<Self> {
        Some(Self {
            repository_unique_id: Oid::parse(repository_unique_id).ok()?,
            unique_id: UniqueId::parse(unique_id).ok()?,
        })
    }

    fn repository(&self) -> &str {
        self.repository_unique_id.as_str()
    }

    fn id(&self) -> &str {
        self.unique_id.as_str()
    }
}

/// A stored object that wants its name.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub key: DocumentKey,
    pub mime_type: String,
    pub stored: Stored,
}

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
    /// The object was removed meanwhile: it has to be stored again.
    Gone,
    /// Its publisher removed it, and only its publisher can bring it back.
    RemovedByAnother,
}

#[derive(Clone)]
pub struct Index {
    writer: Writer,
    readers: Readers,
    /// Given when documents were taken away.
    withdrawn: Arc<Notify>,
}

impl Index {
    pub fn open(path: &Path) -> Result<Self, SqliteError> {
        let writer = Writer::open(path, &MIGRATIONS)?;
        let readers = Readers::open(path, 4)?;
        Ok(Self { writer, readers, withdrawn: Arc::default() })
    }

    /// Holds every document of a publisher's submission, in one durable step; all or none.
    pub async fn hold(
        &self,
        documents: Vec<Wanted>,
        publisher: OdsCode,
        objects: Arc<dyn ObjectStore>,
        now: String,
    ) -> Result<Vec<Held>, SqliteError> {
        self.writer
            .run(move |connection| {
                let mut outcome = Vec::new();
                for wanted in &documents {
                    if !objects.exists(wanted.stored.sha256, wanted.stored.size) {
                        outcome.push(Held::Gone);
                        continue;
                    }
                    outcome.push(hold_one(connection, wanted, &publisher, &now)?);
                }
                if outcome.iter().any(|held| *held != Held::Held) {
                    let held =
                        documents.iter().zip(&outcome).filter(|(_, held)| **held == Held::Held);
                    for (wanted, _) in held {
                        release_one(connection, &wanted.key)?;
                    }
                }
                Ok(outcome)
            })
            .await
    }

    /// The submission is registered: its documents stay.
    pub async fn registered(
        &self,
        documents: Vec<DocumentKey>,
        publisher: OdsCode,
    ) -> Result<(), SqliteError> {
        self.writer
            .run(move |connection| {
                for key in &documents {
                    connection
                        .prepare_cached(
                            "UPDATE document SET state = 2, holds = max(holds - 1, 0), \
                             shared = CASE publisher_ods WHEN $1 THEN shared ELSE 1 END \
                             WHERE repository_unique_id = $2 AND unique_id = $3",
                        )?
                        .execute(params![publisher.as_str(), key.repository(), key.id()])?;
                }
                Ok(())
            })
            .await
    }

    /// The submission failed: what only it relied on goes.
    pub async fn release(&self, documents: Vec<DocumentKey>) -> Result<(), SqliteError> {
        self.writer
            .run(move |connection| {
                documents.iter().try_for_each(|key| release_one(connection, key))
            })
            .await
    }

    /// The registry's answer is unknown: the documents stay until it has been asked again, which
    /// is not before they are old enough from now on.
    pub async fn leave_pending(
        &self,
        documents: Vec<DocumentKey>,
        publisher: OdsCode,
        now: String,
    ) -> Result<(), SqliteError> {
        self.writer
            .run(move |connection| {
                for key in &documents {
                    connection
                        .prepare_cached(
                            "UPDATE document SET holds = max(holds - 1, 0), stored_at = $1, \
                             state = CASE state WHEN 1 THEN 3 ELSE state END, \
                             shared = CASE publisher_ods WHEN $2 THEN shared ELSE 1 END \
                             WHERE repository_unique_id = $3 AND unique_id = $4",
                        )?
                        .execute(params![now, publisher.as_str(), key.repository(), key.id()])?;
                }
                Ok(())
            })
            .await
    }

    /// Keeps documents back for ever: they stay for audit, and are handed out to nobody.
    pub async fn nullify(&self, keys: Vec<DocumentKey>, now: String) -> Result<(), SqliteError> {
        self.writer
            .run(move |connection| {
                for key in &keys {
                    connection
                        .prepare_cached(
                            "UPDATE document SET nullified_at = coalesce(nullified_at, $1) \
                             WHERE repository_unique_id = $2 AND unique_id = $3",
                        )?
                        .execute(params![now, key.repository(), key.id()])?;
                }
                Ok(())
            })
            .await
    }

    /// A document that may be handed out.
    pub async fn document(&self, key: DocumentKey) -> Result<Option<Document>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT sha256, size, mime_type FROM document \
                     WHERE repository_unique_id = $1 AND unique_id = $2 AND nullified_at IS NULL",
                )?;
                let row = statement.query_row(params![key.repository(), key.id()], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get(2)?))
                });
                let Some((sha256, size, mime_type)) = row.optional()? else { return Ok(None) };
                Ok(Some(Document { sha256: object(&sha256)?, size: size as u64, mime_type }))
            })
            .await
    }

    /// No submission is on its way when a process starts.
    pub async fn forget_holds(&self) -> Result<(), SqliteError> {
        self.writer
            .run(|c| {
                Ok(c.execute("UPDATE document SET holds = 0, state = 3 WHERE state = 1", [])
                    .map(|_| ())?)
            })
            .await
    }

    /// Documents stored before a time whose registration is unknown and that nobody is working on.
    pub async fn pending(&self, before: String) -> Result<Vec<DocumentKey>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT repository_unique_id, unique_id FROM document \
                     WHERE state = 3 AND holds = 0 AND stored_at <= $1 LIMIT 1000",
                )?;
                let keys = statement.query_map([before], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let keys: Vec<(String, String)> = keys.collect::<Result<_, _>>()?;
                let keys = keys.iter().map(|(repository, id)| DocumentKey::parse(repository, id));
                Ok(keys.flatten().collect())
            })
            .await
    }

    /// Settles a row that was pending before a time with what the registry said. It goes only if no
    /// submission holds it by now and none has held it since: such a one may be registered after
    /// the registry was asked.
    pub async fn settle(
        &self,
        key: DocumentKey,
        registered: bool,
        before: String,
    ) -> Result<(), SqliteError> {
        let job = move |connection: &Connection| {
            let (repository, id) = (key.repository(), key.id());
            if registered {
                let sql = "UPDATE document SET state = 2 WHERE repository_unique_id = $1 AND unique_id = $2";
                connection.prepare_cached(sql)?.execute(params![repository, id])?;
            } else {
                let sql = "DELETE FROM document WHERE repository_unique_id = $1 AND unique_id = $2 \
                           AND stored_at <= $3 AND state = 3 AND holds = 0";
                connection.prepare_cached(sql)?.execute(params![repository, id, before])?;
            }
            Ok(())
        };
        self.writer.run(job).await
    }

    /// Removes objects that no row names, under the writer's lock: no row can appear meanwhile.
    pub async fn sweep(
        &self,
        objects: Arc<dyn ObjectStore>,
        candidates: Vec<Sha256>,
        before: SystemTime,
    ) -> Result<usize, SqliteError> {
        self.writer
            .run(move |connection| {
                let mut removed = 0;
                let mut named = connection
                    .prepare_cached("SELECT 1 FROM document WHERE sha256 = $1 LIMIT 1")?;
                for sha256 in candidates {
                    if !named.exists([sha256.to_string()])? {
                        objects
                            .remove(sha256, before)
                            .map_err(|e| SqliteError::Failed(e.to_string()))?;
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

fn object(sha256: &str) -> Result<Sha256, SqliteError> {
    Sha256::parse(sha256).ok_or_else(|| SqliteError::Failed("a stored sha256 is broken".to_owned()))
}

fn hold_one(
    connection: &Connection,
    wanted: &Wanted,
    publisher: &OdsCode,
    now: &str,
) -> Result<Held, SqliteError> {
    let Wanted { key, mime_type, stored } = wanted;
    let mut known = connection.prepare_cached(
        "SELECT sha256, size FROM document WHERE repository_unique_id = $1 AND unique_id = $2",
    )?;
    let known: Option<(String, i64)> = known
        .query_row(params![key.repository(), key.id()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((sha256, size)) = known {
        if sha256 != stored.sha256.to_string() {
            return Ok(Held::OtherBytes { size_differs: size as u64 != stored.size });
        }
        connection
            .prepare_cached(
                "UPDATE document SET holds = holds + 1, stored_at = $1 \
                 WHERE repository_unique_id = $2 AND unique_id = $3",
            )?
            .execute(params![now, key.repository(), key.id()])?;
        return Ok(Held::Held);
    }
    if let Some(refused) = removal::refuses(connection, wanted, publisher)? {
        return Ok(refused);
    }
    connection
        .prepare_cached(
            "INSERT INTO document (repository_unique_id, unique_id, sha256, sha1, size, mime_type, \
             state, holds, stored_at, publisher_ods) VALUES ($1, $2, $3, $4, $5, $6, 1, 1, $7, $8)",
        )?
        .execute(params![
            key.repository(),
            key.id(),
            stored.sha256.to_string(),
            stored.sha1.as_str(),
            stored.size as i64,
            mime_type,
            now,
            publisher.as_str()
        ])?;
    Ok(Held::Held)
}

fn release_one(connection: &Connection, key: &DocumentKey) -> Result<(), SqliteError> {
    connection
        .prepare_cached(
            "UPDATE document SET holds = max(holds - 1, 0) WHERE repository_unique_id = $1 AND unique_id = $2",
        )?
        .execute(params![key.repository(), key.id()])?;
    connection
        .prepare_cached(
            "DELETE FROM document WHERE repository_unique_id = $1 AND unique_id = $2 AND state = 1 AND holds = 0",
        )?
        .execute(params![key.repository(), key.id()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::{FilesystemObjects, memory};

    async fn state(index: &Index) -> Vec<i64> {
        let read = |connection: &Connection| {
            let mut statement = connection.prepare("SELECT state FROM document")?;
            let states = statement.query_map([], |row| row.get(0))?;
            Ok::<_, SqliteError>(states.collect::<Result<Vec<i64>, _>>()?)
        };
        index.readers.run(read).await.unwrap()
    }

    /// An index, an object store, and a letter of RXN that is stored in it.
    pub(super) struct Shelf {
        pub index: Index,
        pub objects: Arc<dyn ObjectStore>,
        pub stored: Stored,
        pub key: DocumentKey,
        _folder: tempfile::TempDir,
    }

    impl Shelf {
        pub async fn with_a_letter() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let index = Index::open(&folder.path().join("documents.db")).unwrap();
            let objects: Arc<dyn ObjectStore> =
                Arc::new(FilesystemObjects::open(&folder.path().join("objects")).unwrap());
            let (stored, _) = objects.put(memory("letter")).await.unwrap();
            let key = DocumentKey::parse("1.2.3", "1.2.3.4").unwrap();
            Self { index, objects, stored, key, _folder: folder }
        }

        async fn hold_at(&self, now: &str) -> Vec<Held> {
            self.hold(&self.stored, "RXN", now).await
        }

        pub async fn hold(&self, stored: &Stored, publisher: &str, now: &str) -> Vec<Held> {
            let wanted = Wanted {
                key: self.key.clone(),
                mime_type: "text/plain".to_owned(),
                stored: stored.clone(),
            };
            let objects = self.objects.clone();
            self.index.hold(vec![wanted], ods(publisher), objects, now.to_owned()).await.unwrap()
        }

        async fn leave_pending_at(&self, now: &str) {
            let keys = vec![self.key.clone()];
            self.index.leave_pending(keys, ods("RXN"), now.to_owned()).await.unwrap();
        }

        async fn pending(&self, before: &str) -> Vec<DocumentKey> {
            self.index.pending(before.to_owned()).await.unwrap()
        }

        async fn settle_as_unknown(&self, before: &str) {
            self.index.settle(self.key.clone(), false, before.to_owned()).await.unwrap();
        }
    }

    pub(super) fn ods(code: &str) -> OdsCode {
        OdsCode::parse(code).unwrap()
    }

    pub(super) const NOON: &str = "20260715120000";
    const LATER: &str = "20260715120700";

    #[tokio::test]
    async fn a_document_whose_registration_is_unknown_is_not_pulled_away_by_a_later_refusal() {
        let shelf = Shelf::with_a_letter().await;
        let Shelf { index, objects, stored, key, .. } = &shelf;
        assert_eq!(shelf.hold_at(NOON).await, [Held::Held]);
        shelf.leave_pending_at(NOON).await;
        assert_eq!(shelf.hold_at(NOON).await, [Held::Held]);
        index.release(vec![key.clone()]).await.unwrap();
        assert_eq!(state(index).await, [3], "the registry may have it: only asking settles it");
        index.forget_holds().await.unwrap();
        assert_eq!(shelf.pending(NOON).await, vec![key.clone()]);
        shelf.settle_as_unknown(NOON).await;
        assert!(state(index).await.is_empty());

        assert_eq!(shelf.hold_at(NOON).await, [Held::Held]);
        index.release(vec![key.clone()]).await.unwrap();
        assert!(state(index).await.is_empty(), "what only a refused submission relied on goes");
        let later = SystemTime::now() + std::time::Duration::from_secs(60);
        let removed = index.sweep(objects.clone(), vec![stored.sha256], later).await.unwrap();
        assert_eq!((removed, shelf.hold_at(NOON).await), (1, vec![Held::Gone]));
    }

    #[tokio::test]
    async fn a_document_that_was_sent_again_is_as_young_as_the_last_time_it_was_sent() {
        let shelf = Shelf::with_a_letter().await;
        shelf.hold_at(NOON).await;
        shelf.leave_pending_at(NOON).await;
        assert_eq!(shelf.pending(NOON).await.len(), 1);
        // Recovery asks the registry now; meanwhile the document is sent again, and registered
        // after the registry said that it has no such entry.
        shelf.hold_at(LATER).await;
        shelf.settle_as_unknown(NOON).await;
        shelf.leave_pending_at(LATER).await;
        shelf.settle_as_unknown(NOON).await;
        assert_eq!(state(&shelf.index).await, [3], "its registration may be under way");
        assert!(shelf.pending(NOON).await.is_empty());
        shelf.settle_as_unknown(LATER).await;
        assert!(state(&shelf.index).await.is_empty());
    }
}
