//! Moments of records as a person reads them, in British time.

use jiff::Timestamp;
use schemas::dtm::Dtm;

fn shown(at: Timestamp) -> String {
    let zone = node::clock::region_zone();
    at.to_zoned(zone).strftime("%-d %b %Y %H:%M:%S").to_string()
}

/// `2026-07-14T14:30:00Z`, as audit records have it.
pub(super) fn moment(rfc3339: &str) -> String {
    rfc3339.parse().map_or_else(|_| rfc3339.to_owned(), shown)
}

/// `20260714143000`, as stored messages have it.
pub(super) fn moment_of_dtm(dtm: &str) -> String {
    Dtm::parse(dtm).map_or_else(|_| dtm.to_owned(), |dtm| shown(dtm.timestamp()))
}

/// Milliseconds since 1970.
pub(super) fn moment_of_millis(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map(shown).unwrap_or_default()
}
