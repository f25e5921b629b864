//! Payloads to entries: header, mapping, what the registry knows already; and the SubmissionSet
//! around them.

use super::{Arrival, Envelope, identify};
use crate::{Repository, identity, restricted};
use node::actors::CallContext;
use node::spool::Content;
use schemas::cda::{CdaHeader, Mapped, MappingContext, map};
use schemas::hl7::component;
use schemas::itk::{ItkErrorCode, ItkFault, Manifested, ods_of};
use schemas::metadata::{Author, AvailabilityStatus, FoundEntry, ObjectId};
use schemas::ods_code::OdsCode;
use schemas::oid::{self, Oid};
use schemas::query::StoredQuery;
use schemas::submission::Submission;
use schemas::submission::assemble::{Part, SOURCE_BRANCH, SetParts, assemble};
use schemas::unique_id::UniqueId;
use schemas::xml::Limits as XmlLimits;
use sha1::Digest;
use uuid::Uuid;

pub(super) struct Composed {
    pub submission: Submission,
    pub documents: Vec<(ObjectId, Content)>,
}

/// Builds the submission of a message.
pub(super) async fn compose(
    repository: &Repository,
    arrival: &Arrival,
    call: &CallContext,
) -> Result<Composed, ItkFault> {
    let mut mapped = Vec::new();
    for payload in &arrival.payloads {
        mapped.push(map_payload(repository, &arrival.envelope, payload, call).await?);
    }
    let Some(first) = mapped.first() else {
        return Err(ItkFault::invalid("the message holds no document"));
    };
    let set = set_parts(repository, arrival, first);
    if mapped.iter().any(|other| other.entry.patient_id != set.patient_id) {
        return Err(ItkFault::invalid("the documents of one message must be about one patient"));
    }
    let mut parts = Vec::new();
    let mut documents = Vec::new();
    for (n, (mapped, payload)) in mapped.into_iter().zip(&arrival.payloads).enumerate() {
        let part = relate(repository, mapped, payload, call).await?;
        if !matches!(part, Part::Reference(_)) {
            let id = ObjectId::Symbolic(format!("Document{:02}", n + 1));
            documents.push((id, Content::Memory(payload.bytes.clone().into())));
        }
        parts.push(part);
    }
    let mut submission = assemble(set, parts);
    restricted::ceilings(&mut submission);
    Ok(Composed { submission, documents })
}

async fn map_payload(
    repository: &Repository,
    envelope: &Envelope,
    payload: &Manifested,
    call: &CallContext,
) -> Result<Mapped, ItkFault> {
    if !payload.mime_type.eq_ignore_ascii_case("text/xml") {
        return Err(ItkFault::invalid(format!(
            "manifestitem {}: only CDA documents (mimetype text/xml) are taken by this endpoint",
            payload.id
        )));
    }
    let invalid = |what: String| ItkFault::invalid(format!("payload {}: {what}", payload.id));
    let header = CdaHeader::read(&payload.bytes, &XmlLimits::default());
    let mut header = header.map_err(|error| invalid(error.to_string()))?;
    let number = identify::number(&header);
    let verified = identity::check(repository, envelope, &header, number, call).await;
    let verified = verified.map_err(|reason| invalid(reason.to_string()))?;
    identify::settle(&mut header, verified.number);
    let context = MappingContext {
        code_sets: &repository.code_sets,
        oid_root: &repository.oid_root,
        publisher: &envelope.publisher,
        profile_id: payload.profile_id.as_deref(),
        interaction: envelope.interaction.as_deref(),
        mime_type: "text/xml",
    };
    map(&header, &context).map_err(|error| invalid(error.to_string()))
}

/// New, a replacement, or known already with the same bytes.
async fn relate(
    repository: &Repository,
    mapped: Mapped,
    payload: &Manifested,
    call: &CallContext,
) -> Result<Part, ItkFault> {
    let known = registered(repository, &mapped.entry.unique_id, call).await?;
    if let Some(known) = known.first() {
        let sha1 = schemas::metadata::Hash::from_bytes(&sha1::Sha1::digest(&payload.bytes));
        if known.facts.hash != sha1.as_str() {
            let what = "ClinicalDocument/id is already registered with other content: a changed document needs a new id and a relatedDocument that names the old one";
            return Err(ItkFault::invalid(what));
        }
        return Ok(Part::Reference(known.facts.entry_uuid));
    }
    let Some(replaces) = &mapped.replaces else { return Ok(Part::New(Box::new(mapped.entry))) };
    let targets = registered(repository, replaces, call).await?;
    let approved =
        targets.iter().find(|t| t.facts.availability_status == AvailabilityStatus::Approved);
    Ok(match approved {
        Some(target) => Part::Replacement(Box::new(mapped.entry), target.facts.entry_uuid),
        None => Part::New(Box::new(mapped.entry)),
    })
}

async fn registered(
    repository: &Repository,
    unique_id: &UniqueId,
    call: &CallContext,
) -> Result<Vec<FoundEntry>, ItkFault> {
    let unable = |what: String| ItkFault::new(ItkErrorCode::TemporarilyUnable, what);
    let query = StoredQuery::documents(vec![unique_id.clone()]);
    let answer = repository.query.query(&query, call).await;
    let answer =
        answer.map_err(|error| unable(format!("the registry cannot be reached: {error}")))?;
    match answer.errors.into_iter().find(|error| error.is_error()) {
        Some(error) => Err(unable(error.to_string())),
        None => Ok(answer.entries),
    }
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
fn author(publisher: &OdsCode) -> Vec<Author> {
    let ods = component(publisher.as_str());
    let institution =
        schemas::hl7::Xon::parse(&format!("{ods}^^^^^&{}&ISO^^^^{ods}", oid::ODS_ORGANISATION));
    vec![Author { institution: institution.into_iter().collect(), ..Author::default() }]
}

/// `2.25.` of a UUIDv5 over everything that makes this message this message. A tracking id alone
/// recurs: copies and withdrawals share it.
fn set_unique_id(arrival: &Arrival) -> Oid {
    let envelope = &arrival.envelope;
    let mut digest = sha2::Sha256::new();
    let mut add = |text: &[u8]| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    };
    add(envelope.publisher.as_str().as_bytes());
    add(envelope.tracking_id.as_bytes());
    add(envelope.interaction.as_deref().unwrap_or_default().as_bytes());
    envelope.addresses.iter().for_each(|address| add(address.as_bytes()));
    arrival.payloads.iter().for_each(|payload| add(&sha2::Sha256::digest(&payload.bytes)));
    Oid::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, &digest.finalize()))
}
