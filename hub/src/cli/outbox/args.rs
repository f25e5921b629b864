//! Arguments, with examples.

use clap::{Args, Subcommand, ValueEnum};
use node::outbox::State;
use schemas::ods_code::OdsCode;
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Args)]
#[command(after_help = "Examples:
  watling outbox list
  watling outbox list --state parked --to RXN
  watling outbox show 4f6e0c1a-7b39-4d58-8a2e-90c1d7e3b5f6
  watling outbox retry 4f6e0c1a-7b39-4d58-8a2e-90c1d7e3b5f6
  watling outbox retry --all --to RXN              after their endpoint was put right
  watling outbox drop 4f6e0c1a-7b39-4d58-8a2e-90c1d7e3b5f6 --reason 'told them by telephone'
  watling outbox unmatched

Run it where the hub's data folder is; a hub that serves it may go on, and delivers what is to be tried
again within a second. What is tried again or dropped by hand is on record.")]
pub struct OutboxArgs {
    #[command(subcommand)]
    pub(super) command: OutboxCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
    /// Configuration file (TOML), for the directory of endpoints
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum OutboxCommand {
    /// What waits or is parked, oldest first
    List(ListArgs),
    /// One item, with every address and time
    Show {
        #[arg(value_parser = crate::cli::uuid)]
        id: Uuid,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Try an item again at once, with a new deadline
    Retry(RetryArgs),
    /// Give an item up; it stays on the list with the reason
    Drop(DropArgs),
    /// Acknowledgements that came and answer nothing that this hub has sent
    Unmatched {
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling outbox list
  watling outbox list --state parked --json
  watling outbox list --to RXN --all")]
pub(super) struct ListArgs {
    /// Only items in this state
    #[arg(long, value_enum)]
    pub state: Option<StateName>,
    /// Only items for this organisation
    #[arg(long, value_name = "ODS", value_parser = OdsCode::parse)]
    pub to: Option<OdsCode>,
    /// Delivered and dropped ones too
    #[arg(long)]
    pub all: bool,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling outbox retry 4f6e0c1a-7b39-4d58-8a2e-90c1d7e3b5f6
  watling outbox retry --all --to RXN")]
pub(super) struct RetryArgs {
    /// The item
    #[arg(required_unless_present = "all", value_parser = crate::cli::uuid)]
    pub id: Option<Uuid>,
    /// Everything for one organisation that waits or is parked
    #[arg(long, requires = "to", conflicts_with = "id")]
    pub all: bool,
    /// The organisation
    #[arg(long, value_name = "ODS", value_parser = OdsCode::parse, requires = "all")]
    pub to: Option<OdsCode>,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling outbox drop 4f6e0c1a-7b39-4d58-8a2e-90c1d7e3b5f6 --reason 'told them by telephone'

The reason is on record: it should name no patient.")]
pub(super) struct DropArgs {
    /// The item
    #[arg(value_parser = crate::cli::uuid)]
    pub id: Uuid,
    /// Why
    #[arg(long, value_parser = crate::cli::line)]
    pub reason: String,
    /// Who decided: a name or an office
    #[arg(long, value_name = "WHO", value_parser = crate::cli::line)]
    pub by: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum StateName {
    /// For its turn, for another try, or to be collected
    Waiting,
    Delivering,
    /// Handed out to its collector, not confirmed yet
    Collected,
    Delivered,
    /// Refused for good, or not taken in time
    Parked,
    /// Given up by hand
    Dropped,
}

impl From<StateName> for State {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Waiting => Self::Waiting,
            StateName::Delivering => Self::Delivering,
            StateName::Collected => Self::Collected,
            StateName::Delivered => Self::Delivered,
            StateName::Parked => Self::Parked,
            StateName::Dropped => Self::Dropped,
        }
    }
}
