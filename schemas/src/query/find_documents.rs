//! FindDocuments (ITI TF-2 3.18.4.1.2.3.7.1): the entries of one patient that match.

use super::parameter::{self as p, Parameters};
use crate::dtm::Dtm;
use crate::error::{XdsError, XdsErrorCode};
use crate::hl7::PatientId;
use crate::metadata::{AvailabilityStatus, ObjectType};

/// A code with its scheme; only the pair identifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFilter {
    pub code: String,
    pub scheme: String,
}

impl CodeFilter {
    fn text(&self) -> String {
        format!("{}^^{}", self.code, self.scheme)
    }
}

/// `from <= value < to` (ITI TF-2 3.18.4.1.2.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    pub from: Option<Dtm>,
    pub to: Option<Dtm>,
}

impl TimeRange {
    fn read(parameters: &Parameters, name: &str) -> Result<Self, XdsError> {
        Ok(Self {
            from: parameters.time(&format!("{name}From"))?,
            to: parameters.time(&format!("{name}To"))?,
        })
    }

    fn write(&self, out: &mut String, name: &str) {
        for (bound, suffix) in [(&self.from, "From"), (&self.to, "To")] {
            if let Some(bound) = bound {
                p::write_number(out, &format!("{name}{suffix}"), bound.as_str());
            }
        }
    }
}

/// Empty lists do not restrict. Inside a list OR; between the lists of a list AND.
#[derive(Clone, Debug, PartialEq)]
pub struct FindDocuments {
    pub patient_id: PatientId,
    pub status: Vec<AvailabilityStatus>,
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
            creation_time: TimeRange::default(),
            service_start_time: TimeRange::default(),
            service_stop_time: TimeRange::default(),
        }
    }

    pub(super) fn read(parameters: &Parameters) -> Result<Self, XdsError> {
        let patient = parameters.required(p::PATIENT_ID)?;
        let patient_id = PatientId::parse(&patient).map_err(|rule| {
            let context = format!("{} is not valid: {rule}", p::PATIENT_ID);
            XdsError::new(XdsErrorCode::Registry, context).at(p::PATIENT_ID)
        })?;
        let status = parameters.many(p::STATUS)?;
        let status: Vec<_> =
            status.iter().filter_map(|text| AvailabilityStatus::parse(text)).collect();
        if status.is_empty() {
            return Err(p::missing(p::STATUS));
        }
        let object_type = parameters.many(p::TYPE)?;
        let object_type = match object_type.as_slice() {
            [] => vec![ObjectType::Stable],
            given => given.iter().filter_map(|text| ObjectType::parse(text)).collect(),
        };
        Ok(Self {
            patient_id,
            status,
            object_type,
            class_code: parameters.codes(p::CLASS_CODE)?,
            type_code: parameters.codes(p::TYPE_CODE)?,
            practice_setting_code: parameters.codes(p::PRACTICE_SETTING_CODE)?,
            healthcare_facility_type_code: parameters.codes(p::FACILITY_TYPE_CODE)?,
            format_code: parameters.codes(p::FORMAT_CODE)?,
            event_code_list: parameters.code_lists(p::EVENT_CODE_LIST)?,
            confidentiality_code: parameters.code_lists(p::CONFIDENTIALITY_CODE)?,
            author_person: parameters.many(p::AUTHOR_PERSON)?,
            creation_time: TimeRange::read(parameters, p::CREATION_TIME)?,
            service_start_time: TimeRange::read(parameters, p::SERVICE_START_TIME)?,
            service_stop_time: TimeRange::read(parameters, p::SERVICE_STOP_TIME)?,
        })
    }

    pub(super) fn write(&self, out: &mut String) {
        p::write_one(out, p::PATIENT_ID, &self.patient_id.text());
        let urns = |urns: Vec<&str>| urns.into_iter().map(str::to_owned).collect::<Vec<_>>();
        p::write_strings(out, p::STATUS, &urns(self.status.iter().map(|x| x.urn()).collect()));
        p::write_any(out, p::TYPE, &urns(self.object_type.iter().map(|x| x.urn()).collect()));
        for (name, codes) in [
            (p::CLASS_CODE, &self.class_code),
            (p::TYPE_CODE, &self.type_code),
            (p::PRACTICE_SETTING_CODE, &self.practice_setting_code),
            (p::FACILITY_TYPE_CODE, &self.healthcare_facility_type_code),
            (p::FORMAT_CODE, &self.format_code),
        ] {
            p::write_strings(out, name, &codes.iter().map(CodeFilter::text).collect::<Vec<_>>());
        }
        for (name, lists) in [
            (p::EVENT_CODE_LIST, &self.event_code_list),
            (p::CONFIDENTIALITY_CODE, &self.confidentiality_code),
        ] {
            for codes in lists {
                p::write_strings(
                    out,
                    name,
                    &codes.iter().map(CodeFilter::text).collect::<Vec<_>>(),
                );
            }
        }
        p::write_strings(out, p::AUTHOR_PERSON, &self.author_person);
        self.creation_time.write(out, p::CREATION_TIME);
        self.service_start_time.write(out, p::SERVICE_START_TIME);
        self.service_stop_time.write(out, p::SERVICE_STOP_TIME);
    }
}
