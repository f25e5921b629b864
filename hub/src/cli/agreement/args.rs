//! Arguments, with examples.

use super::explain::ExplainArgs;
use super::gaps::GapsArgs;
use super::matrix::MatrixArgs;
use super::simulate::SimulateArgs;
use crate::cli::line;
use clap::{Args, Subcommand};
use gateway::region::{EvidenceKind, ResidualRisk, TypeSelector};
use jiff::civil::Date;
use schemas::ods_code::OdsCode;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement list                                    what is in force today
  watling agreement list --on 2026-03-01                    what was on that day
  watling agreement request STROKE-2027 --from RXN --type group:discharge --purpose direct-care \\
      --role clinician --justification 'stroke follow-up' --legal-basis 'UK GDPR 6(1)(e), 9(2)(h)' \\
      --dpia DPIA-17 --residual-risk low --by 'A Doctor, IG Lead' --for ZZH01
  watling agreement approve STROKE-2027 --by 'B Guardian, Caldicott Guardian' --for RXN
  watling agreement history STROKE-2027
  watling agreement plan region.toml                        what a file would change, for whom

Run it where the gateway's folder is; a hub that serves it may go on, and every gateway follows within
a second. Every change is on the gateway's record with who made it.")]
pub struct AgreementArgs {
    #[command(subcommand)]
    pub(super) command: AgreementCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    pub(super) data: PathBuf,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum AgreementCommand {
    /// Agreements with their state, today or on a day
    List(ListArgs),
    /// One agreement, whole, as a file that `apply` takes
    Show(ShowArgs),
    /// What differs between two versions, or between a file and the store, and who sees more or less
    Diff(DiffArgs),
    /// What a file would change, object by object, and for whom; changes nothing
    Plan(PlanArgs),
    /// Show what a file would change, ask, and change it: all of it or nothing
    Apply(ApplyArgs),
    /// The region, or one agreement, as a file that `apply` takes
    Export(ExportArgs),
    /// Who did what, when, to which version, and why
    History(HistoryArgs),
    /// A publisher would share: publish an offer, or sign a draft
    Offer(OfferArgs),
    /// A consumer asks: request what is offered, or anew
    Request(RequestArgs),
    /// A publisher approves a request or an amendment
    Approve(DecideArgs),
    /// A publisher refuses a request or an amendment
    Refuse(ReasonedArgs),
    /// Change types, parties or dates: what takes away holds at once, what adds waits for signatures
    Amend(AmendArgs),
    /// Stop it at once, as a whole or one's own part; or a membership
    Suspend(SuspendArgs),
    /// Let it go on
    Resume(SuspendArgs),
    /// Leave it for good, as a whole or one's own part
    Withdraw(WithdrawArgs),
    /// An organisation signs the region's framework
    Join(Box<JoinArgs>),
    /// Record a member's new evidence
    Evidence(EvidenceArgs),
    /// Make a draft from a template, or from any agreement
    Clone(CloneArgs),
    /// Evidence that runs out, with what hangs on it
    Expiring(ExpiringArgs),
    /// What a draft would change: the audit's questions asked again of the region with it
    Simulate(SimulateArgs),
    /// What an organisation would see of a patient, and why not
    Explain(ExplainArgs),
    /// Who may see what, by agreements in force and the roles' tiers
    Matrix(MatrixArgs),
    /// What is left undone: unsigned, undecided, due, running out, unused
    Gaps(GapsArgs),
}

/// Who acts.
#[derive(Args, Clone)]
pub(super) struct ActorArgs {
    /// The person, the office or both: 'B Guardian, Caldicott Guardian'
    #[arg(long, value_name = "NAME OR OFFICE", value_parser = line)]
    pub by: String,
    /// For which organisation
    #[arg(long = "for", value_name = "ODS")]
    pub for_ods: OdsCode,
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// As the gateways had it on that day, British time
    #[arg(long, value_name = "DAY")]
    pub on: Option<Date>,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement show LSC-GP-2026
  watling agreement show LSC-GP-2026 --version 3
  watling agreement show LSC-GP-2026 --on 2026-03-01 --json")]
pub(super) struct ShowArgs {
    pub id: String,
    #[arg(long, value_name = "N", conflicts_with = "on")]
    pub version: Option<u32>,
    /// The version that stood at the end of that day, British time
    #[arg(long, value_name = "DAY")]
    pub on: Option<Date>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement diff LSC-GP-2026 2 3
  watling agreement diff LSC-GP-2026 2                      version 2 and the newest
  watling agreement diff region.toml                        a file and the store")]
pub(super) struct DiffArgs {
    /// An agreement's id, or a file
    #[arg(value_name = "ID|FILE")]
    pub what: String,
    #[arg(value_name = "VERSION")]
    pub from: Option<u32>,
    #[arg(value_name = "VERSION")]
    pub to: Option<u32>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(super) struct PlanArgs {
    pub file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement apply new.toml --plan                   what would change
  watling agreement apply new.toml --by 'D Operator' --for QE1
  watling agreement apply new.toml --by 'D Operator' --for QE1 --yes    in scripts")]
pub(super) struct ApplyArgs {
    pub file: PathBuf,
    /// Say what would change, change nothing
    #[arg(long)]
    pub plan: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Who applies it; the account's name where absent
    #[arg(long, value_name = "NAME OR OFFICE", value_parser = line)]
    pub by: Option<String>,
    /// For which organisation
    #[arg(long = "for", value_name = "ODS", requires = "by")]
    pub for_ods: Option<OdsCode>,
    /// A second person, where approving takes two and the file lets somebody see more
    #[arg(long, value_name = "NAME OR OFFICE", value_parser = line, requires = "by")]
    pub second: Option<String>,
    #[command(flatten)]
    pub safety: SafetyArgs,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Who has weighed the clinical risk.
#[derive(Args, Clone)]
pub(super) struct SafetyArgs {
    /// Where many would lose documents for direct care: who has weighed the risk, and on what paper
    #[arg(long, value_name = "NAME, OFFICE, REFERENCE", value_parser = clinical_safety)]
    pub clinical_safety_approval: Option<String>,
}

#[derive(Args)]
pub(super) struct ExportArgs {
    /// Only this agreement
    pub id: Option<String>,
    /// File to write; standard output where absent
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct HistoryArgs {
    /// An agreement's id, an organisation's code, or everything
    pub id: Option<String>,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

/// What an agreement says.
#[derive(Args, Clone)]
pub(super) struct TermsArgs {
    /// What it is called
    #[arg(long, value_parser = line)]
    pub title: Option<String>,
    /// Document types: a name, `group:NAME` or `*`; may be repeated
    #[arg(long = "type", value_name = "TYPE", value_parser = selector)]
    pub types: Vec<TypeSelector>,
    /// Purposes; may be repeated
    #[arg(long = "purpose", value_name = "PURPOSE")]
    pub purposes: Vec<String>,
    /// Roles; may be repeated
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// Only for these departments of the consumers
    #[arg(long = "department", value_name = "CODE")]
    pub departments: Vec<String>,
    /// What is asked of those who read
    #[arg(long = "condition", value_name = "TEXT", value_parser = line)]
    pub conditions: Vec<String>,
    /// Highest confidentialityCode: N, R or V
    #[arg(long, value_parser = ["N", "R", "V"])]
    pub confidentiality: Option<String>,
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub legal_basis: Option<String>,
    /// First day; today where absent
    #[arg(long, value_name = "DAY")]
    pub starts: Option<Date>,
    /// Last day
    #[arg(long, value_name = "DAY")]
    pub ends: Option<Date>,
    /// Day by which it is looked at again
    #[arg(long, value_name = "DAY")]
    pub review_by: Option<Date>,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling agreement offer LETTERS-2027 --to group:practices --type group:letter --purpose direct-care \\
      --role clinician --condition 'Read for the patient in front of you' --by 'A Person, IG Lead' --for RXN")]
pub(super) struct OfferArgs {
    pub id: String,
    /// Consumers that it is for: ODS codes or `group:NAME`
    #[arg(long = "to", value_name = "PARTY")]
    pub to: Vec<String>,
    #[command(flatten)]
    pub terms: TermsArgs,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement request LETTERS-2027 --justification 'continuity of care' --by 'P Artner' --for ZZP01
  watling agreement request AUDIT-2027 --from RXN --type group:discharge --purpose planning --role analyst \\
      --justification 'winter planning' --legal-basis 's.251 support 26/CAG/0001' --dpia DPIA-9 \\
      --residual-risk medium --by 'N Planner, SIRO' --for QE1")]
pub(super) struct RequestArgs {
    pub id: String,
    /// Publishers whose documents it is about: ODS codes or `group:NAME`
    #[arg(long = "from", value_name = "PARTY")]
    pub from: Vec<String>,
    /// Why the documents are needed
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub justification: String,
    /// The data protection impact assessment
    #[arg(long, value_name = "REFERENCE", requires = "residual_risk", value_parser = line)]
    pub dpia: Option<String>,
    /// low, medium or high; high blocks approval
    #[arg(long, value_name = "RISK", requires = "dpia", value_parser = residual_risk)]
    pub residual_risk: Option<ResidualRisk>,
    #[command(flatten)]
    pub terms: TermsArgs,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling agreement approve STROKE-2027 --by 'B Guardian, Caldicott Guardian' --for RXN

Where the region asks for two persons, the second is another one. A publisher decides for itself; for
a group the region's operator, where the framework says so.")]
pub(super) struct DecideArgs {
    pub id: String,
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling agreement refuse STROKE-2027 --reason 'no legal basis' --by 'B Guardian' --for RXN")]
pub(super) struct ReasonedArgs {
    pub id: String,
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub reason: String,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement amend LSC-MH-2026 --add-type group:letter --by 'A Person' --for RW5
  watling agreement amend LSC-MH-2026 --add-consumer RX7 --by 'D Operator' --for QE1
  watling agreement amend LSC-MH-2026 --remove-type group:care-plan --by 'D Operator' --for QE1
  watling agreement amend LSC-MH-2026 --ends 2027-12-31 --by 'A Person' --for RW5

The agreement stands as it was until those sign whom the change concerns: all publishers, or where the
framework says so (amend_without_signing_again) only those whose documents it opens.")]
pub(super) struct AmendArgs {
    pub id: String,
    /// A document type to share: a name, `group:NAME` or `*`
    #[arg(long, value_name = "TYPE", value_parser = selector)]
    pub add_type: Vec<TypeSelector>,
    /// A document type to share no longer, as the agreement names it
    #[arg(long, value_name = "TYPE", value_parser = selector)]
    pub remove_type: Vec<TypeSelector>,
    /// A publisher, ODS code or `group:NAME`
    #[arg(long, value_name = "PARTY")]
    pub add_publisher: Vec<String>,
    /// A consumer, ODS code or `group:NAME`
    #[arg(long, value_name = "PARTY", visible_alias = "add-party")]
    pub add_consumer: Vec<String>,
    /// A publisher or a consumer
    #[arg(long, value_name = "PARTY")]
    pub remove_party: Vec<String>,
    /// Day by which it is looked at again
    #[arg(long, value_name = "DAY")]
    pub review_by: Option<Date>,
    /// Last day: an earlier one holds at once, a later one waits for signatures
    #[arg(long, value_name = "DAY")]
    pub ends: Option<Date>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[command(flatten)]
    pub safety: SafetyArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement suspend LSC-GP-2026 --reason 'incident 26-17' --by 'B Guardian' --for RXN
  watling agreement suspend ZZP04 --membership --reason 'toolkit not met' --by 'D Operator' --for QE1
  watling agreement resume LSC-GP-2026 --reason 'closed' --by 'B Guardian' --for RXN

One of several parties suspends and resumes its own part; the operator, and who stands alone on its
side, the whole.")]
pub(super) struct SuspendArgs {
    /// An agreement's id; with --membership an organisation's code
    pub id: String,
    /// The membership of an organisation
    #[arg(long)]
    pub membership: bool,
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub reason: String,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[command(flatten)]
    pub safety: SafetyArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(super) struct WithdrawArgs {
    pub id: String,
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub reason: String,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[command(flatten)]
    pub safety: SafetyArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement join ZZP06 --office 'Senior partner' --dspt 'Standards Met' --dspt-until 2027-06-30 \\
      --ico ZA123456 --ico-until 2027-03-31 --caldicott-guardian 'P Artner' --by 'P Artner' --for ZZP06
  watling agreement join ZZP09 --name 'Newbridge Surgery' --kind practice --office 'Senior partner' ...

A group of its kind has it at once: nobody signs anything again.")]
pub(super) struct JoinArgs {
    pub ods: OdsCode,
    /// Of an organisation that the region does not know yet
    #[arg(long, requires = "kind", value_parser = line)]
    pub name: Option<String>,
    /// acute, community, mental-health, practice, council, hospice ...
    #[arg(long, requires = "name", value_parser = kind)]
    pub kind: Option<gateway::region::OrganisationKind>,
    /// The office that signs
    #[arg(long, value_parser = line)]
    pub office: String,
    /// Day of the signature; today where absent
    #[arg(long, value_name = "DAY")]
    pub signed_on: Option<Date>,
    /// Published status of the toolkit
    #[arg(long, value_name = "STATUS", value_parser = line)]
    pub dspt: Option<String>,
    #[arg(long, value_name = "DAY", requires = "dspt")]
    pub dspt_until: Option<Date>,
    /// End of the improvement plan behind Approaching Standards
    #[arg(long, value_name = "DAY", requires = "dspt")]
    pub dspt_plan_until: Option<Date>,
    /// ICO registration number
    #[arg(long, value_name = "NUMBER", value_parser = line)]
    pub ico: Option<String>,
    #[arg(long, value_name = "DAY", requires = "ico")]
    pub ico_until: Option<Date>,
    #[arg(long, value_name = "NAME", value_parser = line)]
    pub caldicott_guardian: Option<String>,
    #[arg(long, value_name = "NAME", value_parser = line)]
    pub siro: Option<String>,
    #[arg(long, value_name = "NAME", value_parser = line)]
    pub dpo: Option<String>,
    /// Document types that it offers to the region
    #[arg(long, value_name = "TYPE", value_parser = selector)]
    pub publishes: Vec<TypeSelector>,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement evidence RXN dspt 'Standards Met' --until 2027-06-30 --by 'C Officer, SIRO' --for RXN
  watling agreement evidence ZZP01 ico ZA123456 --until 2027-03-31 --by 'D Operator' --for QE1")]
pub(super) struct EvidenceArgs {
    pub ods: OdsCode,
    /// dspt, ico, caldicott-guardian, siro or dpo
    #[arg(value_parser = evidence_kind)]
    pub kind: EvidenceKind,
    /// The status, the number, or who holds the office
    #[arg(value_name = "WHAT", value_parser = line)]
    pub shown: String,
    /// Last day
    #[arg(long, value_name = "DAY")]
    pub until: Option<Date>,
    /// End of the improvement plan behind Approaching Standards
    #[arg(long, value_name = "DAY")]
    pub plan_until: Option<Date>,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling agreement clone TEMPLATE-DIRECT-CARE RXN-GP-2027 --publisher RXN --consumer group:practices \\
      --title 'Discharges to practices' --by 'A Person, IG Lead' --for RXN
  watling agreement offer RXN-GP-2027 --by 'A Person, IG Lead' --for RXN")]
pub(super) struct CloneArgs {
    /// A template's id, or any agreement's
    pub template: String,
    /// Id of the draft
    pub id: String,
    /// Publishers instead of the template's
    #[arg(long, value_name = "PARTY")]
    pub publisher: Vec<String>,
    /// Consumers instead of the template's
    #[arg(long, value_name = "PARTY")]
    pub consumer: Vec<String>,
    #[command(flatten)]
    pub terms: TermsArgs,
    #[command(flatten)]
    pub actor: ActorArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling agreement expiring --json

Warned 90, 30 and 7 days before (policy.evidence.warn_days). Nothing is suspended by itself.")]
pub(super) struct ExpiringArgs {
    /// As if today were that day
    #[arg(long, value_name = "DAY")]
    pub on: Option<Date>,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

fn selector(text: &str) -> Result<TypeSelector, std::convert::Infallible> {
    Ok(TypeSelector::parse(text))
}

/// A word of a kebab-case enum.
fn word<T: serde::de::DeserializeOwned>(text: &str, known: &str) -> Result<T, String> {
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map_err(|_| format!("one of {known}"))
}

fn residual_risk(text: &str) -> Result<ResidualRisk, String> {
    word(text, "low, medium, high")
}

fn evidence_kind(text: &str) -> Result<EvidenceKind, String> {
    word(text, "dspt, ico, caldicott-guardian, siro, dpo")
}

fn kind(text: &str) -> Result<gateway::region::OrganisationKind, String> {
    word(
        text,
        "acute, community, mental-health, learning-disability, ambulance, practice, out-of-hours, hospice, council, commissioner, supplier",
    )
}

/// A name, an office and a reference: who answers for it, and where it is written.
fn clinical_safety(text: &str) -> Result<String, String> {
    let text = line(text)?;
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    match parts.len() >= 3 && parts.iter().all(|part| !part.is_empty()) {
        true => Ok(parts.join(", ")),
        false => Err("a name, an office and a reference, with commas between: 'E Doctor, Clinical Safety Officer, CSO-2026-14'".to_owned()),
    }
}
