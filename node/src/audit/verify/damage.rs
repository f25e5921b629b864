//! What can be wrong with a log, in words that name the place.

use serde::Serialize;
use std::fmt;

/// What happened to the log at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum DamageKind {
    /// The record is not what was written.
    Altered,
    /// The record does not follow the one before it: its digests were altered with it, or the
    /// records just before it were rewritten.
    Rewritten,
    /// The chain was computed anew from somewhere behind the last good checkpoint.
    ComputedAnew,
    /// Records are missing, from this one to the one named.
    Dropped { until: i64 },
    /// A record stands here that the service did not write.
    Inserted,
    /// The record was moved: it stands at another place.
    Reordered { stands_at: i64 },
    /// The record's number was altered.
    Renumbered { stands_at: i64 },
    /// Content is gone that no expiry has removed.
    Emptied,
    /// The log ends before a record that was known outside it.
    Cut { known: i64 },
    /// The record differs from what is known of it outside the log.
    DiffersFromAnchor,
    /// A checkpoint whose signature is not the service's.
    ForgedCheckpoint,
    /// A checkpoint that a later one, or a copy outside the log, names.
    MissingCheckpoint,
    /// So many records at the end without the checkpoints that were due.
    Unsigned { records: i64 },
}

/// One damage: at which record, of which kind, and up to where the log is proved good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Damage {
    /// Place of the record, as the service numbered it.
    pub seq: i64,
    #[serde(flatten)]
    pub kind: DamageKind,
    /// The newest signed checkpoint before it that the log agrees with.
    pub last_good_checkpoint: Option<i64>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use DamageKind::{
            Altered, ComputedAnew, Cut, DiffersFromAnchor, Dropped, Emptied, ForgedCheckpoint,
            Inserted, MissingCheckpoint, Renumbered, Reordered, Rewritten, Unsigned,
        };
        let seq = self.seq;
        match &self.kind {
            Altered => write!(f, "record {seq} was altered")?,
            Rewritten => write!(
                f,
                "record {seq} does not follow the one before it: it was altered together with its digests, or records before it were rewritten"
            )?,
            ComputedAnew => write!(
                f,
                "record {seq} is not the one that was signed: records up to it were rewritten and the chain computed anew"
            )?,
            Dropped { until } if *until == seq => write!(f, "record {seq} was dropped")?,
            Dropped { until } => write!(f, "records {seq} to {until} were dropped")?,
            Inserted => write!(f, "a record was inserted that stands as {seq}")?,
            Reordered { stands_at } => {
                write!(f, "record {seq} was moved: it stands at place {stands_at}")?;
            }
            Renumbered { stands_at } => write!(f, "record {seq} was renumbered to {stands_at}")?,
            Emptied => write!(f, "record {seq} has lost its content, and no expiry removed it")?,
            Cut { known } => write!(
                f,
                "the log is cut: it ends at record {}, and record {known} is known outside it",
                seq - 1
            )?,
            DiffersFromAnchor => {
                write!(f, "record {seq} differs from what is known of it outside the log")?;
            }
            ForgedCheckpoint => write!(f, "the checkpoint at {seq} is not signed by the service")?,
            MissingCheckpoint => write!(f, "the checkpoint at {seq} is missing")?,
            Unsigned { records } => write!(
                f,
                "the last {records} records, from {seq} on, have none of the checkpoints that were due"
            )?,
        }
        match self.last_good_checkpoint {
            Some(good) => write!(f, " (good up to the signed checkpoint at {good})"),
            None => write!(f, " (no signed checkpoint before it)"),
        }
    }
}
