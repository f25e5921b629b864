//! Arguments, with examples.

use clap::{Args, Subcommand};
use gateway::region::TypeSelector;
use jiff::civil::Date;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::convert::Infallible;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  watling preference record --data region 9990000018 --do-not-share --type group:letter \\
      --consumer RX7 --as ZZP01 --by 'Practice manager' --evidence 'form signed 12 May'
  watling preference list --data region 9990000018
  watling preference withdraw --data region 9990000018 7 --as ZZP01 --by 'Practice manager' \\
      --evidence 'by telephone, identity checked'
  watling preference seal --data region 9990000018 2.25.1234 --as RXN --by 'Safeguarding lead' \\
      --evidence 'case conference'
  watling preference consent --data region 9990000018 research --given --as ZZP01 \\
      --by 'Research nurse' --document 2.25.5678

Run it where the gateway's folder is; a hub that serves it may go on, and its next answer follows.
Every command that changes something is on the gateway's record. Nothing is ever changed or removed:
withdraw and unseal add a row of their own, and history shows both.")]
pub struct PreferenceArgs {
    #[command(subcommand)]
    pub(super) command: PreferenceCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
}

#[derive(Subcommand)]
pub(super) enum PreferenceCommand {
    /// A wish: share or do not share, by document type, publisher, consumer or all
    #[command(after_help = "Examples:
  watling preference record 9990000018 --do-not-share --as ZZP01 --by Reception --evidence letter
  watling preference record 9990000018 --share --consumer ZZP01 --as ZZP01 --by Reception \\
      --evidence letter --until 2027-03-31

A wish to share is an exception to a wider one not to: at least as narrow in type, publisher and
consumer, and narrower in one of them. Where neither is an exception to the other, not sharing wins.")]
    Record(RecordArgs),
    /// What holds, and what will
    List(ShownArgs),
    /// Everything that was ever said, with what withdrew it
    History(ShownArgs),
    /// Withdraw a wish or a consent
    Withdraw(WithdrawArgs),
    /// Keep one document for its publisher, or for a circle of organisations
    #[command(after_help = "Examples:
  watling preference seal 9990000018 2.25.1234 --as RXN --by 'Dr A' --evidence 'patient asked'
  watling preference seal 9990000018 2.25.1234 --lock --open-to RW5 --as RXN --by 'Dr A' \\
      --evidence 'patient asked'

Sealed: others may be told that something is there, and may break the glass where the region lets
them. With --lock nobody outside learns of it, and no glass opens it.")]
    Seal(SealArgs),
    /// Lift every seal of one document
    Unseal(UnsealArgs),
    /// Consent to a purpose that demands it, given or refused
    Consent(ConsentArgs),
    /// Take what a FHIR R4 Consent or an acknowledgement of a privacy policy (BPPC, CDA) says
    #[command(after_help = "Examples:
  watling preference import --data region consent.json --as ZZP01 --by 'Practice system'
  watling preference import --data region acknowledgement.xml --as RXN --by 'Records office' \\
      --config watling.toml

All of it is taken or nothing: what cannot be kept is refused with the name of its element. The same
document again changes nothing; a newer version of it (same id, other content) takes its place. What
policies mean stands in [[preference.policy]] of the configuration.")]
    Import(ImportArgs),
}

/// Who enters it and on what ground.
#[derive(Args)]
pub(super) struct Ground {
    /// The organisation that records it
    #[arg(long = "as", value_name = "ODS")]
    pub organisation: OdsCode,
    /// The person or office there
    #[arg(long, value_name = "NAME", value_parser = crate::cli::line)]
    pub by: String,
    /// On what evidence
    #[arg(long, value_name = "TEXT", value_parser = crate::cli::line, required_unless_present = "document")]
    pub evidence: Option<String>,
    /// uniqueId of a document that is the evidence
    #[arg(long, value_name = "UNIQUE_ID", conflicts_with = "evidence")]
    pub document: Option<String>,
}

/// From when to when.
#[derive(Args)]
pub(super) struct Days {
    /// First day; today where it is absent
    #[arg(long, value_name = "DATE")]
    pub starts: Option<Date>,
    /// Last day; without end where it is absent
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
}

fn selector(text: &str) -> Result<TypeSelector, Infallible> {
    Ok(TypeSelector::parse(text))
}

#[derive(Args)]
pub(super) struct RecordArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    #[arg(long, required_unless_present = "do_not_share")]
    pub share: bool,
    #[arg(long, conflicts_with = "share")]
    pub do_not_share: bool,
    /// A document type's name, `group:NAME`; any where it is absent
    #[arg(long = "type", value_name = "TYPE", value_parser = selector)]
    pub document_type: Option<TypeSelector>,
    /// Whose documents; anyone's where it is absent
    #[arg(long, value_name = "ODS")]
    pub publisher: Option<OdsCode>,
    /// With whom; anyone where it is absent
    #[arg(long, value_name = "ODS")]
    pub consumer: Option<OdsCode>,
    #[command(flatten)]
    pub days: Days,
    #[command(flatten)]
    pub ground: Ground,
}

#[derive(Args)]
pub(super) struct ShownArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(super) struct WithdrawArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    /// The statement's number (watling preference list)
    pub id: i64,
    #[command(flatten)]
    pub ground: Ground,
}

#[derive(Args)]
pub(super) struct SealArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    /// uniqueId of the document
    pub unique_id: String,
    /// Hide that it exists, and let no glass be broken
    #[arg(long)]
    pub lock: bool,
    /// An organisation inside, beside the publisher; may be repeated
    #[arg(long, value_name = "ODS")]
    pub open_to: Vec<OdsCode>,
    #[command(flatten)]
    pub days: Days,
    #[command(flatten)]
    pub ground: Ground,
}

#[derive(Args)]
pub(super) struct UnsealArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    /// uniqueId of the document
    pub unique_id: String,
    #[command(flatten)]
    pub ground: Ground,
}

#[derive(Args)]
pub(super) struct ConsentArgs {
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub patient: NhsNumber,
    pub purpose: String,
    #[arg(long, required_unless_present = "refused")]
    pub given: bool,
    #[arg(long, conflicts_with = "given")]
    pub refused: bool,
    #[command(flatten)]
    pub days: Days,
    #[command(flatten)]
    pub ground: Ground,
}

#[derive(Args)]
pub(super) struct ImportArgs {
    /// FHIR JSON, or CDA
    pub file: PathBuf,
    /// The organisation that records it
    #[arg(long = "as", value_name = "ODS")]
    pub organisation: OdsCode,
    /// The person or office there
    #[arg(long, value_name = "NAME", value_parser = crate::cli::line)]
    pub by: String,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}
