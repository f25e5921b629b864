//! Stored query parameters: their names, and ebRIM's quoting (ITI TF-2 3.18.4.1.2.3.5).

use super::find_documents::CodeFilter;
use crate::dtm::Dtm;
use crate::error::{XdsError, XdsErrorCode};
use crate::wire::{MetadataLimits, ObjectWriter, RIM, Slot};
use crate::xml::Element;

pub const PATIENT_ID: &str = "$XDSDocumentEntryPatientId";
pub const STATUS: &str = "$XDSDocumentEntryStatus";
pub const TYPE: &str = "$XDSDocumentEntryType";
pub const CLASS_CODE: &str = "$XDSDocumentEntryClassCode";
pub const TYPE_CODE: &str = "$XDSDocumentEntryTypeCode";
pub const PRACTICE_SETTING_CODE: &str = "$XDSDocumentEntryPracticeSettingCode";
pub const FACILITY_TYPE_CODE: &str = "$XDSDocumentEntryHealthcareFacilityTypeCode";
pub const FORMAT_CODE: &str = "$XDSDocumentEntryFormatCode";
pub const EVENT_CODE_LIST: &str = "$XDSDocumentEntryEventCodeList";
pub const CONFIDENTIALITY_CODE: &str = "$XDSDocumentEntryConfidentialityCode";
pub const AUTHOR_PERSON: &str = "$XDSDocumentEntryAuthorPerson";
pub const CREATION_TIME: &str = "$XDSDocumentEntryCreationTime";
pub const SERVICE_START_TIME: &str = "$XDSDocumentEntryServiceStartTime";
pub const SERVICE_STOP_TIME: &str = "$XDSDocumentEntryServiceStopTime";
pub const ENTRY_UUID: &str = "$XDSDocumentEntryEntryUUID";
pub const UNIQUE_ID: &str = "$XDSDocumentEntryUniqueId";

/// The slots of an AdhocQuery. A name may recur: for an AND/OR parameter that means AND.
pub(super) struct Parameters {
    slots: Vec<Slot>,
}

fn error(code: XdsErrorCode, name: &str, rule: impl std::fmt::Display) -> XdsError {
    XdsError::new(code, format!("{name} {rule}")).at(name)
}

impl Parameters {
    pub(super) fn read(query: Element<'_>, limits: &MetadataLimits) -> Result<Self, XdsError> {
        let mut slots = Vec::new();
        for element in query.children_named(RIM, "Slot") {
            if slots.len() >= limits.slots_per_object {
                let context =
                    format!("the query has more than {} parameters", limits.slots_per_object);
                return Err(XdsError::new(XdsErrorCode::Registry, context));
            }
            slots.push(crate::wire::read_slot(element, limits)?);
        }
        Ok(Self { slots })
    }

    /// The lists of an AND/OR parameter, one per slot: OR inside, AND between.
    pub(super) fn lists(&self, name: &str) -> Result<Vec<Vec<String>>, XdsError> {
        let slots = self.slots.iter().filter(|slot| slot.name == name);
        slots.map(|slot| strings(name, &slot.values)).collect()
    }

    /// The values of a parameter that may have several; empty where it is absent.
    pub(super) fn many(&self, name: &str) -> Result<Vec<String>, XdsError> {
        let mut lists = self.lists(name)?;
        if lists.len() > 1 {
            let rule = "occurs in two Slots, which only AND/OR parameters may";
            return Err(error(XdsErrorCode::StoredQueryParamNumber, name, rule));
        }
        Ok(lists.pop().unwrap_or_default())
    }

    /// A single-valued parameter.
    pub(super) fn one(&self, name: &str) -> Result<Option<String>, XdsError> {
        let mut values = self.many(name)?;
        if values.len() > 1 {
            return Err(error(XdsErrorCode::StoredQueryParamNumber, name, "takes one value"));
        }
        Ok(values.pop())
    }

    pub(super) fn required(&self, name: &str) -> Result<String, XdsError> {
        self.one(name)?.ok_or_else(|| missing(name))
    }

    pub(super) fn codes(&self, name: &str) -> Result<Vec<CodeFilter>, XdsError> {
        self.many(name)?.iter().map(|value| code(name, value)).collect()
    }

    pub(super) fn code_lists(&self, name: &str) -> Result<Vec<Vec<CodeFilter>>, XdsError> {
        let read = |list: Vec<String>| list.iter().map(|value| code(name, value)).collect();
        let lists = self.lists(name)?.into_iter();
        lists.filter(|list| !list.is_empty()).map(read).collect()
    }

    /// A time bound; unquoted by the profile, quoted by some clients.
    pub(super) fn time(&self, name: &str) -> Result<Option<Dtm>, XdsError> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let parsed = Dtm::parse(&text);
        parsed.map(Some).map_err(|rule| {
            error(XdsErrorCode::Registry, name, format_args!("is not valid: {rule}"))
        })
    }
}

pub(super) fn missing(name: &str) -> XdsError {
    error(XdsErrorCode::StoredQueryMissingParam, name, "is required")
}

/// `'code^^scheme'`; a code without its scheme matches nothing by accident, so it is refused.
fn code(name: &str, value: &str) -> Result<CodeFilter, XdsError> {
    match value.split_once("^^") {
        Some((code, scheme)) if !code.is_empty() && !scheme.is_empty() => {
            Ok(CodeFilter { code: code.to_owned(), scheme: scheme.to_owned() })
        }
        _ => {
            Err(error(XdsErrorCode::Registry, name, "takes codes of the form 'code^^codingScheme'"))
        }
    }
}

/// Reads `'a'`, `('a','b')`, `123`, or one list spread over several Values.
fn strings(name: &str, values: &[String]) -> Result<Vec<String>, XdsError> {
    let refuse = |rule: &str| Err(error(XdsErrorCode::Registry, name, rule));
    let mut out = Vec::new();
    for value in values {
        let mut chars = value.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '(' | ')' | ',' => {}
                c if c.is_whitespace() => {}
                '\'' => {
                    let mut text = String::new();
                    loop {
                        match chars.next() {
                            Some('\'') if chars.peek() == Some(&'\'') => text.extend(chars.next()),
                            Some('\'') => break,
                            Some(c) => text.push(c),
                            None => return refuse("has a value without its closing quote"),
                        }
                    }
                    out.push(text);
                }
                c if c.is_ascii_digit() => {
                    let mut text = String::from(c);
                    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                        text.push(digit);
                    }
                    out.push(text);
                }
                _ => return refuse("has a value that is neither a number nor in single quotes"),
            }
        }
    }
    Ok(out)
}

/// Writes values quoted, as one list where there are several. Lists are split over Values, each a
/// complete list, because a Value holds 256 characters at most.
pub(super) fn write_strings(out: &mut String, name: &str, values: &[String]) {
    if values.is_empty() {
        return;
    }
    let quoted = |value: &String| format!("'{}'", value.replace('\'', "''"));
    let mut lines = vec![String::new()];
    for value in values.iter().map(quoted) {
        let full =
            lines.last().is_some_and(|line| !line.is_empty() && line.len() + value.len() > 250);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(',');
            }
            line.push_str(&value);
        }
    }
    let lists: Vec<String> = lines.into_iter().map(|line| format!("({line})")).collect();
    ObjectWriter::new(out, "", 0).slot(name, &lists);
}

/// Writes values of which one must hold, none included: no value asks for what nothing has, and an
/// absent parameter would ask for everything.
pub(super) fn write_any(out: &mut String, name: &str, values: &[String]) {
    let nothing = [String::new()];
    write_strings(out, name, if values.is_empty() { &nothing } else { values });
}

pub(super) fn write_one(out: &mut String, name: &str, value: &str) {
    ObjectWriter::new(out, "", 0).slot(name, &[format!("'{}'", value.replace('\'', "''"))]);
}

pub(super) fn write_number(out: &mut String, name: &str, value: &str) {
    ObjectWriter::new(out, "", 0).slot(name, &[value.to_owned()]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(values: &[&str]) -> Result<Vec<String>, XdsError> {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        strings("$x", &values)
    }

    #[test]
    fn every_spelling_of_a_list_is_read() {
        assert_eq!(read(&["'a'"]).unwrap(), ["a"]);
        assert_eq!(read(&["( 'a' , 'b' )", "('c')"]).unwrap(), ["a", "b", "c"]);
        assert_eq!(read(&["('a'", ",'b')"]).unwrap(), ["a", "b"]);
        assert_eq!(read(&["'O''Brien'"]).unwrap(), ["O'Brien"]);
        assert_eq!(read(&["20250101"]).unwrap(), ["20250101"]);
    }

    #[test]
    fn unquoted_and_unclosed_text_is_refused() {
        assert!(read(&["abc"]).is_err());
        assert!(read(&["'abc"]).is_err());
        assert!(read(&["'a' or 1=1"]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(values in prop::collection::vec("[a-z'^(),]{0,40}", 1..40)) {
            let mut out = format!("<a xmlns:rim=\"{RIM}\">");
            write_strings(&mut out, "$x", &values);
            out.push_str("</a>");
            let document = crate::xml::Document::parse(&out, &Default::default()).unwrap();
            let parameters = Parameters::read(document.root(), &MetadataLimits::default()).unwrap();
            prop_assert_eq!(parameters.many("$x").unwrap(), values);
        }
    }
}
