//! Days out of metadata. A date of less precision is the last day that it can mean: who is younger,
//! or was seen later, is kept longer.

use jiff::civil::Date;
use schemas::dtm::Dtm;
use schemas::metadata::DocumentEntry;

/// The last day of the interval that the precision denotes.
pub fn last_day(time: &Dtm) -> Option<Date> {
    let text = time.as_str();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse().ok());
    let year: i16 = text.get(..4)?.parse().ok()?;
    let Some(month): Option<i8> = part(4, 6) else { return Date::new(year, 12, 31).ok() };
    match part(6, 8) {
        Some(day) => Date::new(year, month, day).ok(),
        None => Date::new(year, month, 1).ok().map(Date::last_of_month),
    }
}

/// `YYYYMMDD`, as days are stored.
pub fn day_text(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

pub fn day(text: &str) -> Option<Date> {
    Dtm::parse(text).ok().as_ref().and_then(last_day)
}

/// The last day that a document is about: its service's, else its own.
pub fn last_service(entry: &DocumentEntry) -> Option<Date> {
    let service = entry.service_stop_time.as_ref().or(entry.service_start_time.as_ref());
    service.or(entry.creation_time.as_ref()).and_then(last_day)
}

pub fn birth_date(entry: &DocumentEntry) -> Option<Date> {
    latest(entry, "PID-7")
}

pub fn death_date(entry: &DocumentEntry) -> Option<Date> {
    latest(entry, "PID-29")
}

/// The latest day that a field of sourcePatientInfo names.
fn latest(entry: &DocumentEntry, field: &str) -> Option<Date> {
    let lines = entry.source_patient_info.iter().filter_map(|line| line.split_once('|'));
    let stated = lines.filter(|(name, _)| *name == field).filter_map(|(_, text)| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).take(8).collect();
        day(&digits)
    });
    stated.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_less_precision_is_the_last_day_that_it_can_mean() {
        let last = |text| day(text).map(day_text);
        assert_eq!(last("1948").as_deref(), Some("19481231"));
        assert_eq!(last("202402").as_deref(), Some("20240229"));
        assert_eq!(last("20240215093000").as_deref(), Some("20240215"));
        assert_eq!(last("nonsense"), None);
    }
}
