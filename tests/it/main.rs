//! One integration binary: actors on the wire, invariants of the tree.

mod administration;
mod agreement;
mod apart;
mod asynchronous;
mod audit;
mod bad_input;
mod break_glass;
mod cda;
mod code_sets;
mod conformance;
mod conformance_suite;
mod decision;
mod document_types;
mod durability;
mod explained;
mod hostile;
mod identity;
mod ig_day;
mod index_use;
mod itk;
mod itk_wire;
mod journey;
mod outbox;
mod patients;
mod preference;
mod quality;
mod query;
mod recall;
mod relationship;
mod repository;
mod retention;
mod schema;
mod security;
mod seen;
mod senders;
mod simulate;
mod supply;
mod tidy;
mod xua;

use std::io::Write;
use std::path::Path;

/// The executable as a process of its own.
fn executable() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_watling-under-test"))
}

/// Says why a test shows nothing here, past the harness, which keeps what a passing test prints.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
