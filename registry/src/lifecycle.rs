//! What a submission changes: `(Submission, Existing) -> Changes`, pure (ITI TF-2 3.42.4.1.3).

mod assign;
mod relationships;

use crate::store::{Changes, Existing, References};
use assign::Ids;
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::DocumentEntry;
use schemas::ods_code::OdsCode;
use schemas::submission::Submission;
use sha2::{Digest, Sha256};

/// What is to be done.
pub(crate) enum Decision {
    /// The same submission is registered already: it is answered as before.
    AlreadyRegistered,
    Commit(Box<Changes>),
}

/// Everything of the index that a decision needs to know.
pub(crate) fn references(submission: &Submission) -> References {
    let set = &submission.submission_set;
    let entries = submission.document_entries.iter().map(|entry| entry.unique_id.clone());
    let folders = submission.folders.iter().map(|folder| folder.unique_id.clone());
    let ids = submission
        .associations
        .iter()
        .flat_map(|a| [a.id.uuid(), a.source.uuid(), a.target.uuid()]);
    let own = submission.document_entries.iter().map(|entry| entry.id.uuid());
    let own = own.chain(submission.folders.iter().map(|folder| folder.id.uuid()));
    References {
        patient_id: set.patient_id.clone(),
        unique_ids: std::iter::once(set.unique_id.clone()).chain(entries).chain(folders).collect(),
        objects: ids.chain(own).chain([set.id.uuid()]).flatten().collect(),
    }
}

pub(crate) fn decide(
    submission: &Submission,
    existing: &Existing,
    code_sets: &CodeSets,
    now: Dtm,
    fresh: &mut dyn FnMut() -> EntryUuid,
) -> Result<Decision, Vec<XdsError>> {
    let digest = digest(submission);
    let publisher = submission.document_entries.first().and_then(DocumentEntry::publisher_ods);
    if same_submission(submission, existing, &digest, publisher.as_ref()) {
        return Ok(Decision::AlreadyRegistered);
    }
    let mut errors = Vec::new();
    unique_ids(submission, existing, &mut errors);
    fresh_ids(submission, existing, &mut errors);
    let deprecate = relationships::check(submission, existing, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let ids = Ids::assign(submission, fresh);
    Ok(Decision::Commit(Box::new(Changes {
        patient_id: submission.submission_set.patient_id.clone(),
        expected_version: existing.patient_version,
        registered_at: now,
        digest,
        publisher_ods: publisher,
        entries: ids.entries(submission, code_sets),
        submission_set: ids.submission_set(submission),
        folders: ids.folders(submission),
        associations: ids.associations(submission),
        deprecate,
    })))
}

/// The digest by which a submission is recognised when it comes again. The submission time is
/// left out: a sender that retries may stamp it anew.
fn digest(submission: &Submission) -> Vec<u8> {
    let mut same = submission.clone();
    if let Ok(fixed) = Dtm::parse("2000") {
        same.submission_set.submission_time = fixed;
    }
    Sha256::digest(same.write()).to_vec()
}

fn same_submission(
    submission: &Submission,
    existing: &Existing,
    digest: &[u8],
    publisher: Option<&OdsCode>,
) -> bool {
    let set = &submission.submission_set.unique_id;
    existing.submission_sets.iter().any(|known| {
        known.unique_id == *set
            && known.digest == digest
            && known.publisher_ods.as_ref() == publisher
    })
}

/// ITI TF-2 3.42.4.1.3.3: SubmissionSet and Folder uniqueIds are new to the registry; a
/// DocumentEntry's may recur for identical bytes.
fn unique_ids(submission: &Submission, existing: &Existing, errors: &mut Vec<XdsError>) {
    let set =
        (&submission.submission_set.unique_id, "SubmissionSet", &submission.submission_set.id);
    let folders = submission.folders.iter().map(|folder| (&folder.unique_id, "Folder", &folder.id));
    for (unique_id, class, id) in std::iter::once(set).chain(folders) {
        if existing.is_known(unique_id) {
            let context =
                format!("{class}.uniqueId {unique_id} is already registered with other content");
            let error = XdsError::new(XdsErrorCode::DuplicateUniqueIdInRegistry, context);
            errors.push(error.at(id.to_string()));
        }
    }
    for entry in &submission.document_entries {
        for known in existing.entries.iter().filter(|known| known.unique_id == entry.unique_id) {
            let refuse = |code, what: &str| {
                let context = format!(
                    "the document {} is already registered with another {what}",
                    entry.unique_id
                );
                XdsError::new(code, context).at(entry.id.to_string())
            };
            if entry.size != Some(known.size) {
                errors.push(refuse(XdsErrorCode::NonIdenticalSize, "size"));
            }
            if entry.hash.as_ref().is_some_and(|hash| hash.as_str() != known.hash) {
                errors.push(refuse(XdsErrorCode::NonIdenticalHash, "hash"));
            }
        }
    }
}

/// A submitted entryUUID must not be in use, even by an identical object.
fn fresh_ids(submission: &Submission, existing: &Existing, errors: &mut Vec<XdsError>) {
    let entries = submission.document_entries.iter().map(|entry| &entry.id);
    let folders = submission.folders.iter().map(|folder| &folder.id);
    let associations = submission.associations.iter().map(|association| &association.id);
    let set = std::iter::once(&submission.submission_set.id);
    for id in set.chain(entries).chain(folders).chain(associations) {
        if id.uuid().is_some_and(|uuid| existing.uuids.contains(&uuid)) {
            let context = format!("the entryUUID {id} is already in use in this registry");
            errors.push(XdsError::new(XdsErrorCode::RegistryMetadata, context).at(id.to_string()));
        }
    }
}
