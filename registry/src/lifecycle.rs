//! What a submission changes: `(Submission, Existing) -> Changes`, pure (ITI TF-2 3.42.4.1.3).

mod assign;
mod folders;
mod relationships;
pub(crate) mod remove;
mod superseded;
pub(crate) mod update;

use crate::Resubmission;
use crate::attempt::Decided;
use crate::store::{Changes, Existing, References, Registered};
use crate::withdrawal;
use assign::Ids;
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::ids::slot;
use schemas::metadata::{AvailabilityStatus, DocumentEntry, EntryFacts, ObjectType};
use schemas::ods_code::OdsCode;
use schemas::submission::Submission;
use sha2::{Digest, Sha256};

/// What a decision needs beside the submission and the index.
pub(crate) struct Deciding<'d> {
    pub code_sets: &'d CodeSets,
    pub co_authors: &'d CoAuthors,
    pub resubmission: Resubmission,
    pub now: Dtm,
    /// Draws a fresh entryUUID.
    pub fresh: fn() -> EntryUuid,
}

/// Groups of organisations that may replace, transform, update and remove each other's documents.
#[derive(Clone, Debug, Default)]
pub struct CoAuthors(pub Vec<Vec<OdsCode>>);

impl CoAuthors {
    /// Whether `organisation` may touch what `publisher` has published.
    pub fn may_touch(&self, organisation: Option<&OdsCode>, publisher: Option<&OdsCode>) -> bool {
        if organisation == publisher {
            return true;
        }
        let (Some(organisation), Some(publisher)) = (organisation, publisher) else { return false };
        self.0.iter().any(|group| group.contains(organisation) && group.contains(publisher))
    }
}

/// Everything of the index that a decision needs to know.
pub(crate) fn references(submission: &Submission) -> References {
    let set = &submission.submission_set;
    let entries = submission.document_entries.iter().map(|entry| entry.unique_id.clone());
    let folders = submission.folders.iter().map(|folder| folder.unique_id.clone().into());
    let ids = submission
        .associations
        .iter()
        .flat_map(|a| [a.id.uuid(), a.source.uuid(), a.target.uuid()]);
    let own = submission.document_entries.iter().map(|entry| entry.id.uuid());
    let own = own.chain(submission.folders.iter().map(|folder| folder.id.uuid()));
    References {
        patient_id: Some(set.patient_id.clone()),
        unique_ids: std::iter::once(set.unique_id.clone().into())
            .chain(entries)
            .chain(folders)
            .collect(),
        objects: ids
            .chain(own)
            .chain([set.id.uuid()])
            .flatten()
            .chain(superseded::successors(submission))
            .collect(),
        logical_ids: Vec::new(),
        all_versions: false,
        reach: Default::default(),
        retained: false,
    }
}

pub(crate) fn decide(
    submission: &Submission,
    existing: &Existing,
    deciding: &Deciding<'_>,
) -> Decided {
    let digest = digest(submission);
    let publisher = submission.publisher_ods();
    if same_submission(submission, existing, &digest, publisher.as_ref()) {
        let unique_id = &submission.submission_set.unique_id;
        let what = format!("SubmissionSet.uniqueId {unique_id} is already registered");
        return match deciding.resubmission {
            Resubmission::Replay => Ok(None),
            Resubmission::Refuse => {
                Err(vec![XdsError::new(XdsErrorCode::DuplicateUniqueIdInRegistry, what)])
            }
        };
    }
    let mut errors = Vec::new();
    unique_ids(submission, existing, &mut errors);
    fresh_ids(submission, existing, &mut errors);
    folders::check(submission, existing, &mut errors);
    let deprecate = relationships::check(submission, existing, deciding.co_authors, &mut errors);
    superseded::check(submission, existing, deciding.co_authors, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let ids = Ids::assign(submission, deciding.fresh);
    let mut associations = ids.associations(submission);
    let mut updated_folders = folders::joined(submission, existing);
    let withdrawn = withdrawal::of_submission(submission, existing, &deprecate);
    let propagated = folders::propagate(submission, existing, &ids, deciding.fresh);
    updated_folders.extend(propagated.folders);
    associations.extend(propagated.associations);
    associations.extend(superseded::replacements(submission, &ids, deciding.fresh));
    Ok(Some(Box::new(Changes {
        patient_id: Some(submission.submission_set.patient_id.clone()),
        expected: existing.versions.clone(),
        registered_at: deciding.now.clone(),
        publisher_ods: publisher,
        sensitivity: None,
        submission_set: Some(ids.submission_set(submission, digest, deciding.code_sets)),
        entries: ids.entries(submission, deciding.code_sets),
        folders: ids.folders(submission, deciding.code_sets),
        associations,
        statuses: deprecate.into_iter().map(|o| (o, AvailabilityStatus::Deprecated)).collect(),
        nullified: Vec::new(),
        updated_folders: unique(updated_folders),
        removed: Vec::new(),
        removal: None,
        withdrawn,
    })))
}

fn unique(mut objects: Vec<Registered>) -> Vec<Registered> {
    let mut seen = std::collections::HashSet::new();
    objects.retain(|object| seen.insert(*object));
    objects
}

/// The digest by which a submission is recognised when it comes again. The submission time is
/// left out: a sender that retries may stamp it anew.
fn digest(submission: &Submission) -> Vec<u8> {
    let mut same = submission.clone();
    if let Ok(fixed) = Dtm::parse("2000") {
        same.submission_set.submission_time = fixed;
    }
    // What PDS said may be another thing by the time the submission comes again.
    for entry in &mut same.document_entries {
        let Some(at) = entry.extra.iter().position(|s| s.name == slot::FROM_PDS) else { continue };
        let added = entry.extra.remove(at).values;
        let field = |line: &String| line.split('|').next().unwrap_or_default().to_owned();
        entry.source_patient_info.retain(|line| !added.contains(&field(line)));
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
        known.unique_id.as_str() == set.as_str()
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
        if existing.is_known(unique_id.as_str()) {
            let context =
                format!("{class}.uniqueId {unique_id} is already registered with other content");
            let error = XdsError::new(XdsErrorCode::DuplicateUniqueIdInRegistry, context);
            errors.push(error.at(id.to_string()));
        }
    }
    for entry in &submission.document_entries {
        let known = existing.entries.iter().filter(|k| k.facts.unique_id == entry.unique_id);
        for known in known {
            if known.nullified {
                errors.push(nullified(entry));
            }
            identical(entry, &known.facts, errors);
        }
    }
}

/// A document that its publisher took back does not come back under its old name.
fn nullified(entry: &DocumentEntry) -> XdsError {
    let context = format!(
        "the document {} was withdrawn by its publisher: a corrected document has a uniqueId of its own",
        entry.unique_id
    );
    XdsError::new(XdsErrorCode::RegistryMetadata, context).at(entry.id.to_string())
}

/// A second entry for a document that is registered already is welcome if it is the same document.
fn identical(entry: &DocumentEntry, known: &EntryFacts, errors: &mut Vec<XdsError>) {
    let mut refuse = |code, what: &str| {
        let context = format!("the document {} is already registered {what}", entry.unique_id);
        errors.push(XdsError::new(code, context).at(entry.id.to_string()));
    };
    if entry.object_type != known.object_type {
        let kind = match known.object_type {
            ObjectType::Stable => "as a stable document",
            ObjectType::OnDemand => "as an on-demand document",
        };
        return refuse(XdsErrorCode::RegistryMetadata, kind);
    }
    if entry.object_type == ObjectType::OnDemand {
        return;
    }
    if entry.size != Some(known.size) {
        refuse(XdsErrorCode::NonIdenticalSize, "with another size");
    }
    if entry.hash.as_ref().is_some_and(|hash| hash.as_str() != known.hash) {
        refuse(XdsErrorCode::NonIdenticalHash, "with another hash");
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
