//! ITI-43 Retrieve Document Set, for the hub's own services.

use crate::Repository;
use crate::index::DocumentKey;
use crate::objects::ObjectError;
use async_trait::async_trait;
use node::actors::{
    CallContext, DocumentBytes, NotAvailable, Retrieve, Retrieved, RetrievedDocument,
};
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::endpoint::{DocumentsReply, Outcome, Reply, SoapRequest};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::registry_response::{ResponseStatus, status_of};
use schemas::retrieve::{DocumentRequest, not_available, read_request};

pub(crate) async fn handle(repository: &Repository, request: &SoapRequest<'_>) -> Outcome {
    let retrieved = match read_request(request.envelope.body) {
        Ok(requests) => retrieve(repository, &requests).await,
        Err(error) => Retrieved { documents: Vec::new(), errors: vec![error] },
    };
    let status = status_of(&retrieved.errors, !retrieved.documents.is_empty());
    let outcome = match status {
        ResponseStatus::Success => AuditOutcome::Success,
        ResponseStatus::PartialSuccess => AuditOutcome::MinorFailure,
        ResponseStatus::Failure => AuditOutcome::SeriousFailure,
    };
    let mut audit =
        AuditEvent::transaction("repository", request.transaction, outcome).by(request.caller);
    let documents = retrieved.documents.iter();
    audit.document_unique_ids = documents.map(|d| d.request.document_unique_id.clone()).collect();
    for error in &retrieved.errors {
        audit = audit.because(error.to_string());
    }
    let Retrieved { documents, errors } = retrieved;
    let reply = DocumentsReply { documents, errors, status, leave: None };
    Outcome { reply: Reply::Documents(reply), audit }
}

#[async_trait]
impl Retrieve for Repository {
    async fn retrieve(
        &self,
        requests: &[DocumentRequest],
        _context: &CallContext,
    ) -> Result<Retrieved, NotAvailable> {
        Ok(retrieve(self, requests).await)
    }
}

/// Bytes of one answer that are held in memory, verified before the first leaves; what goes beyond
/// is opened when its turn comes.
const WHOLE_BYTES_MAX: u64 = 32 * 1024 * 1024;

async fn retrieve(repository: &Repository, requests: &[DocumentRequest]) -> Retrieved {
    let mut retrieved = Retrieved::default();
    let mut held = 0;
    for request in requests {
        match one(repository, request, &mut held).await {
            Ok(document) => retrieved.documents.push(document),
            Err(error) => retrieved.errors.push(error.at(request.document_unique_id.clone())),
        }
    }
    retrieved
}

/// Why a document that is not here is not here.
pub(crate) fn unknown(repository: &Repository, request: &DocumentRequest) -> XdsError {
    if repository.unique_ids.knows(&request.repository_unique_id) {
        return not_available(request);
    }
    let context =
        format!("the repositoryUniqueId {} is not this repository's", request.repository_unique_id);
    XdsError::new(XdsErrorCode::UnknownRepositoryId, context)
}

async fn one(
    repository: &Repository,
    request: &DocumentRequest,
    held: &mut u64,
) -> Result<RetrievedDocument, XdsError> {
    let failed = |what: String| {
        tracing::error!(document_unique_id = %request.document_unique_id, reason = %what, "retrieve failed");
        XdsError::new(
            XdsErrorCode::Repository,
            "the stored document cannot be read: it is kept back, not answered damaged",
        )
    };
    let key = DocumentKey::parse(&request.repository_unique_id, &request.document_unique_id);
    let document = match key {
        Some(key) => repository.index.document(key).await,
        None => Ok(None),
    };
    let document = document.map_err(|error| failed(error.to_string()))?;
    let document = document.ok_or_else(|| unknown(repository, request))?;
    let whole = *held + document.size <= WHOLE_BYTES_MAX;
    let bytes = repository.objects.get(document.sha256, document.size, whole).await;
    let bytes = bytes.map_err(|error: ObjectError| failed(error.to_string()))?;
    if matches!(bytes, DocumentBytes::Whole(_)) {
        *held += document.size;
    }
    Ok(RetrievedDocument { request: request.clone(), mime_type: document.mime_type, bytes })
}
