//! What a replay gives: counts only, no patient and no document.

use crate::decision::Control;
use jiff::civil::Date;
use serde::Serialize;

/// How many, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub questions: u64,
    pub documents: u64,
    pub patients: u64,
    /// Documents that were opened, or asked for to be opened, not only listed.
    pub opened: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    NewlyWithheld,
    NewlyPermitted,
}

/// Answers that would change alike.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub direction: Direction,
    /// For whom.
    pub consumer: String,
    /// Of whom; empty where an entry has none.
    pub publisher: String,
    /// The document type's name, or a code that is none of the region's.
    pub document_type: String,
    pub label: String,
    pub group: String,
    pub purpose: String,
    pub role: String,
    /// The control and the reason that withhold: with the draft, or without it until now.
    pub control: Control,
    pub reason: &'static str,
    /// The agreement that permits: without the draft until now, or with it.
    pub agreement: String,
    /// Resuscitation decisions or end-of-life plans.
    pub safety_critical: bool,
    #[serde(flatten)]
    pub counts: Counts,
}

impl Change {
    /// What an urgent-care crew would no longer see.
    pub fn is_urgent_loss(&self) -> bool {
        self.is_loss() && (self.purpose == "urgent-care" || self.purpose == "emergency")
    }

    /// What nobody should lose without somebody deciding it.
    pub fn is_loss(&self) -> bool {
        self.safety_critical && self.direction == Direction::NewlyWithheld
    }
}

/// Changes of one pair of organisations for one reason, whatever the document type.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pair {
    pub direction: Direction,
    pub consumer: String,
    pub publisher: String,
    pub control: Control,
    pub reason: &'static str,
    pub agreement: String,
    /// Labels of the document types.
    pub types: Vec<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

/// What changes for one organisation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Consumer {
    pub consumer: String,
    pub newly_withheld: Counts,
    pub newly_permitted: Counts,
}

/// Questions that are refused as a whole, aloud, before anything is looked up.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Aloud {
    pub consumer: String,
    /// `newly-permitted`: answered with the draft, refused without it.
    pub direction: Direction,
    pub reason: &'static str,
    pub questions: u64,
    pub patients: u64,
    /// Documents that such questions would show, by the registry as it is now.
    pub documents: Option<u64>,
}

/// Recorded decisions that do not come out the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotReproduced {
    /// What has changed since: `agreement`, `relationship`, `preference`, `identity-and-role`.
    pub cause: String,
    /// They were permitted then.
    pub was_permitted: bool,
    pub decisions: u64,
}

/// Recorded decisions against the region as it stands.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Baseline {
    pub decisions: u64,
    /// The answer comes out the same.
    pub reproduced: u64,
    /// Of those: permitted, under a later version or another agreement.
    pub under_another_version: u64,
    /// Of those: withheld, for another reason.
    pub for_another_reason: u64,
    pub not_reproduced: Vec<NotReproduced>,
    /// Confidentiality and setting were neither on record nor in the registry: `N` was taken.
    pub assumed: u64,
    /// Records whose content has expired.
    pub expired: u64,
    /// Records that could not be read.
    pub unreadable: u64,
}

/// Decisions that stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unchanged {
    pub permitted: u64,
    /// Of those: under another agreement or version.
    pub under_another_agreement: u64,
    pub withheld: u64,
    /// Of those: for another reason.
    pub for_another_reason: u64,
    /// Older versions, which follow what becomes of the newest.
    pub outdated: u64,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Answers are as the region would stand on this day.
    pub on: Date,
    pub questions: u64,
    pub decisions: u64,
    pub documents: u64,
    pub patients: u64,
    pub baseline: Baseline,
    pub newly_withheld: Counts,
    pub newly_permitted: Counts,
    /// What is lost first, what touches most patients first.
    pub changes: Vec<Change>,
    /// The same in fewer lines, in the same order.
    pub pairs: Vec<Pair>,
    pub consumers: Vec<Consumer>,
    pub aloud: Vec<Aloud>,
    pub unchanged: Unchanged,
}
