//! The end of a retention period: what is due, and its destruction in the index, under a
//! controller's approval and through the same decision as every removal.

use crate::attempt::Decided;
use crate::lifecycle::CoAuthors;
use crate::lifecycle::remove::{self, Remover};
use crate::retention::{
    Approval, Keeping, Purpose, Retention, Subject, candidates_before, retained_until,
};
use crate::store::retention::RetentionStore;
use crate::store::{Existing, Reach, References, Store, StoreError};
use crate::withdrawal::Actor;
use node::clock::Clock;
use schemas::entry_uuid::EntryUuid;
use schemas::remove_objects::RemoveObjects;
use schemas::unique_id::UniqueId;
use std::collections::HashSet;

/// Entries read at once while looking for what is due.
const PAGE: u32 = 1_000;

/// A document that has changed between reading and committing is read again, this often; and so
/// often at most what hangs on it leads on.
const ATTEMPTS_MAX: u32 = 16;

/// The index, as far as destruction goes.
pub struct Records<'r> {
    pub store: &'r dyn Store,
    pub retained: &'r dyn RetentionStore,
    pub keeping: &'r Keeping,
    pub clock: &'r Clock,
}

/// An entry whose period has passed.
#[derive(Clone, Debug)]
pub struct Due {
    pub subject: Subject,
    pub retention: Retention,
    /// The hold that keeps it all the same.
    pub hold: Option<String>,
}

/// What became of a document's entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metadata {
    Destroyed,
    /// There were none: they went before.
    None,
    /// Why nothing went.
    Kept(Vec<String>),
}

impl Records<'_> {
    /// Everything whose period has passed, the oldest first; by the index of last days, so that
    /// nothing is read that is too young for any rule.
    pub async fn due(&self) -> Result<Vec<Due>, StoreError> {
        let today = self.clock.today();
        let table = &self.keeping.table;
        let before = candidates_before(table, today);
        let mut holds = self.retained.holds().await?;
        holds.retain(|hold| hold.lifted.is_none());
        let (mut due, mut place) = (Vec::new(), None);
        loop {
            let (subjects, next) = self.retained.oldest(before, place, PAGE).await?;
            for subject in subjects {
                let retention = retained_until(&subject, table);
                if retention.has_passed(today) {
                    let hold = holds.iter().find(|hold| hold.keeps(&subject));
                    let hold = hold.map(|hold| hold.name.clone());
                    due.push(Due { subject, retention, hold });
                }
            }
            if next.is_none() {
                return Ok(due);
            }
            place = next;
        }
    }

    /// Takes every entry of a document out of the index, with the associations that lead to it and
    /// the packages that it leaves empty; all or nothing.
    pub async fn destroy(
        &self,
        approval: &Approval,
        document: &UniqueId,
        by: &str,
    ) -> Result<Metadata, StoreError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.attempt(approval, document, by).await {
                Err(StoreError::Conflict) => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict)
    }

    async fn attempt(
        &self,
        approval: &Approval,
        document: &UniqueId,
        by: &str,
    ) -> Result<Metadata, StoreError> {
        let (existing, listed) = self.whole(approval, document).await?;
        if listed.is_empty() {
            return Ok(Metadata::None);
        }
        match self.decide(approval, &existing, listed, by) {
            Ok(None) => Ok(Metadata::None),
            Ok(Some(changes)) => self.store.commit(*changes).await.map(|()| Metadata::Destroyed),
            Err(errors) => {
                Ok(Metadata::Kept(errors.into_iter().map(|error| error.context).collect()))
            }
        }
    }

    fn decide(
        &self,
        approval: &Approval,
        existing: &Existing,
        listed: Vec<EntryUuid>,
        by: &str,
    ) -> Decided {
        let remover = Remover {
            keeping: self.keeping,
            co_authors: &CoAuthors::default(),
            actor: Actor { organisation: &approval.controller, system: None },
            purpose: Purpose::Destruction,
            now: self.clock.dtm(),
            today: self.clock.today(),
            by: by.to_owned(),
        };
        remove::decide(&RemoveObjects(listed), existing, &remover)
    }

    /// The document's entries with all that has to go along. Reading goes on until what goes along
    /// has been looked around in itself.
    async fn whole(
        &self,
        approval: &Approval,
        document: &UniqueId,
    ) -> Result<(Existing, Vec<EntryUuid>), StoreError> {
        let mut around: HashSet<EntryUuid> = HashSet::new();
        for _ in 0..ATTEMPTS_MAX {
            let references = References {
                patient_id: None,
                unique_ids: vec![document.clone()],
                objects: around.iter().copied().collect(),
                logical_ids: Vec::new(),
                all_versions: false,
                reach: Reach::Neighbours,
                retained: true,
            };
            let mut existing = self.store.existing(&references).await?;
            existing.retained.approvals.retain(|known| known.id == approval.id);
            let listed = going_along(&existing, document);
            if listed.is_subset(&around) {
                let mut listed: Vec<EntryUuid> = listed.into_iter().collect();
                listed.sort_unstable_by_key(ToString::to_string);
                return Ok((existing, listed));
            }
            around.extend(listed);
        }
        Err(StoreError::Failed("too much hangs on one document".to_owned()))
    }
}

/// The document's entries, every association of theirs, and each package that is left without any.
fn going_along(existing: &Existing, document: &UniqueId) -> HashSet<EntryUuid> {
    let own = existing.entries.iter().filter(|entry| entry.facts.unique_id == *document);
    let mut listed: HashSet<EntryUuid> = own.map(|entry| entry.facts.entry_uuid).collect();
    loop {
        let before = listed.len();
        for association in &existing.associations {
            if listed.contains(&association.source) || listed.contains(&association.target) {
                listed.insert(association.entry_uuid);
            }
        }
        let sets = existing.submission_sets.iter().map(|set| set.entry_uuid);
        let packages = sets.chain(existing.folders.iter().map(|folder| folder.entry_uuid));
        for package in packages {
            let mut touching = existing.touching(package).peekable();
            if touching.peek().is_some() && touching.all(|a| listed.contains(&a.entry_uuid)) {
                listed.insert(package);
            }
        }
        if listed.len() == before {
            return listed;
        }
    }
}
