//! Messages that were answered OK.

use super::FrontDoor;
use node::sqlite::SqliteError;
use rusqlite::{Connection, params};
use schemas::ods_code::OdsCode;

/// By what a message is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageKey {
    /// The organisation of the certificate.
    pub publisher: OdsCode,
    pub tracking_id: String,
    /// SHA-256 over decoded payloads, interaction and address list.
    pub digest: String,
    /// SHA-256 over the decoded payloads alone.
    pub payloads: String,
}

/// A message of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub digest: String,
    pub payloads: String,
    pub disposition: String,
}

impl FrontDoor {
    /// Remembers a message; the first time counts.
    pub async fn remember(
        &self,
        key: MessageKey,
        disposition: &'static str,
        now: String,
    ) -> Result<(), SqliteError> {
        self.writer.run(move |connection| remember(connection, &key, disposition, &now)).await
    }

    /// What came from a sender under a tracking id.
    pub async fn answered(
        &self,
        publisher: OdsCode,
        tracking_id: String,
    ) -> Result<Vec<Answered>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT digest, payloads, disposition FROM message \
                     WHERE publisher = $1 AND tracking_id = $2",
                )?;
                let rows =
                    statement.query_map(params![publisher.as_str(), tracking_id], |row| {
                        Ok(Answered {
                            digest: row.get(0)?,
                            payloads: row.get(1)?,
                            disposition: row.get(2)?,
                        })
                    })?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Forgets messages that came before a time.
    pub async fn forget(&self, before: String) -> Result<usize, SqliteError> {
        let old = before.clone();
        let any = self.readers.run(move |connection| {
            let sql = "SELECT 1 FROM message WHERE received_at < $1 LIMIT 1";
            Ok::<bool, SqliteError>(connection.prepare_cached(sql)?.exists([old])?)
        });
        if !any.await? {
            return Ok(0);
        }
        self.writer
            .run(move |connection| {
                let sql = "DELETE FROM message WHERE received_at < $1";
                Ok(connection.prepare_cached(sql)?.execute([before])?)
            })
            .await
    }
}

/// The first time counts.
pub(super) fn remember(
    connection: &Connection,
    key: &MessageKey,
    disposition: &str,
    now: &str,
) -> Result<(), SqliteError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO message (publisher, tracking_id, digest, payloads, \
             disposition, received_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )?
        .execute(params![
            key.publisher.as_str(),
            key.tracking_id,
            key.digest,
            key.payloads,
            disposition,
            now
        ])?;
    Ok(())
}
