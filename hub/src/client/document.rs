//! A file that is to be published: what it is, and the metadata that ITI-41 needs with it.

use schemas::cda::{CdaHeader, MappingContext, map};
use schemas::code_set::{CodeSets, DocumentType};
use schemas::dtm::Dtm;
use schemas::hl7::{Cx, PatientId, Xon};
use schemas::language_code::LanguageCode;
use schemas::metadata::{Author, Code, DocumentEntry, ObjectId, ObjectType};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::oid::{self, Oid};
use schemas::unique_id::UniqueId;
use schemas::wire::LocalizedString;
use schemas::xml::{Document, Limits};
use sha2::Digest;
use uuid::Uuid;

/// What a file turned out to be.
pub(super) enum Kind {
    Cda,
    /// A Distribution Envelope, with or without SOAP around it.
    Itk,
    Other,
}

pub(super) fn kind(bytes: &[u8]) -> Kind {
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return Kind::Other };
    let root = document.root();
    if root.is(schemas::cda::HL7, "ClinicalDocument") {
        return Kind::Cda;
    }
    let itk = |element: &schemas::xml::Element<'_>| {
        element.is(schemas::itk::NAMESPACE, "DistributionEnvelope")
    };
    if root.descendants().take(64).any(|element| itk(&element)) { Kind::Itk } else { Kind::Other }
}

/// Entry of a CDA, as the hub maps one that comes by ITK.
pub(super) fn cda_entry(
    bytes: &[u8],
    publisher: &OdsCode,
    code_sets: &CodeSets,
    oid_root: &Oid,
) -> Result<DocumentEntry, String> {
    let header = CdaHeader::read(bytes, &Limits::default()).map_err(|error| error.to_string())?;
    let context = MappingContext {
        code_sets,
        oid_root,
        publisher,
        profile_id: None,
        interaction: None,
        mime_type: "text/xml",
    };
    map(&header, &context).map(|mapped| mapped.entry).map_err(|error| error.to_string())
}

/// What the command line says of a file that does not speak for itself.
#[derive(Clone, Debug)]
pub struct Described {
    pub document_type: String,
    pub patient: NhsNumber,
    pub title: Option<String>,
}

/// Entry of a PDF, text or image.
pub(super) fn other_entry(
    bytes: &[u8],
    name: &str,
    described: &Described,
    publisher: &OdsCode,
    code_sets: &CodeSets,
    now: Dtm,
) -> Result<DocumentEntry, String> {
    let document_type = document_type(code_sets, &described.document_type)?;
    let mut digest = sha2::Sha256::new();
    for part in [publisher.as_str().as_bytes(), &described.patient.key().to_be_bytes(), bytes] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let patient_id = PatientId::Nhs(described.patient);
    let institution =
        Xon::parse(&format!("{publisher}^^^^^&{}&ISO^^^^{publisher}", oid::ODS_ORGANISATION));
    let facility = code_sets.display("healthcareFacilityTypeCode", &document_type.facility);
    Ok(DocumentEntry {
        id: ObjectId::Symbolic("Document01".to_owned()),
        home_community_id: None,
        object_type: ObjectType::Stable,
        author: vec![Author {
            institution: institution.into_iter().collect(),
            ..Author::default()
        }],
        class_code: code_sets.snomed("classCode", &document_type.class_code),
        comments: Vec::new(),
        confidentiality_code: vec![Code::new("N", oid::CONFIDENTIALITY, "normal")],
        creation_time: Some(now),
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
        mime_type: mime_type(bytes, name)?.to_owned(),
        practice_setting_code: code_sets
            .snomed("practiceSettingCode", &document_type.practice_setting),
        reference_id_list: Vec::new(),
        repository_unique_id: None,
        service_start_time: None,
        service_stop_time: None,
        size: None,
        source_patient_id: Cx {
            id: described.patient.digits(),
            authority: Oid::parse(oid::NHS_NUMBER).map_err(|error| error.to_string())?,
        },
        source_patient_info: vec![format!("PID-3|{}", patient_id.text())],
        patient_id,
        title: vec![LocalizedString::plain(
            described.title.clone().unwrap_or_else(|| document_type.label.clone()),
        )],
        type_code: Code::new(&document_type.type_code, oid::SNOMED_CT, &document_type.display),
        unique_id: UniqueId::from(Oid::from_uuid(Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            &digest.finalize(),
        ))),
        uri: Vec::new(),
        extra: Vec::new(),
    })
}

/// A document type by its name or one of its codes.
pub(crate) fn document_type<'a>(
    code_sets: &'a CodeSets,
    text: &str,
) -> Result<&'a DocumentType, String> {
    let by_code = || {
        let code = code_sets.canonical_type(text);
        let mut of_code = code_sets.document_type.iter().filter(|t| t.type_code == code);
        of_code.clone().find(|t| !t.by_setting).or_else(|| of_code.next())
    };
    code_sets.by_name(text).or_else(by_code).ok_or_else(|| {
        let names: Vec<&str> = code_sets.document_type.iter().map(|t| t.name.as_str()).collect();
        format!("{text:?} is not a document type of this region; known: {}", names.join(", "))
    })
}

/// By the bytes first, by the name where they do not say.
fn mime_type(bytes: &[u8], name: &str) -> Result<&'static str, String> {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    Ok(match bytes {
        [b'%', b'P', b'D', b'F', ..] => "application/pdf",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        _ if ending == "txt" || ending == "text" => "text/plain",
        _ if ending == "xml" => "text/xml",
        _ => return Err(format!("{name}: neither PDF, PNG, JPEG nor a .txt or .xml file")),
    })
}
