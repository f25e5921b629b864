//! News of patients that the gateway has not been told of yet: kept in the transaction that accepts
//! it, in the words in which it is told. A death is kept with the patient too.

use super::identity::{Effect, IdentityChange, key_for_writing};
use super::sql::{Sql, Value};
use super::{Changes, Index, NewEntry, StoreError};
use crate::retention::facts::{day_text, last_day};
use async_trait::async_trait;
use node::recalls::Waiting;
use node::relating::Tellings;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::pix::Vital;
use schemas::recall::Reason;
use schemas::relationship::{Addressed, NEWS_MAX, News, Told};
use std::sync::Arc;
use tokio::sync::Notify;
use uuid::Uuid;

pub(super) fn keep(sql: &mut dyn Sql, told: &Told) -> Result<(), StoreError> {
    sql.execute(
        "INSERT INTO told (id, body) VALUES ($1, $2)",
        &[told.id.to_string().into(), told.write().into()],
    )?;
    for news in &told.news {
        if let News::Vital(vital) = news {
            keep_vital(sql, told, vital)?;
        }
    }
    Ok(())
}

/// Only who has told of a death takes it back: many senders write `N` for want of knowledge.
fn keep_vital(sql: &mut dyn Sql, told: &Told, vital: &Vital) -> Result<(), StoreError> {
    let key = key_for_writing(sql, &told.patient)?;
    sql.execute(
        "INSERT INTO patient (patient_key, version) VALUES ($1, 0) \
         ON CONFLICT (patient_key) DO NOTHING",
        &[key.into()],
    )?;
    let by = told.by.as_ref().map(OdsCode::as_str).unwrap_or_default();
    match vital {
        Vital::Died(at) => {
            let day = at.as_ref().unwrap_or(&told.at);
            let day = last_day(day).map(day_text);
            let text = "UPDATE patient SET died_on = $1, died_by = $2 WHERE patient_key = $3";
            sql.execute(text, &[day.into(), by.into(), key.into()])?;
        }
        Vital::Lives => {
            let text = "UPDATE patient SET died_on = NULL, died_by = NULL \
                        WHERE patient_key = $1 AND died_by = $2";
            sql.execute(text, &[key.into(), by.into()])?;
        }
    }
    Ok(())
}

/// What a request's documents say: to whom they are addressed, and which are no ground any more.
pub(super) fn keep_changes(sql: &mut dyn Sql, changes: &Changes) -> Result<(), StoreError> {
    if let Some(patient) = &changes.patient_id {
        let publisher = changes.publisher_ods.as_ref();
        let news: Vec<News> =
            changes.entries.iter().filter_map(|entry| addressed(entry, publisher)).collect();
        keep_parts(sql, patient, publisher, &changes.registered_at, news)?;
    }
    for withdrawal in &changes.withdrawn {
        if matches!(withdrawal.reason, Reason::WrongPatient | Reason::Removed) {
            let news = vec![News::TakenBack(withdrawal.entry.unique_id.clone())];
            let patient = &withdrawal.entry.patient_id;
            keep_parts(sql, patient, Some(&withdrawal.by), &changes.registered_at, news)?;
        }
    }
    Ok(())
}

/// A new version of an entry is addressed to nobody anew.
fn addressed(entry: &NewEntry, publisher: Option<&OdsCode>) -> Option<News> {
    let others = entry.recipients.iter().filter(|ods| Some(*ods) != publisher);
    let recipients: Vec<OdsCode> = others.cloned().collect();
    let counts = entry.version == 1 && !entry.nullified && !recipients.is_empty();
    counts.then(|| {
        News::Addressed(Addressed {
            unique_id: entry.unique_id.clone(),
            type_code: entry.type_code.clone(),
            practice_setting: entry.practice_setting.clone(),
            recipients,
        })
    })
}

fn keep_parts(
    sql: &mut dyn Sql,
    patient: &PatientId,
    by: Option<&OdsCode>,
    at: &Dtm,
    news: Vec<News>,
) -> Result<(), StoreError> {
    for part in news.chunks(NEWS_MAX) {
        let told = Told {
            id: node::ids::uuid(),
            patient: patient.clone(),
            at: at.clone(),
            source: "ITI-42".to_owned(),
            by: by.cloned(),
            news: part.to_vec(),
        };
        keep(sql, &told)?;
    }
    Ok(())
}

/// Merges and their undoing, by a feed or by hand.
pub(super) fn keep_identity(sql: &mut dyn Sql, change: &IdentityChange) -> Result<(), StoreError> {
    for effect in &change.effects {
        let (patient, news, source) = match effect {
            Effect::Merge(merge) => {
                let news = News::MergedInto(merge.surviving.clone());
                (&merge.subsumed, news, merge.message.source.clone())
            }
            Effect::Unmerge { subsumed, .. } => (subsumed, News::Parted, "unmerge".to_owned()),
            _ => continue,
        };
        let told = Told {
            id: node::ids::uuid(),
            patient: patient.clone(),
            at: change.at.clone(),
            source,
            by: None,
            news: vec![news],
        };
        keep(sql, &told)?;
    }
    Ok(())
}

/// The day of a death, of the patient with this key.
pub(super) fn died_on(sql: &mut dyn Sql, key: i64) -> Result<Option<String>, StoreError> {
    let text = "SELECT died_on FROM patient WHERE patient_key = $1";
    let rows = sql.rows(text, &[Value::from(key)])?;
    rows.first().map_or(Ok(None), |row| Ok(row.optional_text(0)?.map(str::to_owned)))
}

#[async_trait]
impl Tellings for Index {
    async fn waiting(&self, limit: u32) -> Result<Vec<Waiting>, String> {
        let waiting = self.engine().read(move |sql| waiting(sql, limit)).await;
        waiting.map_err(|error| error.to_string())
    }

    async fn taken(&self, id: Uuid) -> Result<(), String> {
        let forget = move |sql: &mut dyn Sql| {
            sql.execute("DELETE FROM told WHERE id = $1", &[id.to_string().into()])
        };
        self.engine().write(forget).await.map(|_| ()).map_err(|error| error.to_string())
    }

    fn sign(&self) -> Arc<Notify> {
        self.told.clone()
    }
}

fn waiting(sql: &mut dyn Sql, limit: u32) -> Result<Vec<Waiting>, StoreError> {
    let text = format!("SELECT id, body FROM told ORDER BY seq LIMIT {limit}");
    let mut found = Vec::new();
    for mut row in sql.rows(&text, &[])? {
        let id = Uuid::try_parse(row.text(0)?);
        let id = id.map_err(|_| StoreError::Failed("the id of kept news is broken".to_owned()))?;
        found.push(Waiting { id, body: row.take_text(1)? });
    }
    Ok(found)
}
