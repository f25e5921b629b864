//! The id of an object in a submission: a registry UUID, or symbolic until the registry gives one.

use crate::entry_uuid::{EntryUuid, EntryUuidError, is_symbolic};
use std::fmt;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ObjectId {
    Uuid(EntryUuid),
    /// Local to its message (ITI TF-3 4.2.3.1.5).
    Symbolic(String),
}

impl ObjectId {
    pub fn parse(text: &str) -> Result<Self, EntryUuidError> {
        if text.is_empty() {
            return Err(EntryUuidError);
        }
        if is_symbolic(text) {
            return Ok(Self::Symbolic(text.to_owned()));
        }
        EntryUuid::parse(text).map(Self::Uuid)
    }

    pub fn uuid(&self) -> Option<EntryUuid> {
        match self {
            Self::Uuid(uuid) => Some(*uuid),
            Self::Symbolic(_) => None,
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(uuid) => uuid.fmt(f),
            Self::Symbolic(text) => f.write_str(text),
        }
    }
}
