//! Arguments, with examples.

use clap::{Args, Subcommand};
use gateway::break_glass::review::Outcome;
use schemas::ods_code::OdsCode;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  watling break-glass list --data region --organisation RX7
  watling break-glass show --data region 12
  watling break-glass review --data region 12 --by 'Privacy officer' --outcome justified \\
      --note 'attended A&E that night'
  watling break-glass digest --data region --publisher RXN
  watling break-glass factor add --data region --organisation RX7 --actor rx7-integration \\
      --by 'Privacy officer'

Run it where the gateway's folder is; a hub that serves it may go on. Reviews, digests and second
factors are on the gateway's record, and so is that a use was shown.")]
pub struct BreakGlassArgs {
    #[command(subcommand)]
    pub(super) command: BreakGlassCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
}

#[derive(Subcommand)]
pub(super) enum BreakGlassCommand {
    /// Uses: those to look at first come first
    #[command(
        after_help = "Open ones come first, among them those that no encounter or other relationship followed, among those
the oldest. The patient and the reason are in `show`."
    )]
    List(ListArgs),
    /// One use, whole: who, whom, why, what was opened, what was said of it
    Show(ShowArgs),
    /// Say what a privacy officer has found
    Review(ReviewArgs),
    /// Tell a publisher now what was opened of its documents; without --publisher show what was told
    Digest(DigestArgs),
    /// One-time codes: register an authenticator for a user or a system, or take it away
    Factor {
        #[command(subcommand)]
        command: FactorCommand,
    },
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// Only uses by this organisation
    #[arg(long, value_name = "ODS")]
    pub organisation: Option<OdsCode>,
    /// Only those on which nobody has decided
    #[arg(long)]
    pub open: bool,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(super) struct ShowArgs {
    pub id: i64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

fn outcome(text: &str) -> Result<Outcome, String> {
    Outcome::parse(text).ok_or_else(|| "justified, not-justified or escalated".to_owned())
}

#[derive(Args)]
pub(super) struct ReviewArgs {
    pub id: i64,
    /// The privacy officer
    #[arg(long, value_name = "NAME", value_parser = crate::cli::line)]
    pub by: String,
    /// justified, not-justified or escalated
    #[arg(long, value_parser = outcome)]
    pub outcome: Outcome,
    #[arg(long, value_name = "TEXT", value_parser = crate::cli::line)]
    pub note: String,
}

#[derive(Args)]
pub(super) struct DigestArgs {
    #[arg(long, value_name = "ODS")]
    pub publisher: Option<OdsCode>,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand)]
pub(super) enum FactorCommand {
    /// Make a secret and print it once, as authenticators take it
    Add(FactorArgs),
    /// Take a secret away
    Remove(FactorArgs),
}

#[derive(Args)]
pub(super) struct FactorArgs {
    #[arg(long, value_name = "ODS")]
    pub organisation: OdsCode,
    /// NAMEID@ISSUER of an asserted user, USER@SYSTEM of one whom a system names, or a SYSTEM
    #[arg(long, value_name = "WHO", value_parser = crate::cli::line)]
    pub actor: String,
    /// Who does this
    #[arg(long, value_name = "NAME", value_parser = crate::cli::line)]
    pub by: String,
}
