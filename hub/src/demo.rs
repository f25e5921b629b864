//! The first journey, shown: real messages over the network through the client that a user has,
//! then who sees what, and the audit of all of it. Each step checks what it shows.

pub mod generate;
mod hubs;
mod steps;

use crate::cli::Ended;
use hubs::Running;

/// Runs the demonstration.
pub fn run(args: &crate::cli::DemoArgs) -> Result<Ended, String> {
    let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
    let data = args.data.clone().unwrap_or_else(|| temporary.path().join("demo"));
    let running = Running::start(&data, args.apart, args.data.is_none())?;
    say!("Watling is up, its data in {}", data.display());
    for (name, url) in running.urls() {
        say!("  {name:<11} {url}");
    }
    let missed = steps::all(&data, args.documents, args.seed)?;
    say!("");
    if missed.is_empty() {
        say!("Every step came out as expected.");
    } else {
        say!("{} step(s) did NOT come out as expected:", missed.len());
        missed.iter().for_each(|what| say!("  - {what}"));
    }
    if !args.exit {
        say!("The hub stays up until Ctrl-C. Look around, for example:");
        say!("  watling find --data {} --as RX7 9000000009", data.display());
        running.wait()?;
    } else {
        running.stop();
    }
    Ok(if missed.is_empty() { Ended::Done } else { Ended::Failed })
}
