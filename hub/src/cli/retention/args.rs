//! Arguments, with examples.

use crate::cli::line;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use registry::retention::HoldKind;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  watling retention hold place CLAIM-2026-17 --patient 9990000018 --reason 'letter before claim' \\
      --by 'A Clerk, Legal Services' --review 2027-06-01
  watling retention approve --controller RXN --document 2.25.1234 --reason 'filed under the wrong patient' \\
      --approved-by 'B Guardian, Caldicott Guardian' --valid-until 2026-12-31
  watling retention due
  watling retention approve --controller RXN --due --reason 'annual review' \\
      --approved-by 'C Manager, Records' --valid-until 2026-12-31
  watling retention destroy --approval 2 --by 'D Operator' --plan
  watling retention destroy --approval 2 --by 'D Operator'

Run it where the registry's folder is; a hub that serves it may go on. Every change is on the
registry's record.")]
pub struct RetentionArgs {
    #[command(subcommand)]
    pub(super) command: RetentionCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum RetentionCommand {
    /// Legal and inquiry holds: what they cover is kept, whoever wants it gone
    Hold {
        #[command(subcommand)]
        command: HoldCommand,
    },
    /// Enter a controller's approval: to remove named documents before their time, or to destroy
    /// what is due
    Approve(ApproveArgs),
    /// Approvals, those that are over included
    Approvals {
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
    /// What has passed its retention period, by publisher, document type and rule
    Due {
        /// Print one JSON array, with every document
        #[arg(long)]
        json: bool,
    },
    /// Destroy what an approval names and is due, metadata and bytes, and write the certificate
    Destroy(DestroyArgs),
}

#[derive(Subcommand)]
pub(super) enum HoldCommand {
    /// Place a hold
    Place(PlaceArgs),
    /// Lift a hold; it stays on the list with its history
    Lift(LiftArgs),
    /// Holds that stand
    List {
        /// Lifted ones too
        #[arg(long)]
        all: bool,
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// Litigation, or the order of a court
    Legal,
    /// A public inquiry
    Inquiry,
}

impl From<Kind> for HoldKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Legal => Self::Legal,
            Kind::Inquiry => Self::Inquiry,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling retention hold place CLAIM-2026-17 --patient 9990000018 --reason 'letter before claim' \\
      --by 'A Clerk, Legal Services' --review 2027-06-01
  watling retention hold place MATERNITY-INQUIRY --kind inquiry --publisher RXN \\
      --type maternity-discharge --reason 'inquiry announced' --by 'A Clerk' --review 2027-06-01

A document is held that fits all of --patient, --publisher, --type and --document that are given. The
name is said to whoever is refused by the hold: it should name no person. It is given only once.")]
pub(super) struct PlaceArgs {
    /// Name of the hold
    #[arg(value_parser = hold_name)]
    pub name: String,
    #[arg(long, value_enum, default_value = "legal")]
    pub kind: Kind,
    /// Documents of this patient
    #[arg(long, value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: Option<NhsNumber>,
    /// Documents that this organisation has published
    #[arg(long, value_name = "ODS", value_parser = OdsCode::parse)]
    pub publisher: Option<OdsCode>,
    /// Documents with the code of this document type: its name or one of its codes
    #[arg(long = "type", value_name = "TYPE")]
    pub document_type: Option<String>,
    /// The document with this uniqueId
    #[arg(long, value_name = "UNIQUE_ID")]
    pub document: Option<String>,
    /// Every document
    #[arg(long, conflicts_with_all = ["patient", "publisher", "document_type", "document"])]
    pub everything: bool,
    /// Why
    #[arg(long, value_parser = line)]
    pub reason: String,
    /// Who places it: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub by: String,
    /// When somebody has to look whether it is still needed; it does not end by itself
    #[arg(long, value_name = "DATE")]
    pub review: Date,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling retention hold lift CLAIM-2026-17 --by 'A Clerk, Legal Services' --reason 'claim settled'")]
pub(super) struct LiftArgs {
    /// Name of the hold
    pub name: String,
    /// Why
    #[arg(long, value_parser = line)]
    pub reason: String,
    /// Who lifts it: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub by: String,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling retention approve --controller RXN --document 2.25.1234 --document 2.25.1235 \\
      --reason 'filed under the wrong patient' --approved-by 'B Guardian, Caldicott Guardian' \\
      --valid-until 2026-12-31

With it the publisher's own system can remove these documents (ITI-62 and ITI-86) until that day.
--destruction and --due approve something else: that `watling retention destroy` destroys what has passed
its period.")]
pub(super) struct ApproveArgs {
    /// The organisation that has published the documents and approves
    #[arg(long, value_name = "ODS", value_parser = OdsCode::parse)]
    pub controller: OdsCode,
    /// uniqueId of a document; may be repeated
    #[arg(long = "document", value_name = "UNIQUE_ID", required_unless_present = "due")]
    pub documents: Vec<String>,
    /// For destruction at the end of the period, not for removal before it
    #[arg(long)]
    pub destruction: bool,
    /// Everything of the controller's that is due now and not on hold, for destruction
    #[arg(long, conflicts_with = "documents")]
    pub due: bool,
    /// Why
    #[arg(long, value_parser = line)]
    pub reason: String,
    /// Who decided for the controller: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub approved_by: String,
    /// The last day on which it can be used
    #[arg(long, value_name = "DATE")]
    pub valid_until: Date,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling retention destroy --approval 2 --by 'D Operator' --plan    what would go and what would stay
  watling retention destroy --approval 2 --by 'D Operator'

Each document goes with its metadata and its bytes or stays whole. What is on hold, not due or needed by
others stays and is named. Run again, it goes on where it was cut off. The certificate lies in
DIR/registry/certificates as JSON and HTML; its SHA-256 stands in the registry's audit record.")]
pub(super) struct DestroyArgs {
    /// Number of the controller's approval
    #[arg(long, value_name = "NUMBER")]
    pub approval: i64,
    /// Who carries it out: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub by: String,
    /// Say what would be destroyed, destroy nothing
    #[arg(long)]
    pub plan: bool,
}

fn hold_name(text: &str) -> Result<String, String> {
    let known = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if text.is_empty() || text.len() > 64 || !text.chars().all(known) {
        return Err("1 to 64 letters, digits, -, _, . or /".to_owned());
    }
    // A name is said to publishers, and a patient's number must not be.
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if NhsNumber::parse(&digits).is_ok() {
        return Err("it holds an NHS number, and it is said to whoever is refused".to_owned());
    }
    Ok(text.to_owned())
}
