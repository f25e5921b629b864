//! Retrieve Document Set (ITI-43, ITI TF-2 3.43): which documents, and the frame of the answer.

use crate::error::{XdsError, XdsErrorCode};
use crate::registry_response::{self, ResponseStatus};
use crate::wire::{XDSB, XOP};
use crate::xml::{Element, escape_into, text_element};

/// One requested document. Ids are kept as text: a wrong one is simply not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRequest {
    pub home_community_id: Option<String>,
    pub repository_unique_id: String,
    pub document_unique_id: String,
}

/// Documents that one request may ask for.
pub const DOCUMENTS_MAX: usize = 1_000;

/// Reads `xds:RetrieveDocumentSetRequest`.
pub fn read_request(request: Element<'_>) -> Result<Vec<DocumentRequest>, XdsError> {
    read_document_requests(request)
}

/// Reads the `xds:DocumentRequest`s of a request that is a list of them.
pub(crate) fn read_document_requests(
    request: Element<'_>,
) -> Result<Vec<DocumentRequest>, XdsError> {
    let mut requests = Vec::new();
    for element in request.children_named(XDSB, "DocumentRequest") {
        if requests.len() >= DOCUMENTS_MAX {
            let context = format!("the request names more than {DOCUMENTS_MAX} documents");
            return Err(XdsError::new(XdsErrorCode::Repository, context));
        }
        let text = |name: &str| {
            let value = element.child(XDSB, name).map(|child| child.trimmed()).unwrap_or_default();
            if value.is_empty() || value.len() > 256 {
                let context = format!("DocumentRequest needs a {name} of 1 to 256 characters");
                return Err(XdsError::new(XdsErrorCode::Repository, context).at(name));
            }
            Ok(value.to_owned())
        };
        let wanted = DocumentRequest {
            home_community_id: element
                .child(XDSB, "HomeCommunityId")
                .map(|e| e.trimmed().to_owned()),
            repository_unique_id: text("RepositoryUniqueId")?,
            document_unique_id: text("DocumentUniqueId")?,
        };
        // Asked for twice is answered once.
        if !requests.contains(&wanted) {
            requests.push(wanted);
        }
    }
    if requests.is_empty() {
        let context = format!("{} needs at least one DocumentRequest", request.local());
        return Err(XdsError::new(XdsErrorCode::Repository, context));
    }
    Ok(requests)
}

/// Writes `xds:RetrieveDocumentSetRequest`.
pub fn write_request(requests: &[DocumentRequest]) -> String {
    let mut out = format!("<xds:RetrieveDocumentSetRequest xmlns:xds=\"{XDSB}\">");
    write_document_requests(&mut out, requests);
    out.push_str("</xds:RetrieveDocumentSetRequest>");
    out
}

/// Appends the `xds:DocumentRequest`s of a request that is a list of them.
pub(crate) fn write_document_requests(out: &mut String, requests: &[DocumentRequest]) {
    for request in requests {
        out.push_str("<xds:DocumentRequest>");
        write_ids(out, request);
        out.push_str("</xds:DocumentRequest>");
    }
}

fn write_ids(out: &mut String, request: &DocumentRequest) {
    if let Some(home) = &request.home_community_id {
        text_element(out, "xds:HomeCommunityId", home);
    }
    text_element(out, "xds:RepositoryUniqueId", &request.repository_unique_id);
    text_element(out, "xds:DocumentUniqueId", &request.document_unique_id);
}

/// The error for a document that is not here, or not for this caller: the text is the same, so
/// that existence is not revealed.
pub fn not_available(request: &DocumentRequest) -> XdsError {
    let context = format!(
        "no document with uniqueId {} is available to this caller",
        request.document_unique_id
    );
    XdsError::new(XdsErrorCode::DocumentUniqueId, context).at(request.document_unique_id.clone())
}

/// Pieces of `xds:RetrieveDocumentSetResponse`; documents go between them where they are inline.
pub struct ResponseFrame;

impl ResponseFrame {
    /// Everything up to the first DocumentResponse.
    pub fn open(errors: &[XdsError], status: ResponseStatus) -> String {
        let mut out = format!("<xds:RetrieveDocumentSetResponse xmlns:xds=\"{XDSB}\">");
        out.push_str(&registry_response::write_with_status(errors, status));
        out
    }

    /// A DocumentResponse up to the content of its Document.
    pub fn document_open(out: &mut String, request: &DocumentRequest, mime_type: &str) {
        out.push_str("<xds:DocumentResponse>");
        write_ids(out, request);
        text_element(out, "xds:mimeType", mime_type);
        out.push_str("<xds:Document>");
    }

    pub fn include(out: &mut String, href: &str) {
        out.push_str(&format!("<xop:Include xmlns:xop=\"{XOP}\" href=\""));
        escape_into(out, href);
        out.push_str("\"/>");
    }

    pub fn document_close() -> &'static str {
        "</xds:Document></xds:DocumentResponse>"
    }

    pub fn close() -> &'static str {
        "</xds:RetrieveDocumentSetResponse>"
    }
}

/// Where the bytes of an answered document are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentContent {
    /// Content-ID of a MIME part.
    Attachment(String),
    /// Base64 text inside the element.
    Inline(String),
}

/// One answered document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentResponse {
    pub request: DocumentRequest,
    pub mime_type: String,
    pub content: DocumentContent,
}

/// Reads the content of an `xds:Document`: one xop:Include, or base64.
pub fn read_content(document: Element<'_>) -> Option<DocumentContent> {
    match document.child(XOP, "Include") {
        Some(include) => {
            let id = crate::soap::mime::cid(include.attr("href")?)?;
            Some(DocumentContent::Attachment(id))
        }
        None => Some(DocumentContent::Inline(document.text().to_owned())),
    }
}

/// Reads `xds:RetrieveDocumentSetResponse`.
pub fn read_response(
    response: Element<'_>,
) -> Option<(ResponseStatus, Vec<XdsError>, Vec<DocumentResponse>)> {
    let (status, errors) =
        registry_response::read(response.child(crate::wire::RS, "RegistryResponse")?)?;
    let read = |element: Element<'_>| {
        let text = |name: &str| element.child(XDSB, name).map(|child| child.trimmed().to_owned());
        Some(DocumentResponse {
            request: DocumentRequest {
                home_community_id: text("HomeCommunityId"),
                repository_unique_id: text("RepositoryUniqueId")?,
                document_unique_id: text("DocumentUniqueId")?,
            },
            mime_type: text("mimeType")?,
            content: read_content(element.child(XDSB, "Document")?)?,
        })
    };
    let documents: Option<Vec<_>> =
        response.children_named(XDSB, "DocumentResponse").map(read).collect();
    Some((status, errors, documents?))
}
