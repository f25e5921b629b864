//! From received documents to a registered submission: store, hold, stamp, register, settle.
//!
//! A crash at any point leaves a registered document, or bytes that recovery removes; never an
//! entry without bytes, since the bytes are durable before the registry hears of them.

use crate::index::{DocumentKey, Held, Wanted};
use crate::objects::{ObjectError, Sha256, Stored};
use crate::{Repository, recovery};
use node::actors::CallContext;
use node::spool::Content;
use schemas::cda::{self, CdaHeader};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::ids::slot;
use schemas::metadata::{DocumentEntry, ObjectId};
use schemas::ods_code::OdsCode;
use schemas::submission::Submission;
use schemas::wire::Slot;
use std::collections::BTreeSet;

/// A submission with its documents.
pub(crate) struct Provided {
    pub submission: Submission,
    pub documents: Vec<(ObjectId, Content)>,
    /// Entries that a registered one has superseded before they came.
    pub superseded: Vec<(ObjectId, EntryUuid)>,
    /// Entries that were nullified before they came.
    pub withdrawn: Vec<ObjectId>,
}

/// Provides a submission for a publisher. The errors (or warnings) say how it went; without an
/// Error everything is durable and registered.
pub(crate) async fn provide(
    repository: &Repository,
    publisher: &OdsCode,
    provided: Provided,
    context: &CallContext,
) -> Vec<XdsError> {
    let Provided { mut submission, mut documents, superseded, withdrawn } = provided;
    let mut errors = Vec::new();
    pairs(&submission, &documents, &mut errors);
    if !errors.is_empty() {
        return errors;
    }
    let warnings = examine(repository, &submission, &documents).await;
    if warnings.iter().any(XdsError::is_error) {
        return warnings;
    }
    restrict(repository, &mut submission, &documents).await;
    let mut stored = Vec::new();
    for entry in &submission.document_entries {
        let Some(at) = documents.iter().position(|(id, _)| *id == entry.id) else { continue };
        let (_, content) = documents.swap_remove(at);
        match repository.objects.put(content).await {
            Ok((object, _)) => {
                verify(entry, &object, &mut errors);
                stored.push(object);
            }
            Err(error) => errors.push(object_error(&error)),
        }
    }
    let objects: Vec<Sha256> = stored.iter().map(|object| object.sha256).collect();
    if errors.is_empty() {
        stamp(repository, publisher, &mut submission, &stored);
        supersede(&mut submission, &superseded, &withdrawn);
        errors = match hold(repository, publisher, &submission, stored).await {
            Ok(held) => register(repository, publisher, submission, held, context).await,
            Err(errors) => errors,
        };
    }
    if errors.iter().any(XdsError::is_error) {
        recovery::discard(repository, objects).await;
    }
    errors.extend(warnings);
    errors
}

/// A CDA larger than this is judged by its metadata alone.
const LOOK_INSIDE_MAX: u64 = 64 * 1024 * 1024;

/// Sets the ceilings of what the region restricts, by whatever road it came.
async fn restrict(
    repository: &Repository,
    submission: &mut Submission,
    documents: &[(ObjectId, Content)],
) {
    let mut all = BTreeSet::new();
    let mut of_each = Vec::new();
    for entry in &submission.document_entries {
        let content = documents.iter().find(|(id, _)| *id == entry.id).map(|(_, content)| content);
        let codes = match content {
            Some(content) if repository.restrictions.look_inside() => inside(entry, content).await,
            _ => BTreeSet::new(),
        };
        all.extend(codes.iter().cloned());
        of_each.push(codes);
    }
    for (entry, own) in submission.document_entries.iter_mut().zip(&of_each) {
        // What was taken out of a document is about what the document is about.
        let extracted = entry.extra.iter().any(|s| s.name == cda::slot::EXTRACTED_FROM);
        let codes = if extracted { &all } else { own };
        for rule in repository.restrictions.apply(entry, codes) {
            tracing::info!(document_unique_id = %entry.unique_id, rule = rule.id, "restricted content");
        }
    }
}

/// The codes in a CDA's body; none where it is no CDA.
async fn inside(entry: &DocumentEntry, content: &Content) -> BTreeSet<String> {
    if entry.mime_type != "text/xml" {
        return BTreeSet::new();
    }
    let bytes = match content {
        Content::Memory(bytes) => Ok(bytes.to_vec()),
        Content::File { path, size } if *size <= LOOK_INSIDE_MAX => tokio::fs::read(path).await,
        Content::File { .. } => return BTreeSet::new(),
    };
    let read = bytes.ok().and_then(|bytes| CdaHeader::read(&bytes, &Default::default()).ok());
    read.map(|header| header.body.codes).unwrap_or_default()
}

/// Every document of a submission, before any of them is stored.
async fn examine(
    repository: &Repository,
    submission: &Submission,
    documents: &[(ObjectId, Content)],
) -> Vec<XdsError> {
    let mut found = Vec::new();
    for entry in &submission.document_entries {
        if let Some((_, content)) = documents.iter().find(|(id, _)| *id == entry.id) {
            found.extend(repository.intake.examine(entry, content).await);
        }
    }
    found
}

/// The hub's own slots are the hub's to write: submitted ones are errors.
pub(crate) fn reserved(submission: &Submission) -> Vec<XdsError> {
    let mut errors = Vec::new();
    let entries = submission.document_entries.iter().map(|entry| (&entry.extra, &entry.id));
    let folders = submission.folders.iter().map(|folder| (&folder.extra, &folder.id));
    let set = std::iter::once((&submission.submission_set.extra, &submission.submission_set.id));
    for (extra, id) in set.chain(entries).chain(folders) {
        for slot in extra.iter().filter(|slot| slot.name.starts_with(slot::WATLING_PREFIX)) {
            let context = format!(
                "the Slot {:?} is written by the hub and may not be submitted (object {id})",
                slot.name
            );
            errors
                .push(XdsError::new(XdsErrorCode::RepositoryMetadata, context).at(id.to_string()));
        }
    }
    errors
}

/// Every entry has its document, every document its entry.
fn pairs(submission: &Submission, documents: &[(ObjectId, Content)], errors: &mut Vec<XdsError>) {
    for entry in &submission.document_entries {
        match documents.iter().filter(|(id, _)| *id == entry.id).count() {
            1 => {}
            0 => {
                let context =
                    format!("the DocumentEntry {} has no xds:Document with that id", entry.id);
                errors.push(
                    XdsError::new(XdsErrorCode::MissingDocument, context).at(entry.id.to_string()),
                );
            }
            _ => {
                let context =
                    format!("the DocumentEntry {} has more than one xds:Document", entry.id);
                errors.push(
                    XdsError::new(XdsErrorCode::RepositoryMetadata, context)
                        .at(entry.id.to_string()),
                );
            }
        }
    }
    for (id, _) in documents {
        if !submission.document_entries.iter().any(|entry| entry.id == *id) {
            let context = format!("the xds:Document {id} has no DocumentEntry with that id");
            errors.push(
                XdsError::new(XdsErrorCode::MissingDocumentMetadata, context).at(id.to_string()),
            );
        }
    }
}

/// A hash or size that the source sent must be that of the bytes.
fn verify(entry: &DocumentEntry, stored: &Stored, errors: &mut Vec<XdsError>) {
    let mut refuse = |attribute: &str, sent: String, is: String| {
        let context = format!(
            "DocumentEntry.{attribute} is {sent}, the document's is {is}: the bytes were changed on the way, or the metadata is of another document (object {})",
            entry.id
        );
        errors.push(
            XdsError::new(XdsErrorCode::RepositoryMetadata, context).at(entry.id.to_string()),
        );
    };
    if let Some(size) = entry.size.filter(|size| *size != stored.size) {
        refuse("size", size.to_string(), stored.size.to_string());
    }
    if let Some(hash) = entry.hash.as_ref().filter(|hash| **hash != stored.sha1) {
        refuse("hash", hash.to_string(), stored.sha1.to_string());
    }
}

/// What the repository adds: hash, size, repositoryUniqueId and the publisher.
fn stamp(
    repository: &Repository,
    publisher: &OdsCode,
    submission: &mut Submission,
    stored: &[Stored],
) {
    for (entry, stored) in submission.document_entries.iter_mut().zip(stored) {
        entry.hash = Some(stored.sha1.clone());
        entry.size = Some(stored.size);
        entry.repository_unique_id = Some(repository.unique_ids.of(publisher).clone());
    }
    submission.stamp_publisher(publisher);
}

/// Tells the registry which entries come after their own successors, or their own withdrawal.
fn supersede(
    submission: &mut Submission,
    superseded: &[(ObjectId, EntryUuid)],
    withdrawn: &[ObjectId],
) {
    for entry in &mut submission.document_entries {
        let by = superseded.iter().filter(|(id, _)| *id == entry.id);
        entry.extra.extend(by.map(|(_, by)| Slot::one(slot::SUPERSEDED_BY, by.to_string())));
        if withdrawn.contains(&entry.id) {
            entry.extra.push(Slot::one(slot::NULLIFIED, "before its arrival"));
        }
    }
}

async fn hold(
    repository: &Repository,
    publisher: &OdsCode,
    submission: &Submission,
    stored: Vec<Stored>,
) -> Result<Vec<DocumentKey>, Vec<XdsError>> {
    let entries = &submission.document_entries;
    let wanted = |(entry, stored): (&DocumentEntry, Stored)| Wanted {
        key: repository.unique_ids.key(publisher, &entry.unique_id),
        mime_type: entry.mime_type.clone(),
        stored,
    };
    let documents: Vec<Wanted> = entries.iter().zip(stored).map(wanted).collect();
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let keys = documents.iter().map(|wanted| wanted.key.clone()).collect();
    let now = repository.clock.dtm().to_string();
    let objects = repository.objects.clone();
    let outcome = repository.index.hold(documents, publisher.clone(), objects, now).await;
    let outcome = outcome.map_err(|error| vec![index_error(&error)])?;
    let mut errors = Vec::new();
    for (entry, held) in entries.iter().zip(outcome) {
        let (code, what) = match held {
            Held::Held => continue,
            Held::OtherBytes { size_differs: true } => {
                (XdsErrorCode::NonIdenticalSize, "is already stored with another size")
            }
            Held::OtherBytes { size_differs: false } => {
                (XdsErrorCode::NonIdenticalHash, "is already stored with another hash")
            }
            Held::Gone => {
                (XdsErrorCode::RepositoryBusy, "was removed while it was stored; send it again")
            }
            Held::RemovedByAnother => (
                XdsErrorCode::RepositoryMetadata,
                "was removed by the organisation that published it: only that organisation can provide it again",
            ),
        };
        let context = format!("the document {} {what}", entry.unique_id);
        errors.push(XdsError::new(code, context).at(entry.id.to_string()));
    }
    if errors.is_empty() {
        return Ok(keys);
    }
    Err(errors)
}

async fn register(
    repository: &Repository,
    publisher: &OdsCode,
    submission: Submission,
    held: Vec<DocumentKey>,
    context: &CallContext,
) -> Vec<XdsError> {
    let answer = repository.registry.register(submission, context).await;
    let (now, by) = (repository.clock.dtm().to_string(), publisher.clone());
    let (settled, errors) = match answer {
        Ok(errors) if errors.iter().any(XdsError::is_error) => {
            (repository.index.release(held).await, errors)
        }
        Ok(warnings) => (repository.index.registered(held, by).await, warnings),
        Err(unavailable) => {
            let context = format!(
                "the registry cannot be reached ({unavailable}); whether it registered the submission is unknown: send it again unchanged"
            );
            let error = XdsError::new(XdsErrorCode::RegistryNotAvailable, context);
            (repository.index.leave_pending(held, by, now).await, vec![error])
        }
    };
    if let Err(error) = settled {
        // The bytes and the registry agree; recovery settles the row.
        tracing::warn!(%error, "document state not settled");
    }
    errors
}

pub(crate) fn object_error(error: &ObjectError) -> XdsError {
    tracing::error!(%error, "object store failed");
    XdsError::new(
        XdsErrorCode::Repository,
        "the repository could not store the document; nothing was changed",
    )
}

pub(crate) fn index_error(error: &node::sqlite::SqliteError) -> XdsError {
    match error {
        node::sqlite::SqliteError::Busy => XdsError::new(
            XdsErrorCode::RepositoryBusy,
            "the repository is busy; send the request again",
        ),
        node::sqlite::SqliteError::Full(reason) | node::sqlite::SqliteError::Failed(reason) => {
            tracing::error!(%reason, "repository index failed");
            XdsError::new(
                XdsErrorCode::Repository,
                "the repository's index failed; nothing was changed",
            )
        }
    }
}
