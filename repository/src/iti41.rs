//! ITI-41 Provide and Register Document Set-b: documents with their metadata.

use crate::provide::Provided;
use crate::{Repository, identity, provide, quality};
use base64::Engine;
use node::actors::CallContext;
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest};
use node::spool::{Content, Received};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::ObjectId;
use schemas::registry_response;
use schemas::retrieve::{DocumentContent, read_content};
use schemas::submission::Submission;
use schemas::wire::{LCM, MetadataLimits, XDSB};
use schemas::xml::Element;

pub(crate) async fn handle(
    repository: &Repository,
    request: &SoapRequest<'_>,
) -> Result<Outcome, Refusal> {
    let submitter = repository.submitter(request.caller)?;
    let (submission, errors) = match read(request.envelope.body, request.received) {
        Err(errors) => {
            quality::provided(repository, &submitter.ods, None, &errors).await;
            (None, errors)
        }
        Ok(mut provided) => {
            let facts = quality::Facts::of_provided(repository, &provided);
            let context = CallContext { correlation_id: request.correlation_id };
            let mut found = provide::reserved(&provided.submission);
            if found.is_empty() {
                found = identity::provided(repository, &mut provided.submission, &context).await;
            }
            let copy = provided.submission.clone();
            if !found.iter().any(XdsError::is_error) {
                let publisher = &submitter.ods;
                found.extend(provide::provide(repository, publisher, provided, &context).await);
            }
            let said = Some((&copy, facts));
            quality::provided(repository, &submitter.ods, said, &found).await;
            (Some(copy), found)
        }
    };
    let audit = audit(request, submission.as_ref(), &errors);
    Ok(Outcome { reply: Reply::Body(registry_response::write(&errors)), audit })
}

/// Metadata and documents of a request; metadata errors are told in the repository's code.
fn read(body: Element<'_>, received: &Received) -> Result<Provided, Vec<XdsError>> {
    let metadata = |text: String| vec![XdsError::new(XdsErrorCode::RepositoryMetadata, text)];
    let request = body.child(LCM, "SubmitObjectsRequest");
    let request = request.ok_or_else(|| {
        metadata("ProvideAndRegisterDocumentSetRequest has no lcm:SubmitObjectsRequest".to_owned())
    })?;
    let submission =
        Submission::read(request, &MetadataLimits::default()).map_err(as_repository)?;
    let mut used = Vec::new();
    let mut documents = Vec::new();
    for element in body.children_named(XDSB, "Document") {
        let id = element.attr("id").unwrap_or_default();
        let id = ObjectId::parse(id)
            .map_err(|_| metadata(format!("xds:Document has no valid id ({id:?})")))?;
        documents.push((id.clone(), content(element, &id, received, &mut used)?));
    }
    for attachment in &received.attachments {
        if !used.contains(&attachment.content_id) {
            let context = format!(
                "the MIME part {:?} is not named by any xds:Document",
                attachment.content_id
            );
            return Err(vec![XdsError::new(XdsErrorCode::MissingDocumentMetadata, context)]);
        }
    }
    Ok(Provided { submission, documents, superseded: Vec::new(), withdrawn: Vec::new() })
}

/// The repository reports what it finds itself under its own codes (ITI TF-3 table 4.2.4.1-2).
fn as_repository(errors: Vec<XdsError>) -> Vec<XdsError> {
    let own = |mut error: XdsError| {
        error.code = match error.code {
            XdsErrorCode::RegistryMetadata => XdsErrorCode::RepositoryMetadata,
            XdsErrorCode::RegistryDuplicateUniqueIdInMessage => {
                XdsErrorCode::RepositoryDuplicateUniqueIdInMessage
            }
            other => other,
        };
        error
    };
    errors.into_iter().map(own).collect()
}

fn content(
    element: Element<'_>,
    id: &ObjectId,
    received: &Received,
    used: &mut Vec<String>,
) -> Result<Content, Vec<XdsError>> {
    let refuse = |code, text: String| vec![XdsError::new(code, text).at(id.to_string())];
    match read_content(element) {
        Some(DocumentContent::Attachment(content_id)) => {
            let attachment = received.attachment(&content_id).ok_or_else(|| {
                let what = format!("xds:Document {id} refers to the MIME part {content_id:?}, which is not attached");
                refuse(XdsErrorCode::MissingDocument, what)
            })?;
            used.push(content_id);
            // The file stays the request's until it is answered; a link to it is read here.
            let copy = match &attachment.content {
                Content::Memory(bytes) => Ok(Content::Memory(bytes.clone())),
                Content::File { path, size } => link(path, *size),
            };
            copy.map_err(|error| {
                tracing::error!(%error, "spool failed");
                refuse(
                    XdsErrorCode::Repository,
                    "the repository could not read its spool folder".to_owned(),
                )
            })
        }
        Some(DocumentContent::Inline(text)) => {
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(text);
            let broken = |_| {
                refuse(XdsErrorCode::RepositoryMetadata, format!("xds:Document {id} is not base64"))
            };
            Ok(Content::Memory(bytes.map_err(broken)?.into()))
        }
        None => {
            let what = format!("xds:Document {id} has an xop:Include without a cid: reference");
            Err(refuse(XdsErrorCode::RepositoryMetadata, what))
        }
    }
}

fn link(path: &std::path::Path, size: u64) -> std::io::Result<Content> {
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    let copy = tempfile::Builder::new()
        .prefix("doc")
        .make_in(folder, |target| std::fs::hard_link(path, target))?;
    Ok(Content::File { path: copy.into_temp_path(), size })
}

fn audit(
    request: &SoapRequest<'_>,
    submission: Option<&Submission>,
    errors: &[XdsError],
) -> AuditEvent {
    let failed = errors.iter().any(XdsError::is_error);
    let outcome = if failed { AuditOutcome::SeriousFailure } else { AuditOutcome::Success };
    let event =
        AuditEvent::transaction("repository", request.transaction, outcome).by(request.caller);
    describe(event, submission, errors)
}

/// What a submission was about, for its audit record.
pub(crate) fn describe(
    mut event: AuditEvent,
    submission: Option<&Submission>,
    errors: &[XdsError],
) -> AuditEvent {
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
