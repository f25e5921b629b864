//! Walking the chain: is every record there, and as it was written?

use super::store::{content_digest, head_path, hex, link, open_read_only};
use crate::sqlite::SqliteError;
use std::path::Path;

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Whole: this many records, and the newest digest.
    Whole { records: i64, head: String },
    /// The record at this place was altered, or one before it removed.
    Broken { seq: i64, what: &'static str },
    /// The anchor names a record that is no longer there.
    Cut { anchored: i64, records: i64 },
}

/// Walks the chain of a service's folder.
pub fn verify(folder: &Path) -> Result<Verification, SqliteError> {
    let connection = open_read_only(folder)?;
    let mut statement =
        connection.prepare("SELECT seq, event, content_digest, digest FROM record ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let anchor = anchor(folder);
    let mut previous: Vec<u8> = Vec::new();
    let mut records = 0;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let event: Option<String> = row.get(1)?;
        let (content, digest): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
        records += 1;
        if seq != records {
            return Ok(Verification::Broken { seq: records, what: "a record is missing" });
        }
        if event.is_some_and(|event| content_digest(&event) != *content) {
            return Ok(Verification::Broken { seq, what: "the record's content was altered" });
        }
        if link(&previous, seq, &content) != *digest {
            return Ok(Verification::Broken {
                seq,
                what: "the record does not follow the one before it",
            });
        }
        if let Some((_, anchored)) = anchor.as_ref().filter(|(at, _)| *at == seq)
            && *anchored != hex(&digest)
        {
            return Ok(Verification::Broken {
                seq,
                what: "the record differs from the anchor outside the log",
            });
        }
        previous = digest;
    }
    match anchor {
        Some((anchored, _)) if anchored > records => Ok(Verification::Cut { anchored, records }),
        _ => Ok(Verification::Whole { records, head: hex(&previous) }),
    }
}

fn anchor(folder: &Path) -> Option<(i64, String)> {
    let text = std::fs::read_to_string(head_path(folder)).ok()?;
    let (seq, digest) = text.trim().split_once(' ')?;
    Some((seq.parse().ok()?, digest.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Audit, AuditEvent, AuditKind, Outcome};
    use crate::clock::Clock;

    async fn chain(folder: &Path, records: usize) {
        let audit = Audit::open(folder, "registry", Clock::System).unwrap();
        for _ in 0..records {
            audit
                .record(AuditEvent::new("registry", AuditKind::Start, Outcome::Success))
                .await
                .unwrap();
        }
        audit.anchor().await.unwrap();
    }

    fn tamper(folder: &Path, sql: &str) {
        let connection = rusqlite::Connection::open(super::super::store::database(folder)).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    #[tokio::test]
    async fn an_untouched_chain_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        chain(folder.path(), 5).await;
        assert!(matches!(verify(folder.path()), Ok(Verification::Whole { records: 5, .. })));
    }

    #[tokio::test]
    async fn an_altered_a_removed_and_a_cut_record_all_show() {
        for (sql, expected) in [
            (
                "UPDATE record SET event = replace(event, 'success', 'other') WHERE seq = 3",
                "Broken { seq: 3, what: \"the record's content was altered\" }",
            ),
            (
                "DELETE FROM record WHERE seq = 2",
                "Broken { seq: 2, what: \"a record is missing\" }",
            ),
            ("DELETE FROM record WHERE seq = 5", "Cut { anchored: 5, records: 4 }"),
            (
                "UPDATE record SET digest = zeroblob(32) WHERE seq = 4",
                "Broken { seq: 4, what: \"the record does not follow the one before it\" }",
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            chain(folder.path(), 5).await;
            tamper(folder.path(), sql);
            assert_eq!(format!("{:?}", verify(folder.path()).unwrap()), expected);
        }
    }

    #[tokio::test]
    async fn expired_content_leaves_the_chain_whole() {
        let folder = tempfile::tempdir().unwrap();
        chain(folder.path(), 3).await;
        tamper(folder.path(), "UPDATE record SET event = NULL WHERE seq = 1");
        assert!(matches!(verify(folder.path()), Ok(Verification::Whole { records: 3, .. })));
    }
}
