//! `watling relationship ...`: who has a legitimate relationship with a patient, and why.

mod args;
mod import;

pub use args::RelationshipArgs;

use super::moment::{moment, moment_of_millis};
use super::{Ended, print_json, runtime};
use crate::config::Config;
use crate::serve::{Options, open_identities};
use args::{AddArgs, EndArgs, ListArgs, RelationshipCommand};
use gateway::relationship::plan::Kept;
use gateway::relationship::today;
use gateway::store::GatewayStore;
use gateway::store::relationship::{Ending, Entered, Happened};
use gateway::store::transactional::Flagged;
use jiff::civil::Date;
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn run(args: RelationshipArgs) -> Result<Ended, String> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let desk = Desk::open(&args.data, args.config).await?;
        match args.command {
            RelationshipCommand::List(args) => list(&desk, &args).await,
            RelationshipCommand::History(args) => history(&desk, &args).await,
            RelationshipCommand::Add(args) => add(&desk, args).await,
            RelationshipCommand::End(args) => end(&desk, args).await,
            RelationshipCommand::Import(args) => import::run(&desk, args).await,
        }
    })
}

/// The gateway's folder, opened for a command.
struct Desk {
    store: GatewayStore,
    audit: Audit,
    clock: Clock,
    data: PathBuf,
    config: Option<PathBuf>,
}

/// In the place of what would tell where a protected patient is.
const PROTECTED: &str = "withheld";

impl Desk {
    async fn open(data: &Path, config: Option<PathBuf>) -> Result<Self, String> {
        let folder = data.join("gateway");
        let path = folder.join("region.db");
        if !path.is_file() {
            return Err(format!(
                "{} is not there: is this a hub's data folder with a gateway?",
                path.display()
            ));
        }
        let clock = Clock::System;
        Ok(Self {
            store: GatewayStore::open(&path).await.map_err(|error| error.to_string())?,
            audit: Audit::open(&folder, "gateway", clock.clone()).map_err(|e| e.to_string())?,
            clock,
            data: data.to_owned(),
            config,
        })
    }

    /// Whether nothing may tell where the patient is, as the registry beside knows.
    async fn protects(&self, patient: NhsNumber) -> Result<bool, String> {
        if !self.data.join("registry").is_dir() {
            return Ok(false);
        }
        let config = Config::load(self.config.as_deref())?;
        let identities = open_identities(&Options::new(self.data.clone(), config)).await?;
        let sensitive = identities.store.is_sensitive(&PatientId::Nhs(patient)).await;
        sensitive.map_err(|error| error.to_string())
    }

    fn today(&self) -> Date {
        today(&self.clock)
    }

    async fn record(
        &self,
        kind: AuditKind,
        patient: Option<NhsNumber>,
        what: String,
    ) -> Result<(), String> {
        let mut event = AuditEvent::new("gateway", kind, Outcome::Success).because(what);
        event.patient_id = patient.map(|patient| PatientId::Nhs(patient).text());
        self.audit.record(event).await.map_err(|error| error.to_string())
    }
}

fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}

async fn list(desk: &Desk, args: &ListArgs) -> Result<Ended, String> {
    let protected = desk.protects(args.patient).await?;
    let (kept, died_on) = desk.store.relationships_of(args.patient).await.map_err(failed)?;
    let flags = desk.store.flags_of(args.patient).await.map_err(failed)?;
    let what = "relationships of the patient were listed".to_owned();
    desk.record(AuditKind::Report, Some(args.patient), what).await?;
    let today = desk.today();
    if args.json {
        let kept = kept.iter().map(|one| as_value(one, today));
        let mut values: Vec<Value> = kept.chain(flags.iter().map(flag_value)).collect();
        values.iter_mut().filter(|_| protected).for_each(mask);
        print_json(&values)?;
        return Ok(Ended::Done);
    }
    if let Some(day) = died_on {
        say!("died on {day}: every relationship ended with that day");
    }
    if kept.is_empty() && flags.is_empty() {
        say!("no relationship is known");
        return Ok(Ended::Done);
    }
    let row = |cells: [&str; 7]| {
        let [ods, kind, state, starts, ends, age, source] = cells;
        say!("{ods:<8} {kind:<20} {state:<10} {starts:<10} {ends:<10} {age:>8}  {source}");
    };
    row(["ODS", "KIND", "STATE", "STARTS", "ENDS", "AGE", "SOURCE"]);
    for one in &kept {
        let (starts, ends) = (one.starts.to_string(), shown(one.ends));
        let age = age(one, today);
        let (ods, source) = match protected {
            true => (PROTECTED, PROTECTED),
            false => (one.ods.as_str(), one.source.as_str()),
        };
        row([ods, one.kind.name(), one.state(today), &starts, &ends, &age, source]);
    }
    for one in &flags {
        let Flagged { ods, flag, until, system, .. } = one;
        let (kind, until) = (format!("transactional {}", flag.kind), moment_of_millis(*until));
        let (ods, system) = if protected { (PROTECTED, PROTECTED) } else { (&**ods, &**system) };
        let reference = if protected { PROTECTED } else { &flag.reference };
        say!("{ods:<8} {kind} {reference} until {until} ({system})");
    }
    Ok(Ended::Done)
}

/// Takes out of a row what would tell where the patient is.
fn mask(value: &mut Value) {
    for name in ["ods", "source", "reference", "system", "user", "by"] {
        if let Some(told) = value.get_mut(name).filter(|told| !told.is_null()) {
            *told = PROTECTED.into();
        }
    }
}

fn shown(day: Option<Date>) -> String {
    day.map_or_else(|| "-".to_owned(), |day| day.to_string())
}

/// Days since the last word that it stands.
fn age(one: &Kept, today: Date) -> String {
    let days = today.since(one.evidence_on).map_or(0, |span| span.get_days());
    format!("{} days", days.max(0))
}

fn as_value(one: &Kept, today: Date) -> Value {
    json!({
        "ods": one.ods.as_str(),
        "kind": one.kind.name(),
        "state": one.state(today),
        "starts": one.starts.to_string(),
        "ends": one.ends.map(|day| day.to_string()),
        "overOn": one.over.map(|(day, _)| day.to_string()),
        "overBecause": one.over.map(|(_, because)| because.name()),
        "reference": one.reference,
        "source": one.source,
        "recordedAt": one.recorded_at,
        "evidenceOn": one.evidence_on.to_string(),
    })
}

fn flag_value(one: &Flagged) -> Value {
    json!({
        "ods": one.ods,
        "kind": "transactional",
        "event": one.flag.kind,
        "reference": one.flag.reference,
        "openedAt": moment_of_millis(one.opened_at),
        "until": moment_of_millis(one.until),
        "system": one.system,
        "user": one.user,
    })
}

async fn history(desk: &Desk, args: &ListArgs) -> Result<Ended, String> {
    let protected = desk.protects(args.patient).await?;
    let happened = desk.store.relationship_history(args.patient).await.map_err(failed)?;
    let what = "the history of the patient's relationships was listed".to_owned();
    desk.record(AuditKind::Report, Some(args.patient), what).await?;
    if args.json {
        let mut values: Vec<Value> = happened.iter().map(happened_value).collect();
        values.iter_mut().filter(|_| protected).for_each(mask);
        print_json(&values)?;
        return Ok(Ended::Done);
    }
    for one in &happened {
        let Happened { at, ods, kind, starts, ends, what, source, by } = one;
        let (at, ends, kind) = (moment(at), shown(*ends), kind.name());
        let (ods, source, by) = match protected {
            true => (PROTECTED, PROTECTED, PROTECTED),
            false => (ods.as_str(), source.as_str(), by.as_str()),
        };
        say!("{at}  {ods} {kind} from {starts} until {ends}: {what} ({source}; {by})");
    }
    if happened.is_empty() {
        say!("nothing has changed since the region's file");
    }
    Ok(Ended::Done)
}

fn happened_value(one: &Happened) -> Value {
    json!({
        "at": one.at,
        "ods": one.ods.as_str(),
        "kind": one.kind.name(),
        "starts": one.starts.to_string(),
        "ends": one.ends.map(|day| day.to_string()),
        "what": one.what,
        "source": one.source,
        "by": one.by,
    })
}

async fn add(desk: &Desk, args: AddArgs) -> Result<Ended, String> {
    let AddArgs { patient, ods, kind, starts, ends, source, by } = args;
    let today = desk.today();
    let starts = starts.unwrap_or(today);
    if ends.is_some_and(|ends| ends < starts) {
        return Err("--ends lies before --starts".to_owned());
    }
    let known = desk.store.region().map_err(failed)?;
    if known.organisation(&ods).is_none() {
        return Err(format!(
            "{ods} is no organisation of this region: add it with `watling agreement apply` first"
        ));
    }
    let what = format!("relationship {} of {ods} entered by {by}: {source}", kind.name());
    let entered = Entered { ods, kind, starts, ends, source, by };
    let now = desk.clock.now();
    let changed = desk.store.enter(patient, entered, today, now).await.map_err(failed)?;
    desk.record(AuditKind::SecurityConfiguration, Some(patient), what).await?;
    say!("{}", if changed { "entered" } else { "known already" });
    Ok(Ended::Done)
}

async fn end(desk: &Desk, args: EndArgs) -> Result<Ended, String> {
    let EndArgs { patient, ods, kind, on, reason, by } = args;
    let today = desk.today();
    let on = on.unwrap_or_else(|| today.yesterday().unwrap_or(today));
    let what = format!("relationships of {ods} ended on {on} by {by}: {reason}");
    let ending = Ending { ods, kind, on, reason, by };
    let count = desk.store.end(patient, ending, desk.clock.now()).await.map_err(failed)?;
    if count == 0 {
        return Err(
            "there is no such relationship that still stands (`watling relationship list`)"
                .to_owned(),
        );
    }
    desk.record(AuditKind::SecurityConfiguration, Some(patient), what).await?;
    say!("{count} ended");
    Ok(Ended::Done)
}
