//! Documents into one submission: the relations of each to what is registered, and the SubmissionSet
//! around them.

use super::papers::{self, Placed, Stop};
use super::versions::{self, Place};
use super::{Arrival, Resolution, beside, duplicates, extracted, nullify, process};
use crate::Repository;
use crate::front_door::{Nullified, Reason};
use node::actors::CallContext;
use node::spool::Content;
use schemas::cda::Mapped;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::component;
use schemas::itk::{ItkFault, ods_of};
use schemas::metadata::{AssociationType, Author, DocumentEntry, ObjectId};
use schemas::ods_code::OdsCode;
use schemas::oid::{self, Oid};
use schemas::submission::Submission;
use schemas::submission::assemble::{Part, SOURCE_BRANCH, SetParts, assemble};
use sha2::Digest;
use uuid::Uuid;

pub(super) struct Composed {
    pub submission: Submission,
    pub documents: Vec<(ObjectId, Content)>,
    /// Entries that a later version has superseded already.
    pub superseded: Vec<(ObjectId, EntryUuid)>,
    /// Entries that were nullified before they came.
    pub nullified: Vec<(ObjectId, Nullified)>,
    pub notes: Vec<String>,
}

/// Builds the submission of a message.
pub(super) async fn compose(
    repository: &Repository,
    arrival: &Arrival,
    placed: Vec<Placed<'_>>,
    resolution: &Resolution,
    call: &CallContext,
) -> Result<Composed, Stop> {
    let Some(first) = placed.first() else {
        return Err(ItkFault::invalid("the message holds no document").into());
    };
    let set = set_parts(repository, arrival, &first.mapped);
    if placed.iter().any(|other| other.mapped.entry.patient_id != set.patient_id) {
        let what = "the documents of one message must be about one patient";
        return Err(ItkFault::invalid(what).into());
    }
    let host = first.mapped.entry.clone();
    let (mut parts, mut documents, mut superseded) = (Vec::new(), Vec::new(), Vec::new());
    let (mut notes, mut pending, mut nullified) = (Vec::new(), Vec::new(), Vec::new());
    for (n, placed) in placed.into_iter().enumerate() {
        let bytes = &placed.payload.bytes;
        notes.extend(placed.notes.iter().cloned());
        let id = ObjectId::Symbolic(format!("Document{:02}", n + 1));
        if placed.known.is_none() {
            documents.push((id.clone(), Content::Memory(bytes.clone().into())));
        }
        if let Some(taken_back) = taken_back(repository, arrival, &placed, resolution).await? {
            nullified.push((id, taken_back));
            parts.push(Part::New(Box::new(placed.mapped.entry)));
            continue;
        }
        let which = repository.rules.extract_attachments;
        let (attached, told) = extracted::of(which, &placed.mapped, placed.payload)?;
        let publisher = &arrival.envelope.publisher;
        let (part, by) = relate(repository, publisher, placed, &mut notes, call).await?;
        // What is not current, or is here already, brings nothing beside it.
        if by.is_none() && !matches!(part, Part::Reference(_)) {
            notes.extend(told);
            pending.extend(attached.into_iter().map(|attached| (n, attached)));
        }
        superseded.extend(by.map(|by| (id, by)));
        parts.push(part);
    }
    for (from, (entry, bytes)) in pending {
        let id = ObjectId::Symbolic(format!("Document{:02}", parts.len() + 1));
        documents.push((id, Content::Memory(bytes.into())));
        parts.push(Part::Extracted(Box::new(entry), from));
    }
    let mut pieces = Pieces { parts, documents, superseded, nullified };
    accompany(repository, arrival, &host, &mut pieces, call).await?;
    let Pieces { parts, documents, superseded, nullified } = pieces;
    Ok(Composed { submission: assemble(set, parts), documents, superseded, nullified, notes })
}

/// What a submission is put together from, while it is.
struct Pieces {
    parts: Vec<Part>,
    documents: Vec<(ObjectId, Content)>,
    superseded: Vec<(ObjectId, EntryUuid)>,
    nullified: Vec<(ObjectId, Nullified)>,
}

/// Adds the payloads beside the first document, which appends each to it. Whatever becomes of that
/// document becomes of them: where it comes late, or was taken back before it came, so do they.
async fn accompany(
    repository: &Repository,
    arrival: &Arrival,
    host: &DocumentEntry,
    pieces: &mut Pieces,
    call: &CallContext,
) -> Result<(), Stop> {
    let first = ObjectId::Symbolic("Document01".to_owned());
    for (n, payload) in beside::of(arrival)?.into_iter().enumerate() {
        let entry = beside::entry(host, n, payload);
        let id = ObjectId::Symbolic(format!("Document{:02}", pieces.parts.len() + 1));
        if let Some(known) = papers::known(repository, payload, &entry.unique_id, call).await? {
            pieces.parts.push(Part::Reference(known.facts.entry_uuid));
            continue;
        }
        let late = pieces.superseded.iter().find(|(of, _)| *of == first);
        let late = late.map(|(_, by)| (id.clone(), *by));
        pieces.superseded.extend(late);
        let gone = pieces.nullified.iter().find(|(of, _)| *of == first);
        let gone = gone.map(|(_, by)| (id.clone(), by.clone()));
        pieces.nullified.extend(gone);
        pieces.documents.push((id, Content::Memory(payload.bytes.clone().into())));
        let part = match pieces.parts.first() {
            Some(Part::Reference(host)) => {
                let appends = vec![(AssociationType::Appends, *host)];
                Part::Related(Box::new(entry), appends)
            }
            _ => Part::Beside(Box::new(entry), 0),
        };
        pieces.parts.push(part);
    }
    Ok(())
}

/// The nullification that came before its document.
async fn taken_back(
    repository: &Repository,
    arrival: &Arrival,
    placed: &Placed<'_>,
    resolution: &Resolution,
) -> Result<Option<Nullified>, Stop> {
    if placed.known.is_some() {
        return Ok(None);
    }
    let version = &placed.mapped.version;
    let set = version.set_id.clone().map(|set| (set, version.version));
    let publisher = &arrival.envelope.publisher;
    let unique_id = &placed.mapped.entry.unique_id;
    match nullify::before_its_document(repository, publisher, unique_id, set).await? {
        None => Ok(None),
        Some((nullified, true)) => Ok(Some(nullified)),
        Some((_, false)) if resolution.resolved => Ok(None),
        Some((_, false)) => Err(Reason::WithdrawnSet.into()),
    }
}

/// Known already, new, a replacement, or a version that comes late.
async fn relate(
    repository: &Repository,
    publisher: &OdsCode,
    placed: Placed<'_>,
    notes: &mut Vec<String>,
    call: &CallContext,
) -> Result<(Part, Option<EntryUuid>), Stop> {
    if let Some(known) = placed.known {
        return Ok((Part::Reference(known.facts.entry_uuid), None));
    }
    if let Some(notice) = placed.document.notice() {
        let related =
            process::relate(repository, notice, &placed.mapped.entry, publisher, call).await?;
        return Ok(related.part(placed.mapped.entry, notes));
    }
    let set = versions::set_of(repository, &placed, call).await?;
    let version = placed.document.header().version.unwrap_or(1);
    let Mapped { entry, replaces, .. } = placed.mapped;
    let entry = Box::new(entry);
    Ok(match versions::place(version, replaces.as_ref(), &set) {
        Place::Free => (Part::New(entry), None),
        Place::Replaces(target) => {
            if replaces.is_none() {
                notes.push("replaced the version before it by setId and versionNumber: it names no relatedDocument".to_owned());
            }
            (Part::Replacement(entry, target), None)
        }
        Place::Superseded(by) => {
            notes.push("came after a later version of the same set: kept as Deprecated".to_owned());
            (Part::New(entry), Some(by))
        }
        Place::Conflict => return Err(Reason::VersionConflict.into()),
    })
}

fn set_parts(repository: &Repository, arrival: &Arrival, first: &Mapped) -> SetParts {
    let envelope = &arrival.envelope;
    let recipients = envelope.addresses.iter().filter_map(|uri| ods_of(uri));
    let addressed =
        recipients.map(|ods| format!("{ods}^^^^^&{}&ISO^^^^{ods}", oid::ODS_ORGANISATION));
    let mut intended_recipient: Vec<String> =
        addressed.chain(first.intended_recipient.clone()).collect();
    intended_recipient.dedup();
    SetParts {
        unique_id: set_unique_id(arrival),
        source_id: envelope.publisher.oid_under(&repository.oid_root, SOURCE_BRANCH),
        submission_time: repository.clock.dtm(),
        author: author(&envelope.publisher),
        intended_recipient,
        title: None,
        content_type_code: first.entry.class_code.clone(),
        patient_id: first.entry.patient_id.clone(),
    }
}

/// The sender's organisation; nothing in the message is trusted to say who it is.
pub(super) fn author(publisher: &OdsCode) -> Vec<Author> {
    let ods = component(publisher.as_str());
    let institution =
        schemas::hl7::Xon::parse(&format!("{ods}^^^^^&{}&ISO^^^^{ods}", oid::ODS_ORGANISATION));
    vec![Author { institution: institution.into_iter().collect(), ..Author::default() }]
}

/// `2.25.` of a UUIDv5 over everything that makes this message this message.
fn set_unique_id(arrival: &Arrival) -> Oid {
    let key = duplicates::key(arrival);
    let mut digest = sha2::Sha256::new();
    for part in [key.publisher.as_str(), &key.tracking_id, &key.digest] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    Oid::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, &digest.finalize()))
}
