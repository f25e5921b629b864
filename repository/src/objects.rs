//! Bytes, stored once by SHA-256, with the profile's SHA-1 computed in the same pass.
//!
//! Up to [`WHOLE_MAX`] a document is verified before its first byte leaves; above, each chunk is
//! verified before it is sent. A rotten document is an error, never an answer.

mod filesystem;

pub use filesystem::FilesystemObjects;

use async_trait::async_trait;
use bytes::Bytes;
use node::actors::DocumentBytes;
use node::spool::Content;
use schemas::metadata::Hash;
use std::fmt;
use std::time::SystemTime;

pub const WHOLE_MAX: u64 = 8 * 1024 * 1024;
pub const CHUNK_BYTES: usize = 1024 * 1024;

/// The name of an object: the SHA-256 of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    pub fn parse(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (n, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[n * 2..n * 2 + 2], 16).ok()?;
        }
        Some(Self(digest))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was stored.
#[derive(Clone, Debug)]
pub struct Stored {
    pub sha256: Sha256,
    pub sha1: Hash,
    pub size: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    #[error("the object is not there")]
    Missing,
    #[error("the object's bytes are not what was stored")]
    Rotten,
    #[error("the object store failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Content-addressed bytes. `put` is durable when it returns, and idempotent.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    async fn put(&self, content: Content) -> Result<(Stored, Content), ObjectError>;

    /// The bytes, verified. `whole`: verified before the first byte leaves, if not too large;
    /// otherwise opened when their turn comes and verified on the way.
    async fn get(
        &self,
        sha256: Sha256,
        size: u64,
        whole: bool,
    ) -> Result<DocumentBytes, ObjectError>;

    /// Whether an object of this size can be got; blocking, since it is asked under the index
    /// writer's lock.
    fn exists(&self, sha256: Sha256, size: u64) -> bool;

    /// Objects last written before a time: candidates for removal.
    async fn older_than(&self, time: SystemTime) -> Result<Vec<Sha256>, ObjectError>;

    /// Removes an object last written before a time; blocking, since it runs under the index
    /// writer's lock.
    fn remove(&self, sha256: Sha256, before: SystemTime) -> Result<(), ObjectError>;
}

/// Bytes already in memory, as content to put.
pub fn memory(bytes: impl Into<Bytes>) -> Content {
    Content::Memory(bytes.into())
}
