//! What a query found of SubmissionSets and Folders: typed facts, and the stored bytes to send.

use super::ids::{self, folder, slot, submission_set};
use super::{AvailabilityStatus, CONTENT_SEPARATOR, Folder, SubmissionSet};
use crate::dtm::Dtm;
use crate::entry_uuid::EntryUuid;
use crate::hl7::PatientId;
use crate::sensitivity::Sensitivity;
use crate::unique_id::UniqueId;
use crate::wire::{self, ObjectWriter, RIM, RegistryObject, Slot};
use crate::xml::attribute;

/// A RegistryPackage is one of the two; its marker Classification says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackageKind {
    SubmissionSet,
    Folder,
}

impl PackageKind {
    /// By its marker, which may stand inside the package or beside it; `None` without one, and where
    /// both are claimed.
    pub fn of(object: &RegistryObject, objects: &[RegistryObject]) -> Option<Self> {
        let beside = objects.iter().filter_map(|other| other.classification.as_ref());
        let beside = beside.filter(|classification| classification.classified_object == object.id);
        let nodes = object.classifications.iter().chain(beside).filter_map(|c| c.node.as_deref());
        let mut kinds = nodes.filter_map(|node| match node {
            submission_set::MARKER => Some(Self::SubmissionSet),
            folder::MARKER => Some(Self::Folder),
            _ => None,
        });
        let first = kinds.next()?;
        kinds.all(|other| other == first).then_some(first)
    }

    /// Scheme and name of its patientId.
    fn patient_id(self) -> (&'static str, &'static str) {
        match self {
            Self::SubmissionSet => (submission_set::PATIENT_ID, "XDSSubmissionSet.patientId"),
            Self::Folder => (folder::PATIENT_ID, "XDSFolder.patientId"),
        }
    }
}

/// The columns of a SubmissionSet or Folder: what the registry sets or filters.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageFacts {
    pub kind: PackageKind,
    pub entry_uuid: EntryUuid,
    pub logical_id: EntryUuid,
    pub version: u32,
    pub availability_status: AvailabilityStatus,
    pub home_community_id: Option<String>,
    pub patient_id: PatientId,
    /// Where the patient lives and is registered must not be told.
    pub sensitive: bool,
    pub unique_id: UniqueId,
    /// Set by the registry, on Folders only.
    pub last_update_time: Option<Dtm>,
}

fn is_sensitive(extra: &[Slot]) -> bool {
    extra.iter().any(|slot| slot.name == slot::PATIENT_SENSITIVITY)
}

/// What a registry adds to any object that it answers with.
#[derive(Clone, Copy, Debug)]
pub struct Registered {
    pub availability_status: AvailabilityStatus,
    pub logical_id: Option<EntryUuid>,
    pub version: u32,
}

impl Registered {
    /// Approved and of version 1 where the object does not say.
    pub fn of(object: &RegistryObject) -> Self {
        let status = object.status.as_deref().and_then(AvailabilityStatus::parse);
        let version = object.version_name.as_deref().and_then(|version| version.parse().ok());
        Self {
            availability_status: status.unwrap_or(AvailabilityStatus::Approved),
            logical_id: object.lid.as_deref().and_then(|lid| EntryUuid::parse(lid).ok()),
            version: version.unwrap_or(1),
        }
    }
}

/// One found SubmissionSet or Folder; `content` is that of [`SubmissionSet::content`] or
/// [`Folder::content`].
#[derive(Clone, Debug, PartialEq)]
pub struct FoundPackage {
    pub facts: PackageFacts,
    pub content: String,
}

impl FoundPackage {
    /// Appends the RegistryPackage (ITI TF-3 4.2.3.3 and 4.2.3.4, response column).
    pub fn write(&self, out: &mut String) {
        let facts = &self.facts;
        let id = facts.entry_uuid.to_string();
        out.push_str("<rim:RegistryPackage");
        attribute(out, "id", &id);
        if let Some(home) = &facts.home_community_id {
            attribute(out, "home", home);
        }
        attribute(out, "lid", &facts.logical_id.to_string());
        attribute(out, "objectType", ids::REGISTRY_PACKAGE);
        attribute(out, "status", facts.availability_status.urn());
        out.push('>');
        let (head, tail) =
            self.content.split_once(CONTENT_SEPARATOR).unwrap_or((&self.content, ""));
        let mut writer = ObjectWriter::new(out, &id, 0);
        writer.slot_one(slot::LAST_UPDATE_TIME, facts.last_update_time.as_ref());
        if facts.sensitive {
            writer.slot_one(slot::PATIENT_SENSITIVITY, Some(Sensitivity::Restricted.code()));
        }
        out.push_str(head);
        ObjectWriter::new(out, &id, 0).version_info(facts.version);
        out.push_str(tail);
        let (scheme, name) = facts.kind.patient_id();
        let patient_id = facts.patient_id.text();
        ObjectWriter::new(out, &id, 0).external_identifier(scheme, name, &patient_id);
        out.push_str("</rim:RegistryPackage>");
    }

    pub fn is_folder(&self) -> bool {
        self.facts.kind == PackageKind::Folder
    }

    /// The SubmissionSet with all its attributes; `None` for a Folder, and where the stored content
    /// cannot be read.
    pub fn read_submission_set(&self) -> Option<SubmissionSet> {
        let object = self.object().filter(|_| !self.is_folder())?;
        SubmissionSet::read(&object, &mut Vec::new())
    }

    /// The same of a Folder.
    pub fn read_folder(&self) -> Option<Folder> {
        let object = self.object().filter(|_| self.is_folder())?;
        Folder::read(&object, &mut Vec::new())
    }

    fn object(&self) -> Option<RegistryObject> {
        let mut text = format!("<list xmlns:rim=\"{RIM}\">");
        self.write(&mut text);
        text.push_str("</list>");
        let document = crate::xml::Document::parse(&text, &Default::default()).ok()?;
        let objects = wire::read_objects(document.root(), &Default::default()).ok()?;
        objects.into_iter().next()
    }

    /// Takes out what was written about the contents as a whole: title, comments and extra
    /// metadata. A Folder must have a title, so it is called by its first code.
    pub fn withhold_words(&mut self) {
        let (head, tail) =
            self.content.split_once(CONTENT_SEPARATOR).unwrap_or((&self.content, ""));
        let words = ["<rim:Name>", "<rim:Description>", "<rim:Slot name=\"urn:"];
        // Text is escaped, so a tag in the content is a tag; extra metadata follows the Slots of
        // the profile, Name and Description follow the Slots.
        let end = words.iter().filter_map(|tag| head.find(tag)).min().unwrap_or(head.len());
        let mut content = head[..end].to_owned();
        if self.facts.kind == PackageKind::Folder {
            let name = tail.find("<rim:Name>").map_or("", |at| &tail[at..]);
            let end = name.find("</rim:Name>").map_or(0, |at| at + "</rim:Name>".len());
            content.push_str(&name[..end]);
        }
        content.push(CONTENT_SEPARATOR);
        content.push_str(tail);
        self.content = content;
    }

    /// From a SubmissionSet that another registry answered with; `None` without an entryUUID.
    pub fn from_submission_set(set: &SubmissionSet, registered: Registered) -> Option<Self> {
        let entry_uuid = set.id.uuid()?;
        let facts = PackageFacts {
            kind: PackageKind::SubmissionSet,
            entry_uuid,
            logical_id: registered.logical_id.unwrap_or(entry_uuid),
            version: registered.version,
            availability_status: registered.availability_status,
            home_community_id: set.home_community_id.clone(),
            sensitive: is_sensitive(&set.extra),
            patient_id: set.patient_id.clone(),
            unique_id: set.unique_id.clone().into(),
            last_update_time: None,
        };
        let mut kept = set.clone();
        kept.extra.retain(|slot| slot.name != slot::PATIENT_SENSITIVITY);
        Some(Self { content: kept.content(&entry_uuid.to_string()), facts })
    }

    /// From a Folder that another registry answered with; `None` without an entryUUID.
    pub fn from_folder(
        folder: &Folder,
        registered: Registered,
        last_update_time: Option<Dtm>,
    ) -> Option<Self> {
        let entry_uuid = folder.id.uuid()?;
        let facts = PackageFacts {
            kind: PackageKind::Folder,
            entry_uuid,
            logical_id: registered.logical_id.unwrap_or(entry_uuid),
            version: registered.version,
            availability_status: registered.availability_status,
            home_community_id: folder.home_community_id.clone(),
            sensitive: is_sensitive(&folder.extra),
            patient_id: folder.patient_id.clone(),
            unique_id: folder.unique_id.clone().into(),
            last_update_time,
        };
        let mut kept = folder.clone();
        kept.extra.retain(|slot| slot.name != slot::PATIENT_SENSITIVITY);
        Some(Self { content: kept.content(&entry_uuid.to_string()), facts })
    }
}
