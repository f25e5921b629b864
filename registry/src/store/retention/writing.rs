//! Holds and approvals are added, never changed; a removal leaves a row of what went.

use crate::retention::facts::day_text;
use crate::retention::{Approval, Going, Hold, Lifted, Permit, RemovalTrace};
use crate::store::StoreError;
use crate::store::sql::{Sql, Value};
use schemas::ods_code::OdsCode;

const PLACED: i64 = 1;
const LIFTED: i64 = 2;

/// Whatever was decided on other holds is decided again.
fn raise(sql: &mut dyn Sql) -> Result<(), StoreError> {
    sql.execute("UPDATE retention_state SET hold_seq = hold_seq + 1 WHERE id = 1", &[]).map(|_| ())
}

pub(super) fn place(sql: &mut dyn Sql, hold: &Hold) -> Result<(), StoreError> {
    raise(sql)?;
    let scope = &hold.scope;
    sql.execute(
        "INSERT INTO retention_hold (name, act, at, actor, reason, kind, review_on, patient_key, \
         publisher_ods, type_code, unique_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            hold.name.as_str().into(),
            PLACED.into(),
            hold.placed_at.as_str().into(),
            hold.placed_by.as_str().into(),
            hold.reason.as_str().into(),
            hold.kind.name().into(),
            day_text(hold.review_on).into(),
            scope.patient.into(),
            scope.publisher.as_ref().map(OdsCode::as_str).into(),
            scope.type_code.as_deref().into(),
            scope.document.as_deref().into(),
        ],
    )?;
    Ok(())
}

pub(super) fn lift(sql: &mut dyn Sql, name: &str, lifted: &Lifted) -> Result<bool, StoreError> {
    raise(sql)?;
    let acts = sql.rows("SELECT act FROM retention_hold WHERE name = $1", &[name.into()])?;
    if acts.len() != 1 {
        return Ok(false);
    }
    sql.execute(
        "INSERT INTO retention_hold (name, act, at, actor, reason) VALUES ($1, $2, $3, $4, $5)",
        &[
            name.into(),
            LIFTED.into(),
            lifted.at.as_str().into(),
            lifted.by.as_str().into(),
            lifted.reason.as_str().into(),
        ],
    )?;
    Ok(true)
}

pub(super) fn approve(sql: &mut dyn Sql, approval: &Approval) -> Result<i64, StoreError> {
    let rows = sql.rows(
        "INSERT INTO retention_approval (purpose, controller_ods, approved_by, reason, at, \
         valid_until) VALUES ($1, $2, $3, $4, $5, $6) RETURNING seq",
        &[
            approval.purpose.name().into(),
            approval.controller.as_str().into(),
            approval.approved_by.as_str().into(),
            approval.reason.as_str().into(),
            approval.placed_at.as_str().into(),
            day_text(approval.valid_until).into(),
        ],
    )?;
    let id = rows.first().map_or_else(|| Err(StoreError::Conflict), |row| row.integer(0))?;
    for document in &approval.documents {
        sql.execute(
            "INSERT INTO retention_approval_document (approval, unique_id) VALUES ($1, $2) \
             ON CONFLICT DO NOTHING",
            &[id.into(), document.as_str().into()],
        )?;
    }
    Ok(id)
}

/// Notes what goes, if the holds are still those that it was decided on.
pub(in crate::store) fn keep_trace(
    sql: &mut dyn Sql,
    trace: &RemovalTrace,
    at: &str,
) -> Result<(), StoreError> {
    let same = sql.execute(
        "UPDATE retention_state SET hold_seq = hold_seq WHERE id = 1 AND hold_seq = $1",
        &[trace.hold_seq.into()],
    )?;
    if same != 1 {
        return Err(StoreError::Conflict);
    }
    trace.entries.iter().try_for_each(|going| removed(sql, going, trace, at))
}

fn removed(
    sql: &mut dyn Sql,
    going: &Going,
    trace: &RemovalTrace,
    at: &str,
) -> Result<(), StoreError> {
    let Going { subject, retention, permit } = going;
    let approval = match permit {
        Permit::Approved(id) => Some(*id),
        Permit::PeriodPassed | Permit::PublishersWord => None,
    };
    let values: [Value; 20] = [
        subject.patients.first().copied().into(),
        subject.entry_uuid.to_string().into(),
        subject.unique_id.as_str().into(),
        subject.repository_unique_id.as_str().into(),
        subject.hash.as_str().into(),
        subject.publisher_ods.as_ref().map(OdsCode::as_str).into(),
        subject.type_code.as_str().into(),
        subject.practice_setting.as_str().into(),
        subject.class_code.as_deref().into(),
        day_text(subject.last_contact).into(),
        subject.birth_date.map(day_text).into(),
        subject.death_date.map(day_text).into(),
        at.into(),
        trace.by.as_str().into(),
        trace.purpose.name().into(),
        permit.to_string().into(),
        approval.into(),
        retention.rule.as_str().into(),
        retention.version.as_str().into(),
        retention.until.map(day_text).into(),
    ];
    sql.execute(
        "INSERT INTO removed_entry (patient_key, entry_uuid, unique_id, repository_unique_id, \
         hash, publisher_ods, type_code, practice_setting, class_code, last_contact, birth_date, \
         death_date, removed_at, removed_by, purpose, permit, approval, rule, table_version, \
         retained_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
         $16, $17, $18, $19, $20)",
        &values,
    )?;
    Ok(())
}

pub(super) fn certify(
    sql: &mut dyn Sql,
    approval: i64,
    documents: &[String],
    certificate: &str,
) -> Result<(), StoreError> {
    for document in documents {
        sql.execute(
            "UPDATE removed_entry SET certificate = $1 \
             WHERE approval = $2 AND unique_id = $3 AND certificate IS NULL",
            &[certificate.into(), approval.into(), document.as_str().into()],
        )?;
    }
    Ok(())
}
