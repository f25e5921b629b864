//! A file that is to be published: the metadata that ITI-41 needs with it.

use schemas::cda::{Mapped, MappingContext};
use schemas::code_set::{CodeSets, DocumentType};
use schemas::document::Document;
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::xml::Limits;

/// What a document becomes that says itself who it is about, as the hub maps one that comes by ITK.
pub(super) fn cda(
    bytes: &[u8],
    publisher: &OdsCode,
    code_sets: &CodeSets,
    oid_root: &Oid,
) -> Result<Mapped, String> {
    let document = Document::read(bytes, "text/xml", &Limits::default());
    let document = document.map_err(|error| error.to_string())?;
    let context = MappingContext {
        code_sets,
        oid_root,
        publisher,
        profile_id: None,
        interaction: None,
        mime_type: "text/xml",
    };
    document.map(&context).map_err(|error| error.to_string())
}

/// A document type by its name, its label or one of its codes.
pub(crate) fn document_type<'a>(
    code_sets: &'a CodeSets,
    text: &str,
) -> Result<&'a DocumentType, String> {
    schemas::described::document_type(code_sets, text).map_err(|error| error.to_string())
}
