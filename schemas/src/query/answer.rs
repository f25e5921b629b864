//! AdhocQueryResponse: writing what was found, reading what another registry answers.

use super::ReturnType;
use crate::entry_uuid::EntryUuid;
use crate::error::XdsError;
use crate::metadata::{AvailabilityStatus, DocumentEntry, FoundEntry};
use crate::registry_response::{ResponseStatus, read_errors, status_of, write_errors};
use crate::wire::{self, MetadataLimits, ObjectKind, QUERY, RIM, RS};
use crate::xml::{Element, attribute};

/// What a query found, with errors and warnings beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryAnswer {
    pub entries: Vec<FoundEntry>,
    pub errors: Vec<XdsError>,
}

impl QueryAnswer {
    pub fn failure(error: XdsError) -> Self {
        Self { entries: Vec::new(), errors: vec![error] }
    }

    pub fn status(&self) -> ResponseStatus {
        status_of(&self.errors, !self.entries.is_empty())
    }

    /// Writes `query:AdhocQueryResponse`; the object list is present even on failure.
    pub fn write(&self, return_type: ReturnType) -> String {
        let mut out = String::with_capacity(800 + self.entries.len() * 7000);
        out.push_str(&format!(
            "<query:AdhocQueryResponse xmlns:query=\"{QUERY}\" xmlns:rs=\"{RS}\" xmlns:rim=\"{RIM}\""
        ));
        attribute(&mut out, "status", self.status().urn());
        out.push('>');
        write_errors(&mut out, &self.errors);
        out.push_str("<rim:RegistryObjectList>");
        for entry in &self.entries {
            match return_type {
                ReturnType::LeafClass => entry.write(&mut out),
                ReturnType::ObjectRef => {
                    out.push_str("<rim:ObjectRef");
                    attribute(&mut out, "id", &entry.facts.entry_uuid.to_string());
                    out.push_str("/>");
                }
            }
        }
        out.push_str("</rim:RegistryObjectList></query:AdhocQueryResponse>");
        out
    }
}

/// An entry as another registry (or the gateway) answered it.
#[derive(Clone, Debug)]
pub struct AnsweredEntry {
    pub entry: DocumentEntry,
    pub availability_status: AvailabilityStatus,
    pub logical_id: Option<EntryUuid>,
    pub version: u32,
}

/// A parsed AdhocQueryResponse.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub entries: Vec<AnsweredEntry>,
    pub object_refs: Vec<EntryUuid>,
    /// Errors and warnings, and what could not be read of the entries.
    pub errors: Vec<XdsError>,
}

impl Answer {
    /// Reads `query:AdhocQueryResponse`.
    pub fn read(response: Element<'_>, limits: &MetadataLimits) -> Result<Self, XdsError> {
        let mut answer = Self { errors: read_errors(response), ..Self::default() };
        let Some(list) = response.child(RIM, "RegistryObjectList") else { return Ok(answer) };
        let limits = MetadataLimits { objects: 100_000, ..*limits };
        for object in wire::read_objects(list, &limits)? {
            match object.kind {
                ObjectKind::ObjectRef => {
                    answer.object_refs.extend(EntryUuid::parse(&object.id).ok())
                }
                ObjectKind::ExtrinsicObject => {
                    let status = object.status.as_deref().and_then(AvailabilityStatus::parse);
                    let entry = DocumentEntry::read(&object, &mut answer.errors);
                    let lid = object.lid.as_deref().and_then(|lid| EntryUuid::parse(lid).ok());
                    let version = object.version_name.as_deref().and_then(|v| v.parse().ok());
                    answer.entries.extend(entry.map(|entry| AnsweredEntry {
                        entry,
                        availability_status: status.unwrap_or(AvailabilityStatus::Approved),
                        logical_id: lid,
                        version: version.unwrap_or(1),
                    }));
                }
                _ => {}
            }
        }
        Ok(answer)
    }

    /// As the service that asked needs it.
    pub fn into_query_answer(self) -> QueryAnswer {
        let entries = self.entries.into_iter().filter_map(|answered| {
            FoundEntry::from_answer(
                answered.entry,
                answered.availability_status,
                answered.logical_id,
                answered.version,
            )
        });
        QueryAnswer { entries: entries.collect(), errors: self.errors }
    }
}
