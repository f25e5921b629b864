//! NHS CDA: the header of a clinical document, and its mapping to a DocumentEntry.

mod header;
mod mapping;

pub use header::{CdaError, CdaHeader, Coded, Identifier, Organisation, Patient, Person};
pub use mapping::{Mapped, MappingContext, MappingError, map};

pub const HL7: &str = "urn:hl7-org:v3";
pub const NPFIT: &str = "NPFIT:HL7:Localisation";
