//! Uses as a privacy officer reads them, and what is said of them.

use super::broken;
use crate::break_glass::OpenedEntry;
use crate::break_glass::review::{Outcome, Review, Use};
use crate::region::RelationshipKind;
use crate::store::{GatewayError, GatewayStore, relationship};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, Row, params};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;

/// Uses of one list at most, the newest.
const USES_MAX: u32 = 5_000;

impl GatewayStore {
    /// The newest uses, of one organisation or all; `followed_days` is how long something may take
    /// to follow a use.
    pub async fn glass_uses(
        &self,
        organisation: Option<OdsCode>,
        followed_days: u32,
    ) -> Result<Vec<Use>, GatewayError> {
        let uses = self.readers.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, organisation, actor, patient_key, at, until, second_factor, body \
                 FROM glass_use WHERE ?1 IS NULL OR organisation = ?1 ORDER BY id DESC LIMIT ?2",
            )?;
            let organisation = organisation.as_ref().map(OdsCode::as_str);
            let mut rows = statement.query(params![organisation, USES_MAX])?;
            let mut uses = Vec::new();
            while let Some(row) = rows.next()? {
                uses.push(whole(connection, row, followed_days)?);
            }
            Ok::<_, GatewayError>(uses)
        });
        uses.await
    }

    pub async fn glass_use(
        &self,
        id: i64,
        followed_days: u32,
    ) -> Result<Option<Use>, GatewayError> {
        let found = self.readers.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, organisation, actor, patient_key, at, until, second_factor, body \
                 FROM glass_use WHERE id = ?1",
            )?;
            let mut rows = statement.query([id])?;
            let row = rows.next()?;
            row.map(|row| whole(connection, row, followed_days)).transpose()
        });
        found.await
    }

    /// Adds what was said of a use.
    pub async fn review_glass(&self, id: i64, review: Review) -> Result<(), GatewayError> {
        let kept = self.writer.run(move |connection| {
            let Review { at, reviewer, outcome, note } = review;
            connection
                .prepare_cached(
                    "INSERT INTO glass_review (glass_use, at, reviewer, outcome, note) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![id, at, reviewer, outcome.name(), note])?;
            Ok::<(), GatewayError>(())
        });
        kept.await
    }
}

pub(super) fn patient(key: i64) -> Result<NhsNumber, GatewayError> {
    Ok(NhsNumber::parse(&format!("{key:010}"))?)
}

fn whole(connection: &Connection, row: &Row<'_>, followed_days: u32) -> Result<Use, GatewayError> {
    let (id, at) = (row.get(0)?, row.get(4)?);
    let organisation = OdsCode::parse(&row.get::<_, String>(1)?).map_err(broken)?;
    let patient = patient(row.get(3)?)?;
    let followed = followed(connection, &organisation, patient, at, followed_days)?;
    Ok(Use {
        id,
        organisation,
        actor: row.get(2)?,
        patient,
        at,
        until: row.get(5)?,
        second_factor: row.get(6)?,
        said: serde_json::from_str(&row.get::<_, String>(7)?).map_err(broken)?,
        entries: entries(connection, id)?,
        reviews: reviews(connection, id)?,
        followed,
    })
}

fn entries(connection: &Connection, id: i64) -> Result<Vec<OpenedEntry>, GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT unique_id, publisher, type_code, retrieved, over_preference FROM glass_entry \
         WHERE glass_use = ?1 ORDER BY first_at, unique_id",
    )?;
    let entries = statement.query_map([id], |row| {
        Ok(OpenedEntry {
            unique_id: row.get(0)?,
            publisher: row.get(1)?,
            type_code: row.get(2)?,
            retrieved: row.get(3)?,
            over_preference: row.get(4)?,
        })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}

fn reviews(connection: &Connection, id: i64) -> Result<Vec<Review>, GatewayError> {
    let mut statement = connection.prepare_cached(
        "SELECT at, reviewer, outcome, note FROM glass_review WHERE glass_use = ?1 ORDER BY id",
    )?;
    let mut rows = statement.query([id])?;
    let mut reviews = Vec::new();
    while let Some(row) = rows.next()? {
        let outcome = Outcome::parse(&row.get::<_, String>(2)?);
        let outcome = outcome.ok_or_else(|| broken("the outcome of a review"))?;
        reviews.push(Review { at: row.get(0)?, reviewer: row.get(1)?, outcome, note: row.get(3)? });
    }
    Ok(reviews)
}

/// A relationship that held on the day of the use, or began within the days after it. It may be
/// entered later than it began.
fn followed(
    connection: &Connection,
    organisation: &OdsCode,
    patient: NhsNumber,
    at: i64,
    days: u32,
) -> Result<Option<RelationshipKind>, GatewayError> {
    let day = day(at);
    let last = day.saturating_add(i64::from(days).days());
    let (relationships, _) = relationship::facts(connection, patient)?;
    let own = relationships.iter().find(|relationship| {
        relationship.ods == *organisation
            && relationship.starts <= last
            && relationship.ends.is_none_or(|ends| day <= ends)
    });
    Ok(own.map(|relationship| relationship.kind))
}

/// The region's day of a moment.
pub(super) fn day(millis: i64) -> Date {
    let zone = node::clock::region_zone();
    let at = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(zone).date()
}
