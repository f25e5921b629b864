//! `watling agreement simulate`: what a draft would change.

mod args;
mod page;
mod table;

pub use args::SimulateArgs;

use super::entries::Entries;
use super::folder::{self, zone};
use crate::cli::{Ended, print_json};
use crate::config::Config;
use gateway::decision::PatientFacts;
use gateway::region::{Region, RegionFile, problems};
use gateway::simulate::{EntryKnown, Question, Replay, Report, Setting};
use gateway::store::{Draft, GatewayStore};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::civil::Date;
use node::audit::{Walk, Walked};
use node::clock::Clock;
use schemas::code_set::CodeSets;
use schemas::nhs_number::NhsNumber;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Records that go from the reader to the replay at once.
const BATCH: usize = 256;
/// Patients of refused questions whose documents are looked up.
const PATIENTS_MAX: usize = 20_000;

/// What a person reads beside the report.
struct Told<'a> {
    from: Timestamp,
    until: Timestamp,
    draft: &'a Draft,
    region: &'a Region,
    /// Patients of refused questions beyond those that were looked up.
    not_looked_up: usize,
    registry: bool,
}

pub(super) async fn run(
    args: &SimulateArgs,
    data: &Path,
    config: Option<&Path>,
) -> Result<Ended, String> {
    let config = Config::load(config)?;
    let code_sets = Arc::new(config.code_sets()?);
    let file = read(&args.draft)?;
    let store = folder::open(data).await?;
    let known = store.region().map_err(|error| error.to_string())?;
    let problems = problems(&file, &known, &code_sets);
    if !problems.is_empty() {
        let name = args.draft.display();
        problems.iter().for_each(|problem| eprintln!("watling: {name}: {problem}"));
        return Ok(Ended::Failed);
    }
    let clock = Clock::System;
    let today = clock.now().to_zoned(zone()).date();
    let draft = store.draft(file, clock.dtm().to_string(), today).await;
    let draft = draft.map_err(|error| format!("{}: {error}", args.draft.display()))?;
    let until = args.until.as_ref().map_or(clock.now(), |until| until.timestamp());
    let from = args.since.timestamp();
    let entries = Entries::here(data, &config, code_sets.clone()).await?;
    let day = args.on.unwrap_or_else(|| on(&known, &draft.region, today));
    let setting = Setting {
        standing: &known,
        draft: &draft.region,
        draft_facts: draft.facts.clone(),
        on: day,
        zone: zone(),
        code_sets: &code_sets,
        critical: critical(&config, &code_sets),
    };
    let mut replay = Replay::new(setting);
    let asking = Asking { store: &store, entries: entries.as_ref(), day };
    asking.replay(data, from, until, &mut replay).await?;
    let not_looked_up = asking.look_up(&mut replay, clock.now()).await?;
    let registry = entries.is_some();
    let told = Told { from, until, draft: &draft, region: &known, not_looked_up, registry };
    say(args, &replay.report(), &told)
}

fn say(args: &SimulateArgs, report: &Report, told: &Told<'_>) -> Result<Ended, String> {
    if let Some(path) = &args.html {
        let page = page::page(report, told);
        std::fs::write(path, page).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if args.json {
        print_json(report)?;
    } else {
        table::say(report, told, args.by_consumer);
    }
    Ok(Ended::Done)
}

fn read(path: &Path) -> Result<RegionFile, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
    toml::from_str(&text).map_err(|error| failed(&error))
}

/// Today, or the day on which the last of what the draft adds or changes has started.
fn on(standing: &Region, draft: &Region, today: Date) -> Date {
    let known: BTreeSet<String> = standing.agreements.iter().map(|v| v.reference()).collect();
    let new = draft.agreements.iter().filter(|versioned| !known.contains(&versioned.reference()));
    new.map(|versioned| versioned.agreement.starts).fold(today, Date::max)
}

/// Types that hold a decision on resuscitation, and those of the end of life.
fn critical(config: &Config, code_sets: &CodeSets) -> BTreeSet<String> {
    let decisions = config.gateway.decision_types.iter().map(|of| of.document_type.clone());
    let plans = code_sets.document_type.iter().filter(|t| t.group == "end-of-life");
    decisions.chain(plans.map(|t| t.name.clone())).collect()
}

struct Asking<'a> {
    store: &'a GatewayStore,
    entries: Option<&'a Entries>,
    /// On which facts hold.
    day: Date,
}

impl Asking<'_> {
    /// Reads in one thread and asks in another, a batch at a time.
    async fn replay(
        &self,
        data: &Path,
        from: Timestamp,
        until: Timestamp,
        replay: &mut Replay<'_>,
    ) -> Result<(), String> {
        let folder = data.join("gateway");
        let walk = Walk::open(&folder, from, until).map_err(|error| error.to_string())?;
        let bar = bar(walk.length());
        let (sender, mut batches) = mpsc::channel(16);
        let reader = tokio::task::spawn_blocking(move || read_all(&walk, &sender));
        while let Some(Batch { questions, records, expired, unreadable }) = batches.recv().await {
            self.know(replay, &questions).await?;
            questions.iter().for_each(|question| replay.take(question));
            (0..expired).for_each(|_| replay.expired());
            (0..unreadable).for_each(|_| replay.unreadable());
            bar.inc(records);
        }
        bar.finish_and_clear();
        reader.await.map_err(|error| error.to_string())?
    }

    /// Facts of patients, and of entries whose records are not whole.
    async fn know(&self, replay: &mut Replay<'_>, questions: &[Question]) -> Result<(), String> {
        let wants = replay.wants(questions);
        for (patient, facts) in self.facts(wants.patients).await? {
            replay.know_patient(patient, facts);
        }
        if let Some(entries) = self.entries.filter(|_| !wants.documents.is_empty()) {
            let found = entries.of_documents(&wants.documents).await?.into_iter();
            let mut found: HashMap<String, EntryKnown> =
                found.map(|facts| (facts.unique_id.to_string(), EntryKnown::of(&facts))).collect();
            for id in wants.documents {
                let known = found.remove(&id);
                replay.know_entry(id, known);
            }
        }
        Ok(())
    }

    async fn facts(
        &self,
        patients: Vec<NhsNumber>,
    ) -> Result<Vec<(NhsNumber, PatientFacts)>, String> {
        if patients.is_empty() {
            return Ok(Vec::new());
        }
        self.store.facts_of(patients, self.day).await.map_err(|error| error.to_string())
    }

    /// What questions would show that are refused as a whole until now. Gives how many patients were
    /// too many to look up.
    async fn look_up(&self, replay: &mut Replay<'_>, now: Timestamp) -> Result<usize, String> {
        let Some(entries) = self.entries else { return Ok(0) };
        let mut patients = replay.unanswered();
        let left = patients.len().saturating_sub(PATIENTS_MAX);
        patients.truncate(PATIENTS_MAX);
        for (patient, facts) in self.facts(patients).await? {
            replay.know_patient(patient, facts);
            let found = entries.of_patient(patient).await?;
            replay.show(patient, &found, now);
        }
        Ok(left)
    }
}

#[derive(Default)]
struct Batch {
    questions: Vec<Question>,
    records: u64,
    expired: u64,
    unreadable: u64,
}

fn read_all(walk: &Walk, sender: &mpsc::Sender<Batch>) -> Result<(), String> {
    let mut batch = Batch::default();
    let walked = walk.each(|_, walked| {
        batch.records += 1;
        match walked {
            Walked::Expired => batch.expired += 1,
            Walked::Unreadable => batch.unreadable += 1,
            Walked::Event(event) => match Question::read(&event) {
                Some(Ok(question)) => batch.questions.push(question),
                Some(Err(_)) => batch.unreadable += 1,
                None => {}
            },
        }
        batch.records < BATCH as u64 || sender.blocking_send(std::mem::take(&mut batch)).is_ok()
    });
    walked.map_err(|error| error.to_string())?;
    // A replay that has ended has said why.
    let _ = sender.blocking_send(batch);
    Ok(())
}

fn bar(records: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} records, {eta} left");
    let bar = ProgressBar::new(records);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
