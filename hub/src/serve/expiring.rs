//! Evidence that runs out, told by the running gateway: a log line for each event at the start and
//! once a day, and how many organisations it is about as a metric. It suspends nothing.

use gateway::agreement::{Stage, due};
use gateway::store::GatewayStore;
use node::clock::Clock;
use schemas::code_set::CodeSets;
use std::collections::BTreeMap;
use std::time::Duration;

const LOOK: Duration = Duration::from_secs(60);

/// Looks each minute whether a new day has begun, for as long as the process lives.
pub(super) async fn watch(store: GatewayStore, code_sets: CodeSets, clock: Clock) {
    let zone = node::clock::region_zone();
    let mut told = None;
    loop {
        let today = clock.now().to_zoned(zone.clone()).date();
        if told != Some(today)
            && let Ok(region) = store.region()
        {
            let due = due(&region, &code_sets, today);
            due.iter().for_each(|due| tracing::warn!("{}", due.sentence()));
            let mut counts: BTreeMap<&'static str, usize> =
                ["lapsed", "late", "due"].into_iter().map(|stage| (stage, 0)).collect();
            for due in &due {
                let stage = match due.stage {
                    Stage::Lapsed => "lapsed",
                    Stage::Late => "late",
                    Stage::Within(_) => "due",
                };
                *counts.entry(stage).or_default() += due.organisations.len();
            }
            for (stage, count) in counts {
                node::telemetry::evidence(stage, count);
            }
            told = Some(today);
        }
        tokio::time::sleep(LOOK).await;
    }
}
