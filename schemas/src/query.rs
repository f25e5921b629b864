//! Registry Stored Query (ITI-18, ITI TF-2 3.18): the question and the answer.

mod answer;
mod find_documents;
mod get_documents;
mod parameter;

pub use answer::{Answer, AnsweredEntry, QueryAnswer};
pub use find_documents::{CodeFilter, FindDocuments, TimeRange};
pub use get_documents::GetDocuments;

use crate::error::{XdsError, XdsErrorCode};
use crate::wire::{MetadataLimits, QUERY, RIM};
use crate::xml::{Element, attribute};
use parameter::Parameters;

/// Query ids (ITI TF-2 table 3.18.4.1.2.4-1).
pub mod ids {
    pub const FIND_DOCUMENTS: &str = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";
    pub const GET_DOCUMENTS: &str = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4";
}

/// Full objects, or their ids only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnType {
    LeafClass,
    ObjectRef,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StoredQuery {
    pub return_type: ReturnType,
    pub kind: QueryKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum QueryKind {
    FindDocuments(Box<FindDocuments>),
    GetDocuments(GetDocuments),
}

impl QueryKind {
    pub fn id(&self) -> &'static str {
        match self {
            Self::FindDocuments(_) => ids::FIND_DOCUMENTS,
            Self::GetDocuments(_) => ids::GET_DOCUMENTS,
        }
    }

    /// The query's name, for audit and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::FindDocuments(_) => "FindDocuments",
            Self::GetDocuments(_) => "GetDocuments",
        }
    }
}

impl StoredQuery {
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
        let kind = match adhoc.attr("id").unwrap_or_default() {
            ids::FIND_DOCUMENTS => {
                QueryKind::FindDocuments(Box::new(FindDocuments::read(&parameters)?))
            }
            ids::GET_DOCUMENTS => QueryKind::GetDocuments(GetDocuments::read(&parameters)?),
            other => {
                let context = format!(
                    "the stored query {other:?} is not known here; known are FindDocuments ({}) and GetDocuments ({})",
                    ids::FIND_DOCUMENTS,
                    ids::GET_DOCUMENTS
                );
                return Err(
                    XdsError::new(XdsErrorCode::UnknownStoredQuery, context).at("AdhocQuery/@id")
                );
            }
        };
        Ok(Self { return_type, kind })
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
        match &self.kind {
            QueryKind::FindDocuments(query) => query.write(&mut out),
            QueryKind::GetDocuments(query) => query.write(&mut out),
        }
        out.push_str("</rim:AdhocQuery></query:AdhocQueryRequest>");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: QueryKind) -> StoredQuery {
        let query = StoredQuery { return_type: ReturnType::LeafClass, kind };
        let text = query.write();
        let document = crate::xml::Document::parse(&text, &Default::default()).unwrap();
        StoredQuery::read(document.root(), &MetadataLimits::default()).unwrap()
    }

    #[test]
    fn asking_for_nothing_that_exists_stays_so_on_the_wire() {
        let nothing = QueryKind::GetDocuments(GetDocuments::ByEntryUuid(Vec::new()));
        assert_eq!(written(nothing.clone()).kind, nothing);
        let patient = "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO";
        let patient = crate::hl7::PatientId::parse(patient).unwrap();
        let query = FindDocuments { object_type: Vec::new(), ..FindDocuments::approved(patient) };
        let query = Box::new(query);
        assert_eq!(
            written(QueryKind::FindDocuments(query.clone())).kind,
            QueryKind::FindDocuments(query)
        );
    }
}
