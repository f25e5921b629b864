//! ITI-57 Update Document Set and ITI-92 Restricted Update Document Set.

use crate::attempt::attempt;
use crate::lifecycle::update;
use crate::withdrawal::Actor;
use crate::{Registry, admission, iti42};
use async_trait::async_trait;
use node::actors::{CallContext, NotAvailable, Update};
use node::caller::HubIdentity;
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::error::XdsError;
use schemas::registry_response;
use schemas::submission::Submission;
use schemas::update::{MetadataUpdate, UpdateKind};
use schemas::wire::MetadataLimits;
use schemas::xml::Document;

/// Answers an administrator: an organisation that updates what it has published; and the repository,
/// which says for whom it asks.
pub async fn handle(
    registry: &Registry,
    hub: &HubIdentity,
    request: &SoapRequest<'_>,
    kind: UpdateKind,
) -> Outcome {
    let limits = MetadataLimits::default();
    let update = MetadataUpdate::read(request.envelope.body, &limits, kind);
    let own = hub.is_repository(request.caller);
    let update = update.and_then(|update| {
        let reserved = if own { Vec::new() } else { admission::reserved_slots(&update.submission) };
        if reserved.is_empty() { Ok(update) } else { Err(reserved) }
    });
    let (submission, errors) = match update {
        Ok(update) => {
            let publisher = update.submission.publisher_ods().filter(|_| own);
            let actor = match &publisher {
                Some(organisation) => Actor { organisation, system: None },
                None => Actor::of(request),
            };
            let errors = apply(registry, &update, actor).await;
            (Some(update.submission), errors)
        }
        Err(errors) => (None, errors),
    };
    let audit = iti42::audit(request, submission.as_ref(), &errors);
    Outcome { reply: Reply::Body(registry_response::write(&errors)), audit }
}

#[async_trait]
impl Update for Registry {
    async fn update(
        &self,
        submission: Submission,
        _context: &CallContext,
    ) -> Result<Vec<XdsError>, NotAvailable> {
        let Some(publisher) = submission.publisher_ods() else {
            return Err(NotAvailable("the update does not name its publisher".to_owned()));
        };
        let text = submission.write();
        let document = Document::parse(&text, &Default::default());
        let document = document.map_err(|error| NotAvailable(error.to_string()))?;
        let limits = MetadataLimits::default();
        match MetadataUpdate::read(document.root(), &limits, UpdateKind::Full) {
            Ok(update) => {
                let actor = Actor { organisation: &publisher, system: None };
                Ok(apply(self, &update, actor).await)
            }
            Err(errors) => Ok(errors),
        }
    }
}

/// Admits, decides and commits. Without an Error the update is durable; with one nothing of it
/// has happened.
async fn apply(registry: &Registry, update: &MetadataUpdate, actor: Actor<'_>) -> Vec<XdsError> {
    let mut notes = admission::check(registry, &update.submission, admission::Registering::Any);
    if notes.iter().any(XdsError::is_error) {
        return notes;
    }
    let references = update::references(update);
    let deciding = || registry.deciding();
    let errors = attempt(registry, &references, |existing| {
        update::decide(update, existing, &deciding(), actor)
    });
    notes.extend(errors.await);
    notes
}
