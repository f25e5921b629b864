//! `watling agreement gaps`: what is left undone, each with what to do next.

use super::folder::{moment, region};
use super::lines::wrapped;
use crate::cli::{Ended, print_json};
use crate::config::Config;
use clap::Args;
use gateway::gaps::{Gap, GapKind, gaps};
use std::path::Path;

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement gaps
  watling agreement gaps --fail        ends with status 1 where there are any, for a timer
  watling agreement gaps --json

What is said: connected but not signed, requested but not decided (with its age), amendments that
wait, evidence that runs out, due for review, ending, suspended, members that see nothing,
publishers that nobody sees, offers that nobody uses, groups without a member, roles and tiers that
nothing uses.")]
pub struct GapsArgs {
    /// End with status 1 where there is a gap
    #[arg(long)]
    pub fail: bool,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn run(
    args: &GapsArgs,
    data: &Path,
    config: Option<&Path>,
) -> Result<Ended, String> {
    let code_sets = Config::load(config)?.code_sets()?;
    let found = gaps(&*region(data).await?, &code_sets, moment().today);
    if args.json {
        print_json(&found)?;
    } else {
        say(&found);
    }
    Ok(if args.fail && !found.is_empty() { Ended::Failed } else { Ended::Done })
}

fn say(found: &[Gap]) {
    let mut kind: Option<GapKind> = None;
    for gap in found {
        if kind != Some(gap.kind) {
            if kind.is_some() {
                say!();
            }
            kind = Some(gap.kind);
            say!("{}", gap.kind.title());
        }
        let age = gap.days.map(age).unwrap_or_default();
        let mut lines = wrapped(&format!("{}{age}", gap.what), 72).into_iter();
        say!("  {:<24} {}", gap.about, lines.next().unwrap_or_default());
        lines.for_each(|line| say!("  {:<24} {line}", ""));
        let next = wrapped(&format!("next: {}", gap.next), 72);
        next.iter().for_each(|line| say!("  {:<24} {line}", ""));
    }
    match found.len() {
        0 => say!("nothing is left undone"),
        1 => say!("\n1 gap"),
        count => say!("\n{count} gaps"),
    }
}

/// `, 12 days ago`, `, in 12 days`.
fn age(days: i64) -> String {
    let many = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    match days {
        0 => " (today)".to_owned(),
        days if days < 0 => format!(" (in {})", many(-days)),
        days => format!(" ({} ago)", many(days)),
    }
}
