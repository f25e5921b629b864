//! Words and job roles that the region's role table leaves open: whoever shows one is refused.

use super::offers::applied;
use crate::config::Config;
use gateway::region::{Region, RegionFile, role_problems};
use schemas::code_set::CodeSets;
use std::path::Path;

/// A note for each, of the applied region or of the one that a start would make.
pub(super) fn left_open(
    code_sets: &CodeSets,
    data: Option<&Path>,
    config: &Config,
) -> Result<Vec<String>, String> {
    let types = &code_sets.document_type;
    let path = data.map(|data| data.join("gateway").join("region.db"));
    Ok(match path.filter(|path| path.is_file()) {
        Some(path) => role_problems(&RegionFile::default(), applied(&path)?.as_ref(), types),
        None if config.pki.is_none() => {
            role_problems(&crate::fixtures::region()?, &Region::default(), types)
        }
        None => Vec::new(),
    })
}
