//! Registry Stored Query (ITI-18, ITI TF-2 3.18): the question and the answer.

mod answer;
mod filter;
mod find_documents;
mod find_packages;
mod get;
mod parameter;
mod selector;
mod syntax;
#[cfg(test)]
mod tests;

pub use answer::{Answer, AnsweredEntry, QueryAnswer};
pub use filter::{CodeFilter, EntryFilter, TimeRange};
pub use find_documents::FindDocuments;
pub use find_packages::{FindFolders, FindSubmissionSets, GetAll};
pub use get::{GetContents, GetRelatedDocuments};
pub use selector::Selector;

use crate::entry_uuid::EntryUuid;
use crate::error::{XdsError, XdsErrorCode};
use crate::hl7::PatientId;
use crate::metadata::AvailabilityStatus;
use crate::unique_id::UniqueId;
use crate::wire::{MetadataLimits, QUERY, RIM};
use crate::xml::{Element, attribute};
use parameter::Parameters;
use selector::{Count, DOCUMENT_ENTRY, FOLDER, SUBMISSION_SET, entry_uuids, write_uuids};

/// Query ids (ITI TF-2 table 3.18.4.1.2.4-1).
pub mod ids {
    pub const FIND_DOCUMENTS: &str = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";
    pub const FIND_DOCUMENTS_BY_REFERENCE_ID: &str =
        "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492";
    pub const FIND_SUBMISSION_SETS: &str = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9";
    pub const FIND_FOLDERS: &str = "urn:uuid:958f3006-baad-4929-a4de-ff1114824431";
    pub const GET_ALL: &str = "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3";
    pub const GET_DOCUMENTS: &str = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4";
    pub const GET_FOLDERS: &str = "urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4";
    pub const GET_ASSOCIATIONS: &str = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155";
    pub const GET_DOCUMENTS_AND_ASSOCIATIONS: &str =
        "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a";
    pub const GET_SUBMISSION_SETS: &str = "urn:uuid:51224314-5390-4169-9b91-b1980040715a";
    pub const GET_SUBMISSION_SET_AND_CONTENTS: &str =
        "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83";
    pub const GET_FOLDER_AND_CONTENTS: &str = "urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7";
    pub const GET_FOLDERS_FOR_DOCUMENT: &str = "urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578";
    pub const GET_RELATED_DOCUMENTS: &str = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6";
}

/// Full objects, or their ids only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnType {
    LeafClass,
    ObjectRef,
}

/// `$MetadataLevel` of Metadata Update: 1 answers with the latest version of each object, 2 with all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetadataLevel {
    #[default]
    One,
    Two,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StoredQuery {
    pub return_type: ReturnType,
    pub metadata_level: MetadataLevel,
    /// Of the Associations in an answer. It has no effect on a query that answers with none. Only
    /// Metadata Update deprecates an Association. Never empty.
    pub association_status: Vec<AvailabilityStatus>,
    pub kind: QueryKind,
}

/// One stored query each (ITI TF-2 3.18.4.1.2.3.7).
#[derive(Clone, Debug, PartialEq)]
pub enum QueryKind {
    /// Also FindDocumentsByReferenceId, where it has reference ids.
    FindDocuments(Box<FindDocuments>),
    FindSubmissionSets(Box<FindSubmissionSets>),
    FindFolders(Box<FindFolders>),
    GetAll(Box<GetAll>),
    GetDocuments(Selector),
    GetFolders(Selector),
    /// Associations with any of these objects as an end.
    GetAssociations(Vec<EntryUuid>),
    /// Entries, and every Association with one of them as an end.
    GetDocumentsAndAssociations(Selector),
    /// Every SubmissionSet that holds one of these entries or Folders, and those HasMembers.
    GetSubmissionSets(Vec<EntryUuid>),
    GetSubmissionSetAndContents(GetContents),
    GetFolderAndContents(GetContents),
    /// The Folders that hold an entry.
    GetFoldersForDocument(Selector),
    GetRelatedDocuments(GetRelatedDocuments),
}

/// Every query by its id.
const KNOWN: [(&str, &str); 14] = [
    (ids::FIND_DOCUMENTS, "FindDocuments"),
    (ids::FIND_DOCUMENTS_BY_REFERENCE_ID, "FindDocumentsByReferenceId"),
    (ids::FIND_SUBMISSION_SETS, "FindSubmissionSets"),
    (ids::FIND_FOLDERS, "FindFolders"),
    (ids::GET_ALL, "GetAll"),
    (ids::GET_DOCUMENTS, "GetDocuments"),
    (ids::GET_FOLDERS, "GetFolders"),
    (ids::GET_ASSOCIATIONS, "GetAssociations"),
    (ids::GET_DOCUMENTS_AND_ASSOCIATIONS, "GetDocumentsAndAssociations"),
    (ids::GET_SUBMISSION_SETS, "GetSubmissionSets"),
    (ids::GET_SUBMISSION_SET_AND_CONTENTS, "GetSubmissionSetAndContents"),
    (ids::GET_FOLDER_AND_CONTENTS, "GetFolderAndContents"),
    (ids::GET_FOLDERS_FOR_DOCUMENT, "GetFoldersForDocument"),
    (ids::GET_RELATED_DOCUMENTS, "GetRelatedDocuments"),
];

impl QueryKind {
    pub fn id(&self) -> &'static str {
        match self {
            Self::FindDocuments(query) if query.is_by_reference_id() => {
                ids::FIND_DOCUMENTS_BY_REFERENCE_ID
            }
            Self::FindDocuments(_) => ids::FIND_DOCUMENTS,
            Self::FindSubmissionSets(_) => ids::FIND_SUBMISSION_SETS,
            Self::FindFolders(_) => ids::FIND_FOLDERS,
            Self::GetAll(_) => ids::GET_ALL,
            Self::GetDocuments(_) => ids::GET_DOCUMENTS,
            Self::GetFolders(_) => ids::GET_FOLDERS,
            Self::GetAssociations(_) => ids::GET_ASSOCIATIONS,
            Self::GetDocumentsAndAssociations(_) => ids::GET_DOCUMENTS_AND_ASSOCIATIONS,
            Self::GetSubmissionSets(_) => ids::GET_SUBMISSION_SETS,
            Self::GetSubmissionSetAndContents(_) => ids::GET_SUBMISSION_SET_AND_CONTENTS,
            Self::GetFolderAndContents(_) => ids::GET_FOLDER_AND_CONTENTS,
            Self::GetFoldersForDocument(_) => ids::GET_FOLDERS_FOR_DOCUMENT,
            Self::GetRelatedDocuments(_) => ids::GET_RELATED_DOCUMENTS,
        }
    }

    /// The query's name, for audit and metrics.
    pub fn name(&self) -> &'static str {
        let id = self.id();
        KNOWN.iter().find(|(known, _)| *known == id).map_or("", |(_, name)| name)
    }

    /// The patient that the query is about, where it names one.
    pub fn patient_id(&self) -> Option<&PatientId> {
        match self {
            Self::FindDocuments(query) => Some(&query.patient_id),
            Self::FindSubmissionSets(query) => Some(&query.patient_id),
            Self::FindFolders(query) => Some(&query.patient_id),
            Self::GetAll(query) => Some(&query.patient_id),
            _ => None,
        }
    }

    fn read(id: &str, parameters: &Parameters) -> Result<Self, XdsError> {
        let many = |names| Selector::read(parameters, names, Count::Many);
        let uuids = || match parameters.many(parameter::UUID)? {
            given if given.is_empty() => Err(parameter::missing(parameter::UUID)),
            given => Ok(entry_uuids(&given)),
        };
        Ok(match id {
            ids::FIND_DOCUMENTS => Self::FindDocuments(Box::new(FindDocuments::read(parameters)?)),
            ids::FIND_DOCUMENTS_BY_REFERENCE_ID => {
                Self::FindDocuments(Box::new(FindDocuments::read_by_reference_id(parameters)?))
            }
            ids::FIND_SUBMISSION_SETS => {
                Self::FindSubmissionSets(Box::new(FindSubmissionSets::read(parameters)?))
            }
            ids::FIND_FOLDERS => Self::FindFolders(Box::new(FindFolders::read(parameters)?)),
            ids::GET_ALL => Self::GetAll(Box::new(GetAll::read(parameters)?)),
            ids::GET_DOCUMENTS => Self::GetDocuments(many(&DOCUMENT_ENTRY)?),
            ids::GET_FOLDERS => Self::GetFolders(many(&FOLDER)?),
            ids::GET_ASSOCIATIONS => Self::GetAssociations(uuids()?),
            ids::GET_DOCUMENTS_AND_ASSOCIATIONS => {
                Self::GetDocumentsAndAssociations(many(&DOCUMENT_ENTRY)?)
            }
            ids::GET_SUBMISSION_SETS => Self::GetSubmissionSets(uuids()?),
            ids::GET_SUBMISSION_SET_AND_CONTENTS => {
                Self::GetSubmissionSetAndContents(GetContents::read(parameters, &SUBMISSION_SET)?)
            }
            ids::GET_FOLDER_AND_CONTENTS => {
                Self::GetFolderAndContents(GetContents::read(parameters, &FOLDER)?)
            }
            ids::GET_FOLDERS_FOR_DOCUMENT => Self::GetFoldersForDocument(Selector::read(
                parameters,
                &DOCUMENT_ENTRY,
                Count::One,
            )?),
            ids::GET_RELATED_DOCUMENTS => {
                Self::GetRelatedDocuments(GetRelatedDocuments::read(parameters)?)
            }
            other => return Err(unknown(other)),
        })
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::FindDocuments(query) => query.write(out),
            Self::FindSubmissionSets(query) => query.write(out),
            Self::FindFolders(query) => query.write(out),
            Self::GetAll(query) => query.write(out),
            Self::GetDocuments(documents)
            | Self::GetDocumentsAndAssociations(documents)
            | Self::GetFoldersForDocument(documents) => documents.write(out, &DOCUMENT_ENTRY),
            Self::GetFolders(folders) => folders.write(out, &FOLDER),
            Self::GetAssociations(ids) | Self::GetSubmissionSets(ids) => {
                write_uuids(out, parameter::UUID, ids)
            }
            Self::GetSubmissionSetAndContents(query) => query.write(out, &SUBMISSION_SET),
            Self::GetFolderAndContents(query) => query.write(out, &FOLDER),
            Self::GetRelatedDocuments(query) => query.write(out),
        }
    }
}

fn unknown(id: &str) -> XdsError {
    let known: Vec<String> = KNOWN.iter().map(|(id, name)| format!("{name} ({id})")).collect();
    let context =
        format!("the stored query {id:?} is not known here; known are {}", known.join(", "));
    XdsError::new(XdsErrorCode::UnknownStoredQuery, context).at("AdhocQuery/@id")
}

impl StoredQuery {
    /// Asks for full objects, as the hub's own services do.
    pub fn leaf_class(kind: QueryKind) -> Self {
        Self {
            return_type: ReturnType::LeafClass,
            metadata_level: MetadataLevel::default(),
            association_status: vec![AvailabilityStatus::Approved],
            kind,
        }
    }

    /// Asks for the entries of documents, in any status.
    pub fn documents(unique_ids: Vec<UniqueId>) -> Self {
        Self::leaf_class(QueryKind::GetDocuments(Selector::UniqueId(unique_ids)))
    }

    /// Reads `query:AdhocQueryRequest`.
    pub fn read(request: Element<'_>, limits: &MetadataLimits) -> Result<Self, XdsError> {
        let option = request.child(QUERY, "ResponseOption");
        let return_type = match option.and_then(|option| option.attr("returnType")) {
            Some("LeafClass") => ReturnType::LeafClass,
            Some("ObjectRef") => ReturnType::ObjectRef,
            other => {
                let given = other.unwrap_or("(none)");
                let context =
                    format!("returnType {given:?} is not supported: use LeafClass or ObjectRef");
                return Err(XdsError::new(XdsErrorCode::Registry, context).at("ResponseOption"));
            }
        };
        let adhoc = request.child(RIM, "AdhocQuery").ok_or_else(|| {
            XdsError::new(XdsErrorCode::Registry, "AdhocQueryRequest has no rim:AdhocQuery")
        })?;
        let parameters = Parameters::read(adhoc, limits)?;
        let kind = QueryKind::read(adhoc.attr("id").unwrap_or_default(), &parameters)?;
        let metadata_level = match parameters.one(parameter::METADATA_LEVEL)?.as_deref() {
            None | Some("1") => MetadataLevel::One,
            Some("2") => MetadataLevel::Two,
            Some(_) => return Err(parameter::not_valid(parameter::METADATA_LEVEL, "it is 1 or 2")),
        };
        let mut query = Self { return_type, metadata_level, ..Self::leaf_class(kind) };
        let statuses =
            parameters.known(parameter::ASSOCIATION_STATUS, AvailabilityStatus::parse)?;
        if !statuses.is_empty() {
            query.association_status = statuses;
        }
        Ok(query)
    }

    /// Writes `query:AdhocQueryRequest`.
    pub fn write(&self) -> String {
        let return_type = match self.return_type {
            ReturnType::LeafClass => "LeafClass",
            ReturnType::ObjectRef => "ObjectRef",
        };
        let mut out = format!(
            "<query:AdhocQueryRequest xmlns:query=\"{QUERY}\" xmlns:rim=\"{RIM}\"><query:ResponseOption returnComposedObjects=\"true\" returnType=\"{return_type}\"/><rim:AdhocQuery"
        );
        attribute(&mut out, "id", self.kind.id());
        out.push('>');
        self.kind.write(&mut out);
        if self.metadata_level == MetadataLevel::Two {
            syntax::write_number(&mut out, parameter::METADATA_LEVEL, "2");
        }
        if self.association_status != [AvailabilityStatus::Approved] {
            filter::write_statuses(
                &mut out,
                parameter::ASSOCIATION_STATUS,
                &self.association_status,
            );
        }
        out.push_str("</rim:AdhocQuery></query:AdhocQueryRequest>");
        out
    }
}
