//! `watling report standing`: who reads without a flag, and a sample of it for review.

use super::Desk;
use super::args::StandingArgs;
use crate::cli::moment::moment;
use crate::cli::{Ended, print_json};
use gateway::relationship::standing::{Use, gaps, sample, uses};
use gateway::store::GatewayStore;
use serde_json::json;
use std::path::Path;

pub(super) async fn say(desk: &Desk, data: &Path, args: &StandingArgs) -> Result<Ended, String> {
    let folder = data.join("gateway");
    let records = node::audit::list(&folder, u32::MAX).map_err(|error| error.to_string())?;
    let store = GatewayStore::open(&folder.join("region.db")).await;
    let region = store.and_then(|store| store.region()).map_err(|error| error.to_string())?;
    let since = args.since.as_ref().map(|since| since.timestamp());
    let mut all = uses(&records);
    all.retain(|one| match (since, one.at.parse::<jiff::Timestamp>()) {
        (Some(since), Ok(at)) => at >= since,
        _ => true,
    });
    let drawn = sample(&all, args.sample, args.seed);
    let what = format!(
        "report of standing flags: {} answers, a sample of {} (seed {})",
        all.len(),
        drawn.len(),
        args.seed
    );
    desk.record(what, Vec::new()).await?;
    let gaps = gaps(&region, &all);
    if args.json {
        print_json(&json!({
            "answers": all.len(), "seed": args.seed, "gaps": gaps,
            "sample": drawn.iter().map(value).collect::<Vec<_>>(),
        }))?;
        return Ok(Ended::Done);
    }
    gaps.iter().for_each(|gap| say!("{gap}"));
    if gaps.is_empty() {
        say!("no system has the standing flag");
    }
    for one in &drawn {
        say!(
            "record {:<8} {}  {} of {}  {}: {} entries of {} patients",
            one.seq,
            moment(&one.at),
            one.system,
            one.organisation,
            one.transaction,
            one.entries,
            one.patients
        );
    }
    if !drawn.is_empty() {
        say!(
            "{} of {} answers, drawn with --seed {}; each stands in the gateway's audit under its record",
            drawn.len(),
            all.len(),
            args.seed
        );
    }
    Ok(Ended::Done)
}

fn value(one: &Use) -> serde_json::Value {
    json!({
        "record": one.seq, "at": one.at, "system": one.system, "organisation": one.organisation,
        "transaction": one.transaction, "entries": one.entries, "patients": one.patients,
    })
}
