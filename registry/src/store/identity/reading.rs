//! Reading what a decision about a patient's identity needs.

use super::keys::{key, own_identifier};
use super::{
    Chain, IdentityProblem, KnownPair, KnownPatient, MergeMessage, Standing, StandingMerge,
};
use crate::store::sql::{Row, Sql, Value};
use crate::store::{PatientKey, StoreError};
use schemas::hl7::PatientId;
use sha2::{Digest, Sha256};

/// Merges of one chain beyond this are for a person to look at first.
const CHAIN_MAX: usize = 1_000;

const COLUMNS: &str = "patient_key, version, standing, survivor, frozen, withheld";

fn known(sql: &mut dyn Sql, row: &Row) -> Result<KnownPatient, StoreError> {
    let id = own_identifier(sql, row.integer(0)?)?;
    let survivor = row.optional_integer(3)?;
    let survivor = survivor.map(|survivor| own_identifier(sql, survivor)).transpose()?;
    let standing = if row.integer(2)? == 2 { Standing::Active } else { Standing::Known };
    let version = row.integer(1)?;
    Ok(KnownPatient {
        id,
        version,
        standing: Some(standing),
        survivor,
        frozen: row.integer(4)? != 0,
        withheld: row.integer(5)? != 0,
    })
}

/// One patient.
pub(in crate::store) fn patient(
    sql: &mut dyn Sql,
    id: &PatientId,
) -> Result<KnownPatient, StoreError> {
    let unknown = KnownPatient {
        id: id.clone(),
        version: 0,
        standing: None,
        survivor: None,
        frozen: false,
        withheld: false,
    };
    let Some(key) = key(sql, id)? else { return Ok(unknown) };
    let text = format!("SELECT {COLUMNS} FROM patient WHERE patient_key = $1");
    let rows = sql.rows(&text, &[key.into()])?;
    rows.first().map_or(Ok(unknown), |row| known(sql, row))
}

pub(super) fn pair(
    sql: &mut dyn Sql,
    subsumed: &PatientId,
    surviving: &PatientId,
    message: &MergeMessage,
) -> Result<KnownPair, StoreError> {
    let (of_subsumed, of_surviving) = (chain(sql, subsumed)?, chain(sql, surviving)?);
    let mut do_not_link = false;
    if any(sql, "SELECT 1 FROM do_not_link LIMIT 1", &[])? {
        for one in everyone(&of_subsumed) {
            for other in everyone(&of_surviving) {
                let digest = Value::Bytes(pair_digest(&one.id, &other.id));
                do_not_link |= any(sql, "SELECT 1 FROM do_not_link WHERE pair = $1", &[digest])?;
            }
        }
    }
    let standing = of_subsumed.merges.into_iter().find(|merge| merge.subsumed == *subsumed);
    let undone = undone(sql, subsumed, surviving, message)?;
    let (subsumed, surviving) = (patient(sql, subsumed)?, patient(sql, surviving)?);
    Ok(KnownPair { subsumed, surviving, do_not_link, standing, undone })
}

fn everyone(chain: &Chain) -> impl Iterator<Item = &KnownPatient> {
    std::iter::once(&chain.survivor).chain(&chain.subsumed)
}

fn any(sql: &mut dyn Sql, text: &str, values: &[Value]) -> Result<bool, StoreError> {
    Ok(!sql.rows(text, values)?.is_empty())
}

/// The same for (a, b) and (b, a). Whoever reads it learns of neither.
pub(super) fn pair_digest(one: &PatientId, other: &PatientId) -> Vec<u8> {
    let mut both = [one.text(), other.text()];
    both.sort_unstable();
    let digest = Sha256::new().chain_update("do not link\n").chain_update(&both[0]);
    digest.chain_update("\n").chain_update(&both[1]).finalize().to_vec()
}

fn undone(
    sql: &mut dyn Sql,
    subsumed: &PatientId,
    surviving: &PatientId,
    message: &MergeMessage,
) -> Result<bool, StoreError> {
    let (Some(subsumed), Some(surviving)) = (key(sql, subsumed)?, key(sql, surviving)?) else {
        return Ok(false);
    };
    any(
        sql,
        "SELECT 1 FROM patient_merge WHERE source = $1 AND message_id = $2 AND subsumed = $3 \
         AND surviving = $4 AND undone_at IS NOT NULL",
        &[
            message.source.as_str().into(),
            message.message_id.as_str().into(),
            subsumed.into(),
            surviving.into(),
        ],
    )
}

/// A patient's whole chain, whichever of it is asked for.
pub(super) fn chain(sql: &mut dyn Sql, id: &PatientId) -> Result<Chain, StoreError> {
    let asked = patient(sql, id)?;
    let survivor = match &asked.survivor {
        Some(survivor) => patient(sql, survivor)?,
        None => asked,
    };
    let Some(key) = key(sql, &survivor.id)? else {
        return Ok(Chain { survivor, subsumed: Vec::new(), merges: Vec::new() });
    };
    let text = format!("SELECT {COLUMNS} FROM patient WHERE survivor = $1 ORDER BY patient_key");
    let rows = sql.rows(&text, &[key.into()])?;
    if rows.len() > CHAIN_MAX {
        let what = format!("more than {CHAIN_MAX} identifiers were merged into one");
        return Err(StoreError::Failed(what));
    }
    let subsumed: Result<Vec<_>, _> = rows.iter().map(|row| known(sql, row)).collect();
    let merges = sql.rows(
        "SELECT m.subsumed, m.surviving, m.source, m.message_id FROM patient_merge m \
         JOIN patient p ON p.patient_key = m.subsumed \
         WHERE p.survivor = $1 AND m.undone_at IS NULL ORDER BY m.seq",
        &[key.into()],
    )?;
    let merges: Result<Vec<_>, _> = merges.iter().map(|row| merge(sql, row)).collect();
    Ok(Chain { survivor, subsumed: subsumed?, merges: merges? })
}

fn merge(sql: &mut dyn Sql, row: &Row) -> Result<StandingMerge, StoreError> {
    Ok(StandingMerge {
        subsumed: own_identifier(sql, row.integer(0)?)?,
        surviving: own_identifier(sql, row.integer(1)?)?,
        message: MergeMessage {
            source: row.text(2)?.to_owned(),
            message_id: row.text(3)?.to_owned(),
        },
    })
}

/// What a person should look at: shared numbers, refused merges (the newest), untraced patients.
pub(super) fn problems(sql: &mut dyn Sql) -> Result<Vec<IdentityProblem>, StoreError> {
    let mut problems = Vec::new();
    for row in sql.rows(
        "SELECT patient_key FROM patient WHERE frozen = 1 ORDER BY patient_key LIMIT 1000",
        &[],
    )? {
        let (patient, entries) = counted(sql, row.integer(0)?)?;
        problems.push(IdentityProblem::Frozen { patient, entries });
    }
    for row in sql.rows(
        "SELECT p.patient_key FROM patient p JOIN patient_identifier i \
         ON i.patient_key = p.patient_key WHERE p.patient_key < 0 AND p.survivor IS NULL ORDER BY p.patient_key LIMIT 1000",
        &[],
    )? {
        let (patient, entries) = counted(sql, row.integer(0)?)?;
        problems.push(IdentityProblem::Untraced { patient, entries });
    }
    for row in sql.rows(
        "SELECT subsumed, surviving, at, source, reason FROM refused_merge \
         ORDER BY seq DESC LIMIT 1000",
        &[],
    )? {
        let text = |column| row.text(column).map(str::to_owned);
        problems.push(IdentityProblem::RefusedMerge {
            subsumed: text(0)?,
            surviving: text(1)?,
            at: text(2)?,
            source: text(3)?,
            reason: text(4)?,
        });
    }
    Ok(problems)
}

fn counted(sql: &mut dyn Sql, key: PatientKey) -> Result<(PatientId, i64), StoreError> {
    let rows =
        sql.rows("SELECT count(*) FROM document_entry WHERE patient_key = $1", &[key.into()])?;
    let entries = rows.first().map_or(Ok(0), |row| row.integer(0))?;
    Ok((own_identifier(sql, key)?, entries))
}
