//! The decision on what is registered: the schedule, the policy and the day, applied to what the
//! index holds.

use super::decision::{Approval, Asked, NotRemovable, Permit, Purpose, RemovalPolicy, may_destroy};
use super::hold::Hold;
use super::period::{Retention, retained_until};
use super::{RetentionTable, Subject};
use jiff::civil::Date;
use schemas::entry_uuid::EntryUuid;
use std::sync::Arc;

/// What of the index a decision on documents looks at.
#[derive(Clone, Debug, Default)]
pub struct Retained {
    /// How many times a hold was placed or lifted; a removal commits on the same number only.
    pub hold_seq: i64,
    /// Those that stand.
    pub holds: Vec<Hold>,
    /// Those that name one of the documents.
    pub approvals: Vec<Approval>,
    /// Entries, those that were removed before included.
    pub subjects: Vec<Subject>,
}

/// By what the registry decides.
#[derive(Clone, Debug)]
pub struct Keeping {
    pub table: Arc<RetentionTable>,
    pub policy: RemovalPolicy,
}

/// An entry that goes, and on what ground.
#[derive(Clone, Debug)]
pub struct Going {
    pub subject: Subject,
    pub retention: Retention,
    pub permit: Permit,
}

/// What stays of a removal, beside its audit record.
#[derive(Clone, Debug)]
pub struct RemovalTrace {
    /// The holds that it was decided on.
    pub hold_seq: i64,
    pub by: String,
    pub purpose: Purpose,
    pub entries: Vec<Going>,
}

impl Keeping {
    /// On one document.
    pub fn decide(
        &self,
        subject: &Subject,
        retained: &Retained,
        purpose: Purpose,
        today: Date,
    ) -> Result<Going, NotRemovable> {
        let retention = retained_until(subject, &self.table);
        let permit = may_destroy(&Asked {
            subject,
            retention: &retention,
            holds: &retained.holds,
            approvals: &retained.approvals,
            purpose,
            policy: self.policy,
            today,
        })?;
        Ok(Going { subject: subject.clone(), retention, permit })
    }
}

impl Retained {
    pub fn entry(&self, id: EntryUuid) -> Option<&Subject> {
        self.subjects.iter().find(|subject| subject.entry_uuid == id)
    }

    /// What is known of a document, under whichever entries.
    pub fn document<'r>(
        &'r self,
        repository: &'r str,
        id: &'r str,
    ) -> impl Iterator<Item = &'r Subject> {
        let is = move |subject: &&Subject| {
            subject.unique_id == id && subject.repository_unique_id == repository
        };
        self.subjects.iter().filter(is)
    }
}
