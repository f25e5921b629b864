//! ITI-42 Register Document Set-b, and ITI-61 Register On-Demand Document Entry: what a submission
//! does to the index.

use crate::admission::Registering;
use crate::attempt::attempt;
use crate::store::Changes;
use crate::{Registry, admission, lifecycle};
use async_trait::async_trait;
use node::actors::{CallContext, NotAvailable, Register};
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::caller::HubIdentity;
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::error::XdsError;
use schemas::metadata::ids::slot;
use schemas::registry_response;
use schemas::sensitivity::Sensitivity;
use schemas::submission::Submission;
use schemas::transaction::Transaction;
use schemas::wire::MetadataLimits;

/// Answers the repository on the network, and in conformance mode its client.
pub async fn handle(registry: &Registry, hub: &HubIdentity, request: &SoapRequest<'_>) -> Outcome {
    let submission = Submission::read(request.envelope.body, &MetadataLimits::default());
    let submission = submission.and_then(|mut submission| {
        admission::name_publisher(&mut submission, hub, request.caller).map(|()| submission)
    });
    let (submission, errors) = match submission {
        Ok(submission) => {
            let registering = match request.transaction {
                Transaction::Iti61 => Registering::OnDemand,
                _ => Registering::Stable,
            };
            (Some(submission.clone()), register(registry, submission, registering).await)
        }
        Err(errors) => (None, errors),
    };
    let audit = audit(request, submission.as_ref(), &errors);
    Outcome { reply: Reply::Body(registry_response::write(&errors)), audit }
}

/// Admits, decides and commits; the errors (or warnings) say how it went. Without an Error the
/// submission is durable; with one nothing of it is visible.
pub(crate) async fn register(
    registry: &Registry,
    mut submission: Submission,
    registering: Registering,
) -> Vec<XdsError> {
    let sensitivity = take_sensitivity(&mut submission);
    let mut notes = admission::check(registry, &submission, registering);
    if notes.iter().any(XdsError::is_error) {
        return notes;
    }
    let references = lifecycle::references(&submission);
    let errors = attempt(registry, &references, |existing| {
        let decided = lifecycle::decide(&submission, existing, &registry.deciding())?;
        Ok(decided.map(|changes| Box::new(Changes { sensitivity, ..*changes })))
    });
    notes.extend(errors.await);
    notes
}

/// How PDS classes the patient is kept with the patient, not with an entry: it holds for the others
/// too, and changes.
fn take_sensitivity(submission: &mut Submission) -> Option<Sensitivity> {
    let mut found = None;
    for entry in &mut submission.document_entries {
        entry.extra.retain(|slot| {
            let is_it = slot.name == slot::PATIENT_SENSITIVITY;
            if is_it {
                found = slot.values.first().and_then(|code| Sensitivity::parse(code)).or(found);
            }
            !is_it
        });
    }
    found
}

#[async_trait]
impl Register for Registry {
    async fn register(
        &self,
        submission: Submission,
        _context: &CallContext,
    ) -> Result<Vec<XdsError>, NotAvailable> {
        Ok(register(self, submission, Registering::Stable).await)
    }
}

/// The record of a request with a SubmissionSet.
pub(crate) fn audit(
    request: &SoapRequest<'_>,
    submission: Option<&Submission>,
    errors: &[XdsError],
) -> AuditEvent {
    let failed = errors.iter().any(XdsError::is_error);
    let outcome = if failed { AuditOutcome::SeriousFailure } else { AuditOutcome::Success };
    let mut event =
        AuditEvent::transaction("registry", request.transaction, outcome).by(request.caller);
    if let Some(submission) = submission {
        event.patient_id = Some(submission.submission_set.patient_id.text());
        event.submission_set_unique_id = Some(submission.submission_set.unique_id.to_string());
        let entries = submission.document_entries.iter();
        event.document_unique_ids = entries.map(|entry| entry.unique_id.to_string()).collect();
        event.superseded_objects = submission.replaced();
    }
    for error in errors {
        event = event.because(error.to_string());
    }
    event
}
