//! Members' evidence that runs out, as the applied region has it.

use gateway::agreement::{due, warnings};
use gateway::store::GatewayStore;
use node::clock::Clock;
use schemas::code_set::CodeSets;
use std::path::Path;

/// A warning for each event; nothing where there is no gateway's folder.
pub(super) fn warn(code_sets: &CodeSets, data: Option<&Path>) -> Result<(), String> {
    let path = data.map(|data| data.join("gateway").join("region.db"));
    let Some(path) = path.filter(|path| path.is_file()) else { return Ok(()) };
    let runtime = super::super::runtime()?;
    let store = runtime.block_on(GatewayStore::open(&path)).map_err(|error| error.to_string())?;
    let region = store.region().map_err(|error| error.to_string())?;
    let zone = node::clock::region_zone();
    let today = Clock::System.now().to_zoned(zone).date();
    for warning in warnings(&due(&region, code_sets, today)) {
        say!("#   warning: {warning}");
    }
    Ok(())
}
