//! Uses of a broken glass, their review, digests for publishers, secrets of second factors.

mod digest;
mod factor;
mod review;

use super::rows::{broken, json};
use super::{GatewayError, GatewayStore};
use crate::break_glass::NewUse;
use rusqlite::{Connection, OptionalExtension, params};
use schemas::ods_code::OdsCode;

impl GatewayStore {
    /// Keeps uses, each joined to the one that its actor has open for the patient.
    pub async fn keep_glass(&self, uses: Vec<NewUse>) -> Result<(), GatewayError> {
        let kept = self.writer.run(move |connection| {
            uses.iter().try_for_each(|one| {
                let id = id_of(connection, one)?;
                add_entries(connection, id, one)
            })
        });
        kept.await
    }

    /// Whether an actor has a use that lasts and was opened with a second factor.
    pub async fn has_proved_glass(
        &self,
        organisation: OdsCode,
        actor: String,
        now: i64,
    ) -> Result<bool, GatewayError> {
        let proved = self.readers.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM glass_use WHERE organisation = ?1 AND actor = ?2 \
                 AND until >= ?3 AND second_factor = 1)",
            )?;
            let values = params![organisation.as_str(), actor, now];
            Ok::<bool, GatewayError>(statement.query_row(values, |row| row.get(0))?)
        });
        proved.await
    }
}

fn id_of(connection: &Connection, one: &NewUse) -> Result<i64, GatewayError> {
    let organisation = one.organisation.as_str();
    // Another reason is another use.
    let body = json(&one.said)?;
    let known = connection
        .prepare_cached(
            "SELECT id FROM glass_use WHERE organisation = ?1 AND actor = ?2 AND patient_key = ?3 \
             AND until >= ?4 AND second_factor >= ?5 AND body = ?6 ORDER BY id DESC LIMIT 1",
        )?
        .query_row(
            params![organisation, one.actor, one.patient.key(), one.at, one.second_factor, body],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection
        .prepare_cached(
            "INSERT INTO glass_use (organisation, actor, patient_key, at, until, second_factor, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            organisation,
            one.actor,
            one.patient.key(),
            one.at,
            one.until,
            one.second_factor,
            body
        ])?;
    Ok(connection.last_insert_rowid())
}

fn add_entries(connection: &Connection, id: i64, one: &NewUse) -> Result<(), GatewayError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO glass_entry (glass_use, unique_id, publisher, type_code, first_at, retrieved, \
         over_preference) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (glass_use, unique_id) \
         DO UPDATE SET retrieved = max(retrieved, excluded.retrieved)",
    )?;
    for entry in &one.entries {
        insert.execute(params![
            id,
            entry.unique_id,
            entry.publisher,
            entry.type_code,
            one.at,
            entry.retrieved,
            entry.over_preference
        ])?;
    }
    Ok(())
}
