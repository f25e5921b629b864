//! Secrets of second factors, and the codes that were shown for them.

use super::{GatewayError, GatewayStore};
use crate::break_glass::totp;
use rusqlite::{Connection, OptionalExtension, params};
use schemas::ods_code::OdsCode;

/// Wrong codes after which none is taken for a while: six digits must not be guessed.
const FAILURES_MAX: i64 = 5;
const PAUSE_MILLIS: i64 = 15 * 60_000;

impl GatewayStore {
    /// Registers a secret for an actor in place of an earlier one; whether there was one.
    pub async fn register_second_factor(
        &self,
        organisation: OdsCode,
        actor: String,
        secret: Vec<u8>,
        now: i64,
    ) -> Result<bool, GatewayError> {
        let registered = self.writer.run(move |connection| {
            let removed = remove(connection, &organisation, &actor)?;
            connection
                .prepare_cached("INSERT INTO second_factor VALUES (?1, ?2, ?3, ?4, 0, 0, 0)")?
                .execute(params![organisation.as_str(), actor, secret, now])?;
            Ok::<bool, GatewayError>(removed)
        });
        registered.await
    }

    /// Takes an actor's secret away; whether there was one.
    pub async fn remove_second_factor(
        &self,
        organisation: OdsCode,
        actor: String,
    ) -> Result<bool, GatewayError> {
        self.writer.run(move |connection| remove(connection, &organisation, &actor)).await
    }

    /// Whether a code is good; it is not good again.
    pub async fn prove_second_factor(
        &self,
        organisation: OdsCode,
        actor: String,
        shown: String,
        now: i64,
    ) -> Result<bool, GatewayError> {
        let proved = self
            .writer
            .run(move |connection| prove(connection, &organisation, &actor, &shown, now));
        proved.await
    }
}

fn remove(
    connection: &Connection,
    organisation: &OdsCode,
    actor: &str,
) -> Result<bool, GatewayError> {
    let removed = connection
        .prepare_cached("DELETE FROM second_factor WHERE organisation = ?1 AND actor = ?2")?
        .execute(params![organisation.as_str(), actor])?;
    Ok(removed == 1)
}

fn prove(
    connection: &Connection,
    organisation: &OdsCode,
    actor: &str,
    shown: &str,
    now: i64,
) -> Result<bool, GatewayError> {
    let known: Option<(Vec<u8>, i64, i64, i64)> = connection
        .prepare_cached(
            "SELECT secret, last_step, failures, failed_at FROM second_factor \
             WHERE organisation = ?1 AND actor = ?2",
        )?
        .query_row(params![organisation.as_str(), actor], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((secret, last, failures, failed_at)) = known else { return Ok(false) };
    if failures >= FAILURES_MAX && now < failed_at + PAUSE_MILLIS {
        return Ok(false);
    }
    let step = totp::step_of(&secret, shown, now.div_euclid(1_000), last);
    let (last, failures, failed_at) = match step {
        Some(step) => (step, 0, 0),
        None if failures >= FAILURES_MAX => (last, 1, now),
        None => (last, failures + 1, now),
    };
    connection
        .prepare_cached(
            "UPDATE second_factor SET last_step = ?3, failures = ?4, failed_at = ?5 \
             WHERE organisation = ?1 AND actor = ?2",
        )?
        .execute(params![organisation.as_str(), actor, last, failures, failed_at])?;
    Ok(step.is_some())
}
