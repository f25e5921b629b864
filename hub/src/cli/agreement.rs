//! `watling agreement list|show|apply`.

mod entries;
mod explain;
mod folder;
mod gaps;
mod lines;
mod matrix;
mod simulate;

pub use explain::ExplainArgs;
pub use folder::FolderArgs;
pub use gaps::GapsArgs;
pub use matrix::MatrixArgs;
pub use simulate::SimulateArgs;

use super::args::{AgreementArgs, AgreementCommand};
use super::{Ended, print_json, runtime};
use gateway::region::{Region, RegionFile, Versioned, problems};
use gateway::store::{Applied, GatewayStore};
use jiff::tz::TimeZone;
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(args: AgreementArgs) -> Result<Ended, String> {
    match args.command {
        AgreementCommand::Simulate { args, folder: of } => {
            simulate::run(&args, &of.data, of.config.as_deref())
        }
        AgreementCommand::Gaps { args, folder: of } => {
            gaps::run(&args, &of.data, of.config.as_deref())
        }
        AgreementCommand::Matrix { args, folder: of } => {
            matrix::run(&args, &of.data, of.config.as_deref())
        }
        AgreementCommand::Explain { args, folder: of } => {
            explain::run(&args, &of.data, of.config.as_deref())
        }
        AgreementCommand::List { data, json } => {
            let region = region(&data)?;
            list(&region, json)
        }
        AgreementCommand::Show { data, id, json } => {
            let region = region(&data)?;
            show(&region, &id, json)
        }
        AgreementCommand::Apply { data, file, plan } => apply(&data, &file, plan),
    }
}

fn store(data: &Path) -> Result<(tokio::runtime::Runtime, GatewayStore), String> {
    let path = data.join("gateway").join("region.db");
    if !path.is_file() {
        return Err(format!(
            "{} is not there: is this a hub's data folder with a gateway?",
            path.display()
        ));
    }
    let runtime = runtime()?;
    let store = runtime.block_on(GatewayStore::open(&path)).map_err(|error| error.to_string())?;
    Ok((runtime, store))
}

fn region(data: &Path) -> Result<Arc<Region>, String> {
    store(data)?.1.region().map_err(|error| error.to_string())
}

fn state(versioned: &Versioned) -> &'static str {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let today = Clock::System.now().to_zoned(zone).date();
    versioned.agreement.standing(today).name()
}

fn json(versioned: &Versioned) -> Result<serde_json::Value, String> {
    let mut value =
        serde_json::to_value(&versioned.agreement).map_err(|error| error.to_string())?;
    if let Some(object) = value.as_object_mut() {
        object.insert("version".to_owned(), versioned.version.into());
        object.insert("standing".to_owned(), state(versioned).into());
    }
    Ok(value)
}

fn list(region: &Region, as_json: bool) -> Result<Ended, String> {
    if as_json {
        let all: Result<Vec<_>, _> = region.agreements.iter().map(json).collect();
        print_json(&all?)?;
        return Ok(Ended::Done);
    }
    for versioned in &region.agreements {
        let agreement = &versioned.agreement;
        say!("{:<24} {:<12} {}", versioned.reference(), state(versioned), agreement.title);
        say!("    {} -> {}", agreement.publishers.join(", "), agreement.consumers.join(", "));
    }
    Ok(Ended::Done)
}

fn show(region: &Region, id: &str, as_json: bool) -> Result<Ended, String> {
    let found = region.agreements.iter().find(|versioned| versioned.agreement.id == id);
    let found = found
        .ok_or_else(|| format!("no agreement has the id {id:?} (`watling agreement list`)"))?;
    if as_json {
        print_json(&json(found)?)?;
    } else {
        // As a file that `apply` takes: show, edit, apply.
        let file = BTreeMap::from([("agreement", [&found.agreement])]);
        let text = toml::to_string_pretty(&file).map_err(|error| error.to_string())?;
        say!("# version {}, {}\n{text}", found.version, state(found));
    }
    Ok(Ended::Done)
}

fn apply(data: &Path, file: &Path, plan: bool) -> Result<Ended, String> {
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let region: RegionFile =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let (runtime, store) = store(data)?;
    let known = store.region().map_err(|error| error.to_string())?;
    let problems = problems(&region, &known, &crate::fixtures::code_sets()?);
    if !problems.is_empty() {
        problems.iter().for_each(|problem| eprintln!("watling: {}: {problem}", file.display()));
        return Ok(Ended::Failed);
    }
    let clock = Clock::System;
    let now = clock.dtm().to_string();
    if plan {
        let planned =
            runtime.block_on(store.plan(region, now)).map_err(|error| error.to_string())?;
        say("would change", &planned);
        return Ok(Ended::Done);
    }
    let applied = runtime.block_on(async {
        let applied = store.apply(region, now).await.map_err(|error| error.to_string())?;
        let audit =
            Audit::open(&data.join("gateway"), "gateway", clock).map_err(|e| e.to_string())?;
        let what =
            format!("applied {}: agreements {}", file.display(), applied.agreements.join(", "));
        let event = AuditEvent::new("gateway", AuditKind::SecurityConfiguration, Outcome::Success)
            .because(what);
        audit.record(event).await.map_err(|error| error.to_string())?;
        Ok::<_, String>(applied)
    })?;
    say("changed", &applied);
    Ok(Ended::Done)
}

fn say(verb: &str, applied: &Applied) {
    if *applied == Applied::default() {
        say!("nothing {verb}: everything is as in the file");
        return;
    }
    for reference in &applied.agreements {
        say!("{verb} agreement {reference}");
    }
    let counts = [
        ("organisations", applied.organisations),
        ("systems", applied.systems),
        ("groups", applied.groups),
        ("roles", applied.roles),
        ("tiers", applied.tiers),
        ("policies", applied.policy),
        ("relationships", applied.relationships),
        ("preferences", applied.preferences),
    ];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        say!("{verb} {count} {name}");
    }
}
