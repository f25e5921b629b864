//! What this registry asks of a submission before it looks at its index: codes of the affinity
//! domain, patients of its domain, and what the repository must have filled in.

use crate::Registry;
use node::caller::{Caller, HubIdentity};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::metadata::ids::slot;
use schemas::metadata::{DocumentEntry, ObjectId, ObjectType};
use schemas::submission::Submission;

/// What a request may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registering {
    /// ITI-42: documents that are stored.
    Stable,
    /// ITI-61: documents that are made when asked for.
    OnDemand,
    /// ITI-57, ITI-92: new versions of either.
    Any,
}

/// All that is wrong, and warnings.
pub(crate) fn check(
    registry: &Registry,
    submission: &Submission,
    registering: Registering,
) -> Vec<XdsError> {
    let mut errors = registry.code_sets.check(submission, registry.clock.today());
    patient(registry, submission, registering, &mut errors);
    for entry in &submission.document_entries {
        match entry.object_type {
            ObjectType::Stable => completed_by_repository(entry, registering, &mut errors),
            ObjectType::OnDemand => made_on_demand(entry, registering, &mut errors),
        }
    }
    errors
}

/// Who published what is registered: the repository has stamped it. A caller that is no service of
/// the hub is the publisher itself, by its certificate, and may not write the hub's own slots.
pub(crate) fn name_publisher(
    submission: &mut Submission,
    hub: &HubIdentity,
    caller: &Caller,
) -> Result<(), Vec<XdsError>> {
    if hub.is_service(caller) {
        return Ok(());
    }
    let errors = reserved_slots(submission);
    if !errors.is_empty() {
        return Err(errors);
    }
    submission.stamp_publisher(&caller.organisation);
    Ok(())
}

/// The hub's own slots are the hub's to write.
pub(crate) fn reserved_slots(submission: &Submission) -> Vec<XdsError> {
    let set = &submission.submission_set;
    let entries = submission.document_entries.iter().map(|entry| (&entry.extra, &entry.id));
    let folders = submission.folders.iter().map(|folder| (&folder.extra, &folder.id));
    let objects = std::iter::once((&set.extra, &set.id)).chain(entries).chain(folders);
    let slots = objects.flat_map(|(extra, id)| extra.iter().map(move |slot| (slot, id)));
    let reserved = slots.filter(|(slot, _)| slot.name.starts_with(slot::WATLING_PREFIX));
    let refuse = |slot: &str, id: &ObjectId| {
        let what = format!(
            "the Slot {slot:?} is written by the hub and may not be submitted (object {id})"
        );
        XdsError::new(XdsErrorCode::RegistryMetadata, what).at(id.to_string())
    };
    reserved.map(|(slot, id)| refuse(&slot.name, id)).collect()
}

/// A patient of the domain; or one under a local identifier of the organisation that publishes, for
/// those who have no number of the domain.
fn patient(
    registry: &Registry,
    submission: &Submission,
    registering: Registering,
    errors: &mut Vec<XdsError>,
) {
    let refuse = |what: String| XdsError::new(XdsErrorCode::UnknownPatientId, what).at("patientId");
    let policy = &registry.identity.policy;
    let foreign = || {
        refuse(format!(
            "the patientId's assigning authority is not this affinity domain's ({})",
            policy.domain.authority
        ))
    };
    match &submission.submission_set.patient_id {
        patient if registry.identity.refuses(patient) => errors.push(refuse(
            "a synthetic NHS number (999 range) is not accepted by a live hub".to_owned(),
        )),
        patient if policy.is_domains(patient) => {}
        PatientId::Nhs(_) => errors.push(foreign()),
        PatientId::Other(local) => match policy.issuer(&local.authority) {
            None => errors.push(foreign()),
            // An update is its publisher's alone by another rule.
            Some(_) if registering == Registering::Any => {}
            Some(issuer) => {
                let publishers = submission.document_entries.iter().map(|e| e.publisher_ods());
                if !publishers.into_iter().all(|publisher| publisher.as_ref() == Some(issuer)) {
                    errors.push(refuse(format!(
                        "the patientId is a local identifier of {issuer}, which alone publishes under it"
                    )));
                }
            }
        },
    }
}

fn refuse(entry: &DocumentEntry, what: &str, errors: &mut Vec<XdsError>) {
    let what = format!("{what} (object {})", entry.id);
    errors.push(XdsError::new(XdsErrorCode::RegistryMetadata, what).at(entry.id.to_string()));
}

fn completed_by_repository(
    entry: &DocumentEntry,
    registering: Registering,
    errors: &mut Vec<XdsError>,
) {
    if registering == Registering::OnDemand {
        return refuse(entry, "a stable document is registered by ITI-42, not by ITI-61", errors);
    }
    let missing = [
        ("hash", entry.hash.is_none()),
        ("size", entry.size.is_none()),
        ("repositoryUniqueId", entry.repository_unique_id.is_none()),
    ];
    for (attribute, _) in missing.into_iter().filter(|(_, missing)| *missing) {
        refuse(entry, &format!("DocumentEntry.{attribute} is required"), errors);
    }
}

/// A document that does not exist yet has no bytes and no time at which it was made (ITI TF-3 table
/// 4.2.3.2-3).
fn made_on_demand(entry: &DocumentEntry, registering: Registering, errors: &mut Vec<XdsError>) {
    if registering == Registering::Stable {
        return refuse(entry, "an on-demand document is registered by ITI-61", errors);
    }
    let present = [
        ("creationTime", entry.creation_time.is_some()),
        ("hash", entry.hash.is_some()),
        ("size", entry.size.is_some()),
    ];
    for (attribute, _) in present.into_iter().filter(|(_, present)| *present) {
        let what = format!("DocumentEntry.{attribute} is prohibited on an on-demand document");
        refuse(entry, &what, errors);
    }
    if entry.repository_unique_id.is_none() {
        let what =
            "DocumentEntry.repositoryUniqueId is required: it names the On-Demand Document Source";
        refuse(entry, what, errors);
    }
}
