//! The executable, built beside the tests that start it as a process.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    hub::cli::run(hub::cli::Cli::parse())
}
