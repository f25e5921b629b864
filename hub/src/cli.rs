//! The command line: what a person types, and what it says back.
//!
//! Exit status: 0 done or nothing found, 1 refused or failed, 2 usage.

mod agreement;
mod args;
mod audit;
mod break_glass;
mod check;
mod csv;
mod documents;
mod gateway_desk;
mod moment;
mod outbox;
mod patient;
mod pki;
mod preference;
mod quarantine;
mod relationship;
mod report;
mod retention;
mod serve;

pub use args::{Cli, DemoArgs};
pub(crate) use audit::{line as audit_line, records as audit_records};
pub(crate) use documents::print_found;

use args::Command;
use clap::CommandFactory;
use std::process::ExitCode;

/// What a command ended with.
pub enum Ended {
    Done,
    /// Refused or failed; what was to say has been said.
    Failed,
}

/// Runs a command and says on standard error what went wrong.
pub fn run(cli: Cli) -> ExitCode {
    telemetry();
    let ended = match cli.command {
        Command::Serve(args) => serve::serve(args),
        Command::Demo(args) => crate::demo::run(&args),
        Command::Publish(args) => documents::publish(args),
        Command::Find(args) => documents::find(args),
        Command::Get(args) => documents::get(args),
        Command::Agreement(args) => agreement::run(args),
        Command::Patient(args) => patient::run(args),
        Command::Preference(args) => preference::run(args),
        Command::BreakGlass(args) => break_glass::run(args),
        Command::Relationship(args) => relationship::run(args),
        Command::Retention(args) => retention::run(args),
        Command::Quarantine(args) => quarantine::run(args),
        Command::Outbox(args) => outbox::run(args),
        Command::Report(args) => report::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Check(args) => check::run(args),
        Command::Pki(args) => pki::run(args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "watling", &mut std::io::stdout());
            Ok(Ended::Done)
        }
    };
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Failed) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("watling: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// The id of a message or an incident, as lists show it.
fn uuid(text: &str) -> Result<uuid::Uuid, String> {
    text.parse().map_err(|_| {
        "it is no id: copy the whole id from the list (0b6f5c1e-2a44-4d0f-9e0b-8f2e4b7a1c01)"
            .to_owned()
    })
}

/// What a person has typed into a register that others read: something, on one line.
fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 400 || text.chars().any(char::is_control) {
        return Err("1 to 400 characters on one line".to_owned());
    }
    Ok(text.to_owned())
}

fn telemetry() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// A runtime for commands that talk to a hub.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| error.to_string())
}

pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), String> {
    use std::io::Write;
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout().lock(), "{text}").map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
