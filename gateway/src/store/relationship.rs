//! Relationships as they are kept, with history, deaths and merges.

use super::{GatewayError, GatewayStore};
use crate::region::{Relationship, RelationshipKind};
use crate::relationship::list::{Imported, Row};
use crate::relationship::plan::{Because, Death, Desk, Kept, Merging, Terms, What};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::relationship::Told;
use std::collections::HashSet;

/// The keys under which facts of a patient lie: its own, and those of everyone merged into it.
pub(super) const KEYS: &str = "WITH RECURSIVE merged_into(patient_key) AS (VALUES (?1) UNION \
     SELECT m.subsumed FROM merged m JOIN merged_into k ON m.surviving = k.patient_key) \
     SELECT patient_key FROM merged_into";

/// A change as history has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// RFC 3339.
    pub at: String,
    pub ods: OdsCode,
    pub kind: RelationshipKind,
    pub starts: Date,
    pub ends: Option<Date>,
    pub what: String,
    pub source: String,
    pub by: String,
}

/// A relationship that a person enters.
#[derive(Clone, Debug)]
pub struct Entered {
    pub ods: OdsCode,
    pub kind: RelationshipKind,
    pub starts: Date,
    pub ends: Option<Date>,
    pub source: String,
    pub by: String,
}

/// Which relationships a person ends, and from when.
#[derive(Clone, Debug)]
pub struct Ending {
    pub ods: OdsCode,
    pub kind: Option<RelationshipKind>,
    pub on: Date,
    pub reason: String,
    pub by: String,
}

fn broken(what: impl std::fmt::Display) -> GatewayError {
    GatewayError::Row(format!("a row of the gateway's store is broken: {what}"))
}

fn day(text: &str) -> Result<Date, GatewayError> {
    text.parse().map_err(broken)
}

fn code(text: &str) -> Result<OdsCode, GatewayError> {
    OdsCode::parse(text).map_err(broken)
}

fn kind(text: &str) -> Result<RelationshipKind, GatewayError> {
    RelationshipKind::parse(text).ok_or_else(|| broken("kind"))
}

/// What a decision needs to know of relationships: those of everyone merged into the patient; a death
/// ends them all.
pub(super) fn facts(
    connection: &Connection,
    patient: NhsNumber,
) -> Result<(Vec<Relationship>, Option<Date>), GatewayError> {
    let died: Option<String> = connection
        .prepare_cached(&format!("SELECT max(died_on) FROM died WHERE patient_key IN ({KEYS})"))?
        .query_row([patient.key()], |row| row.get(0))?;
    let died_on = died.as_deref().map(day).transpose()?;
    let mut found = Vec::new();
    for kept in rows(connection, patient)? {
        let ends = match (kept.ends, died_on) {
            (Some(ends), Some(died)) => Some(ends.min(died)),
            (ends, died) => ends.or(died),
        };
        let Kept { ods, kind, starts, source, .. } = kept;
        found.push(Relationship { patient, ods, kind, starts, ends, source });
    }
    Ok((found, died_on))
}

/// The patient, and everyone merged into it.
pub(super) fn everyone(
    connection: &Connection,
    patient: NhsNumber,
) -> Result<Vec<NhsNumber>, GatewayError> {
    let mut statement = connection.prepare_cached(KEYS)?;
    let keys = statement.query_map([patient.key()], |row| row.get::<_, i64>(0))?;
    let keys: Vec<i64> = keys.collect::<Result<_, _>>()?;
    keys.into_iter().map(number).collect()
}

const KEPT: &str = "SELECT patient_key, ods, kind, starts, reference, ends, over_on, over_because, \
     ends_before, source, recorded_at, evidence_on FROM relationship";

fn rows(connection: &Connection, patient: NhsNumber) -> Result<Vec<Kept>, GatewayError> {
    let sql = format!("{KEPT} WHERE patient_key IN ({KEYS}) ORDER BY starts, ods, kind");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([patient.key()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(kept(row)?);
    }
    Ok(found)
}

fn kept(row: &rusqlite::Row<'_>) -> Result<Kept, GatewayError> {
    let text = |column: usize| row.get::<_, String>(column);
    let optional_day = |column: usize| -> Result<Option<Date>, GatewayError> {
        row.get::<_, Option<String>>(column)?.as_deref().map(day).transpose()
    };
    let because = row.get::<_, Option<String>>(7)?.map(|word| Because::parse(&word));
    let because = because.map(|known| known.ok_or_else(|| broken("over_because"))).transpose()?;
    Ok(Kept {
        patient_key: row.get(0)?,
        ods: code(&text(1)?)?,
        kind: kind(&text(2)?)?,
        starts: day(&text(3)?)?,
        reference: text(4)?,
        ends: optional_day(5)?,
        over: optional_day(6)?.zip(because),
        ends_before: optional_day(8)?,
        source: text(9)?,
        recorded_at: text(10)?,
        evidence_on: day(&text(11)?)?,
    })
}

/// The patient at the end of the merges that lead from this one.
fn survivor(connection: &Connection, patient: NhsNumber) -> Result<NhsNumber, GatewayError> {
    let mut at = patient;
    // Longer chains do not come; a ring would be a broken store.
    for _ in 0..64 {
        let next: Option<i64> = connection
            .prepare_cached("SELECT surviving FROM merged WHERE subsumed = ?1")?
            .query_row([at.key()], |row| row.get(0))
            .optional()?;
        match next {
            Some(key) => at = number(key)?,
            None => return Ok(at),
        }
    }
    Err(broken("merges form a ring"))
}

fn number(key: i64) -> Result<NhsNumber, GatewayError> {
    Ok(NhsNumber::parse(&format!("{key:010}"))?)
}

fn desk(connection: &Connection, patient: NhsNumber) -> Result<Desk, GatewayError> {
    let survivor = survivor(connection, patient)?;
    let rows = rows(connection, survivor)?;
    let sql = format!(
        "SELECT died_on, said_by FROM died WHERE patient_key IN ({KEYS}) ORDER BY died_on DESC LIMIT 1"
    );
    let death: Option<(String, String)> = connection
        .prepare_cached(&sql)?
        .query_row([survivor.key()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let death = death.map(|(on, by)| Ok::<_, GatewayError>(Death { on: day(&on)?, by }));
    Ok(Desk::new(patient, rows, death.transpose()?))
}

/// Writes what changed; how many relationships did, age alone not counted.
fn write(connection: &Connection, patient: NhsNumber, desk: &Desk) -> Result<usize, GatewayError> {
    let mut count = 0;
    for (row, what) in desk.written() {
        write_row(connection, row)?;
        if let Some(what) = what {
            happened(connection, row, what, desk)?;
            count += 1;
        }
    }
    match desk.new_death() {
        Some(Some(death)) => {
            connection
                .prepare_cached(
                    "INSERT INTO died (patient_key, died_on, said_by, recorded_at) \
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (patient_key) DO UPDATE SET \
                     died_on = excluded.died_on, said_by = excluded.said_by, \
                     recorded_at = excluded.recorded_at",
                )?
                .execute(params![
                    patient.key(),
                    death.on.to_string(),
                    death.by,
                    desk.recorded_at()
                ])?;
        }
        Some(None) => {
            let top = survivor(connection, patient)?;
            let sql = format!("DELETE FROM died WHERE patient_key IN ({KEYS}) AND said_by = ?2");
            connection.prepare_cached(&sql)?.execute(params![top.key(), desk.by()])?;
        }
        None => {}
    }
    Ok(count)
}

fn write_row(connection: &Connection, row: &Kept) -> Result<(), GatewayError> {
    let text = |day: Option<Date>| day.map(|day| day.to_string());
    connection
        .prepare_cached(
            "INSERT INTO relationship (patient_key, ods, kind, starts, reference, ends, over_on, \
             over_because, ends_before, source, recorded_at, evidence_on) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
             ON CONFLICT (patient_key, ods, kind, starts, reference) DO UPDATE SET \
             ends = excluded.ends, over_on = excluded.over_on, \
             over_because = excluded.over_because, ends_before = excluded.ends_before, \
             evidence_on = excluded.evidence_on",
        )?
        .execute(params![
            row.patient_key,
            row.ods.as_str(),
            row.kind.name(),
            row.starts.to_string(),
            row.reference,
            text(row.ends),
            text(row.over.map(|(on, _)| on)),
            row.over.map(|(_, because)| because.name()),
            text(row.ends_before),
            row.source,
            row.recorded_at,
            row.evidence_on.to_string()
        ])?;
    Ok(())
}

fn happened(
    connection: &Connection,
    row: &Kept,
    what: What,
    desk: &Desk,
) -> Result<(), GatewayError> {
    connection
        .prepare_cached(
            "INSERT INTO relationship_history \
             (patient_key, ods, kind, starts, what, ends, at, source, said_by) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            row.patient_key,
            row.ods.as_str(),
            row.kind.name(),
            row.starts.to_string(),
            what.text(),
            row.ends.map(|day| day.to_string()),
            desk.recorded_at(),
            desk.source(),
            desk.by()
        ])?;
    Ok(())
}

fn merge(
    connection: &Connection,
    patient: NhsNumber,
    merging: Merging,
) -> Result<(), GatewayError> {
    match merging {
        Merging::Into(surviving) => {
            let sql = "INSERT INTO merged (subsumed, surviving) VALUES (?1, ?2) \
                       ON CONFLICT (subsumed) DO UPDATE SET surviving = excluded.surviving";
            connection.prepare_cached(sql)?.execute([patient.key(), surviving.key()])?;
        }
        Merging::Parted => {
            let sql = "DELETE FROM merged WHERE subsumed = ?1";
            connection.prepare_cached(sql)?.execute([patient.key()])?;
        }
    }
    Ok(())
}

fn history(connection: &Connection, patient: NhsNumber) -> Result<Vec<Happened>, GatewayError> {
    let sql = format!(
        "SELECT at, ods, kind, starts, ends, what, source, said_by FROM relationship_history \
         WHERE patient_key IN ({KEYS}) ORDER BY seq"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([patient.key()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let ends: Option<String> = row.get(4)?;
        found.push(Happened {
            at: row.get(0)?,
            ods: code(&row.get::<_, String>(1)?)?,
            kind: kind(&row.get::<_, String>(2)?)?,
            starts: day(&row.get::<_, String>(3)?)?,
            ends: ends.as_deref().map(day).transpose()?,
            what: row.get(5)?,
            source: row.get(6)?,
            by: row.get(7)?,
        });
    }
    Ok(found)
}

/// Everyone on a practice's list, each once, by the key at the end of its merges.
fn registered_with(
    connection: &Connection,
    practice: &OdsCode,
) -> Result<Vec<NhsNumber>, GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT patient_key FROM relationship \
         WHERE ods = ?1 AND kind = 'registration' AND over_on IS NULL ORDER BY patient_key",
    )?;
    let keys = statement.query_map([practice.as_str()], |row| row.get::<_, i64>(0))?;
    let keys: Vec<i64> = keys.collect::<Result<_, _>>()?;
    keys.into_iter().map(number).collect()
}

impl GatewayStore {
    /// Works in what was told of a patient, in one transaction; how many relationships changed.
    pub async fn relate(
        &self,
        patient: NhsNumber,
        told: Told,
        terms: Terms,
        now: Timestamp,
    ) -> Result<usize, GatewayError> {
        let job = move |connection: &Connection| {
            let mut desk = desk(connection, patient)?;
            let by = told.by.as_ref().map_or("the hub", OdsCode::as_str);
            desk.hear(&told.source, by, &now.to_string());
            desk.take(&told, &terms);
            if let Some(merging) = desk.merging {
                merge(connection, patient, merging)?;
            }
            write(connection, patient, &desk)
        };
        self.writer.run(job).await
    }

    /// Works in a part of a practice's list, in one transaction.
    pub async fn import(
        &self,
        practice: OdsCode,
        part: Vec<Row>,
        terms: Terms,
        entry: Entry,
    ) -> Result<Imported, GatewayError> {
        let job = move |connection: &Connection| {
            let mut imported = Imported::default();
            for row in &part {
                let mut desk = desk(connection, row.patient)?;
                desk.hear(&entry.source, &entry.by, &entry.at);
                desk.registered(&practice, Some(row.starts), row.ends, &terms);
                imported.count(&desk, &practice);
                write(connection, row.patient, &desk)?;
            }
            Ok::<_, GatewayError>(imported)
        };
        self.writer.run(job).await
    }

    /// Those on a practice's list whom a new list does not name, merged patients by any of their
    /// numbers.
    pub async fn missing_from(
        &self,
        practice: OdsCode,
        listed: HashSet<i64>,
    ) -> Result<(usize, Vec<NhsNumber>), GatewayError> {
        self.readers
            .run(move |connection| {
                let known = registered_with(connection, &practice)?;
                let mut top: HashSet<i64> = HashSet::with_capacity(listed.len());
                for key in &listed {
                    top.insert(survivor(connection, number(*key)?)?.key());
                }
                let mut missing = Vec::new();
                for patient in &known {
                    if !top.contains(&survivor(connection, *patient)?.key()) {
                        missing.push(*patient);
                    }
                }
                Ok((known.len(), missing))
            })
            .await
    }

    /// These have left the practice's list.
    pub async fn leave(
        &self,
        practice: OdsCode,
        patients: Vec<NhsNumber>,
        terms: Terms,
        entry: Entry,
    ) -> Result<usize, GatewayError> {
        let job = move |connection: &Connection| {
            let mut count = 0;
            for patient in &patients {
                let mut desk = desk(connection, *patient)?;
                desk.hear(&entry.source, &entry.by, &entry.at);
                desk.left(&practice, terms.today, terms.policy.practice_tail_days);
                count += write(connection, *patient, &desk)?;
            }
            Ok::<_, GatewayError>(count)
        };
        self.writer.run(job).await
    }

    /// Enters a relationship by hand; whether anything changed.
    pub async fn enter(
        &self,
        patient: NhsNumber,
        entered: Entered,
        today: Date,
        now: Timestamp,
    ) -> Result<bool, GatewayError> {
        let job = move |connection: &Connection| {
            let mut desk = desk(connection, patient)?;
            desk.hear(&entered.source, &entered.by, &now.to_string());
            let Entered { ods, kind, starts, ends, .. } = &entered;
            desk.start(ods, *kind, *starts, "", *ends, today);
            Ok::<_, GatewayError>(write(connection, patient, &desk)? > 0)
        };
        self.writer.run(job).await
    }

    /// Ends relationships by hand, without a tail; how many there were.
    pub async fn end(
        &self,
        patient: NhsNumber,
        ending: Ending,
        now: Timestamp,
    ) -> Result<usize, GatewayError> {
        let job = move |connection: &Connection| {
            let mut desk = desk(connection, patient)?;
            desk.hear(&ending.reason, &ending.by, &now.to_string());
            let meant = |row: &Kept| {
                row.ods == ending.ods
                    && ending.kind.is_none_or(|kind| row.kind == kind)
                    && row.ends.is_none_or(|ends| ends > ending.on)
            };
            let rows = desk.rows().iter().enumerate();
            let meant: Vec<usize> = rows.filter(|(_, row)| meant(row)).map(|(at, _)| at).collect();
            meant.into_iter().for_each(|at| desk.over(at, ending.on, 0, Because::ByHand));
            write(connection, patient, &desk)
        };
        self.writer.run(job).await
    }

    /// Everything that is kept of a patient's relationships, and the day of death.
    pub async fn relationships_of(
        &self,
        patient: NhsNumber,
    ) -> Result<(Vec<Kept>, Option<Date>), GatewayError> {
        self.readers
            .run(move |connection| {
                let (_, died_on) = facts(connection, patient)?;
                Ok((rows(connection, patient)?, died_on))
            })
            .await
    }

    pub async fn relationship_history(
        &self,
        patient: NhsNumber,
    ) -> Result<Vec<Happened>, GatewayError> {
        self.readers.run(move |connection| history(connection, patient)).await
    }
}

/// Where an entry by list or by hand comes from, who made it and when (RFC 3339).
#[derive(Clone, Debug)]
pub struct Entry {
    pub source: String,
    pub by: String,
    pub at: String,
}
