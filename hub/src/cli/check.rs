//! `watling check`: everything that would stop a start, without starting.

mod audit;
mod evidence;
mod offers;
mod roles;

use super::Ended;
use super::args::CheckArgs;
use super::outbox::age;
use crate::config::code_sets::{self, Loaded};
use crate::config::{self, Config, PkiSection, restricted, retention};
use crate::data::{DataFolder, Stamp};
use crate::pki::{expiry, own_problems};
use crate::serve::Role;
use node::asynchronous;
use node::clock::Clock;
use node::outbox;
use registry::retention::RetentionTable;
use std::path::Path;

pub(super) fn run(args: CheckArgs) -> Result<Ended, String> {
    let config = Config::load(args.config.as_deref())?;
    let mut problems = Vec::new();
    match code_sets::load(&config) {
        Ok(Loaded { code_sets, notes }) => {
            let types = code_sets.document_type.len();
            say!("# code sets: version {}, {types} document types", code_sets.version);
            for note in notes {
                say!("#   {note}");
            }
            match offers::without(&code_sets, args.data.as_deref(), &config) {
                Ok(unoffered) => unoffered.iter().for_each(|note| say!("#   {note}")),
                Err(problem) => problems.push(problem),
            }
            match roles::left_open(&code_sets, args.data.as_deref(), &config) {
                Ok(left_open) => left_open.iter().for_each(|note| say!("#   {note}")),
                Err(problem) => problems.push(problem),
            }
            problems.extend(evidence::warn(&code_sets, args.data.as_deref()).err());
            match retention::load(&config, &code_sets) {
                Ok(table) => say_schedule(&table),
                Err(problem) => problems.push(problem),
            }
        }
        Err(problem) => problems.push(problem),
    }
    for folder in &config.itk.folders.folder {
        say!("# watched folder of {}: {}", folder.ods, folder.path.display());
    }
    problems.extend(config.itk.folders.problems());
    match restricted::load(&config) {
        Ok(table) => {
            say!("# restricted content: version {}, {} rules", table.version, table.rules.len())
        }
        Err(problem) => problems.push(problem),
    }
    for role in Role::ALL {
        problems.extend(asynchronous_answers(&config, role, args.data.as_deref()).err());
    }
    problems.extend(audit::problems(&config, args.data.as_deref()));
    problems.extend(acknowledgements(&config, args.data.as_deref()).err());
    problems.extend(config::xua::problems(&config));
    certificates(&config, args.data.as_deref());
    if let Some(own) = &config.pki {
        problems.extend(own_problems(&config, own, &configured(own)));
    }
    if let Some(path) = &args.data {
        problems.extend(folder(path, config.pki.is_some())?);
    }
    say!("{}", config.effective());
    for problem in &problems {
        eprintln!("watling: {problem}");
    }
    Ok(if problems.is_empty() { Ended::Done } else { Ended::Failed })
}

/// What kind of folder it is, and whether the configuration is of that kind.
fn folder(path: &Path, own_pki: bool) -> Result<Option<String>, String> {
    let shown = path.display();
    if !path.is_dir() {
        say!("# data: {shown} (not there yet: serve makes it)");
        return Ok(None);
    }
    let stamp = DataFolder { path: path.to_owned() }.stamp()?;
    let kind = stamp.map_or("not used yet".to_owned(), |s| format!("{s:?}").to_lowercase());
    say!("# data: {shown} ({kind})");
    Ok(match (stamp, own_pki) {
        (Some(Stamp::Development), true) => Some(format!(
            "{shown} is a development folder; a hub with its own [pki] needs a live one"
        )),
        (Some(Stamp::Live), false) => {
            Some(format!("{shown} is a live folder and the configuration has no [pki]"))
        }
        _ => None,
    })
}

/// The schedule by which documents are kept.
fn say_schedule(table: &RetentionTable) {
    say!("# retention: version {}, {}", table.version, table.source);
    for rule in table.rules() {
        say!("#   {}: {}", rule.name, rule.source);
    }
    say!("#   children: {}", table.child.source);
}

/// Whose assertions are believed, and which certificates end soon or have ended.
fn certificates(config: &Config, data: Option<&Path>) {
    match &config.xua {
        None => say!("# xua: no issuer of assertions is trusted"),
        Some(xua) => say!("# xua: {} issuers of assertions are trusted", xua.issuer.len()),
    }
    for ending in expiry::ending(config, data, Clock::System.now()) {
        say!("#   warning: {}", ending.sentence());
    }
}

/// Where a role may send answers, and what it has promised so far.
fn asynchronous_answers(config: &Config, role: Role, data: Option<&Path>) -> Result<(), String> {
    let listed = config.asynchronous(role).reply_to.len();
    match listed {
        0 => say!("# async: the {role} answers on the request's connection only"),
        _ => say!("# async: the {role} sends answers to {listed} reply addresses"),
    }
    let Some(data) = data else { return Ok(()) };
    let path = data.join(role.name()).join(asynchronous::DATABASE);
    let counts = asynchronous::counts(&path);
    let counts = counts.map_err(|error| format!("{}: {error}", path.display()))?;
    if let Some(counts) = counts {
        say!(
            "#   {} requests wait to be served, {} answers to be taken; {} were delivered, {} given up",
            counts.received,
            counts.answered,
            counts.delivered,
            counts.given_up
        );
    }
    Ok(())
}

/// Where acknowledgements go, and who asks for them without an endpoint to send them to.
fn acknowledgements(config: &Config, data: Option<&Path>) -> Result<(), String> {
    let directory = &config.itk.directory;
    say!("# itk: {} endpoints for acknowledgements and notices", directory.0.len());
    let Some(data) = data else { return Ok(()) };
    let now = Clock::System.now().as_millisecond();
    for role in Role::ALL {
        let folder = data.join(role.name());
        let failed = |error| format!("{}: {error}", folder.display());
        let found = outbox::destinations(&folder).map_err(failed)?;
        for of in found.iter().filter(|of| directory.find(&of.destination).is_none()) {
            let waiting = of.oldest_at.map_or(String::new(), |at| {
                format!(": {} wait to be collected, the oldest for {}", of.open, age(now - at))
            });
            say!(
                "#   warning: {} asks for acknowledgements and has no endpoint ([itk.directory.{}]){waiting}",
                of.destination,
                of.destination
            );
        }
    }
    Ok(())
}

/// The roles that a configuration has certificates for; all, where it has none.
fn configured(own: &PkiSection) -> Vec<Role> {
    let has = |role: &Role| match role {
        Role::Registry => own.registry.is_some(),
        Role::Repository => own.repository.is_some(),
        Role::Gateway => own.gateway.is_some(),
    };
    let named: Vec<Role> = Role::ALL.into_iter().filter(has).collect();
    if named.is_empty() { Role::ALL.to_vec() } else { named }
}
