//! `[itk.upload]`: the page by which a document is uploaded.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct UploadSection {
    pub enabled: bool,
    /// A whole request; it is held in memory.
    pub request_bytes_max: u64,
}

impl Default for UploadSection {
    fn default() -> Self {
        Self { enabled: true, request_bytes_max: 32 * 1024 * 1024 }
    }
}
