//! Association (ITI TF-3 4.2.2): membership and relationships; the source is always the newer.

use super::attributes::Reading;
use super::ids::{self, slot};
use super::{Code, ObjectId};
use crate::error::XdsError;
use crate::wire::{ObjectWriter, RegistryObject, Slot};
use crate::xml::attribute;

macro_rules! association_types {
    ($($(#[$doc:meta])* $name:ident = $urn:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AssociationType { $($(#[$doc])* $name,)* }

        impl AssociationType {
            pub fn urn(self) -> &'static str {
                match self { $(Self::$name => $urn,)* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                match text { $($urn => Some(Self::$name),)* _ => None }
            }
        }
    };
}

association_types! {
    HasMember = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember",
    /// RPLC
    Replaces = "urn:ihe:iti:2007:AssociationType:RPLC",
    /// XFRM
    Transforms = "urn:ihe:iti:2007:AssociationType:XFRM",
    /// APND
    Appends = "urn:ihe:iti:2007:AssociationType:APND",
    /// XFRM_RPLC
    TransformsAndReplaces = "urn:ihe:iti:2007:AssociationType:XFRM_RPLC",
    Signs = "urn:ihe:iti:2007:AssociationType:signs",
    IsSnapshotOf = "urn:ihe:iti:2010:AssociationType:IsSnapshotOf",
    UpdateAvailabilityStatus = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus",
    SubmitAssociation = "urn:ihe:iti:2010:AssociationType:SubmitAssociation",
}

impl AssociationType {
    /// Whether the target is superseded by the source.
    pub fn is_replacement(self) -> bool {
        matches!(self, Self::Replaces | Self::TransformsAndReplaces)
    }
}

/// How a SubmissionSet holds a DocumentEntry: it brought it, or refers to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubmissionSetStatus {
    Original,
    Reference,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Association {
    pub id: ObjectId,
    pub association_type: AssociationType,
    pub source: ObjectId,
    pub target: ObjectId,
    pub submission_set_status: Option<SubmissionSetStatus>,
    /// Why the relationship exists; never on HasMember.
    pub documentation: Option<Code>,
    /// Slots by which a metadata update says what it does; never stored.
    pub operation: Vec<Slot>,
    pub extra: Vec<Slot>,
}

impl Association {
    pub fn read(object: &RegistryObject, errors: &mut Vec<XdsError>) -> Option<Self> {
        let before = errors.len();
        let mut reading = Reading::new(object, "Association", errors);
        let association = Self::read_attributes(object, &mut reading);
        association.filter(|_| errors.len() == before)
    }

    fn read_attributes(object: &RegistryObject, reading: &mut Reading<'_>) -> Option<Self> {
        let association_type = AssociationType::parse(&object.association_type);
        if association_type.is_none() {
            reading.refuse("associationType", "is not one of the profile's association types");
        }
        let submission_set_status = match reading.one(slot::SUBMISSION_SET_STATUS).as_deref() {
            Some("Original") => Some(SubmissionSetStatus::Original),
            Some("Reference") => Some(SubmissionSetStatus::Reference),
            Some(_) => {
                reading.refuse("SubmissionSetStatus", "is Original or Reference");
                None
            }
            None => None,
        };
        let mut documentation = reading.codes(ids::ASSOCIATION_DOCUMENTATION, "documentation");
        if association_type == Some(AssociationType::HasMember) && !documentation.is_empty() {
            reading.refuse("documentation", "is not allowed on HasMember");
        }
        if documentation.len() > 1 {
            reading.refuse("documentation", "takes one Classification");
        }
        let id = reading.id();
        let source = reading.parsed("sourceObject", ObjectId::parse(&object.source_object));
        let target = reading.parsed("targetObject", ObjectId::parse(&object.target_object));
        let mut known = vec![slot::SUBMISSION_SET_STATUS];
        known.extend(slot::OPERATION);
        let operation = object.slots.iter().filter(|s| slot::OPERATION.contains(&s.name.as_str()));
        Some(Self {
            submission_set_status,
            documentation: documentation.pop(),
            operation: operation.cloned().collect(),
            extra: reading.extra(&known),
            id: id?,
            association_type: association_type?,
            source: source?,
            target: target?,
        })
    }

    /// Whether it brings a new version of what it leads to.
    pub fn operation_is_version(&self) -> bool {
        self.operation.iter().any(|slot| slot.name == slot::PREVIOUS_VERSION)
    }

    /// The children of the stored object.
    pub fn content(&self, id: &str) -> String {
        let mut out = String::new();
        let mut writer = ObjectWriter::new(&mut out, id, 1);
        let status = self.submission_set_status.map(|status| format!("{status:?}"));
        writer.slot_one(slot::SUBMISSION_SET_STATUS, status);
        writer.slots(&self.extra);
        if let Some(code) = &self.documentation {
            code.write(&mut writer, ids::ASSOCIATION_DOCUMENTATION);
        }
        out
    }

    pub fn write(&self, out: &mut String) {
        let id = self.id.to_string();
        out.push_str("<rim:Association");
        attribute(out, "id", &id);
        attribute(out, "objectType", ids::ASSOCIATION);
        attribute(out, "associationType", self.association_type.urn());
        attribute(out, "sourceObject", &self.source.to_string());
        attribute(out, "targetObject", &self.target.to_string());
        out.push('>');
        ObjectWriter::new(out, &id, 1).slots(&self.operation);
        out.push_str(&self.content(&id));
        out.push_str("</rim:Association>");
    }
}
