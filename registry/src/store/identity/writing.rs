//! Applying a change of identity: versions first, then each effect.

use super::keys::key_for_writing;
use super::moving::{give_back, split_off};
use super::reading::pair_digest;
use super::{Effect, IdentityChange, StandingMerge};
use crate::store::apply::raise_versions;
use crate::store::sql::{Sql, Value};
use crate::store::{PatientKey, StoreError};
use schemas::hl7::PatientId;

pub(super) fn apply(sql: &mut dyn Sql, change: &IdentityChange) -> Result<(), StoreError> {
    let mut expected: Vec<(PatientKey, i64)> = Vec::new();
    for one in &change.expected {
        let pair = (key_for_writing(sql, &one.patient)?, one.version);
        if !expected.contains(&pair) {
            expected.push(pair);
        }
    }
    raise_versions(sql, &expected)?;
    let at = change.at.first_second();
    change.effects.iter().try_for_each(|effect| do_one(sql, effect, &at))
}

fn do_one(sql: &mut dyn Sql, effect: &Effect, at: &str) -> Result<(), StoreError> {
    match effect {
        Effect::Activate(patient) => {
            set(sql, "UPDATE patient SET standing = 2 WHERE patient_key = $1", patient)
        }
        Effect::Freeze(patient) => {
            set(sql, "UPDATE patient SET frozen = 1 WHERE patient_key = $1", patient)
        }
        Effect::Unfreeze(patient) => {
            set(sql, "UPDATE patient SET frozen = 0 WHERE patient_key = $1", patient)
        }
        Effect::Withhold { patient, withheld: true } => {
            set(sql, "UPDATE patient SET withheld = 1 WHERE patient_key = $1", patient)
        }
        Effect::Withhold { patient, withheld: false } => {
            set(sql, "UPDATE patient SET withheld = 0 WHERE patient_key = $1", patient)
        }
        Effect::Merge(merge) => link(sql, merge, at),
        Effect::Unmerge { subsumed, with, forget } => unlink(sql, subsumed, with, *forget, at),
        Effect::Protect(one, other) => protect(sql, one, other, at),
        Effect::Unprotect(one, other) => {
            let digest = Value::Bytes(pair_digest(one, other));
            sql.execute("DELETE FROM do_not_link WHERE pair = $1", &[digest]).map(|_| ())
        }
        Effect::SplitOff { entry, to } => split_off(sql, *entry, to, at),
        Effect::GiveBack { entry } => give_back(sql, *entry, at),
        Effect::Refused { subsumed, surviving, source, reason } => {
            sql.execute(
                "INSERT INTO refused_merge (subsumed, surviving, at, source, reason) \
                 VALUES ($1, $2, $3, $4, $5)",
                &[
                    subsumed.text().into(),
                    surviving.text().into(),
                    at.into(),
                    source.as_str().into(),
                    reason.as_str().into(),
                ],
            )?;
            Ok(())
        }
    }
}

/// Exactly one patient's row changes.
fn set(sql: &mut dyn Sql, text: &str, patient: &PatientId) -> Result<(), StoreError> {
    let key = key_for_writing(sql, patient)?;
    if sql.execute(text, &[key.into()])? == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

fn link(sql: &mut dyn Sql, merge: &StandingMerge, at: &str) -> Result<(), StoreError> {
    let subsumed = key_for_writing(sql, &merge.subsumed)?;
    let surviving = key_for_writing(sql, &merge.surviving)?;
    sql.execute(
        "UPDATE patient SET survivor = $1 WHERE patient_key = $2 OR survivor = $2",
        &[surviving.into(), subsumed.into()],
    )?;
    sql.execute(
        "INSERT INTO patient_merge (subsumed, surviving, at, source, message_id) \
         VALUES ($1, $2, $3, $4, $5)",
        &[
            subsumed.into(),
            surviving.into(),
            at.into(),
            merge.message.source.as_str().into(),
            merge.message.message_id.as_str().into(),
        ],
    )?;
    Ok(())
}

fn unlink(
    sql: &mut dyn Sql,
    subsumed: &PatientId,
    with: &[PatientId],
    forget: bool,
    at: &str,
) -> Result<(), StoreError> {
    set(sql, "UPDATE patient SET survivor = NULL WHERE patient_key = $1", subsumed)?;
    let key = key_for_writing(sql, subsumed)?;
    for other in with {
        let other = key_for_writing(sql, other)?;
        sql.execute(
            "UPDATE patient SET survivor = $1 WHERE patient_key = $2",
            &[key.into(), other.into()],
        )?;
    }
    if forget {
        let text = "DELETE FROM patient_merge WHERE subsumed = $1 AND undone_at IS NULL";
        sql.execute(text, &[key.into()])?;
    } else {
        sql.execute(
            "UPDATE patient_merge SET undone_at = $1 WHERE subsumed = $2 AND undone_at IS NULL",
            &[at.into(), key.into()],
        )?;
    }
    Ok(())
}

/// Nothing that was kept may list the two together any longer.
fn protect(
    sql: &mut dyn Sql,
    one: &PatientId,
    other: &PatientId,
    at: &str,
) -> Result<(), StoreError> {
    sql.execute(
        "INSERT INTO do_not_link (pair, at) VALUES ($1, $2) ON CONFLICT (pair) DO NOTHING",
        &[Value::Bytes(pair_digest(one, other)), at.into()],
    )?;
    for (a, b) in [(one, other), (other, one)] {
        sql.execute(
            "DELETE FROM refused_merge WHERE subsumed = $1 AND surviving = $2",
            &[a.text().into(), b.text().into()],
        )?;
        let (a, b) = (key_for_writing(sql, a)?, key_for_writing(sql, b)?);
        sql.execute(
            "DELETE FROM patient_merge WHERE subsumed = $1 AND surviving = $2 \
             AND undone_at IS NOT NULL",
            &[a.into(), b.into()],
        )?;
        sql.execute(
            "DELETE FROM patient_split WHERE from_key = $1 AND to_key = $2",
            &[a.into(), b.into()],
        )?;
    }
    Ok(())
}
