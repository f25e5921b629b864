//! Metadata update: ITI-57 Update Document Set and ITI-92 Restricted Update Document Set (IHE ITI
//! supplements XDS Metadata Update and Restricted Metadata Update).
//!
//! A request is a SubmissionSet with operations; each other object triggers exactly one.

mod operation;

pub use operation::{NewVersion, Operation, StatusChange};

use crate::error::{XdsError, XdsErrorCode};
use crate::submission::Submission;
use crate::wire::{self, MetadataLimits, RIM};
use crate::xml::Element;

/// Which of the two transactions: they differ in what they allow, and in their error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateKind {
    /// ITI-57, by a Document Administrator.
    Full,
    /// ITI-92, by an Update Initiator: new versions of DocumentEntries only.
    Restricted,
}

impl UpdateKind {
    /// The code of one rule in either transaction.
    pub fn code(self, full: XdsErrorCode, restricted: XdsErrorCode) -> XdsErrorCode {
        match self {
            Self::Full => full,
            Self::Restricted => restricted,
        }
    }
}

/// An update as sent: all objects, and what is to be done with them, in the order of the request.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataUpdate {
    pub kind: UpdateKind,
    pub submission: Submission,
    pub operations: Vec<Operation>,
}

impl MetadataUpdate {
    /// Reads `lcm:SubmitObjectsRequest`. All errors that one reading can find are returned.
    pub fn read(
        request: Element<'_>,
        limits: &MetadataLimits,
        kind: UpdateKind,
    ) -> Result<Self, Vec<XdsError>> {
        let list = request.child(RIM, "RegistryObjectList").ok_or_else(|| {
            let what = "SubmitObjectsRequest has no rim:RegistryObjectList";
            vec![XdsError::new(XdsErrorCode::RegistryMetadata, what)]
        })?;
        let objects = wire::read_objects(list, limits).map_err(|error| vec![error])?;
        let mut errors = Vec::new();
        let submission = Submission::from_objects(&objects, &mut errors);
        let Some(submission) = submission.filter(|_| errors.is_empty()) else { return Err(errors) };
        submission.check_identity(&mut errors);
        let operations = operation::read(&submission, &objects, kind, &mut errors);
        if errors.is_empty() { Ok(Self { kind, submission, operations }) } else { Err(errors) }
    }
}
