//! Arguments, with examples.

use crate::cli::line;
use clap::{Args, Subcommand};
use gateway::region::RelationshipKind;
use jiff::civil::Date;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  watling relationship list --data region 9990000018
  watling relationship import --data region --list list.csv --practice ZZP01 --by 'GP systems desk'
  watling relationship add --data region 9990000018 --ods ZZH01 --kind care \\
      --source 'hospice day care' --by 'A Clerk'
  watling relationship end --data region 9990000018 --ods ZZH01 --reason 'discharged' --by 'A Clerk'
  watling relationship history --data region 9990000018

Run it where the gateway's folder is; a hub that serves it may go on, and sees a change with its next
request. Everything that looks or changes is on the gateway's record. Of a patient whose whereabouts are
protected no organisation is named; that is known where the registry's folder is beside the gateway's.")]
pub struct RelationshipArgs {
    #[command(subcommand)]
    pub(super) command: RelationshipCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum RelationshipCommand {
    /// Who has a legitimate relationship with a patient: since when, until when, from where, how old
    List(ListArgs),
    /// Read a practice's registration list: who is missing has left
    Import(ImportArgs),
    /// Enter a relationship that no system tells of
    Add(AddArgs),
    /// End an organisation's relationships with a patient, at once and without a tail
    End(EndArgs),
    /// Every change, oldest first
    History(ListArgs),
}

#[derive(Args)]
pub(super) struct ListArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling relationship import --list list.csv --practice ZZP01 --by 'GP systems desk'

A line is `NHS number,start[,end]`; days are YYYY-MM-DD, YYYYMMDD or DD/MM/YYYY; a heading is passed over.
The list is the whole list: who is missing has left today and stays visible to the practice for
policy.practice_tail_days. A patient who is new here leaves the practice before. Lines that cannot be read
are named by their place; while there are any, nobody is taken off the list.")]
pub(super) struct ImportArgs {
    /// The list (CSV)
    #[arg(long, value_name = "FILE")]
    pub list: PathBuf,
    /// Whose list it is
    #[arg(long, value_name = "ODS", value_parser = OdsCode::parse)]
    pub practice: OdsCode,
    /// Refuse a list that takes off more than this share of the practice's patients, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub leavers_max: u8,
    /// Who imports it: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub by: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(super) struct AddArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    /// The organisation
    #[arg(long, value_name = "ODS", value_parser = OdsCode::parse)]
    pub ods: OdsCode,
    /// registration, encounter, referral, recipient or care
    #[arg(long, value_parser = kind)]
    pub kind: RelationshipKind,
    /// The first day; today where absent
    #[arg(long, value_name = "DATE")]
    pub starts: Option<Date>,
    /// The last day
    #[arg(long, value_name = "DATE")]
    pub ends: Option<Date>,
    /// What it is known from
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub source: String,
    /// Who enters it: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub by: String,
}

#[derive(Args)]
pub(super) struct EndArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    /// The organisation
    #[arg(long, value_name = "ODS", value_parser = OdsCode::parse)]
    pub ods: OdsCode,
    /// Only those of this kind
    #[arg(long, value_parser = kind)]
    pub kind: Option<RelationshipKind>,
    /// The last day; yesterday where absent, so that it ends at once
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub reason: String,
    /// Who ends it: a name or an office
    #[arg(long, value_name = "WHO", value_parser = line)]
    pub by: String,
}

fn kind(text: &str) -> Result<RelationshipKind, String> {
    RelationshipKind::parse(text).ok_or_else(|| {
        let known = RelationshipKind::ALL.map(RelationshipKind::name).join(", ");
        format!("a kind is one of {known}; a transactional flag is the request's own")
    })
}
