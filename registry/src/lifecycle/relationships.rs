//! Relationships between documents (ITI TF-2 3.42.4.1.3.5): checks in the profile's order, and
//! what a replacement deprecates.

use crate::store::{Existing, ExistingEntry};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::{Association, AssociationType, AvailabilityStatus, SubmissionSetStatus};
use schemas::submission::Submission;
use std::collections::HashSet;

/// Refuses what does not fit; returns the entries that become Deprecated.
pub(super) fn check(
    submission: &Submission,
    existing: &Existing,
    errors: &mut Vec<XdsError>,
) -> Vec<EntryUuid> {
    let mut deprecate = HashSet::new();
    for association in &submission.associations {
        let Some(target) = association.target.uuid() else { continue };
        if submission.document_entries.iter().any(|entry| entry.id == association.target) {
            continue;
        }
        let found = existing.entries.iter().find(|entry| entry.entry_uuid == target);
        if association.association_type == AssociationType::HasMember {
            reference(association, found, existing, errors);
            continue;
        }
        match target_of(association, found, existing, submission) {
            Err(error) => errors.push(error.at(association.id.to_string())),
            Ok(entry) if association.association_type.is_replacement() => {
                if !deprecate.insert(entry.entry_uuid) {
                    let what = format!("{} is replaced twice in one submission", entry.entry_uuid);
                    errors.push(XdsError::new(XdsErrorCode::DeprecatedDocument, what));
                }
                cascade(entry.entry_uuid, existing, &mut deprecate);
            }
            Ok(_) => {}
        }
    }
    deprecate.into_iter().collect()
}

/// A SubmissionSet may refer to, and a Folder may take in, what is registered.
fn reference(
    association: &Association,
    found: Option<&ExistingEntry>,
    existing: &Existing,
    errors: &mut Vec<XdsError>,
) {
    let by_reference = association.submission_set_status == Some(SubmissionSetStatus::Reference);
    let known =
        found.is_some() || association.target.uuid().is_some_and(|id| existing.uuids.contains(&id));
    if !known {
        let what = format!("HasMember leads to {}, which is not registered", association.target);
        let error = XdsError::new(XdsErrorCode::UnresolvedReference, what);
        errors.push(error.at(association.id.to_string()));
    }
    if let Some(entry) = found.filter(|entry| !by_reference && !entry.same_patient) {
        let what = format!("{} belongs to another patient", entry.entry_uuid);
        errors.push(XdsError::new(XdsErrorCode::PatientIdDoesNotMatch, what));
    }
}

/// Registered, Approved, of the same patient and of the same publisher.
fn target_of<'e>(
    association: &Association,
    found: Option<&'e ExistingEntry>,
    _existing: &Existing,
    submission: &Submission,
) -> Result<&'e ExistingEntry, XdsError> {
    let kind = association.association_type.urn();
    let entry = found.ok_or_else(|| {
        let what = format!(
            "the targetObject {} of {kind} is not a registered DocumentEntry",
            association.target
        );
        XdsError::new(XdsErrorCode::UnresolvedReference, what)
    })?;
    if entry.availability_status != AvailabilityStatus::Approved {
        let what = format!("the targetObject {} of {kind} is Deprecated", association.target);
        return Err(XdsError::new(XdsErrorCode::DeprecatedDocument, what));
    }
    if !entry.same_patient {
        let what =
            format!("the targetObject {} of {kind} belongs to another patient", association.target);
        return Err(XdsError::new(XdsErrorCode::PatientIdDoesNotMatch, what));
    }
    let source = submission.document_entries.iter().find(|entry| entry.id == association.source);
    let publisher = source.and_then(|source| source.publisher_ods());
    if association.association_type.is_replacement() && publisher != entry.publisher_ods {
        let what = format!(
            "{} was published by another organisation: only its publisher may replace it",
            association.target
        );
        return Err(XdsError::new(XdsErrorCode::RegistryMetadata, what));
    }
    Ok(entry)
}

/// Addenda and transforms of a replaced document go with it, at any depth.
fn cascade(root: EntryUuid, existing: &Existing, deprecate: &mut HashSet<EntryUuid>) {
    let mut waiting = vec![root];
    while let Some(target) = waiting.pop() {
        for dependent in existing.dependents.iter().filter(|(_, of)| *of == target) {
            if deprecate.insert(dependent.0) {
                waiting.push(dependent.0);
            }
        }
    }
}
