//! ITK: a message with a CDA inside becomes the same submission that ITI-41 would carry.

mod entries;

use crate::{Repository, Submitter, iti41, provide};
use entries::Prepared;
use node::actors::CallContext;
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::itk::{ItkErrorCode, ItkFault, ItkMessage, ReadContext, ods_of};
use schemas::submission::Submission;

pub(crate) async fn handle(
    repository: &Repository,
    request: &SoapRequest<'_>,
) -> Result<Outcome, Refusal> {
    let submitter = repository.submitter(request.caller)?;
    let context = ReadContext::new(repository.clock.now());
    let message = ItkMessage::read(&request.envelope, &context)?;
    may_speak(&message, &submitter)?;
    if message.is_nullification() {
        let what = "withdrawals (nullify interactions) are not processed by this version of the hub: withdraw the document with the region's operator";
        return Err(ItkFault::new(ItkErrorCode::CannotProcess, what).into());
    }
    let call = CallContext { correlation_id: request.correlation_id };
    let prepared = entries::prepare(repository, &submitter, &message, &call).await?;
    let Prepared { submission, documents } = prepared;
    let copy = submission.clone();
    let errors = provide::provide(repository, &submitter.ods, submission, documents, &call).await;
    answer(request, &message, &copy, &errors)
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

fn answer(
    request: &SoapRequest<'_>,
    message: &ItkMessage,
    submission: &Submission,
    errors: &[XdsError],
) -> Result<Outcome, Refusal> {
    // The SubmissionSet's uniqueId is made from the whole message: the same one again is a replay.
    let replay = |error: &&XdsError| error.code == XdsErrorCode::DuplicateUniqueIdInRegistry;
    let failure = errors.iter().filter(|error| error.is_error()).find(|error| !replay(error));
    if let Some(error) = failure {
        let code = match error.code {
            XdsErrorCode::RegistryNotAvailable
            | XdsErrorCode::RegistryBusy
            | XdsErrorCode::RepositoryBusy
            | XdsErrorCode::Registry
            | XdsErrorCode::Repository => ItkErrorCode::TemporarilyUnable,
            _ => ItkErrorCode::InvalidMessage,
        };
        return Err(ItkFault::new(code, error.to_string()).into());
    }
    let mut audit =
        AuditEvent::transaction("repository", request.transaction, AuditOutcome::Success)
            .by(request.caller);
    for warning in &message.warnings {
        audit = audit.because(format!("accepted with a warning: {warning}"));
    }
    let audit = iti41::describe(audit, Some(submission), errors);
    Ok(Outcome { reply: Reply::Body(schemas::itk::simple_response(&message.tracking_id)), audit })
}
