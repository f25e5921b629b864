//! A practice's registration list: one line for each patient, `NHS number,start[,end]`. It is whole:
//! who is missing has left.

use super::plan::{Because, Desk, What};
use jiff::civil::Date;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::collections::HashMap;

/// Largest list that is read.
pub const ROWS_MAX: usize = 1_000_000;

/// One patient on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub patient: NhsNumber,
    pub starts: Date,
    pub ends: Option<Date>,
}

/// A line that says nothing. It is named by its place, never by the number that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// From 1.
    pub line: usize,
    pub rule: String,
}

/// A list as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    pub rows: Vec<Row>,
    pub bad: Vec<BadRow>,
}

/// What a list changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub listed: usize,
    /// New on this practice's list.
    pub joined: usize,
    /// Of those, how many another practice of the region has lost by it.
    pub moved: usize,
    /// Ended by an end that the list names, or by a newer registration elsewhere.
    pub ended: usize,
    /// As before.
    pub unchanged: usize,
}

impl List {
    /// Reads a list. A first line that holds no number is a heading.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut list = Self::default();
        let mut seen: HashMap<NhsNumber, usize> = HashMap::new();
        let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let number = at + 1;
            let fields: Vec<&str> = line.split(',').map(clean).collect();
            if number == 1 && !line.bytes().any(|b| b.is_ascii_digit()) {
                continue;
            }
            if list.rows.len() == ROWS_MAX {
                return Err(format!("the list has more than {ROWS_MAX} lines: split it"));
            }
            let row = row(&fields).and_then(|row| match seen.insert(row.patient, number) {
                None => Ok(row),
                Some(first) => Err(format!("the same number as in line {first}")),
            });
            match row {
                Ok(row) => list.rows.push(row),
                Err(rule) => list.bad.push(BadRow { line: number, rule }),
            }
        }
        Ok(list)
    }
}

fn clean(field: &str) -> &str {
    field.trim().trim_matches('"').trim()
}

fn row(fields: &[&str]) -> Result<Row, String> {
    let (number, starts, ends) = match fields {
        [number, starts] => (number, starts, ""),
        [number, starts, ends] => (number, starts, *ends),
        _ => return Err("a line is NHS number,start[,end]".to_owned()),
    };
    let patient = NhsNumber::parse(number).map_err(|rule| format!("the NHS number: {rule}"))?;
    let starts = day(starts).ok_or("the start is no day: YYYY-MM-DD, YYYYMMDD or DD/MM/YYYY")?;
    let ends = match ends {
        "" => None,
        text => Some(day(text).ok_or("the end is no day: YYYY-MM-DD, YYYYMMDD or DD/MM/YYYY")?),
    };
    if ends.is_some_and(|ends| ends < starts) {
        return Err("the end lies before the start".to_owned());
    }
    Ok(Row { patient, starts, ends })
}

fn day(text: &str) -> Option<Date> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let of = |year: &str, month: &str, day: &str| {
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
    };
    if text.len() == 8 && digits(text) {
        return of(&text[..4], &text[4..6], &text[6..]);
    }
    match text.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] if year.len() == 4 => of(year, month, day),
        _ => text.parse().ok(),
    }
}

impl Imported {
    /// Counts what one line did.
    pub fn count(&mut self, desk: &Desk, practice: &OdsCode) {
        self.listed += 1;
        let mut changed = false;
        for (row, what) in desk.written() {
            match what {
                Some(What::Started | What::StandsAgain) => self.joined += 1,
                Some(What::Over(Because::Left)) if row.ods == *practice => self.ended += 1,
                Some(What::Over(_)) => self.moved += 1,
                None => continue,
            }
            changed = true;
        }
        self.unchanged += usize::from(!changed);
    }

    pub fn add(&mut self, other: Self) {
        self.listed += other.listed;
        self.joined += other.joined;
        self.moved += other.moved;
        self.ended += other.ended;
        self.unchanged += other.unchanged;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_with_days_as_systems_write_them() {
        let text = "\u{feff}NHS number,Registered,Left\n9990000018,2020-01-31\n\"999 000 0026\",31/01/2020,\n\n9990000034,20200131,2026-02-01\n";
        let list = List::read(text).unwrap();
        assert_eq!(list.bad, []);
        let start: Date = "2020-01-31".parse().unwrap();
        assert!(list.rows.iter().all(|row| row.starts == start), "{:?}", list.rows);
        let ends: Vec<bool> = list.rows.iter().map(|row| row.ends.is_some()).collect();
        assert_eq!(ends, [false, false, true]);
    }

    #[test]
    fn a_bad_line_is_named_by_its_place_and_never_by_its_number() {
        let text = "9990000018,2020-01-31\n9990000019,2020-01-31\n9990000018,2021-01-01\n9990000026,soon\n9990000034\n9990000042,2020-01-02,2020-01-01\n";
        let list = List::read(text).unwrap();
        let lines: Vec<usize> = list.bad.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6]);
        assert_eq!(list.rows.len(), 1);
        assert!(list.bad.iter().all(|bad| !bad.rule.contains("99900")), "{:?}", list.bad);
    }
}
