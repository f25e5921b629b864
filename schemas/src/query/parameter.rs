//! Stored query parameters: their names, and how often and with what each may stand
//! (ITI TF-2 3.18.4.1.2.3.7).

use super::filter::{CodeFilter, TimeRange};
use super::syntax;
use crate::dtm::Dtm;
use crate::error::{XdsError, XdsErrorCode};
use crate::hl7::PatientId;
use crate::metadata::AvailabilityStatus;
use crate::wire::{MetadataLimits, RIM, Slot};
use crate::xml::Element;
use std::cell::Cell;
use std::fmt::Display;

/// Of a DocumentEntry.
pub(super) mod document_entry {
    pub const PATIENT_ID: &str = "$XDSDocumentEntryPatientId";
    pub const STATUS: &str = "$XDSDocumentEntryStatus";
    pub const TYPE: &str = "$XDSDocumentEntryType";
    pub const CLASS_CODE: &str = "$XDSDocumentEntryClassCode";
    pub const TYPE_CODE: &str = "$XDSDocumentEntryTypeCode";
    pub const PRACTICE_SETTING_CODE: &str = "$XDSDocumentEntryPracticeSettingCode";
    pub const FACILITY_TYPE_CODE: &str = "$XDSDocumentEntryHealthcareFacilityTypeCode";
    pub const FORMAT_CODE: &str = "$XDSDocumentEntryFormatCode";
    pub const EVENT_CODE_LIST: &str = "$XDSDocumentEntryEventCodeList";
    pub const CONFIDENTIALITY_CODE: &str = "$XDSDocumentEntryConfidentialityCode";
    pub const AUTHOR_PERSON: &str = "$XDSDocumentEntryAuthorPerson";
    pub const REFERENCE_ID_LIST: &str = "$XDSDocumentEntryReferenceIdList";
    pub const DOCUMENT_AVAILABILITY: &str = "$XDSDocumentEntryDocumentAvailability";
    pub const CREATION_TIME: &str = "$XDSDocumentEntryCreationTime";
    pub const SERVICE_START_TIME: &str = "$XDSDocumentEntryServiceStartTime";
    pub const SERVICE_STOP_TIME: &str = "$XDSDocumentEntryServiceStopTime";
    pub const ENTRY_UUID: &str = "$XDSDocumentEntryEntryUUID";
    pub const UNIQUE_ID: &str = "$XDSDocumentEntryUniqueId";
    pub const LOGICAL_ID: &str = "$XDSDocumentEntryLogicalID";
}

/// Of a SubmissionSet.
pub(super) mod submission_set {
    pub const PATIENT_ID: &str = "$XDSSubmissionSetPatientId";
    pub const SOURCE_ID: &str = "$XDSSubmissionSetSourceId";
    pub const SUBMISSION_TIME: &str = "$XDSSubmissionSetSubmissionTime";
    pub const AUTHOR_PERSON: &str = "$XDSSubmissionSetAuthorPerson";
    pub const CONTENT_TYPE: &str = "$XDSSubmissionSetContentType";
    pub const STATUS: &str = "$XDSSubmissionSetStatus";
    pub const ENTRY_UUID: &str = "$XDSSubmissionSetEntryUUID";
    pub const UNIQUE_ID: &str = "$XDSSubmissionSetUniqueId";
}

/// Of a Folder.
pub(super) mod folder {
    pub const PATIENT_ID: &str = "$XDSFolderPatientId";
    pub const LAST_UPDATE_TIME: &str = "$XDSFolderLastUpdateTime";
    pub const CODE_LIST: &str = "$XDSFolderCodeList";
    pub const STATUS: &str = "$XDSFolderStatus";
    pub const ENTRY_UUID: &str = "$XDSFolderEntryUUID";
    pub const UNIQUE_ID: &str = "$XDSFolderUniqueId";
    pub const LOGICAL_ID: &str = "$XDSFolderLogicalID";
}

/// GetAll alone spells it so.
pub const PATIENT_ID: &str = "$patientId";
pub const UUID: &str = "$uuid";
pub const ASSOCIATION_TYPES: &str = "$AssociationTypes";
/// Metadata Update, on any query.
pub const METADATA_LEVEL: &str = "$MetadataLevel";
pub const ASSOCIATION_STATUS: &str = "$XDSAssociationStatus";

/// The slots of an AdhocQuery. A name may recur: for an AND/OR parameter that means AND.
/// Parameters that a query does not define are never looked at.
pub(super) struct Parameters {
    slots: Vec<Slot>,
    /// How many more values may be read; a limit of the whole query.
    values_left: Cell<usize>,
    values_max: usize,
}

pub(super) fn refusal(code: XdsErrorCode, name: &str, rule: impl Display) -> XdsError {
    XdsError::new(code, format!("{name} {rule}")).at(name)
}

impl Parameters {
    pub(super) fn read(query: Element<'_>, limits: &MetadataLimits) -> Result<Self, XdsError> {
        let mut slots = Vec::new();
        for element in query.children_named(RIM, "Slot") {
            if slots.len() >= limits.slots_per_object {
                let context =
                    format!("the query has more than {} parameters", limits.slots_per_object);
                return Err(XdsError::new(XdsErrorCode::Registry, context));
            }
            slots.push(crate::wire::read_slot(element, limits)?);
        }
        let values_max = limits.values_per_slot;
        Ok(Self { slots, values_left: Cell::new(values_max), values_max })
    }

    /// The lists of an AND/OR parameter, one per slot: OR inside, AND between.
    pub(super) fn lists(&self, name: &str) -> Result<Vec<Vec<String>>, XdsError> {
        let slots = self.slots.iter().filter(|slot| slot.name == name);
        let lists: Result<Vec<_>, _> = slots.map(|slot| syntax::read(&slot.values)).collect();
        let lists = lists.map_err(|rule| refusal(XdsErrorCode::Registry, name, rule))?;
        let values: usize = lists.iter().map(Vec::len).sum();
        let Some(left) = self.values_left.get().checked_sub(values) else {
            let rule = format!(
                "brings the query over this hub's limit of {} values: ask in several queries",
                self.values_max
            );
            return Err(refusal(XdsErrorCode::StoredQueryParamNumber, name, rule));
        };
        self.values_left.set(left);
        Ok(lists)
    }

    /// The values of a parameter that may have several; empty where it is absent.
    pub(super) fn many(&self, name: &str) -> Result<Vec<String>, XdsError> {
        let mut lists = self.lists(name)?;
        if lists.len() > 1 {
            let rule = "occurs in two Slots, which only AND/OR parameters may";
            return Err(refusal(XdsErrorCode::StoredQueryParamNumber, name, rule));
        }
        Ok(lists.pop().unwrap_or_default())
    }

    /// A single-valued parameter.
    pub(super) fn one(&self, name: &str) -> Result<Option<String>, XdsError> {
        let mut values = self.many(name)?;
        if values.len() > 1 {
            return Err(refusal(XdsErrorCode::StoredQueryParamNumber, name, "takes one value"));
        }
        Ok(values.pop())
    }

    /// The patient that a query is about.
    pub(super) fn patient_id(&self, name: &str) -> Result<PatientId, XdsError> {
        let text = self.one(name)?.ok_or_else(|| missing(name))?;
        PatientId::parse(&text).map_err(|rule| not_valid(name, rule))
    }

    /// Required statuses. Unknown ones are passed over; with none left, the parameter is missing.
    pub(super) fn statuses(&self, name: &str) -> Result<Vec<AvailabilityStatus>, XdsError> {
        let statuses = self.known(name, AvailabilityStatus::parse)?;
        if statuses.is_empty() { Err(missing(name)) } else { Ok(statuses) }
    }

    /// Those of the values that mean something.
    pub(super) fn known<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, XdsError> {
        Ok(self.many(name)?.iter().filter_map(|text| parse(text)).collect())
    }

    pub(super) fn codes(&self, name: &str) -> Result<Vec<CodeFilter>, XdsError> {
        self.many(name)?.iter().map(|value| code(name, value)).collect()
    }

    pub(super) fn code_lists(&self, name: &str) -> Result<Vec<Vec<CodeFilter>>, XdsError> {
        let read = |list: Vec<String>| list.iter().map(|value| code(name, value)).collect();
        let lists = self.lists(name)?.into_iter();
        lists.filter(|list| !list.is_empty()).map(read).collect()
    }

    /// `NAMEFrom` and `NAMETo`.
    pub(super) fn times(&self, name: &str) -> Result<TimeRange, XdsError> {
        let from = self.time(&format!("{name}From"))?;
        Ok(TimeRange { from, to: self.time(&format!("{name}To"))? })
    }

    /// A time bound; unquoted by the profile, quoted by some clients.
    fn time(&self, name: &str) -> Result<Option<Dtm>, XdsError> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        Dtm::parse(&text).map(Some).map_err(|rule| not_valid(name, rule))
    }
}

pub(super) fn missing(name: &str) -> XdsError {
    refusal(XdsErrorCode::StoredQueryMissingParam, name, "is required")
}

pub(super) fn not_valid(name: &str, rule: impl Display) -> XdsError {
    refusal(XdsErrorCode::Registry, name, format_args!("is not valid: {rule}"))
}

/// `'code^^scheme'`; a code without its scheme matches nothing by accident, so it is refused.
fn code(name: &str, value: &str) -> Result<CodeFilter, XdsError> {
    match value.split_once("^^") {
        Some((code, scheme)) if !code.is_empty() && !scheme.is_empty() => {
            Ok(CodeFilter { code: code.to_owned(), scheme: scheme.to_owned() })
        }
        _ => {
            let rule = "takes codes of the form 'code^^codingScheme'";
            Err(refusal(XdsErrorCode::Registry, name, rule))
        }
    }
}
