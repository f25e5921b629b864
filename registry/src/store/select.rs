//! StoredQuery into SQL: text and values pushed in the same breath. Placeholders are numbered in
//! order of first appearance, which both engines read alike.

use super::rows::{ENTRY_COLUMNS, status_number, type_number};
use super::sql::Value;
use super::{CodeAttribute, PatientKey, Registered};
use schemas::code_set::CodeSets;
use schemas::query::{CodeFilter, FindDocuments, TimeRange};

#[derive(Default)]
pub(super) struct Select {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Select {
    fn bind(&mut self, value: Value) {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
    }

    fn list(&mut self, values: impl Iterator<Item = Value>) {
        self.sql.push('(');
        for (n, value) in values.enumerate() {
            if n > 0 {
                self.sql.push_str(", ");
            }
            self.bind(value);
        }
        self.sql.push(')');
    }

    /// `AND entry_uuid IN (... entries with one of the codes ...)`.
    fn code(
        &mut self,
        keys: &[PatientKey],
        attribute: CodeAttribute,
        codes: &[CodeFilter],
        code_sets: &CodeSets,
    ) {
        if codes.is_empty() {
            return;
        }
        self.coded(keys, attribute);
        self.sql.push_str(" AND (c.code, c.scheme) IN (VALUES ");
        for (n, filter) in codes.iter().enumerate() {
            self.sql.push_str(if n > 0 { ", (" } else { "(" });
            self.bind(filter.code.as_str().into());
            self.sql.push_str(", ");
            self.bind(code_sets.system_oid(&filter.scheme).into());
            self.sql.push(')');
        }
        self.sql.push_str("))");
    }

    /// `AND entry_uuid IN (SELECT ...` of one attribute's rows, open at its end.
    fn coded(&mut self, keys: &[PatientKey], attribute: CodeAttribute) {
        self.sql.push_str(
            " AND e.entry_uuid IN (SELECT c.entry_uuid FROM entry_code c WHERE c.patient_key IN ",
        );
        self.list(keys.iter().map(|key| (*key).into()));
        self.sql.push_str(&format!(" AND c.attribute = {}", attribute as i64));
    }

    /// One of the patterns matches; `%` any text, `_` one character.
    fn like(&mut self, keys: &[PatientKey], attribute: CodeAttribute, patterns: &[String]) {
        if patterns.is_empty() {
            return;
        }
        self.coded(keys, attribute);
        for (n, pattern) in patterns.iter().enumerate() {
            self.sql.push_str(if n > 0 { " OR c.code LIKE " } else { " AND (c.code LIKE " });
            // Without it a backslash would be special to one engine and not to the other.
            self.bind(pattern.replace('!', "!!").into());
            self.sql.push_str(" ESCAPE '!'");
        }
        self.sql.push_str("))");
    }

    /// `from <= column < to`; an entry without the time is not excluded.
    fn time(&mut self, column: &str, range: &TimeRange) {
        for (bound, operator) in [(&range.from, ">="), (&range.to, "<")] {
            if let Some(bound) = bound {
                self.sql.push_str(&format!(" AND (e.{column} IS NULL OR e.{column} {operator} "));
                self.bind(bound.first_second().into());
                self.sql.push(')');
            }
        }
    }
}

fn entries() -> Select {
    let sql = format!(
        "SELECT {ENTRY_COLUMNS}, t.content FROM document_entry e JOIN content t \
         ON t.patient_key = e.patient_key AND t.entry_uuid = e.entry_uuid WHERE e.patient_key "
    );
    Select { sql, values: Vec::new() }
}

/// One entry.
pub(super) fn entry(object: &Registered) -> Select {
    let mut select = entries();
    select.sql.push_str("= ");
    select.bind(object.patient.into());
    select.sql.push_str(" AND e.entry_uuid = ");
    select.bind(object.entry_uuid.to_string().into());
    select
}

/// FindDocuments over one patient's keys.
pub(super) fn find_documents(
    keys: &[PatientKey],
    query: &FindDocuments,
    code_sets: &CodeSets,
    limit: u32,
) -> Select {
    let mut select = entries();
    select.sql.push_str("IN ");
    select.list(keys.iter().map(|key| (*key).into()));
    select.sql.push_str(" AND e.availability_status IN ");
    select.list(query.status.iter().map(|status| status_number(*status).into()));
    select.sql.push_str(" AND e.object_type IN ");
    select.list(query.object_type.iter().map(|kind| type_number(*kind).into()));
    if !query.type_code.is_empty() {
        select.sql.push_str(" AND e.type_index IN ");
        let codes = query.type_code.iter().map(|filter| code_sets.canonical_type(&filter.code));
        select.list(codes.map(Value::from));
    }
    for (attribute, codes) in [
        (CodeAttribute::Class, &query.class_code),
        (CodeAttribute::PracticeSetting, &query.practice_setting_code),
        (CodeAttribute::Facility, &query.healthcare_facility_type_code),
        (CodeAttribute::Format, &query.format_code),
    ] {
        select.code(keys, attribute, codes, code_sets);
    }
    for codes in &query.event_code_list {
        select.code(keys, CodeAttribute::Event, codes, code_sets);
    }
    for codes in &query.confidentiality_code {
        select.code(keys, CodeAttribute::Confidentiality, codes, code_sets);
    }
    select.like(keys, CodeAttribute::AuthorPerson, &query.author_person);
    select.time("creation_time", &query.creation_time);
    select.time("service_start_time", &query.service_start_time);
    select.time("service_stop_time", &query.service_stop_time);
    select.sql.push_str(&format!(" ORDER BY e.seq DESC LIMIT {limit}"));
    select
}
