//! The region as it would be: a file is applied and read back inside a savepoint that is rolled back,
//! so that a draft means exactly what applying it would.

use super::{Applied, GatewayError, GatewayStore, rows};
use crate::decision::PatientFacts;
use crate::region::{Region, RegionFile};
use jiff::civil::Date;
use node::sqlite::SqliteError;
use rusqlite::Connection;
use schemas::nhs_number::NhsNumber;
use std::collections::{BTreeSet, HashMap};

/// What applying a file would make.
#[derive(Debug, Default)]
pub struct Draft {
    pub applied: Applied,
    pub region: Region,
    /// Of the patients that the file itself says something of.
    pub facts: HashMap<NhsNumber, PatientFacts>,
}

/// An error rolls the savepoint back: the draft travels as one.
enum Rolled {
    Back(Box<Draft>),
    Failed(GatewayError),
}

impl From<SqliteError> for Rolled {
    fn from(error: SqliteError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<GatewayError> for Rolled {
    fn from(error: GatewayError) -> Self {
        Self::Failed(error)
    }
}

impl GatewayStore {
    /// The region with a file applied, without changing it.
    pub async fn draft(
        &self,
        file: RegionFile,
        now: String,
        today: Date,
    ) -> Result<Draft, GatewayError> {
        let rolled: Result<(), Rolled> = self
            .writer
            .run(move |connection| {
                Err(Rolled::Back(Box::new(draft(connection, &file, &now, today)?)))
            })
            .await;
        match rolled {
            Ok(()) => Ok(Draft::default()),
            Err(Rolled::Back(draft)) => Ok(*draft),
            Err(Rolled::Failed(error)) => Err(error),
        }
    }

    /// Relationships and preferences of several patients, as they hold on a day.
    pub async fn facts_of(
        &self,
        patients: Vec<NhsNumber>,
        today: Date,
    ) -> Result<Vec<(NhsNumber, PatientFacts)>, GatewayError> {
        self.readers
            .run(move |connection| {
                let facts =
                    |patient| Ok((patient, rows::patient_facts(connection, patient, today)?));
                patients.into_iter().map(facts).collect()
            })
            .await
    }
}

fn draft(
    connection: &Connection,
    file: &RegionFile,
    now: &str,
    today: Date,
) -> Result<Draft, GatewayError> {
    let applied = rows::apply(connection, file, now)?;
    let related = file.relationship.iter().map(|row| &row.patient);
    let preferring = file.preference.iter().map(|row| &row.patient);
    let named: Result<BTreeSet<NhsNumber>, _> =
        related.chain(preferring).map(|patient| NhsNumber::parse(patient)).collect();
    let mut facts = HashMap::new();
    for patient in named? {
        facts.insert(patient, rows::patient_facts(connection, patient, today)?);
    }
    Ok(Draft { applied, region: rows::region(connection)?, facts })
}
