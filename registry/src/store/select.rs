//! Queries by attribute into SQL: text and values pushed in the same breath. Placeholders are
//! numbered in order of first appearance, which both engines read alike.

use super::fetch::with_content;
use super::rows::{ENTRY_COLUMNS, FOLDER_COLUMNS, SET_COLUMNS, status_number, type_number};
use super::sql::Value;
use super::{CodeAttribute, PatientKey};
use schemas::code_set::CodeSets;
use schemas::metadata::{AvailabilityStatus, DocumentAvailability, ObjectType};
use schemas::query::{
    CodeFilter, EntryFilter, FindDocuments, FindFolders, FindSubmissionSets, TimeRange,
};

/// What applies to every query of one request.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub keys: &'s [PatientKey],
    pub code_sets: &'s CodeSets,
    /// Full objects; else their facts only.
    pub content: bool,
    /// Earlier versions of an object are answered too ($MetadataLevel 2).
    pub all_versions: bool,
    pub limit: usize,
}

pub(super) struct Select {
    pub sql: String,
    pub values: Vec<Value>,
}

struct Building<'s> {
    sql: String,
    values: Vec<Value>,
    scope: Scope<'s>,
    /// An index finds less than all of the patient's objects.
    narrowed: bool,
}

impl<'s> Building<'s> {
    /// Over the rows of a patient.
    fn over(table: &str, columns: &str, scope: Scope<'s>) -> Self {
        let columns = with_content(columns, scope.content);
        let sql = format!("SELECT {columns} FROM {table} e WHERE e.patient_key IN ");
        let mut select = Self { sql, values: Vec::new(), scope, narrowed: false };
        select.list(scope.keys.iter().map(|key| (*key).into()));
        select
    }

    /// The newest registrations first. What an index narrows down is found by that index and then
    /// sorted: an expression keeps the engine from going through all of the patient's in order.
    fn newest_first(mut self) -> Select {
        let order = if self.narrowed { "e.seq + 0" } else { "e.seq" };
        self.sql.push_str(&format!(" ORDER BY {order} DESC LIMIT {}", self.scope.limit));
        self.all()
    }

    fn all(self) -> Select {
        Select { sql: self.sql, values: self.values }
    }

    fn bind(&mut self, value: Value) {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
    }

    /// An empty list holds nothing.
    fn list(&mut self, values: impl Iterator<Item = Value>) {
        self.sql.push('(');
        let before = self.values.len();
        for value in values {
            if self.values.len() > before {
                self.sql.push_str(", ");
            }
            self.bind(value);
        }
        self.sql.push_str(if self.values.len() > before { ")" } else { "NULL)" });
    }

    fn any_of(&mut self, column: &str, values: impl Iterator<Item = Value>) {
        self.sql.push_str(&format!(" AND e.{column} IN "));
        self.list(values);
    }

    fn statuses(&mut self, statuses: &[AvailabilityStatus]) {
        self.any_of("availability_status", statuses.iter().map(|s| status_number(*s).into()));
    }

    fn object_types(&mut self, types: &[ObjectType]) {
        self.any_of("object_type", types.iter().map(|kind| type_number(*kind).into()));
    }

    /// An entry that does not say is Online.
    fn availability(&mut self, wanted: &[DocumentAvailability]) {
        let silent = wanted.contains(&DocumentAvailability::Online);
        let or = if silent { "e.document_availability IS NULL OR " } else { "" };
        self.sql.push_str(&format!(" AND ({or}e.document_availability IN "));
        self.list(wanted.iter().map(|availability| availability.urn().into()));
        self.sql.push(')');
    }

    /// What is nullified is in no answer.
    fn standing(&mut self) {
        self.sql.push_str(" AND e.nullified = 0");
    }

    fn latest(&mut self) {
        if !self.scope.all_versions {
            self.sql.push_str(" AND e.latest = 1");
        }
    }

    /// `AND entry_uuid IN (... objects with one of the codes ...)`.
    fn code(&mut self, attribute: CodeAttribute, codes: &[CodeFilter]) {
        if codes.is_empty() {
            return;
        }
        self.coded(attribute);
        self.sql.push_str(" AND (c.code, c.scheme) IN (VALUES ");
        for (n, filter) in codes.iter().enumerate() {
            self.sql.push_str(if n > 0 { ", (" } else { "(" });
            self.bind(filter.code.as_str().into());
            self.sql.push_str(", ");
            self.bind(self.scope.code_sets.system_oid(&filter.scheme).into());
            self.sql.push(')');
        }
        self.sql.push_str("))");
    }

    /// OR inside a list, AND between the lists.
    fn code_lists(&mut self, attribute: CodeAttribute, lists: &[Vec<CodeFilter>]) {
        for codes in lists {
            self.code(attribute, codes);
        }
    }

    /// `AND entry_uuid IN (SELECT ...` of one attribute's rows, open at its end.
    fn coded(&mut self, attribute: CodeAttribute) {
        self.narrowed = true;
        self.sql.push_str(
            " AND e.entry_uuid IN (SELECT c.entry_uuid FROM entry_code c WHERE c.patient_key IN ",
        );
        let keys = self.scope.keys;
        self.list(keys.iter().map(|key| (*key).into()));
        self.sql.push_str(&format!(" AND c.attribute = {}", attribute as i64));
    }

    /// One of the patterns matches; `%` any text, `_` one character. What a pattern begins with is
    /// looked up in the index.
    fn like(&mut self, attribute: CodeAttribute, patterns: &[String]) {
        if patterns.is_empty() {
            return;
        }
        self.coded(attribute);
        for (n, pattern) in patterns.iter().enumerate() {
            self.sql.push_str(if n > 0 { " OR (c.code LIKE " } else { " AND ((c.code LIKE " });
            // Without it a backslash would be special to one engine and not to the other.
            self.bind(pattern.replace('!', "!!").into());
            self.sql.push_str(" ESCAPE '!'");
            let start = pattern.split(['%', '_']).next().unwrap_or_default();
            if let Some(end) = after(start) {
                self.sql.push_str(" AND c.code >= ");
                self.bind(start.into());
                self.sql.push_str(" AND c.code < ");
                self.bind(end.into());
            }
            self.sql.push(')');
        }
        self.sql.push_str("))");
    }

    /// `from <= column < to`; an object without the time is not excluded.
    fn time(&mut self, column: &str, range: &TimeRange) {
        for (bound, operator) in [(&range.from, ">="), (&range.to, "<")] {
            if let Some(bound) = bound {
                self.sql.push_str(&format!(" AND (e.{column} IS NULL OR e.{column} {operator} "));
                self.bind(bound.first_second().into());
                self.sql.push(')');
            }
        }
    }

    /// A type is found under each of its codes; the same code of another scheme is another type.
    fn types(&mut self, codes: &[CodeFilter]) {
        if codes.is_empty() {
            return;
        }
        let code_sets = self.scope.code_sets;
        self.narrowed = true;
        let types = codes.iter().map(|filter| code_sets.canonical_type(&filter.code).into());
        self.any_of("type_index", types);
        for (n, filter) in codes.iter().enumerate() {
            self.sql.push_str(if n > 0 {
                " OR (e.type_index = "
            } else {
                " AND ((e.type_index = "
            });
            self.bind(code_sets.canonical_type(&filter.code).into());
            self.sql.push_str(" AND (e.type_code <> ");
            self.bind(filter.code.as_str().into());
            self.sql.push_str(" OR e.type_scheme IN ");
            let scheme = filter.scheme.as_str();
            self.list([scheme, code_sets.system_oid(scheme)].into_iter().map(Value::from));
            self.sql.push_str("))");
        }
        self.sql.push(')');
    }
}

/// The first text, byte by byte, that comes after all those which begin so.
fn after(start: &str) -> Option<String> {
    let last = start.chars().next_back()?;
    let next = (last..=char::MAX).nth(1)?;
    Some(format!("{}{next}", &start[..start.len() - last.len_utf8()]))
}

pub(super) fn find_documents(query: &FindDocuments, scope: Scope<'_>) -> Select {
    let mut select = Building::over("document_entry", ENTRY_COLUMNS, scope);
    select.standing();
    select.statuses(&query.status);
    select.object_types(&query.object_type);
    select.latest();
    select.types(&query.type_code);
    for (attribute, codes) in [
        (CodeAttribute::Class, &query.class_code),
        (CodeAttribute::PracticeSetting, &query.practice_setting_code),
        (CodeAttribute::Facility, &query.healthcare_facility_type_code),
        (CodeAttribute::Format, &query.format_code),
    ] {
        select.code(attribute, codes);
    }
    select.code_lists(CodeAttribute::Event, &query.event_code_list);
    select.code_lists(CodeAttribute::Confidentiality, &query.confidentiality_code);
    select.like(CodeAttribute::AuthorPerson, &query.author_person);
    for references in &query.reference_id_list {
        select.like(CodeAttribute::ReferenceId, references);
    }
    if !query.document_availability.is_empty() {
        select.availability(&query.document_availability);
    }
    select.time("creation_time", &query.creation_time);
    select.time("service_start_time", &query.service_start_time);
    select.time("service_stop_time", &query.service_stop_time);
    select.newest_first()
}

/// GetAll's entries.
pub(super) fn all_entries(
    statuses: &[AvailabilityStatus],
    filter: &EntryFilter,
    scope: Scope<'_>,
) -> Select {
    let mut select = Building::over("document_entry", ENTRY_COLUMNS, scope);
    select.standing();
    select.statuses(statuses);
    select.object_types(&filter.object_type);
    select.latest();
    select.code(CodeAttribute::Format, &filter.format_code);
    select.code_lists(CodeAttribute::Confidentiality, &filter.confidentiality_code);
    select.newest_first()
}

/// Every entry that passes a filter, in any status and version.
pub(super) fn filtered_entries(filter: &EntryFilter, scope: Scope<'_>) -> Select {
    let mut select = Building::over("document_entry", ENTRY_COLUMNS, scope);
    select.standing();
    select.object_types(&filter.object_type);
    select.code(CodeAttribute::Format, &filter.format_code);
    select.code_lists(CodeAttribute::Confidentiality, &filter.confidentiality_code);
    select.all()
}

/// `None` where only Deprecated ones are wanted: a SubmissionSet is always Approved.
pub(super) fn find_submission_sets(query: &FindSubmissionSets, scope: Scope<'_>) -> Option<Select> {
    if !query.status.contains(&AvailabilityStatus::Approved) {
        return None;
    }
    let mut select = Building::over("submission_set", SET_COLUMNS, scope);
    if let Some(sources) = &query.source_id {
        select.any_of("source_id", sources.iter().map(|oid| oid.as_str().into()));
    }
    select.time("submission_time", &query.submission_time);
    select.like(CodeAttribute::AuthorPerson, query.author_person.as_slice());
    select.code(CodeAttribute::ContentType, &query.content_type);
    Some(select.newest_first())
}

pub(super) fn find_folders(query: &FindFolders, scope: Scope<'_>) -> Select {
    let mut select = Building::over("folder", FOLDER_COLUMNS, scope);
    select.statuses(&query.status);
    select.latest();
    select.time("last_update_time", &query.last_update_time);
    select.code_lists(CodeAttribute::FolderCode, &query.code_list);
    select.newest_first()
}
