//! StoredQuery into SQL: text and values pushed in the same breath. Placeholders are numbered in
//! order of first appearance, which both engines read alike.

use super::CodeAttribute;
use schemas::code_set::CodeSets;
use schemas::metadata::{AvailabilityStatus, ObjectType};
use schemas::query::{CodeFilter, FindDocuments, TimeRange};

/// A value to bind.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Integer(i64),
    Text(String),
}

#[derive(Default)]
pub(super) struct Select {
    pub sql: String,
    pub values: Vec<Value>,
}

/// Columns of a found entry, in the order that rows are read.
pub(super) const COLUMNS: &str = "e.patient_key, e.entry_uuid, e.logical_id, e.version, \
    e.availability_status, e.object_type, e.unique_id, e.repository_unique_id, e.mime_type, \
    e.home_community_id, e.type_code, e.type_scheme, e.confidentiality, e.publisher_ods, e.hash, \
    e.size, e.registered_at, e.practice_setting, e.content";

pub(super) fn status_number(status: AvailabilityStatus) -> i64 {
    match status {
        AvailabilityStatus::Approved => 1,
        AvailabilityStatus::Deprecated => 2,
    }
}

pub(super) fn type_number(object_type: ObjectType) -> i64 {
    match object_type {
        ObjectType::Stable => 1,
        ObjectType::OnDemand => 2,
    }
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

    /// `AND EXISTS (... one of the codes ...)`.
    fn code(&mut self, attribute: CodeAttribute, codes: &[CodeFilter], code_sets: &CodeSets) {
        if codes.is_empty() {
            return;
        }
        self.exists(attribute);
        self.sql.push_str(" AND (c.code, c.scheme) IN (VALUES ");
        for (n, filter) in codes.iter().enumerate() {
            self.sql.push_str(if n > 0 { ", (" } else { "(" });
            self.bind(Value::Text(filter.code.clone()));
            self.sql.push_str(", ");
            self.bind(Value::Text(code_sets.system_oid(&filter.scheme).to_owned()));
            self.sql.push(')');
        }
        self.sql.push_str("))");
    }

    fn exists(&mut self, attribute: CodeAttribute) {
        self.sql.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM entry_code c WHERE c.patient_key = e.patient_key \
             AND c.entry_uuid = e.entry_uuid AND c.attribute = {}",
            attribute as i64
        ));
    }

    /// `from <= column < to`; an entry without the time is not excluded.
    fn time(&mut self, column: &str, range: &TimeRange) {
        for (bound, operator) in [(&range.from, ">="), (&range.to, "<")] {
            if let Some(bound) = bound {
                self.sql.push_str(&format!(" AND (e.{column} IS NULL OR e.{column} {operator} "));
                self.bind(Value::Text(bound.first_second()));
                self.sql.push(')');
            }
        }
    }
}

/// FindDocuments over one patient's key.
pub(super) fn find_documents(
    patient_key: i64,
    query: &FindDocuments,
    code_sets: &CodeSets,
    limit: u32,
) -> Select {
    let sql = format!("SELECT {COLUMNS} FROM document_entry e WHERE e.patient_key = ");
    let mut select = Select { sql, values: Vec::new() };
    select.bind(Value::Integer(patient_key));
    select.sql.push_str(" AND e.availability_status IN ");
    select.list(query.status.iter().map(|status| Value::Integer(status_number(*status))));
    select.sql.push_str(" AND e.object_type IN ");
    select.list(query.object_type.iter().map(|kind| Value::Integer(type_number(*kind))));
    if !query.type_code.is_empty() {
        select.sql.push_str(" AND e.type_index IN ");
        let codes = query.type_code.iter().map(|filter| code_sets.canonical_type(&filter.code));
        select.list(codes.map(|code| Value::Text(code.to_owned())));
    }
    select.code(CodeAttribute::Class, &query.class_code, code_sets);
    select.code(CodeAttribute::PracticeSetting, &query.practice_setting_code, code_sets);
    select.code(CodeAttribute::Facility, &query.healthcare_facility_type_code, code_sets);
    select.code(CodeAttribute::Format, &query.format_code, code_sets);
    for codes in &query.event_code_list {
        select.code(CodeAttribute::Event, codes, code_sets);
    }
    for codes in &query.confidentiality_code {
        select.code(CodeAttribute::Confidentiality, codes, code_sets);
    }
    if !query.author_person.is_empty() {
        select.exists(CodeAttribute::AuthorPerson);
        for (n, pattern) in query.author_person.iter().enumerate() {
            select.sql.push_str(if n > 0 { " OR c.code LIKE " } else { " AND (c.code LIKE " });
            select.bind(Value::Text(pattern.clone()));
        }
        select.sql.push_str("))");
    }
    select.time("creation_time", &query.creation_time);
    select.time("service_start_time", &query.service_start_time);
    select.time("service_stop_time", &query.service_stop_time);
    select.sql.push_str(&format!(" ORDER BY e.seq DESC LIMIT {limit}"));
    select
}
