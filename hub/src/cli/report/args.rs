//! Arguments, with examples.

use crate::cli::args::since;
use crate::cli::audit::{FormArgs, SpanArgs};
use clap::{Args, Subcommand};
use schemas::dtm::Dtm;
use schemas::ods_code::OdsCode;
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Args)]
#[command(after_help = "Examples:
  watling report recalls --open                    who has still not acknowledged
  watling report incident 0b6f5c1e-...             one withdrawal: documents, readers, notices
  watling report readers 2.25.1234 --csv > readers.csv
  watling report settle 0b6f5c1e-... RX7 --by 'D Operator' --reason 'told by telephone'
  watling report standing --sample 20 --since 30d
  watling report safeguarding --open
  watling report duplicates --publisher RXN --since 7d
  watling report quality --since 4w --format csv > quality.csv
  watling report usage --since 2026-01-01 --csv > usage.csv

Run recalls, incident, settle, safeguarding, readers, standing and usage where the gateway's folder is, duplicates where the
registry is, quality where the repository is; a hub that serves it may go on. That a report on readers was drawn is on record.")]
pub struct ReportArgs {
    #[command(subcommand)]
    pub(super) command: ReportCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum ReportCommand {
    /// Documents that were taken back, and how far their notices are
    Recalls(RecallsArgs),
    /// One withdrawal, whole
    Incident(IncidentArgs),
    /// Enter that an organisation was told by another way
    Settle(SettleArgs),
    /// Child protection entries that were read, and how far the notices to councils are
    Safeguarding(SafeguardingArgs),
    /// Every retrieval of a document and every answer that named it
    Readers(ReadersArgs),
    /// Who reads for urgent care without a flag for the event, and a sample of it to review
    Standing(StandingArgs),
    /// Questions at the gateway by month, organisation, department, type and outcome
    Usage(UsageArgs),
    /// How many uses of a broken glass each organisation has, open, overdue and decided
    #[command(after_help = "Examples:
  watling report break-glass --data region
  watling report break-glass --data region --json

Days until a use is overdue: [policy.break_glass] review_days.")]
    BreakGlass {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Documents of one publisher, encounter and type under several ids
    Duplicates(DuplicatesArgs),
    /// What each publisher's documents are like: refused, late, unstructured, without headings
    Quality(QualityArgs),
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling report recalls
  watling report recalls --open --json

A notice that was not acknowledged within [recall] overdue_days is shown as overdue.")]
pub(super) struct RecallsArgs {
    /// Only those with a notice that is not acknowledged yet
    #[arg(long)]
    pub open: bool,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling report safeguarding
  watling report safeguarding --open --json

One row for each organisation and episode; no patient is named. [gateway.safeguarding] says who is told when.")]
pub(super) struct SafeguardingArgs {
    /// Only those whose council has not acknowledged, or cannot be told
    #[arg(long)]
    pub open: bool,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling report incident 0b6f5c1e-2a44-4d0f-9e0b-8f2e4b7a1c01")]
pub(super) struct IncidentArgs {
    /// As `watling report recalls` and the notices name it
    #[arg(value_parser = crate::cli::uuid)]
    pub id: Uuid,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling report settle 0b6f5c1e-2a44-4d0f-9e0b-8f2e4b7a1c01 RX7 --by 'D Operator' \\
      --reason 'told by telephone, copy removed'")]
pub(super) struct SettleArgs {
    #[arg(value_parser = crate::cli::uuid)]
    pub id: Uuid,
    /// The organisation that was told
    #[arg(value_name = "ODS")]
    pub organisation: OdsCode,
    /// Who says so
    #[arg(long, value_name = "NAME", value_parser = line)]
    pub by: String,
    #[arg(long, value_parser = line)]
    pub reason: String,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling report readers 2.25.1234
  watling report readers 2.25.1234 --csv > readers.csv

Each line is one answer of the gateway: when, which organisation, through which system, in which
role, for which purpose, whether the document was only listed or opened. What was distributed
past the gateway stands below: the organisations that it was addressed to.")]
pub(super) struct ReadersArgs {
    /// uniqueId of the document
    #[arg(value_name = "UNIQUE_ID")]
    pub unique_id: String,
    /// Print one JSON array
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print comma-separated values
    #[arg(long)]
    pub csv: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling report duplicates
  watling report duplicates --publisher RXN --since 2026-11-01 --json

They are reported, not hidden: queries answer with all of them.")]
pub(super) struct DuplicatesArgs {
    /// Only what this organisation published
    #[arg(long, value_name = "ODS")]
    pub publisher: Option<OdsCode>,
    /// Only where a document arrived since a date (2026-11-01) or within an age (7d, 12h)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Dtm>,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling report quality                               every publisher, the last 12 weeks
  watling report quality --publisher RXN --since 4w
  watling report quality --late-after 48 --format csv > quality.csv

A row is a publisher, a document type and a week (by its Monday). Late is the time from the end of
the event (else when the document was written) to its arrival; the median is in hours. A heading is
missing where the standard of the type has it as mandatory, and empty where it stands with no text
or with \"None\" or \"Not known\" alone. A percentage is of the documents of which it can be said;
- is none. The report names no patient and no document.")]
pub(super) struct QualityArgs {
    /// Only this organisation's documents
    #[arg(long, value_name = "ODS")]
    pub publisher: Option<OdsCode>,
    /// How many weeks, this one among them
    #[arg(long, value_name = "WEEKS", default_value = "12w", value_parser = weeks)]
    pub since: u32,
    /// Hours after the event from which on a document is late
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub late_after: u32,
    #[arg(long, value_enum, default_value_t = QualityFormat::Table)]
    pub format: QualityFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum QualityFormat {
    Table,
    Json,
    Csv,
}

/// `12w`, or `12`.
fn weeks(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('w').unwrap_or(text).parse().ok();
    number
        .filter(|weeks| (1..=520).contains(weeks))
        .ok_or_else(|| "a number of weeks from 1w to 520w".to_owned())
}

/// What a person has typed into a register that others read: something, on one line.
fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 400 || text.chars().any(char::is_control) {
        return Err("1 to 400 characters on one line".to_owned());
    }
    Ok(text.to_owned())
}

#[derive(Args)]
#[command(after_help = "Example:
  watling report standing --sample 20 --since 30d --seed 7

A system with the standing flag may ask for any patient for urgent care. Each line of the sample is an
answer that nothing else would have opened; `watling audit list` shows its record. The same seed draws the
same sample.")]
pub(super) struct StandingArgs {
    /// How many answers to draw
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub sample: usize,
    /// Only answers since then: 30d, 4w or a day
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Dtm>,
    /// Draws another sample
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling report usage --since 90d
  watling report usage --since 2026-01-01 --until 2026-04-01 --csv > quarter.csv

A request counts once for each type of document that it was decided on. No patient is named.")]
pub(super) struct UsageArgs {
    #[command(flatten)]
    pub span: SpanArgs,
    #[command(flatten)]
    pub form: FormArgs,
}
