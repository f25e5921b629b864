//! `watling audit list|verify`.

use super::args::{AuditArgs, AuditCommand};
use super::{Ended, print_json};
use crate::serve::Role;
use node::audit::{AuditRecord, Verification, list as list_records, verify as verify_chain};
use std::path::Path;

pub(super) fn run(args: AuditArgs) -> Result<Ended, String> {
    match args.command {
        AuditCommand::List { data, service, count, json, atna } => {
            let records = records(&data, service, count)?;
            if json {
                print_json(&records)?;
            } else if atna {
                records.iter().for_each(|record| say!("{}", record.message()));
            } else {
                records.iter().for_each(|record| say!("{}", line(record)));
            }
            Ok(Ended::Done)
        }
        AuditCommand::Verify { data } => verify(&data),
    }
}

fn folders(data: &Path) -> Vec<(Role, std::path::PathBuf)> {
    let folders = Role::ALL.into_iter().map(|role| (role, data.join(role.name())));
    folders.filter(|(_, folder)| folder.join("audit.db").is_file()).collect()
}

/// Records of every service, by time.
pub(crate) fn records(
    data: &Path,
    service: Option<Role>,
    count: u32,
) -> Result<Vec<AuditRecord>, String> {
    let mut all = Vec::new();
    let found = folders(data);
    if found.is_empty() {
        return Err(format!(
            "{} holds no audit records: is it a hub's data folder?",
            data.display()
        ));
    }
    for (_, folder) in found.iter().filter(|(role, _)| service.is_none_or(|wanted| wanted == *role))
    {
        all.extend(list_records(folder, count).map_err(|error| error.to_string())?);
    }
    all.sort_by(|a, b| a.event.at.cmp(&b.event.at));
    let skip = all.len().saturating_sub(count as usize);
    Ok(all.split_off(skip))
}

/// One record on one line.
pub(crate) fn line(record: &AuditRecord) -> String {
    let event = &record.event;
    let who = match (&event.organisation, &event.acting_for) {
        (Some(own), Some(acting)) if own != acting => format!("{own} for {acting}"),
        (Some(own), _) => own.clone(),
        _ => "-".to_owned(),
    };
    let mut line = format!(
        "{}  {:<10} {:<8} {:<15} {who}",
        event.at,
        event.service,
        event.kind_name(),
        event.outcome.name()
    );
    let permitted = event.decisions.iter().filter(|decided| decided.decision == "permit").count();
    if !event.decisions.is_empty() {
        line.push_str(&format!("  {permitted} of {} permitted", event.decisions.len()));
        let mut agreements: Vec<&str> =
            event.decisions.iter().filter_map(|decided| decided.agreement.as_deref()).collect();
        agreements.sort_unstable();
        agreements.dedup();
        if !agreements.is_empty() {
            line.push_str(&format!(" by {}", agreements.join(", ")));
        }
        let mut reasons: Vec<&str> =
            event.decisions.iter().map(|decided| decided.decision.as_str()).collect();
        reasons.retain(|reason| *reason != "permit");
        reasons.sort_unstable();
        reasons.dedup();
        if !reasons.is_empty() {
            line.push_str(&format!("; withheld: {}", reasons.join(", ")));
        }
    } else if !event.document_unique_ids.is_empty() {
        line.push_str(&format!("  {} document(s)", event.document_unique_ids.len()));
    }
    if let Some(reason) = event.reasons.first() {
        line.push_str(&format!("  {reason}"));
    }
    line
}

fn verify(data: &Path) -> Result<Ended, String> {
    let found = folders(data);
    if found.is_empty() {
        return Err(format!(
            "{} holds no audit records: is it a hub's data folder?",
            data.display()
        ));
    }
    let mut whole = true;
    for (role, folder) in found {
        let said = match verify_chain(&folder).map_err(|error| error.to_string())? {
            Verification::Whole { records, head } => {
                format!("whole: {records} records, head {head}")
            }
            Verification::Broken { seq, what } => {
                whole = false;
                format!("BROKEN at record {seq}: {what}")
            }
            Verification::Cut { anchored, records } => {
                whole = false;
                format!("CUT: record {anchored} was anchored outside the log, {records} are left")
            }
        };
        say!("{:<10} {said}", role.name());
    }
    Ok(if whole { Ended::Done } else { Ended::Failed })
}
