//! `[restricted]`: the table of content whose confidentiality has a ceiling; the embedded one, or a
//! file of the same form.

use super::Config;
use repository::restricted::Restrictions;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RestrictedSection {
    /// The region's own table; absent: the embedded one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<PathBuf>,
}

/// Reads the configured table; every problem at once.
pub fn load(config: &Config) -> Result<Restrictions, String> {
    let path = config.restricted.rules.as_deref();
    let text = match path {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| format!("restricted.rules: {}: {error}", path.display()))?,
        None => crate::fixtures::RESTRICTED.to_owned(),
    };
    let name = path.map_or("embedded table".into(), Path::to_string_lossy);
    let table: Restrictions =
        toml::from_str(&text).map_err(|error| format!("restricted.rules: {name}: {error}"))?;
    let problems = table.problems();
    if problems.is_empty() {
        return Ok(table);
    }
    let lines = problems.iter().map(|what| format!("restricted.rules: {name}: {what}"));
    Err(lines.collect::<Vec<_>>().join("\n"))
}
