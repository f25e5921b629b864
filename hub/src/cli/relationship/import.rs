//! `watling relationship import`: a practice's registration list, whole.

use super::args::ImportArgs;
use super::{Desk, failed};
use crate::cli::{Ended, print_json};
use gateway::relationship::list::{Imported, List};
use gateway::relationship::plan::Terms;
use gateway::store::relationship::Entry;
use indicatif::{ProgressBar, ProgressStyle};
use node::audit::AuditKind;
use schemas::nhs_number::NhsNumber;
use serde_json::json;

/// Patients of one transaction: a gateway that serves goes on between two.
const AT_ONCE: usize = 500;

/// Bad lines that are named one by one.
const NAMED_MAX: usize = 20;

pub(super) async fn run(desk: &Desk, args: ImportArgs) -> Result<Ended, String> {
    let name = args.list.display().to_string();
    let text = std::fs::read_to_string(&args.list).map_err(|error| format!("{name}: {error}"))?;
    let list = List::read(&text).map_err(|reason| format!("{name}: {reason}"))?;
    if list.rows.is_empty() {
        return Err(format!(
            "{name}: no line names a patient; an empty list would take everybody off"
        ));
    }
    let terms = terms(desk, &args)?;
    let (before, missing) = missing(desk, &args, &list).await?;
    if list.bad.is_empty() {
        few_enough(missing.len(), before, args.leavers_max)?;
    }
    let entry = Entry {
        source: format!("list of {}", args.practice),
        by: args.by.clone(),
        at: desk.clock.now().to_string(),
    };
    let mut imported = Imported::default();
    let bar = bar(list.rows.len());
    for part in list.rows.chunks(AT_ONCE) {
        let (practice, terms, entry) = (args.practice.clone(), terms.clone(), entry.clone());
        let of_part = desk.store.import(practice, part.to_vec(), terms, entry).await;
        imported.add(of_part.map_err(failed)?);
        bar.inc(part.len() as u64);
    }
    bar.finish_and_clear();
    let whole = list.bad.is_empty();
    let left = if whole { leave(desk, &args, missing, &terms, &entry).await? } else { 0 };
    record(desk, &args, &imported, left, list.bad.len()).await?;
    said(&args, &imported, left, &list)?;
    Ok(if whole { Ended::Done } else { Ended::Failed })
}

fn terms(desk: &Desk, args: &ImportArgs) -> Result<Terms, String> {
    let region = desk.store.region().map_err(failed)?;
    let practice = region.organisation(&args.practice).ok_or_else(|| {
        format!(
            "{} is no organisation of this region: add it with `watling agreement apply` first",
            args.practice
        )
    })?;
    if !practice.kind.has_a_list() {
        return Err(format!(
            "{} is no practice: patients are not registered with it",
            args.practice
        ));
    }
    Ok(Terms {
        policy: region.policy.clone(),
        today: desk.today(),
        not_practices: Default::default(),
        referrals: Default::default(),
    })
}

async fn missing(
    desk: &Desk,
    args: &ImportArgs,
    list: &List,
) -> Result<(usize, Vec<NhsNumber>), String> {
    let listed = list.rows.iter().map(|row| row.patient.key()).collect();
    desk.store.missing_from(args.practice.clone(), listed).await.map_err(failed)
}

/// A list that was cut off on its way looks like one that many have left.
fn few_enough(missing: usize, before: usize, percent: u8) -> Result<(), String> {
    if missing * 100 <= before * usize::from(percent) {
        return Ok(());
    }
    Err(format!(
        "the list would take {missing} of {before} patients off, more than {percent} of a hundred: nothing was changed. If the list is whole, say so with --leavers-max"
    ))
}

async fn leave(
    desk: &Desk,
    args: &ImportArgs,
    missing: Vec<NhsNumber>,
    terms: &Terms,
    entry: &Entry,
) -> Result<usize, String> {
    let mut left = 0;
    for part in missing.chunks(AT_ONCE) {
        let (practice, terms, entry) = (args.practice.clone(), terms.clone(), entry.clone());
        left += desk.store.leave(practice, part.to_vec(), terms, entry).await.map_err(failed)?;
    }
    Ok(left)
}

fn bar(count: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} patients, {eta} left");
    let bar = ProgressBar::new(count as u64);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

async fn record(
    desk: &Desk,
    args: &ImportArgs,
    imported: &Imported,
    left: usize,
    bad: usize,
) -> Result<(), String> {
    let what = format!(
        "registration list of {} imported by {}: {} listed, {} joined, {left} left, {} ended, {bad} lines not read",
        args.practice, args.by, imported.listed, imported.joined, imported.ended
    );
    desk.record(AuditKind::SecurityConfiguration, None, what).await
}

fn said(args: &ImportArgs, imported: &Imported, left: usize, list: &List) -> Result<(), String> {
    let Imported { listed, joined, moved, ended, unchanged } = imported;
    let name = args.list.display();
    for bad in list.bad.iter().take(NAMED_MAX) {
        eprintln!("watling: {name}: line {}: {}", bad.line, bad.rule);
    }
    if list.bad.len() > NAMED_MAX {
        eprintln!("watling: {name}: {} more lines like these", list.bad.len() - NAMED_MAX);
    }
    if !list.bad.is_empty() {
        eprintln!("watling: {name}: nobody was taken off the list, since lines could not be read");
    }
    if args.json {
        let bad: Vec<usize> = list.bad.iter().map(|bad| bad.line).collect();
        return print_json(&json!({
            "practice": args.practice.as_str(), "listed": listed, "joined": joined,
            "movedFromOthers": moved, "left": left, "ended": ended, "unchanged": unchanged,
            "badLines": bad,
        }));
    }
    say!("{listed} patients on the list of {}", args.practice);
    say!("{joined:>8} joined, {moved} of them from another practice's list");
    say!("{left:>8} left");
    say!("{ended:>8} ended by the list's own end or a newer registration");
    say!("{unchanged:>8} as before");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_was_cut_off_takes_nobody_off() {
        assert!(few_enough(10, 100, 10).is_ok() && few_enough(0, 0, 10).is_ok());
        let refused = few_enough(11, 100, 10).unwrap_err();
        assert!(refused.contains("11 of 100") && refused.contains("--leavers-max"), "{refused}");
        assert!(few_enough(100, 100, 100).is_ok());
    }
}
