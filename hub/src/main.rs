//! `watling`: an IHE XDS.b document exchange hub.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    hub::cli::run(hub::cli::Cli::parse())
}
