//! Transactional flags: who first named an event, until when it opens anything, and for whom.

use super::{GatewayError, GatewayStore};
use crate::relationship::flag::{Opened, Opening};
use rusqlite::{Connection, OptionalExtension, params};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::transactional::Transactional;

/// A flag that was used for a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flagged {
    pub ods: String,
    pub flag: Transactional,
    /// Milliseconds since 1970.
    pub opened_at: i64,
    pub until: i64,
    pub system: String,
    pub user: Option<String>,
}

fn opened(
    connection: &Connection,
    ods: &str,
    flag: &Transactional,
    patient: Option<i64>,
) -> Result<Option<Opened>, GatewayError> {
    let found: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT opened_at, until FROM transactional \
             WHERE ods = ?1 AND kind = ?2 AND reference = ?3",
        )?
        .query_row([ods, &flag.kind, &flag.reference], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((opened_at, until)) = found else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT count(*), count(CASE WHEN patient_key = ?4 THEN 1 END) \
         FROM transactional_patient WHERE ods = ?1 AND kind = ?2 AND reference = ?3",
    )?;
    let (patients, this): (i64, i64) = statement
        .query_row(params![ods, flag.kind, flag.reference, patient], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(Some(Opened { opened_at, until, patients, knows_patient: patient.is_none() || this > 0 }))
}

impl GatewayStore {
    /// What is known of a flag of an organisation's, and whether it was used for this patient.
    pub async fn flag(
        &self,
        ods: OdsCode,
        flag: Transactional,
        patient: Option<NhsNumber>,
    ) -> Result<Option<Opened>, GatewayError> {
        let key = patient.map(NhsNumber::key);
        self.readers.run(move |connection| opened(connection, ods.as_str(), &flag, key)).await
    }

    /// Keeps a flag that is named for the first time, or for a patient for the first time. What was
    /// kept before stays: its life does not begin anew.
    pub async fn keep_flag(&self, opening: Opening) -> Result<Opened, GatewayError> {
        let job = move |connection: &Connection| {
            let Opening { ods, flag, patient, at, until, system, user } = &opening;
            let ods = ods.as_str();
            connection
                .prepare_cached(
                    "INSERT INTO transactional \
                     (ods, kind, reference, opened_at, until, system, user_name) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
                )?
                .execute(params![ods, flag.kind, flag.reference, at, until, system, user])?;
            let key = patient.map(NhsNumber::key);
            if let Some(key) = key {
                connection
                    .prepare_cached(
                        "INSERT INTO transactional_patient \
                         (ods, kind, reference, patient_key, first_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![ods, flag.kind, flag.reference, key, at])?;
            }
            opened(connection, ods, flag, key)?
                .ok_or_else(|| GatewayError::Row("a flag that was just kept is gone".to_owned()))
        };
        self.writer.run(job).await
    }

    /// Flags that were used for a patient, oldest first.
    pub async fn flags_of(&self, patient: NhsNumber) -> Result<Vec<Flagged>, GatewayError> {
        let sql = format!(
            "SELECT t.ods, t.kind, t.reference, t.opened_at, t.until, t.system, t.user_name \
             FROM transactional t JOIN transactional_patient p \
             ON (t.ods, t.kind, t.reference) = (p.ods, p.kind, p.reference) \
             WHERE p.patient_key IN ({}) ORDER BY t.opened_at",
            super::relationship::KEYS
        );
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(&sql)?;
                let flagged = |row: &rusqlite::Row<'_>| {
                    Ok(Flagged {
                        ods: row.get(0)?,
                        flag: Transactional { kind: row.get(1)?, reference: row.get(2)? },
                        opened_at: row.get(3)?,
                        until: row.get(4)?,
                        system: row.get(5)?,
                        user: row.get(6)?,
                    })
                };
                let rows = statement.query_map([patient.key()], flagged)?;
                Ok(rows.collect::<Result<Vec<_>, _>>()?)
            })
            .await
    }
}
