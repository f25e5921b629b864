//! Arguments, with examples.

use crate::cli::args::since;
use crate::cli::line;
use crate::serve::Role;
use clap::{Args, Subcommand, ValueEnum};
use node::audit::Span;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::path::PathBuf;

#[derive(Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    pub(super) command: AuditCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// The newest records of all services, oldest first
    #[command(after_help = "Examples:
  watling audit list --data region --count 20
  watling audit list --data region --service gateway --json
  watling audit list --data region --atna           DICOM audit messages, one a line")]
    List(ListArgs),
    /// Walk the chain of every service: is every record there, as it was written?
    Verify(VerifyArgs),
    /// Who has seen a patient's documents: as the patient may read it, or whole
    WhoSaw(WhoSawArgs),
    /// Who has read what an organisation publishes
    By(ByArgs),
    /// A piece of the log as a file that can be proved elsewhere
    Export(ExportArgs),
}

/// A span of time.
#[derive(Args)]
pub(crate) struct SpanArgs {
    /// From this moment: a date (2026-11-01), a time, or an age (7d, 12h)
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<String>,
    /// Before this moment
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<String>,
}

impl SpanArgs {
    pub(crate) fn span(&self) -> Span {
        Span { since: self.since.clone(), until: self.until.clone() }
    }
}

/// For whom it is written.
#[derive(Args)]
pub(crate) struct FormArgs {
    /// Print one JSON array
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print comma-separated values with a head line
    #[arg(long)]
    pub csv: bool,
}

/// A moment as records have it.
fn moment(text: &str) -> Result<String, String> {
    let dtm = since(text)?;
    let part = |from: usize, to: usize| dtm.as_str().get(from..to).unwrap_or("00");
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
    Ok(format!("{year}-{month}-{day}T{hour}:{minute}:{second}.000Z"))
}

/// How much of the record is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum View {
    /// What may be disclosed to the patient or a proxy
    #[default]
    Subject,
    /// All of it
    Investigator,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling audit who-saw 9990000018 --by 'D Records' --reason 'subject access request 114'
  watling audit who-saw 9990000018 --view investigator --by 'C Guardian' --reason 'incident 12' --csv
  watling audit who-saw 9990000018 --also /srv/gateway2/data --by 'D Records' --reason 'SAR 115'

The subject's view names organisations, moments, purposes and kinds of documents. It leaves out readings
for the purposes of [audit] undisclosed_purposes, documents of the group safeguarding, other people, and the
names of staff and systems: somebody reads it before it is handed out. Patients merged with the number are
included where the registry is in the folder. The question itself is on record.")]
pub(super) struct WhoSawArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub nhs_number: NhsNumber,
    #[arg(long, value_enum, default_value_t)]
    pub view: View,
    /// Who asks, for the record
    #[arg(long, value_name = "NAME", value_parser = line)]
    pub by: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub reason: String,
    /// Data folders of further gateways or services
    #[arg(long, value_name = "DIR")]
    pub also: Vec<PathBuf>,
    /// Read every record instead of looking the patient up
    #[arg(long)]
    pub scan: bool,
    #[command(flatten)]
    pub span: SpanArgs,
    #[command(flatten)]
    pub form: FormArgs,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling audit by RXN --since 30d
  watling audit by RXN --since 2026-04-01 --until 2026-07-01 --csv > readers-of-rxn.csv

Run it where the gateway's folder is. No patient is named; documents are, by uniqueId.")]
pub(super) struct ByArgs {
    /// The publisher
    #[arg(value_name = "ODS", value_parser = OdsCode::parse)]
    pub ods: OdsCode,
    #[command(flatten)]
    pub span: SpanArgs,
    #[command(flatten)]
    pub form: FormArgs,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling audit export --service gateway --since 2026-01-01 --until 2026-02-01 --out january.jsonl
  watling audit export --since 7d --dicom --out week.xml
  watling audit verify --piece january.jsonl

JSON lines hold the records, their digests, the links up to the next signed checkpoint and the certificates:
whoever has the hub's authorities can prove the piece without the log. DICOM messages are one a line and
prove nothing. It names patients; the file must not exist yet.")]
pub(super) struct ExportArgs {
    /// Only this service; several make a file each
    #[arg(long)]
    pub service: Option<Role>,
    #[command(flatten)]
    pub span: SpanArgs,
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// DICOM audit messages instead of JSON lines
    #[arg(long)]
    pub dicom: bool,
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// Only this service
    #[arg(long)]
    pub service: Option<Role>,
    #[arg(long, default_value_t = 50)]
    pub count: u32,
    /// Print one JSON array
    #[arg(long, conflicts_with = "atna")]
    pub json: bool,
    /// Print the DICOM messages
    #[arg(long)]
    pub atna: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling audit verify --data region
  watling audit verify --data region --service gateway --against /mnt/vault/gateway.checkpoints
  watling audit verify --data region --json

Says for each damage at which record it is, of which kind, and up to which signed checkpoint the log
is good before it. Keep a copy of SERVICE/audit.checkpoints on another machine: it shows a log that
was set back together with everything beside it. A hub that serves the folder may go on.")]
pub(super) struct VerifyArgs {
    /// Only this service
    #[arg(long)]
    pub service: Option<Role>,
    /// A copy of the service's audit.checkpoints that was kept elsewhere
    #[arg(long, value_name = "FILE", requires = "service")]
    pub against: Option<PathBuf>,
    /// A piece that was exported, instead of the logs
    #[arg(long, value_name = "FILE", conflicts_with_all = ["service", "against"])]
    pub piece: Option<PathBuf>,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}
