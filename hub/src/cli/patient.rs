//! `watling patient ...`: by hand what a patient identity feed cannot say, under the same rules.

use super::{Ended, print_json, runtime};
use crate::config::Config;
use crate::data::DataFolder;
use crate::serve::{Options, open_identities};
use clap::{Args, Subcommand};
use node::audit::{Audit, AuditEvent, AuditKind, FeedAction, FeedRecord, Outcome};
use node::clock::Clock;
use registry::identity::{IdentityError, IdentityRequest, change};
use registry::store::identity::{IdentityProblem, MergeMessage};
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use serde_json::json;
use std::io::BufRead;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  watling patient add --data region 9990000018
  watling patient merge --data region 9990000026 --into 9990000018
  watling patient unmerge --data region 9990000026
  watling patient freeze --data region 9990000018
  watling patient sensitive --data region 9990000018 --on --reason 'safeguarding lead, 12 May'
  watling patient split --data region ENTRY_UUID --to 9990000034
  watling patient protect --data region < two-numbers.txt
  watling patient list-problems --data region

A patient is an NHS number, or an identifier of another authority as ID^^^&OID&ISO. Run it where the
registry's folder is; a hub that serves it may go on. Every command is on the registry's record.")]
pub struct PatientArgs {
    #[command(subcommand)]
    command: PatientCommand,
    /// Folder of the hub's data
    #[arg(long, value_name = "DIR", default_value = "data", global = true)]
    data: PathBuf,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum PatientCommand {
    /// Make a patient known, as a feed would
    Add {
        #[arg(value_parser = patient)]
        patient: PatientId,
    },
    /// Merge one identifier into another: queries on the surviving one find both
    Merge {
        /// The identifier that goes
        #[arg(value_parser = patient)]
        subsumed: PatientId,
        /// The identifier that stays
        #[arg(long, value_name = "PATIENT", value_parser = patient)]
        into: PatientId,
    },
    /// Undo a merge: the identifier has again exactly what was its own
    Unmerge {
        #[arg(value_parser = patient)]
        patient: PatientId,
    },
    /// Two people share the number: readers are warned, nothing new comes in, nothing is merged
    Freeze {
        #[arg(value_parser = patient)]
        patient: PatientId,
    },
    /// The number is one person's again
    Unfreeze {
        #[arg(value_parser = patient)]
        patient: PatientId,
    },
    /// Where the patient lives and is registered must not be told: address, practice and place are
    /// masked in every answer, of documents that are here already too
    Sensitive {
        #[arg(value_parser = patient)]
        patient: PatientId,
        /// Mask
        #[arg(long, required_unless_present = "off")]
        on: bool,
        /// Take back what an operator has said; what PDS says stays in force
        #[arg(long, conflicts_with = "on")]
        off: bool,
        /// For the record: who decided, and why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Take one entry off a frozen number and give it to the patient it is about
    Split {
        #[arg(value_parser = entry)]
        entry: EntryUuid,
        #[arg(long, value_name = "PATIENT", value_parser = patient)]
        to: PatientId,
    },
    /// Give an entry back to the number it was taken off
    Unsplit {
        #[arg(value_parser = entry)]
        entry: EntryUuid,
    },
    /// Two identifiers must never be linked (adoption, gender change, protection): this beats every
    /// merge, and undoes one that stands
    #[command(
        after_help = "The two are read from standard input, one a line, so that no history of
commands keeps them together. They are stored as a digest and never listed.

Example:
  watling patient protect --data region < two-numbers.txt"
    )]
    Protect,
    /// Two identifiers may be linked again; read from standard input like those of `protect`
    Unprotect,
    /// What a person should look at: shared numbers, refused merges, patients without a number
    ListProblems {
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
}

fn patient(text: &str) -> Result<PatientId, String> {
    if text.contains('^') {
        return PatientId::parse(text).map_err(|error| error.to_string());
    }
    NhsNumber::parse(text).map(PatientId::Nhs).map_err(|error| error.to_string())
}

fn entry(text: &str) -> Result<EntryUuid, String> {
    EntryUuid::parse(text).map_err(|error| error.to_string())
}

/// Two patients, one a line.
fn pair(input: impl BufRead) -> Result<(PatientId, PatientId), String> {
    let lines = input.lines().map(|line| line.map_err(|error| error.to_string()));
    let lines: Result<Vec<String>, String> = lines.collect();
    let lines = lines?;
    let given: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|l| !l.is_empty()).collect();
    match given[..] {
        [one, other] => Ok((patient(one)?, patient(other)?)),
        _ => Err("two patients are read from standard input, one a line".to_owned()),
    }
}

pub(super) fn run(args: PatientArgs) -> Result<Ended, String> {
    let mut why = None;
    let request = match args.command {
        PatientCommand::ListProblems { json } => {
            return list(&args.data, args.config.as_deref(), json);
        }
        PatientCommand::Add { patient } => IdentityRequest::Add(patient),
        PatientCommand::Merge { subsumed, into } => {
            let message_id = node::ids::uuid().to_string();
            let message = MergeMessage { source: "by hand".to_owned(), message_id };
            IdentityRequest::Merge { surviving: into, subsumed, message }
        }
        PatientCommand::Unmerge { patient } => IdentityRequest::Unmerge(patient),
        PatientCommand::Freeze { patient } => IdentityRequest::Freeze(patient),
        PatientCommand::Unfreeze { patient } => IdentityRequest::Unfreeze(patient),
        PatientCommand::Sensitive { patient, on, off: _, reason } => {
            why = Some(reason);
            IdentityRequest::Withhold { patient, withheld: on }
        }
        PatientCommand::Split { entry, to } => IdentityRequest::Split { entry, to },
        PatientCommand::Unsplit { entry } => IdentityRequest::GiveBack(entry),
        PatientCommand::Protect => {
            let (one, other) = pair(std::io::stdin().lock())?;
            IdentityRequest::Protect(one, other)
        }
        PatientCommand::Unprotect => {
            let (one, other) = pair(std::io::stdin().lock())?;
            IdentityRequest::Unprotect(one, other)
        }
    };
    let (runtime, options) = opened(&args.data, args.config.as_deref())?;
    let result = runtime.block_on(async {
        let identities = open_identities(&options).await?;
        let result = change(&identities, &request).await;
        let folder = options.data.join("registry");
        let audit = Audit::open(&folder, "registry", Clock::System).map_err(|e| e.to_string())?;
        for event in records(&request, &result) {
            let event = why.iter().fold(event, |event, why| event.because(why.clone()));
            audit.record(event).await.map_err(|error| error.to_string())?;
        }
        Ok::<_, String>(result)
    })?;
    match result {
        Ok(()) => {
            say!("done");
            Ok(Ended::Done)
        }
        Err(error) => Err(error.to_string()),
    }
}

fn opened(
    data: &std::path::Path,
    config: Option<&std::path::Path>,
) -> Result<(tokio::runtime::Runtime, Options), String> {
    let folder = data.join("registry");
    if !folder.is_dir() {
        return Err(format!(
            "{} is not there: is this a hub's data folder with a registry?",
            folder.display()
        ));
    }
    DataFolder::open(data)?;
    Ok((runtime()?, Options::new(data.to_owned(), Config::load(config)?)))
}

/// One record for each patient, none with two; of a protected pair one that names neither.
fn records(request: &IdentityRequest, result: &Result<(), IdentityError>) -> Vec<AuditEvent> {
    use FeedAction::{Create, Delete, Update};
    let outcome = if result.is_ok() { Outcome::Success } else { Outcome::SeriousFailure };
    let event = |action, patient: Option<&PatientId>, what: String| {
        let mut event = AuditEvent::new("registry", AuditKind::PatientIdentity, outcome);
        event.patient_id = patient.map(PatientId::text);
        let message_id = String::new();
        event.feed = Some(FeedRecord { action, message_id, sender: None, receiver: None });
        let event = event.because(format!("by hand: {what}"));
        match result {
            Ok(()) => event,
            Err(error) => event.because(error.to_string()),
        }
    };
    let one = |action, patient, what: &str| vec![event(action, patient, what.to_owned())];
    match request {
        IdentityRequest::Add(patient) => one(Create, Some(patient), "added"),
        IdentityRequest::Merge { .. } if result.is_err() => one(Update, None, "merge refused"),
        IdentityRequest::Merge { surviving, subsumed, .. } => vec![
            event(Delete, Some(subsumed), "merged into another".to_owned()),
            event(Update, Some(surviving), "another was merged into it".to_owned()),
        ],
        IdentityRequest::Unmerge(patient) => one(Update, Some(patient), "its merge undone"),
        IdentityRequest::Freeze(patient) => one(Update, Some(patient), "frozen"),
        IdentityRequest::Unfreeze(patient) => one(Update, Some(patient), "no longer frozen"),
        IdentityRequest::Withhold { patient, withheld: true } => {
            one(Update, Some(patient), "address, practice and location withheld")
        }
        IdentityRequest::Withhold { patient, withheld: false } => {
            one(Update, Some(patient), "address, practice and location no longer withheld by hand")
        }
        IdentityRequest::Protect(..) => one(Update, None, "two are never to be linked"),
        IdentityRequest::Unprotect(..) => one(Update, None, "two may be linked again"),
        IdentityRequest::Split { entry, to } => {
            vec![event(Update, Some(to), format!("{entry} split off another number"))]
        }
        IdentityRequest::GiveBack(entry) => {
            vec![event(Update, None, format!("{entry} given back to its number"))]
        }
    }
}

fn list(
    data: &std::path::Path,
    config: Option<&std::path::Path>,
    as_json: bool,
) -> Result<Ended, String> {
    let (runtime, options) = opened(data, config)?;
    let problems = runtime.block_on(async {
        let identities = open_identities(&options).await?;
        identities.problems().await.map_err(|error| error.to_string())
    })?;
    if as_json {
        let all: Vec<_> = problems.iter().map(as_value).collect();
        print_json(&all)?;
        return Ok(Ended::Done);
    }
    for problem in &problems {
        match problem {
            IdentityProblem::Frozen { patient, entries } => {
                say!("shared number   {}  {entries} entries", patient.text());
            }
            IdentityProblem::Untraced { patient, entries } => {
                say!("without number  {}  {entries} entries", patient.text());
            }
            IdentityProblem::RefusedMerge { subsumed, surviving, at, source, reason } => {
                say!("refused merge   {subsumed} into {surviving}  {at} {source}: {reason}");
            }
        }
    }
    if problems.is_empty() {
        say!("nothing to look at");
    }
    Ok(Ended::Done)
}

fn as_value(problem: &IdentityProblem) -> serde_json::Value {
    match problem {
        IdentityProblem::Frozen { patient, entries } => {
            json!({ "problem": "shared-number", "patient": patient.text(), "entries": entries })
        }
        IdentityProblem::Untraced { patient, entries } => {
            json!({ "problem": "without-number", "patient": patient.text(), "entries": entries })
        }
        IdentityProblem::RefusedMerge { subsumed, surviving, at, source, reason } => json!({
            "problem": "refused-merge", "subsumed": subsumed, "surviving": surviving, "at": at,
            "source": source, "reason": reason,
        }),
    }
}
