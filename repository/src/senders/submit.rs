//! A document as a person or a simple program gives it, onto the road of every message.

use super::receipt::{Reason, Receipt, Status};
use crate::arrival::{self, Arrival, Disposition, Envelope, Route, Wished};
use crate::{Repository, Submitter, itk};
use node::actors::CallContext;
use node::audit::{AuditEvent, AuditKind, Outcome};
use schemas::described::{Description, FieldError, Kind, document_type, kind, mime_type};
use schemas::dtm::Dtm;
use schemas::itk::{ItkErrorCode, ItkFault, ItkMessage, Manifested, ReadContext, RequestHeaders};
use schemas::metadata::Hash;
use schemas::soap;
use schemas::xml::{Document, Limits};
use sha1::Digest;
use uuid::Uuid;

/// A document with what came beside it.
pub(crate) struct Sent<'a> {
    pub route: Route,
    pub submitter: &'a Submitter<'a>,
    /// The same for the same attempt: by it a repetition is known.
    pub reference: Uuid,
    /// The file's name, for its ending; it is not kept.
    pub name: &'a str,
    pub bytes: Vec<u8>,
    /// What its sender says of it.
    pub fields: Option<Vec<(String, String)>>,
    /// When the file was written, where its description does not say.
    pub written: Dtm,
}

/// What became of it, for its sender and for the record.
pub(crate) struct Submitted {
    pub receipt: Receipt,
    pub audit: AuditEvent,
}

const FIX: &str = "Put right what is named above and send it again.";
const IN_QUARANTINE: &str = "The region's operator settles what is in quarantine. If a field was wrong, put it right and send the document again.";

/// Why a document did not get as far as the road, or was stopped on it.
enum Stop {
    Fields(Vec<FieldError>),
    Fault(ItkFault),
}

impl From<ItkFault> for Stop {
    fn from(fault: ItkFault) -> Self {
        Self::Fault(fault)
    }
}

/// The record of a document that came by a route.
pub(super) fn event(route: Route, outcome: Outcome) -> AuditEvent {
    let kind = AuditKind::Transaction(route.name().to_uppercase());
    AuditEvent::new("repository", kind, outcome)
}

/// Takes a document in and says what became of it.
pub(crate) async fn submit(
    repository: &Repository,
    sent: Sent<'_>,
    call: &CallContext,
) -> Submitted {
    let mut receipt = blank(repository, &sent);
    let audit = event(sent.route, Outcome::Success);
    let (route, publisher) = (sent.route, sent.submitter.ods.clone());
    let document_type = said_type(repository, &sent);
    let result = match arrived(repository, sent) {
        Ok(arrival) => {
            receipt.warnings.clone_from(&arrival.warnings);
            arrival::receive(repository, arrival, call).await.map_err(Stop::Fault)
        }
        Err(stop) => {
            crate::quality::refused(repository, route, &publisher, &document_type).await;
            Err(stop)
        }
    };
    match result {
        Ok(disposition) => {
            accept(&mut receipt, &disposition);
            let audit = itk::record(audit, &disposition);
            Submitted { receipt, audit }
        }
        Err(stop) => {
            refuse(&mut receipt, stop);
            let audit = AuditEvent { outcome: Outcome::SeriousFailure, ..audit };
            let because = |audit: AuditEvent, reason: &Reason| audit.because(reason.text());
            let audit = receipt.reasons.iter().fold(audit, because);
            Submitted { receipt, audit }
        }
    }
}

/// The document type that the description names, where it names one.
fn said_type(repository: &Repository, sent: &Sent<'_>) -> String {
    let mut fields = sent.fields.iter().flatten();
    let said = fields.find(|(name, _)| name == "document_type");
    let known = said.and_then(|(_, value)| document_type(&repository.code_sets, value).ok());
    known.map(|known| known.name.clone()).unwrap_or_default()
}

fn blank(repository: &Repository, sent: &Sent<'_>) -> Receipt {
    Receipt {
        status: Status::Refused,
        publisher: sent.submitter.ods.clone(),
        reference: sent.reference,
        at: repository.clock.now().to_string(),
        documents: Vec::new(),
        size: sent.bytes.len() as u64,
        sha1: Hash::from_bytes(&sha1::Sha1::digest(&sent.bytes)).as_str().to_owned(),
        quarantine_id: None,
        reasons: Vec::new(),
        warnings: Vec::new(),
        what_to_do: None,
    }
}

fn arrived(repository: &Repository, sent: Sent<'_>) -> Result<Arrival, Stop> {
    match kind(&sent.bytes) {
        Kind::Cda => {
            let noted = sent.fields.is_some().then(|| {
                "the document speaks for itself: the description beside it was not used".to_owned()
            });
            let warnings = noted.into_iter().collect();
            Ok(Arrival { warnings, ..plain(sent, "text/xml", None) })
        }
        Kind::Itk => {
            let message = message(repository, &sent)?;
            itk::may_speak(&message, sent.submitter)?;
            if message.is_acknowledgement() {
                let what = "an acknowledgement is no document: send it to the ITK address";
                return Err(ItkFault::invalid(what).into());
            }
            Ok(itk::arrived(message, sent.submitter, sent.route))
        }
        Kind::Other => {
            let mime_type = mime_type(&sent.bytes, sent.name);
            let fields = sent.fields.as_deref().unwrap_or_default();
            let now = repository.clock.now();
            let described = Description::read(fields, &repository.code_sets, now);
            match (mime_type, described) {
                (Ok(mime_type), Ok(mut description)) => {
                    description.written.get_or_insert(sent.written.clone());
                    Ok(plain(sent, mime_type, Some(description)))
                }
                (mime_type, described) => {
                    let document = |e| FieldError::new("document", format!("{e}"));
                    let of_document = mime_type.err().map(document);
                    let errors = described.err().unwrap_or_default();
                    Err(Stop::Fields(of_document.into_iter().chain(errors).collect()))
                }
            }
        }
    }
}

/// A message around one document that came without one.
fn plain(sent: Sent<'_>, mime_type: &str, description: Option<Description>) -> Arrival {
    let tracking_id = sent.reference.as_hyphenated().to_string().to_uppercase();
    Arrival {
        envelope: Envelope {
            route: sent.route,
            publisher: sent.submitter.ods.clone(),
            tracking_id,
            service: sent.route.name().to_owned(),
            interaction: None,
            addresses: Vec::new(),
            sender_address: None,
            audit_identities: Vec::new(),
            wished: Wished::default(),
            synchronous: false,
            description,
        },
        payloads: vec![Manifested::new("document", mime_type, None, sent.bytes)],
        warnings: Vec::new(),
    }
}

/// An ITK message as it lies in a file, with or without SOAP around it. SOAP headers are of a moment
/// that has passed, so the envelope gets fresh ones.
fn message(repository: &Repository, sent: &Sent<'_>) -> Result<ItkMessage, ItkFault> {
    let invalid = |what: String| ItkFault::invalid(what);
    let document = Document::parse_bytes(&sent.bytes, &Limits::default());
    let document = document.map_err(|error| invalid(error.to_string()))?;
    let mut all = document.root().descendants();
    let found = all.find(|element| element.is(schemas::itk::NAMESPACE, "DistributionEnvelope"));
    let envelope =
        found.ok_or_else(|| invalid("the message holds no itk:DistributionEnvelope".to_owned()))?;
    let header = envelope.child(schemas::itk::NAMESPACE, "header");
    let service = header.and_then(|header| header.attr("service")).unwrap_or_default();
    let now = repository.clock.now();
    let text = around(service, &schemas::itk::standalone(envelope), sent.reference, now);
    let wrapped = Document::parse_bytes(text.as_bytes(), &Limits::default());
    let wrapped = wrapped.map_err(|error| invalid(error.to_string()))?;
    let soap = soap::Envelope::read(&wrapped).map_err(|fault| invalid(fault.reason))?;
    ItkMessage::read(&soap, &ReadContext::new(now))
}

/// SOAP of this moment around an envelope.
fn around(service: &str, body: &str, id: Uuid, now: jiff::Timestamp) -> String {
    let headers = RequestHeaders {
        version: soap::SoapVersion::V11,
        action: service,
        message_id: id,
        to: "urn:watling:hub",
        from: None,
        created: now,
        expires: now.saturating_add(jiff::SignedDuration::from_mins(5)).unwrap_or(now),
        timestamp_id: id,
        username: "file",
    };
    headers.write(body)
}

fn accept(receipt: &mut Receipt, disposition: &Disposition) {
    match disposition {
        Disposition::Registered { submission, warnings, notes } => {
            receipt.status = Status::Registered;
            let entries = submission.document_entries.iter();
            receipt.documents = entries.map(|entry| entry.unique_id.to_string()).collect();
            receipt.warnings.extend(warnings.iter().map(|warning| warning.context.clone()));
            receipt.warnings.extend(notes.iter().cloned());
        }
        Disposition::Replayed | Disposition::Distributed { .. } => {
            receipt.status = Status::AlreadyRegistered;
        }
        Disposition::Withdrawn { unique_id, .. } => {
            receipt.status = Status::Withdrawn;
            receipt.documents = vec![unique_id.clone()];
        }
        Disposition::Held { .. } => receipt.status = Status::Held,
        Disposition::Quarantined { quarantine_id, reason } => {
            receipt.status = Status::Quarantined;
            receipt.quarantine_id = Some(*quarantine_id);
            receipt.reasons = vec![Reason::new(reason.to_string())];
            receipt.what_to_do = Some(IN_QUARANTINE);
        }
    }
}

fn refuse(receipt: &mut Receipt, stop: Stop) {
    match stop {
        Stop::Fields(errors) => {
            receipt.reasons = errors.into_iter().map(Reason::from).collect();
            receipt.what_to_do = Some(FIX);
        }
        Stop::Fault(fault) if fault.code == ItkErrorCode::TemporarilyUnable => {
            receipt.status = Status::Waiting;
            receipt.reasons = vec![Reason::new(fault.diagnostic)];
        }
        Stop::Fault(fault) => {
            receipt.reasons = vec![Reason::new(fault.diagnostic)];
            receipt.what_to_do = Some(FIX);
        }
    }
}
