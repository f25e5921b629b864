//! Withdrawals that the gateway has not been told of yet: kept in the transaction that takes the
//! documents back, in the words in which they are told.

use super::sql::Sql;
use super::{Index, StoreError};
use crate::withdrawal::Withdrawal;
use async_trait::async_trait;
use node::recalls::{Waiting, Withdrawals};
use schemas::dtm::Dtm;
use schemas::recall::{DOCUMENTS_MAX, Withdrawn, WithdrawnDocument};
use std::sync::Arc;
use tokio::sync::Notify;
use uuid::Uuid;

/// Keeps what a request takes back: a message for each reason and patient. To be called before the
/// entries are removed.
pub(super) fn keep(
    sql: &mut dyn Sql,
    withdrawals: &[Withdrawal],
    at: &Dtm,
) -> Result<(), StoreError> {
    let mut rest: Vec<&Withdrawal> = withdrawals.iter().collect();
    while let Some(first) = rest.first().copied() {
        let same = |other: &&Withdrawal| {
            other.reason == first.reason && other.entry.patient_id == first.entry.patient_id
        };
        let (together, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(same);
        rest = others;
        for part in together.chunks(DOCUMENTS_MAX) {
            keep_one(sql, first, part, at)?;
        }
    }
    Ok(())
}

fn keep_one(
    sql: &mut dyn Sql,
    first: &Withdrawal,
    part: &[&Withdrawal],
    at: &Dtm,
) -> Result<(), StoreError> {
    let mut documents: Vec<WithdrawnDocument> = Vec::new();
    for withdrawal in part {
        let known = documents.iter().any(|d| d.unique_id == withdrawal.entry.unique_id);
        if !known {
            documents.push(document(sql, withdrawal)?);
        }
    }
    let withdrawn = Withdrawn {
        id: node::ids::uuid(),
        reason: first.reason,
        patient_id: first.entry.patient_id.clone(),
        at: at.clone(),
        by: first.by.clone(),
        system: first.system.clone(),
        documents,
    };
    sql.execute(
        "INSERT INTO withdrawal (id, body) VALUES ($1, $2)",
        &[withdrawn.id.to_string().into(), withdrawn.write().into()],
    )?;
    Ok(())
}

fn document(sql: &mut dyn Sql, withdrawal: &Withdrawal) -> Result<WithdrawnDocument, StoreError> {
    let entry = &withdrawal.entry;
    let rows = sql.rows(
        "SELECT creation_time FROM document_entry WHERE patient_key = $1 AND entry_uuid = $2",
        &[withdrawal.patient.into(), entry.entry_uuid.to_string().into()],
    )?;
    let created = rows.first().map_or(Ok(None), |row| row.optional_text(0))?;
    Ok(WithdrawnDocument {
        unique_id: entry.unique_id.clone(),
        entry_uuid: Some(entry.entry_uuid),
        type_code: entry.type_code.clone(),
        practice_setting: entry.practice_setting.clone(),
        publisher_ods: entry.publisher_ods.clone(),
        creation_time: created.and_then(|text| Dtm::parse(text).ok()),
        replaced_by: withdrawal.replaced_by.clone(),
        recipients: entry.recipients.clone(),
    })
}

#[async_trait]
impl Withdrawals for Index {
    async fn waiting(&self, limit: u32) -> Result<Vec<Waiting>, String> {
        let waiting = self.engine().read(move |sql| waiting(sql, limit)).await;
        waiting.map_err(|error| error.to_string())
    }

    async fn taken(&self, id: Uuid) -> Result<(), String> {
        let forget = move |sql: &mut dyn Sql| {
            sql.execute("DELETE FROM withdrawal WHERE id = $1", &[id.to_string().into()])
        };
        self.engine().write(forget).await.map(|_| ()).map_err(|error| error.to_string())
    }

    fn sign(&self) -> Arc<Notify> {
        self.withdrawn.clone()
    }
}

fn waiting(sql: &mut dyn Sql, limit: u32) -> Result<Vec<Waiting>, StoreError> {
    let text = format!("SELECT id, body FROM withdrawal ORDER BY seq LIMIT {limit}");
    let mut found = Vec::new();
    for mut row in sql.rows(&text, &[])? {
        let id = Uuid::try_parse(row.text(0)?);
        let id = id.map_err(|_| StoreError::Failed("a withdrawal's id is broken".to_owned()))?;
        found.push(Waiting { id, body: row.take_text(1)? });
    }
    Ok(found)
}
