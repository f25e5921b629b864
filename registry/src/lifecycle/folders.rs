//! Membership: what a SubmissionSet refers to and a Folder takes in, and how a replacement follows
//! the document that it replaces into its folders (ITI TF-2 3.42.4.1.3.3 and 3.42.4.1.3.5).

use super::assign::Ids;
use crate::store::{Existing, ExistingFolder, NewAssociation, ObjectKind, Registered};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::{Association, AssociationType, AvailabilityStatus, SubmissionSetStatus};
use schemas::submission::Submission;

fn memberships(submission: &Submission) -> impl Iterator<Item = &Association> {
    submission.associations.iter().filter(|a| a.association_type == AssociationType::HasMember)
}

/// Refuses memberships that lead to, or start at, something that is not there or not fit.
pub(super) fn check(submission: &Submission, existing: &Existing, errors: &mut Vec<XdsError>) {
    for association in memberships(submission) {
        let refused = from(association, submission, existing)
            .and_then(|()| to(association, submission, existing));
        errors.extend(refused.err().map(|error| error.at(association.id.to_string())));
    }
    replaced_in_folders(submission, existing, errors);
}

/// The folder that takes something in.
fn from(
    association: &Association,
    submission: &Submission,
    existing: &Existing,
) -> Result<(), XdsError> {
    let source = &association.source;
    let inside = *source == submission.submission_set.id
        || submission.folders.iter().any(|folder| folder.id == *source);
    if inside {
        return Ok(());
    }
    let folder = source.uuid().and_then(|id| existing.folder(id)).ok_or_else(|| {
        let what = format!("the sourceObject {source} of HasMember is not a registered Folder");
        XdsError::new(XdsErrorCode::UnresolvedReference, what)
    })?;
    fits(folder)
}

fn fits(folder: &ExistingFolder) -> Result<(), XdsError> {
    let id = folder.entry_uuid;
    if folder.availability_status != AvailabilityStatus::Approved {
        let what = format!("the Folder {id} is Deprecated");
        return Err(XdsError::new(XdsErrorCode::DeprecatedDocument, what));
    }
    if !folder.same_patient {
        let what = format!("the Folder {id} belongs to another patient");
        return Err(XdsError::new(XdsErrorCode::PatientIdDoesNotMatch, what));
    }
    Ok(())
}

/// The member, where it is registered already.
fn to(
    association: &Association,
    submission: &Submission,
    existing: &Existing,
) -> Result<(), XdsError> {
    let target = &association.target;
    let inside = submission.document_entries.iter().any(|entry| entry.id == *target)
        || submission.folders.iter().any(|folder| folder.id == *target)
        || submission.associations.iter().any(|other| other.id == *target);
    if inside {
        return Ok(());
    }
    let entry = target.uuid().and_then(|id| existing.entry(id)).ok_or_else(|| {
        let what = format!("HasMember leads to {target}, which is not a registered DocumentEntry");
        XdsError::new(XdsErrorCode::UnresolvedReference, what)
    })?;
    let from_set = association.source == submission.submission_set.id;
    if from_set && association.submission_set_status == Some(SubmissionSetStatus::Reference) {
        return Ok(());
    }
    if from_set {
        let what = format!(
            "the SubmissionSet brings {target} as its own, but it is registered already: SubmissionSetStatus is Reference"
        );
        return Err(XdsError::new(XdsErrorCode::RegistryMetadata, what));
    }
    if !entry.same_patient {
        let what = format!("{target} belongs to another patient");
        return Err(XdsError::new(XdsErrorCode::PatientIdDoesNotMatch, what));
    }
    if entry.facts.availability_status != AvailabilityStatus::Approved {
        let what = format!("{target} is Deprecated");
        return Err(XdsError::new(XdsErrorCode::DeprecatedDocument, what));
    }
    Ok(())
}

/// (replacement, Approved folder that holds what it replaces)
fn followed<'a>(
    submission: &'a Submission,
    existing: &'a Existing,
) -> impl Iterator<Item = (&'a Association, &'a ExistingFolder)> {
    let replacements = submission.associations.iter();
    let replacements = replacements.filter(|a| a.association_type.is_replacement());
    replacements.flat_map(move |replacement| {
        let target = replacement.target.uuid();
        let holding = existing.associations.iter().filter(move |a| {
            a.association_type == AssociationType::HasMember
                && a.availability_status == AvailabilityStatus::Approved
                && Some(a.target) == target
        });
        let folders = holding.filter_map(|a| existing.folder(a.source));
        let approved =
            folders.filter(|folder| folder.availability_status == AvailabilityStatus::Approved);
        approved.map(move |folder| (replacement, folder))
    })
}

fn replaced_in_folders(submission: &Submission, existing: &Existing, errors: &mut Vec<XdsError>) {
    for (replacement, folder) in followed(submission, existing) {
        let refused = fits(folder).err();
        errors.extend(refused.map(|error| error.at(replacement.id.to_string())));
    }
}

/// Registered folders that the submission itself adds to.
pub(super) fn joined(submission: &Submission, existing: &Existing) -> Vec<Registered> {
    let sources = memberships(submission).filter_map(|a| a.source.uuid());
    sources.filter_map(|id| existing.folder(id)).map(registered).collect()
}

fn registered(folder: &ExistingFolder) -> Registered {
    let (patient, entry_uuid) = (folder.patient, folder.entry_uuid);
    Registered { kind: ObjectKind::Folder, patient, entry_uuid }
}

pub(super) struct Propagated {
    pub associations: Vec<NewAssociation>,
    pub folders: Vec<Registered>,
}

/// A replacement joins every Approved folder of what it replaces, unless the submission has put it
/// there already; the replacement's SubmissionSet holds the new membership.
pub(super) fn propagate(
    submission: &Submission,
    existing: &Existing,
    ids: &Ids,
    fresh: fn() -> EntryUuid,
) -> Propagated {
    let mut propagated = Propagated { associations: Vec::new(), folders: Vec::new() };
    let mut placed: Vec<(EntryUuid, EntryUuid)> =
        memberships(submission).map(|a| (ids.of(&a.source), ids.of(&a.target))).collect();
    for (replacement, folder) in followed(submission, existing) {
        let place = (folder.entry_uuid, ids.of(&replacement.source));
        if placed.contains(&place) {
            continue;
        }
        placed.push(place);
        let membership = has_member(fresh(), place.0, place.1);
        let set = ids.of(&submission.submission_set.id);
        propagated.associations.push(has_member(fresh(), set, membership.entry_uuid));
        propagated.associations.push(membership);
        propagated.folders.push(registered(folder));
    }
    propagated
}

/// A membership that the registry itself makes.
pub(super) fn has_member(id: EntryUuid, source: EntryUuid, target: EntryUuid) -> NewAssociation {
    NewAssociation {
        entry_uuid: id,
        association_type: AssociationType::HasMember,
        source,
        target,
        availability_status: AvailabilityStatus::Approved,
        submission_set_status: None,
        content: String::new(),
    }
}
