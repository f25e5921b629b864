//! FindDocuments and FindDocumentsByReferenceId (ITI TF-2 3.18.4.1.2.3.7.1 and .14): the entries of
//! one patient that match.

use super::filter::{self, CodeFilter, TimeRange};
use super::parameter::{self, Parameters, document_entry as p};
use super::syntax::{write_one, write_strings};
use crate::error::XdsError;
use crate::hl7::PatientId;
use crate::metadata::{AvailabilityStatus, DocumentAvailability, ObjectType};

/// Empty lists do not restrict. Inside a list OR; between the lists of a list AND.
#[derive(Clone, Debug, PartialEq)]
pub struct FindDocuments {
    pub patient_id: PatientId,
    pub status: Vec<AvailabilityStatus>,
    /// Here an empty list finds nothing: the query named types that do not exist.
    pub object_type: Vec<ObjectType>,
    pub class_code: Vec<CodeFilter>,
    pub type_code: Vec<CodeFilter>,
    pub practice_setting_code: Vec<CodeFilter>,
    pub healthcare_facility_type_code: Vec<CodeFilter>,
    pub format_code: Vec<CodeFilter>,
    pub event_code_list: Vec<Vec<CodeFilter>>,
    pub confidentiality_code: Vec<Vec<CodeFilter>>,
    /// LIKE patterns over the whole XCN: `%` any text, `_` one character.
    pub author_person: Vec<String>,
    /// CXi values, or LIKE patterns over them. Not empty: the query is FindDocumentsByReferenceId.
    pub reference_id_list: Vec<Vec<String>>,
    /// Of Metadata Update; an entry that does not say is Online.
    pub document_availability: Vec<DocumentAvailability>,
    pub creation_time: TimeRange,
    pub service_start_time: TimeRange,
    pub service_stop_time: TimeRange,
}

impl FindDocuments {
    /// Every Approved stable entry of a patient.
    pub fn approved(patient_id: PatientId) -> Self {
        Self {
            patient_id,
            status: vec![AvailabilityStatus::Approved],
            object_type: vec![ObjectType::Stable],
            class_code: Vec::new(),
            type_code: Vec::new(),
            practice_setting_code: Vec::new(),
            healthcare_facility_type_code: Vec::new(),
            format_code: Vec::new(),
            event_code_list: Vec::new(),
            confidentiality_code: Vec::new(),
            author_person: Vec::new(),
            reference_id_list: Vec::new(),
            document_availability: Vec::new(),
            creation_time: TimeRange::default(),
            service_start_time: TimeRange::default(),
            service_stop_time: TimeRange::default(),
        }
    }

    /// Whether this is FindDocumentsByReferenceId.
    pub fn is_by_reference_id(&self) -> bool {
        !self.reference_id_list.is_empty()
    }

    pub(super) fn read(parameters: &Parameters) -> Result<Self, XdsError> {
        Ok(Self {
            patient_id: parameters.patient_id(p::PATIENT_ID)?,
            status: parameters.statuses(p::STATUS)?,
            object_type: filter::object_types(parameters)?,
            class_code: parameters.codes(p::CLASS_CODE)?,
            type_code: parameters.codes(p::TYPE_CODE)?,
            practice_setting_code: parameters.codes(p::PRACTICE_SETTING_CODE)?,
            healthcare_facility_type_code: parameters.codes(p::FACILITY_TYPE_CODE)?,
            format_code: parameters.codes(p::FORMAT_CODE)?,
            event_code_list: parameters.code_lists(p::EVENT_CODE_LIST)?,
            confidentiality_code: parameters.code_lists(p::CONFIDENTIALITY_CODE)?,
            author_person: parameters.many(p::AUTHOR_PERSON)?,
            reference_id_list: Vec::new(),
            document_availability: availability(parameters)?,
            creation_time: parameters.times(p::CREATION_TIME)?,
            service_start_time: parameters.times(p::SERVICE_START_TIME)?,
            service_stop_time: parameters.times(p::SERVICE_STOP_TIME)?,
        })
    }

    pub(super) fn read_by_reference_id(parameters: &Parameters) -> Result<Self, XdsError> {
        let mut lists = parameters.lists(p::REFERENCE_ID_LIST)?;
        lists.retain(|list| !list.is_empty());
        if lists.is_empty() {
            return Err(parameter::missing(p::REFERENCE_ID_LIST));
        }
        Ok(Self { reference_id_list: lists, ..Self::read(parameters)? })
    }

    pub(super) fn write(&self, out: &mut String) {
        write_one(out, p::PATIENT_ID, &self.patient_id.text());
        filter::write_statuses(out, p::STATUS, &self.status);
        filter::write_object_types(out, &self.object_type);
        for (name, codes) in [
            (p::CLASS_CODE, &self.class_code),
            (p::TYPE_CODE, &self.type_code),
            (p::PRACTICE_SETTING_CODE, &self.practice_setting_code),
            (p::FACILITY_TYPE_CODE, &self.healthcare_facility_type_code),
            (p::FORMAT_CODE, &self.format_code),
        ] {
            filter::write_codes(out, name, codes);
        }
        filter::write_code_lists(out, p::EVENT_CODE_LIST, &self.event_code_list);
        filter::write_code_lists(out, p::CONFIDENTIALITY_CODE, &self.confidentiality_code);
        write_strings(out, p::AUTHOR_PERSON, &self.author_person);
        for list in &self.reference_id_list {
            write_strings(out, p::REFERENCE_ID_LIST, list);
        }
        let availability = self.document_availability.iter().map(|online| online.urn());
        write_strings(out, p::DOCUMENT_AVAILABILITY, availability);
        self.creation_time.write(out, p::CREATION_TIME);
        self.service_start_time.write(out, p::SERVICE_START_TIME);
        self.service_stop_time.write(out, p::SERVICE_STOP_TIME);
    }
}

fn availability(parameters: &Parameters) -> Result<Vec<DocumentAvailability>, XdsError> {
    let read = |text: &String| {
        DocumentAvailability::parse(text).ok_or_else(|| {
            let rule = format!(
                "takes {} and {}",
                DocumentAvailability::Online.urn(),
                DocumentAvailability::Offline.urn()
            );
            parameter::not_valid(p::DOCUMENT_AVAILABILITY, rule)
        })
    };
    parameters.many(p::DOCUMENT_AVAILABILITY)?.iter().map(read).collect()
}
