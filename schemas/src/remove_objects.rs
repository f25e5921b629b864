//! ITI-62 Remove Metadata (IHE ITI supplement Remove Metadata and Documents): what is to go.

use crate::entry_uuid::EntryUuid;
use crate::error::{XdsError, XdsErrorCode};
use crate::wire::{MetadataLimits, RIM};
use crate::xml::Element;

/// entryUUIDs of the objects to remove, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveObjects(pub Vec<EntryUuid>);

impl RemoveObjects {
    /// Reads `lcm:RemoveObjectsRequest`.
    pub fn read(request: Element<'_>, limits: &MetadataLimits) -> Result<Self, Vec<XdsError>> {
        let refuse = |what: String| vec![XdsError::new(XdsErrorCode::RegistryMetadata, what)];
        let list = request.child(RIM, "ObjectRefList");
        let list = list.ok_or_else(|| {
            refuse("RemoveObjectsRequest names what to remove in rim:ObjectRefList".to_owned())
        })?;
        let mut ids: Vec<EntryUuid> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut errors = Vec::new();
        for reference in list.children_named(RIM, "ObjectRef") {
            if seen.len() >= limits.objects {
                let what = format!("more than {} objects in one request", limits.objects);
                return Err(refuse(what));
            }
            let text = reference.attr("id").unwrap_or_default();
            match EntryUuid::parse(text) {
                Ok(id) if seen.insert(id) => ids.push(id),
                Ok(_) => {}
                // What cannot exist is not registered.
                Err(_) => {
                    let what = format!("the id {text:?} is not registered: it is no urn:uuid:");
                    errors.push(XdsError::new(XdsErrorCode::UnresolvedReference, what).at(text));
                }
            }
        }
        if ids.is_empty() && errors.is_empty() {
            return Err(refuse("rim:ObjectRefList is empty: nothing to remove".to_owned()));
        }
        if errors.is_empty() { Ok(Self(ids)) } else { Err(errors) }
    }
}
