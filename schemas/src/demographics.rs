//! What is said of a person beside the number: names, birth date, sex, address, practice.
//!
//! `sourcePatientInfo` carries it as PID segments' fields (ITI TF-3 4.2.3.2.24), a CDA header as
//! elements, a trace as JSON or as a message; all come down to [`Demographics`].

mod birth_date;
mod compare;
mod fold;
mod given;

pub use birth_date::{BirthDate, BirthDateError};
pub use compare::{BirthDateAgreement, NameAgreement, compare_birth_dates, compare_names};

use crate::cda::Patient;
use crate::hl7::component;
use crate::ods_code::OdsCode;
use std::fmt;

/// A person's name in parts, as written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    pub family: String,
    /// The given names, in order.
    pub given: Vec<String>,
    pub prefix: String,
}

impl PersonName {
    /// `None` where neither a family nor a given name is said.
    pub fn new(family: &str, given: &str, prefix: &str) -> Option<Self> {
        let given: Vec<String> = given.split_whitespace().map(str::to_owned).collect();
        let name =
            Self { family: family.trim().to_owned(), given, prefix: prefix.trim().to_owned() };
        (!name.family.is_empty() || !name.given.is_empty()).then_some(name)
    }

    /// From `family^given^further^suffix^prefix` (XPN); a family name may have subcomponents.
    fn from_xpn(text: &str) -> Option<Self> {
        let part = |n: usize| text.split('^').nth(n - 1).unwrap_or_default();
        let family = part(1).split('&').next().unwrap_or_default();
        Self::new(family, &format!("{} {}", part(2), part(3)), part(5))
    }

    /// `family^given^further^^prefix`.
    fn xpn(&self) -> String {
        let (first, further) = match self.given.split_first() {
            Some((first, further)) => (component(first), component(&further.join(" "))),
            None => Default::default(),
        };
        let text =
            format!("{}^{first}^{further}^^{}", component(&self.family), component(&self.prefix));
        text.trim_end_matches('^').to_owned()
    }

    /// `SURNAME, Given (Prefix)`, the way in which the NHS shows a patient's name.
    pub fn display(&self) -> String {
        let mut shown = self.family.to_uppercase();
        if !self.given.is_empty() {
            shown.push_str(if shown.is_empty() { "" } else { ", " });
            shown.push_str(&self.given.join(" "));
        }
        if !self.prefix.is_empty() {
            shown.push_str(&format!(" ({})", self.prefix));
        }
        shown
    }
}

/// Administrative sex, PID-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
    Other,
}

impl Sex {
    /// 1 and 2 of the NHS, 9 not specified; 0 is not known.
    pub fn from_nhs(code: &str) -> Option<Self> {
        match code {
            "1" => Some(Self::Male),
            "2" => Some(Self::Female),
            "9" => Some(Self::Other),
            _ => None,
        }
    }

    pub fn nhs(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
            Self::Other => "9",
        }
    }

    fn from_pid(code: &str) -> Option<Self> {
        match code {
            "M" => Some(Self::Male),
            "F" => Some(Self::Female),
            "O" => Some(Self::Other),
            _ => None,
        }
    }
}

/// What one source says of a person. Nothing in it is required.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Demographics {
    /// The usual name first, then others that the person has or had.
    pub names: Vec<PersonName>,
    pub birth_date: Option<BirthDate>,
    pub sex: Option<Sex>,
    /// Lines without the postcode.
    pub address: Vec<String>,
    pub postcode: Option<String>,
    pub practice: Option<OdsCode>,
    pub deceased: bool,
}

// It is a patient's: no log has it.
impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(***)")
    }
}

impl fmt::Debug for Demographics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Demographics(***)")
    }
}

impl Demographics {
    /// From the lines of `sourcePatientInfo`; a birth date that is none is not said.
    pub fn of_source_patient_info(lines: &[String]) -> Self {
        let mut said = Self::default();
        for (field, content) in lines.iter().filter_map(|line| line.split_once('|')) {
            match field {
                "PID-5" => said.names.extend(content.split('~').filter_map(PersonName::from_xpn)),
                "PID-7" => said.birth_date = BirthDate::parse(content).ok(),
                "PID-8" => said.sex = Sex::from_pid(content.trim()),
                "PID-11" if said.address.is_empty() => {
                    let part = |n: usize| content.split('^').nth(n - 1).unwrap_or_default();
                    let lines = [part(1), part(2), part(3), part(4)];
                    said.address =
                        lines.iter().filter(|l| !l.is_empty()).map(|l| (*l).to_owned()).collect();
                    said.postcode = Some(part(5).to_owned()).filter(|code| !code.is_empty());
                }
                _ => {}
            }
        }
        said
    }

    /// From a CDA header's patientRole.
    pub fn of_cda(patient: &Patient) -> Self {
        let person = &patient.person;
        let birth_date = patient.birth_time.as_deref();
        Self {
            names: PersonName::new(&person.family, &person.given, &person.prefix)
                .into_iter()
                .collect(),
            birth_date: birth_date.and_then(|text| BirthDate::parse(text).ok()),
            sex: patient.gender.as_deref().and_then(Sex::from_nhs),
            address: patient.address.clone(),
            postcode: patient.postcode.clone(),
            practice: None,
            deceased: false,
        }
    }

    /// The usual name.
    pub fn name(&self) -> Option<&PersonName> {
        self.names.first()
    }

    /// Whether name and birth date are both said: without them nothing can be compared.
    pub fn tell_a_person(&self) -> bool {
        !self.names.is_empty() && self.birth_date.is_some()
    }

    /// Puts name (PID-5) and birth date (PID-7) into the lines of a `sourcePatientInfo` that have no
    /// such line. Address and practice are not passed on.
    pub fn fill(&self, lines: &mut Vec<String>) {
        if let Some(name) = self.name() {
            put(lines, "PID-5", &name.xpn());
        }
        if let Some(date) = self.birth_date {
            put(lines, "PID-7", &date.digits());
        }
    }
}

/// In the order of the fields, where there is none of this field.
fn put(lines: &mut Vec<String>, field: &str, content: &str) {
    let number = |line: &str| {
        let digits = line.split('|').next().and_then(|field| field.strip_prefix("PID-"));
        digits.and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(u32::MAX)
    };
    let own = number(field);
    if lines.iter().any(|line| number(line) == own) {
        return;
    }
    let at = lines.iter().position(|line| number(line) > own).unwrap_or(lines.len());
    lines.insert(at, format!("{field}|{content}").chars().take(256).collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Vec<String> {
        text.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn what_is_not_said_is_filled_in_the_order_of_the_fields_and_what_is_said_stays() {
        let known = Demographics::of_source_patient_info(&lines(&[
            "PID-5|Haworth^Marjorie^Anne^^Mrs",
            "PID-7|19480309",
            "PID-8|F",
            "PID-11|14 Millrace Lane^^Lancaster^^LA99 9ZZ",
        ]));
        assert_eq!(known.name().unwrap().display(), "HAWORTH, Marjorie Anne (Mrs)");
        assert_eq!(known.postcode.as_deref(), Some("LA99 9ZZ"));
        let mut told = lines(&["PID-3|x^^^&1.2&ISO", "PID-8|U", "PID-11|1 Street"]);
        known.fill(&mut told);
        let filled = [
            "PID-3|x^^^&1.2&ISO",
            "PID-5|Haworth^Marjorie^Anne^^Mrs",
            "PID-7|19480309",
            "PID-8|U",
            "PID-11|1 Street",
        ];
        assert_eq!(told, lines(&filled));
        let mut other = lines(&["PID-5|Threlfall^Alan", "PID-7|1952"]);
        known.fill(&mut other);
        assert_eq!(other, lines(&["PID-5|Threlfall^Alan", "PID-7|1952"]));
    }

    #[test]
    fn debug_shows_nothing_of_a_person() {
        let known = Demographics::of_source_patient_info(&lines(&["PID-5|Haworth^Marjorie"]));
        assert_eq!(
            format!("{known:?} {:?}", known.name()),
            "Demographics(***) Some(PersonName(***))"
        );
    }
}
