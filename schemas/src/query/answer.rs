//! AdhocQueryResponse: writing what was found, reading what another registry answers.

#[cfg(test)]
mod tests;

use super::ReturnType;
use crate::dtm::Dtm;
use crate::entry_uuid::EntryUuid;
use crate::error::{XdsError, XdsErrorCode};
use crate::hl7::PatientId;
use crate::metadata::ids::slot;
use crate::metadata::{
    Association, AvailabilityStatus, DocumentEntry, Folder, FoundAssociation, FoundEntry,
    FoundPackage, PackageKind, Registered, SubmissionSet,
};
use crate::registry_response::{ResponseStatus, read_errors, status_of, write_errors};
use crate::wire::{self, MetadataLimits, ObjectKind, QUERY, RIM, RS, RegistryObject};
use crate::xml::{Element, attribute};

/// What a query found, with errors and warnings beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryAnswer {
    pub entries: Vec<FoundEntry>,
    pub submission_sets: Vec<FoundPackage>,
    pub folders: Vec<FoundPackage>,
    pub associations: Vec<FoundAssociation>,
    pub errors: Vec<XdsError>,
}

impl QueryAnswer {
    pub fn failure(error: XdsError) -> Self {
        Self::failures(vec![error])
    }

    /// Errors without objects.
    pub fn failures(errors: Vec<XdsError>) -> Self {
        Self { errors, ..Self::default() }
    }

    /// How many objects were found.
    pub fn len(&self) -> usize {
        self.entries.len()
            + self.submission_sets.len()
            + self.folders.len()
            + self.associations.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn status(&self) -> ResponseStatus {
        status_of(&self.errors, !self.is_empty())
    }

    /// The patients of entries, SubmissionSets and Folders; Associations have none.
    pub fn patients(&self) -> impl Iterator<Item = &PatientId> {
        let packages = self.submission_sets.iter().chain(&self.folders);
        let entries = self.entries.iter().map(|entry| &entry.facts.patient_id);
        entries.chain(packages.map(|package| &package.facts.patient_id))
    }

    /// LeafClass over several patients is refused (ITI TF-2 3.18.4.1.2.3.7, footnotes); to be asked
    /// of what would be returned, so after access control.
    pub fn check_single_patient(&self, return_type: ReturnType) -> Result<(), XdsError> {
        let mut patients = self.patients();
        let first = patients.next();
        if return_type == ReturnType::ObjectRef || patients.all(|patient| Some(patient) == first) {
            return Ok(());
        }
        let what = "the objects found belong to several patients: ask with returnType ObjectRef, or for one patient at a time";
        Err(XdsError::new(XdsErrorCode::ResultNotSinglePatient, what))
    }

    /// Writes `query:AdhocQueryResponse`; the object list is present even on failure.
    pub fn write(&self, return_type: ReturnType) -> String {
        let mut out = String::with_capacity(800 + self.length(return_type));
        out.push_str(&format!(
            "<query:AdhocQueryResponse xmlns:query=\"{QUERY}\" xmlns:rs=\"{RS}\" xmlns:rim=\"{RIM}\""
        ));
        attribute(&mut out, "status", self.status().urn());
        out.push('>');
        write_errors(&mut out, &self.errors);
        out.push_str("<rim:RegistryObjectList>");
        match return_type {
            ReturnType::LeafClass => self.write_objects(&mut out),
            ReturnType::ObjectRef => self.write_references(&mut out),
        }
        out.push_str("</rim:RegistryObjectList></query:AdhocQueryResponse>");
        out
    }

    /// About how many bytes the objects take: an answer may be large, and is not to be moved often.
    fn length(&self, return_type: ReturnType) -> usize {
        if return_type == ReturnType::ObjectRef {
            return self.len() * 80;
        }
        let entries: usize = self.entries.iter().map(|entry| entry.content.len() + 800).sum();
        let packages = self.submission_sets.iter().chain(&self.folders);
        let packages: usize = packages.map(|package| package.content.len() + 400).sum();
        entries + packages + self.associations.len() * 600
    }

    fn write_objects(&self, out: &mut String) {
        self.entries.iter().for_each(|entry| entry.write(out));
        self.submission_sets.iter().for_each(|set| set.write(out));
        self.folders.iter().for_each(|folder| folder.write(out));
        self.associations.iter().for_each(|association| association.write(out));
    }

    fn write_references(&self, out: &mut String) {
        let entries = self.entries.iter().map(|e| (e.facts.entry_uuid, &e.facts.home_community_id));
        let packages = self.submission_sets.iter().chain(&self.folders);
        let packages = packages.map(|p| (p.facts.entry_uuid, &p.facts.home_community_id));
        let associations = self.associations.iter();
        let associations = associations.map(|a| (a.facts.entry_uuid, &a.facts.home_community_id));
        for (id, home) in entries.chain(packages).chain(associations) {
            out.push_str("<rim:ObjectRef");
            attribute(out, "id", &id.to_string());
            if let Some(home) = home {
                attribute(out, "home", home);
            }
            out.push_str("/>");
        }
    }
}

/// An entry as another registry (or the gateway) answered it.
#[derive(Clone, Debug)]
pub struct AnsweredEntry {
    pub entry: DocumentEntry,
    pub availability_status: AvailabilityStatus,
    pub logical_id: Option<EntryUuid>,
    pub version: u32,
}

/// A parsed AdhocQueryResponse.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub entries: Vec<AnsweredEntry>,
    pub submission_sets: Vec<FoundPackage>,
    pub folders: Vec<FoundPackage>,
    pub associations: Vec<FoundAssociation>,
    pub object_refs: Vec<EntryUuid>,
    /// Errors and warnings, and what could not be read of the objects.
    pub errors: Vec<XdsError>,
}

impl Answer {
    /// Reads `query:AdhocQueryResponse`.
    pub fn read(response: Element<'_>, limits: &MetadataLimits) -> Result<Self, XdsError> {
        let mut answer = Self { errors: read_errors(response), ..Self::default() };
        let Some(list) = response.child(RIM, "RegistryObjectList") else { return Ok(answer) };
        let limits = MetadataLimits { objects: 100_000, ..*limits };
        let objects = wire::read_objects(list, &limits)?;
        for object in &objects {
            match object.kind {
                ObjectKind::ObjectRef => {
                    answer.object_refs.extend(EntryUuid::parse(&object.id).ok())
                }
                ObjectKind::ExtrinsicObject => answer.entry(object),
                ObjectKind::RegistryPackage => answer.package(object, &objects),
                ObjectKind::Association => answer.association(object),
                ObjectKind::Classification => {}
            }
        }
        Ok(answer)
    }

    fn entry(&mut self, object: &RegistryObject) {
        let registered = Registered::of(object);
        let entry = DocumentEntry::read(object, &mut self.errors);
        self.entries.extend(entry.map(|entry| AnsweredEntry {
            entry,
            availability_status: registered.availability_status,
            logical_id: registered.logical_id,
            version: registered.version,
        }));
    }

    fn package(&mut self, object: &RegistryObject, objects: &[RegistryObject]) {
        let registered = Registered::of(object);
        let (list, found) = match PackageKind::of(object, objects) {
            Some(PackageKind::SubmissionSet) => {
                let Some(set) = SubmissionSet::read(object, &mut self.errors) else { return };
                let found = FoundPackage::from_submission_set(&set, registered);
                (&mut self.submission_sets, found)
            }
            Some(PackageKind::Folder) => {
                let Some(folder) = Folder::read(object, &mut self.errors) else { return };
                let updated = object.slot(slot::LAST_UPDATE_TIME);
                let updated = updated.and_then(|slot| Dtm::parse(slot.values.first()?).ok());
                (&mut self.folders, FoundPackage::from_folder(&folder, registered, updated))
            }
            None => return self.errors.push(incomplete(&object.id)),
        };
        match found {
            Some(package) => list.push(package),
            None => self.errors.push(incomplete(&object.id)),
        }
    }

    fn association(&mut self, object: &RegistryObject) {
        let Some(association) = Association::read(object, &mut self.errors) else { return };
        let status = Registered::of(object).availability_status;
        match FoundAssociation::from_answer(&association, status, object.home.clone()) {
            Some(found) => self.associations.push(found),
            None => self.errors.push(incomplete(&object.id)),
        }
    }

    /// As the service that asked needs it. An entry that lacks what a registered entry has is an
    /// error: left out in silence, it would look as if it did not exist.
    pub fn into_query_answer(self) -> QueryAnswer {
        let mut answer = QueryAnswer {
            entries: Vec::with_capacity(self.entries.len()),
            submission_sets: self.submission_sets,
            folders: self.folders,
            associations: self.associations,
            errors: self.errors,
        };
        for answered in self.entries {
            let id = answered.entry.id.to_string();
            match FoundEntry::from_answer(
                answered.entry,
                answered.availability_status,
                answered.logical_id,
                answered.version,
            ) {
                Some(entry) => answer.entries.push(entry),
                None => answer.errors.push(incomplete(&id)),
            }
        }
        answer
    }
}

fn incomplete(id: &str) -> XdsError {
    let context = format!(
        "the object {id} of the answer lacks what a registered object has: entryUUID, repositoryUniqueId, registration time or marker"
    );
    XdsError::new(XdsErrorCode::Registry, context).at(id)
}
