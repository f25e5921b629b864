//! The traits through which services meet, spoken in meaning, not in XML.
//!
//! A service implements its own; [`crate::client`] implements them for another machine. In one
//! process the call goes straight through, between processes it is ITI-42, ITI-18 or ITI-43; for
//! [`Retain`] there is no transaction, so another machine does not answer.

use async_trait::async_trait;
use bytes::Bytes;
use schemas::completeness::{Lacking, Question};
use schemas::error::XdsError;
use schemas::query::{QueryAnswer, StoredQuery};
use schemas::recall::{Acknowledged, Withdrawn};
use schemas::relationship::Told;
use schemas::retrieve::DocumentRequest;
use schemas::submission::Submission;
use tokio::sync::mpsc;
use uuid::Uuid;

/// What goes along with a call between services.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// One journey, one id, in every audit record on the way.
    pub correlation_id: Uuid,
}

/// The other service could not answer at all; whether it acted is unknown.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotAvailable(pub String);

/// Register Document Set-b.
#[async_trait]
pub trait Register: Send + Sync {
    /// The registry's errors and warnings; without an Error it is registered.
    async fn register(
        &self,
        submission: Submission,
        context: &CallContext,
    ) -> Result<Vec<XdsError>, NotAvailable>;
}

/// Update Document Set, on behalf of a publisher that the SubmissionSet's stamp names.
#[async_trait]
pub trait Update: Send + Sync {
    /// The registry's errors and warnings; without an Error it is done.
    async fn update(
        &self,
        submission: Submission,
        context: &CallContext,
    ) -> Result<Vec<XdsError>, NotAvailable>;
}

/// Registry Stored Query.
#[async_trait]
pub trait Query: Send + Sync {
    /// What is found of FindDocuments by reference are facts, without the content of the objects.
    async fn query(
        &self,
        query: &StoredQuery,
        context: &CallContext,
    ) -> Result<QueryAnswer, NotAvailable>;
}

/// Retrieve Document Set.
#[async_trait]
pub trait Retrieve: Send + Sync {
    async fn retrieve(
        &self,
        requests: &[DocumentRequest],
        context: &CallContext,
    ) -> Result<Retrieved, NotAvailable>;
}

/// What a list of a patient's documents may lack. It is no transaction of the profile; the repository
/// knows what waits at the front door and who has fallen silent.
#[async_trait]
pub trait Completeness: Send + Sync {
    async fn lacking(
        &self,
        question: Question,
        context: &CallContext,
    ) -> Result<Lacking, NotAvailable>;
}

/// Why a document has to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The word in audit records.
    pub code: &'static str,
    /// It follows "the document ID" and names no patient.
    pub reason: String,
}

/// What has to be kept whatever its publisher wants, asked before bytes go. It is no transaction of
/// the profile, so only a registry of the same process answers.
#[async_trait]
pub trait Retain: Send + Sync {
    /// For each document why it has to be kept, `None` where it may go.
    async fn kept(
        &self,
        documents: &[DocumentRequest],
        context: &CallContext,
    ) -> Result<Vec<Option<Kept>>, NotAvailable>;
}

/// Telling those who have read a document that it was taken back. It is no transaction of the
/// profile; the gateway knows who has read what.
#[async_trait]
pub trait Recall: Send + Sync {
    /// Durable on return, and the same withdrawal again changes nothing: whoever could not be sure
    /// that it arrived tells it again.
    async fn recall(
        &self,
        withdrawn: &Withdrawn,
        context: &CallContext,
    ) -> Result<Recalled, NotAvailable>;

    /// An organisation's word on one of the notices; whether there is such a notice.
    async fn acknowledged(
        &self,
        acknowledged: &Acknowledged,
        context: &CallContext,
    ) -> Result<bool, NotAvailable>;
}

/// What became of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// Readers and recipients are listed, and told where they should be.
    Incident,
    /// Nobody but its publisher has seen it.
    NobodyRead,
    /// Taken by another process, which lists what became of it.
    Taken,
}

/// Telling the gateway what the region's systems say of who looks after a patient. It is no
/// transaction of the profile; the gateway decides on relationships.
#[async_trait]
pub trait Relate: Send + Sync {
    /// Durable on return, and the same again changes nothing.
    async fn relate(&self, told: &Told, context: &CallContext) -> Result<(), NotAvailable>;
}

/// Bytes of a document: whole where they were verified whole, else a stream that fails before its
/// end where a chunk is rotten.
pub enum DocumentBytes {
    Whole(Bytes),
    Stream(DocumentStream),
}

/// Chunks of a document on their way.
pub type Chunks = mpsc::Receiver<std::io::Result<Bytes>>;

/// A document that is opened when its turn comes: an answer of many documents occupies one thread
/// and one chunk at a time, however many it names.
pub struct DocumentStream {
    pub size: u64,
    open: Box<dyn FnOnce() -> Chunks + Send>,
}

impl DocumentStream {
    pub fn new(size: u64, open: impl FnOnce() -> Chunks + Send + 'static) -> Self {
        Self { size, open: Box::new(open) }
    }

    /// Starts reading; to be called inside the runtime.
    pub fn open(self) -> Chunks {
        (self.open)()
    }
}

impl std::fmt::Debug for DocumentBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Stream(stream) => write!(f, "Stream({} bytes)", stream.size),
        }
    }
}

#[derive(Debug)]
pub struct RetrievedDocument {
    pub request: DocumentRequest,
    pub mime_type: String,
    pub bytes: DocumentBytes,
}

/// Documents that were found, and an error for each that was not.
#[derive(Debug, Default)]
pub struct Retrieved {
    pub documents: Vec<RetrievedDocument>,
    pub errors: Vec<XdsError>,
}
