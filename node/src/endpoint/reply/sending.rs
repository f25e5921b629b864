//! Sending an answer piece by piece. One that breaks off is logged and on record: the retrieval was
//! recorded as it began, and what was not delivered is recorded as what it is.

use super::Piece;
use crate::actors::{DocumentBytes, DocumentStream};
use crate::audit::{Audit, AuditEvent, Outcome};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tokio::sync::mpsc;

type Sender = mpsc::Sender<std::io::Result<Bytes>>;

/// Where a streamed answer runs, and what becomes of it if it breaks off.
pub(in crate::endpoint) struct Sending {
    pub runtime: tokio::runtime::Handle,
    pub audit: Audit,
    /// The record of the request, as it was kept when the answer began.
    pub event: AuditEvent,
}

/// Why an answer cannot go on.
enum Stopped {
    /// The document cannot be read to its end.
    Broken(std::io::Error),
    /// The caller closed the connection.
    HungUp,
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
        };
        event.reasons = vec![reason];
        if let Err(error) = self.audit.record(event).await {
            tracing::error!(service, %error, "audit failed");
        }
    }
}

/// Sends pieces until the end or until one cannot be sent. A broken document ends the connection
/// before the closing boundary.
pub(super) async fn send_all(pieces: Vec<Piece>, sender: Sender, sending: Sending) {
    let mut delivered = 0;
    for piece in pieces {
        let is_document = !matches!(piece, Piece::Bytes(_));
        if let Err(stopped) = send(piece, &sender).await {
            sending.stopped(delivered, &stopped).await;
            if let Stopped::Broken(error) = stopped {
                let _ = sender.send(Err(error)).await;
            }
            return;
        }
        delivered += usize::from(is_document);
    }
}

async fn send(piece: Piece, sender: &Sender) -> Result<(), Stopped> {
    match piece {
        Piece::Bytes(bytes) => pass_on(bytes, sender).await,
        Piece::Document(DocumentBytes::Whole(bytes)) => pass_on(bytes, sender).await,
        Piece::Inline(DocumentBytes::Whole(bytes)) => pass_on(STANDARD.encode(bytes), sender).await,
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
