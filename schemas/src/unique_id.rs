//! uniqueId: the name that a document (or SubmissionSet, or Folder) carries for ever.

use std::fmt;

/// An opaque string of 1 to 256 characters without white space or control characters. Usually an
/// OID; `root^extension` and URIs occur (ITI TF-3 4.2.3.2.26).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniqueId(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a uniqueId is 1 to 256 characters without white space")]
pub struct UniqueIdError;

impl UniqueId {
    pub fn parse(text: &str) -> Result<Self, UniqueIdError> {
        let refused = |c: char| c.is_whitespace() || c.is_control();
        if text.is_empty() || text.len() > 256 || text.chars().any(refused) {
            return Err(UniqueIdError);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<crate::oid::Oid> for UniqueId {
    fn from(oid: crate::oid::Oid) -> Self {
        Self(oid.as_str().to_owned())
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
