//! `watling report usage`: how much the gateway is used, by whom, for what kind of document, with what
//! outcome, month by month. It counts; no patient and no document is named.

use super::args::UsageArgs;
use crate::cli::audit::Desk;
use crate::cli::{Ended, csv, print_json};
use crate::config::Config;
use jiff::tz::TimeZone;
use node::audit::{AuditRecord, each};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    /// In the region's calendar, `2026-07`.
    month: String,
    organisation: String,
    department: String,
    /// `ITI-18` or `ITI-43`.
    transaction: String,
    /// Empty where an answer had nothing to decide on.
    document_type: String,
    outcome: &'static str,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    requests: u64,
    shown: u64,
    withheld: u64,
}

#[derive(Serialize)]
struct Row<'r> {
    #[serde(flatten)]
    key: &'r Key,
    #[serde(flatten)]
    counts: Counts,
}

pub(super) async fn say(data: &Path, config: Config, args: &UsageArgs) -> Result<Ended, String> {
    let desk = Desk::open(data, config).await?;
    desk.record("report of the gateway's usage", None).await?;
    let folder = data.join("gateway");
    if !folder.join("audit.db").is_file() {
        return Err(format!("{}: run this where the gateway is", folder.display()));
    }
    let zone = node::clock::region_zone();
    let mut usage: BTreeMap<Key, Counts> = BTreeMap::new();
    let mut seen = |record: AuditRecord| count(&desk, &zone, &record, &mut usage);
    let read = each(&folder, &args.span.span(), &mut seen);
    read.map_err(|error| format!("{}: {error}", folder.display()))?;
    let rows = usage.iter().map(|(key, counts)| Row { key, counts: *counts });
    if args.form.json {
        print_json(&rows.collect::<Vec<_>>())?;
    } else if args.form.csv {
        say!(
            "month,organisation,department,transaction,documentType,outcome,requests,shown,withheld"
        );
        rows.for_each(|row| say!("{}", line(&row)));
    } else {
        table(&desk, &usage);
    }
    Ok(Ended::Done)
}

fn count(desk: &Desk, zone: &TimeZone, record: &AuditRecord, usage: &mut BTreeMap<Key, Counts>) {
    let event = &record.event;
    if !matches!(event.kind_name(), "ITI-18" | "ITI-43") {
        return;
    }
    let at = event.at.parse::<jiff::Timestamp>();
    let month = at.map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m").to_string());
    let organisation = event.acting_for.as_ref().or(event.organisation.as_ref());
    let key = |document_type: String| Key {
        month: month.clone().unwrap_or_default(),
        organisation: organisation.cloned().unwrap_or_default(),
        department: event.department.clone().unwrap_or_default(),
        transaction: event.kind_name().to_owned(),
        document_type,
        outcome: event.outcome.name(),
    };
    let shown: BTreeSet<&String> = event.document_unique_ids.iter().collect();
    let mut types: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for decided in &event.decisions {
        let counts = types.entry(&decided.type_code).or_default();
        if decided.decision == "permit" && shown.contains(&decided.unique_id) {
            counts.0 += 1;
        } else if decided.decision != "permit" {
            counts.1 += 1;
        }
    }
    if types.is_empty() {
        usage.entry(key(String::new())).or_default().requests += 1;
    }
    for (type_code, (shown, withheld)) in types {
        let label = if type_code.is_empty() { String::new() } else { desk.type_label(type_code) };
        let counts = usage.entry(key(label)).or_default();
        counts.requests += 1;
        counts.shown += shown;
        counts.withheld += withheld;
    }
}

fn line(row: &Row<'_>) -> String {
    let Counts { requests, shown, withheld } = row.counts;
    let counts = [requests, shown, withheld].map(|count| count.to_string());
    let key = row.key;
    csv::line(&[
        &key.month,
        &key.organisation,
        &key.department,
        &key.transaction,
        &key.document_type,
        key.outcome,
        &counts[0],
        &counts[1],
        &counts[2],
    ])
}

/// A block for each month and organisation.
fn table(desk: &Desk, usage: &BTreeMap<Key, Counts>) {
    let mut above = None;
    for (key, counts) in usage {
        let of = (&key.month, &key.organisation, &key.department);
        if above != Some(of) {
            let department = if key.department.is_empty() {
                String::new()
            } else {
                format!(", {}", key.department)
            };
            let name = desk.organisation(&key.organisation);
            say!("{}  {name} ({}){department}", key.month, key.organisation);
            say!(
                "  {:<8} {:<34} {:<16} {:>8} {:>8} {:>8}",
                "",
                "Type",
                "Outcome",
                "Requests",
                "Shown",
                "Withheld"
            );
            above = Some(of);
        }
        let Counts { requests, shown, withheld } = counts;
        let (transaction, kind, outcome) = (&key.transaction, &key.document_type, key.outcome);
        let kind = if kind.is_empty() { "-" } else { kind };
        say!("  {transaction:<8} {kind:<34} {outcome:<16} {requests:>8} {shown:>8} {withheld:>8}");
    }
    if usage.is_empty() {
        say!("the gateway was not asked in this time");
    }
}
