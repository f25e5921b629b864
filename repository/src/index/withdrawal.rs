//! Withdrawals that the gateway has not been told of yet: kept in the transaction that takes the
//! documents away.

use super::Index;
use async_trait::async_trait;
use node::recalls::{Waiting, Withdrawals};
use node::sqlite::SqliteError;
use rusqlite::{Connection, params};
use schemas::recall::Withdrawn;
use std::sync::Arc;
use tokio::sync::Notify;
use uuid::Uuid;

pub(super) fn keep(connection: &Connection, withdrawn: &[Withdrawn]) -> Result<(), SqliteError> {
    let mut statement =
        connection.prepare_cached("INSERT OR IGNORE INTO withdrawal (id, body) VALUES ($1, $2)")?;
    for one in withdrawn {
        statement.execute(params![one.id.to_string(), one.write()])?;
    }
    Ok(())
}

#[async_trait]
impl Withdrawals for Index {
    async fn waiting(&self, limit: u32) -> Result<Vec<Waiting>, String> {
        let waiting = self.readers.run(move |connection| waiting(connection, limit)).await;
        waiting.map_err(|error| error.to_string())
    }

    async fn taken(&self, id: Uuid) -> Result<(), String> {
        let forget = move |connection: &Connection| {
            connection
                .prepare_cached("DELETE FROM withdrawal WHERE id = $1")?
                .execute([id.to_string()])?;
            Ok::<(), SqliteError>(())
        };
        self.writer.run(forget).await.map_err(|error| error.to_string())
    }

    fn sign(&self) -> Arc<Notify> {
        self.withdrawn.clone()
    }
}

fn waiting(connection: &Connection, limit: u32) -> Result<Vec<Waiting>, SqliteError> {
    let mut statement =
        connection.prepare_cached("SELECT id, body FROM withdrawal ORDER BY seq LIMIT $1")?;
    let rows = statement.query_map([limit], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (id, body) = row?;
        let id = Uuid::try_parse(&id);
        let id = id.map_err(|_| SqliteError::Failed("a withdrawal's id is broken".to_owned()))?;
        found.push(Waiting { id, body });
    }
    Ok(found)
}
