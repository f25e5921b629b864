//! `watling report safeguarding`: who has read child protection entries, and whether their councils
//! know.

use super::args::SafeguardingArgs;
use crate::cli::{Ended, print_json};
use crate::config::Config;
use gateway::store::GatewayStore;
use gateway::store::read_notice::ReadRow;
use jiff::Timestamp;
use std::path::Path;

pub(super) async fn say(
    data: &Path,
    config: &Config,
    args: &SafeguardingArgs,
) -> Result<Ended, String> {
    let path = config.gateway.region.clone();
    let path = path.unwrap_or_else(|| data.join("gateway").join("region.db"));
    if !path.is_file() {
        let path = path.display();
        return Err(format!("{path} is not there: run this where the gateway is"));
    }
    let store = GatewayStore::open(&path).await.map_err(|error| error.to_string())?;
    let rows = store.reads(args.open).await.map_err(|error| error.to_string())?;
    if args.json {
        print_json(&rows)?;
        return Ok(Ended::Done);
    }
    let header = ["COUNCIL", "READ BY", "FOR", "FIRST", "READS", "TOLD", "STATE"];
    say!("{}", line(header.map(str::to_owned)));
    for row in &rows {
        say!("{}", line(cells(row)));
    }
    match rows.len() {
        0 => say!("no child protection entry was read"),
        1 => say!("1 episode"),
        count => say!("{count} episodes"),
    }
    Ok(Ended::Done)
}

fn cells(row: &ReadRow) -> [String; 7] {
    let first = Timestamp::from_millisecond(row.first_at).unwrap_or_default();
    let detail = row.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    [
        row.council.clone(),
        row.organisation.clone(),
        row.purpose.clone(),
        first.strftime("%Y-%m-%d %H:%M").to_string(),
        row.reads.to_string(),
        row.notify.clone(),
        row.state.clone() + &detail,
    ]
}

fn line([council, by, purpose, first, reads, told, state]: [String; 7]) -> String {
    format!("{council:<9}{by:<9}{purpose:<14}{first:<18}{reads:>5}  {told:<9}{state}")
}
