//! Under which repositoryUniqueId documents are kept: one shared, or a publisher's own.

use crate::index::DocumentKey;
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::unique_id::UniqueId;
use std::collections::BTreeMap;

/// The repositoryUniqueIds of one repository. A document keeps the one under which it was stored,
/// so one that is taken out of the configuration is still answered for what it holds.
#[derive(Clone, Debug)]
pub struct RepositoryUniqueIds {
    /// For every publisher without its own.
    pub shared: Oid,
    pub of_publisher: BTreeMap<OdsCode, Oid>,
}

impl RepositoryUniqueIds {
    pub fn of(&self, publisher: &OdsCode) -> &Oid {
        self.of_publisher.get(publisher).unwrap_or(&self.shared)
    }

    /// Whether a request's repositoryUniqueId is one of this repository's.
    pub fn knows(&self, text: &str) -> bool {
        self.shared.as_str() == text || self.of_publisher.values().any(|own| own.as_str() == text)
    }

    pub(crate) fn key(&self, publisher: &OdsCode, unique_id: &UniqueId) -> DocumentKey {
        let repository_unique_id = self.of(publisher).clone();
        DocumentKey { repository_unique_id, unique_id: unique_id.clone() }
    }
}
