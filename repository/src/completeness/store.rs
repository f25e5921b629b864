//! What the front door's store knows of what is missing.

use super::Heard;
use crate::front_door::FrontDoor;
use node::sqlite::SqliteError;
use rusqlite::{Connection, params};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;

/// Keeps whom a message in quarantine claims to be about.
pub(crate) fn keep_claims(
    connection: &Connection,
    quarantine_id: i64,
    patients: &[NhsNumber],
) -> Result<(), SqliteError> {
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO quarantine_patient (patient_key, quarantine_id) VALUES ($1, $2)",
    )?;
    for patient in patients {
        statement.execute(params![patient.key(), quarantine_id])?;
    }
    Ok(())
}

/// Counts a document of a publisher in an hour.
pub(crate) fn hear(connection: &Connection, publisher: &str, hour: i64) -> Result<(), SqliteError> {
    connection
        .prepare_cached(
            "INSERT INTO heard (publisher, hour, documents) VALUES ($1, $2, 1) \
             ON CONFLICT (publisher, hour) DO UPDATE SET documents = documents + 1",
        )?
        .execute(params![publisher, hour])?;
    Ok(())
}

impl FrontDoor {
    /// The publisher of each message that waits and claims to be about a patient.
    pub(super) async fn waiting_about(
        &self,
        patient: NhsNumber,
    ) -> Result<Vec<OdsCode>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT q.publisher FROM quarantine_patient p \
                     JOIN quarantine q ON q.id = p.quarantine_id \
                     WHERE p.patient_key = $1 AND q.state IN ('open', 'redrive') ORDER BY q.id",
                )?;
                let rows = statement.query_map([patient.key()], |row| row.get::<_, String>(0))?;
                let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
                Ok(rows.iter().filter_map(|text| OdsCode::parse(text).ok()).collect())
            })
            .await
    }

    /// When something came, of each publisher, from an hour on.
    pub(super) async fn heard(&self, since: i64) -> Result<Vec<Heard>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT publisher, hour, documents FROM heard WHERE hour >= $1 \
                     ORDER BY publisher, hour",
                )?;
                let mut rows = statement.query([since])?;
                let mut found: Vec<Heard> = Vec::new();
                while let Some(row) = rows.next()? {
                    let publisher: String = row.get(0)?;
                    let Ok(publisher) = OdsCode::parse(&publisher) else { continue };
                    let documents = u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
                    let hour = row.get(1)?;
                    match found.last_mut().filter(|heard| heard.publisher == publisher) {
                        Some(heard) => {
                            heard.hours.push(hour);
                            heard.documents += documents;
                        }
                        None => found.push(Heard { publisher, hours: vec![hour], documents }),
                    }
                }
                Ok(found)
            })
            .await
    }
}
