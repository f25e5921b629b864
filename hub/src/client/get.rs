//! Getting one document from the gateway, its hash checked against its metadata.

use super::connection::{Connection, with_body};
use node::client::Outgoing;
use node::spool::Content;
use schemas::error::XdsError;
use schemas::metadata::Hash;
use schemas::query::{Answer, StoredQuery};
use schemas::retrieve::{self, DocumentContent, DocumentRequest};
use schemas::soap::mtom::MtomWriter;
use schemas::transaction::Transaction;
use schemas::unique_id::UniqueId;
use schemas::wire::MetadataLimits;
use sha1::Digest;
use std::io::{Read, Write};
use std::path::Path;
use uuid::Uuid;

/// A fetched document.
pub struct Fetched {
    pub unique_id: String,
    pub mime_type: String,
    pub size: u64,
    pub hash: Hash,
    pub content: Content,
}

/// Why there is no document: an answer of the hub, or something on the way.
#[derive(Debug)]
pub enum GetError {
    Refused(Vec<XdsError>),
    Failed(String),
}

impl std::fmt::Display for GetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(errors) => {
                let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("; "))
            }
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

impl From<String> for GetError {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

/// Looks the document up (for its repository and hash), then retrieves it.
pub async fn get(connection: &Connection, unique_id: &str) -> Result<Fetched, GetError> {
    let id = UniqueId::parse(unique_id).map_err(|error| error.to_string())?;
    let query = StoredQuery::documents(vec![id]);
    let received = connection.simple(Transaction::Iti18, &query.write()).await?;
    let limits = MetadataLimits::default();
    let answer = with_body(&received, |body| Answer::read(body, &limits).ok())?;
    if answer.errors.iter().any(XdsError::is_error) {
        return Err(GetError::Refused(answer.errors));
    }
    let entry = answer.entries.into_iter().next().map(|answered| answered.entry);
    let entry = entry.ok_or_else(|| {
        format!("no document with uniqueId {unique_id} is available to this caller")
    })?;
    let repository =
        entry.repository_unique_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let request = DocumentRequest {
        home_community_id: None,
        repository_unique_id: repository,
        document_unique_id: unique_id.to_owned(),
    };
    let fetched = retrieve(connection, &request).await?;
    match &entry.hash {
        Some(hash) if *hash != fetched.hash => Err(GetError::Failed(format!(
            "the document's SHA-1 is {}, its metadata says {hash}: it is not what was published",
            fetched.hash
        ))),
        _ => Ok(fetched),
    }
}

/// ITI-43 for one document.
pub async fn retrieve(
    connection: &Connection,
    request: &DocumentRequest,
) -> Result<Fetched, GetError> {
    let writer = MtomWriter::new(&Uuid::new_v4().to_string());
    let body = retrieve::write_request(std::slice::from_ref(request));
    let outgoing = Outgoing::Mtom {
        writer,
        action: Transaction::Iti43.action().to_owned(),
        envelope: connection.envelope(Transaction::Iti43, &body),
        documents: Vec::new(),
    };
    let mut received = connection.call(outgoing).await?;
    let (_, errors, mut documents) = with_body(&received, retrieve::read_response)?;
    let Some(document) = documents.pop() else { return Err(GetError::Refused(errors)) };
    let content = match document.content {
        DocumentContent::Attachment(id) => {
            let at = received.attachments.iter().position(|part| part.content_id == id);
            let at = at.ok_or_else(|| "the answer lacks the document's part".to_owned())?;
            received.attachments.swap_remove(at).content
        }
        DocumentContent::Inline(_) => {
            return Err(GetError::Failed("the document came inline".to_owned()));
        }
    };
    let hash = hash(&content).map_err(|error| error.to_string())?;
    Ok(Fetched {
        unique_id: document.request.document_unique_id,
        mime_type: document.mime_type,
        size: content.size(),
        hash,
        content,
    })
}

fn hash(content: &Content) -> std::io::Result<Hash> {
    let mut sha1 = sha1::Sha1::new();
    let mut reader = content.reader()?;
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(Hash::from_bytes(&sha1.finalize())),
            count => sha1.update(&buffer[..count]),
        }
    }
}

impl Fetched {
    /// Writes the document whole or not at all; `-` is standard output.
    pub fn write_to(&self, path: &Path) -> std::io::Result<()> {
        let mut reader = self.content.reader()?;
        if path == Path::new("-") {
            std::io::copy(&mut reader, &mut std::io::stdout().lock())?;
            return Ok(());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        std::io::copy(&mut reader, &mut file)?;
        file.flush()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}
