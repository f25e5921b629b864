//! Relationships between documents (ITI TF-2 3.42.4.1.3.5): checks in the profile's order, and
//! what a replacement deprecates.

use super::CoAuthors;
use crate::store::{Existing, ExistingEntry, ObjectKind, Registered};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::{
    Association, AssociationType, AvailabilityStatus, DocumentEntry, ObjectType,
};
use schemas::submission::Submission;
use std::collections::HashSet;

/// Refuses what does not fit; returns the entries that become Deprecated.
pub(super) fn check(
    submission: &Submission,
    existing: &Existing,
    co_authors: &CoAuthors,
    errors: &mut Vec<XdsError>,
) -> Vec<Registered> {
    let mut deprecate = HashSet::new();
    let relationships = submission.associations.iter();
    for association in relationships.filter(|a| a.association_type != AssociationType::HasMember) {
        let source = submission.document_entries.iter().find(|e| e.id == association.source);
        let inside = submission.document_entries.iter().any(|e| e.id == association.target);
        let to_set = association.target == submission.submission_set.id;
        let (Some(source), false) = (source, inside || to_set) else { continue };
        match target_of(association, source, existing, co_authors) {
            Err(error) => errors.push(error.at(association.id.to_string())),
            Ok(target) if association.association_type.is_replacement() => {
                if !deprecate.insert(registered(target)) {
                    let what =
                        format!("{} is replaced twice in one submission", association.target);
                    errors.push(XdsError::new(XdsErrorCode::DeprecatedDocument, what));
                }
                cascade(target, existing, &mut deprecate);
            }
            Ok(_) => {}
        }
    }
    let mut deprecate: Vec<_> = deprecate.into_iter().collect();
    deprecate.sort_unstable_by_key(|object| object.entry_uuid.to_string());
    deprecate
}

fn registered(entry: &ExistingEntry) -> Registered {
    let (patient, entry_uuid) = (entry.patient, entry.facts.entry_uuid);
    Registered { kind: ObjectKind::DocumentEntry, patient, entry_uuid }
}

/// Registered, Approved, of the same patient, and one that the publisher may touch.
fn target_of<'e>(
    association: &Association,
    source: &DocumentEntry,
    existing: &'e Existing,
    co_authors: &CoAuthors,
) -> Result<&'e ExistingEntry, XdsError> {
    let kind = association.association_type;
    let what =
        |rule: &str| format!("the targetObject {} of {} {rule}", association.target, kind.urn());
    let target = association.target.uuid().and_then(|id| existing.entry(id)).ok_or_else(|| {
        XdsError::new(XdsErrorCode::UnresolvedReference, what("is not a registered DocumentEntry"))
    })?;
    if target.facts.availability_status != AvailabilityStatus::Approved {
        return Err(XdsError::new(XdsErrorCode::DeprecatedDocument, what("is Deprecated")));
    }
    if !target.same_patient {
        let rule = what("belongs to another patient");
        return Err(XdsError::new(XdsErrorCode::PatientIdDoesNotMatch, rule));
    }
    let refuse = |rule: &str| Err(XdsError::new(XdsErrorCode::RegistryMetadata, what(rule)));
    let changes = kind.is_replacement() || kind == AssociationType::Transforms;
    let publisher = source.publisher_ods();
    if changes && !co_authors.may_touch(publisher.as_ref(), target.facts.publisher_ods.as_ref()) {
        return refuse(
            "was published by another organisation: only its publisher may replace or transform it",
        );
    }
    if kind == AssociationType::IsSnapshotOf
        && (source.object_type, target.facts.object_type)
            != (ObjectType::Stable, ObjectType::OnDemand)
    {
        return refuse("is not an on-demand entry, or the sourceObject is not a stable one");
    }
    let is_addendum = existing.associations.iter().any(|a| {
        a.association_type == AssociationType::Appends && a.source == target.facts.entry_uuid
    });
    if kind == AssociationType::Transforms && is_addendum {
        return refuse("is an addendum: transform the document that it belongs to");
    }
    Ok(target)
}

/// Addenda and transforms of a replaced document go with it, at any depth.
fn cascade(root: &ExistingEntry, existing: &Existing, deprecate: &mut HashSet<Registered>) {
    let mut waiting = vec![root.facts.entry_uuid];
    while let Some(target) = waiting.pop() {
        let dependents = existing.associations.iter().filter(|a| {
            let kind = a.association_type;
            a.target == target
                && matches!(kind, AssociationType::Appends | AssociationType::Transforms)
        });
        for dependent in dependents.filter_map(|a| existing.entry(a.source)) {
            let approved = dependent.facts.availability_status == AvailabilityStatus::Approved;
            if approved && deprecate.insert(registered(dependent)) {
                waiting.push(dependent.facts.entry_uuid);
            }
        }
    }
}
