//! Acknowledgements of what this hub has sent.

use schemas::ods_code::OdsCode;
use serde::Serialize;

/// What was acknowledged: that the envelope came, or that its content was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Infrastructure,
    Business,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Infrastructure => "infrastructure",
            Self::Business => "business",
        }
    }
}

/// An acknowledgement that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub level: Level,
    /// For whom its sender's certificate may speak, its own organisation first.
    pub senders: Vec<OdsCode>,
    /// Of the acknowledgement's own envelope.
    pub tracking_id: String,
    /// Of the message that it answers.
    pub tracking_id_ref: String,
    /// In its own code: `OK`, `Failure`; `AA`, `AE`, `AR`. Anything but `OK` and `AA` is negative.
    pub answer: String,
    /// Its error codes as received, each with its code system; never its texts, which may name a
    /// patient.
    pub detail: Option<String>,
}

/// An acknowledgement that answers nothing of the hub's, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unmatched {
    pub sender: String,
    pub tracking_id: String,
    pub tracking_id_ref: String,
    pub level: String,
    pub answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Milliseconds since 1970.
    pub received_at: i64,
}
