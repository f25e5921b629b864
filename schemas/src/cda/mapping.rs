//! CDA header to DocumentEntry: the hub's mapping table, attribute by attribute.

use super::header::{CdaHeader, Identifier, Person};
use crate::code_set::{CodeSets, DocumentType};
use crate::dtm::{Dtm, DtmError};
use crate::hl7::{Cx, Cxi, PatientId, Xcn, Xon, component};
use crate::language_code::LanguageCode;
use crate::metadata::{Author, Code, DocumentEntry, ObjectId, ObjectType};
use crate::nhs_number::{NhsNumber, NhsNumberError};
use crate::ods_code::OdsCode;
use crate::oid::{self, Oid};
use crate::unique_id::UniqueId;
use crate::wire::{LocalizedString, Slot};
use uuid::Uuid;

/// What the mapping needs beyond the document.
#[derive(Clone, Copy)]
pub struct MappingContext<'a> {
    pub code_sets: &'a CodeSets,
    /// Under which the hub issues OIDs for local identifiers and senders.
    pub oid_root: &'a Oid,
    /// The submitting organisation: local identifiers without an authority are its own.
    pub publisher: &'a OdsCode,
    pub profile_id: Option<&'a str>,
    /// ITK interaction without its URN prefix.
    pub interaction: Option<&'a str>,
    pub mime_type: &'a str,
}

/// Why a readable document cannot be indexed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("recordTarget/patientRole has no NHS number (id with root 2.16.840.1.113883.2.1.4.1)")]
    NoNhsNumber,
    #[error("recordTarget/patientRole/id: {0}")]
    NhsNumber(#[from] NhsNumberError),
    #[error("ClinicalDocument/id is neither a UUID nor an OID with an extension")]
    Id,
    #[error("ClinicalDocument/effectiveTime: {0}")]
    Time(#[from] DtmError),
    #[error(
        "ClinicalDocument/code {0:?} is not a document type of this region (code set version {1})"
    )]
    Type(String, String),
}

/// An entry, and what else the document asks for.
#[derive(Clone, Debug)]
pub struct Mapped {
    pub entry: DocumentEntry,
    /// uniqueId of the document that this one replaces.
    pub replaces: Option<UniqueId>,
    /// XON values for the SubmissionSet's intendedRecipient.
    pub intended_recipient: Vec<String>,
}

/// Maps a document. The entry's id is symbolic; hash, size and repositoryUniqueId are the
/// repository's to add.
pub fn map(header: &CdaHeader, context: &MappingContext<'_>) -> Result<Mapped, MappingError> {
    let (number, traced) = header.patient.nhs_number().ok_or(MappingError::NoNhsNumber)?;
    let number = NhsNumber::parse(number)?;
    let coding = Coding::of(header, context)?;
    let sets = context.code_sets;
    let start = header.service_start.as_deref().and_then(|text| Dtm::from_cda(text).ok());
    let stop = header.service_stop.as_deref().and_then(|text| Dtm::from_cda(text).ok());
    // An interval that ends before it begins is the sender's slip, not a reason to lose a letter.
    let ordered = start.iter().zip(&stop).all(|(a, b)| a.first_second() <= b.first_second());
    let title = header.title.as_ref().unwrap_or(&coding.document_type.display);
    // Longer than the attribute may be is no reason to lose a letter either; the document has it all.
    let title: String = title.chars().take(128).collect();
    let entry = DocumentEntry {
        id: ObjectId::Symbolic("Document01".to_owned()),
        home_community_id: None,
        object_type: ObjectType::Stable,
        author: header.author.iter().map(|person| author(person, header)).collect(),
        class_code: sets.snomed("classCode", &coding.document_type.class_code),
        comments: Vec::new(),
        confidentiality_code: vec![confidentiality(header, context)],
        creation_time: Some(Dtm::from_cda(&header.effective_time)?),
        document_availability: None,
        event_code_list: context.interaction.map(event_code).into_iter().collect(),
        format_code: format_code(context),
        hash: None,
        healthcare_facility_type_code: Code::new(
            &coding.document_type.facility,
            oid::CDA_ORGANISATION_TYPE,
            sets.display("healthcareFacilityTypeCode", &coding.document_type.facility)
                .unwrap_or("Organisation"),
        ),
        language_code: language(header),
        legal_authenticator: header.authenticator.as_ref().and_then(xcn),
        mime_type: context.mime_type.to_owned(),
        patient_id: PatientId::Nhs(number),
        practice_setting_code: sets.snomed("practiceSettingCode", &coding.practice_setting),
        reference_id_list: references(header),
        repository_unique_id: None,
        service_start_time: start,
        service_stop_time: stop.filter(|_| ordered),
        size: None,
        source_patient_id: source_patient_id(header, number, context),
        source_patient_info: source_patient_info(header, number, context),
        title: vec![LocalizedString::plain(title)],
        type_code: Code::new(
            &coding.document_type.type_code,
            oid::SNOMED_CT,
            &coding.document_type.display,
        ),
        unique_id: unique_id(&header.id)?,
        uri: Vec::new(),
        extra: extra(header, traced, &coding),
    };
    Ok(Mapped {
        entry,
        replaces: header.replaces.as_ref().and_then(|id| unique_id(id).ok()),
        intended_recipient: header.recipients.iter().filter_map(xon_of).collect(),
    })
}

/// `2.25.<uuid>` for a UUID root, `root^extension` for an OID.
fn unique_id(id: &Identifier) -> Result<UniqueId, MappingError> {
    if let Ok(uuid) = Uuid::try_parse(&id.root) {
        return Ok(Oid::from_uuid(uuid).into());
    }
    let root = Oid::parse(&id.root).map_err(|_| MappingError::Id)?;
    match &id.extension {
        Some(extension) => {
            UniqueId::parse(&format!("{root}^{extension}")).map_err(|_| MappingError::Id)
        }
        None => Ok(root.into()),
    }
}

/// Document type and practice setting, from a single or a compositional code.
struct Coding<'a> {
    document_type: &'a DocumentType,
    practice_setting: String,
    received_type: String,
}

impl<'a> Coding<'a> {
    fn of(header: &CdaHeader, context: &MappingContext<'a>) -> Result<Self, MappingError> {
        let sets = context.code_sets;
        let (type_code, composed_setting) = split(&header.code.code);
        let known = |setting: &String| sets.display("practiceSettingCode", setting).is_some();
        let stated = header.care_setting.as_ref().map(|setting| setting.code.clone());
        let setting = composed_setting.or(stated).filter(known);
        let by_code = sets.document_type(&type_code, setting.as_deref().unwrap_or_default());
        let by_message = header.message_type.as_deref().and_then(|m| sets.by_message_type(m));
        let unknown = || MappingError::Type(type_code.clone(), sets.version.clone());
        let document_type = by_code.or(by_message).ok_or_else(unknown)?;
        let document_type = match by_message {
            // An emergency department report says so by its messageType, not by its typeCode.
            Some(other) if other.type_code == document_type.type_code && setting.is_none() => other,
            _ => document_type,
        };
        Ok(Self {
            document_type,
            practice_setting: setting.unwrap_or_else(|| document_type.practice_setting.clone()),
            received_type: header.code.code.clone(),
        })
    }
}

/// A SNOMED CT expression by attribute, not by position: type of document and care setting.
fn split(code: &str) -> (String, Option<String>) {
    let mut bare = String::new();
    let mut in_term = false;
    for c in code.chars() {
        match c {
            '|' => in_term = !in_term,
            c if in_term || c.is_whitespace() || matches!(c, '{' | '}') => {}
            c => bare.push(c),
        }
    }
    let value = |attribute: &str| {
        let parts = bare.split([':', ',']);
        let mut found =
            parts.filter_map(|part| part.split_once('=')).filter(|(name, _)| *name == attribute);
        found.next().map(|(_, value)| value.to_owned())
    };
    if let Some(type_code) = value("810311000000101") {
        return (type_code, value("810321000000107"));
    }
    match bare.split_once(['+', ':']) {
        Some((type_code, setting)) if !setting.contains('=') => {
            (type_code.to_owned(), Some(setting.to_owned()))
        }
        _ => (bare, None),
    }
}

/// `V` is overloaded: NHS correspondence schemas fixed it for nearly every document, so on those
/// message types it hides nothing. The code as received is kept in a slot.
fn confidentiality(header: &CdaHeader, context: &MappingContext<'_>) -> Code {
    let known_message = header
        .message_type
        .as_deref()
        .is_some_and(|m| context.code_sets.by_message_type(m).is_some());
    let code = match header.confidentiality.as_deref() {
        Some("V") if known_message => "N",
        Some(code @ ("R" | "V")) => code,
        _ => "N",
    };
    let display = context.code_sets.display("confidentialityCode", code).unwrap_or(code);
    Code::new(code, oid::CONFIDENTIALITY, display)
}

fn event_code(interaction: &str) -> Code {
    Code::new(interaction, "urn:nhs-itk:interaction", interaction)
}

fn format_code(context: &MappingContext<'_>) -> Code {
    let known = |code: &&str| context.code_sets.display("formatCode", code).is_some();
    match context.profile_id.filter(known) {
        Some(profile) => {
            let display = context.code_sets.display("formatCode", profile).unwrap_or(profile);
            Code::new(profile, "urn:nhs-en:profile", display)
        }
        None => Code::new(
            "urn:ihe:iti:xds:2017:mimeTypeSufficient",
            oid::IHE_FORMAT,
            "mimeType Sufficient",
        ),
    }
}

/// What cannot be a language tag is the sender's slip, and says nothing of the language.
fn language(header: &CdaHeader) -> LanguageCode {
    match header.language.as_deref() {
        None | Some("en") => LanguageCode::british_english(),
        Some(other) => LanguageCode::parse(other).unwrap_or_else(|_| LanguageCode::undetermined()),
    }
}

fn references(header: &CdaHeader) -> Vec<Cxi> {
    let set =
        header.set_id.as_ref().map(|id| format!("{}^^^^urn:nhs:hub:cda-setid", component(id)));
    let encounter = header.encounter_id.as_ref().map(|id| {
        let value = component(id.extension.as_deref().unwrap_or(&id.root));
        let authority = match (&id.extension, Oid::parse(&id.root)) {
            (Some(_), Ok(root)) => format!("&{root}&ISO"),
            _ => String::new(),
        };
        format!("{value}^^^{authority}^urn:ihe:iti:xds:2015:encounterId")
    });
    set.into_iter().chain(encounter).filter_map(|text| Cxi::parse(&text).ok()).collect()
}

/// The hub's OID for an organisation's own identifiers.
fn local_authority(context: &MappingContext<'_>, ods: &OdsCode) -> Oid {
    ods.oid_under(context.oid_root, 10)
}

fn local_id(header: &CdaHeader, context: &MappingContext<'_>) -> Option<Cx> {
    let id = header.patient.local_id()?;
    let authority = id.authority_name.as_deref().and_then(|name| name.split(':').next());
    let ods = authority.and_then(|text| OdsCode::parse(text).ok());
    let authority = local_authority(context, ods.as_ref().unwrap_or(context.publisher));
    Some(Cx { id: component(id.extension.as_deref()?), authority })
}

fn source_patient_id(header: &CdaHeader, number: NhsNumber, context: &MappingContext<'_>) -> Cx {
    local_id(header, context).unwrap_or_else(|| Cx {
        id: number.digits(),
        authority: Oid::parse(oid::NHS_NUMBER).unwrap_or_else(|_| context.oid_root.clone()),
    })
}

fn source_patient_info(
    header: &CdaHeader,
    number: NhsNumber,
    context: &MappingContext<'_>,
) -> Vec<String> {
    let patient = &header.patient;
    let mut lines = vec![format!("PID-3|{}", PatientId::Nhs(number).text())];
    lines.extend(local_id(header, context).map(|cx| format!("PID-3|{}", cx.text())));
    let name = &patient.person;
    if !name.family.is_empty() {
        let (family, given, prefix) =
            (component(&name.family), component(&name.given), component(&name.prefix));
        lines.push(format!("PID-5|{family}^{given}^^^{prefix}").trim_end_matches('^').to_owned());
    }
    let day = patient.birth_time.as_ref().map(|time| &time[..time.len().min(8)]);
    lines.extend(day.filter(|d| Dtm::parse(d).is_ok()).map(|day| format!("PID-7|{day}")));
    let sex = match patient.gender.as_deref() {
        Some("1") => "M",
        Some("2") => "F",
        Some("9") => "O",
        _ => "U",
    };
    lines.push(format!("PID-8|{sex}"));
    if let Some(street) = patient.address.first() {
        let town = patient.address.get(1).map(|line| component(line)).unwrap_or_default();
        let postcode = patient.postcode.as_deref().map(component).unwrap_or_default();
        lines.push(format!("PID-11|{}^^{town}^^{postcode}", component(street)));
    }
    lines.into_iter().map(|line| line.chars().take(256).collect()).collect()
}

/// XCN of a person: the SDS user id where there is one, else a local id, else the name alone.
fn xcn(person: &Person) -> Option<Xcn> {
    let id = person.ids.iter().find(|id| id.root == oid::SDS_USER).or_else(|| person.ids.first());
    let id =
        id.and_then(|id| Some((component(id.extension.as_deref()?), Oid::parse(&id.root).ok()?)));
    let (family, given, prefix) =
        (component(&person.family), component(&person.given), component(&person.prefix));
    let text = match id {
        Some((id, root)) if !id.is_empty() => {
            format!("{id}^{family}^{given}^^^{prefix}^^^&{root}&ISO")
        }
        _ => format!("^{family}^{given}^^^{prefix}").trim_end_matches('^').to_owned(),
    };
    Xcn::parse(&text).ok()
}

fn xon(name: Option<&str>, id: Option<&Identifier>) -> Option<Xon> {
    let code =
        id.and_then(|id| Some((component(id.extension.as_deref()?), Oid::parse(&id.root).ok()?)));
    let name = component(name.unwrap_or_default());
    let text = match code {
        Some((code, root)) => {
            let name = if name.is_empty() { code.clone() } else { name };
            format!("{name}^^^^^&{root}&ISO^^^^{code}")
        }
        None => name,
    };
    Xon::parse(&text).ok()
}

fn xon_of(person: &Person) -> Option<String> {
    let organisation = &person.organisation;
    xon(organisation.name.as_deref(), organisation.id.as_ref()).map(|xon| xon.as_str().to_owned())
}

fn author(person: &Person, header: &CdaHeader) -> Author {
    let organisation = &person.organisation;
    let own = xon(organisation.name.as_deref(), organisation.id.as_ref());
    let institution =
        own.or_else(|| xon(header.custodian.name.as_deref(), header.custodian.id.as_ref()));
    let role = person.role.as_ref().map(|role| match Oid::parse(&role.system) {
        Ok(system) => format!("{}^^^&{system}&ISO", component(&role.code)),
        Err(_) => component(&role.code),
    });
    Author {
        person: xcn(person),
        institution: institution.into_iter().collect(),
        role: role.into_iter().collect(),
        ..Author::default()
    }
}

/// What the profile has no attribute for, as extra metadata.
fn extra(header: &CdaHeader, traced: bool, coding: &Coding<'_>) -> Vec<Slot> {
    let mut slots =
        vec![Slot::one("urn:nhs:hub:nhsNumberStatus", if traced { "01" } else { "02" })];
    let custodian = header.custodian.id.as_ref().and_then(|id| id.extension.clone());
    slots.extend(custodian.map(|ods| Slot::one("urn:nhs:hub:custodianOds", ods)));
    if coding.received_type != coding.document_type.type_code {
        slots.push(Slot::one("urn:nhs:hub:receivedType", coding.received_type.clone()));
    }
    let confidentiality = header.confidentiality.clone().filter(|code| code != "N");
    slots
        .extend(confidentiality.map(|code| Slot::one("urn:nhs:hub:receivedConfidentiality", code)));
    slots.push(Slot::one("urn:nhs:hub:documentId", header.id.root.clone()));
    slots.extend(header.version.map(|v| Slot::one("urn:nhs:hub:versionNumber", v.to_string())));
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compositional_code_is_read_by_attribute_not_by_position() {
        let expected = ("373942005".to_owned(), Some("394576009".to_owned()));
        let code = "810301000000103:810311000000101=373942005,810321000000107=394576009";
        assert_eq!(split(code), expected);
        let swapped = "810301000000103 |Clinical document descriptor| : { 810321000000107 = 394576009 |A, E|, 810311000000101 = 373942005 }";
        assert_eq!(split(swapped), expected);
        assert_eq!(split("373942005+394576009"), expected);
        assert_eq!(split("373942005"), ("373942005".to_owned(), None));
    }
}
