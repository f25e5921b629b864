//! Quality events into a report: a row for each publisher, document type and week.

use super::store::Event;
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts of documents; a percentage is of what it could be said of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub publisher: String,
    /// A document type's name; empty where it is not known.
    pub document_type: String,
    /// Monday of the ISO week, `2026-07-13`.
    pub week_from: String,
    pub received: u64,
    pub registered: u64,
    pub rejected: u64,
    pub quarantined: u64,
    /// Later after the event's end than the limit, of those registered or quarantined.
    pub late: u64,
    /// Of how many it can be said whether they were late.
    pub timed: u64,
    /// The middle one, from the event's end to its arrival.
    pub median_minutes: Option<i64>,
    pub unstructured: u64,
    /// Of how many it can be said whether they are structured.
    pub examined: u64,
    /// Documents without a mandatory heading.
    pub missing_heading: u64,
    /// Documents with a mandatory heading that says nothing, or only "None" or "Not known".
    pub blank_heading: u64,
    /// Of how many a standard of headings is known.
    pub with_standard: u64,
    /// How often which mandatory heading is missing.
    pub missing: BTreeMap<String, u64>,
    pub blank: BTreeMap<String, u64>,
    /// How often which road was taken.
    pub routes: BTreeMap<String, u64>,
}

/// Rows by publisher, type and week, the newest week first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub late_after_hours: u32,
    pub rows: Vec<Row>,
}

/// Monday of the week that lies some weeks back, `YYYYMMDD`.
pub fn since_week(now: jiff::Timestamp, weeks: u32) -> String {
    let back = jiff::SignedDuration::from_hours(i64::from(weeks.saturating_sub(1)) * 7 * 24);
    super::facts::week(now.saturating_sub(back).unwrap_or(now))
}

impl Report {
    pub fn of(events: Vec<Event>, late_after_hours: u32) -> Self {
        let mut groups: BTreeMap<(String, String, String), Vec<Event>> = BTreeMap::new();
        for event in events {
            let key = (event.publisher.clone(), event.document_type.clone(), event.week.clone());
            groups.entry(key).or_default().push(event);
        }
        let mut rows = Vec::new();
        for ((publisher, document_type, week), events) in groups {
            let week_from = dashed(&week);
            let row = Row { publisher, document_type, week_from, ..Row::default() };
            rows.push(counted(row, &events, late_after_hours));
        }
        rows.sort_by(|a, b| {
            let by = |row: &Row| (row.publisher.clone(), row.document_type.clone());
            by(a).cmp(&by(b)).then_with(|| b.week_from.cmp(&a.week_from))
        });
        Self { late_after_hours, rows }
    }
}

/// `20260713` as a person reads it.
fn dashed(day: &str) -> String {
    match (day.get(..4), day.get(4..6), day.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => day.to_owned(),
    }
}

fn counted(mut row: Row, events: &[Event], late_after_hours: u32) -> Row {
    let limit = i64::from(late_after_hours) * 60;
    let mut minutes = Vec::new();
    for event in events {
        row.received += 1;
        *row.routes.entry(event.route.clone()).or_default() += 1;
        match event.outcome.as_str() {
            "registered" => row.registered += 1,
            "quarantined" => row.quarantined += 1,
            _ => row.rejected += 1,
        }
        // What was refused comes again, and is late then if it is.
        if event.outcome != "rejected"
            && let Some(late) = event.late_minutes
        {
            row.timed += 1;
            row.late += u64::from(late > limit);
            minutes.push(late);
        }
        if let Some(unstructured) = event.unstructured {
            row.examined += 1;
            row.unstructured += u64::from(unstructured);
        }
        if let (Some(missing), Some(blank)) = (&event.missing, &event.blank) {
            row.with_standard += 1;
            row.missing_heading += u64::from(!missing.is_empty());
            row.blank_heading += u64::from(!blank.is_empty());
            missing.iter().for_each(|title| *row.missing.entry(title.clone()).or_default() += 1);
            blank.iter().for_each(|title| *row.blank.entry(title.clone()).or_default() += 1);
        }
    }
    minutes.sort_unstable();
    row.median_minutes = minutes.get(minutes.len() / 2).copied();
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(outcome: &str, late_minutes: Option<i64>) -> Event {
        Event {
            publisher: "RXN".to_owned(),
            document_type: "inpatient-discharge".to_owned(),
            week: "20260713".to_owned(),
            route: "itk".to_owned(),
            outcome: outcome.to_owned(),
            late_minutes,
            unstructured: Some(false),
            missing: Some(vec!["Diagnoses".to_owned()]),
            blank: Some(Vec::new()),
            mark: None,
        }
    }

    #[test]
    fn late_is_beyond_the_limit_and_never_what_was_refused() {
        let events = vec![
            event("registered", Some(1_440)),
            event("registered", Some(1_441)),
            event("quarantined", Some(9_000)),
            event("rejected", Some(9_000)),
            event("registered", None),
        ];
        let report = Report::of(events.clone(), 24);
        let [row] = &report.rows[..] else { panic!("one row: {report:?}") };
        assert_eq!((row.received, row.registered, row.rejected, row.quarantined), (5, 3, 1, 1));
        assert_eq!((row.late, row.timed, row.median_minutes), (2, 3, Some(1_441)));
        assert_eq!((row.missing_heading, row.blank_heading, row.with_standard), (5, 0, 5));
        assert_eq!(row.missing["Diagnoses"], 5);
        assert_eq!(row.week_from, "2026-07-13");
        assert_eq!(Report::of(events, 48).rows[0].late, 1);
    }

    #[test]
    fn twelve_weeks_are_this_one_and_eleven_before() {
        let now = "2026-07-15T12:00:00Z".parse().unwrap();
        assert_eq!(since_week(now, 1), "20260713");
        assert_eq!(since_week(now, 12), "20260427");
    }
}
