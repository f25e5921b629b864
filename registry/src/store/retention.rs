//! What the index keeps of retention: holds, approvals, and a trace of what was removed.

mod person;
mod reading;
mod writing;

pub(super) use reading::of_entries;
pub(super) use writing::keep_trace;

use super::sql::Sql;
use super::{Index, StoreError};
use crate::retention::{Approval, Going, Hold, Lifted, Retained, Subject};
use async_trait::async_trait;
use jiff::civil::Date;

/// Where a reader of many entries goes on: the last service day and entryUUID that it has seen.
pub type Place = (String, String);

/// An entry that went under an approval, and the certificate that says so.
#[derive(Clone, Debug)]
pub struct Destroyed {
    pub going: Going,
    /// `YYYYMMDDhhmmss`.
    pub at: String,
    pub by: String,
    /// The certificate's name; none until it is written.
    pub certificate: Option<String>,
}

/// Each method is one transaction; a failed call changes nothing.
#[async_trait]
pub trait RetentionStore: Send + Sync {
    /// What keeps documents, named by uniqueId, whether their entries are there or were removed.
    async fn retained(&self, unique_ids: Vec<String>) -> Result<Retained, StoreError>;

    /// Every hold, those that were lifted included, in the order of placing.
    async fn holds(&self) -> Result<Vec<Hold>, StoreError>;

    /// A name that was given before is [`StoreError::Conflict`].
    async fn place(&self, hold: Hold) -> Result<(), StoreError>;

    /// False where no hold of this name stands.
    async fn lift(&self, name: String, lifted: Lifted) -> Result<bool, StoreError>;

    /// Keeps an approval, whatever id it carries, and says the id that it has now.
    async fn approve(&self, approval: Approval) -> Result<i64, StoreError>;

    async fn approvals(&self) -> Result<Vec<Approval>, StoreError>;

    /// Entries whose last day is not after `until`, oldest first, from a place on.
    async fn oldest(
        &self,
        until: Date,
        from: Option<Place>,
        limit: u32,
    ) -> Result<(Vec<Subject>, Option<Place>), StoreError>;

    /// What went by destruction under an approval.
    async fn destroyed(&self, approval: i64) -> Result<Vec<Destroyed>, StoreError>;

    /// Notes the certificate of those that have none yet.
    async fn certify(
        &self,
        approval: i64,
        documents: Vec<String>,
        certificate: String,
    ) -> Result<(), StoreError>;
}

#[async_trait]
impl RetentionStore for Index {
    async fn retained(&self, unique_ids: Vec<String>) -> Result<Retained, StoreError> {
        self.engine().read(move |sql| reading::of_documents(sql, &unique_ids)).await
    }

    async fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        self.engine().read(reading::holds).await
    }

    async fn place(&self, hold: Hold) -> Result<(), StoreError> {
        self.engine().write(move |sql| writing::place(sql, &hold)).await
    }

    async fn lift(&self, name: String, lifted: Lifted) -> Result<bool, StoreError> {
        self.engine().write(move |sql| writing::lift(sql, &name, &lifted)).await
    }

    async fn approve(&self, approval: Approval) -> Result<i64, StoreError> {
        self.engine().write(move |sql| writing::approve(sql, &approval)).await
    }

    async fn approvals(&self) -> Result<Vec<Approval>, StoreError> {
        self.engine().read(reading::approvals).await
    }

    async fn oldest(
        &self,
        until: Date,
        from: Option<Place>,
        limit: u32,
    ) -> Result<(Vec<Subject>, Option<Place>), StoreError> {
        self.engine().read(move |sql| reading::oldest(sql, until, from, limit)).await
    }

    async fn destroyed(&self, approval: i64) -> Result<Vec<Destroyed>, StoreError> {
        self.engine().read(move |sql| reading::destroyed(sql, approval)).await
    }

    async fn certify(
        &self,
        approval: i64,
        documents: Vec<String>,
        certificate: String,
    ) -> Result<(), StoreError> {
        let job =
            move |sql: &mut dyn Sql| writing::certify(sql, approval, &documents, &certificate);
        self.engine().write(job).await
    }
}
