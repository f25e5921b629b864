//! `watling agreement list|show|diff|history|export|expiring`.

use super::args::{DiffArgs, ExpiringArgs, ExportArgs, HistoryArgs, ListArgs, ShowArgs};
use super::desk::{Desk, begin, next_day, with_agreement};
use super::shown;
use crate::cli::{Ended, moment, print_json};
use gateway::agreement::plan::attributes;
use gateway::agreement::{Sights, changes, due};
use gateway::region::{
    Agreement, Group, Organisation, Policy, Role, SystemProfile, Tier, Versioned,
};
use gateway::store::agreement::Dated;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;
use std::path::Path;

pub(super) async fn list(desk: &Desk, args: ListArgs) -> Result<Ended, String> {
    let (day, found) = match args.on {
        None => (desk.today(), newest(desk)),
        Some(day) => (day, on_day(desk, day).await?),
    };
    if args.json {
        let row = |(versioned, from, to): &(Versioned, Option<String>, Option<String>)| {
            let mut value = shown::agreement_json(versioned, day)?;
            if let Some(object) = value.as_object_mut() {
                object.insert("from".to_owned(), json!(from));
                object.insert("until".to_owned(), json!(to));
            }
            Ok::<_, String>(value)
        };
        print_json(&found.iter().map(row).collect::<Result<Vec<_>, _>>()?)?;
        return Ok(Ended::Done);
    }
    if found.is_empty() {
        say!("nothing was recorded by then (`watling agreement history` says when it begins)");
    }
    for (versioned, from, to) in &found {
        let at = |dtm: &String| moment::moment_of_dtm(dtm);
        let when = match (from, to) {
            (None, None) => String::new(),
            (Some(from), None) => format!(" (from {})", at(from)),
            (None, Some(to)) => format!(" (until {})", at(to)),
            (Some(from), Some(to)) => format!(" (from {} until {})", at(from), at(to)),
        };
        shown::agreement(versioned, day, &when);
    }
    Ok(Ended::Done)
}

fn newest(desk: &Desk) -> Vec<(Versioned, Option<String>, Option<String>)> {
    desk.region().agreements.iter().map(|versioned| (versioned.clone(), None, None)).collect()
}

/// Every version that stood at some moment of a day, with the moments at which it changed within.
async fn on_day(
    desk: &Desk,
    day: Date,
) -> Result<Vec<(Versioned, Option<String>, Option<String>)>, String> {
    let (from, to) = (begin(day)?, begin(next_day(day)?)?);
    let found = desk.store.standing_within(from.clone(), to).await;
    let found = found.map_err(|error| error.to_string())?;
    let next = found.iter().skip(1).map(Some).chain([None]);
    let row = |(dated, next): (&Dated, Option<&Dated>)| {
        let id = &dated.versioned.agreement.id;
        let replaced = next.filter(|next| next.versioned.agreement.id == *id);
        let begun = (dated.recorded_at >= from).then(|| dated.recorded_at.clone());
        (dated.versioned.clone(), begun, replaced.map(|next| next.recorded_at.clone()))
    };
    Ok(found.iter().zip(next).map(row).collect())
}

pub(super) async fn show(desk: &Desk, args: ShowArgs) -> Result<Ended, String> {
    let day = args.on.unwrap_or_else(|| desk.today());
    let found = match (args.version, args.on) {
        (Some(version), _) => version_of(desk, &args.id, version).await?,
        (None, Some(day)) => {
            let before = begin(next_day(day)?)?;
            let mut versions = versions(desk, &args.id).await?.into_iter();
            let found = versions.rfind(|dated| dated.recorded_at < before);
            let found = found.ok_or_else(|| format!("{} was not recorded by {day}", args.id))?;
            found.versioned
        }
        (None, None) => desk.agreement(&args.id)?.clone(),
    };
    if args.json {
        print_json(&shown::agreement_json(&found, day)?)?;
        return Ok(Ended::Done);
    }
    // As a file that `apply` takes: show, edit, apply.
    let file = ExportFile { agreement: vec![&found.agreement], ..ExportFile::default() };
    let standing = found.agreement.standing(day).name();
    say!("# version {}, {standing}\n{}", found.version, file.text()?);
    Ok(Ended::Done)
}

async fn versions(desk: &Desk, id: &str) -> Result<Vec<Dated>, String> {
    desk.agreement(id)?;
    desk.store.versions(id.to_owned()).await.map_err(|error| error.to_string())
}

async fn version_of(desk: &Desk, id: &str, version: u32) -> Result<Versioned, String> {
    let all = versions(desk, id).await?;
    let newest = all.len();
    let mut found = all.into_iter().map(|dated| dated.versioned);
    found
        .find(|versioned| versioned.version == version)
        .ok_or_else(|| format!("{id} has no version {version}: it has 1 to {newest}"))
}

pub(super) async fn diff(desk: &Desk, args: DiffArgs) -> Result<Ended, String> {
    if args.from.is_none() && Path::new(&args.what).is_file() {
        return super::apply::diff(desk, Path::new(&args.what), args.json).await;
    }
    let newest = desk.agreement(&args.what)?.version;
    let from = args.from.ok_or_else(|| {
        format!("say which versions of {} (1 to {newest}), or name a file", args.what)
    })?;
    let before = version_of(desk, &args.what, from).await?;
    let after = version_of(desk, &args.what, args.to.unwrap_or(newest)).await?;
    let lines = attributes(&before.agreement, &after.agreement);
    // Both in today's region: what the versions themselves make of it.
    let sights = |agreement: &Agreement| {
        let region = with_agreement(desk.region(), agreement);
        Sights::of(&region, &desk.code_sets, desk.today())
    };
    let seen = changes(&sights(&before.agreement), &sights(&after.agreement));
    if args.json {
        let (from, to) = (before.reference(), after.reference());
        print_json(&json!({"from": from, "to": to, "attributes": lines, "changes": seen}))?;
        return Ok(Ended::Done);
    }
    say!("--- {}\n+++ {}", before.reference(), after.reference());
    shown::attributes(&lines);
    shown::changes(&seen);
    Ok(Ended::Done)
}

pub(super) async fn history(desk: &Desk, args: HistoryArgs) -> Result<Ended, String> {
    let recorded = desk.store.history(args.id).await.map_err(|error| error.to_string())?;
    shown::history(&recorded, args.json)
}

/// What `apply` takes, without what is said of patients.
#[derive(Default, Serialize)]
struct ExportFile<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a Policy>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organisation: Vec<&'a Organisation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group: Vec<&'a Group>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    role: Vec<&'a Role>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tier: Vec<&'a Tier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<&'a SystemProfile>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agreement: Vec<&'a Agreement>,
}

impl ExportFile<'_> {
    fn text(&self) -> Result<String, String> {
        toml::to_string_pretty(self).map_err(|error| error.to_string())
    }
}

pub(super) fn export(desk: &Desk, args: ExportArgs) -> Result<Ended, String> {
    let region = desk.region();
    let file = match &args.id {
        Some(id) => {
            let agreement = vec![&desk.agreement(id)?.agreement];
            ExportFile { agreement, ..ExportFile::default() }
        }
        None => ExportFile {
            policy: Some(&region.policy),
            organisation: region.organisations.iter().collect(),
            group: region.groups.iter().collect(),
            role: region.roles.iter().collect(),
            tier: region.tiers.iter().collect(),
            system: region.systems.iter().collect(),
            agreement: region.agreements.iter().map(|versioned| &versioned.agreement).collect(),
        },
    };
    let text = file.text()?;
    match &args.output {
        Some(path) => {
            std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        None => say!("{text}"),
    }
    Ok(Ended::Done)
}

pub(super) fn expiring(desk: &Desk, args: &ExpiringArgs) -> Result<Ended, String> {
    let today = args.on.unwrap_or_else(|| desk.today());
    let due = due(desk.region(), &desk.code_sets, today);
    if args.json {
        let row = |due: &gateway::agreement::Due| {
            json!({
                "evidence": due.kind.name(), "until": due.until, "stage": due.stage.name(),
                "daysLeft": due.days_left, "organisations": due.organisations,
                "agreements": due.agreements, "impact": due.impact,
            })
        };
        print_json(&due.iter().map(row).collect::<Vec<_>>())?;
        return Ok(Ended::Done);
    }
    if due.is_empty() {
        say!("no evidence runs out within the region's warnings");
    }
    for due in &due {
        say!("{}", due.sentence());
        let codes: Vec<&str> = due.organisations.iter().map(|ods| ods.as_str()).collect();
        say!("    of {}", codes.join(", "));
        if !due.agreements.is_empty() {
            say!("    in {}", due.agreements.join(", "));
        }
        if !due.impact.is_none() {
            say!("    were all of them suspended, {}", due.impact.sentence());
        }
    }
    Ok(Ended::Done)
}
