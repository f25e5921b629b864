//! Entries that are registered after their own successors: they are Deprecated from the first, and a
//! replacement leads to them. Whoever may write the hub's own slots says so.

use super::CoAuthors;
use super::assign::Ids;
use crate::store::{Existing, NewAssociation};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::ids::slot;
use schemas::metadata::{AssociationType, AvailabilityStatus, DocumentEntry};
use schemas::submission::Submission;

/// The successor that an entry came after.
pub(super) fn successor(entry: &DocumentEntry) -> Option<EntryUuid> {
    let slot = entry.extra.iter().find(|slot| slot.name == slot::SUPERSEDED_BY)?;
    EntryUuid::parse(slot.values.first()?).ok()
}

/// Nullified before it came: it is kept for audit and in no answer.
pub(super) fn is_nullified(entry: &DocumentEntry) -> bool {
    entry.extra.iter().any(|slot| slot.name == slot::NULLIFIED)
}

pub(super) fn successors(submission: &Submission) -> impl Iterator<Item = EntryUuid> {
    submission.document_entries.iter().filter_map(successor)
}

/// A successor is registered, of the same patient, and by whoever may touch its predecessor.
pub(super) fn check(
    submission: &Submission,
    existing: &Existing,
    co_authors: &CoAuthors,
    errors: &mut Vec<XdsError>,
) {
    for entry in &submission.document_entries {
        let Some(id) = successor(entry) else { continue };
        let publisher = entry.publisher_ods();
        let fits = existing.entry(id).is_some_and(|known| {
            known.same_patient
                && co_authors.may_touch(publisher.as_ref(), known.facts.publisher_ods.as_ref())
        });
        if !fits {
            let what = "is no document of the same patient that the publisher may replace or be replaced by";
            let context = format!("the successor {id} of the entry {} {what}", entry.id);
            let error = XdsError::new(XdsErrorCode::RegistryMetadata, context);
            errors.push(error.at(entry.id.to_string()));
        }
    }
}

/// RPLC from each successor to its predecessor.
pub(super) fn replacements(
    submission: &Submission,
    ids: &Ids,
    fresh: fn() -> EntryUuid,
) -> Vec<NewAssociation> {
    let late = submission.document_entries.iter();
    let late = late.filter_map(|entry| Some((successor(entry)?, ids.of(&entry.id))));
    let replacement = |(source, target)| NewAssociation {
        entry_uuid: fresh(),
        association_type: AssociationType::Replaces,
        source,
        target,
        availability_status: AvailabilityStatus::Approved,
        submission_set_status: None,
        content: String::new(),
    };
    late.map(replacement).collect()
}
