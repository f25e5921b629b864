//! Arguments, with examples.

use crate::cli::line;
use clap::{Args, Subcommand};
use schemas::nhs_number::NhsNumber;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  watling quarantine list
  watling quarantine withdrawals --waiting                          withdrawals that came before their document
  watling quarantine show 3
  watling quarantine show 3 --patient --by 'A Clerk, Records'      who the document says it is about
  watling quarantine resolve 3 --nhs-number 9990000018 --by 'A Clerk, Records' --reason 'traced by hand'
  watling quarantine redrive 3 --by 'A Clerk, Records' --reason 'tracing is back'
  watling quarantine drop 3 --by 'A Clerk, Records' --reason 'the trust sends it again'

A message in quarantine was accepted from its sender and is in no index. A decision is carried out by
the hub that serves the repository, at once where it runs and at its next start where not; the sender
gets the business acknowledgement that it asked for then. Run it where the repository's folder is.
Every look at a patient and every decision is on the repository's record.")]
pub struct QuarantineArgs {
    #[command(subcommand)]
    pub(super) command: QuarantineCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
}

#[derive(Subcommand)]
pub(super) enum QuarantineCommand {
    /// What waits for a decision, the newest first
    List {
        /// Also what is over
        #[arg(long)]
        all: bool,
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Withdrawals, the newest first: waiting for their document, applied, refused, expired
    Withdrawals {
        /// Only those whose document has not come
        #[arg(long)]
        waiting: bool,
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
    /// One message: its sender, its documents, why it is here
    Show(ShowArgs),
    /// Say whose document it is, and let the hub register it
    Resolve(ResolveArgs),
    /// Let the hub take it along the road again
    Redrive(DecideArgs),
    /// Tell the sender that it is refused, and forget its documents
    Drop(DecideArgs),
}

#[derive(Args)]
pub(super) struct ShowArgs {
    /// Number of the message
    pub id: i64,
    /// Also who the documents say they are about: this is put on record
    #[arg(long, requires = "by")]
    pub patient: bool,
    /// Who looks: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub by: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(super) struct ResolveArgs {
    #[command(flatten)]
    pub decision: DecideArgs,
    /// The NHS number of the patient that all documents of the message are about
    #[arg(long, value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub nhs_number: Option<NhsNumber>,
    /// Name and birth date were compared by a person: a mismatch does not stop it
    #[arg(long, requires = "nhs_number")]
    pub despite_mismatch: bool,
}

#[derive(Args)]
pub(super) struct DecideArgs {
    /// Number of the message
    pub id: i64,
    /// Who decides: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub by: String,
    /// Why
    #[arg(long, value_parser = line)]
    pub reason: String,
    /// How long to wait for the hub, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub wait: u64,
}
