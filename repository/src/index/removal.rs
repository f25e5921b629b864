//! Documents that go: all or none in one durable step, a tombstone of each stays.
//!
//! A uniqueId stands for the same bytes for ever, removed or not. Its publisher brings a removed
//! document back by providing the same bytes again; other bytes, and other organisations, are
//! refused under that uniqueId.

use super::{DocumentKey, Held, Index, Wanted, object};
use crate::objects::Sha256;
use node::sqlite::SqliteError;
use rusqlite::{Connection, OptionalExtension, params};
use schemas::ods_code::OdsCode;
use schemas::recall::Withdrawn;

/// What the index knows of a document that somebody wants to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub key: DocumentKey,
    /// Empty where it was stored before publishers were noted.
    pub publisher_ods: String,
    /// Another organisation has published the same document too.
    pub shared: bool,
    /// Registered, and no submission that relies on it is on its way.
    pub settled: bool,
    pub sha256: Sha256,
}

/// Who removes, and when.
#[derive(Clone, Debug)]
pub struct Removal {
    pub system: String,
    pub at: String,
    /// Of what those who have read it are to be told.
    pub withdrawn: Vec<Withdrawn>,
}

/// What became of the wish to remove documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed<R> {
    /// All of them; these objects may be named by nothing now.
    All(Vec<Sha256>),
    /// None: for each document why not, `None` where it could have gone, in the order asked for.
    None(Vec<Option<Kept<R>>>),
}

/// Why a document is not removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept<R> {
    Unknown,
    Refused(R),
}

impl Index {
    /// What is known of a document that is there.
    pub async fn candidate(&self, key: DocumentKey) -> Result<Option<Candidate>, SqliteError> {
        self.readers.run(move |connection| candidate(connection, &key)).await
    }

    /// The object of a document that was removed.
    pub async fn removed(&self, key: DocumentKey) -> Result<Option<Sha256>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT sha256 FROM removed_document \
                     WHERE repository_unique_id = $1 AND unique_id = $2",
                )?;
                let found = statement
                    .query_row(params![key.repository(), key.id()], |row| row.get::<_, String>(0));
                found.optional()?.map(|sha256| object(&sha256)).transpose()
            })
            .await
    }

    /// Removes what `decide` lets go, all or nothing. It is asked under the writer's lock: what it
    /// decides on cannot change before the documents are gone.
    pub async fn remove<R: Send + 'static>(
        &self,
        keys: Vec<DocumentKey>,
        removal: Removal,
        decide: impl Fn(&Candidate) -> Result<(), R> + Send + 'static,
    ) -> Result<Removed<R>, SqliteError> {
        let takes_back = !removal.withdrawn.is_empty();
        let removed = self
            .writer
            .run(move |connection| {
                let mut objects = Vec::new();
                let mut kept = Vec::new();
                for key in &keys {
                    kept.push(match candidate(connection, key)? {
                        None => Some(Kept::Unknown),
                        Some(candidate) => {
                            objects.push(candidate.sha256);
                            decide(&candidate).err().map(Kept::Refused)
                        }
                    });
                }
                if kept.iter().any(Option::is_some) {
                    return Ok(Removed::None(kept));
                }
                for key in &keys {
                    bury(connection, key, &removal)?;
                }
                super::withdrawal::keep(connection, &removal.withdrawn)?;
                Ok(Removed::All(objects))
            })
            .await;
        if takes_back {
            self.withdrawn.notify_one();
        }
        removed
    }
}

fn candidate(connection: &Connection, key: &DocumentKey) -> Result<Option<Candidate>, SqliteError> {
    let mut statement = connection.prepare_cached(
        "SELECT publisher_ods, shared, state, holds, sha256 FROM document \
         WHERE repository_unique_id = $1 AND unique_id = $2",
    )?;
    let row = statement.query_row(params![key.repository(), key.id()], |row| {
        let settled = row.get::<_, i64>(2)? == 2 && row.get::<_, i64>(3)? == 0;
        Ok((row.get(0)?, row.get(1)?, settled, row.get::<_, String>(4)?))
    });
    let Some((publisher_ods, shared, settled, sha256)) = row.optional()? else { return Ok(None) };
    let sha256 = object(&sha256)?;
    Ok(Some(Candidate { key: key.clone(), publisher_ods, shared, settled, sha256 }))
}

fn bury(connection: &Connection, key: &DocumentKey, by: &Removal) -> Result<(), SqliteError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO removed_document (repository_unique_id, unique_id, sha256, \
             sha1, size, mime_type, publisher_ods, removed_at, removed_by) \
             SELECT repository_unique_id, unique_id, sha256, sha1, size, mime_type, publisher_ods, \
             $1, $2 FROM document WHERE repository_unique_id = $3 AND unique_id = $4",
        )?
        .execute(params![by.at, by.system, key.repository(), key.id()])?;
    connection
        .prepare_cached("DELETE FROM document WHERE repository_unique_id = $1 AND unique_id = $2")?
        .execute(params![key.repository(), key.id()])?;
    Ok(())
}

/// Why a document that was removed may not come back in this form, from this publisher.
pub(super) fn refuses(
    connection: &Connection,
    wanted: &Wanted,
    publisher: &OdsCode,
) -> Result<Option<Held>, SqliteError> {
    let mut statement = connection.prepare_cached(
        "SELECT sha256, size, publisher_ods FROM removed_document \
         WHERE repository_unique_id = $1 AND unique_id = $2",
    )?;
    let tombstone: Option<(String, i64, String)> = statement
        .query_row(params![wanted.key.repository(), wanted.key.id()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(tombstone.and_then(|(sha256, size, removed_by)| {
        if sha256 != wanted.stored.sha256.to_string() {
            return Some(Held::OtherBytes { size_differs: size as u64 != wanted.stored.size });
        }
        (removed_by != publisher.as_str()).then_some(Held::RemovedByAnother)
    }))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOON, Shelf, ods};
    use super::*;
    use crate::objects::memory;

    async fn remove(shelf: &Shelf) -> Removed<&'static str> {
        let removal = Removal {
            system: "rxn-integration".to_owned(),
            at: NOON.to_owned(),
            withdrawn: Vec::new(),
        };
        let decide = |candidate: &Candidate| {
            if candidate.settled { Ok(()) } else { Err("not settled") }
        };
        shelf.index.remove(vec![shelf.key.clone()], removal, decide).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_removed_comes_back_from_its_publisher_with_the_same_bytes_only() {
        let shelf = Shelf::with_a_letter().await;
        assert_eq!(remove(&shelf).await, Removed::None(vec![Some(Kept::Unknown)]));
        shelf.hold(&shelf.stored, "RXN", NOON).await;
        let under_way = Removed::None(vec![Some(Kept::Refused("not settled"))]);
        assert_eq!(remove(&shelf).await, under_way);
        shelf.index.registered(vec![shelf.key.clone()], ods("RXN")).await.unwrap();
        assert_eq!(remove(&shelf).await, Removed::All(vec![shelf.stored.sha256]));
        assert!(shelf.index.document(shelf.key.clone()).await.unwrap().is_none());

        let (same_size, _) = shelf.objects.put(memory("lette!")).await.unwrap();
        let (other_size, _) = shelf.objects.put(memory("another")).await.unwrap();
        for (stored, publisher, outcome) in [
            (&same_size, "RXN", Held::OtherBytes { size_differs: false }),
            (&other_size, "RXN", Held::OtherBytes { size_differs: true }),
            (&shelf.stored, "RXR", Held::RemovedByAnother),
        ] {
            assert_eq!(shelf.hold(stored, publisher, NOON).await, [outcome]);
        }
        assert_eq!(shelf.hold(&shelf.stored, "RXN", NOON).await, [Held::Held]);
        shelf.index.release(vec![shelf.key.clone()]).await.unwrap();
        assert!(shelf.index.document(shelf.key.clone()).await.unwrap().is_none());
        assert_eq!(shelf.hold(&shelf.stored, "RXR", NOON).await, [Held::RemovedByAnother]);
    }

    #[tokio::test]
    async fn a_document_of_two_organisations_is_known_as_one() {
        let shelf = Shelf::with_a_letter().await;
        for publisher in ["RXN", "RXN", "RXR", "RXN"] {
            shelf.hold(&shelf.stored, publisher, NOON).await;
            shelf.index.registered(vec![shelf.key.clone()], ods(publisher)).await.unwrap();
        }
        let key = shelf.key.clone();
        let found = shelf.index.readers.run(move |connection| candidate(connection, &key)).await;
        let found = found.unwrap().unwrap();
        assert_eq!(
            (found.publisher_ods.as_str(), found.shared, found.settled),
            ("RXN", true, true)
        );
    }
}
