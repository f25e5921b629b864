//! What citizens have said: kept, withdrawn, and read for a decision.

use super::rows::{broken, json};
use super::{GatewayError, GatewayStore};
use crate::decision::{PatientFacts, Seal};
use crate::preference::{Evidence, NewStatement, RecordedBy, Said, Statement, Withdrawal};
use crate::region::{Preference, PreferenceRow};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};
use schemas::nhs_number::NhsNumber;
use serde::{Deserialize, Serialize};

/// The body of a statement's row.
#[derive(Serialize, Deserialize)]
struct Body {
    said: Said,
    starts: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends: Option<Date>,
    by: RecordedBy,
    evidence: Evidence,
}

/// The body of a row that withdraws another.
#[derive(Serialize, Deserialize)]
struct Withdrawing {
    by: RecordedBy,
    evidence: Evidence,
}

/// A document that says several things, and which version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whose it is and its id, `ZZP01|2.25.7`.
    pub document: String,
    /// Another one for other content.
    pub version: String,
}

impl Source {
    fn text(&self) -> String {
        format!("{}|{}", self.document, self.version)
    }
}

/// The numbers of what an import kept and withdrew; none where it has been brought before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub kept: Vec<i64>,
    pub withdrawn: Vec<i64>,
}

/// What became of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    Done,
    /// There is no such statement of this patient.
    Unknown,
    /// It was withdrawn before.
    Already,
}

impl GatewayStore {
    /// Keeps statements, all or none; the number of each.
    pub async fn keep_statements(
        &self,
        new: Vec<NewStatement>,
        at: String,
    ) -> Result<Vec<i64>, GatewayError> {
        let kept = self.writer.run(move |connection| {
            let kept: Result<Vec<_>, GatewayError> =
                new.iter().map(|new| keep(connection, new, None, &at)).collect();
            super::rows::raise_epoch(connection)?;
            kept
        });
        kept.await
    }

    /// Keeps what an imported document says, all or none, and withdraws what an earlier version of
    /// it said. The same version again changes nothing.
    pub async fn import_statements(
        &self,
        source: Source,
        patient: NhsNumber,
        new: Vec<NewStatement>,
        ground: (RecordedBy, Evidence),
        at: String,
    ) -> Result<Imported, GatewayError> {
        let (by, evidence) = ground;
        let body = json(&Withdrawing { by, evidence })?;
        let imported = self.writer.run(move |connection| {
            let imported = import(connection, &source, patient, &new, &body, &at)?;
            super::rows::raise_epoch(connection)?;
            Ok::<_, GatewayError>(imported)
        });
        imported.await
    }

    /// Withdraws a statement by a later row.
    pub async fn withdraw_statement(
        &self,
        patient: NhsNumber,
        id: i64,
        by: RecordedBy,
        evidence: Evidence,
        at: String,
    ) -> Result<Withdrawn, GatewayError> {
        let body = json(&Withdrawing { by, evidence })?;
        let withdrawn = self.writer.run(move |connection| {
            let withdrawn = withdraw(connection, patient, id, &body, &at)?;
            super::rows::raise_epoch(connection)?;
            Ok::<_, GatewayError>(withdrawn)
        });
        withdrawn.await
    }

    /// Everything that was ever said under a number, oldest first.
    pub async fn statements(&self, patient: NhsNumber) -> Result<Vec<Statement>, GatewayError> {
        self.readers.run(move |connection| statements(connection, patient)).await
    }
}

fn keep(
    connection: &Connection,
    new: &NewStatement,
    source: Option<&str>,
    at: &str,
) -> Result<i64, GatewayError> {
    let body = Body {
        said: new.said.clone(),
        starts: new.starts,
        ends: new.ends,
        by: new.by.clone(),
        evidence: new.evidence.clone(),
    };
    connection
        .prepare_cached(
            "INSERT INTO statement (patient_key, source, recorded_at, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![new.patient.key(), source, at, json(&body)?])?;
    Ok(connection.last_insert_rowid())
}

fn import(
    connection: &Connection,
    source: &Source,
    patient: NhsNumber,
    new: &[NewStatement],
    withdrawing: &str,
    at: &str,
) -> Result<Imported, GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.id, s.source FROM statement s WHERE s.patient_key = ?1 AND s.source >= ?2 \
         AND s.source < ?3 AND NOT EXISTS (SELECT 1 FROM statement l WHERE l.withdraws = s.id)",
    )?;
    // `}` is the next character after `|`.
    let (from, to) = (format!("{}|", source.document), format!("{}}}", source.document));
    let earlier: Result<Vec<(i64, String)>, _> = statement
        .query_map(params![patient.key(), from, to], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect();
    let (own, mut imported) = (source.text(), Imported::default());
    for (id, known) in earlier? {
        if known == own {
            return Ok(Imported::default());
        }
        withdraw(connection, patient, id, withdrawing, at)?;
        imported.withdrawn.push(id);
    }
    for new in new {
        imported.kept.push(keep(connection, new, Some(&own), at)?);
    }
    Ok(imported)
}

fn withdraw(
    connection: &Connection,
    patient: NhsNumber,
    id: i64,
    body: &str,
    at: &str,
) -> Result<Withdrawn, GatewayError> {
    let known: Option<bool> = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM statement l WHERE l.withdraws = s.id) FROM statement s \
             WHERE s.id = ?1 AND s.patient_key = ?2 AND s.withdraws IS NULL",
        )?
        .query_row(params![id, patient.key()], |row| row.get(0))
        .optional()?;
    match known {
        None => return Ok(Withdrawn::Unknown),
        Some(true) => return Ok(Withdrawn::Already),
        Some(false) => {}
    }
    connection
        .prepare_cached(
            "INSERT INTO statement (patient_key, withdraws, recorded_at, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![patient.key(), id, at, body])?;
    Ok(Withdrawn::Done)
}

fn statements(connection: &Connection, patient: NhsNumber) -> Result<Vec<Statement>, GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.id, s.recorded_at, s.body, l.id, l.recorded_at, l.body FROM statement s \
         LEFT JOIN statement l ON l.withdraws = s.id \
         WHERE s.patient_key = ?1 AND s.withdraws IS NULL ORDER BY s.id",
    )?;
    let mut rows = statement.query([patient.key()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Body = serde_json::from_str(&row.get::<_, String>(2)?).map_err(broken)?;
        found.push(Statement {
            id: row.get(0)?,
            patient,
            said: body.said,
            starts: body.starts,
            ends: body.ends,
            by: body.by,
            at: row.get(1)?,
            evidence: body.evidence,
            withdrawn: withdrawal(row)?,
        });
    }
    Ok(found)
}

fn withdrawal(row: &Row<'_>) -> Result<Option<Withdrawal>, GatewayError> {
    let Some(id) = row.get(3)? else { return Ok(None) };
    let Withdrawing { by, evidence } =
        serde_json::from_str(&row.get::<_, String>(5)?).map_err(broken)?;
    Ok(Some(Withdrawal { id, by, at: row.get(4)?, evidence }))
}

/// Adds what holds today of what was said under the numbers of one patient. What was refused under
/// one number is not consented to under another.
pub(super) fn facts(
    connection: &Connection,
    patients: &[NhsNumber],
    today: Date,
    facts: &mut PatientFacts,
) -> Result<(), GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.body, s.recorded_at FROM statement s WHERE s.patient_key = ?1 \
         AND s.withdraws IS NULL AND NOT EXISTS (SELECT 1 FROM statement l WHERE l.withdraws = s.id)",
    )?;
    let mut refused = Vec::new();
    for patient in patients {
        let mut rows = statement.query([patient.key()])?;
        while let Some(row) = rows.next()? {
            let text = row.get_ref(0)?.as_str().map_err(broken)?;
            let body: Body = serde_json::from_str(text).map_err(broken)?;
            let day = row.get_ref(1)?.as_str().map_err(broken)?.get(..10).unwrap_or_default();
            let recorded_on = day.parse().map_err(broken)?;
            if body.starts <= today && body.ends.is_none_or(|ends| today <= ends) {
                add(facts, &mut refused, *patient, body, recorded_on);
            }
        }
    }
    facts.consents.retain(|purpose| !refused.contains(purpose));
    Ok(())
}

fn add(
    facts: &mut PatientFacts,
    refused: &mut Vec<String>,
    patient: NhsNumber,
    body: Body,
    recorded_on: Date,
) {
    match body.said {
        Said::Wish { wish, document_type, publisher, consumer } => {
            facts.preferences.push(Preference {
                patient,
                wish,
                document_type,
                publisher,
                consumer,
                recorded_on,
                recorded_by: body.by.organisation,
            });
        }
        Said::Sealed { unique_id, locked, open_to } => {
            facts.sealed.push(Seal { unique_id, locked, open_to });
        }
        Said::Consent { purpose, given: true } => facts.consents.push(purpose),
        Said::Consent { purpose, given: false } => refused.push(purpose),
    }
}

/// Keeps a wish of an applied file, unless the same is in force; whether it was kept.
pub(super) fn apply(connection: &Connection, row: &PreferenceRow) -> Result<usize, GatewayError> {
    let patient = NhsNumber::parse(&row.patient)?;
    let new = NewStatement {
        patient,
        said: Said::Wish {
            wish: row.wish,
            document_type: row.document_type.clone(),
            publisher: row.publisher.clone(),
            consumer: row.consumer.clone(),
        },
        starts: row.starts.unwrap_or(row.recorded_on),
        ends: row.ends,
        by: RecordedBy { organisation: row.recorded_by.clone(), person: "region file".to_owned() },
        evidence: Evidence::Text("region file".to_owned()),
    };
    let same = |known: &Statement| {
        known.withdrawn.is_none()
            && (&known.said, known.starts, known.ends) == (&new.said, new.starts, new.ends)
    };
    if statements(connection, patient)?.iter().any(same) {
        return Ok(0);
    }
    keep(connection, &new, None, &format!("{}T00:00:00Z", row.recorded_on)).map(|_| 1)
}

#[cfg(test)]
mod tests;
