//! The metadata model of XDS (ITI TF-3 4.1 and 4.2): meaning, with a reader and a writer each.
//!
//! ```text
//! SubmissionSet --HasMember--> DocumentEntry <--HasMember-- Folder
//!                                  |  RPLC, APND, XFRM, XFRM_RPLC, signs, IsSnapshotOf
//!                                  v
//!                              DocumentEntry (registered before)
//! ```

mod association;
mod attributes;
mod author;
mod code;
mod document_entry;
mod entry_facts;
mod folder;
mod found_association;
mod found_package;
pub mod ids;
mod object_id;
mod status;
mod submission_set;

pub use association::{Association, AssociationType, SubmissionSetStatus};
pub use attributes::Reading;
pub use author::Author;
pub use code::Code;
pub use document_entry::{DocumentEntry, Hash, ObjectType};
pub use entry_facts::{EntryFacts, FoundEntry};
pub use folder::Folder;
pub use found_association::{AssociationFacts, FoundAssociation};
pub use found_package::{FoundPackage, PackageFacts, PackageKind, Registered};
pub use object_id::ObjectId;
pub use status::{AvailabilityStatus, DocumentAvailability};
pub use submission_set::SubmissionSet;

/// Separates what stands before `VersionInfo` from what stands after it in a stored object. It is
/// a control character that XML cannot carry, so it never occurs in either half.
pub const CONTENT_SEPARATOR: char = '\u{1f}';
