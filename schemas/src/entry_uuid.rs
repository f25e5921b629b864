//! entryUUID: the registry's name of an object (`urn:uuid:` and 36 lower-case characters).

use std::fmt;
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryUuid(Uuid);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entryUUID is `urn:uuid:` followed by a lower-case UUID")]
pub struct EntryUuidError;

impl EntryUuid {
    /// Reads the one legal spelling. An id that does not start `urn:uuid:` is symbolic and never
    /// comes here; one that does and is upper case or malformed is refused (ITI TF-3 4.2.3.1.5).
    pub fn parse(text: &str) -> Result<Self, EntryUuidError> {
        let hex = text.strip_prefix("urn:uuid:").ok_or(EntryUuidError)?;
        if hex.len() != 36 || hex.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(EntryUuidError);
        }
        Uuid::try_parse(hex).map(Self).map_err(|_| EntryUuidError)
    }

    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for EntryUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "urn:uuid:{}", self.0.as_hyphenated())
    }
}

impl fmt::Debug for EntryUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether an id attribute is symbolic: local to its message, to be replaced by a fresh UUID.
pub fn is_symbolic(id: &str) -> bool {
    !id.starts_with("urn:uuid:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lower_case_urn_is_an_entry_uuid() {
        let text = "urn:uuid:6c1c7d4e-2f0b-4d2a-9d55-3b8f6a1e9c01";
        assert_eq!(EntryUuid::parse(text).unwrap().to_string(), text);
        assert!(EntryUuid::parse(&text.to_uppercase()).is_err());
        assert!(EntryUuid::parse("urn:uuid:6C1C7D4E-2f0b-4d2a-9d55-3b8f6a1e9c01").is_err());
        assert!(EntryUuid::parse("urn:uuid:6c1c7d4e2f0b4d2a9d553b8f6a1e9c01").is_err());
        assert!(is_symbolic("Document01"));
    }
}
