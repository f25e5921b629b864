//! DocumentEntry (ITI TF-3 4.2.3.2): what the registry knows of one document.

use super::attributes::Reading;
use super::ids::{self, document_entry as scheme, slot};
use super::{Author, CONTENT_SEPARATOR, Code, DocumentAvailability, ObjectId};
use crate::dtm::Dtm;
use crate::error::XdsError;
use crate::hl7::{Cx, Cxi, PatientId, Xcn};
use crate::language_code::LanguageCode;
use crate::nhs_number::NhsNumber;
use crate::ods_code::OdsCode;
use crate::oid::{NHS_NUMBER, Oid};
use crate::unique_id::UniqueId;
use crate::wire::{LocalizedString, ObjectWriter, RegistryObject, Slot};
use crate::xml::attribute;
use std::collections::HashSet;
use std::fmt;

/// Stable documents have bytes; on-demand ones are made when asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectType {
    Stable,
    OnDemand,
}

impl ObjectType {
    pub fn urn(self) -> &'static str {
        match self {
            Self::Stable => ids::STABLE,
            Self::OnDemand => ids::ON_DEMAND,
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            ids::STABLE => Some(Self::Stable),
            ids::ON_DEMAND => Some(Self::OnDemand),
            _ => None,
        }
    }
}

/// The profile's SHA-1 of the document, 40 hex digits, compared and written in lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct Hash(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 40 hexadecimal digits (SHA-1)")]
pub struct HashError;

impl Hash {
    pub fn parse(text: &str) -> Result<Self, HashError> {
        if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(HashError)
    }

    pub fn from_bytes(digest: &[u8]) -> Self {
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DocumentEntry {
    /// entryUUID; symbolic until the registry gives one.
    pub id: ObjectId,
    pub home_community_id: Option<String>,
    pub object_type: ObjectType,
    pub author: Vec<Author>,
    pub class_code: Code,
    pub comments: Vec<LocalizedString>,
    pub confidentiality_code: Vec<Code>,
    /// Absent on on-demand entries only.
    pub creation_time: Option<Dtm>,
    pub document_availability: Option<DocumentAvailability>,
    pub event_code_list: Vec<Code>,
    pub format_code: Code,
    /// Added by the repository where the source left it out.
    pub hash: Option<Hash>,
    pub healthcare_facility_type_code: Code,
    pub language_code: LanguageCode,
    pub legal_authenticator: Option<Xcn>,
    pub mime_type: String,
    pub patient_id: PatientId,
    pub practice_setting_code: Code,
    pub reference_id_list: Vec<Cxi>,
    /// Set by the repository.
    pub repository_unique_id: Option<Oid>,
    pub service_start_time: Option<Dtm>,
    pub service_stop_time: Option<Dtm>,
    /// Bytes; added by the repository where the source left it out.
    pub size: Option<u64>,
    pub source_patient_id: Cx,
    pub source_patient_info: Vec<String>,
    pub title: Vec<LocalizedString>,
    pub type_code: Code,
    pub unique_id: UniqueId,
    pub uri: Vec<String>,
    /// Extra metadata, kept and returned (ITI TF-3 4.2.3.1.6).
    pub extra: Vec<Slot>,
}

/// Characters of the title in one language (ITI TF-3 table 4.2.3.2-1).
const LONGEST_TITLE: usize = 128;

const KNOWN_SLOTS: [&str; 13] = [
    slot::CREATION_TIME,
    slot::DOCUMENT_AVAILABILITY,
    slot::HASH,
    slot::LANGUAGE_CODE,
    slot::LEGAL_AUTHENTICATOR,
    slot::REFERENCE_ID_LIST,
    slot::REPOSITORY_UNIQUE_ID,
    slot::SERVICE_START_TIME,
    slot::SERVICE_STOP_TIME,
    slot::SIZE,
    slot::SOURCE_PATIENT_ID,
    slot::SOURCE_PATIENT_INFO,
    slot::URI,
];

impl DocumentEntry {
    /// Reads an ExtrinsicObject; `None` where `errors` says why.
    pub fn read(object: &RegistryObject, errors: &mut Vec<XdsError>) -> Option<Self> {
        let before = errors.len();
        let mut reading = Reading::new(object, "DocumentEntry", errors);
        let entry = Self::read_attributes(object, &mut reading);
        entry.filter(|_| errors.len() == before)
    }

    fn read_attributes(object: &RegistryObject, reading: &mut Reading<'_>) -> Option<Self> {
        let object_type = object.object_type.as_deref().and_then(ObjectType::parse);
        if object_type.is_none() {
            reading.refuse("objectType", "is not the stable or the on-demand document's UUID");
        }
        let creation_time = reading.time(slot::CREATION_TIME);
        if object_type == Some(ObjectType::Stable) && object.slot(slot::CREATION_TIME).is_none() {
            reading.refuse("creationTime", "is required");
        }
        if object.mime_type.as_deref().unwrap_or_default().split('/').count() != 2 {
            reading.refuse("mimeType", "is required, in the form type/subtype");
        }
        let confidentiality_code =
            reading.codes(scheme::CONFIDENTIALITY_CODE, "confidentialityCode");
        if confidentiality_code.is_empty() {
            reading.refuse("confidentialityCode", "is required (at least one Classification)");
        }
        reading.refuse_limited(scheme::LIMITED_METADATA);
        let (service_start_time, service_stop_time) = service_times(reading);
        let size = reading.one(slot::SIZE);
        let hash = reading.one(slot::HASH);
        let repository = reading.one(slot::REPOSITORY_UNIQUE_ID);
        let source_patient_id = source_patient_id(reading);
        let authenticator = reading.one(slot::LEGAL_AUTHENTICATOR);
        let source_patient_info = source_patient_info(reading);
        let authors = object.classifications.iter();
        let authors: Vec<_> =
            authors.filter(|c| c.scheme.as_deref() == Some(scheme::AUTHOR)).collect();
        // Everything is read before anything is given up, so that every error is collected.
        let id = reading.id();
        let class_code = reading.code(scheme::CLASS_CODE, "classCode");
        let format_code = reading.code(scheme::FORMAT_CODE, "formatCode");
        let facility =
            reading.code(scheme::HEALTHCARE_FACILITY_TYPE_CODE, "healthcareFacilityTypeCode");
        let setting = reading.code(scheme::PRACTICE_SETTING_CODE, "practiceSettingCode");
        let type_code = reading.code(scheme::TYPE_CODE, "typeCode");
        let language_code = reading.required(slot::LANGUAGE_CODE);
        let language_code = language_code
            .and_then(|text| reading.parsed("languageCode", LanguageCode::parse(&text)));
        let patient_id = reading.patient_id(scheme::PATIENT_ID);
        let unique_id = reading.unique_id(scheme::UNIQUE_ID);
        let size = size.and_then(|text| reading.parsed("size", bytes(&text)));
        let hash = hash.and_then(|text| reading.parsed("hash", Hash::parse(&text)));
        let repository_unique_id =
            repository.and_then(|text| reading.parsed("repositoryUniqueId", Oid::parse(&text)));
        let legal_authenticator =
            authenticator.and_then(|text| reading.parsed("legalAuthenticator", Xcn::parse(&text)));
        Some(Self {
            author: authors.into_iter().filter_map(|c| Author::read(c, reading)).collect(),
            comments: object.description.clone(),
            confidentiality_code,
            creation_time,
            document_availability: document_availability(reading),
            event_code_list: reading.codes(scheme::EVENT_CODE_LIST, "eventCodeList"),
            hash,
            home_community_id: reading.home(),
            legal_authenticator,
            mime_type: object.mime_type.clone().unwrap_or_default(),
            reference_id_list: reference_id_list(reading),
            repository_unique_id,
            service_start_time,
            service_stop_time,
            size,
            source_patient_info,
            title: reading.title(LONGEST_TITLE),
            uri: reading.values(slot::URI),
            extra: reading.extra(&KNOWN_SLOTS),
            id: id?,
            object_type: object_type?,
            class_code: class_code?,
            format_code: format_code?,
            healthcare_facility_type_code: facility?,
            language_code: language_code?,
            patient_id: patient_id?,
            practice_setting_code: setting?,
            source_patient_id: source_patient_id?,
            type_code: type_code?,
            unique_id: unique_id?,
        })
    }

    /// What stands before and after `VersionInfo`, without the start tag and the patientId: those
    /// come from columns, since registration, update and merge change them.
    pub fn content(&self, id: &str) -> String {
        let mut out = String::with_capacity(6000);
        let mut writer = ObjectWriter::new(&mut out, id, 1);
        writer.slot_one(slot::CREATION_TIME, self.creation_time.as_ref());
        let availability = self.document_availability.map(DocumentAvailability::urn);
        writer.slot_one(slot::DOCUMENT_AVAILABILITY, availability);
        writer.slot_one(slot::HASH, self.hash.as_ref());
        writer.slot_one(slot::LANGUAGE_CODE, Some(&self.language_code));
        writer.slot_one(
            slot::LEGAL_AUTHENTICATOR,
            self.legal_authenticator.as_ref().map(Xcn::as_str),
        );
        writer.slot_one(slot::REPOSITORY_UNIQUE_ID, self.repository_unique_id.as_ref());
        writer.slot_one(slot::SERVICE_START_TIME, self.service_start_time.as_ref());
        writer.slot_one(slot::SERVICE_STOP_TIME, self.service_stop_time.as_ref());
        writer.slot_one(slot::SIZE, self.size);
        writer.slot_one(slot::SOURCE_PATIENT_ID, Some(self.source_patient_id.text()));
        writer.slot(slot::SOURCE_PATIENT_INFO, &self.source_patient_info);
        writer.slot(slot::URI, &self.uri);
        let references: Vec<_> = self.reference_id_list.iter().map(Cxi::to_string).collect();
        writer.slot(slot::REFERENCE_ID_LIST, &references);
        writer.slots(&self.extra);
        writer.localized("Name", &self.title);
        writer.localized("Description", &self.comments);
        out.push(CONTENT_SEPARATOR);
        let mut writer = ObjectWriter::new(&mut out, id, 1);
        for author in &self.author {
            author.write(&mut writer, scheme::AUTHOR);
        }
        for (code, scheme) in self.classified() {
            code.write(&mut writer, scheme);
        }
        let unique_id = self.unique_id.as_str();
        writer.external_identifier(scheme::UNIQUE_ID, "XDSDocumentEntry.uniqueId", unique_id);
        out
    }

    /// Every coded attribute with its classification scheme, in the order they are written.
    pub fn classified(&self) -> impl Iterator<Item = (&Code, &'static str)> {
        let one = |code, scheme| std::iter::once((code, scheme));
        let confidentiality = self.confidentiality_code.iter();
        one(&self.class_code, scheme::CLASS_CODE)
            .chain(confidentiality.map(|code| (code, scheme::CONFIDENTIALITY_CODE)))
            .chain(self.event_code_list.iter().map(|code| (code, scheme::EVENT_CODE_LIST)))
            .chain(one(&self.format_code, scheme::FORMAT_CODE))
            .chain(one(&self.healthcare_facility_type_code, scheme::HEALTHCARE_FACILITY_TYPE_CODE))
            .chain(one(&self.practice_setting_code, scheme::PRACTICE_SETTING_CODE))
            .chain(one(&self.type_code, scheme::TYPE_CODE))
    }

    /// The whole ExtrinsicObject of a submission, ids as they are.
    pub fn write(&self, out: &mut String) {
        let id = self.id.to_string();
        out.push_str("<rim:ExtrinsicObject");
        attribute(out, "id", &id);
        if let Some(home) = &self.home_community_id {
            attribute(out, "home", home);
        }
        attribute(out, "objectType", self.object_type.urn());
        attribute(out, "mimeType", &self.mime_type);
        out.push('>');
        out.push_str(&self.content(&id).replace(CONTENT_SEPARATOR, ""));
        write_patient_id(out, &id, &self.patient_id);
        out.push_str("</rim:ExtrinsicObject>");
    }

    /// Written by the repository: the organisation whose certificate submitted the document.
    pub fn stamp_publisher(&mut self, publisher: &OdsCode) {
        self.extra.push(Slot::one(slot::PUBLISHER_ODS, publisher.as_str()));
    }

    /// The publisher that the repository stamped.
    pub fn publisher_ods(&self) -> Option<OdsCode> {
        let slot = self.extra.iter().find(|slot| slot.name == slot::PUBLISHER_ODS)?;
        OdsCode::parse(slot.values.first()?).ok()
    }

    /// When the registry committed the entry; present in answers only.
    pub fn registered_at(&self) -> Option<&str> {
        let slot = self.extra.iter().find(|slot| slot.name == slot::REGISTERED_AT)?;
        slot.values.first().map(String::as_str)
    }
}

pub(super) fn write_patient_id(out: &mut String, id: &str, patient_id: &PatientId) {
    let mut writer = ObjectWriter::new(out, id, 0);
    let text = patient_id.text();
    writer.external_identifier(scheme::PATIENT_ID, "XDSDocumentEntry.patientId", &text);
}

/// serviceStartTime must not lie after serviceStopTime, at the lower of the two precisions.
fn service_times(reading: &mut Reading<'_>) -> (Option<Dtm>, Option<Dtm>) {
    let start = reading.time(slot::SERVICE_START_TIME);
    let stop = reading.time(slot::SERVICE_STOP_TIME);
    if let (Some(start), Some(stop)) = (&start, &stop) {
        let precision = start.as_str().len().min(stop.as_str().len());
        if start.as_str()[..precision] > stop.as_str()[..precision] {
            reading.refuse("serviceStartTime", "must not be after serviceStopTime");
        }
    }
    (start, stop)
}

fn bytes(text: &str) -> Result<u64, &'static str> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or("it is a whole number of bytes")
}

fn document_availability(reading: &mut Reading<'_>) -> Option<DocumentAvailability> {
    let text = reading.one(slot::DOCUMENT_AVAILABILITY)?;
    let availability = DocumentAvailability::parse(&text);
    if availability.is_none() {
        let rule = "is urn:ihe:iti:2010:DocumentAvailability:Online or ...:Offline";
        reading.refuse("documentAvailability", rule);
    }
    availability
}

fn reference_id_list(reading: &mut Reading<'_>) -> Vec<Cxi> {
    let values = reading.values(slot::REFERENCE_ID_LIST);
    let parsed = values.iter().map(|text| reading.parsed("referenceIdList", Cxi::parse(text)));
    parsed.flatten().collect()
}

/// Kept as sent; an NHS number must be right here too.
fn source_patient_id(reading: &mut Reading<'_>) -> Option<Cx> {
    let text = reading.required(slot::SOURCE_PATIENT_ID)?;
    reading.parsed("sourcePatientId", PatientId::parse(&text))?;
    Cx::parse(&text).ok()
}

/// `PID-n|content` lines; identifiers that belong elsewhere are prohibited, a person has one day of
/// birth and one sex, and an NHS number in PID-3 (which may repeat) must be right like anywhere else.
fn source_patient_info(reading: &mut Reading<'_>) -> Vec<String> {
    let lines = reading.values(slot::SOURCE_PATIENT_INFO);
    let mut once = HashSet::new();
    for line in &lines {
        let Some((field, content)) = line.split_once('|').filter(|(field, _)| is_pid(field)) else {
            reading
                .refuse("sourcePatientInfo", "has a value that is not of the form PID-n|content");
            continue;
        };
        match field {
            "PID-2" | "PID-4" | "PID-12" | "PID-19" => {
                reading.refuse("sourcePatientInfo", &format!("must not hold {field}"));
            }
            "PID-3" => content.split('~').for_each(|identifier| pid_3(reading, identifier)),
            "PID-7" | "PID-8" if !once.insert(field) => {
                reading.refuse("sourcePatientInfo", &format!("holds {field} once"));
            }
            _ => {}
        }
    }
    lines
}

fn is_pid(field: &str) -> bool {
    let number = field.strip_prefix("PID-").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn pid_3(reading: &mut Reading<'_>, identifier: &str) {
    let mut components = identifier.split('^');
    let (id, authority) = (components.next().unwrap_or_default(), components.nth(2));
    if authority.is_some_and(|authority| authority.split('&').nth(1) == Some(NHS_NUMBER)) {
        reading.parsed("sourcePatientInfo PID-3", NhsNumber::parse(id));
    }
}
