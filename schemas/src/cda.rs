//! NHS CDA: a clinical document's header and body, its mapping to a DocumentEntry, and withdrawals.
//!
//! [`CdaDocument::read`] tells documents from withdrawals, [`map`] makes the entry under the
//! region's code sets and [`MappingRules`], [`attachments`] takes out what a document carries inside.

mod attachment;
mod body;
mod document;
mod end_of_life;
mod expression;
mod header;
mod headings;
mod job_role;
mod mapping;
mod mapping_error;
mod media;
mod nullification;
mod people;
mod read;
mod rules;
pub mod slot;
mod task;
mod text;
mod warning;

#[cfg(test)]
mod sample;

pub use attachment::{
    Attachment, AttachmentError, AttachmentLimits, AttachmentPlace, EXTRACTED_MAX,
    attachment_entry, attachment_unique_id, attachments,
};
pub use body::{Body, Content, Section, Structure};
pub use document::CdaDocument;
pub use end_of_life::{ANTICIPATORY_PLAN, EndOfLife, FOR_CPR, Finding, NOT_FOR_CPR};
pub use header::{
    CdaError, CdaHeader, Coded, Identifier, Organisation, ParentDocument, Patient, Person,
    Recipient, RecipientKind, Telecom,
};
pub use headings::{HeadingFound, HeadingStandard, Headings, Presence};
pub use mapping::{
    DocumentVersion, Mapped, MappingContext, Purpose, ReplacedVersion, map, patient_number,
    unique_id,
};
pub use mapping_error::{MappingError, Remedy};
pub use media::{Media, MediaType, Treatment};
pub use nullification::{Nullification, NullificationReason, Victim};
pub use read::decode;
pub use rules::{ConfidentialityRule, MappingRules};
pub use task::Action;
pub use warning::CdaWarning;

pub const HL7: &str = "urn:hl7-org:v3";
pub const NPFIT: &str = "NPFIT:HL7:Localisation";
