//! `watling audit by ODS`: who has read what an organisation publishes. No patient is named.

use super::args::ByArgs;
use super::desk::Desk;
use crate::cli::{Ended, csv, print_json};
use crate::config::Config;
use node::audit::{AuditRecord, each};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    at: String,
    /// `listed` or `opened`.
    what: &'static str,
    organisation: String,
    department: String,
    role: String,
    purpose: String,
    break_glass: bool,
    document_type: String,
    unique_id: String,
    agreement: String,
}

pub(super) async fn run(data: &Path, config: Config, args: &ByArgs) -> Result<Ended, String> {
    let desk = Desk::open(data, config).await?;
    desk.record(&format!("report of who has read what {} publishes", args.ods), None).await?;
    let folders = super::folders(data)?;
    let mut rows = Vec::new();
    for (_, folder) in folders.iter().filter(|(role, _)| role.name() == "gateway") {
        let mut seen = |record: AuditRecord| rows.extend(of(&desk, args.ods.as_str(), &record));
        let read = each(folder, &args.span.span(), &mut seen);
        read.map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    if args.form.json {
        print_json(&rows)?;
    } else {
        say(&desk, &rows, args.form.csv);
    }
    Ok(Ended::Done)
}

fn of(desk: &Desk, publisher: &str, record: &AuditRecord) -> Vec<Row> {
    let event = &record.event;
    let what = match event.kind_name() {
        "ITI-18" => "listed",
        "ITI-43" => "opened",
        _ => return Vec::new(),
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let shown: BTreeSet<&String> = event.document_unique_ids.iter().collect();
    let organisation = event.acting_for.as_ref().or(event.organisation.as_ref());
    let organisation = organisation.cloned().unwrap_or_default();
    let seen = event.decisions.iter().filter(|decided| {
        decided.decision == "permit"
            && decided.publisher_ods == publisher
            && shown.contains(&decided.unique_id)
    });
    // Its own readings are no news to it.
    let seen = seen.filter(|_| organisation != publisher);
    let row = |decided: &node::audit::DecidedEntry| Row {
        at: event.happened_at().to_owned(),
        what,
        organisation: organisation.clone(),
        department: text(&event.department),
        role: text(&event.role),
        purpose: text(&event.purpose),
        break_glass: event.break_glass.is_some(),
        document_type: desk.type_label(&decided.type_code),
        unique_id: decided.unique_id.clone(),
        agreement: text(&decided.agreement),
    };
    seen.map(row).collect()
}

fn say(desk: &Desk, rows: &[Row], as_csv: bool) {
    if as_csv {
        say!(
            "at,what,organisation,department,role,purpose,breakGlass,documentType,uniqueId,agreement"
        );
    }
    for row in rows {
        let Row { at, what, organisation, department, role, purpose, .. } = row;
        let (kind, id, agreement) = (&row.document_type, &row.unique_id, &row.agreement);
        if as_csv {
            let glass = if row.break_glass { "yes" } else { "no" };
            let values =
                [at, *what, organisation, department, role, purpose, glass, kind, id, agreement];
            say!("{}", csv::line(&values));
            continue;
        }
        let glass = if row.break_glass { ", breaking the glass" } else { "" };
        let name = desk.organisation(organisation);
        let at = super::moment(at);
        say!(
            "{at}  {name} ({organisation}) {what} {kind} {id}, as {role} for {purpose}{glass}, by {agreement}"
        );
    }
    if rows.is_empty() && !as_csv {
        say!("nobody else has read what this organisation publishes");
    }
}
