//! Who a patient is: what the index knows of identifiers, merges, shared numbers and pairs that must
//! never be linked. It reads and it applies; what may be done is decided elsewhere.

mod keys;
mod moving;
mod reading;
mod writing;

pub(super) use keys::{Identifiers, ShownAs, key_for_writing, patient_keys};
pub(super) use reading::patient;

use super::{Index, PatientKey, StoreError, told};
use async_trait::async_trait;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::relationship::Told;

/// How a patient came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// By a document, or by hand.
    Known = 1,
    /// By a patient identity feed.
    Active = 2,
}

/// One patient identifier as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPatient {
    pub id: PatientId,
    /// 0 where nothing is known of it.
    pub version: i64,
    /// `None`: never heard of.
    pub standing: Option<Standing>,
    /// The end of the chain of merges, where it was subsumed.
    pub survivor: Option<PatientId>,
    /// Two people share it.
    pub frozen: bool,
    /// An operator has said that address, practice and location are not told.
    pub withheld: bool,
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatientStatus {
    Unknown,
    Known,
    Active,
    Subsumed,
    Frozen,
}

impl KnownPatient {
    pub fn status(&self) -> PatientStatus {
        match self.standing {
            _ if self.survivor.is_some() => PatientStatus::Subsumed,
            _ if self.frozen => PatientStatus::Frozen,
            None => PatientStatus::Unknown,
            Some(Standing::Known) => PatientStatus::Known,
            Some(Standing::Active) => PatientStatus::Active,
        }
    }

    /// What a change that was decided on this knowledge depends on.
    pub fn expected(&self) -> Expected {
        Expected { patient: self.id.clone(), version: self.version }
    }
}

/// Which message asked for a merge: the sender's name and its own number for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeMessage {
    pub source: String,
    pub message_id: String,
}

/// A merge that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingMerge {
    pub subsumed: PatientId,
    pub surviving: PatientId,
    pub message: MergeMessage,
}

/// What a decision about merging two patients needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPair {
    pub subsumed: KnownPatient,
    pub surviving: KnownPatient,
    /// Somebody of the one's chain and somebody of the other's must never be linked.
    pub do_not_link: bool,
    /// The merge by which `subsumed` was subsumed.
    pub standing: Option<StandingMerge>,
    /// This very message was applied before, and undone.
    pub undone: bool,
}

/// A patient with everyone it was merged with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The one at the end; alone where there was no merge.
    pub survivor: KnownPatient,
    pub subsumed: Vec<KnownPatient>,
    pub merges: Vec<StandingMerge>,
}

impl Chain {
    pub fn holds(&self, patient: &PatientId) -> bool {
        self.survivor.id == *patient || self.subsumed.iter().any(|known| known.id == *patient)
    }
}

/// An entry, whose it is, and whom it was taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedEntry {
    pub entry_uuid: EntryUuid,
    pub owner: KnownPatient,
    /// The patient it was split off and not given back to.
    pub split_off: Option<KnownPatient>,
}

/// A version that must still hold when a change is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub patient: PatientId,
    pub version: i64,
}

/// One thing that a change does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The patient is known to a feed.
    Activate(PatientId),
    /// `subsumed`, and whoever it has subsumed, lead to `surviving`.
    Merge(StandingMerge),
    /// The patient stands for itself again, and `with` lead to it as they did before. `forget`: not
    /// even that there was a merge is kept.
    Unmerge {
        subsumed: PatientId,
        with: Vec<PatientId>,
        forget: bool,
    },
    Freeze(PatientId),
    Unfreeze(PatientId),
    /// An operator's word on whether address, practice and location are told.
    Withhold {
        patient: PatientId,
        withheld: bool,
    },
    /// The two must never be linked.
    Protect(PatientId, PatientId),
    Unprotect(PatientId, PatientId),
    /// The entry, all its versions and what hangs on it become another patient's.
    SplitOff {
        entry: EntryUuid,
        to: PatientId,
    },
    /// What was split off with the entry goes back.
    GiveBack {
        entry: EntryUuid,
    },
    /// A merge was refused; a person should look at it.
    Refused {
        subsumed: PatientId,
        surviving: PatientId,
        source: String,
        reason: String,
    },
}

/// What one event does, if everything it was decided on still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityChange {
    pub expected: Vec<Expected>,
    pub at: Dtm,
    pub effects: Vec<Effect>,
}

/// What a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityProblem {
    /// Two people share the number; so many entries are under it still.
    Frozen { patient: PatientId, entries: i64 },
    /// A merge that was asked for and is not done.
    RefusedMerge { subsumed: String, surviving: String, at: String, source: String, reason: String },
    /// A patient without a number of the domain.
    Untraced { patient: PatientId, entries: i64 },
}

/// Each method is one transaction; a failed call changes nothing.
#[async_trait]
pub trait IdentityStore: Send + Sync {
    async fn patient(&self, patient: &PatientId) -> Result<KnownPatient, StoreError>;

    async fn pair(
        &self,
        subsumed: &PatientId,
        surviving: &PatientId,
        message: &MergeMessage,
    ) -> Result<KnownPair, StoreError>;

    async fn chain(&self, patient: &PatientId) -> Result<Chain, StoreError>;

    async fn entry(&self, entry: EntryUuid) -> Result<Option<OwnedEntry>, StoreError>;

    /// `Conflict` where one of the expected versions no longer holds.
    async fn apply(&self, change: IdentityChange) -> Result<(), StoreError>;

    /// Keeps news of a patient for the gateway, and a death with the patient.
    async fn tell(&self, told: Told) -> Result<(), StoreError>;

    /// The keys of a patient's rows, its own first: those of everyone it has subsumed too, and none
    /// for one that was subsumed itself.
    async fn keys_of(&self, patient: &PatientId) -> Result<Vec<PatientKey>, StoreError>;

    async fn problems(&self) -> Result<Vec<IdentityProblem>, StoreError>;

    /// Whether PDS or an operator says, of this identifier or of one merged with it, that nothing may
    /// tell where the patient lives and is registered.
    async fn is_sensitive(&self, patient: &PatientId) -> Result<bool, StoreError>;
}

#[async_trait]
impl IdentityStore for Index {
    async fn patient(&self, patient: &PatientId) -> Result<KnownPatient, StoreError> {
        let id = patient.clone();
        self.engine().read(move |sql| reading::patient(sql, &id)).await
    }

    async fn pair(
        &self,
        subsumed: &PatientId,
        surviving: &PatientId,
        message: &MergeMessage,
    ) -> Result<KnownPair, StoreError> {
        let (subsumed, surviving, message) = (subsumed.clone(), surviving.clone(), message.clone());
        self.engine().read(move |sql| reading::pair(sql, &subsumed, &surviving, &message)).await
    }

    async fn chain(&self, patient: &PatientId) -> Result<Chain, StoreError> {
        let id = patient.clone();
        self.engine().read(move |sql| reading::chain(sql, &id)).await
    }

    async fn entry(&self, entry: EntryUuid) -> Result<Option<OwnedEntry>, StoreError> {
        self.engine().read(move |sql| moving::entry(sql, entry)).await
    }

    async fn apply(&self, change: IdentityChange) -> Result<(), StoreError> {
        self.engine()
            .write(move |sql| {
                writing::apply(sql, &change)?;
                told::keep_identity(sql, &change)
            })
            .await?;
        self.told.notify_one();
        Ok(())
    }

    async fn tell(&self, told: Told) -> Result<(), StoreError> {
        self.engine().write(move |sql| told::keep(sql, &told)).await?;
        self.told.notify_one();
        Ok(())
    }

    async fn keys_of(&self, patient: &PatientId) -> Result<Vec<PatientKey>, StoreError> {
        let id = patient.clone();
        self.engine().read(move |sql| patient_keys(sql, &id)).await
    }

    async fn problems(&self) -> Result<Vec<IdentityProblem>, StoreError> {
        self.engine().read(reading::problems).await
    }

    async fn is_sensitive(&self, patient: &PatientId) -> Result<bool, StoreError> {
        let id = patient.clone();
        self.engine().read(move |sql| keys::is_sensitive(sql, &id)).await
    }
}
