//! `watling report quality`: what publishers' documents are like, for those who can better them.

use super::args::{QualityArgs, QualityFormat};
use crate::cli::csv;
use crate::cli::{Ended, print_json};
use crate::config::Config;
use node::clock::Clock;
use repository::front_door::{DATABASE, FrontDoor};
use repository::quality::{Report, Row, since_week};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) async fn say(data: &Path, config: &Config, args: QualityArgs) -> Result<Ended, String> {
    let folder = data.join("repository");
    if !folder.join(DATABASE).is_file() {
        return Err(format!(
            "{} is not there: run this where the repository is, after `watling serve` has made it",
            folder.join(DATABASE).display()
        ));
    }
    let store = FrontDoor::open(&folder).map_err(|error| error.to_string())?;
    let since = since_week(Clock::System.now(), args.since);
    let publisher = args.publisher.as_ref().map(ToString::to_string);
    let events = store.quality(since, publisher).await.map_err(|error| error.to_string())?;
    let report = Report::of(events, args.late_after);
    match args.format {
        QualityFormat::Json => print_json(&report)?,
        QualityFormat::Csv => lines(&report).iter().for_each(|line| say!("{line}")),
        QualityFormat::Table => {
            let code_sets = config.code_sets()?;
            let label = |name: &str| match code_sets.by_name(name) {
                Some(known) => known.label.clone(),
                None if name.is_empty() => "(type not known)".to_owned(),
                None => name.to_owned(),
            };
            table(&report, label);
        }
    }
    Ok(Ended::Done)
}

const COLUMNS: [&str; 18] = [
    "publisher",
    "document_type",
    "week_from",
    "received",
    "registered",
    "rejected",
    "quarantined",
    "late",
    "timed",
    "late_percent",
    "median_minutes",
    "unstructured",
    "examined",
    "missing_heading",
    "blank_heading",
    "with_standard",
    "missing_headings",
    "blank_headings",
];

/// `Diagnoses 3; Allergies 1`.
fn counted(titles: &BTreeMap<String, u64>) -> String {
    let each: Vec<String> =
        titles.iter().map(|(title, count)| format!("{title} {count}")).collect();
    each.join("; ")
}

fn lines(report: &Report) -> Vec<String> {
    let line = |row: &Row| {
        let late_percent = share(row.late, row.timed);
        let numbers = |number: u64| number.to_string();
        let values = [
            row.publisher.clone(),
            row.document_type.clone(),
            row.week_from.clone(),
            numbers(row.received),
            numbers(row.registered),
            numbers(row.rejected),
            numbers(row.quarantined),
            numbers(row.late),
            numbers(row.timed),
            late_percent.map(|percent| format!("{percent:.1}")).unwrap_or_default(),
            row.median_minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
            numbers(row.unstructured),
            numbers(row.examined),
            numbers(row.missing_heading),
            numbers(row.blank_heading),
            numbers(row.with_standard),
            counted(&row.missing),
            counted(&row.blank),
        ];
        csv::line(&values.each_ref().map(String::as_str))
    };
    std::iter::once(csv::line(&COLUMNS)).chain(report.rows.iter().map(line)).collect()
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 * 100.0 / of as f64)
}

/// A count with its percentage, `3 (25%)`.
fn with_share(part: u64, of: u64) -> String {
    match share(part, of) {
        Some(percent) => format!("{part} ({percent:.0}%)"),
        None => "-".to_owned(),
    }
}

/// For a person: a block for each publisher and type, a line for each week.
fn table(report: &Report, label: impl Fn(&str) -> String) {
    let heads = [
        "Week from".to_owned(),
        "Received".to_owned(),
        "Rejected".to_owned(),
        "Quarantined".to_owned(),
        format!("Late >{} h", report.late_after_hours),
        "Median h".to_owned(),
        "Unstructured".to_owned(),
        "Heading missing".to_owned(),
        "Heading empty".to_owned(),
    ];
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&heads);
        let cells = cells.map(|(cell, head)| format!("{cell:>width$}", width = head.len().max(10)));
        format!("  {}", cells.collect::<Vec<_>>().join("  "))
    };
    let mut above = None;
    for row in &report.rows {
        let of = (&row.publisher, &row.document_type);
        if above != Some(of) {
            if above.is_some() {
                say!("");
            }
            say!("{}  {}", row.publisher, label(&row.document_type));
            say!("{}", line(&heads));
            above = Some(of);
        }
        let hours = row.median_minutes.map(|minutes| format!("{:.1}", minutes as f64 / 60.0));
        say!(
            "{}",
            line(&[
                row.week_from.clone(),
                row.received.to_string(),
                with_share(row.rejected, row.received),
                with_share(row.quarantined, row.received),
                with_share(row.late, row.timed),
                hours.unwrap_or_else(|| "-".to_owned()),
                with_share(row.unstructured, row.examined),
                with_share(row.missing_heading, row.with_standard),
                with_share(row.blank_heading, row.with_standard),
            ])
        );
        for (what, titles) in [("missing", &row.missing), ("empty", &row.blank)] {
            if !titles.is_empty() {
                say!("    {what}: {}", counted(titles));
            }
        }
    }
    match report.rows.len() {
        0 => say!("no document came in these weeks"),
        _ => {
            say!("");
            say!("A percentage is of the documents of which it can be said; - is none.");
        }
    }
}
