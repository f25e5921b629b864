//! What `watling check` says of the audit log.

use crate::cli::outbox::age;
use crate::config::Config;
use crate::serve::Role;
use node::audit::forward;
use node::clock::Clock;
use std::path::Path;

pub(super) fn problems(config: &Config, data: Option<&Path>) -> Vec<String> {
    let found = [audit_receiver(config, data), urgent_care_fallback(config)];
    found.into_iter().filter_map(Result::err).collect()
}

/// What urgent care is left where audit or agreements are out of reach.
fn urgent_care_fallback(config: &Config) -> Result<(), String> {
    let fallback = &config.audit.urgent_care_fallback;
    if !fallback.enabled {
        say!("# urgent-care fallback: off");
        return Ok(());
    }
    let (answers, minutes) = (fallback.answers_max, fallback.minutes_max);
    match &fallback.folder {
        Some(folder) if folder.is_dir() => {
            say!("# urgent-care fallback: {answers} answers in {minutes} minutes, {}", folder.display());
            Ok(())
        }
        Some(folder) => Err(format!(
            "audit.urgent_care_fallback.folder: {} is not there: make it, on another volume than the data",
            folder.display()
        )),
        None => Err("audit.urgent_care_fallback is enabled and names no folder: name one on another volume than the data".to_owned()),
    }
}

/// Where audit records are passed on to, and how far the receiver is behind.
fn audit_receiver(config: &Config, data: Option<&Path>) -> Result<(), String> {
    let Some(settings) = &config.audit.forward else {
        say!("# audit: kept here, not passed on");
        return Ok(());
    };
    let receiver = settings.receiver();
    say!("# audit: passed on to {receiver}");
    let Some(data) = data else { return Ok(()) };
    let now = Clock::System.now().as_millisecond();
    let folders = Role::ALL.into_iter().map(|role| (role, data.join(role.name())));
    for (role, folder) in folders.filter(|(_, folder)| folder.join("audit.db").is_file()) {
        let behind = forward::behind(&folder, &receiver);
        let behind = behind.map_err(|error| format!("{}: {error}", folder.display()))?;
        let since = behind.since.and_then(|at| at.parse::<jiff::Timestamp>().ok());
        match since {
            Some(at) => say!(
                "#   the {role}'s is {} records behind, for {}",
                behind.records,
                age(now - at.as_millisecond())
            ),
            None => say!("#   the {role}'s has everything"),
        }
    }
    Ok(())
}
