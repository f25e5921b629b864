//! Dates as letters write them.

use crate::dtm::Dtm;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The date at the beginning of a text, day first: `2026-02-01`, `01/02/2026`, `1 February 2026`,
/// `01-Feb-2026`, `20260201`. A year of two digits is not guessed.
pub(super) fn leading(text: &str) -> Option<Dtm> {
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .take(3)
        .collect();
    match parts[..] {
        [whole, ..] if whole.len() == 8 && is_number(whole) => Dtm::parse(whole).ok(),
        [year, month, day] if year.len() == 4 => date(year, month, day),
        [day, month, year] => date(year, month, day),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn date(year: &str, month: &str, day: &str) -> Option<Dtm> {
    let day = day.trim_end_matches(|c: char| c.is_alphabetic());
    let number = |text: &str| is_number(text).then(|| text.parse::<u32>().ok())?;
    let month = number(month).or_else(|| {
        let start = month.get(..3)?.to_lowercase();
        MONTHS.iter().position(|name| *name == start).map(|at| at as u32 + 1)
    })?;
    let (year, day) = (number(year).filter(|_| year.len() == 4)?, number(day)?);
    Dtm::parse(&format!("{year:04}{month:02}{day:02}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_day_first() {
        for text in [
            "2026-02-01",
            "01/02/2026",
            "1/2/2026",
            "1 February 2026",
            "01-Feb-2026",
            "1st Feb 2026",
            "20260201",
            "01.02.2026 at the latest",
        ] {
            assert_eq!(leading(text), Dtm::parse("20260201").ok(), "{text}");
        }
        for text in
            ["", "soon", "01/02/26", "31/02/2026", "13/13/2026", "in 6 weeks", "\u{e9}\u{e9} 1 2"]
        {
            assert_eq!(leading(text), None, "{text}");
        }
    }
}
