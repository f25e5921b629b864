//! The bytes of documents whose retention period has ended, destroyed beside a repository that may
//! be running: its index is shared, and every step is one of the index's own.

use crate::index::{DocumentKey, Index, Kept, Removal, Removed};
use crate::objects::{FilesystemObjects, ObjectStore, Sha256};
use crate::recovery::sweep_now;
use crate::removal::{NotRemovable, decide};
use schemas::ods_code::OdsCode;
use std::path::Path;
use std::sync::Arc;

/// The repository's folder.
pub struct Shelves {
    index: Index,
    objects: Arc<dyn ObjectStore>,
}

impl Shelves {
    /// Opens a folder that a repository has made.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let documents = folder.join("documents.db");
        if !documents.is_file() {
            let what = documents.display();
            return Err(format!("{what} is not there: run this where the repository is"));
        }
        let index = Index::open(&documents).map_err(|error| error.to_string())?;
        let objects = Arc::new(FilesystemObjects::beside(&folder.join("objects")));
        Ok(Self { index, objects })
    }

    /// Why the bytes have to stay, `None` where they may go or are not here.
    pub async fn keeps(
        &self,
        key: &DocumentKey,
        controller: &OdsCode,
    ) -> Result<Option<NotRemovable>, String> {
        let candidate = self.index.candidate(key.clone()).await.map_err(|e| e.to_string())?;
        Ok(candidate.and_then(|candidate| decide(&candidate, controller, None).err()))
    }

    /// Destroys the bytes, where they are here and nobody else needs them.
    pub async fn destroy(
        &self,
        key: &DocumentKey,
        controller: &OdsCode,
        removal: Removal,
    ) -> Result<Option<NotRemovable>, String> {
        let by = controller.clone();
        let decide = move |candidate: &_| decide(candidate, &by, None);
        let removed = self.index.remove(vec![key.clone()], removal, decide).await;
        match removed.map_err(|error| error.to_string())? {
            Removed::All(objects) => {
                // Other documents may name the same object: only what nothing names goes.
                let swept = sweep_now(&self.index, &self.objects, objects).await;
                swept.map(|_| None).map_err(|error| error.to_string())
            }
            Removed::None(kept) => Ok(kept.into_iter().flatten().find_map(|kept| match kept {
                Kept::Unknown => None,
                Kept::Refused(reason) => Some(reason),
            })),
        }
    }

    /// SHA-256 of a document that is no longer here.
    pub async fn sha256(&self, key: &DocumentKey) -> Result<Option<Sha256>, String> {
        self.index.removed(key.clone()).await.map_err(|error| error.to_string())
    }
}
