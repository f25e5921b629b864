//! GetDocuments (ITI TF-2 3.18.4.1.2.3.7.5): entries by entryUUID or by uniqueId, in any status.

use super::parameter::{self as p, Parameters};
use crate::entry_uuid::EntryUuid;
use crate::error::{XdsError, XdsErrorCode};
use crate::unique_id::UniqueId;

#[derive(Clone, Debug, PartialEq)]
pub enum GetDocuments {
    ByEntryUuid(Vec<EntryUuid>),
    ByUniqueId(Vec<UniqueId>),
}

impl GetDocuments {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, XdsError> {
        let uuids = parameters.many(p::ENTRY_UUID)?;
        let unique_ids = parameters.many(p::UNIQUE_ID)?;
        match (uuids.is_empty(), unique_ids.is_empty()) {
            (true, true) => {
                let context = format!("one of {} and {} is required", p::ENTRY_UUID, p::UNIQUE_ID);
                Err(XdsError::new(XdsErrorCode::StoredQueryMissingParam, context))
            }
            (false, false) => {
                let context = format!("{} and {} exclude each other", p::ENTRY_UUID, p::UNIQUE_ID);
                Err(XdsError::new(XdsErrorCode::StoredQueryParamNumber, context))
            }
            // An id that cannot exist is an id that nothing has: it finds nothing, without error.
            (false, true) => Ok(Self::ByEntryUuid(
                uuids.iter().filter_map(|text| EntryUuid::parse(text).ok()).collect(),
            )),
            (true, false) => Ok(Self::ByUniqueId(
                unique_ids.iter().filter_map(|text| UniqueId::parse(text).ok()).collect(),
            )),
        }
    }

    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::ByEntryUuid(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                p::write_any(out, p::ENTRY_UUID, &ids);
            }
            Self::ByUniqueId(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                p::write_any(out, p::UNIQUE_ID, &ids);
            }
        }
    }
}
