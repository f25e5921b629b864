//! A synthetic document for the tests of this module.

use super::CdaHeader;
use crate::code_set::CodeSets;
use crate::unique_id::UniqueId;

pub const DOCUMENT: &str = "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01";
pub const SET: &str = "0E9F0C36-6C0D-4B6C-8C55-0F6C1B5D7A10";

/// The tests' code sets are the fixtures' own.
pub fn code_sets() -> CodeSets {
    let text = include_str!("../../../fixtures/code_sets.toml");
    toml::from_str(text).unwrap()
}

/// A whole discharge summary whose body is `component`; an empty one has no body.
pub fn document(component: &str) -> String {
    let body = if component.is_empty() {
        String::new()
    } else {
        format!("<component>{component}</component>")
    };
    include_str!("sample.xml").replace("<!-- body -->", &body)
}

pub fn read(text: &str) -> CdaHeader {
    CdaHeader::read(text.as_bytes(), &Default::default()).unwrap()
}

pub fn with_body(component: &str) -> CdaHeader {
    read(&document(component))
}

pub fn unique_id(uuid: &str) -> Option<UniqueId> {
    let uuid = uuid::Uuid::parse_str(uuid).ok()?;
    Some(crate::oid::Oid::from_uuid(uuid).into())
}

/// The withdrawal of that discharge summary.
pub fn nullification(reason: &str) -> String {
    format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:n='NPFIT:HL7:Localisation'>\
         <n:messageType root='2.16.840.1.113883.2.1.3.2.4.18.17' extension='POCD_MT130001UK05'/>\
         <id root='E4B1C7D2-60F9-4A38-9B05-2C7F1A8D3E60'/>\
         <code code='285091000000108' codeSystem='2.16.840.1.113883.2.1.3.2.4.15'/>\
         <title>Nullification Document</title><setId root='{SET}'/><versionNumber value='2'/>\
         <effectiveTime value='20260115090000+00'/>\
         <recordTarget><patientRole><id root='2.16.840.1.113883.2.1.4.1' extension='9990000018'/>\
         </patientRole></recordTarget><custodian><assignedCustodian><representedCustodianOrganization>\
         <id root='2.16.840.1.113883.2.1.3.2.4.19.1' extension='RXN'/></representedCustodianOrganization>\
         </assignedCustodian></custodian><relatedDocument typeCode='RPLC'><parentDocument>\
         <id root='{DOCUMENT}'/><code code='163391000000107' codeSystem='2.16.840.1.113883.2.1.3.2.4.15'/>\
         <setId root='{SET}'/><versionNumber value='1'/></parentDocument></relatedDocument>\
         <component><structuredBody><component><section><entry><observation classCode='OBS' moodCode='EVN'>\
         <code code='{reason}' codeSystem='2.16.840.1.113883.2.1.3.2.4.17.176'/>\
         <effectiveTime value='20260115090000+00'/></observation></entry></section></component>\
         </structuredBody></component></ClinicalDocument>"
    )
}
