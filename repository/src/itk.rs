//! ITK: a message on the wire becomes an arrival, what became of it an answer.

use crate::arrival::{self, Arrival, Disposition, Envelope, Route, Wished};
use crate::{Repository, Submitter, iti41};
use node::actors::CallContext;
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest};
use schemas::itk::{ItkFault, ItkMessage, ReadContext, ods_of};

pub(crate) async fn handle(
    repository: &Repository,
    request: &SoapRequest<'_>,
) -> Result<Outcome, Refusal> {
    let submitter = repository.submitter(request.caller)?;
    let context = ReadContext::new(repository.clock.now());
    let message = ItkMessage::read(&request.envelope, &context)?;
    may_speak(&message, &submitter)?;
    let call = CallContext { correlation_id: request.correlation_id };
    let (tracking_id, warnings) = (message.tracking_id.clone(), message.warnings.clone());
    let disposition = arrival::receive(repository, arrived(message, &submitter), &call).await?;
    let audit = AuditEvent::transaction("repository", request.transaction, AuditOutcome::Success)
        .by(request.caller);
    let audit = warnings
        .iter()
        .fold(audit, |audit, warning| audit.because(format!("accepted with a warning: {warning}")));
    let audit = record(audit, &disposition);
    Ok(Outcome { reply: Reply::Body(schemas::itk::simple_response(&tracking_id)), audit })
}

/// Every ODS code by which the message names its sender must be the submitter's own or one that
/// its profile lists.
fn may_speak(message: &ItkMessage, submitter: &Submitter<'_>) -> Result<(), ItkFault> {
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

fn arrived(message: ItkMessage, submitter: &Submitter<'_>) -> Arrival {
    Arrival {
        envelope: Envelope {
            route: Route::Itk,
            publisher: submitter.ods.clone(),
            tracking_id: message.tracking_id,
            service: message.service,
            interaction: message.interaction,
            addresses: message.addresses,
            sender_address: message.sender_address,
            audit_identities: message.audit_identities,
            wished: Wished {
                infrastructure: message.infrastructure_ack_requested,
                business: message.business_ack_requested,
            },
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
        Disposition::Withdrawn { unique_id, patient_id } => {
            audit.patient_id.clone_from(patient_id);
            audit.document_unique_ids = vec![unique_id.clone()];
            audit.because("the document was withdrawn by its nullification")
        }
        Disposition::Held { until } => {
            audit.because(format!("a nullification before its document: held until {until}"))
        }
        Disposition::Quarantined { quarantine_id, reason } => {
            audit.because(format!("quarantined as {quarantine_id}: {reason}"))
        }
    }
}
