//! From a message or a command to the index: read, decide, apply, again where it has changed
//! meanwhile; and the records of it.

use super::Identities;
use super::rules::{self, Decision, Refusal};
use crate::store::StoreError;
use crate::store::identity::{Effect, IdentityChange, MergeMessage};
use node::audit::{AuditEvent, AuditKind, FeedAction, FeedRecord, Outcome};
use node::caller::Caller;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::pix::PatientFeed;

/// What was read may have changed when it is applied: so often it is read again.
const ATTEMPTS_MAX: u32 = 16;

/// Who sent a message: by certificate, and as the message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub organisation: OdsCode,
    pub system: String,
    /// MSH-3, or the OID of the sending device.
    pub application: String,
    /// MSH-4, where the message can say it.
    pub facility: Option<String>,
}

impl Sender {
    pub fn new(caller: &Caller, application: &str, facility: Option<&str>) -> Self {
        Self {
            organisation: caller.organisation.clone(),
            system: caller.system.clone(),
            application: application.to_owned(),
            facility: facility.map(str::to_owned),
        }
    }

    /// The name under which its merges are kept.
    fn name(&self) -> String {
        format!("{}|{}|{}", self.organisation, self.system, self.application)
    }
}

/// Why a request has no effect.
#[derive(Clone, Debug, thiserror::Error)]
pub enum IdentityError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is asked of the registry's knowledge of patients, by a feed or by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityRequest {
    Add(PatientId),
    Merge {
        surviving: PatientId,
        subsumed: PatientId,
        message: MergeMessage,
    },
    Unmerge(PatientId),
    Freeze(PatientId),
    Unfreeze(PatientId),
    /// Whether address, practice and location are withheld, whatever PDS says.
    Withhold {
        patient: PatientId,
        withheld: bool,
    },
    Protect(PatientId, PatientId),
    Unprotect(PatientId, PatientId),
    Split {
        entry: EntryUuid,
        to: PatientId,
    },
    GiveBack(EntryUuid),
}

/// Reads, decides and applies, until what was read still holds.
pub async fn change(
    identities: &Identities,
    request: &IdentityRequest,
) -> Result<(), IdentityError> {
    for attempt in 0..ATTEMPTS_MAX {
        let Decision { expected, effects } = decide(identities, request).await?;
        if effects.is_empty() {
            return Ok(());
        }
        let at = identities.clock.dtm();
        match identities.store.apply(IdentityChange { expected, at, effects }).await {
            Err(StoreError::Conflict) => {
                let pause = std::time::Duration::from_millis(u64::from(attempt));
                tokio::time::sleep(pause).await;
            }
            applied => return Ok(applied?),
        }
    }
    Err(StoreError::Conflict.into())
}

async fn decide(
    identities: &Identities,
    request: &IdentityRequest,
) -> Result<Decision, IdentityError> {
    let known = &identities.store;
    let patients = identities.known_patients;
    let synthetic = |patient| identities.refuses(patient);
    Ok(match request {
        IdentityRequest::Add(patient) if synthetic(patient) => Err(Refusal::Synthetic),
        IdentityRequest::Add(patient) => Ok(rules::add(&known.patient(patient).await?)),
        IdentityRequest::Merge { surviving, subsumed, .. }
            if synthetic(surviving) || synthetic(subsumed) =>
        {
            Err(Refusal::Synthetic)
        }
        IdentityRequest::Merge { surviving, subsumed, message } => {
            rules::merge(&known.pair(subsumed, surviving, message).await?, message, patients)
        }
        IdentityRequest::Unmerge(patient) => rules::unmerge(&known.chain(patient).await?, patient),
        IdentityRequest::Freeze(patient) => rules::freeze(&known.patient(patient).await?),
        IdentityRequest::Unfreeze(patient) => rules::unfreeze(&known.patient(patient).await?),
        IdentityRequest::Withhold { patient, .. } if synthetic(patient) => Err(Refusal::Synthetic),
        IdentityRequest::Withhold { patient, withheld } => {
            Ok(rules::withhold(&known.patient(patient).await?, *withheld))
        }
        IdentityRequest::Protect(one, other) => {
            let (first, second) = (known.chain(one).await?, known.chain(other).await?);
            rules::protect(&first, one, &second, other)
        }
        IdentityRequest::Unprotect(one, other) => {
            let (one, other) = (known.patient(one).await?, known.patient(other).await?);
            Ok(rules::unprotect(&one, &other))
        }
        IdentityRequest::Split { entry, to } => {
            let entry = known.entry(*entry).await?.ok_or(Refusal::NoSuchEntry)?;
            let chain = known.chain(&entry.owner.id).await?;
            rules::split(&entry, &chain, &known.patient(to).await?, patients)
        }
        IdentityRequest::GiveBack(entry) => {
            rules::give_back(&known.entry(*entry).await?.ok_or(Refusal::NoSuchEntry)?)
        }
    }?)
}

/// A message that changed nothing.
#[derive(Clone, Debug)]
pub struct Unchanged {
    pub error: IdentityError,
    /// The two of a merge must not be named together: not in a record, not in a list.
    pub nameless: bool,
}

/// Applies a message of a patient identity feed.
pub async fn receive(
    identities: &Identities,
    feed: &PatientFeed,
    sender: &Sender,
    message_id: &str,
) -> Result<(), Unchanged> {
    let message = MergeMessage { source: sender.name(), message_id: message_id.to_owned() };
    let Err(error) = believed(identities, feed, sender, &message).await else { return Ok(()) };
    let PatientFeed::Merge { surviving, subsumed } = feed else {
        return Err(Unchanged { error, nameless: false });
    };
    let pair = identities.store.pair(subsumed, surviving, &message).await;
    let closed = matches!(error, IdentityError::Refused(Refusal::Closed));
    let nameless = closed || pair.map_or(true, |pair| pair.do_not_link);
    if let (IdentityError::Refused(refusal), false) = (&error, nameless)
        && *refusal != Refusal::NotASource
    {
        let reason = refusal.to_string();
        let (subsumed, surviving) = (subsumed.clone(), surviving.clone());
        let effect = Effect::Refused { subsumed, surviving, source: message.source, reason };
        let at = identities.clock.dtm();
        let kept = IdentityChange { expected: Vec::new(), at, effects: vec![effect] };
        if let Err(error) = identities.store.apply(kept).await {
            return Err(Unchanged { error: error.into(), nameless });
        }
    }
    Err(Unchanged { error, nameless })
}

async fn believed(
    identities: &Identities,
    feed: &PatientFeed,
    sender: &Sender,
    message: &MergeMessage,
) -> Result<(), IdentityError> {
    let source = identities.policy.source(sender).ok_or(Refusal::NotASource)?;
    let request = match feed {
        PatientFeed::Add(patient) | PatientFeed::Update(patient) => {
            IdentityRequest::Add(patient.clone())
        }
        PatientFeed::Merge { .. } if !source.merges => return Err(Refusal::MayNotMerge.into()),
        PatientFeed::Merge { surviving, subsumed } => IdentityRequest::Merge {
            surviving: surviving.clone(),
            subsumed: subsumed.clone(),
            message: message.clone(),
        },
    };
    change(identities, &request).await
}

/// The records of a message: one for each patient. Where the two of a merge must not be named
/// together no record names either, since records of one message can be laid side by side.
pub(crate) fn records(
    transaction: &str,
    feed: &PatientFeed,
    record: &FeedRecord,
    result: Result<(), &Unchanged>,
) -> Vec<AuditEvent> {
    let outcome = if result.is_ok() { Outcome::Success } else { Outcome::SeriousFailure };
    let event = |action: FeedAction, patient: Option<&PatientId>| {
        let kind = AuditKind::Transaction(transaction.to_owned());
        let mut event = AuditEvent::new("registry", kind, outcome);
        event.patient_id = patient.map(PatientId::text);
        let message_id = patient.map(|_| record.message_id.clone()).unwrap_or_default();
        event.feed = Some(FeedRecord { action, message_id, ..record.clone() });
        match &result {
            Ok(()) => event,
            Err(unchanged) => event.because(said(&unchanged.error)),
        }
    };
    match feed {
        PatientFeed::Add(patient) => vec![event(FeedAction::Create, Some(patient))],
        PatientFeed::Update(patient) => vec![event(FeedAction::Update, Some(patient))],
        PatientFeed::Merge { .. } if result.is_err_and(|unchanged| unchanged.nameless) => {
            vec![event(FeedAction::Update, None)]
        }
        PatientFeed::Merge { surviving, subsumed } => vec![
            event(FeedAction::Delete, Some(subsumed)),
            event(FeedAction::Update, Some(surviving)),
        ],
    }
}

/// What a sender is told; what the store said is for the log.
pub(crate) fn said(error: &IdentityError) -> String {
    match error {
        IdentityError::Refused(refusal) => refusal.to_string(),
        IdentityError::Store(error) => crate::store_error(error).to_string(),
    }
}
