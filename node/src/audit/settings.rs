//! `[audit]`: how the log is proved, kept and passed on.

use super::fallback::FallbackSettings;
use super::forward::ForwardSettings;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSettings {
    /// A signed checkpoint follows this many records at the latest.
    pub checkpoint_records: u32,
    /// And this many minutes after the last one, where anything was recorded.
    pub checkpoint_minutes: u32,
    /// Content goes after so many years, its digests stay; absent: it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_years: Option<u32>,
    /// Readings for these purposes are not told to the subject.
    pub undisclosed_purposes: Vec<String>,
    /// Space that is kept for the last records, of each service.
    pub reserve_bytes: u64,
    /// What a full disk or agreements out of reach leave to urgent care; off.
    pub urgent_care_fallback: FallbackSettings,
    /// Where records are passed on to; absent: nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward: Option<ForwardSettings>,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            checkpoint_records: 1_000,
            checkpoint_minutes: 15,
            keep_years: None,
            undisclosed_purposes: ["safeguarding", "law-enforcement"].map(str::to_owned).to_vec(),
            reserve_bytes: 8 * 1024 * 1024,
            urgent_care_fallback: FallbackSettings::default(),
            forward: None,
        }
    }
}
