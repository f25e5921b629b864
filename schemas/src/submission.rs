//! Submission: what ITI-41 and ITI-42 carry (ITI TF-3 4.1, TF-2 3.42.4.1).

pub mod assemble;
mod rules;

use crate::error::{XdsError, XdsErrorCode};
use crate::metadata::ids::slot;
use crate::metadata::{Association, DocumentEntry, Folder, PackageKind, SubmissionSet};
use crate::ods_code::OdsCode;
use crate::wire::{self, LCM, MetadataLimits, ObjectKind, RIM, RegistryObject, Slot};
use crate::xml::Element;

/// One SubmissionSet with all it brings, checked as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    pub submission_set: SubmissionSet,
    pub document_entries: Vec<DocumentEntry>,
    pub folders: Vec<Folder>,
    pub associations: Vec<Association>,
}

impl Submission {
    /// Reads `lcm:SubmitObjectsRequest`. All errors that one reading can find are returned.
    pub fn read(request: Element<'_>, limits: &MetadataLimits) -> Result<Self, Vec<XdsError>> {
        let metadata = |text: &str| vec![XdsError::new(XdsErrorCode::RegistryMetadata, text)];
        let list = request.child(RIM, "RegistryObjectList");
        let list =
            list.ok_or_else(|| metadata("SubmitObjectsRequest has no rim:RegistryObjectList"))?;
        let objects = wire::read_objects(list, limits).map_err(|error| vec![error])?;
        let mut errors = Vec::new();
        let submission = Self::from_objects(&objects, &mut errors);
        match submission {
            Some(submission) if errors.is_empty() => {
                first_versions(&objects, &mut errors);
                rules::check(&submission, &mut errors);
                if errors.is_empty() { Ok(submission) } else { Err(errors) }
            }
            _ => Err(errors),
        }
    }

    /// Reads the objects, each by itself, with parts that are its own.
    pub(crate) fn from_objects(
        objects: &[RegistryObject],
        errors: &mut Vec<XdsError>,
    ) -> Option<Self> {
        wire::check_ownership(objects, errors);
        wire::check_lengths(objects, errors);
        let mut sets = Vec::new();
        let mut document_entries = Vec::new();
        let mut folders = Vec::new();
        let mut associations = Vec::new();
        for object in objects {
            match object.kind {
                ObjectKind::ExtrinsicObject => {
                    document_entries.push(DocumentEntry::read(object, errors))
                }
                ObjectKind::Association => associations.push(Association::read(object, errors)),
                ObjectKind::RegistryPackage => match PackageKind::of(object, objects) {
                    Some(PackageKind::SubmissionSet) => {
                        sets.push(SubmissionSet::read(object, errors))
                    }
                    Some(PackageKind::Folder) => folders.push(Folder::read(object, errors)),
                    None => errors.push(unmarked(object)),
                },
                ObjectKind::Classification | ObjectKind::ObjectRef => {}
            }
        }
        if sets.len() != 1 {
            let context = format!(
                "a submission holds exactly one SubmissionSet; this one has {}",
                sets.len()
            );
            errors.push(XdsError::new(XdsErrorCode::RegistryMetadata, context));
        }
        Some(Self {
            submission_set: sets.into_iter().next()??,
            document_entries: document_entries.into_iter().collect::<Option<_>>()?,
            folders: folders.into_iter().collect::<Option<_>>()?,
            associations: associations.into_iter().collect::<Option<_>>()?,
        })
    }

    /// What holds for every request with a SubmissionSet: ids and uniqueIds occur once, and all is
    /// about one patient.
    pub(crate) fn check_identity(&self, errors: &mut Vec<XdsError>) {
        rules::check_identity(self, errors);
    }

    /// Names who published this: on each entry, and on the SubmissionSet, which may bring none.
    pub fn stamp_publisher(&mut self, publisher: &OdsCode) {
        for entry in &mut self.document_entries {
            entry.stamp_publisher(publisher);
        }
        let set = &mut self.submission_set;
        set.extra.push(Slot::one(slot::PUBLISHER_ODS, publisher.as_str()));
    }

    /// entryUUIDs of the documents that this submission replaces.
    pub fn replaced(&self) -> Vec<String> {
        let replacing = self.associations.iter().filter(|a| a.association_type.is_replacement());
        replacing.map(|association| association.target.to_string()).collect()
    }

    /// Who published this, as stamped.
    pub fn publisher_ods(&self) -> Option<OdsCode> {
        let set = self.submission_set.extra.iter().find(|slot| slot.name == slot::PUBLISHER_ODS);
        let set = set.and_then(|slot| OdsCode::parse(slot.values.first()?).ok());
        set.or_else(|| self.document_entries.first().and_then(DocumentEntry::publisher_ods))
    }

    /// Writes `lcm:SubmitObjectsRequest`, ids as they are.
    pub fn write(&self) -> String {
        let mut out = String::with_capacity(12_000);
        out.push_str(&format!(
            "<lcm:SubmitObjectsRequest xmlns:lcm=\"{LCM}\" xmlns:rim=\"{RIM}\"><rim:RegistryObjectList>"
        ));
        for entry in &self.document_entries {
            entry.write(&mut out);
        }
        self.submission_set.write(&mut out);
        for folder in &self.folders {
            folder.write(&mut out);
        }
        for association in &self.associations {
            association.write(&mut out);
        }
        out.push_str("</rim:RegistryObjectList></lcm:SubmitObjectsRequest>");
        out
    }
}

/// A registration makes first versions: an object that names another as its logicalID is an update.
fn first_versions(objects: &[RegistryObject], errors: &mut Vec<XdsError>) {
    for object in objects {
        if object.lid.as_ref().is_some_and(|lid| !lid.is_empty() && *lid != object.id) {
            let context = format!(
                "the object {} has another object's logicalID (lid): a new version is submitted by ITI-57 or ITI-92",
                object.id
            );
            let error = XdsError::new(XdsErrorCode::RegistryMetadata, context);
            errors.push(error.at(object.id.clone()));
        }
    }
}

fn unmarked(object: &RegistryObject) -> XdsError {
    let context = format!(
        "the RegistryPackage {} is neither a SubmissionSet nor a Folder: its marker Classification is missing, or there are both",
        object.id
    );
    XdsError::new(XdsErrorCode::RegistryMetadata, context).at(object.id.clone())
}
