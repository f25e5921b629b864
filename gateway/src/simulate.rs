//! What a draft would change: the questions that the audit holds are asked again, of the region as it
//! stands and of the region with the draft, and the answers are compared. Nothing is written.
//!
//! * Both are asked as on one day, so that what the draft does is not mixed with what time does.
//! * A patient's relationships count as they were on the day of the question, preferences as they
//!   are now.
//! * First the recorded decisions are repeated against the region as it stands, on their own day:
//!   what does not come out the same is counted, by cause.
//!
//! Pure: the records, the facts of patients and the entries are handed in.

mod count;
mod facts;
mod question;
mod replay;
mod report;
#[cfg(test)]
mod tests;

pub use question::{Asked, Question, Questioner, Recorded, Unreadable};
pub use replay::{EntryKnown, Replay, Setting, Wants};
pub use report::{
    Aloud, Baseline, Change, Consumer, Counts, Direction, NotReproduced, Pair, Report, Unchanged,
};
