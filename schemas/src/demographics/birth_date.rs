//! A date of birth as it is known: to the day, the month or the year.

use jiff::civil::Date;
use std::fmt;

/// A date of birth; the day and the month may be unknown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

/// Why a text is no date of birth. The text is not echoed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a date of birth is YYYY, YYYYMM or YYYYMMDD, with or without hyphens")]
pub struct BirthDateError;

impl BirthDate {
    /// Reads HL7's and FHIR's forms; a time behind the day is left out.
    pub fn parse(text: &str) -> Result<Self, BirthDateError> {
        let date = text.trim().split(['T', '+', ' ']).next().unwrap_or_default();
        let digits: String = date.chars().filter(|c| *c != '-').collect();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BirthDateError);
        }
        let number = |from: usize, to: usize| digits.get(from..to).and_then(|d| d.parse().ok());
        let year: i16 = digits
            .get(0..4)
            .and_then(|d| d.parse().ok())
            .filter(|y| *y > 0)
            .ok_or(BirthDateError)?;
        let (month, day): (Option<i8>, Option<i8>) = match digits.len() {
            4 => (None, None),
            6 => (number(4, 6), None),
            8 | 10 | 12 | 14 => (number(4, 6), number(6, 8)),
            _ => return Err(BirthDateError),
        };
        Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).map_err(|_| BirthDateError)?;
        Ok(Self { year, month, day })
    }

    /// HL7's form, as exact as it is known.
    pub fn digits(self) -> String {
        let part = |part: Option<i8>| part.map(|n| format!("{n:02}")).unwrap_or_default();
        format!("{:04}{}{}", self.year, part(self.month), part(self.day))
    }

    /// FHIR's form, `1948-03-09`.
    pub fn hyphened(self) -> String {
        let part = |part: Option<i8>| part.map(|n| format!("-{n:02}")).unwrap_or_default();
        format!("{:04}{}{}", self.year, part(self.month), part(self.day))
    }

    /// The NHS's form for people, `09-Mar-1948`.
    pub fn display(self) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let name = |month: i8| MONTHS.get(month as usize - 1).copied().unwrap_or_default();
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{day:02}-{}-{:04}", name(month), self.year),
            (Some(month), None) => format!("{}-{:04}", name(month), self.year),
            _ => format!("{:04}", self.year),
        }
    }

    /// Whether the day is known: a trace needs it.
    pub fn is_exact(self) -> bool {
        self.day.is_some()
    }

    /// Whether two can be the same date: compared as far as both are known.
    pub(super) fn may_be(self, other: Self) -> bool {
        let same = |one: Option<i8>, other: Option<i8>| {
            one.zip(other).is_none_or(|(one, other)| one == other)
        };
        self.year == other.year && same(self.month, other.month) && same(self.day, other.day)
    }

    /// Whether one is the other with day and month exchanged.
    pub(super) fn is_transposed(self, other: Self) -> bool {
        self.is_exact()
            && self.year == other.year
            && (self.month, self.day) == (other.day, other.month)
            && self != other
    }
}

// It is a patient's: no log has it.
impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_are_read_in_both_forms_and_shown_to_people() {
        for (text, digits, shown) in [
            ("19480309", "19480309", "09-Mar-1948"),
            ("1948-03-09", "19480309", "09-Mar-1948"),
            ("194803091530+0000", "19480309", "09-Mar-1948"),
            ("1948-03", "194803", "Mar-1948"),
            ("1948", "1948", "1948"),
        ] {
            let date = BirthDate::parse(text).unwrap();
            assert_eq!((date.digits().as_str(), date.display().as_str()), (digits, shown));
            assert_eq!(format!("{date:?}"), "BirthDate(***)");
        }
        for text in ["", "19480231", "1948030", "9 March", "194813", "00000000", "194é0309"] {
            assert!(BirthDate::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(text in ".{0,20}") {
            if let Ok(date) = BirthDate::parse(&text) {
                prop_assert_eq!(BirthDate::parse(&date.digits()), Ok(date));
                prop_assert_eq!(BirthDate::parse(&date.hyphened()), Ok(date));
                date.display();
            }
        }
    }
}
