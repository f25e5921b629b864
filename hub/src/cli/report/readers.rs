//! `watling report readers`: who has read a document.

use super::args::ReadersArgs;
use super::{Desk, moment};
use crate::cli::csv;
use crate::cli::{Ended, print_json};
use node::audit::Reading;

const COLUMNS: [&str; 10] = [
    "at",
    "what",
    "organisation",
    "system",
    "certificateOrganisation",
    "role",
    "purpose",
    "uniqueId",
    "entryUUID",
    "correlationId",
];

pub(super) async fn say(desk: &Desk, args: &ReadersArgs) -> Result<Ended, String> {
    let id = &args.unique_id;
    let readings = desk.readings.of(vec![id.clone()], 0).await.map_err(|e| e.to_string())?;
    let what = format!("report of who has read the document: {} readings", readings.len());
    desk.record(what, vec![id.clone()]).await?;
    if args.json {
        print_json(&readings)?;
    } else if args.csv {
        say!("{}", COLUMNS.join(","));
        readings.iter().for_each(|reading| say!("{}", csv::line(&values(reading))));
    } else {
        people(desk, id, &readings).await?;
    }
    Ok(Ended::Done)
}

fn values(reading: &Reading) -> [&str; 10] {
    [
        &reading.at,
        reading.kind.name(),
        &reading.organisation,
        &reading.system,
        &reading.certificate_organisation,
        reading.role.as_deref().unwrap_or_default(),
        reading.purpose.as_deref().unwrap_or_default(),
        &reading.unique_id,
        &reading.entry_uuid,
        reading.correlation_id.as_deref().unwrap_or_default(),
    ]
}

async fn people(desk: &Desk, id: &str, readings: &[Reading]) -> Result<(), String> {
    for reading in readings {
        say!("{}", line(reading));
    }
    let incidents = desk.store.about(vec![id.to_owned()]).await.map_err(|e| e.to_string())?;
    for incident in &incidents {
        let withdrawn = &incident.withdrawn;
        say!(
            "taken back ({}) by {}: watling report incident {}",
            withdrawn.reason.name(),
            withdrawn.by,
            withdrawn.id
        );
        for one in incident.affected.iter().filter(|one| one.addressed) {
            say!("    it was addressed to {}: {}", one.organisation, one.state.name());
        }
    }
    match readings.len() {
        0 => say!("nobody has been shown this document at this gateway"),
        1 => say!("1 answer named or handed it out"),
        count => say!("{count} answers named or handed it out"),
    }
    Ok(())
}

/// One answer on one line.
pub(super) fn line(reading: &Reading) -> String {
    let by = if reading.certificate_organisation == reading.organisation {
        reading.system.clone()
    } else {
        format!("{} of {}", reading.system, reading.certificate_organisation)
    };
    format!(
        "{:<21} {:<9} {:<6} through {by}, as {} for {}",
        moment(&reading.at),
        reading.kind.name(),
        reading.organisation,
        reading.role.as_deref().unwrap_or("no role"),
        reading.purpose.as_deref().unwrap_or("no purpose"),
    )
}
