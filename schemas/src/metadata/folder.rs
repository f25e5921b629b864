//! Folder (ITI TF-3 4.2.3.4): documents that belong together.

use super::attributes::Reading;
use super::ids::{self, folder as scheme, slot};
use super::{CONTENT_SEPARATOR, Code, ObjectId};
use crate::error::XdsError;
use crate::hl7::PatientId;
use crate::oid::Oid;
use crate::wire::{LocalizedString, ObjectWriter, RegistryObject, Slot};
use crate::xml::attribute;

#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    pub id: ObjectId,
    pub home_community_id: Option<String>,
    pub code_list: Vec<Code>,
    pub comments: Vec<LocalizedString>,
    pub patient_id: PatientId,
    pub title: Vec<LocalizedString>,
    pub unique_id: Oid,
    pub extra: Vec<Slot>,
}

/// Characters of the title in one language (ITI TF-3 table 4.2.3.4-1).
const LONGEST_TITLE: usize = 256;

impl Folder {
    /// Reads a folder. A submitted lastUpdateTime is dropped: the registry sets it.
    pub fn read(object: &RegistryObject, errors: &mut Vec<XdsError>) -> Option<Self> {
        let before = errors.len();
        let mut reading = Reading::new(object, "Folder", errors);
        let folder = Self::read_attributes(object, &mut reading);
        folder.filter(|_| errors.len() == before)
    }

    fn read_attributes(object: &RegistryObject, reading: &mut Reading<'_>) -> Option<Self> {
        reading.refuse_limited(scheme::LIMITED_METADATA);
        let id = reading.id();
        let code_list = reading.codes(scheme::CODE_LIST, "codeList");
        if code_list.is_empty() {
            reading.refuse("codeList", "is required (at least one Classification)");
        }
        if object.name.is_empty() {
            reading.refuse("title", "is required (Name)");
        }
        let patient_id = reading.patient_id(scheme::PATIENT_ID);
        let unique_id = reading.oid(scheme::UNIQUE_ID, "uniqueId");
        Some(Self {
            home_community_id: reading.home(),
            code_list,
            comments: object.description.clone(),
            title: reading.title(LONGEST_TITLE),
            extra: reading.extra(&[slot::LAST_UPDATE_TIME]),
            id: id?,
            patient_id: patient_id?,
            unique_id: unique_id?,
        })
    }

    /// Children before and after `VersionInfo`, without patientId and lastUpdateTime.
    pub fn content(&self, id: &str) -> String {
        let mut out = String::with_capacity(1500);
        let mut writer = ObjectWriter::new(&mut out, id, 1);
        writer.slots(&self.extra);
        writer.localized("Name", &self.title);
        writer.localized("Description", &self.comments);
        out.push(CONTENT_SEPARATOR);
        let mut writer = ObjectWriter::new(&mut out, id, 1);
        for code in &self.code_list {
            code.write(&mut writer, scheme::CODE_LIST);
        }
        writer.marker(scheme::MARKER);
        let unique_id = self.unique_id.as_str();
        writer.external_identifier(scheme::UNIQUE_ID, "XDSFolder.uniqueId", unique_id);
        out
    }

    pub fn write(&self, out: &mut String) {
        let id = self.id.to_string();
        out.push_str("<rim:RegistryPackage");
        attribute(out, "id", &id);
        if let Some(home) = &self.home_community_id {
            attribute(out, "home", home);
        }
        attribute(out, "objectType", ids::REGISTRY_PACKAGE);
        out.push('>');
        out.push_str(&self.content(&id).replace(CONTENT_SEPARATOR, ""));
        let mut writer = ObjectWriter::new(out, &id, 0);
        let patient_id = self.patient_id.text();
        writer.external_identifier(scheme::PATIENT_ID, "XDSFolder.patientId", &patient_id);
        out.push_str("</rim:RegistryPackage>");
    }
}
