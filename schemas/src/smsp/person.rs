//! What a person is known by. Nothing here shows itself in `Debug`.

use crate::dtm::Dtm;
use crate::xml::{Element, text_element};
use std::fmt;

/// A day of birth, `YYYYMMDD`: the services refuse a time and a month alone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BirthDate(Dtm);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a date of birth is a whole day of the calendar, YYYYMMDD")]
pub struct BirthDateError;

impl BirthDate {
    pub fn parse(text: &str) -> Result<Self, BirthDateError> {
        match Dtm::parse(text.trim()) {
            Ok(day) if day.as_str().len() == 8 => Ok(Self(day)),
            _ => Err(BirthDateError),
        }
    }

    /// The day of a time; `None` where only month or year are known.
    pub fn of(time: &Dtm) -> Option<Self> {
        Self::parse(time.as_str().get(..8)?).ok()
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The person's stated gender (data dictionary; code system ...16.25).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gender {
    NotKnown,
    Male,
    Female,
    NotSpecified,
}

impl Gender {
    pub const CODE_SYSTEM: &str = "2.16.840.1.113883.2.1.3.2.4.16.25";

    pub fn code(self) -> &'static str {
        match self {
            Self::NotKnown => "0",
            Self::Male => "1",
            Self::Female => "2",
            Self::NotSpecified => "9",
        }
    }

    pub fn of(code: &str) -> Option<Self> {
        let all = [Self::NotKnown, Self::Male, Self::Female, Self::NotSpecified];
        all.into_iter().find(|gender| gender.code() == code.trim())
    }
}

/// Given names in their order, and the family name.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct PersonName {
    pub given: Vec<String>,
    pub family: String,
}

impl PersonName {
    pub fn new(given: &str, family: &str) -> Self {
        Self { given: vec![given.to_owned()], family: family.to_owned() }
    }

    pub(super) fn read(element: Element<'_>) -> Self {
        let named = |name: &'static str| {
            let found = element.children().filter(move |e| e.local() == name);
            found.map(|e| e.trimmed().to_owned()).filter(|text| !text.is_empty())
        };
        Self {
            given: named("given").take(10).collect(),
            family: named("family").next().unwrap_or_default(),
        }
    }

    /// Its parts, without an element around them.
    pub(super) fn write(&self, out: &mut String) {
        self.given.iter().for_each(|given| text_element(out, "given", given));
        text_element(out, "family", &self.family);
    }
}

macro_rules! hidden {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        })*
    };
}
pub(super) use hidden;

hidden!(BirthDate Gender PersonName);
