//! DTM: HL7 date and time in UTC with the precision that its writer knew.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use std::fmt;

/// `YYYY[MM[DD[hh[mm[ss]]]]]`, UTC, calendar-valid (ITI TF-3 table 4.2.3.1.7-2).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dtm(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DtmError {
    #[error("a time is 4, 6, 8, 10, 12 or 14 digits, YYYY[MM[DD[hh[mm[ss]]]]], without a zone")]
    Shape,
    #[error("the time does not exist in the calendar")]
    Calendar,
    #[error("the zone of a CDA time is Z or an offset such as +01, +0100, +01:00")]
    Zone,
}

impl Dtm {
    pub fn parse(text: &str) -> Result<Self, DtmError> {
        let shape = matches!(text.len(), 4 | 6 | 8 | 10 | 12 | 14);
        if !shape || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DtmError::Shape);
        }
        civil(text)?;
        Ok(Self(text.to_owned()))
    }

    /// The whole second of a timestamp.
    pub fn from_timestamp(at: jiff::Timestamp) -> Self {
        Self(at.strftime("%Y%m%d%H%M%S").to_string())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first second of the interval that the precision denotes, as 14 digits: what is
    /// compared and indexed (ITI-18 is silent on partial times; see ARCHITECTURE.md).
    pub fn first_second(&self) -> String {
        format!("{}{}", self.0, &"00000101000000"[self.0.len()..])
    }

    /// The first second as a point in time.
    pub fn timestamp(&self) -> jiff::Timestamp {
        civil(&self.0)
            .ok()
            .and_then(|civil| civil.to_zoned(TimeZone::UTC).ok())
            .map_or(jiff::Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
    }

    /// Reads a CDA `TS` and turns it into UTC without inventing precision. Hours without a zone
    /// are British wall time, as NHS senders mean them; in the repeated hour of autumn the first.
    pub fn from_cda(text: &str) -> Result<Self, DtmError> {
        let split = text.find(['+', '-', 'Z']).unwrap_or(text.len());
        let (digits, zone) = text.split_at(split);
        let digits = digits.split('.').next().unwrap_or_default();
        let local = Self::parse(digits)?;
        if digits.len() <= 8 {
            return Ok(local);
        }
        let civil = civil(digits)?;
        let utc = if zone.is_empty() {
            let london = TimeZone::get("Europe/London").map_err(|_| DtmError::Zone)?;
            let zoned = london.to_ambiguous_zoned(civil).earlier();
            zoned.map_err(|_| DtmError::Calendar)?.timestamp()
        } else {
            offset(zone)?.to_timestamp(civil).map_err(|_| DtmError::Calendar)?
        };
        let full = utc.strftime("%Y%m%d%H%M%S").to_string();
        Ok(Self(full[..digits.len()].to_owned()))
    }
}

fn offset(zone: &str) -> Result<Offset, DtmError> {
    if zone == "Z" {
        return Ok(Offset::UTC);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    let number = |range: std::ops::Range<usize>| {
        digits.get(range).map_or(Ok(0), |text| text.parse::<i32>()).map_err(|_| DtmError::Zone)
    };
    if !matches!(digits.len(), 2 | 4) {
        return Err(DtmError::Zone);
    }
    let seconds = sign * (number(0..2)? * 3600 + number(2..4)? * 60);
    Offset::from_seconds(seconds).map_err(|_| DtmError::Zone)
}

fn civil(digits: &str) -> Result<DateTime, DtmError> {
    let number = |from: usize, len: usize, default: i16| {
        digits.get(from..from + len).map_or(default, |text| text.parse().unwrap_or(default))
    };
    let small = |from: usize, default: i8| number(from, 2, i16::from(default)) as i8;
    DateTime::new(
        number(0, 4, 0),
        small(4, 1),
        small(6, 1),
        small(8, 0),
        small(10, 0),
        small(12, 0),
        0,
    )
    .map_err(|_| DtmError::Calendar)
}

impl fmt::Display for Dtm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Dtm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cda_time_keeps_its_precision_in_utc() {
        let utc = |text: &str| Dtm::from_cda(text).unwrap().to_string();
        assert_eq!(utc("200605012036+01"), "200605011936");
        assert_eq!(utc("20210803140714+0100"), "20210803130714");
        assert_eq!(utc("20210803140714+01:00"), "20210803130714");
        assert_eq!(utc("20260114153000Z"), "20260114153000");
        assert_eq!(utc("20260114"), "20260114");
    }

    #[test]
    fn hours_without_a_zone_are_british_wall_time() {
        let utc = |text: &str| Dtm::from_cda(text).unwrap().to_string();
        assert_eq!(utc("20260714153000"), "20260714143000");
        assert_eq!(utc("20260114153000"), "20260114153000");
        assert_eq!(utc("20261025013000"), "20261025003000", "the repeated hour: its first pass");
    }

    #[test]
    fn impossible_times_are_refused() {
        assert_eq!(Dtm::parse("20260231"), Err(DtmError::Calendar));
        assert_eq!(Dtm::parse("202602281"), Err(DtmError::Shape));
        assert_eq!(Dtm::parse("20260228+01"), Err(DtmError::Shape));
        assert_eq!(Dtm::from_cda("202602281200+1"), Err(DtmError::Zone));
    }

    #[test]
    fn a_partial_time_compares_as_its_first_second() {
        assert_eq!(Dtm::parse("2026").unwrap().first_second(), "20260101000000");
        assert_eq!(Dtm::parse("202607").unwrap().first_second(), "20260701000000");
        assert_eq!(Dtm::parse("2026070312").unwrap().first_second(), "20260703120000");
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(text in "[0-9+:Z.-]{0,24}") {
            let _ = (Dtm::parse(&text), Dtm::from_cda(&text));
        }
    }
}
