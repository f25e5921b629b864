//! The DocumentEntry of a described document.

use super::{DescribedError, Description, document_type};
use crate::code_set::CodeSets;
use crate::dtm::Dtm;
use crate::hl7::{Cx, PatientId, Xon, component};
use crate::language_code::LanguageCode;
use crate::metadata::{Author, Code, DocumentEntry, ObjectId, ObjectType};
use crate::ods_code::OdsCode;
use crate::oid::{self, Oid};
use crate::unique_id::UniqueId;
use crate::wire::LocalizedString;
use sha2::Digest;
use uuid::Uuid;

/// Makes the entry. `now` dates a document whose description does not say when it was written. Hash,
/// size and repositoryUniqueId are the repository's to add.
///
/// The uniqueId is made of publisher, patient and bytes, so that the same document sent again by
/// whatever road is the same document.
pub fn entry(
    bytes: &[u8],
    mime_type: &str,
    described: &Description,
    publisher: &OdsCode,
    code_sets: &CodeSets,
    now: Dtm,
) -> Result<DocumentEntry, DescribedError> {
    let document_type = document_type(code_sets, &described.document_type)?;
    let facility = code_sets.display("healthcareFacilityTypeCode", &document_type.facility);
    let title = described.title.clone().unwrap_or_else(|| document_type.label.clone());
    Ok(DocumentEntry {
        id: ObjectId::Symbolic("Document01".to_owned()),
        home_community_id: None,
        object_type: ObjectType::Stable,
        author: vec![author(publisher)],
        class_code: code_sets.snomed("classCode", &document_type.class_code),
        comments: Vec::new(),
        confidentiality_code: vec![Code::new("N", oid::CONFIDENTIALITY, "normal")],
        creation_time: Some(described.written.clone().unwrap_or(now)),
        document_availability: None,
        event_code_list: Vec::new(),
        format_code: Code::new(
            "urn:ihe:iti:xds:2017:mimeTypeSufficient",
            oid::IHE_FORMAT,
            "mimeType Sufficient",
        ),
        hash: None,
        healthcare_facility_type_code: Code::new(
            &document_type.facility,
            oid::CDA_ORGANISATION_TYPE,
            facility.unwrap_or("Organisation"),
        ),
        language_code: LanguageCode::british_english(),
        legal_authenticator: None,
        mime_type: mime_type.to_owned(),
        practice_setting_code: code_sets
            .snomed("practiceSettingCode", &document_type.practice_setting),
        reference_id_list: Vec::new(),
        repository_unique_id: None,
        service_start_time: described.event.clone(),
        service_stop_time: described.event.clone(),
        size: None,
        source_patient_id: Cx { id: described.patient.digits(), authority: oid::nhs_number() },
        source_patient_info: source_patient_info(described),
        patient_id: PatientId::Nhs(described.patient),
        title: vec![LocalizedString::plain(title)],
        type_code: Code::new(&document_type.type_code, oid::SNOMED_CT, &document_type.display),
        unique_id: unique_id(bytes, described, publisher),
        uri: Vec::new(),
        extra: Vec::new(),
    })
}

/// The organisation; a description names no person.
fn author(publisher: &OdsCode) -> Author {
    let institution =
        Xon::parse(&format!("{publisher}^^^^^&{}&ISO^^^^{publisher}", oid::ODS_ORGANISATION));
    Author { institution: institution.into_iter().collect(), ..Author::default() }
}

fn unique_id(bytes: &[u8], described: &Description, publisher: &OdsCode) -> UniqueId {
    let mut digest = sha2::Sha256::new();
    for part in [publisher.as_str().as_bytes(), &described.patient.key().to_be_bytes(), bytes] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let name = digest.finalize();
    UniqueId::from(Oid::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, &name)))
}

fn source_patient_info(described: &Description) -> Vec<String> {
    let mut lines = vec![format!("PID-3|{}", PatientId::Nhs(described.patient).text())];
    if let Some(family) = &described.family_name {
        let given = described.given_name.as_deref().map(component).unwrap_or_default();
        lines.push(format!("PID-5|{}^{given}", component(family)).trim_end_matches('^').to_owned());
    }
    let day = described.birth_date.map(|day| day.strftime("%Y%m%d").to_string());
    lines.extend(day.map(|day| format!("PID-7|{day}")));
    lines
}
