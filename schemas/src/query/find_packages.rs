//! FindSubmissionSets, FindFolders and GetAll (ITI TF-2 3.18.4.1.2.3.7.2 to .4): what else there is of
//! one patient.

use super::filter::{self, CodeFilter, EntryFilter, TimeRange};
use super::parameter::{self, Parameters, document_entry, folder, submission_set};
use super::syntax::{write_any, write_one};
use crate::error::XdsError;
use crate::hl7::PatientId;
use crate::metadata::AvailabilityStatus;
use crate::oid::Oid;

/// SubmissionSets of a patient. Absent filters do not restrict.
#[derive(Clone, Debug, PartialEq)]
pub struct FindSubmissionSets {
    pub patient_id: PatientId,
    pub status: Vec<AvailabilityStatus>,
    /// `Some` of an empty list finds nothing: the query named ids that cannot exist.
    pub source_id: Option<Vec<Oid>>,
    pub submission_time: TimeRange,
    /// A LIKE pattern over the whole XCN of any author.
    pub author_person: Option<String>,
    pub content_type: Vec<CodeFilter>,
}

impl FindSubmissionSets {
    /// Every Approved SubmissionSet of a patient.
    pub fn approved(patient_id: PatientId) -> Self {
        Self {
            patient_id,
            status: vec![AvailabilityStatus::Approved],
            source_id: None,
            submission_time: TimeRange::default(),
            author_person: None,
            content_type: Vec::new(),
        }
    }

    pub(super) fn read(parameters: &Parameters) -> Result<Self, XdsError> {
        use submission_set as p;
        let sources = parameters.many(p::SOURCE_ID)?;
        let known = || sources.iter().filter_map(|text| Oid::parse(text).ok()).collect();
        Ok(Self {
            patient_id: parameters.patient_id(p::PATIENT_ID)?,
            status: parameters.statuses(p::STATUS)?,
            source_id: (!sources.is_empty()).then(known),
            submission_time: parameters.times(p::SUBMISSION_TIME)?,
            author_person: parameters.one(p::AUTHOR_PERSON)?,
            content_type: parameters.codes(p::CONTENT_TYPE)?,
        })
    }

    pub(super) fn write(&self, out: &mut String) {
        use submission_set as p;
        write_one(out, p::PATIENT_ID, &self.patient_id.text());
        filter::write_statuses(out, p::STATUS, &self.status);
        if let Some(sources) = &self.source_id {
            write_any(out, p::SOURCE_ID, sources.iter().map(Oid::as_str));
        }
        self.submission_time.write(out, p::SUBMISSION_TIME);
        if let Some(pattern) = &self.author_person {
            write_one(out, p::AUTHOR_PERSON, pattern);
        }
        filter::write_codes(out, p::CONTENT_TYPE, &self.content_type);
    }
}

/// Folders of a patient. Empty lists do not restrict.
#[derive(Clone, Debug, PartialEq)]
pub struct FindFolders {
    pub patient_id: PatientId,
    pub status: Vec<AvailabilityStatus>,
    pub last_update_time: TimeRange,
    /// OR inside a list, AND between them.
    pub code_list: Vec<Vec<CodeFilter>>,
}

impl FindFolders {
    /// Every Approved Folder of a patient.
    pub fn approved(patient_id: PatientId) -> Self {
        Self {
            patient_id,
            status: vec![AvailabilityStatus::Approved],
            last_update_time: TimeRange::default(),
            code_list: Vec::new(),
        }
    }

    pub(super) fn read(parameters: &Parameters) -> Result<Self, XdsError> {
        use folder as p;
        Ok(Self {
            patient_id: parameters.patient_id(p::PATIENT_ID)?,
            status: parameters.statuses(p::STATUS)?,
            last_update_time: parameters.times(p::LAST_UPDATE_TIME)?,
            code_list: parameters.code_lists(p::CODE_LIST)?,
        })
    }

    pub(super) fn write(&self, out: &mut String) {
        use folder as p;
        write_one(out, p::PATIENT_ID, &self.patient_id.text());
        filter::write_statuses(out, p::STATUS, &self.status);
        self.last_update_time.write(out, p::LAST_UPDATE_TIME);
        filter::write_code_lists(out, p::CODE_LIST, &self.code_list);
    }
}

/// Everything of a patient: entries, SubmissionSets and Folders that match, and every Association
/// with an end among them.
#[derive(Clone, Debug, PartialEq)]
pub struct GetAll {
    pub patient_id: PatientId,
    pub entry_status: Vec<AvailabilityStatus>,
    pub submission_set_status: Vec<AvailabilityStatus>,
    pub folder_status: Vec<AvailabilityStatus>,
    pub entries: EntryFilter,
}

impl GetAll {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, XdsError> {
        Ok(Self {
            patient_id: parameters.patient_id(parameter::PATIENT_ID)?,
            entry_status: parameters.statuses(document_entry::STATUS)?,
            submission_set_status: parameters.statuses(submission_set::STATUS)?,
            folder_status: parameters.statuses(folder::STATUS)?,
            entries: EntryFilter::read(parameters)?,
        })
    }

    pub(super) fn write(&self, out: &mut String) {
        write_one(out, parameter::PATIENT_ID, &self.patient_id.text());
        filter::write_statuses(out, document_entry::STATUS, &self.entry_status);
        filter::write_statuses(out, submission_set::STATUS, &self.submission_set_status);
        filter::write_statuses(out, folder::STATUS, &self.folder_status);
        self.entries.write(out);
    }
}
