//! Which documents a request takes back from those who may have read them, and why. Pure.

use crate::store::{Changes, Existing, ExistingEntry, ObjectKind, PatientKey, Registered};
use node::caller::Caller;
use node::endpoint::SoapRequest;
use schemas::entry_uuid::EntryUuid;
use schemas::metadata::ids::slot;
use schemas::metadata::{AvailabilityStatus, EntryFacts};
use schemas::ods_code::OdsCode;
use schemas::recall::Reason;
use schemas::submission::Submission;
use schemas::unique_id::UniqueId;
use schemas::update::MetadataUpdate;
use schemas::wire::Slot;

/// One entry that is taken back. It is kept in the transaction that does it, until the gateway has
/// been told.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    pub reason: Reason,
    /// The organisation that takes it back.
    pub by: OdsCode,
    pub system: Option<String>,
    pub entry: EntryFacts,
    pub patient: PatientKey,
    pub replaced_by: Option<UniqueId>,
}

/// Who asks for changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor<'a> {
    pub organisation: &'a OdsCode,
    pub system: Option<&'a str>,
}

impl<'a> Actor<'a> {
    pub(crate) fn of(request: &SoapRequest<'a>) -> Self {
        let Caller { organisation, system, .. } = request.caller;
        Self { organisation, system: Some(system) }
    }

    fn takes_back(self, entry: &ExistingEntry, reason: Reason) -> Withdrawal {
        Withdrawal {
            reason,
            by: self.organisation.clone(),
            system: self.system.map(str::to_owned),
            entry: entry.facts.clone(),
            patient: entry.patient,
            replaced_by: None,
        }
    }
}

/// What a submission replaces, and the addenda and transforms that go with it.
pub(crate) fn of_submission(
    submission: &Submission,
    existing: &Existing,
    deprecated: &[Registered],
) -> Vec<Withdrawal> {
    let publisher = submission.publisher_ods();
    let entries = deprecated.iter().filter_map(|object| existing.entry(object.entry_uuid));
    let corrected = entries.filter_map(|entry| {
        let organisation = publisher.as_ref().or(entry.facts.publisher_ods.as_ref())?;
        let actor = Actor { organisation, system: None };
        let replaced_by = replacement(submission, entry.facts.entry_uuid);
        Some(Withdrawal { replaced_by, ..actor.takes_back(entry, Reason::Corrected) })
    });
    corrected.collect()
}

fn replacement(submission: &Submission, replaced: EntryUuid) -> Option<UniqueId> {
    let mut associations = submission.associations.iter();
    let association = associations
        .find(|a| a.association_type.is_replacement() && a.target.uuid() == Some(replaced))?;
    let mut entries = submission.document_entries.iter();
    entries.find(|entry| entry.id == association.source).map(|entry| entry.unique_id.clone())
}

/// What a metadata update changes: new versions of entries, and entries that become Deprecated.
pub(crate) fn of_update(
    changes: &Changes,
    existing: &Existing,
    updated: &[EntryUuid],
    actor: Actor<'_>,
) -> Vec<Withdrawal> {
    let versions = updated.iter().filter_map(|id| existing.entry(*id)).map(|entry| {
        // The request is about the patient of the new version.
        let same = entry.same_patient;
        let reason = if same { Reason::MetadataUpdated } else { Reason::WrongPatient };
        actor.takes_back(entry, reason)
    });
    let deprecated = changes.statuses.iter().filter(|(object, status)| {
        object.kind == ObjectKind::DocumentEntry
            && *status == AvailabilityStatus::Deprecated
            && !updated.contains(&object.entry_uuid)
    });
    let deprecated = deprecated
        .filter_map(|(object, _)| existing.entry(object.entry_uuid))
        .map(|entry| actor.takes_back(entry, Reason::Deprecated));
    versions.chain(deprecated).collect()
}

/// What a publisher nullifies: in error, or because it is about somebody else.
pub(crate) fn of_nullification(
    changes: &Changes,
    existing: &Existing,
    update: &MetadataUpdate,
    actor: Actor<'_>,
) -> Vec<Withdrawal> {
    let set = &update.submission.submission_set;
    let wrong_patient = |slot: &Slot| slot.name == slot::NULLIFIED && slot.values == ["02"];
    let reason = match set.extra.iter().any(wrong_patient) {
        true => Reason::WrongPatient,
        false => Reason::Removed,
    };
    let entries = changes.nullified.iter().filter_map(|object| existing.entry(object.entry_uuid));
    entries.map(|entry| actor.takes_back(entry, reason)).collect()
}

/// What a publisher removes.
pub(crate) fn of_removal(
    removed: &[Registered],
    existing: &Existing,
    actor: Actor<'_>,
) -> Vec<Withdrawal> {
    let entries = removed.iter().filter(|object| object.kind == ObjectKind::DocumentEntry);
    let entries = entries.filter_map(|object| existing.entry(object.entry_uuid));
    entries.map(|entry| actor.takes_back(entry, Reason::Removed)).collect()
}
