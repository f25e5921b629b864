//! `watling agreement plan|apply|diff FILE`: what a file would change, for whom; then all of it or
//! nothing.

use super::args::{ApplyArgs, PlanArgs};
use super::desk::Desk;
use super::shown;
use crate::cli::{Ended, print_json};
use gateway::agreement::plan::{Plan, plan};
use gateway::agreement::{Change, Impact};
use gateway::region::{RegionFile, Signatory, problems};
use gateway::store::Applied;
use gateway::store::agreement::Deed;
use schemas::ods_code::OdsCode;
use serde_json::json;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

/// A file, looked at: what it would do.
struct Proposed {
    file: RegionFile,
    plan: Plan,
    changes: Vec<Change>,
    impact: Impact,
    /// Relationships and preferences that it would enter.
    of_patients: Applied,
}

impl Proposed {
    fn is_nothing(&self) -> bool {
        let of = &self.of_patients;
        self.plan.objects.is_empty() && of.relationships + of.preferences == 0
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "objects": self.plan.objects,
            "relationships": self.of_patients.relationships,
            "preferences": self.of_patients.preferences,
            "changes": self.changes,
            "impact": self.impact,
        })
    }

    fn say(&self, verb: &str) {
        if self.is_nothing() {
            say!("nothing {verb}: everything is as in the file");
            return;
        }
        shown::objects(&self.plan.objects);
        let of = &self.of_patients;
        for (count, what) in [(of.relationships, "relationships"), (of.preferences, "preferences")]
        {
            if count > 0 {
                say!("+ {count} {what}");
            }
        }
        say!("Plan: {}.", shown::counted(&self.plan.objects));
        shown::changes(&self.changes);
    }
}

/// Reads a file; what is wrong with it is said at once.
async fn proposed(desk: &Desk, path: &Path) -> Result<Option<Proposed>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file: RegionFile =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let problems = problems(&file, desk.region(), &desk.code_sets);
    if !problems.is_empty() {
        problems.iter().for_each(|problem| eprintln!("watling: {}: {problem}", path.display()));
        return Ok(None);
    }
    let plan = plan(desk.region(), &file);
    let (changes, impact) = desk.compared(&plan.after);
    let of_patients = desk.store.plan(file.clone(), desk.now()).await;
    let of_patients = of_patients.map_err(|error| error.to_string())?;
    Ok(Some(Proposed { file, plan, changes, impact, of_patients }))
}

pub(super) async fn show(desk: &Desk, args: PlanArgs) -> Result<Ended, String> {
    let Some(proposed) = proposed(desk, &args.file).await? else { return Ok(Ended::Failed) };
    match args.json {
        true => print_json(&proposed.json())?,
        false => proposed.say("would change"),
    }
    Ok(Ended::Done)
}

/// The same, told as a difference of the store and a file.
pub(super) async fn diff(desk: &Desk, path: &Path, json: bool) -> Result<Ended, String> {
    if !json {
        say!("--- the store\n+++ {}", path.display());
    }
    show(desk, PlanArgs { file: path.to_owned(), json }).await
}

pub(super) async fn apply(desk: &Desk, args: ApplyArgs) -> Result<Ended, String> {
    if args.plan {
        return show(desk, PlanArgs { file: args.file, json: args.json }).await;
    }
    let Some(proposed) = proposed(desk, &args.file).await? else { return Ok(Ended::Failed) };
    if !args.json {
        proposed.say("changed");
    }
    if proposed.is_nothing() {
        return Ok(Ended::Done);
    }
    let approval = args.safety.clinical_safety_approval.as_deref();
    desk.safe(&proposed.impact, approval)?;
    second_person(desk, &args, &proposed)?;
    if !args.yes && !asked(&args)? {
        say!("nothing was changed");
        return Ok(Ended::Failed);
    }
    let by = args.by.clone().unwrap_or_else(account);
    let mut what = format!("applied {}", args.file.display());
    if let Some(second) = &args.second {
        what += &format!("; second person: {second}");
    }
    if let Some(approval) = approval {
        what += &format!("; clinical safety: {approval}");
    }
    let deed = Deed {
        action: "apply".to_owned(),
        person: by.clone(),
        organisation: args.for_ods.as_ref().map(ToString::to_string),
        reason: String::new(),
        what: what.clone(),
    };
    let json = proposed.json();
    let applied = desk.store.apply_as(desk.known.revision, proposed.file, deed, desk.now()).await;
    let applied = applied.map_err(|error| error.to_string())?;
    let objects: Vec<String> = proposed
        .plan
        .objects
        .iter()
        .map(|object| format!("{} {}", object.kind, object.id))
        .collect();
    let on_record = format!(
        "{what} by {by}: agreements {}; {}",
        applied.agreements.join(", "),
        objects.join(", ")
    );
    desk.record(on_record, args.for_ods.as_ref().map(OdsCode::as_str)).await?;
    if args.json {
        print_json(&json)?;
    } else {
        let references =
            applied.agreements.iter().map(|reference| format!("agreement {reference}"));
        references.for_each(|reference| say!("changed {reference}"));
        say!("applied; every gateway follows within a second");
    }
    Ok(Ended::Done)
}

/// Where approving takes two persons, a file that opens something takes two as well.
fn second_person(desk: &Desk, args: &ApplyArgs, proposed: &Proposed) -> Result<(), String> {
    let opens = proposed.changes.iter().any(|change| change.more);
    if !opens || !desk.region().policy.two_person_approval {
        return Ok(());
    }
    let organisation = args.for_ods.clone().or_else(|| OdsCode::parse("X").ok());
    let signed = |by: &Option<String>| {
        let (by, organisation) = (by.clone()?, organisation.clone()?);
        Some(Signatory { by, organisation, on: desk.today() })
    };
    match (signed(&args.by), signed(&args.second)) {
        (Some(one), Some(two)) if !one.is_same_person(&two) => Ok(()),
        _ => Err("somebody would see more, and approving takes two persons here (two_person_approval): --by 'NAME' --second 'ANOTHER NAME'".to_owned()),
    }
}

fn asked(args: &ApplyArgs) -> Result<bool, String> {
    let stdin = std::io::stdin();
    if args.json || !stdin.is_terminal() {
        return Err(
            "nobody is there to be asked: look at it with --plan, then apply it with --yes"
                .to_owned(),
        );
    }
    print!("Apply this? Only `yes` applies it: ");
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(answer.trim() == "yes")
}

/// Whoever is logged in, where nobody is named.
fn account() -> String {
    let name = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    name.map_or_else(|_| "an operator".to_owned(), |name| format!("account {name}"))
}
