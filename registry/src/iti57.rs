//! ITI-57 Update Document Set and ITI-92 Restricted Update Document Set.

use crate::attempt::attempt;
use crate::lifecycle::update;
use crate::withdrawal::Actor;
use crate::{Registry, admission, iti42};
use node::endpoint::{Outcome, Reply, SoapRequest};
use schemas::error::XdsError;
use schemas::registry_response;
use schemas::update::{MetadataUpdate, UpdateKind};
use schemas::wire::MetadataLimits;

/// Answers an administrator: an organisation that updates what it has published.
pub async fn handle(registry: &Registry, request: &SoapRequest<'_>, kind: UpdateKind) -> Outcome {
    let limits = MetadataLimits::default();
    let update = MetadataUpdate::read(request.envelope.body, &limits, kind);
    let update = update.and_then(|update| {
        let reserved = admission::reserved_slots(&update.submission);
        if reserved.is_empty() { Ok(update) } else { Err(reserved) }
    });
    let (submission, errors) = match update {
        Ok(update) => {
            let errors = apply(registry, &update, Actor::of(request)).await;
            (Some(update.submission), errors)
        }
        Err(errors) => (None, errors),
    };
    let audit = iti42::audit(request, submission.as_ref(), &errors);
    Outcome { reply: Reply::Body(registry_response::write(&errors)), audit }
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
