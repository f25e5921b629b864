//! Arguments, with examples.

use super::agreement::AgreementArgs;
use super::audit::AuditArgs;
use super::break_glass::BreakGlassArgs;
use super::outbox::OutboxArgs;
use super::patient::PatientArgs;
use super::preference::PreferenceArgs;
use super::quarantine::QuarantineArgs;
use super::relationship::RelationshipArgs;
use super::report::ReportArgs;
use super::retention::RetentionArgs;
use crate::client::Target;
use crate::config::PatientsSetting;
use crate::serve::Role;
use clap::{Args, Parser, Subcommand};
use schemas::dtm::Dtm;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Parser)]
#[command(
    name = "watling",
    version,
    about = "An IHE XDS.b document exchange hub: documents travel where an agreement says so",
    after_help = "Examples:
  watling demo                                     see the whole journey in a minute
  watling serve --data region                      start a hub with a development region
  watling publish --data region --as RXN letter.xml
  watling find --data region --as RX7 9990000018
  watling get --data region --as RX7 UNIQUE_ID -o letter.xml"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Start a hub (all roles, or those named)
    Serve(ServeArgs),
    /// Start a hub, publish synthetic documents, show who sees what
    Demo(DemoArgs),
    /// Publish documents: CDA, ITK messages, PDF, text, images
    Publish(PublishArgs),
    /// Find a patient's documents at the gateway
    Find(FindArgs),
    /// Get one document from the gateway
    Get(GetArgs),
    /// Membership and agreements: join, offer, request, decide, amend, suspend; what was and is in force
    Agreement(AgreementArgs),
    /// Who patients are: add, merge, part, freeze, split, protect
    Patient(PatientArgs),
    /// What citizens have said: share or not, sealed documents, consents
    Preference(PreferenceArgs),
    /// Uses of a broken glass: their review, digests for publishers, second factors
    BreakGlass(BreakGlassArgs),
    /// Who has a legitimate relationship with a patient: lists, entries, history
    Relationship(RelationshipArgs),
    /// What is kept: holds, controllers' approvals, what is due, destruction with a certificate
    Retention(RetentionArgs),
    /// Messages that may not be indexed as they are: look, resolve, redrive, drop
    Quarantine(QuarantineArgs),
    /// Messages to other organisations: what waits, what is parked, try again, drop
    Outbox(OutboxArgs),
    /// Who has read a document, what was taken back and who knows of it, likely duplicates
    Report(ReportArgs),
    /// List audit records and verify their chain
    Audit(AuditArgs),
    /// Check a configuration without starting anything
    Check(CheckArgs),
    /// Certificates of a development folder: export, revoke, issue
    Pki(PkiArgs),
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  watling completions bash > /etc/bash_completion.d/watling")]
    Completions { shell: clap_complete::Shell },
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling serve --data region
  watling serve --data region --role registry
  watling serve --data region --role gateway --registry-url https://10.0.0.5:8441/registry
  watling serve --data live --config watling.toml
  watling serve --data bench --conformance --codes codes.xml

On an empty folder this makes a development region: a CA, one client certificate per organisation
in DIR/pki/clients, agreements and relationships, no documents. A configuration with its own [pki]
makes a live hub and never invents certificates.")]
pub struct ServeArgs {
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A role to serve; may be repeated. All where none is named
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<Role>,
    /// Where the registry is, when it runs elsewhere
    #[arg(long, value_name = "URL")]
    pub registry_url: Option<String>,
    /// Where the repository is, when it runs elsewhere
    #[arg(long, value_name = "URL")]
    pub repository_url: Option<String>,
    /// Where the gateway is, when it runs elsewhere: it is told of documents that are taken back
    #[arg(long, value_name = "URL")]
    pub gateway_url: Option<String>,
    /// Address of the registry; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub registry_listen: Option<SocketAddr>,
    /// Address of the repository; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub repository_listen: Option<SocketAddr>,
    /// Address of the gateway; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub gateway_listen: Option<SocketAddr>,
    /// Address for HL7 v2 patient identity feeds (MLLP inside mutual TLS); none where absent
    #[arg(long, value_name = "ADDRESS")]
    pub mllp_listen: Option<SocketAddr>,
    /// Make only a CA and the hub's own certificates, no region
    #[arg(long)]
    pub empty: bool,
    /// To be tested by others: a client DIR/pki/clients/conformance.pem that may speak every
    /// transaction to registry and repository, and the letter of the profile where the hub is kinder
    /// by default; refused by a live hub
    #[arg(long)]
    pub conformance: bool,
    /// The affinity domain's code sets: a file of the hub's own form, or a test bed's codes.xml
    #[arg(long, value_name = "FILE")]
    pub codes: Option<PathBuf>,
    /// Whose documents are registered
    #[arg(long, value_enum)]
    pub patients: Option<PatientsSetting>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling demo              runs until Ctrl-C, so that you can look around
  watling demo --exit       ends with status 0 only if every step came out as expected
  watling demo --apart      the three roles as three processes")]
pub struct DemoArgs {
    /// Folder to keep the data in; a temporary one where absent
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Stop when everything has been shown
    #[arg(long)]
    pub exit: bool,
    /// Run registry, repository and gateway as three processes
    #[arg(long)]
    pub apart: bool,
    /// Documents to publish
    #[arg(long, default_value_t = 240)]
    pub documents: usize,
    /// Seed of the generator: the same seed makes the same documents
    #[arg(long, default_value_t = 1_595)]
    pub seed: u64,
}

/// Who asks, and where.
#[derive(Args)]
pub struct TargetArgs {
    /// ODS code of the organisation whose certificate in DIR/pki/clients is used
    #[arg(long = "as", value_name = "ODS", required_unless_present = "cert")]
    pub as_ods: Option<OdsCode>,
    /// Another organisation that the system acts for
    #[arg(long = "for", value_name = "ODS")]
    pub for_ods: Option<OdsCode>,
    /// Folder of the hub's data, for its addresses and development certificates
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// The hub's address instead of the one in the folder
    #[arg(long, value_name = "URL", requires_all = ["cert", "key", "cacert"])]
    pub url: Option<String>,
    /// Client certificate (PEM)
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Certificate authority of the hub (PEM)
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
}

impl From<TargetArgs> for Target {
    fn from(args: TargetArgs) -> Self {
        Self {
            as_ods: args.as_ods,
            for_ods: args.for_ods,
            data: args.data,
            url: args.url,
            cert: args.cert,
            key: args.key,
            cacert: args.cacert,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling publish --as RXN discharge.xml           a CDA document, or an ITK message
  watling publish --as RXN letters/*.xml           many, with a progress bar and a summary
  watling publish --as RXN scan.pdf --type outpatient-letter --patient 9990000018")]
pub struct PublishArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Files to publish
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Document type of files that do not say it themselves: a name or a code
    #[arg(long = "type", value_name = "TYPE", requires = "patient", value_parser = known_type)]
    pub document_type: Option<String>,
    /// NHS number of files that do not say it themselves
    #[arg(long, value_name = "NHS_NUMBER", requires = "document_type", value_parser = NhsNumber::parse)]
    pub patient: Option<NhsNumber>,
    /// Title of files that do not say it themselves
    #[arg(long)]
    pub title: Option<String>,
    /// The patient's family name
    #[arg(long, value_name = "NAME", requires = "patient")]
    pub family_name: Option<String>,
    /// The patient's given name
    #[arg(long, value_name = "NAME", requires = "family_name")]
    pub given_name: Option<String>,
    /// The patient's date of birth, 1948-03-09 or 09/03/1948
    #[arg(long, value_name = "DATE", requires = "patient", value_parser = birth_date)]
    pub born: Option<jiff::civil::Date>,
    /// When what the document is about took place, 2026-07-14 or 2026-07-14T15:30
    #[arg(long, value_name = "DATE", requires = "patient", value_parser = event)]
    pub event: Option<Dtm>,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling find --as RX7 9990000018
  watling find --as ZZP01 '900 000 0009' --type inpatient-discharge --since 7d
  watling find --as ZZS01 --for ZZP02 9990000034 --json

--type takes a document type's name, its SNOMED CT code or an alias of it. --since means arrival at
the hub: a document written last week can arrive today.")]
pub struct FindArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// The patient
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub nhs_number: NhsNumber,
    /// Only this document type
    #[arg(long = "type", value_name = "TYPE", value_parser = known_type)]
    pub document_type: Option<String>,
    /// Only what arrived since a date (2026-11-01) or within an age (7d, 12h)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Dtm>,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  watling get --as RX7 2.25.1234 -o report.xml
  watling get --as RX7 2.25.1234 -o -              to standard output")]
pub struct GetArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// uniqueId of the document
    #[arg(value_name = "UNIQUE_ID")]
    pub unique_id: String,
    /// File to write; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Print what was fetched as one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  watling check --config watling.toml --data live   before a restart")]
pub struct CheckArgs {
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Look at this data folder too
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Args)]
pub struct PkiArgs {
    #[command(subcommand)]
    pub command: PkiCommand,
}

#[derive(Subcommand)]
pub enum PkiCommand {
    /// Write a client certificate, its key and the CA as one PKCS#12 file
    #[command(after_help = "Example:
  watling pki export --data region RXN -o rxn.p12 --password changeit")]
    Export {
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
        ods: OdsCode,
        #[arg(short, long)]
        output: PathBuf,
        #[arg(long, env = "PKCS12_PASSWORD", hide_env_values = true)]
        password: String,
    },
    /// Put an organisation's certificate on the revocation list: its connections, new and open, are refused within a second
    Revoke {
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
        ods: OdsCode,
    },
    /// Issue a client certificate for another system or organisation
    Issue {
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
        ods: OdsCode,
        /// Name of the system (subject CN)
        #[arg(long)]
        system: String,
    },
}

pub(super) fn since(text: &str) -> Result<Dtm, String> {
    crate::client::find::since(text, node::clock::Clock::System.now())
}

fn birth_date(text: &str) -> Result<jiff::civil::Date, String> {
    schemas::described::birth_date(text, node::clock::Clock::System.now())
}

fn event(text: &str) -> Result<Dtm, String> {
    schemas::described::moment(text, node::clock::Clock::System.now())
}

/// A document type's name or one of its codes.
fn known_type(text: &str) -> Result<String, String> {
    let code_sets = crate::fixtures::code_sets()?;
    crate::client::document_type(&code_sets, text).map(|_| text.to_owned())
}
