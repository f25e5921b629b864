//! Which objects a Get query means: by exactly one of their ids.

use super::parameter::{Parameters, document_entry, folder, submission_set};
use super::syntax::write_any;
use crate::entry_uuid::EntryUuid;
use crate::error::{XdsError, XdsErrorCode};
use crate::unique_id::UniqueId;

/// Objects by id, in any status. An id that cannot exist is an id that nothing has: it finds
/// nothing, without error.
#[derive(Clone, Debug, PartialEq)]
pub enum Selector {
    EntryUuid(Vec<EntryUuid>),
    /// May find several entries: a uniqueId recurs for identical bytes, and in each version.
    UniqueId(Vec<UniqueId>),
    /// Every version of an object (Metadata Update).
    LogicalId(Vec<EntryUuid>),
}

/// How many ids a query takes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Count {
    One,
    Many,
}

/// The parameters that name one kind of object.
pub(super) struct Names {
    entry_uuid: &'static str,
    unique_id: &'static str,
    logical_id: Option<&'static str>,
}

pub(super) const DOCUMENT_ENTRY: Names = Names {
    entry_uuid: document_entry::ENTRY_UUID,
    unique_id: document_entry::UNIQUE_ID,
    logical_id: Some(document_entry::LOGICAL_ID),
};

/// A SubmissionSet has one version, so its logical id is its entryUUID.
pub(super) const SUBMISSION_SET: Names = Names {
    entry_uuid: submission_set::ENTRY_UUID,
    unique_id: submission_set::UNIQUE_ID,
    logical_id: None,
};

pub(super) const FOLDER: Names = Names {
    entry_uuid: folder::ENTRY_UUID,
    unique_id: folder::UNIQUE_ID,
    logical_id: Some(folder::LOGICAL_ID),
};

impl Selector {
    pub(super) fn read(
        parameters: &Parameters,
        names: &Names,
        count: Count,
    ) -> Result<Self, XdsError> {
        let values = |name: &str| match count {
            Count::One => Ok(parameters.one(name)?.into_iter().collect()),
            Count::Many => parameters.many(name),
        };
        let uuids: Vec<String> = values(names.entry_uuid)?;
        let unique_ids = values(names.unique_id)?;
        let logical_ids = names.logical_id.map_or(Ok(Vec::new()), values)?;
        let given = [&uuids, &unique_ids, &logical_ids];
        match given.iter().filter(|ids| !ids.is_empty()).count() {
            1 if !uuids.is_empty() => Ok(Self::EntryUuid(entry_uuids(&uuids))),
            1 if !logical_ids.is_empty() => Ok(Self::LogicalId(entry_uuids(&logical_ids))),
            1 => Ok(Self::UniqueId(
                unique_ids.iter().filter_map(|text| UniqueId::parse(text).ok()).collect(),
            )),
            0 => {
                let context =
                    format!("one of {} and {} is required", names.entry_uuid, names.unique_id);
                Err(XdsError::new(XdsErrorCode::StoredQueryMissingParam, context))
            }
            _ => {
                let context =
                    format!("{} and {} exclude each other", names.entry_uuid, names.unique_id);
                let logical = names.logical_id.map(|name| format!(", and so does {name}"));
                let context = context + &logical.unwrap_or_default();
                Err(XdsError::new(XdsErrorCode::StoredQueryParamNumber, context))
            }
        }
    }

    pub(super) fn write(&self, out: &mut String, names: &Names) {
        match self {
            Self::EntryUuid(ids) => write_uuids(out, names.entry_uuid, ids),
            Self::LogicalId(ids) => {
                write_uuids(out, names.logical_id.unwrap_or(names.entry_uuid), ids)
            }
            Self::UniqueId(ids) => {
                write_any(out, names.unique_id, ids.iter().map(UniqueId::as_str));
            }
        }
    }
}

pub(super) fn entry_uuids(texts: &[String]) -> Vec<EntryUuid> {
    texts.iter().filter_map(|text| EntryUuid::parse(text).ok()).collect()
}

pub(super) fn write_uuids(out: &mut String, name: &str, ids: &[EntryUuid]) {
    write_any(out, name, ids.iter().map(ToString::to_string));
}
