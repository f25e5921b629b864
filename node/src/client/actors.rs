//! The actors on another machine: ITI-42, ITI-18 and ITI-43 over mutual TLS.

use super::{ClientError, Outgoing, SoapClient};
use crate::actors::{
    CallContext, Completeness, DocumentBytes, DocumentStream, Kept, NotAvailable, Query, Recall,
    Recalled, Register, Retain, Retrieve, Retrieved, RetrievedDocument, Update,
};
use crate::spool::{Content, Received};
use async_trait::async_trait;
use base64::Engine;
use bytes::Bytes;
use schemas::completeness::{Lacking, Question};
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::FoundEntry;
use schemas::query::{Answer, QueryAnswer, QueryKind, ReturnType, Selector, StoredQuery};
use schemas::recall::{Acknowledged, Withdrawn};
use schemas::registry_response;
use schemas::retrieve::{self, DocumentContent, DocumentRequest};
use schemas::soap::mtom::MtomWriter;
use schemas::soap::{Envelope, Headers, SoapVersion};
use schemas::submission::Submission;
use schemas::transaction::Transaction;
use schemas::wire::MetadataLimits;
use schemas::xml::{Document, Element, Limits as XmlLimits};
use std::collections::HashMap;

/// A registry reached by ITI-42 and ITI-18.
pub struct RemoteRegistry {
    pub client: SoapClient,
    pub url: String,
}

/// A repository reached by ITI-43.
pub struct RemoteRepository {
    pub client: SoapClient,
    pub url: String,
}

/// A gateway that is told of withdrawals. It may start after those who tell it, so its address is
/// looked for at each call.
pub struct RemoteRecall {
    pub client: SoapClient,
    pub url: Box<dyn Fn() -> String + Send + Sync>,
}

impl From<ClientError> for NotAvailable {
    fn from(error: ClientError) -> Self {
        Self(error.to_string())
    }
}

fn envelope(transaction: Transaction, url: &str, context: &CallContext, body: &str) -> String {
    let correlation = context.correlation_id.to_string();
    let message_id = crate::ids::message_id();
    let headers = Headers {
        action: transaction.action(),
        message_id: &message_id,
        to: Some(url),
        correlation_id: Some(&correlation),
        ..Headers::default()
    };
    schemas::soap::write(SoapVersion::V12, &headers, body)
}

/// What a registry of this hub may answer with: as many entries as its limit on results allows.
const ANSWER_BYTES_MAX: u64 = 256 * 1024 * 1024;
const ANSWER_ELEMENTS_MAX: usize = 4_000_000;

/// Reads the body of an answer with `read`.
pub(crate) fn with_body<T>(
    received: &Received,
    read: impl FnOnce(Element<'_>) -> Option<T>,
) -> Result<T, NotAvailable> {
    with_body_within(&XmlLimits::default(), received, read)
}

fn with_body_within<T>(
    limits: &XmlLimits,
    received: &Received,
    read: impl FnOnce(Element<'_>) -> Option<T>,
) -> Result<T, NotAvailable> {
    let unreadable = |reason: String| NotAvailable(format!("the answer cannot be read: {reason}"));
    let document = Document::parse_bytes(&received.envelope, limits);
    let document = document.map_err(|error| unreadable(error.to_string()))?;
    let envelope = Envelope::read(&document).map_err(|fault| unreadable(fault.reason))?;
    read(envelope.body).ok_or_else(|| unreadable("its body is not the profile's".to_owned()))
}

impl RemoteRegistry {
    async fn call(
        &self,
        transaction: Transaction,
        context: &CallContext,
        body: &str,
    ) -> Result<Received, NotAvailable> {
        let outgoing = Outgoing::Simple {
            version: SoapVersion::V12,
            action: transaction.action().to_owned(),
            envelope: envelope(transaction, &self.url, context, body),
        };
        Ok(self.client.call(&self.url, outgoing).await?)
    }
}

#[async_trait]
impl Register for RemoteRegistry {
    async fn register(
        &self,
        submission: Submission,
        context: &CallContext,
    ) -> Result<Vec<XdsError>, NotAvailable> {
        let received = self.call(Transaction::Iti42, context, &submission.write()).await?;
        let (_, errors) = with_body(&received, registry_response::read)?;
        Ok(errors)
    }
}

#[async_trait]
impl Update for RemoteRegistry {
    async fn update(
        &self,
        submission: Submission,
        context: &CallContext,
    ) -> Result<Vec<XdsError>, NotAvailable> {
        let received = self.call(Transaction::Iti57, context, &submission.write()).await?;
        let (_, errors) = with_body(&received, registry_response::read)?;
        Ok(errors)
    }
}

/// Of how many entries the facts are asked for at once.
const FACTS_AT_ONCE: usize = 1_000;

impl RemoteRegistry {
    async fn answer(
        &self,
        query: &StoredQuery,
        context: &CallContext,
    ) -> Result<Answer, NotAvailable> {
        let remote =
            Self { client: self.client.for_answers_of(ANSWER_BYTES_MAX), url: self.url.clone() };
        let received = remote.call(Transaction::Iti18, context, &query.write()).await?;
        let limits = MetadataLimits::default();
        let within = XmlLimits { elements: ANSWER_ELEMENTS_MAX, ..XmlLimits::default() };
        with_body_within(&within, &received, |body| Answer::read(body, &limits).ok())
    }

    /// References carry no facts on the wire: these are asked for by id, some at a time, in the
    /// order of the references. What the registry takes for too much is halved.
    async fn facts(
        &self,
        query: &StoredQuery,
        context: &CallContext,
    ) -> Result<QueryAnswer, NotAvailable> {
        let references = self.answer(query, context).await?;
        let mut found = QueryAnswer::failures(references.errors);
        let mut parts: Vec<&[EntryUuid]> =
            references.object_refs.chunks(FACTS_AT_ONCE).rev().collect();
        while let Some(part) = parts.pop() {
            let kind = QueryKind::GetDocuments(Selector::EntryUuid(part.to_vec()));
            let answer = self.answer(&StoredQuery::leaf_class(kind), context).await?;
            let mut answer = answer.into_query_answer();
            let too_many = |error: &XdsError| error.code == XdsErrorCode::TooManyResults;
            if answer.errors.iter().any(too_many) && part.len() > 1 {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
                continue;
            }
            let place: HashMap<EntryUuid, usize> = part.iter().copied().zip(0..).collect();
            answer.entries.sort_by_key(|entry| place.get(&entry.facts.entry_uuid).copied());
            let facts = answer.entries.into_iter();
            found.entries.extend(facts.map(|entry| FoundEntry { content: String::new(), ..entry }));
            found.errors.extend(answer.errors);
        }
        Ok(found)
    }
}

#[async_trait]
impl Query for RemoteRegistry {
    async fn query(
        &self,
        query: &StoredQuery,
        context: &CallContext,
    ) -> Result<QueryAnswer, NotAvailable> {
        match (&query.kind, query.return_type) {
            (QueryKind::FindDocuments(_), ReturnType::ObjectRef) => {
                self.facts(query, context).await
            }
            _ => Ok(self.answer(query, context).await?.into_query_answer()),
        }
    }
}

impl RemoteRecall {
    /// Errors of the answer; there is none where it could not be had.
    async fn tell(
        &self,
        form: usize,
        body: &str,
        context: &CallContext,
    ) -> Result<Vec<XdsError>, NotAvailable> {
        let action = Transaction::Recall.requests()[form].action;
        tell(&self.client, &(self.url)(), action, body, context).await
    }
}

#[async_trait]
impl Recall for RemoteRecall {
    async fn recall(
        &self,
        withdrawn: &Withdrawn,
        context: &CallContext,
    ) -> Result<Recalled, NotAvailable> {
        self.tell(0, &withdrawn.write(), context).await.map(|_| Recalled::Taken)
    }

    /// That there is no such notice is a Warning.
    async fn acknowledged(
        &self,
        acknowledged: &Acknowledged,
        context: &CallContext,
    ) -> Result<bool, NotAvailable> {
        let notes = self.tell(1, &acknowledged.write(), context).await?;
        Ok(notes.is_empty())
    }
}

#[async_trait]
impl Retain for RemoteRegistry {
    async fn kept(
        &self,
        _documents: &[DocumentRequest],
        _context: &CallContext,
    ) -> Result<Vec<Option<Kept>>, NotAvailable> {
        let what =
            "the registry runs in another process, where it cannot be asked what has to be kept";
        Err(NotAvailable(what.to_owned()))
    }
}

/// How long a query waits for what its answer may lack.
const LACKING_WAITS: std::time::Duration = std::time::Duration::from_secs(2);

/// The door below the repository's own.
const COMPLETENESS: &str = "/completeness";

#[async_trait]
impl Completeness for RemoteRepository {
    async fn lacking(
        &self,
        question: Question,
        context: &CallContext,
    ) -> Result<Lacking, NotAvailable> {
        let url = format!("{}{COMPLETENESS}", self.url.trim_end_matches('/'));
        let transaction = Transaction::Completeness;
        let outgoing = Outgoing::Simple {
            version: SoapVersion::V12,
            action: transaction.action().to_owned(),
            envelope: envelope(transaction, &url, context, &question.write()),
        };
        let received = tokio::time::timeout(LACKING_WAITS, self.client.call(&url, outgoing)).await;
        let received = received.map_err(|_| NotAvailable("no answer in time".to_owned()))??;
        with_body(&received, |body| Lacking::read(body).ok())
    }
}

#[async_trait]
impl Retrieve for RemoteRepository {
    async fn retrieve(
        &self,
        requests: &[DocumentRequest],
        context: &CallContext,
    ) -> Result<Retrieved, NotAvailable> {
        let body = retrieve::write_request(requests);
        let outgoing = Outgoing::Mtom {
            writer: MtomWriter::new(&crate::ids::uuid().to_string()),
            action: Transaction::Iti43.action().to_owned(),
            envelope: envelope(Transaction::Iti43, &self.url, context, &body),
            documents: Vec::new(),
        };
        let mut received = self.client.call(&self.url, outgoing).await?;
        let (_, errors, responses) = with_body(&received, retrieve::read_response)?;
        let mut retrieved = Retrieved { errors, documents: Vec::new() };
        for response in responses {
            let bytes = take(&mut received, response.content)?;
            retrieved.documents.push(RetrievedDocument {
                request: response.request,
                mime_type: response.mime_type,
                bytes,
            });
        }
        Ok(retrieved)
    }
}

/// Takes a document out of a received package.
fn take(received: &mut Received, content: DocumentContent) -> Result<DocumentBytes, NotAvailable> {
    let missing = || NotAvailable("the answer names a MIME part that it does not hold".to_owned());
    match content {
        DocumentContent::Inline(text) => {
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(text);
            let bytes = bytes.map_err(|_| NotAvailable("a document is not base64".to_owned()))?;
            Ok(DocumentBytes::Whole(bytes.into()))
        }
        DocumentContent::Attachment(id) => {
            let at = received.attachments.iter().position(|part| part.content_id == id);
            match received.attachments.swap_remove(at.ok_or_else(missing)?).content {
                Content::Memory(bytes) => Ok(DocumentBytes::Whole(bytes)),
                Content::File { path, size } => Ok(stream(path, size)),
            }
        }
    }
}

/// Streams a spooled file, which is deleted at the end.
fn stream(path: tempfile::TempPath, size: u64) -> DocumentBytes {
    DocumentBytes::Stream(DocumentStream::new(size, move || {
        let (sender, chunks) = tokio::sync::mpsc::channel(4);
        tokio::task::spawn_blocking(move || send_file(&path, &sender));
        chunks
    }))
}

fn send_file(path: &std::path::Path, sender: &tokio::sync::mpsc::Sender<std::io::Result<Bytes>>) {
    use std::io::Read;
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) => return drop(sender.blocking_send(Err(error))),
    };
    loop {
        let mut chunk = vec![0; 128 * 1024];
        let sent = match file.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => {
                chunk.truncate(count);
                sender.blocking_send(Ok(Bytes::from(chunk)))
            }
            Err(error) => sender.blocking_send(Err(error)),
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Says something of the hub's own to another service, which answers with rs:RegistryResponse. The
/// answer's Warnings; there is none where it could not be had or holds an error.
pub(super) async fn tell(
    client: &SoapClient,
    url: &str,
    action: &str,
    body: &str,
    context: &CallContext,
) -> Result<Vec<XdsError>, NotAvailable> {
    let correlation = context.correlation_id.to_string();
    let message_id = crate::ids::message_id();
    let headers = Headers {
        action,
        message_id: &message_id,
        to: Some(url),
        correlation_id: Some(&correlation),
        ..Headers::default()
    };
    let outgoing = Outgoing::Simple {
        version: SoapVersion::V12,
        action: action.to_owned(),
        envelope: schemas::soap::write(SoapVersion::V12, &headers, body),
    };
    let received = client.call(url, outgoing).await?;
    let (_, errors) = with_body(&received, registry_response::read)?;
    match errors.iter().find(|error| error.is_error()) {
        Some(error) => Err(NotAvailable(error.to_string())),
        None => Ok(errors),
    }
}
