//! What a document has to pass before it is stored: its bytes are of the type that its metadata
//! declares, and a malware scanner has nothing against them.

pub mod clamd;
pub mod signature;

use clamd::{Clamd, ScanError, Verdict};
use node::spool::Content;
use schemas::error::{Severity, XdsError, XdsErrorCode};
use schemas::metadata::DocumentEntry;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What to do with a document whose bytes are not of its declared mimeType.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MimeCheck {
    Refuse,
    /// Stored and registered, with a Warning in the answer and in the audit record: a letter with
    /// a wrong label is worth more to its reader than a letter that never arrived.
    #[default]
    Warn,
    Off,
}

#[derive(Clone, Debug, Default)]
pub struct Intake {
    pub mime_check: MimeCheck,
    /// Where there is one, nothing is stored that it has not passed.
    pub scanner: Option<Clamd>,
}

type Reader = Box<dyn AsyncRead + Send + Unpin>;

async fn open(content: &Content) -> std::io::Result<Reader> {
    Ok(match content {
        Content::Memory(bytes) => Box::new(std::io::Cursor::new(bytes.clone())),
        Content::File { path, .. } => Box::new(tokio::fs::File::open(path).await?),
    })
}

impl Intake {
    /// What is wrong with a document, Errors and Warnings.
    pub(crate) async fn examine(&self, entry: &DocumentEntry, content: &Content) -> Vec<XdsError> {
        let mismatch = match self.mime_check {
            MimeCheck::Refuse => mime_type(entry, content, Severity::Error).await,
            MimeCheck::Warn => mime_type(entry, content, Severity::Warning).await,
            MimeCheck::Off => Ok(None),
        };
        let scanned = match &self.scanner {
            Some(scanner) => scan(scanner, entry, content).await,
            None => Ok(None),
        };
        let unreadable = |error: std::io::Error| {
            tracing::error!(%error, "spool failed");
            let what = "the repository could not read its spool folder";
            Some(XdsError::new(XdsErrorCode::Repository, what))
        };
        let found = [mismatch, scanned].map(|result| result.unwrap_or_else(unreadable));
        found.into_iter().flatten().map(|error| error.at(entry.id.to_string())).collect()
    }
}

async fn mime_type(
    entry: &DocumentEntry,
    content: &Content,
    severity: Severity,
) -> std::io::Result<Option<XdsError>> {
    let mut head = Vec::new();
    open(content).await?.take(signature::HEAD_BYTES).read_to_end(&mut head).await?;
    let Some(mismatch) = signature::mismatch(&entry.mime_type, &head) else { return Ok(None) };
    let looks =
        mismatch.looks_like.map_or(String::new(), |what| format!(" (they look like {what})"));
    let context = format!(
        "DocumentEntry.mimeType is {}, but the document's bytes are not of that type{looks}: send the type that the document has (object {})",
        entry.mime_type, entry.id
    );
    Ok(Some(XdsError { severity, ..XdsError::new(XdsErrorCode::RepositoryMetadata, context) }))
}

/// An infected document is refused in the code for what is wrong with the submission:
/// XDSRepositoryError reads as a failure of the repository, after which engines try again.
async fn scan(
    scanner: &Clamd,
    entry: &DocumentEntry,
    content: &Content,
) -> std::io::Result<Option<XdsError>> {
    let id = &entry.unique_id;
    let (code, context) = match scanner.scan(open(content).await?).await {
        Ok(Verdict::Clean) => return Ok(None),
        Ok(Verdict::Infected(name)) => {
            tracing::warn!(document_unique_id = %id, signature = %name, "malware refused");
            let what = format!(
                "the malware scanner found {name} in the document {id}: it is refused and was not stored"
            );
            (XdsErrorCode::RepositoryMetadata, what)
        }
        Err(ScanError::TooLarge) => {
            let what = format!(
                "the document {id} is larger than the malware scanner takes: the repository's operator can raise clamd's StreamMaxLength"
            );
            (XdsErrorCode::RepositoryOutOfResources, what)
        }
        Err(ScanError::Unavailable(reason)) => {
            tracing::error!(document_unique_id = %id, %reason, "the malware scanner did not answer");
            let what = "the malware scanner did not answer, and nothing is stored unscanned: send the request again later";
            (XdsErrorCode::RepositoryBusy, what.to_owned())
        }
    };
    Ok(Some(XdsError::new(code, context)))
}
