//! A description as named fields: a form's, or those of a file beside the document. Every mistake is
//! told at once, by the field and what to write instead; a value is never repeated.

use super::{Description, document_type};
use crate::code_set::CodeSets;
use crate::dtm::Dtm;
use crate::nhs_number::NhsNumber;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A field of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// As it stands in a file and in a form.
    pub name: &'static str,
    pub label: &'static str,
    pub required: bool,
}

const fn field(name: &'static str, label: &'static str, required: bool) -> Field {
    Field { name, label, required }
}

/// Every field, in the order in which a person fills them in.
pub const FIELDS: [Field; 8] = [
    field("nhs_number", "NHS number", true),
    field("family_name", "Family name", true),
    field("given_name", "Given name", false),
    field("birth_date", "Date of birth", true),
    field("document_type", "Type of document", true),
    field("title", "Title", false),
    field("event_date", "Date of the event", false),
    field("written", "Date written", false),
];

/// One mistake: the field, the rule and what to do. It names no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct FieldError {
    pub field: String,
    pub rule: String,
}

impl FieldError {
    pub fn new(field: &str, rule: impl Into<String>) -> Self {
        Self { field: field.to_owned(), rule: rule.into() }
    }
}

const FIELD_NAME_BYTES_MAX: usize = 24;
const NAME_CHARACTERS_MAX: usize = 64;
const TITLE_CHARACTERS_MAX: usize = 128;
const DAY: &str = "write the day as 2026-07-14 or 14/07/2026";
const MOMENT: &str =
    "write the day as 2026-07-14 or 14/07/2026, or with the time as 2026-07-14T15:30";

impl Description {
    /// Reads named fields; blank ones are absent ones. `now` tells what lies in the future.
    pub fn read(
        fields: &[(String, String)],
        code_sets: &CodeSets,
        now: jiff::Timestamp,
    ) -> Result<Self, Vec<FieldError>> {
        let mut read = Reading { fields, errors: Vec::new() };
        read.names();
        let patient =
            read.required("nhs_number", |text| NhsNumber::parse(text).map_err(|e| e.to_string()));
        let family_name = read.required("family_name", name);
        let given_name = read.optional("given_name", name);
        let birth_date = read.required("birth_date", |text| birth_date(text, now));
        let document_type = read.required("document_type", |text| {
            document_type(code_sets, text).map(|known| known.name.clone()).map_err(|_| {
                let names: Vec<_> = code_sets.document_type.iter().map(|t| &*t.name).collect();
                format!("the region has no such type; it has {}", names.join(", "))
            })
        });
        let title = read.optional("title", title);
        let event = read.optional("event_date", |text| moment(text, now));
        let written = read.optional("written", |text| moment(text, now));
        match (patient, family_name, birth_date, document_type) {
            (Some(patient), Some(family_name), Some(birth_date), Some(document_type))
                if read.errors.is_empty() =>
            {
                Ok(Self {
                    document_type,
                    patient,
                    family_name: Some(family_name),
                    given_name,
                    birth_date: Some(birth_date),
                    title,
                    event,
                    written,
                })
            }
            _ => Err(read.errors),
        }
    }
}

struct Reading<'a> {
    fields: &'a [(String, String)],
    errors: Vec<FieldError>,
}

impl Reading<'_> {
    /// A misspelt field would be lost in silence otherwise.
    fn names(&mut self) {
        let known = FIELDS.map(|field| field.name);
        for (n, (name, _)) in self.fields.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                // What does not look like a name may hold what was meant as a value.
                let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
                let is_name = name.len() <= FIELD_NAME_BYTES_MAX && name.bytes().all(plain);
                let shown = if is_name { name.as_str() } else { "a field" };
                let rule = format!("there is no such field; the fields are {}", known.join(", "));
                self.errors.push(FieldError::new(shown, rule));
            } else if self.fields[..n].iter().any(|(other, _)| other == name) {
                self.errors.push(FieldError::new(name, "it is there twice: leave one of them out"));
            }
        }
    }

    fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        let text = found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())?;
        parse(text).map_err(|rule| self.errors.push(FieldError::new(name, rule))).ok()
    }

    fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let before = self.errors.len();
        let value = self.optional(name, parse);
        if value.is_none() && self.errors.len() == before {
            self.errors.push(FieldError::new(name, "it is missing: every document needs it"));
        }
        value
    }
}

fn bounded(text: &str, most: usize) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("write it on one line".to_owned());
    }
    if text.chars().count() > most {
        return Err(format!("write at most {most} characters"));
    }
    Ok(text.to_owned())
}

fn name(text: &str) -> Result<String, String> {
    if !text.chars().any(char::is_alphabetic) {
        return Err("a name has letters: write it as it stands on the document".to_owned());
    }
    bounded(text, NAME_CHARACTERS_MAX)
}

fn title(text: &str) -> Result<String, String> {
    bounded(text, TITLE_CHARACTERS_MAX)
}

/// `2026-07-14`, or `14/07/2026` as it is written in Britain.
fn day(text: &str) -> Option<Date> {
    let number = |part: &str| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| digits)
    };
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let [first, second, third] = parts[..] else { return None };
    let (year, month, day) = match (first.len(), third.len()) {
        (4, 1 | 2) if !text.contains('/') => (first, second, third),
        (1 | 2, 4) if !text.contains('-') => (third, second, first),
        _ => return None,
    };
    let small = |part: &str| number(part).and_then(|n| i8::try_from(n).ok());
    Date::new(number(year)?, small(month)?, small(day)?).ok()
}

fn today(now: jiff::Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// Nobody lives to be older.
const AGE_YEARS_MAX: i16 = 130;

/// A day in the past that a living person can be born on.
pub fn birth_date(text: &str, now: jiff::Timestamp) -> Result<Date, String> {
    let date = day(text).ok_or_else(|| DAY.to_owned())?;
    let today = today(now);
    if date > today.tomorrow().unwrap_or(today) {
        return Err("it lies in the future: check day, month and year".to_owned());
    }
    if date.year() < today.year() - AGE_YEARS_MAX {
        return Err(format!("it lies more than {AGE_YEARS_MAX} years back: check the year"));
    }
    Ok(date)
}

/// A day, or a day and a British time of day, in UTC with the precision that was given.
pub fn moment(text: &str, now: jiff::Timestamp) -> Result<Dtm, String> {
    let dtm = match text.split_once(['T', ' ']) {
        None => {
            let date = day(text).ok_or_else(|| MOMENT.to_owned())?;
            Dtm::parse(&date.strftime("%Y%m%d").to_string())
        }
        Some((date, time)) => {
            let date = day(date).ok_or_else(|| MOMENT.to_owned())?;
            let time = time.strip_suffix('Z').map_or((time, ""), |time| (time, "Z"));
            let at: DateTime =
                format!("{date}T{}", time.0).parse().map_err(|_| MOMENT.to_owned())?;
            let digits = if time.0.len() > 5 { "%Y%m%d%H%M%S" } else { "%Y%m%d%H%M" };
            Dtm::from_cda(&format!("{}{}", at.strftime(digits), time.1))
        }
    };
    let dtm = dtm.map_err(|_| MOMENT.to_owned())?;
    let latest = now.saturating_add(jiff::SignedDuration::from_hours(24)).unwrap_or(now);
    if dtm.timestamp() > latest {
        return Err("it lies in the future: check day, month and year".to_owned());
    }
    Ok(dtm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> jiff::Timestamp {
        "2026-07-15T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn days_are_read_in_both_spellings_and_no_other() {
        let expected = Date::new(2026, 7, 4).ok();
        for text in ["2026-07-04", "2026-7-4", "04/07/2026", "4/7/2026"] {
            assert_eq!(day(text), expected, "{text}");
        }
        for text in ["2026/07/04", "04-07-2026", "07/13/2026", "04/07/26", "+4/07/2026", "", "4"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_of_day_is_british_and_keeps_its_precision() {
        let utc = |text: &str| moment(text, now()).map(|dtm| dtm.to_string());
        assert_eq!(utc("2026-07-14"), Ok("20260714".to_owned()));
        assert_eq!(utc("14/07/2026"), Ok("20260714".to_owned()));
        assert_eq!(utc("2026-07-14T15:30"), Ok("202607141430".to_owned()));
        assert_eq!(utc("14/07/2026 15:30"), Ok("202607141430".to_owned()));
        assert_eq!(utc("2026-07-14T15:30:12Z"), Ok("20260714153012".to_owned()));
        assert!(utc("2027-01-01").is_err(), "it has not happened");
        assert!(utc("2026-07-14T25:00").is_err());
    }

    #[test]
    fn a_birth_date_lies_in_a_life() {
        assert!(birth_date("09/03/1948", now()).is_ok());
        assert!(birth_date("2027-01-01", now()).is_err());
        assert!(birth_date("1848-03-09", now()).is_err());
    }
}
