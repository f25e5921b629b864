//! ITK: a message on the wire becomes an arrival, what became of it an answer.

use crate::arrival::{self, Arrival, Disposition, Envelope, Route, Wished};
use crate::{Repository, Submitter, acknowledge, iti41};
use node::actors::CallContext;
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest};
use schemas::itk::{ActionStyle, ItkFault, ItkMessage, QueueRequest, ReadContext, ods_of};

pub(crate) async fn handle(
    repository: &Repository,
    request: &SoapRequest<'_>,
) -> Result<Outcome, Refusal> {
    let submitter = repository.submitter(request.caller)?;
    if QueueRequest::is_one(request.envelope.body) {
        return collected(repository, request, &submitter).await;
    }
    let context = ReadContext::new(repository.clock.now());
    let read = ItkMessage::read(&request.envelope, &context)
        .and_then(|message| may_speak(&message, &submitter).map(|()| message));
    let message = match read {
        Ok(message) => message,
        Err(fault) => {
            crate::quality::refused(repository, Route::Itk, &submitter.ods, "").await;
            return Err(fault.into());
        }
    };
    if message.is_acknowledgement() {
        return acknowledged(repository, request, &submitter, &message).await;
    }
    let call = CallContext { correlation_id: request.correlation_id };
    let (tracking_id, warnings) = (message.tracking_id.clone(), message.warnings.clone());
    let arrival = arrived(message, &submitter, Route::Itk);
    let synchronous = arrival.envelope.synchronous.then(|| arrival.clone());
    let disposition = arrival::receive(repository, arrival, &call).await?;
    let answer = match &synchronous {
        Some(arrival) => acknowledge::at_once(repository, arrival, &disposition).await?,
        None => schemas::itk::simple_response(&tracking_id),
    };
    let audit = AuditEvent::transaction("repository", request.transaction, AuditOutcome::Success)
        .by(request.caller);
    let audit = warnings
        .iter()
        .fold(audit, |audit, warning| audit.because(format!("accepted with a warning: {warning}")));
    let audit = record(audit, &disposition);
    Ok(Outcome { reply: Reply::Body(answer), audit })
}

/// What waits for an organisation without an endpoint.
async fn collected(
    repository: &Repository,
    request: &SoapRequest<'_>,
    submitter: &Submitter<'_>,
) -> Result<Outcome, Refusal> {
    let of = submitter.speaks_for();
    let outboxes = &repository.acknowledging.outboxes;
    let (answer, said) = outboxes.queue(&request.envelope, &of).await?;
    let audit = AuditEvent::transaction("repository", request.transaction, AuditOutcome::Success)
        .by(request.caller);
    Ok(Outcome { reply: Reply::Body(answer), audit: audit.because(said) })
}

/// An acknowledgement of what the hub has sent: kept, never acknowledged itself.
async fn acknowledged(
    repository: &Repository,
    request: &SoapRequest<'_>,
    submitter: &Submitter<'_>,
    message: &ItkMessage,
) -> Result<Outcome, Refusal> {
    let of = submitter.speaks_for();
    let said = repository.acknowledging.outboxes.take(message, &of).await?;
    let audit = AuditEvent::transaction("repository", request.transaction, AuditOutcome::Success)
        .by(request.caller);
    let audit = said.into_iter().fold(audit, AuditEvent::because);
    let answer = schemas::itk::simple_response(&message.tracking_id);
    Ok(Outcome { reply: Reply::Body(answer), audit })
}

/// Every ODS code by which the message names its sender must be the submitter's own or one that
/// its profile lists.
pub(crate) fn may_speak(message: &ItkMessage, submitter: &Submitter<'_>) -> Result<(), ItkFault> {
    let identities = message.audit_identities.iter().chain(&message.sender_address);
    for uri in identities {
        let Some(ods) = ods_of(uri) else { continue };
        if !submitter.may_speak_for(&ods) {
            return Err(ItkFault::denied(format!(
                "the certificate's organisation {} may not speak for {ods} (auditIdentity or senderAddress): the region's operator can add it to the sender's profile",
                submitter.profile.ods
            )));
        }
    }
    Ok(())
}

pub(crate) fn arrived(message: ItkMessage, submitter: &Submitter<'_>, route: Route) -> Arrival {
    Arrival {
        envelope: Envelope {
            route,
            publisher: submitter.ods.clone(),
            tracking_id: message.tracking_id,
            synchronous: message.style == ActionStyle::SendAndReceive,
            service: message.service,
            interaction: message.interaction,
            addresses: message.addresses,
            sender_address: message.sender_address,
            audit_identities: message.audit_identities,
            wished: Wished {
                infrastructure: message.infrastructure_ack_requested,
                business: message.business_ack_requested,
            },
            description: None,
        },
        payloads: message.payloads,
        warnings: message.warnings.iter().map(ToString::to_string).collect(),
    }
}

/// What became of a message, for its audit record.
pub(crate) fn record(mut audit: AuditEvent, disposition: &Disposition) -> AuditEvent {
    let noted = |audit: AuditEvent, notes: &[String]| {
        notes.iter().fold(audit, |audit, note| audit.because(note.clone()))
    };
    match disposition {
        Disposition::Registered { submission, warnings, notes } => {
            noted(iti41::describe(audit, Some(submission), warnings), notes)
        }
        Disposition::Distributed { submission, notes } => {
            noted(iti41::describe(audit, Some(submission), &[]), notes)
        }
        Disposition::Replayed => audit.because("the same message again: nothing was stored"),
        Disposition::Withdrawn { unique_id, patient_id, wrong_patient, notes } => {
            audit.patient_id.clone_from(patient_id);
            audit.document_unique_ids = vec![unique_id.clone()];
            let what = "the document was withdrawn by its nullification";
            let incident = wrong_patient.then(|| "INCIDENT: it was in the wrong patient's record");
            let audit = incident.into_iter().fold(audit.because(what), AuditEvent::because);
            noted(audit, notes)
        }
        Disposition::Held { until, notes } => {
            let what = format!("a nullification before its document: held until {until}");
            noted(audit.because(what), notes)
        }
        Disposition::Quarantined { quarantine_id, reason } => {
            audit.because(format!("quarantined as {quarantine_id}: {reason}"))
        }
    }
}
