//! The retention table: the embedded one, or a file of the same form; and whose word a removal needs.

use super::Config;
use crate::data::Stamp;
use registry::retention::{RemovalPolicy, RetentionTable};
use schemas::code_set::CodeSets;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Whose word a publisher's removal needs before the retention period has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RemovalSetting {
    /// The controller's approval, placed beforehand.
    Approved,
    /// The publisher's own request is enough.
    Publisher,
}

/// Reads the configured table; every problem at once.
pub fn load(config: &Config, code_sets: &CodeSets) -> Result<RetentionTable, String> {
    let path = config.registry.retention.as_deref();
    let text = match path {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| format!("registry.retention: {}: {error}", path.display()))?,
        None => crate::fixtures::RETENTION.to_owned(),
    };
    let name = path.map_or("embedded retention table".into(), Path::to_string_lossy);
    let table = match path {
        Some(_) => RetentionTable::read(&text, code_sets),
        None => RetentionTable::read_embedded(&text, code_sets),
    };
    table.map_err(|problems| {
        let problems = problems.iter();
        let lines: Vec<_> =
            problems.map(|what| format!("registry.retention: {name}: {what}")).collect();
        lines.join("\n")
    })
}

impl Config {
    /// The configured policy; without one a live hub asks for approvals and a development one does
    /// not. Conformance mode follows the profile, which knows no approvals.
    pub fn removal_policy(&self, stamp: Stamp, conformance: bool) -> RemovalPolicy {
        match (self.registry.removal, stamp) {
            _ if conformance => RemovalPolicy::Publisher,
            (Some(RemovalSetting::Approved), _) | (None, Stamp::Live) => RemovalPolicy::Approved,
            (Some(RemovalSetting::Publisher), _) | (None, Stamp::Development) => {
                RemovalPolicy::Publisher
            }
        }
    }
}
