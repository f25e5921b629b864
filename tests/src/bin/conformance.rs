//! `cargo run -p tests --bin conformance -- --registry URL --repository URL --cert --key --cacert`.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    tests::conformance::cli::main(&tests::conformance::cli::Cli::parse())
}
