//! Rows of the region: reading a snapshot, applying a file.

use super::relationship;
use super::{Applied, GatewayError};
use crate::decision::PatientFacts;
use crate::region::{Agreement, Region, RegionFile, RelationshipKind, Versioned};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) fn broken(what: impl std::fmt::Display) -> GatewayError {
    GatewayError::Row(format!("a row of the gateway's store is broken: {what}"))
}

fn bodies<T: DeserializeOwned>(
    connection: &Connection,
    table: &str,
) -> Result<Vec<T>, GatewayError> {
    let mut statement = connection.prepare(&format!("SELECT body FROM {table} ORDER BY rowid"))?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut items = Vec::new();
    for body in rows {
        items.push(serde_json::from_str(&body?).map_err(broken)?);
    }
    Ok(items)
}

pub(super) fn region(connection: &Connection) -> Result<Region, GatewayError> {
    let mut statement = connection.prepare(
        "SELECT a.version, a.body FROM agreement a WHERE a.version = \
         (SELECT max(b.version) FROM agreement b WHERE b.id = a.id) ORDER BY a.id",
    )?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?)))?;
    let mut agreements = Vec::new();
    for row in rows {
        let (version, body) = row?;
        agreements
            .push(Versioned { version, agreement: serde_json::from_str(&body).map_err(broken)? });
    }
    Ok(Region {
        organisations: bodies(connection, "organisation")?,
        groups: bodies(connection, "organisation_group")?,
        systems: bodies(connection, "system")?,
        roles: bodies(connection, "role")?,
        tiers: bodies(connection, "tier")?,
        policy: bodies(connection, "policy")?.pop().unwrap_or_default(),
        agreements,
        ..Region::default()
    }
    .prepared())
}

pub(super) fn patient_facts(
    connection: &Connection,
    patient: NhsNumber,
    today: Date,
) -> Result<PatientFacts, GatewayError> {
    let (relationships, died_on) = relationship::facts(connection, patient)?;
    let mut facts = PatientFacts { relationships, died_on, ..PatientFacts::default() };
    // What those have said who were merged into the patient holds for the patient.
    let everyone = relationship::everyone(connection, patient)?;
    super::preference::facts(connection, &everyone, today, &mut facts)?;
    Ok(facts)
}

pub(super) fn json(value: &impl Serialize) -> Result<String, GatewayError> {
    serde_json::to_string(value).map_err(broken)
}

pub(super) fn apply(
    connection: &Connection,
    file: &RegionFile,
    now: &str,
) -> Result<Applied, GatewayError> {
    let mut applied = Applied::default();
    for organisation in &file.organisation {
        let key = [("ods", organisation.ods.as_str())];
        applied.organisations += upsert(connection, "organisation", &key, organisation, now)?;
    }
    for group in &file.group {
        let key = [("name", group.name.as_str())];
        applied.groups += upsert(connection, "organisation_group", &key, group, now)?;
    }
    for system in &file.system {
        let key = [("name", system.name.as_str()), ("organisation", system.organisation.as_str())];
        applied.systems += upsert(connection, "system", &key, system, now)?;
    }
    for role in &file.role {
        applied.roles += upsert(connection, "role", &[("name", &role.name)], role, now)?;
    }
    for tier in &file.tier {
        applied.tiers += upsert(connection, "tier", &[("name", &tier.name)], tier, now)?;
    }
    if let Some(policy) = &file.policy {
        applied.policy += upsert(connection, "policy", &[("name", "region")], policy, now)?;
    }
    for agreement in &file.agreement {
        applied.agreements.extend(append(connection, agreement, now)?);
    }
    relationships(connection, file, now, &mut applied)?;
    for row in &file.preference {
        applied.preferences += super::preference::apply(connection, row)?;
    }
    raise_epoch(connection)?;
    Ok(applied)
}

/// To be called by every transaction that changes what may be seen.
pub(super) fn raise_epoch(connection: &Connection) -> Result<(), GatewayError> {
    connection.execute("UPDATE epoch SET epoch = epoch + 1", [])?;
    Ok(())
}

pub(super) fn remove_system(
    connection: &Connection,
    name: &str,
    organisation: &OdsCode,
) -> Result<bool, GatewayError> {
    let sql = "DELETE FROM system WHERE name = $1 AND organisation = $2";
    let removed = connection.execute(sql, params![name, organisation.as_str()])?;
    raise_epoch(connection)?;
    Ok(removed > 0)
}

/// Inserts or replaces a body and keeps it as a version; 1 where it changed.
pub(super) fn upsert<T: Serialize + DeserializeOwned + PartialEq>(
    connection: &Connection,
    table: &str,
    key: &[(&str, &str)],
    item: &T,
    now: &str,
) -> Result<usize, GatewayError> {
    let columns: Vec<&str> = key.iter().map(|(column, _)| *column).collect();
    let values: Vec<&str> = key.iter().map(|(_, value)| *value).collect();
    let name = values.join(" ");
    let sql = "SELECT body FROM region_version WHERE kind = $1 AND key = $2 \
               ORDER BY version DESC LIMIT 1";
    let known: Option<String> =
        connection.prepare_cached(sql)?.query_row([table, &name], |row| row.get(0)).optional()?;
    if let Some(known) = &known
        && serde_json::from_str::<T>(known).map_err(broken)? == *item
    {
        return Ok(0);
    }
    let body = json(item)?;
    let places: Vec<String> = (1..=key.len()).map(|n| format!("${n}")).collect();
    let columns = columns.join(", ");
    let sql = format!(
        "INSERT INTO {table} ({columns}, body) VALUES ({}, ${}) ON CONFLICT ({columns}) \
         DO UPDATE SET body = excluded.body",
        places.join(", "),
        key.len() + 1
    );
    let bound = values.into_iter().chain([body.as_str()]);
    connection.prepare(&sql)?.execute(rusqlite::params_from_iter(bound))?;
    let version = super::agreement::newest_of(connection, table, &name)? + 1;
    let sql = "INSERT INTO region_version (kind, key, version, recorded_at, body) \
               VALUES ($1, $2, $3, $4, $5)";
    connection.prepare_cached(sql)?.execute(params![table, name, version, now, body])?;
    Ok(1)
}

/// The bodies of one kind as they were recorded before a moment, in the order of their coming.
pub(super) fn bodies_at<T: DeserializeOwned>(
    connection: &Connection,
    kind: &str,
    moment: &str,
) -> Result<Vec<T>, GatewayError> {
    let mut statement = connection.prepare(
        "SELECT a.body FROM region_version a WHERE a.kind = $1 AND a.version = \
         (SELECT max(b.version) FROM region_version b WHERE b.kind = $1 AND b.key = a.key \
         AND b.recorded_at < $2) ORDER BY a.rowid",
    )?;
    let rows = statement.query_map([kind, moment], |row| row.get::<_, String>(0))?;
    rows.map(|body| serde_json::from_str(&body?).map_err(broken)).collect()
}

/// Appends a version where the agreement differs from its newest one.
pub(super) fn append(
    connection: &Connection,
    agreement: &Agreement,
    now: &str,
) -> Result<Option<String>, GatewayError> {
    let newest: Option<(u32, String)> = connection
        .prepare("SELECT version, body FROM agreement WHERE id = $1 ORDER BY version DESC LIMIT 1")?
        .query_row([&agreement.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let version = match newest {
        Some((version, body)) => {
            let known: Agreement = serde_json::from_str(&body).map_err(broken)?;
            if known == *agreement {
                return Ok(None);
            }
            version + 1
        }
        None => 1,
    };
    connection
        .prepare("INSERT INTO agreement (id, version, recorded_at, body) VALUES ($1, $2, $3, $4)")?
        .execute(params![agreement.id, version, now, json(agreement)?])?;
    Ok(Some(format!("{}#{version}", agreement.id)))
}

fn relationships(
    connection: &Connection,
    file: &RegionFile,
    now: &str,
    applied: &mut Applied,
) -> Result<(), GatewayError> {
    let mut insert = connection.prepare(
        "INSERT INTO relationship \
         (patient_key, ods, kind, starts, reference, ends, source, recorded_at, evidence_on) \
         VALUES ($1, $2, $3, $4, '', $5, $6, $7, $4) \
         ON CONFLICT (patient_key, ods, kind, starts, reference) \
         DO UPDATE SET ends = excluded.ends, source = excluded.source, over_on = NULL, \
         over_because = NULL, evidence_on = excluded.evidence_on",
    )?;
    for row in &file.relationship {
        let patient = NhsNumber::parse(&row.patient)?;
        let kind: RelationshipKind = row.kind;
        let ends = row.ends.map(|date| date.to_string());
        applied.relationships += insert.execute(params![
            patient.key(),
            row.ods.as_str(),
            kind.name(),
            row.starts.to_string(),
            ends,
            row.source,
            now
        ])?;
    }
    Ok(())
}
