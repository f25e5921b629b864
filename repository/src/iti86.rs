//! ITI-86 Remove Documents: a publisher takes back its own documents, all of a request or none.
//! The metadata stays; a tombstone of each document stays here.

use crate::index::{Candidate, DocumentKey, Kept, Removal, Removed};
use crate::removal::{NotRemovable, decide};
use crate::{Repository, iti43, recovery, withdrawal};
use node::actors::{CallContext, NotAvailable};
use node::audit::{AuditEvent, DecidedEntry, Outcome as AuditOutcome};
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::FoundEntry;
use schemas::ods_code::OdsCode;
use schemas::query::StoredQuery;
use schemas::registry_response;
use schemas::remove_documents::read_request;
use schemas::retrieve::DocumentRequest;

pub(crate) async fn handle(
    repository: &Repository,
    request: &SoapRequest<'_>,
) -> Result<Outcome, Refusal> {
    let submitter = repository.submitter(request.caller)?;
    let mut audit =
        AuditEvent::transaction("repository", request.transaction, AuditOutcome::Success)
            .by(request.caller);
    let errors = match read_request(request.envelope.body) {
        Ok(requests) => {
            let system = request.caller.system.clone();
            let context = CallContext { correlation_id: request.correlation_id };
            let (errors, refused) =
                remove(repository, &submitter.ods, system, &requests, &context).await;
            describe(repository, &mut audit, &requests, &refused, &context).await;
            errors
        }
        Err(error) => vec![error],
    };
    if !errors.is_empty() {
        audit.outcome = AuditOutcome::SeriousFailure;
    }
    for error in &errors {
        audit = audit.because(error.to_string());
    }
    Ok(Outcome { reply: Reply::Body(registry_response::write(&errors)), audit })
}

/// A reason for each request that policy refuses.
type Refused<'r> = Vec<(&'r DocumentRequest, NotRemovable)>;

async fn remove<'r>(
    repository: &Repository,
    by: &OdsCode,
    system: String,
    requests: &'r [DocumentRequest],
    context: &CallContext,
) -> (Vec<XdsError>, Refused<'r>) {
    let key =
        |r: &DocumentRequest| DocumentKey::parse(&r.repository_unique_id, &r.document_unique_id);
    let keys: Option<Vec<DocumentKey>> = requests.iter().map(key).collect();
    let Some(keys) = keys else {
        let nameless = requests.iter().filter(|r| key(r).is_none());
        return (nameless.map(|request| unknown(repository, request)).collect(), Vec::new());
    };
    let kept = match repository.retain.kept(requests, context).await {
        Ok(kept) => kept,
        Err(error) => return (vec![not_asked(&error)], Vec::new()),
    };
    let found = match found(repository, requests, context).await {
        Ok(found) => found,
        Err(error) => return (vec![not_asked(&error)], Vec::new()),
    };
    let now = repository.clock.dtm();
    let withdrawn = withdrawal::of_removal(&found, by, &system, &now);
    let removal = Removal { system, at: now.to_string(), withdrawn };
    let by = by.clone();
    let asked: Vec<_> = keys.iter().cloned().zip(kept).collect();
    let decide = move |candidate: &Candidate| {
        let kept = asked.iter().find(|(key, _)| *key == candidate.key);
        decide(candidate, &by, kept.and_then(|(_, kept)| kept.as_ref()))
    };
    match repository.index.remove(keys, removal, decide).await {
        Ok(Removed::All(objects)) => {
            recovery::discard(repository, objects).await;
            (Vec::new(), Vec::new())
        }
        Ok(Removed::None(kept)) => refusal(repository, requests, kept),
        Err(error) => (vec![crate::provide::index_error(&error)], Vec::new()),
    }
}

/// Without the registry's word nothing goes.
fn not_asked(error: &NotAvailable) -> XdsError {
    let context = format!("{error}; nothing was removed");
    XdsError::new(XdsErrorCode::Repository, context)
}

fn unknown(repository: &Repository, request: &DocumentRequest) -> XdsError {
    iti43::unknown(repository, request).at(request.document_unique_id.clone())
}

fn refusal<'r>(
    repository: &Repository,
    requests: &'r [DocumentRequest],
    kept: Vec<Option<Kept<NotRemovable>>>,
) -> (Vec<XdsError>, Refused<'r>) {
    let (mut errors, mut refused) = (Vec::new(), Vec::new());
    for (request, kept) in requests.iter().zip(kept) {
        match kept {
            None => {}
            Some(Kept::Unknown) => errors.push(unknown(repository, request)),
            Some(Kept::Refused(reason)) => {
                let id = &request.document_unique_id;
                let context = format!("the document {id} {}; nothing was removed", reason.reason());
                let error = XdsError::new(XdsErrorCode::RemoveDocuments, context);
                errors.push(error.at(id.clone()));
                refused.push((request, reason));
            }
        }
    }
    (errors, refused)
}

/// Which documents of which patients the request was about. The repository knows no patients: the
/// registry does, and where it cannot be asked the record goes without them.
async fn describe(
    repository: &Repository,
    audit: &mut AuditEvent,
    requests: &[DocumentRequest],
    refused: &[(&DocumentRequest, NotRemovable)],
    context: &CallContext,
) {
    audit.document_unique_ids = requests.iter().map(|r| r.document_unique_id.clone()).collect();
    let entries = entries(repository, requests, context).await;
    let decided = entries.iter().map(|entry| {
        let of = |(request, _): &&(&DocumentRequest, NotRemovable)| is_of(entry, request);
        let refused = refused.iter().find(of).map(|(_, reason)| reason.code());
        let publisher = entry.facts.publisher_ods.as_ref();
        DecidedEntry {
            unique_id: entry.facts.unique_id.to_string(),
            patient_id: Some(entry.facts.patient_id.text()),
            publisher_ods: publisher.map(ToString::to_string).unwrap_or_default(),
            type_code: entry.facts.type_code.clone(),
            decision: refused.unwrap_or("permit").to_owned(),
            ..DecidedEntry::default()
        }
    });
    audit.decided(decided.collect());
}

fn is_of(entry: &FoundEntry, request: &DocumentRequest) -> bool {
    entry.facts.unique_id.as_str() == request.document_unique_id
        && entry.facts.repository_unique_id.as_str() == request.repository_unique_id
}

async fn entries(
    repository: &Repository,
    requests: &[DocumentRequest],
    context: &CallContext,
) -> Vec<FoundEntry> {
    found(repository, requests, context).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the registry cannot say whose documents a removal is about");
        Vec::new()
    })
}

async fn found(
    repository: &Repository,
    requests: &[DocumentRequest],
    context: &CallContext,
) -> Result<Vec<FoundEntry>, NotAvailable> {
    let ids = requests
        .iter()
        .filter_map(|r| schemas::unique_id::UniqueId::parse(&r.document_unique_id).ok());
    let query = StoredQuery::documents(ids.collect());
    let mut answer = repository.query.query(&query, context).await?;
    answer.entries.retain(|entry| requests.iter().any(|request| is_of(entry, request)));
    Ok(answer.entries)
}
