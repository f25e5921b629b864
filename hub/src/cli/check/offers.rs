//! Document types that nobody in the region may offer: an agreement on one of them shows nothing.

use crate::config::Config;
use gateway::region::{Organisation, OrganisationKind, Region};
use gateway::store::GatewayStore;
use schemas::code_set::{CodeSets, DocumentType};
use std::path::Path;
use std::sync::Arc;

/// A note for each type without an organisation that publishes it. The region is the applied one
/// where there is a data folder with a gateway's, the development region where a start would make
/// that, and otherwise not known.
pub(super) fn without(
    code_sets: &CodeSets,
    data: Option<&Path>,
    config: &Config,
) -> Result<Vec<String>, String> {
    let path = data.map(|data| data.join("gateway").join("region.db"));
    let organisations = match path.filter(|path| path.is_file()) {
        Some(path) => applied(&path)?.organisations.clone(),
        None if config.pki.is_none() => crate::fixtures::region()?.organisation,
        None => return Ok(Vec::new()),
    };
    Ok(unoffered(code_sets, &organisations))
}

/// The region as the gateway of a data folder has it.
pub(super) fn applied(path: &Path) -> Result<Arc<Region>, String> {
    let runtime = super::super::runtime()?;
    let store = runtime.block_on(GatewayStore::open(path)).map_err(|error| error.to_string())?;
    store.region().map_err(|error| error.to_string())
}

fn unoffered(code_sets: &CodeSets, organisations: &[Organisation]) -> Vec<String> {
    let publishers = organisations.iter().filter(|organisation| {
        organisation.membership.is_some() && organisation.kind != OrganisationKind::Supplier
    });
    let publishers: Vec<_> = publishers.collect();
    let offered = |kind: &DocumentType| {
        publishers.iter().any(|publisher| publisher.publishes.iter().any(|o| o.matches(kind)))
    };
    let without = code_sets.document_type.iter().filter(|kind| !offered(kind));
    let note = |kind: &DocumentType| {
        format!(
            "no organisation of the region offers the document type {}: add it to the publishes of one, or take it out",
            kind.name
        )
    };
    without.map(note).collect()
}
