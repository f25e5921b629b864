//! Whom records are about: rows beside the chain, so that a patient's are found without reading all.
//! They go when the content of their record expires.

use super::AuditEvent;
use super::store::AuditError;
use rusqlite::Connection;

pub(super) const MIGRATION: &str = "
CREATE TABLE subject (
    -- CX form.
    patient TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (patient, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_by_seq ON subject (seq);

INSERT OR IGNORE INTO subject (patient, seq)
    SELECT json_extract(event, '$.patientId'), seq FROM record
    WHERE json_extract(event, '$.patientId') IS NOT NULL;
INSERT OR IGNORE INTO subject (patient, seq)
    SELECT json_extract(decided.value, '$.patientId'), seq
    FROM record, json_each(record.event, '$.decisions') AS decided
    WHERE json_extract(decided.value, '$.patientId') IS NOT NULL;
";

/// Writes whom a record is about, in its transaction.
pub(super) fn keep(
    connection: &Connection,
    seq: i64,
    event: &AuditEvent,
) -> Result<(), AuditError> {
    let mut statement =
        connection.prepare_cached("INSERT INTO subject (patient, seq) VALUES (?1, ?2)")?;
    for patient in event.patients() {
        statement.execute((patient, seq))?;
    }
    Ok(())
}
