//! Sending an answer piece by piece. One that breaks off is logged and on record: the retrieval was
//! recorded as it began, and what was not delivered is recorded as what it is.

use super::leave::{Flow, Leave, TakenBack};
use super::{AT_ONCE_BYTES, Piece};
use crate::actors::{DocumentBytes, DocumentStream};
use crate::audit::{Audit, AuditEvent, Outcome};
use crate::tls::Trusted;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

type Sender = mpsc::Sender<std::io::Result<Bytes>>;

/// Where a streamed answer runs, and what becomes of it if it breaks off.
pub(in crate::endpoint) struct Sending {
    pub runtime: tokio::runtime::Handle,
    pub audit: Audit,
    /// The record of the request, as it was kept when the answer began.
    pub event: AuditEvent,
    /// The caller's certificate, which may be revoked while an answer goes.
    pub trusted: Option<Trusted>,
}

/// Where the pieces go, and by whose leave.
pub(super) struct Way {
    pub sender: Sender,
    pub flow: Arc<Flow>,
    pub leave: Option<Box<dyn Leave>>,
}

/// What is held whole leaves in parts of this size; a multiple of three, for base64.
const PART_BYTES: usize = AT_ONCE_BYTES / 4 / 3 * 3;

/// How often a caller's certificate is looked at while an answer goes.
const LOOK: Duration = Duration::from_millis(250);

/// Why an answer cannot go on.
enum Stopped {
    /// The document cannot be read to its end.
    Broken(std::io::Error),
    /// The caller closed the connection.
    HungUp,
    /// Leave was taken back, after so many bytes.
    Cut(TakenBack, u64),
}

impl Sending {
    /// Records which documents were not delivered, before the caller learns that they are not.
    async fn stopped(self, delivered: usize, stopped: &Stopped) {
        let mut event = self.event;
        // Who was answered has read; what broke off was still on its way.
        event.shown = None;
        event.document_unique_ids.drain(..delivered.min(event.document_unique_ids.len()));
        let undelivered = event.document_unique_ids.len();
        let service = self.audit.service();
        let correlation_id = event.correlation_id.as_deref().unwrap_or_default();
        let reason = match stopped {
            Stopped::Broken(error) => {
                let document = event.document_unique_ids.first().map_or("", String::as_str);
                tracing::error!(service, correlation_id, document_unique_id = document, %error, "an answer broke off");
                event.outcome = Outcome::SeriousFailure;
                format!("the answer broke off, {undelivered} documents were not delivered: {error}")
            }
            Stopped::HungUp => {
                tracing::warn!(service, correlation_id, "the caller hung up during an answer");
                event.outcome = Outcome::MinorFailure;
                format!(
                    "the caller closed the connection, {undelivered} documents were not delivered"
                )
            }
            Stopped::Cut(why, bytes) => {
                tracing::warn!(service, correlation_id, bytes, "an answer was cut");
                event.outcome = Outcome::SeriousFailure;
                event.decisions.clone_from(&why.decisions);
                format!(
                    "the answer was cut after {bytes} bytes, {undelivered} documents were not delivered: {}",
                    why.reason
                )
            }
        };
        event.reasons = vec![reason];
        if let Err(error) = self.audit.record(event).await {
            tracing::error!(service, %error, "audit failed");
        }
    }
}

/// Sends pieces until the end, until one cannot be sent, or until leave is taken back. A broken
/// document and a cut end the connection before the closing boundary.
pub(super) async fn send_all(pieces: Vec<Piece>, way: Way, sending: Sending) {
    let delivered = AtomicUsize::new(0);
    let sent = tokio::select! {
        biased;
        why = taken_back(&way, &sending, &delivered) => Err(Stopped::Cut(why, way.flow.cut())),
        sent = send_each(pieces, &way.sender, &delivered) => sent,
    };
    let Err(stopped) = sent else { return };
    sending.stopped(delivered.load(Ordering::Relaxed), &stopped).await;
    if let Stopped::Broken(error) = stopped {
        let _ = way.sender.send(Err(error)).await;
    }
}

/// Completes when leave is taken back, or the caller's certificate is good no longer.
async fn taken_back(way: &Way, sending: &Sending, delivered: &AtomicUsize) -> TakenBack {
    let revoked = async {
        let Some(trusted) = &sending.trusted else { return std::future::pending().await };
        while trusted.still_holds() {
            tokio::time::sleep(LOOK).await;
        }
        let reason = "the client certificate has been revoked since the answer began".to_owned();
        TakenBack { reason, decisions: Vec::new() }
    };
    let refused = async {
        match &way.leave {
            Some(leave) => leave.taken_back(delivered).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        why = revoked => why,
        why = refused => why,
    }
}

async fn send_each(
    pieces: Vec<Piece>,
    sender: &Sender,
    delivered: &AtomicUsize,
) -> Result<(), Stopped> {
    for piece in pieces {
        let is_document = !matches!(piece, Piece::Bytes(_));
        send(piece, sender).await?;
        delivered.fetch_add(usize::from(is_document), Ordering::Relaxed);
    }
    Ok(())
}

async fn send(piece: Piece, sender: &Sender) -> Result<(), Stopped> {
    match piece {
        Piece::Bytes(bytes) => pass_on(bytes, sender).await,
        Piece::Document(DocumentBytes::Whole(mut bytes)) => {
            while bytes.len() > PART_BYTES {
                pass_on(bytes.split_to(PART_BYTES), sender).await?;
            }
            pass_on(bytes, sender).await
        }
        Piece::Inline(DocumentBytes::Whole(bytes)) => {
            for part in bytes.chunks(PART_BYTES) {
                pass_on(STANDARD.encode(part), sender).await?;
            }
            Ok(())
        }
        Piece::Document(DocumentBytes::Stream(stream)) => {
            let mut chunks = Chunks::open(stream);
            while let Some(chunk) = chunks.next().await? {
                pass_on(chunk, sender).await?;
            }
            Ok(())
        }
        Piece::Inline(DocumentBytes::Stream(stream)) => {
            let mut chunks = Chunks::open(stream);
            let mut carry: Vec<u8> = Vec::new();
            while let Some(chunk) = chunks.next().await? {
                carry.extend_from_slice(&chunk);
                let rest = carry.split_off(carry.len() / 3 * 3);
                pass_on(STANDARD.encode(std::mem::replace(&mut carry, rest)), sender).await?;
            }
            pass_on(STANDARD.encode(carry), sender).await
        }
    }
}

async fn pass_on(bytes: impl Into<Bytes>, sender: &Sender) -> Result<(), Stopped> {
    sender.send(Ok(bytes.into())).await.map_err(|_| Stopped::HungUp)
}

/// A document's chunks; fewer bytes than it has are an error, never its end.
struct Chunks {
    chunks: mpsc::Receiver<std::io::Result<Bytes>>,
    left: u64,
}

impl Chunks {
    fn open(stream: DocumentStream) -> Self {
        Self { left: stream.size, chunks: stream.open() }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Stopped> {
        let short = || Stopped::Broken(std::io::Error::other("the document's bytes ended early"));
        match self.chunks.recv().await {
            Some(chunk) => {
                let chunk = chunk.map_err(Stopped::Broken)?;
                self.left = self.left.checked_sub(chunk.len() as u64).ok_or_else(short)?;
                Ok(Some(chunk))
            }
            None if self.left == 0 => Ok(None),
            None => Err(short()),
        }
    }
}
