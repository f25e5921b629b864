//! The Get queries that take more than ids: contents of a package, related documents.

use super::filter::{self, EntryFilter};
use super::parameter::{self, Parameters};
use super::selector::{Count, DOCUMENT_ENTRY, Names, Selector};
use super::syntax::write_strings;
use crate::error::{XdsError, XdsErrorCode};
use crate::metadata::{AssociationType, ObjectType};

/// GetSubmissionSetAndContents and GetFolderAndContents (ITI TF-2 3.18.4.1.2.3.7.10 and .11): one
/// package with its entries, for a SubmissionSet its Folders, and the Associations whose ends are
/// both among them. The filter narrows the entries.
#[derive(Clone, Debug, PartialEq)]
pub struct GetContents {
    pub package: Selector,
    pub entries: EntryFilter,
}

impl GetContents {
    pub(super) fn read(parameters: &Parameters, names: &Names) -> Result<Self, XdsError> {
        let package = Selector::read(parameters, names, Count::One)?;
        Ok(Self { package, entries: EntryFilter::read(parameters)? })
    }

    pub(super) fn write(&self, out: &mut String, names: &Names) {
        self.package.write(out, names);
        self.entries.write(out);
    }
}

/// GetRelatedDocuments (ITI TF-2 3.18.4.1.2.3.7.13): an entry, those at the other end of its
/// Associations of these types, and the Associations. Nothing at all where there are none.
#[derive(Clone, Debug, PartialEq)]
pub struct GetRelatedDocuments {
    pub document: Selector,
    /// HasMember relates no documents: it finds nothing.
    pub association_types: Vec<AssociationType>,
    /// Of the related documents; the initial one is found whatever its type.
    pub object_type: Vec<ObjectType>,
}

impl GetRelatedDocuments {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, XdsError> {
        let document = Selector::read(parameters, &DOCUMENT_ENTRY, Count::One)?;
        let name = parameter::ASSOCIATION_TYPES;
        let given = parameters.many(name)?;
        if given.is_empty() {
            return Err(parameter::missing(name));
        }
        let association_types: Vec<_> =
            given.iter().filter_map(|text| AssociationType::parse(text)).collect();
        if association_types.is_empty() {
            let rule = format!(
                "names no association type that is known here: use a URN such as {}",
                AssociationType::Replaces.urn()
            );
            return Err(parameter::refusal(XdsErrorCode::StoredQueryMissingParam, name, rule));
        }
        Ok(Self { document, association_types, object_type: filter::object_types(parameters)? })
    }

    pub(super) fn write(&self, out: &mut String) {
        self.document.write(out, &DOCUMENT_ENTRY);
        let types = self.association_types.iter().map(|association_type| association_type.urn());
        write_strings(out, parameter::ASSOCIATION_TYPES, types);
        filter::write_object_types(out, &self.object_type);
    }
}
