//! What a query found of Associations: typed facts, and the stored bytes to send.

use super::{Association, AssociationType, AvailabilityStatus, SubmissionSetStatus, ids};
use crate::entry_uuid::EntryUuid;
use crate::xml::attribute;

/// The columns of an Association. Both ends are registered objects.
#[derive(Clone, Debug, PartialEq)]
pub struct AssociationFacts {
    pub entry_uuid: EntryUuid,
    pub association_type: AssociationType,
    pub source: EntryUuid,
    pub target: EntryUuid,
    pub availability_status: AvailabilityStatus,
    /// On the HasMember between a SubmissionSet and an entry only.
    pub submission_set_status: Option<SubmissionSetStatus>,
    pub home_community_id: Option<String>,
}

/// One found Association; `content` is that of [`Association::content`].
#[derive(Clone, Debug, PartialEq)]
pub struct FoundAssociation {
    pub facts: AssociationFacts,
    pub content: String,
}

impl FoundAssociation {
    /// Appends the Association (ITI TF-3 4.2.2, response form).
    pub fn write(&self, out: &mut String) {
        let facts = &self.facts;
        out.push_str("<rim:Association");
        attribute(out, "id", &facts.entry_uuid.to_string());
        if let Some(home) = &facts.home_community_id {
            attribute(out, "home", home);
        }
        attribute(out, "objectType", ids::ASSOCIATION);
        attribute(out, "status", facts.availability_status.urn());
        attribute(out, "associationType", facts.association_type.urn());
        attribute(out, "sourceObject", &facts.source.to_string());
        attribute(out, "targetObject", &facts.target.to_string());
        out.push('>');
        out.push_str(&self.content);
        out.push_str("</rim:Association>");
    }

    /// From an Association that another registry answered with; `None` where an id or an end is
    /// not an entryUUID.
    pub fn from_answer(
        association: &Association,
        status: AvailabilityStatus,
        home_community_id: Option<String>,
    ) -> Option<Self> {
        let entry_uuid = association.id.uuid()?;
        let facts = AssociationFacts {
            entry_uuid,
            association_type: association.association_type,
            source: association.source.uuid()?,
            target: association.target.uuid()?,
            availability_status: status,
            submission_set_status: association.submission_set_status,
            home_community_id,
        };
        Some(Self { content: association.content(&entry_uuid.to_string()), facts })
    }
}
