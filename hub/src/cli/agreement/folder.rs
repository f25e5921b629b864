//! The gateway's folder, for commands that look and change nothing.

use gateway::decision::Moment;
use gateway::region::Region;
use gateway::store::GatewayStore;
use jiff::tz::TimeZone;
use node::clock::Clock;
use std::path::Path;
use std::sync::Arc;

pub(super) async fn open(data: &Path) -> Result<GatewayStore, String> {
    let path = data.join("gateway").join("region.db");
    if !path.is_file() {
        let path = path.display();
        return Err(format!("{path} is not there: run this where the gateway's folder is"));
    }
    GatewayStore::open(&path).await.map_err(|error| error.to_string())
}

/// The region as it stands.
pub(super) async fn region(data: &Path) -> Result<Arc<Region>, String> {
    open(data).await?.region().map_err(|error| error.to_string())
}

/// Of the region's days.
pub(super) fn zone() -> TimeZone {
    node::clock::region_zone()
}

pub(super) fn moment() -> Moment {
    let now = Clock::System.now();
    Moment { today: now.to_zoned(zone()).date(), now }
}
