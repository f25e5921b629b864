//! `watling audit ...`: what is on record, and whether it still is as it was written.

mod args;
mod by;
mod desk;
mod disclosed;
mod export;
mod verify;
mod who_saw;
mod whole;

pub use args::AuditArgs;
pub(super) use args::{FormArgs, SpanArgs};
pub(super) use desk::Desk;

use super::moment::moment;
use super::{Ended, print_json, runtime};
use crate::config::Config;
use crate::serve::Role;
use args::{AuditCommand, ListArgs};
use node::audit::{AuditRecord, list as list_records};
use std::path::{Path, PathBuf};

pub(super) fn run(args: AuditArgs) -> Result<Ended, String> {
    let AuditArgs { command, data, config } = args;
    let config = Config::load(config.as_deref())?;
    match command {
        AuditCommand::List(args) => list(&data, &args),
        AuditCommand::Verify(args) => verify::run(&data, &config, &args),
        AuditCommand::WhoSaw(args) => runtime()?.block_on(who_saw::run(&data, config, &args)),
        AuditCommand::By(args) => runtime()?.block_on(by::run(&data, config, &args)),
        AuditCommand::Export(args) => runtime()?.block_on(export::run(&data, config, &args)),
    }
}

fn list(data: &Path, args: &ListArgs) -> Result<Ended, String> {
    let records = records(data, args.service, args.count)?;
    if args.json {
        print_json(&records)?;
    } else if args.atna {
        records.iter().for_each(|record| say!("{}", record.message()));
    } else {
        records.iter().for_each(|record| say!("{}", line(record)));
    }
    Ok(Ended::Done)
}

/// The services that keep a log in a data folder.
fn folders(data: &Path) -> Result<Vec<(Role, PathBuf)>, String> {
    let all = Role::ALL.into_iter().map(|role| (role, data.join(role.name())));
    let found: Vec<_> = all.filter(|(_, folder)| folder.join("audit.db").is_file()).collect();
    if found.is_empty() {
        let data = data.display();
        return Err(format!("{data} holds no audit records: is it a hub's data folder?"));
    }
    Ok(found)
}

/// Records of every service, by time.
pub(crate) fn records(
    data: &Path,
    service: Option<Role>,
    count: u32,
) -> Result<Vec<AuditRecord>, String> {
    let mut all = Vec::new();
    let found = folders(data)?;
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
