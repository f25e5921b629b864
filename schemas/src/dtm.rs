//! DTM: HL7 date and time in UTC with the precision that its writer knew.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
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

    /// Reads a CDA `TS`; see [`CdaTime::read`].
    pub fn from_cda(text: &str) -> Result<Self, DtmError> {
        Ok(CdaTime::read(text)?.utc)
    }
}

/// How the zone of a CDA time was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneReading {
    /// It is stated, or the time is a date and needs none.
    Stated,
    /// Hours without a zone: British wall time, as NHS senders mean them.
    Assumed,
    /// British wall time in the hour that autumn repeats: its first pass was taken.
    Repeated,
    /// British wall time in the hour that spring leaves out: read as if the clocks had not gone on.
    Skipped,
}

/// A CDA `TS` in UTC, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdaTime {
    pub utc: Dtm,
    pub zone: ZoneReading,
}

impl CdaTime {
    /// `YYYY[MM[DD[hh[mm[ss[.f...]]]]]][zone]`, zone `Z`, `+01`, `+0100` or `+01:00`, without
    /// inventing precision: what is not there is not padded, and a date stays a date.
    pub fn read(text: &str) -> Result<Self, DtmError> {
        let text = text.trim();
        let split = text.find(['+', '-', 'Z']).unwrap_or(text.len());
        let (digits, zone) = text.split_at(split);
        let (digits, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let whole = digits.len() == 14 || fraction == "0";
        if !whole || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DtmError::Shape);
        }
        let local = Dtm::parse(digits)?;
        // `2026-02` is a year and a month as nobody should write them, not a year with a zone.
        if digits.len() < 8 && !zone.is_empty() {
            return Err(DtmError::Shape);
        }
        if digits.len() <= 8 {
            if !zone.is_empty() {
                offset(zone)?;
            }
            return Ok(Self { utc: local, zone: ZoneReading::Stated });
        }
        let civil = civil(digits)?;
        let (utc, zone) = if zone.is_empty() {
            wall_time(civil)?
        } else {
            let utc = offset(zone)?.to_timestamp(civil).map_err(|_| DtmError::Calendar)?;
            (utc, ZoneReading::Stated)
        };
        let full = utc.strftime("%Y%m%d%H%M%S").to_string();
        let utc = full.get(..digits.len()).ok_or(DtmError::Calendar)?.to_owned();
        Ok(Self { utc: Dtm(utc), zone })
    }
}

fn wall_time(civil: DateTime) -> Result<(jiff::Timestamp, ZoneReading), DtmError> {
    let london = TimeZone::get("Europe/London").map_err(|_| DtmError::Zone)?;
    let zoned = london.to_ambiguous_zoned(civil);
    let reading = match zoned.offset() {
        AmbiguousOffset::Unambiguous { .. } => ZoneReading::Assumed,
        AmbiguousOffset::Fold { .. } => ZoneReading::Repeated,
        AmbiguousOffset::Gap { .. } => ZoneReading::Skipped,
    };
    // Of a repeated hour the first pass; in a gap the offset from before it.
    let zoned = zoned.compatible().map_err(|_| DtmError::Calendar)?;
    Ok((zoned.timestamp(), reading))
}

fn offset(zone: &str) -> Result<Offset, DtmError> {
    if zone == "Z" {
        return Ok(Offset::UTC);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let signed = zone.strip_prefix(['+', '-']).ok_or(DtmError::Zone)?;
    let colon = signed.len() == 5 && signed.as_bytes()[2] == b':';
    let digits: String = signed.chars().filter(|c| !(colon && *c == ':')).collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DtmError::Zone);
    }
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
        for (text, utc) in [
            ("200605012036+01", "200605011936"),
            ("2006050120+01", "2006050119"),
            ("20210803140714+0100", "20210803130714"),
            ("20210803140714+01:00", "20210803130714"),
            ("20210803140714-0130", "20210803153714"),
            ("20260114153000Z", "20260114153000"),
            ("20260114153000+00", "20260114153000"),
            ("20260114153000.1234+0000", "20260114153000"),
            (" 20260114153000Z ", "20260114153000"),
            ("20260101003000+01", "20251231233000"),
            ("20260114", "20260114"),
            ("20260114+0100", "20260114"),
            ("202601", "202601"),
            ("2026", "2026"),
        ] {
            let read = CdaTime::read(text).unwrap();
            assert_eq!((read.utc.as_str(), read.zone), (utc, ZoneReading::Stated), "{text}");
        }
    }

    #[test]
    fn hours_without_a_zone_are_british_wall_time() {
        for (text, utc, zone) in [
            ("20260714153000", "20260714143000", ZoneReading::Assumed),
            ("202607141530", "202607141430", ZoneReading::Assumed),
            ("2026071415", "2026071414", ZoneReading::Assumed),
            ("20260114153000", "20260114153000", ZoneReading::Assumed),
            ("20261025003000", "20261024233000", ZoneReading::Assumed),
            ("20261025013000", "20261025003000", ZoneReading::Repeated),
            ("20261025020000", "20261025020000", ZoneReading::Assumed),
            ("20260329003000", "20260329003000", ZoneReading::Assumed),
            ("20260329013000", "20260329013000", ZoneReading::Skipped),
            ("20260329020000", "20260329010000", ZoneReading::Assumed),
        ] {
            let read = CdaTime::read(text).unwrap();
            assert_eq!((read.utc.as_str(), read.zone), (utc, zone), "{text}");
        }
    }

    #[test]
    fn a_cda_time_of_another_shape_is_refused() {
        for (text, error) in [
            ("", DtmError::Shape),
            ("202602281", DtmError::Shape),
            ("2026-02-28", DtmError::Shape),
            ("20260228T1200", DtmError::Shape),
            ("202602281200.5", DtmError::Shape),
            ("20260228120000.", DtmError::Shape),
            ("20260230", DtmError::Calendar),
            ("202602282460", DtmError::Calendar),
            ("202602281200+1", DtmError::Zone),
            ("202602281200+01:0", DtmError::Zone),
            ("202602281200+0:100", DtmError::Zone),
            ("202602281200+BST", DtmError::Zone),
            ("202602281200ZZ", DtmError::Zone),
            ("202602281200+99", DtmError::Zone),
        ] {
            assert_eq!(CdaTime::read(text), Err(error), "{text:?}");
        }
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
