//! What narrows a query: codes, times, and the filters on the entries of a package.

use super::parameter::{Parameters, document_entry as p};
use super::syntax::{write_any, write_number, write_strings};
use crate::dtm::Dtm;
use crate::error::XdsError;
use crate::metadata::{AvailabilityStatus, ObjectType};

/// A code with its scheme; only the pair identifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFilter {
    pub code: String,
    pub scheme: String,
}

impl CodeFilter {
    fn text(&self) -> String {
        format!("{}^^{}", self.code, self.scheme)
    }
}

pub(super) fn write_codes(out: &mut String, name: &str, codes: &[CodeFilter]) {
    write_strings(out, name, codes.iter().map(CodeFilter::text));
}

/// One Slot for each list.
pub(super) fn write_code_lists(out: &mut String, name: &str, lists: &[Vec<CodeFilter>]) {
    for codes in lists {
        write_codes(out, name, codes);
    }
}

pub(super) fn write_statuses(out: &mut String, name: &str, statuses: &[AvailabilityStatus]) {
    write_strings(out, name, statuses.iter().map(|status| status.urn()));
}

/// `from <= value < to` (ITI TF-2 3.18.4.1.2.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    pub from: Option<Dtm>,
    pub to: Option<Dtm>,
}

impl TimeRange {
    pub(super) fn write(&self, out: &mut String, name: &str) {
        for (bound, suffix) in [(&self.from, "From"), (&self.to, "To")] {
            if let Some(bound) = bound {
                write_number(out, &format!("{name}{suffix}"), bound.as_str());
            }
        }
    }
}

/// objectTypes of entries: stable ones where the parameter is absent. Where it names unknown types
/// only, the list is empty, and finds nothing.
pub(super) fn object_types(parameters: &Parameters) -> Result<Vec<ObjectType>, XdsError> {
    let given = parameters.many(p::TYPE)?;
    Ok(match given.as_slice() {
        [] => vec![ObjectType::Stable],
        given => given.iter().filter_map(|text| ObjectType::parse(text)).collect(),
    })
}

pub(super) fn write_object_types(out: &mut String, object_types: &[ObjectType]) {
    write_any(out, p::TYPE, object_types.iter().map(|object_type| object_type.urn()));
}

/// Filters on the DocumentEntries of a package or of a patient; nothing else is filtered by them.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryFilter {
    pub object_type: Vec<ObjectType>,
    pub format_code: Vec<CodeFilter>,
    /// OR inside a list, AND between them.
    pub confidentiality_code: Vec<Vec<CodeFilter>>,
}

impl Default for EntryFilter {
    /// Every stable entry.
    fn default() -> Self {
        let object_type = vec![ObjectType::Stable];
        Self { object_type, format_code: Vec::new(), confidentiality_code: Vec::new() }
    }
}

impl EntryFilter {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, XdsError> {
        Ok(Self {
            object_type: object_types(parameters)?,
            format_code: parameters.codes(p::FORMAT_CODE)?,
            confidentiality_code: parameters.code_lists(p::CONFIDENTIALITY_CODE)?,
        })
    }

    pub(super) fn write(&self, out: &mut String) {
        write_object_types(out, &self.object_type);
        write_codes(out, p::FORMAT_CODE, &self.format_code);
        write_code_lists(out, p::CONFIDENTIALITY_CODE, &self.confidentiality_code);
    }
}
