//! ITI-42 Register Document Set-b: what a submission does to the index.

use crate::store::StoreError;
use crate::{Registry, Resubmission, admission, lifecycle, store_error};
use async_trait::async_trait;
use node::actors::{CallContext, NotAvailable, Register};
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::caller::HubIdentity;
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::registry_response;
use schemas::submission::Submission;
use schemas::wire::MetadataLimits;

/// A patient whose index changed between reading and committing is read again, this often.
const ATTEMPTS_MAX: u32 = 16;

/// Answers the repository on the network, and in conformance mode its client.
pub async fn handle(registry: &Registry, hub: &HubIdentity, request: &SoapRequest<'_>) -> Outcome {
    let submission = Submission::read(request.envelope.body, &MetadataLimits::default());
    let submission = submission.and_then(|mut submission| {
        admission::name_publisher(&mut submission, hub, request.caller).map(|()| submission)
    });
    let (submission, errors) = match submission {
        Ok(submission) => (Some(submission.clone()), register(registry, submission).await),
        Err(errors) => (None, errors),
    };
    let audit = audit(request, submission.as_ref(), &errors);
    Outcome { reply: Reply::Body(registry_response::write(&errors)), audit }
}

/// Admits, decides and commits; the errors (or warnings) say how it went. Without an Error the
/// submission is durable; with one nothing of it is visible.
pub async fn register(registry: &Registry, submission: Submission) -> Vec<XdsError> {
    let mut notes = admission::check(registry, &submission);
    if notes.iter().any(XdsError::is_error) {
        return notes;
    }
    for attempt in 0..ATTEMPTS_MAX {
        match attempt_once(registry, &submission).await {
            Ok(errors) => {
                notes.extend(errors);
                return notes;
            }
            Err(StoreError::Conflict) => {
                let pause = std::time::Duration::from_millis(u64::from(attempt));
                tokio::time::sleep(pause).await;
            }
            Err(error) => return vec![store_error(&error)],
        }
    }
    vec![store_error(&StoreError::Conflict)]
}

/// Read, decide, commit. `Conflict` where what was read no longer holds.
async fn attempt_once(
    registry: &Registry,
    submission: &Submission,
) -> Result<Vec<XdsError>, StoreError> {
    let references = lifecycle::references(submission);
    let existing = registry.store.existing(&references).await?;
    let decision = lifecycle::decide(submission, &existing, &registry.deciding());
    match decision {
        Ok(lifecycle::Decision::AlreadyRegistered) => Ok(match registry.resubmission {
            Resubmission::Replay => Vec::new(),
            Resubmission::Refuse => {
                let unique_id = &submission.submission_set.unique_id;
                let what = format!("SubmissionSet.uniqueId {unique_id} is already registered");
                vec![XdsError::new(XdsErrorCode::DuplicateUniqueIdInRegistry, what)]
            }
        }),
        Ok(lifecycle::Decision::Commit(changes)) => {
            registry.store.commit(*changes).await.map(|()| Vec::new())
        }
        Err(errors) => Ok(errors),
    }
}

#[async_trait]
impl Register for Registry {
    async fn register(
        &self,
        submission: Submission,
        _context: &CallContext,
    ) -> Result<Vec<XdsError>, NotAvailable> {
        Ok(register(self, submission).await)
    }
}

fn audit(
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
    }
    for error in errors {
        event = event.because(error.to_string());
    }
    event
}
