//! The documents of a message: read, compared with what is registered, given their patient, mapped.

use super::{Arrival, Envelope, Resolution, beside, identify};
use crate::front_door::Reason;
use crate::identity::{Doubt, Verified};
use crate::{Repository, identity};
use node::actors::CallContext;
use schemas::cda::{CdaDocument, CdaHeader, Mapped, MappingContext, Nullification};
use schemas::described::Description;
use schemas::document::{Document, DocumentError};
use schemas::itk::{ItkErrorCode, ItkFault, Manifested};
use schemas::metadata::FoundEntry;
use schemas::nhs_number::NhsNumber;
use schemas::query::StoredQuery;
use schemas::unique_id::UniqueId;
use schemas::xml::Limits as XmlLimits;
use sha1::Digest;

/// A payload that is a clinical document.
pub(super) struct Paper<'a> {
    pub payload: &'a Manifested,
    pub document: Document,
}

/// A document whose patient is settled.
pub(super) struct Placed<'a> {
    pub payload: &'a Manifested,
    pub document: Document,
    pub mapped: Mapped,
    /// The entry, where the same document is registered already.
    pub known: Option<FoundEntry>,
    /// What was accepted of its patient with a remark.
    pub notes: Vec<String>,
}

/// Why a document goes no further.
pub(super) enum Stop {
    Refused(ItkFault),
    Quarantine(Doubt),
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Quarantine(Doubt::plain(reason))
    }
}

impl From<ItkFault> for Stop {
    fn from(fault: ItkFault) -> Self {
        Self::Refused(fault)
    }
}

/// What a message holds.
pub(super) enum Contents<'a> {
    Documents(Vec<Paper<'a>>),
    Withdrawal(&'a Manifested, Box<Nullification>),
}

/// Reads every document.
pub(super) fn read(arrival: &Arrival) -> Result<Contents<'_>, ItkFault> {
    let mut papers = Vec::new();
    let mut withdrawals = Vec::new();
    // What does not say whose it is needs a document beside it that does.
    let mut mute = None;
    for payload in &arrival.payloads {
        if payload.metadata {
            let what = "manifestitem metadata=\"true\": metadata that describe other payloads are not read, the hub maps each document itself; send the documents without them, or use ITI-41";
            return Err(ItkFault::new(ItkErrorCode::CannotProcess, what));
        }
        if beside::is_one(&arrival.envelope, payload) {
            mute = mute.or(Some(payload));
            continue;
        }
        match document(&arrival.envelope, payload)? {
            Read::Document(document) => papers.push(Paper { payload, document }),
            Read::Withdrawal(withdrawal) => withdrawals.push((payload, withdrawal)),
        }
    }
    if let (Some(payload), true) = (mute, papers.is_empty()) {
        document(&arrival.envelope, payload)?;
    }
    match (withdrawals.pop(), papers.is_empty() && withdrawals.is_empty()) {
        (Some((payload, withdrawal)), true) => Ok(Contents::Withdrawal(payload, withdrawal)),
        (Some(_), false) => {
            Err(ItkFault::invalid("a nullification is the only document of its message"))
        }
        (None, true) => Err(ItkFault::invalid("the message holds no document")),
        (None, false) if arrival.envelope.is_nullification() => Err(ItkFault::invalid(
            "the interaction withdraws and the document does not: it is no nullification (messageType POCD_MT130001UK05)",
        )),
        (None, false) => Ok(Contents::Documents(papers)),
    }
}

/// What one payload is.
enum Read {
    Document(Document),
    Withdrawal(Box<Nullification>),
}

fn document(envelope: &Envelope, payload: &Manifested) -> Result<Read, ItkFault> {
    if let Some(description) = &envelope.description {
        let header = described(envelope, description, payload);
        return Ok(Read::Document(Document::Cda(Box::new(header))));
    }
    let document = Document::read(&payload.bytes, &payload.mime_type, &XmlLimits::default());
    let document = document.map_err(|error| match error {
        DocumentError::MimeType(_) => {
            ItkFault::invalid(format!("manifestitem {}: {error}", payload.id))
        }
        error => invalid(payload, &error),
    })?;
    if !matches!(document, Document::Cda(_)) {
        return Ok(Read::Document(document));
    }
    match CdaDocument::read(&payload.bytes, &XmlLimits::default()) {
        Ok(CdaDocument::Nullification(withdrawal)) => Ok(Read::Withdrawal(withdrawal)),
        _ => Ok(Read::Document(document)),
    }
}

/// A document that does not speak for itself passes the same gates, by what its sender says of it. Its
/// bytes are its identity.
fn described(envelope: &Envelope, description: &Description, payload: &Manifested) -> CdaHeader {
    let mut header = description.header(&envelope.publisher);
    let digest = sha1::Sha1::digest(&payload.bytes);
    header.id.root = schemas::metadata::Hash::from_bytes(&digest).as_str().to_owned();
    header
}

fn invalid(payload: &Manifested, what: &impl std::fmt::Display) -> ItkFault {
    ItkFault::invalid(format!("payload {}: {what}", payload.id))
}

/// Every document with its patient and entry. A refusal of any comes before the quarantine of any:
/// the sender can mend it at once.
pub(super) async fn place<'a>(
    repository: &Repository,
    envelope: &Envelope,
    papers: Vec<Paper<'a>>,
    resolution: &Resolution,
    call: &CallContext,
) -> Result<Vec<Placed<'a>>, Stop> {
    let mut placed = Vec::new();
    let mut reason = None;
    for paper in papers {
        match place_one(repository, envelope, paper, resolution, call).await {
            Ok(one) => placed.push(one),
            Err(Stop::Quarantine(why)) => reason = reason.or(Some(why)),
            Err(refused) => return Err(refused),
        }
    }
    reason.map_or(Ok(placed), |why| Err(Stop::Quarantine(why)))
}

/// Stands in for a patient who is not settled, so that all else about a document can be checked; it
/// is never indexed.
fn nobody() -> Option<NhsNumber> {
    NhsNumber::from_first_nine(999_000_001)
}

async fn place_one<'a>(
    repository: &Repository,
    envelope: &Envelope,
    paper: Paper<'a>,
    resolution: &Resolution,
    call: &CallContext,
) -> Result<Placed<'a>, Stop> {
    let Paper { payload, mut document } = paper;
    let mut probe = document.clone();
    // The identity of a described document holds its patient, who is known to be a valid number.
    let stand_in = nobody().filter(|_| envelope.description.is_none());
    stand_in.into_iter().for_each(|number| identify::settle(probe.header_mut(), number));
    let unique_id = mapped(repository, envelope, payload, &probe)?.entry.unique_id;
    let known = known(repository, payload, &unique_id, call).await?;
    let verified = match known.as_ref().map(|known| known.facts.patient_id.nhs_number()) {
        Some(Some(number)) => Verified::unasked(number),
        _ => patient(repository, envelope, document.header(), resolution, call)
            .await
            .map_err(Stop::Quarantine)?,
    };
    if document.header().custodian.id.is_none() && known.is_none() && !resolution.resolved {
        return Err(Reason::NoCustodian.into());
    }
    identify::settle(document.header_mut(), verified.number);
    let mut mapped = mapped(repository, envelope, payload, &document)?;
    identity::settle(&mut mapped.entry, &verified);
    let notes = verified.notes.iter().map(ToString::to_string).collect();
    Ok(Placed { payload, document, mapped, known, notes })
}

async fn patient(
    repository: &Repository,
    envelope: &Envelope,
    header: &CdaHeader,
    resolution: &Resolution,
    call: &CallContext,
) -> Result<Verified, Doubt> {
    let allowed = repository.rules.accept_invalid_numbers.get(&envelope.publisher);
    let allowed = allowed.map(Vec::as_slice).unwrap_or_default();
    let number = match resolution.number {
        Some(number) => Ok((number, true)),
        None => identify::number(header, allowed),
    };
    match identity::check(repository, envelope, header, number, call).await {
        Err(doubt) if doubt.reason.is_mismatch() && resolution.despite_mismatch => {
            resolution.number.map(Verified::unasked).ok_or(doubt)
        }
        checked => checked,
    }
}

fn mapped(
    repository: &Repository,
    envelope: &Envelope,
    payload: &Manifested,
    document: &Document,
) -> Result<Mapped, Stop> {
    if let Some(description) = &envelope.description {
        let patient = &document.header().patient;
        let number = patient.nhs_number().and_then(|(text, _)| NhsNumber::parse(text).ok());
        let patient = number.unwrap_or(description.patient);
        let description = Description { patient, ..description.clone() };
        let (bytes, mime_type) = (&payload.bytes, &payload.mime_type);
        let (publisher, sets) = (&envelope.publisher, &repository.code_sets);
        let now = repository.clock.dtm();
        let entry = schemas::described::entry(bytes, mime_type, &description, publisher, sets, now);
        let entry = entry.map_err(|error| invalid(payload, &error))?;
        return Ok(Mapped::described(entry, &description.document_type));
    }
    let context = MappingContext {
        code_sets: &repository.code_sets,
        oid_root: &repository.oid_root,
        publisher: &envelope.publisher,
        profile_id: payload.profile_id.as_deref(),
        interaction: envelope.interaction.as_deref(),
        mime_type: "text/xml",
    };
    document.map(&context).map_err(|error| invalid(payload, &error).into())
}

/// The entry of a document that is registered already. The same identity stands for the same bytes,
/// whatever the tracking id says.
pub(super) async fn known(
    repository: &Repository,
    payload: &Manifested,
    unique_id: &UniqueId,
    call: &CallContext,
) -> Result<Option<FoundEntry>, ItkFault> {
    let found =
        registered(repository, StoredQuery::documents(vec![unique_id.clone()]), call).await?;
    let Some(known) = found.into_iter().next() else { return Ok(None) };
    let sha1 = schemas::metadata::Hash::from_bytes(&sha1::Sha1::digest(&payload.bytes));
    if known.facts.hash == sha1.as_str() {
        return Ok(Some(known));
    }
    let what = "ClinicalDocument/id is already registered with other content: a changed document needs a new id and a relatedDocument that names the old one";
    Err(ItkFault::invalid(what))
}

/// What the registry finds, or that it cannot be asked now.
pub(super) async fn registered(
    repository: &Repository,
    query: StoredQuery,
    call: &CallContext,
) -> Result<Vec<FoundEntry>, ItkFault> {
    let unable = |what: String| ItkFault::new(ItkErrorCode::TemporarilyUnable, what);
    let answer = repository.query.query(&query, call).await;
    let answer =
        answer.map_err(|error| unable(format!("the registry cannot be reached: {error}")))?;
    match answer.errors.into_iter().find(|error| error.is_error()) {
        Some(error) => Err(unable(error.to_string())),
        None => Ok(answer.entries),
    }
}
