//! An answer that is on its way, and the leave that it goes by: what was permitted when it began may
//! be refused before its last byte. It is cut then, so that its package is never whole.

use crate::audit::DecidedEntry;
use async_trait::async_trait;
use bytes::Bytes;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use tokio::sync::mpsc;

/// Leave for an answer, looked at again while the answer goes.
#[async_trait]
pub trait Leave: Send + Sync {
    /// Completes when what has not been delivered may not be delivered any more; never where all of
    /// it stays permitted. The first `delivered` documents of the answer have left.
    async fn taken_back(&self, delivered: &AtomicUsize) -> TakenBack;
}

/// Why an answer may not go on, for the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    pub reason: String,
    /// How it was decided this time.
    pub decisions: Vec<DecidedEntry>,
}

/// What is known of an answer that goes.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    bytes: AtomicU64,
    cut: AtomicBool,
}

impl Flow {
    /// Not one byte more leaves; how many have been handed to the connection.
    pub fn cut(&self) -> u64 {
        self.cut.store(true, Ordering::Release);
        self.bytes.load(Ordering::Acquire)
    }
}

/// Chunks of an answer on their way to the connection.
pub(crate) struct Going {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    flow: Arc<Flow>,
    over: bool,
}

impl Going {
    pub fn new(chunks: mpsc::Receiver<io::Result<Bytes>>) -> Self {
        Self { chunks, flow: Arc::default(), over: false }
    }

    pub fn flow(&self) -> Arc<Flow> {
        self.flow.clone()
    }

    /// The next chunk. What waited when the answer was cut does not leave: it ends in an error, by
    /// which the connection is closed before the end of the package.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.over {
            return None;
        }
        let chunk = self.chunks.recv().await;
        if self.flow.cut.load(Ordering::Acquire) {
            self.over = true;
            return Some(Err(io::Error::other("leave for the answer was taken back")));
        }
        if let Some(Ok(chunk)) = &chunk {
            self.flow.bytes.fetch_add(chunk.len() as u64, Ordering::AcqRel);
        }
        self.over = !matches!(chunk, Some(Ok(_)));
        chunk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waited_when_an_answer_was_cut_does_not_leave() {
        let (sender, chunks) = mpsc::channel(4);
        let mut going = Going::new(chunks);
        let flow = going.flow();
        for _ in 0..3 {
            sender.send(Ok(Bytes::from_static(b"seven b"))).await.unwrap();
        }
        assert!(going.next().await.is_some_and(|chunk| chunk.is_ok()));
        assert_eq!(flow.cut(), 7, "what the connection was handed");
        assert!(going.next().await.is_some_and(|chunk| chunk.is_err()), "not the two that waited");
        assert!(going.next().await.is_none());
    }
}
