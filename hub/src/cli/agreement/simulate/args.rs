//! Arguments, with examples.

use crate::cli::args::since;
use clap::Args;
use jiff::civil::Date;
use schemas::dtm::Dtm;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement simulate draft.toml                            the last 30 days
  watling agreement simulate draft.toml --since 7d --by-consumer
  watling agreement simulate draft.toml --since 2026-06-01 --until 2026-07-01 --html impact.html
  watling agreement simulate draft.toml --on 2027-04-01 --json

DRAFT is a file as `watling agreement apply` takes it; nothing is changed. Every ITI-18 and ITI-43
that this gateway has on record is asked again, of the region as it stands and of the region with
the draft, both as on one day (--on): today, or the day on which the draft's last agreement has
started. A patient's relationships count as they were on the day of the question, preferences as
they are now. Only counts are shown, never a patient or a document. Run it where the gateway's
folder is; a hub that serves it may go on.")]
pub struct SimulateArgs {
    /// The draft: agreements, organisations, systems, groups, roles
    #[arg(value_name = "DRAFT")]
    pub draft: PathBuf,
    /// From when on: a date (2026-11-01) or an age (7d, 12h)
    #[arg(long, value_name = "WHEN", default_value = "30d", value_parser = since)]
    pub since: Dtm,
    /// Until when; now where absent
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub until: Option<Dtm>,
    /// As on which day the region is asked
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// One line for each organisation that asks
    #[arg(long, conflicts_with = "json")]
    pub by_consumer: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Write a page that can be sent round
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}
