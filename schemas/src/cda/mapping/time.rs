//! Times of the header in UTC, with the precision that their writer knew.

use crate::cda::CdaHeader;
use crate::cda::warning::{CdaWarning, note};
use crate::dtm::{CdaTime, Dtm, DtmError, ZoneReading};

fn taken(time: CdaTime, warnings: &mut Vec<CdaWarning>) -> Dtm {
    match time.zone {
        ZoneReading::Stated => {}
        ZoneReading::Assumed => note(warnings, CdaWarning::NoZone),
        ZoneReading::Repeated => note(warnings, CdaWarning::RepeatedHour),
        ZoneReading::Skipped => note(warnings, CdaWarning::SkippedHour),
    }
    time.utc
}

pub(super) fn creation(
    header: &CdaHeader,
    warnings: &mut Vec<CdaWarning>,
) -> Result<Dtm, DtmError> {
    Ok(taken(CdaTime::read(&header.effective_time)?, warnings))
}

/// serviceStartTime and serviceStopTime. A time that is none, or an interval that ends before it
/// begins, is the sender's slip and no reason to lose a letter.
pub(super) fn service(
    header: &CdaHeader,
    warnings: &mut Vec<CdaWarning>,
) -> (Option<Dtm>, Option<Dtm>) {
    let mut read = |text: &Option<String>| match CdaTime::read(text.as_deref()?) {
        Ok(time) => Some(taken(time, warnings)),
        Err(_) => {
            note(warnings, CdaWarning::ServiceTimeUnreadable);
            None
        }
    };
    let (start, stop) = (read(&header.service_start), read(&header.service_stop));
    let ordered = start.iter().zip(&stop).all(|(a, b)| a.first_second() <= b.first_second());
    if !ordered {
        note(warnings, CdaWarning::IntervalReversed);
    }
    (start, stop.filter(|_| ordered))
}
