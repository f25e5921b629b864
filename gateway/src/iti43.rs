//! ITI-43 at the gateway: decide again for each document, then let the repository's bytes through.
//! No permit, no bytes; a document that is not there and one that may not be seen look the same.

use crate::asking::{Inquiry, Judged, stand};
use crate::break_glass::shown::Glass;
use crate::fallback;
use crate::relationship::flag;
use crate::seen::{leave, veil};
use crate::superseded::{self, Scope};
use crate::{Gateway, break_glass, safeguarding};
use node::actors::{CallContext, Retrieved};
use node::audit::{
    AuditEvent, DecidedEntry, Outcome as AuditOutcome, ReadDocument, ReadingKind, Shown,
};
use node::endpoint::{DocumentsReply, Leave, Outcome, Reply, SoapRequest};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::{EntryFacts, FoundEntry};
use schemas::query::StoredQuery;
use schemas::registry_response::{ResponseStatus, status_of};
use schemas::retrieve::{DocumentRequest, not_available, read_request};
use schemas::unique_id::UniqueId;
use std::sync::Arc;
use std::time::Instant;

pub(crate) async fn handle(gateway: &Arc<Gateway>, request: &SoapRequest<'_>) -> Outcome {
    let mut audit = AuditEvent::transaction("gateway", request.transaction, AuditOutcome::Success)
        .by(request.caller);
    // Read before it is decided: what changes from here on is looked at again.
    let epoch = gateway.store.epoch();
    let mut beside = leave::Beside::default();
    let retrieved = match read_request(request.envelope.body) {
        Ok(requests) => answer(gateway, request, &requests, &mut audit, &mut beside).await,
        Err(error) => failed(error),
    };
    let status = status_of(&retrieved.errors, !retrieved.documents.is_empty());
    audit.outcome = match status {
        ResponseStatus::Success => AuditOutcome::Success,
        ResponseStatus::PartialSuccess => AuditOutcome::MinorFailure,
        ResponseStatus::Failure => AuditOutcome::SeriousFailure,
    };
    let documents = retrieved.documents.iter();
    audit.document_unique_ids = documents.map(|d| d.request.document_unique_id.clone()).collect();
    for error in &retrieved.errors {
        audit = audit.because(error.to_string());
    }
    let Retrieved { documents, errors } = retrieved;
    let leave = leave::Standing {
        gateway: gateway.clone(),
        caller: request.caller.clone(),
        beside,
        context: CallContext { correlation_id: request.correlation_id },
        documents: documents.iter().map(|document| document.request.clone()).collect(),
        epoch,
    };
    let leave: Option<Box<dyn Leave>> = Some(Box::new(leave));
    let reply = DocumentsReply { documents, errors, status, leave };
    Outcome { reply: Reply::Documents(reply), audit }
}

fn failed(error: XdsError) -> Retrieved {
    Retrieved { documents: Vec::new(), errors: vec![error] }
}

async fn answer(
    gateway: &Gateway,
    request: &SoapRequest<'_>,
    requests: &[DocumentRequest],
    audit: &mut AuditEvent,
    beside: &mut leave::Beside,
) -> Retrieved {
    let started = Instant::now();
    let busy = XdsErrorCode::RepositoryBusy;
    let (region, cause) = match fallback::region(gateway, busy) {
        Ok(found) => found,
        Err(error) => return failed(error),
    };
    let code = XdsErrorCode::Repository;
    let glass = match Glass::read(gateway, request, &region, code).await {
        Ok(glass) => glass,
        Err(error) => return failed(error),
    };
    let mut standing = match stand(gateway, &region, request.caller, &glass, code) {
        Ok(standing) => standing,
        Err((_, error)) => return failed(error),
    };
    audit.purpose = Some(standing.asker.purpose.to_owned());
    audit.role = Some(standing.asker.role.to_owned());
    if let Err(error) = flag::attach(gateway, request, &mut standing, None, code, audit).await {
        return failed(error);
    }
    *beside = leave::Beside::of(&standing.asker, &glass);
    let mark = match fallback::mark(gateway, &standing, cause, audit, busy) {
        Ok(mark) => mark,
        Err(error) => return failed(error),
    };
    let context = CallContext { correlation_id: request.correlation_id };
    let inquiry = Inquiry { gateway, standing, context, busy };
    let permitted = match permitted(&inquiry, requests, audit).await {
        Ok(permitted) => permitted,
        Err(error) => return failed(error),
    };
    if let Err(error) = break_glass::keep(&inquiry, request, &glass, audit).await {
        return failed(error);
    }
    let mut retrieved = Retrieved { errors: permitted.warnings, ..Retrieved::default() };
    retrieved.errors.extend(mark);
    let (open, closed): (Vec<_>, Vec<_>) =
        requests.iter().cloned().partition(|r| permitted.requests.contains(r));
    retrieved.errors.extend(closed.iter().map(not_available));
    if !closed.is_empty() {
        veil::on_the_beat(started).await;
    }
    if open.is_empty() {
        return retrieved;
    }
    fetch(&inquiry, &open, permitted.entries, &permitted.facts, &mut retrieved, audit).await;
    retrieved
}

/// The bytes of what is permitted.
async fn fetch(
    inquiry: &Inquiry<'_>,
    open: &[DocumentRequest],
    entries: Vec<ReadDocument>,
    facts: &[EntryFacts],
    retrieved: &mut Retrieved,
    audit: &mut AuditEvent,
) {
    match inquiry.gateway.repository.retrieve(open, &inquiry.context).await {
        Ok(fetched) => {
            retrieved.documents = fetched.documents;
            retrieved.errors.extend(fetched.errors);
            let handed_out = |facts: &&EntryFacts| {
                let mut documents = retrieved.documents.iter();
                documents.any(|d| d.request.document_unique_id == facts.unique_id.as_str())
            };
            let read: Vec<EntryFacts> = facts.iter().filter(handed_out).cloned().collect();
            safeguarding::read(inquiry, read.iter()).await;
            audit.shown = Some(shown(entries, retrieved));
        }
        Err(error) => {
            tracing::error!(%error, "repository not available");
            let what = "the repository cannot be reached; try again";
            let busy = |r: &DocumentRequest| {
                XdsError::new(XdsErrorCode::RepositoryBusy, what).at(r.document_unique_id.clone())
            };
            retrieved.errors.extend(open.iter().map(busy));
        }
    }
}

/// Whoever is handed a document reads it.
fn shown(mut entries: Vec<ReadDocument>, retrieved: &Retrieved) -> Shown {
    let handed_out = |entry: &ReadDocument| {
        let mut documents = retrieved.documents.iter();
        documents.any(|document| document.request.document_unique_id == entry.unique_id)
    };
    entries.retain(handed_out);
    Shown { kind: ReadingKind::Retrieved, documents: entries }
}

/// The requests that a permit opens, the entries by which it does, and who holds newer versions of
/// those that it does not open.
pub(crate) struct Permitted {
    pub requests: Vec<DocumentRequest>,
    entries: Vec<ReadDocument>,
    facts: Vec<EntryFacts>,
    warnings: Vec<XdsError>,
}

pub(crate) async fn permitted(
    inquiry: &Inquiry<'_>,
    requests: &[DocumentRequest],
    audit: &mut AuditEvent,
) -> Result<Permitted, XdsError> {
    let ids = requests.iter().filter_map(|r| UniqueId::parse(&r.document_unique_id).ok());
    let found = inquiry.ask(&StoredQuery::documents(ids.collect())).await?;
    let judged = inquiry.judge(found.entries).await?;
    let mut judged: Vec<Judged> = judged.into_iter().map(Judged::for_handing_out).collect();
    let warnings = superseded::settle(inquiry, &mut judged, Scope::Permitted).await?;
    audit.decided(judged.iter().map(Judged::decided).collect());
    let of = |request: &&DocumentRequest, entry: &FoundEntry| {
        entry.facts.unique_id.as_str() == request.document_unique_id
            && entry.facts.repository_unique_id.as_str() == request.repository_unique_id
    };
    let mut open = Vec::new();
    for request in requests {
        if judged.iter().any(|j| j.is_permitted() && of(&request, &j.entry)) {
            open.push(request.clone());
        } else if !audit.decisions.iter().any(|d| d.unique_id == request.document_unique_id) {
            audit.decisions.push(DecidedEntry {
                unique_id: request.document_unique_id.clone(),
                decision: "unknown-document".to_owned(),
                ..DecidedEntry::default()
            });
        }
    }
    let seen = judged.iter().filter(|judged| judged.is_permitted());
    let facts = seen.clone().map(|judged| judged.entry.facts.clone()).collect();
    let entries = seen.map(|judged| ReadDocument {
        unique_id: judged.entry.facts.unique_id.to_string(),
        entry_uuid: judged.id().to_string(),
    });
    Ok(Permitted { requests: open, entries: entries.collect(), facts, warnings })
}
