//! What the message around a document says of it: profile, interaction, events.
//!
//! A document that comes without a message (ITI-41, a file) gets the profile and the primary
//! interaction of its messageType, so that every road gives one entry.

use super::{MappingContext, Purpose};
use crate::cda::header::CdaHeader;
use crate::cda::task;
use crate::cda::warning::{CdaWarning, note};
use crate::code_set::CodeSets;
use crate::metadata::Code;
use crate::oid;

const PROFILE_SCHEME: &str = "urn:nhs-en:profile";
const INTERACTION_SCHEME: &str = "urn:nhs-itk:interaction";
const PATIENT_CLASS: &str = "urn:watling:patient-class";

/// messageType, profile (without its prefix), primary interaction.
const MESSAGES: [(&str, &str, &str); 8] = [
    (
        "POCD_MT030001UK01",
        "ambulanceServiceSummaryPatientReport-v1-1",
        "primaryRecipientAmbulanceServicePatientReport-v1-0",
    ),
    ("POCD_MT150001UK06", "dischargeReport-v6-1", "primaryRecipientDischargeReport-v1-0"),
    (
        "POCD_MT160001UK06",
        "emergencyDepartmentReport-v6-1",
        "primaryRecipientEmergencyDepartmentReport-v1-0",
    ),
    ("POCD_MT020001UK01", "outOfHoursReport-v1-1", "primaryRecipientOutOfHoursReport-v1-0"),
    ("POCD_MT170001UK06", "outpatientsReport-v6-1", "primaryRecipientOutpatientReport-v1-0"),
    ("POCD_MT010011GB02", "NonCodedCDADocument-v2-1", "primaryRecipientNonCodedCDADocument-v2-0"),
    (
        "POCD_MT000026GB01",
        "eDischargeInpatientDischargeSummary-v1-0",
        "primaryRecipienteDischargeInpatientDischargeSummaryDocument-v1-0",
    ),
    (
        "POCD_MT200001GB02",
        "nhs111CDADocument-v2-0",
        "primaryGeneralPractitionerRecipientNHS111CDADocument-v2-0",
    ),
];

/// Notices of the Care Act 2014 and the answers to them: events as well as types.
const NOTICES: [&str; 11] = [
    "975701000000106",
    "975711000000108",
    "975721000000102",
    "975731000000100",
    "975821000000109",
    "975831000000106",
    "975841000000102",
    "975851000000104",
    "1078011000000107",
    "1025651000000109",
    "1025641000000106",
];

fn row(header: &CdaHeader) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let message_type = header.message_type.as_deref()?;
    MESSAGES.iter().find(|(known, _, _)| *known == message_type)
}

pub(super) fn purpose(interaction: Option<&str>) -> Purpose {
    let copy = interaction.is_some_and(|text| text.to_ascii_lowercase().starts_with("copy"));
    if copy { Purpose::Information } else { Purpose::Action }
}

/// The manifest's profile, else that of the messageType, else the messageType itself.
pub(super) fn format_code(
    header: &CdaHeader,
    context: &MappingContext<'_>,
    warnings: &mut Vec<CdaWarning>,
) -> Code {
    let display = |code: &str| context.code_sets.display("formatCode", code);
    let known = |code: &str, scheme: &str| display(code).map(|name| Code::new(code, scheme, name));
    let stated = context.profile_id.and_then(|profile| known(profile, PROFILE_SCHEME));
    if context.profile_id.is_some() && stated.is_none() {
        note(warnings, CdaWarning::ProfileUnknown);
    }
    let usual = row(header)
        .filter(|_| context.profile_id.is_none())
        .and_then(|(_, profile, _)| known(&format!("{PROFILE_SCHEME}:{profile}"), PROFILE_SCHEME));
    let message = || known(header.message_type.as_deref()?, oid::CDA_MESSAGE_TYPE);
    stated.or(usual).or_else(message).unwrap_or_else(|| {
        Code::new("urn:ihe:iti:xds:2017:mimeTypeSufficient", oid::IHE_FORMAT, "mimeType Sufficient")
    })
}

/// Interaction, notice, patient class, procedures.
pub(super) fn events(header: &CdaHeader, context: &MappingContext<'_>) -> Vec<Code> {
    let usual = row(header).map(|(_, _, interaction)| *interaction);
    let interaction = context.interaction.or(usual);
    let interaction = interaction.map(|text| Code::new(text, INTERACTION_SCHEME, text));
    let display = |code: &str| context.code_sets.display("eventCodeList", code);
    let notice = NOTICES.iter().find(|code| **code == header.code.code).map(|code| {
        let named = context.code_sets.display("typeCode", code);
        Code::new(code, oid::SNOMED_CT, named.unwrap_or(code))
    });
    let class = patient_class(header, context.code_sets);
    let procedures = header.body.procedures.iter().map(|coded| {
        let own = coded.display.as_deref().unwrap_or(&coded.code);
        Code::new(&coded.code, oid::SNOMED_CT, display(&coded.code).unwrap_or(own))
    });
    interaction.into_iter().chain(notice).chain(class).chain(procedures).collect()
}

/// The encounter's own code where a document type is told by it, else what it is called.
fn patient_class(header: &CdaHeader, sets: &CodeSets) -> Option<Code> {
    let encounter = header.encounter_code.as_ref()?;
    let tells = |event: &String| *event == format!("{}^^{}", encounter.code, encounter.system);
    if sets.document_type.iter().any(|kind| kind.events.iter().any(tells)) {
        let display = sets.display("eventCodeList", &encounter.code);
        let display = display.or(encounter.display.as_deref()).unwrap_or(&encounter.code);
        return Some(Code::new(&encounter.code, &encounter.system, display));
    }
    let words = |text: &str| text.to_lowercase().replace([' ', '-'], "");
    let day_case = encounter.display.as_deref().is_some_and(|d| words(d).contains("daycase"));
    day_case.then(|| Code::new("daycase", PATIENT_CLASS, "Day case"))
}

/// Events by which a document's type may be told, as `code^^scheme`.
pub(super) fn telling(header: &CdaHeader, sets: &CodeSets) -> Vec<String> {
    let action = task::event(&header.body.actions);
    let events = patient_class(header, sets).into_iter().chain(action);
    events.map(|event| format!("{}^^{}", event.code, event.scheme)).collect()
}
