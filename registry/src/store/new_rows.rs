//! Rows to be written together: on a server each statement is a journey.

use super::StoreError;
use super::sql::{Row, Sql, Value};

/// Rows of one statement at most; both engines take many more values than this needs.
const AT_ONCE: usize = 16;

const INTO_ENTRIES: &str = "INSERT INTO document_entry (patient_key, entry_uuid, logical_id, version, \
    latest, availability_status, object_type, unique_id, repository_unique_id, mime_type, \
    home_community_id, type_code, type_scheme, type_index, practice_setting, creation_time, \
    service_start_time, service_stop_time, document_availability, confidentiality, publisher_ods, \
    hash, size, seq, registered_at, recipients, last_service, birth_date, death_date, \
    nullified)";
const INTO_CONTENT: &str = "INSERT INTO content (patient_key, entry_uuid, content)";
const INTO_CODES: &str =
    "INSERT INTO entry_code (patient_key, entry_uuid, attribute, code, scheme)";
const INTO_ASSOCIATIONS: &str = "INSERT INTO association (patient_key, entry_uuid, \
    association_type, source_object, target_object, availability_status, submission_set_status, \
    content)";
const INTO_LOCATORS: &str = "INSERT INTO locator (id, kind, patient_key, entry_uuid, version)";

/// One row, its values in the order of the columns above.
pub(super) type NewRow = Vec<Value>;

#[derive(Default)]
pub(super) struct NewRows {
    pub entries: Vec<NewRow>,
    pub content: Vec<NewRow>,
    pub codes: Vec<NewRow>,
    pub associations: Vec<NewRow>,
    pub locators: Vec<NewRow>,
    /// Of associations.
    pub ends: Vec<String>,
}

impl NewRows {
    pub(super) fn write(self, sql: &mut dyn Sql) -> Result<(), StoreError> {
        let once = " ON CONFLICT DO NOTHING";
        // A second object with the same id must fail where ids occur once, so nothing is let pass
        // there but a row that is already there in full.
        let located = " ON CONFLICT (id, kind, entry_uuid, patient_key) DO NOTHING";
        for (into, rows, at_end) in [
            (INTO_ENTRIES, self.entries, ""),
            (INTO_CONTENT, self.content, ""),
            (INTO_CODES, self.codes, once),
            (INTO_ASSOCIATIONS, self.associations, ""),
            (INTO_LOCATORS, self.locators, located),
        ] {
            insert(sql, into, &rows, at_end)?;
        }
        Ok(())
    }
}

/// Inserts rows, many in one statement. Their number is a power of two, so that there are few
/// different statements.
pub(super) fn insert(
    sql: &mut dyn Sql,
    into: &str,
    rows: &[NewRow],
    at_end: &str,
) -> Result<Vec<Row>, StoreError> {
    let mut answers = Vec::new();
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let width = first.len();
        let count = 1 << rest.len().min(AT_ONCE).ilog2();
        let (now, later) = rest.split_at(count);
        let row = |n: usize| {
            let places: Vec<String> = (1..=width).map(|m| format!("${}", n * width + m)).collect();
            format!("({})", places.join(", "))
        };
        let places: Vec<String> = (0..count).map(row).collect();
        let text = format!("{into} VALUES {}{at_end}", places.join(", "));
        answers.extend(sql.rows(&text, &now.concat())?);
        rest = later;
    }
    Ok(answers)
}
