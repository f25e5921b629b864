//! An entry that stands in for one that may not be seen.
//!
//! XDS has no form for "something is here that you may not see". A DocumentEntry is the least wrong:
//! consumers list entries and skip what else an answer holds. Everything that the profile requires
//! (ITI TF-3 table 4.2.3.2-1) says *withheld* or nothing:
//!
//! | Attribute | Value |
//! |---|---|
//! | entryUUID, uniqueId | of its own, the same each time; not the entry's |
//! | repositoryUniqueId | 2.25.0, nobody's: retrieving it is refused as an unknown document |
//! | classCode, typeCode, formatCode, facility and setting, eventCodeList | `withheld` |
//! | confidentialityCode | R |
//! | creationTime | the year in which the hub learned of the entry |
//! | size, hash | 0 and the SHA-1 of nothing, as of a document that is not there yet |
//! | documentAvailability | Offline |
//!
//! Title, author, comments, times, references and what is known of the patient are left out.

use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::{Cx, PatientId};
use schemas::language_code::LanguageCode;
use schemas::metadata::{
    AvailabilityStatus, Code, DocumentAvailability, DocumentEntry, EntryFacts, FoundEntry, Hash,
    ObjectId, ObjectType,
};
use schemas::oid::{self, Oid};
use schemas::unique_id::UniqueId;
use uuid::Uuid;

/// The coding scheme and the code of everything that is not said.
const SCHEME: &str = "urn:watling:withheld";
pub(crate) const CODE: &str = "withheld";

/// SHA-1 of no bytes.
const HASH_OF_NOTHING: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

/// No repository's.
const REPOSITORY: &str = "2.25.0";

/// What stands in for an entry; `None` for a patient without a number of the domain.
pub(crate) fn of(facts: &EntryFacts) -> Option<FoundEntry> {
    let number = facts.patient_id.nhs_number()?;
    let name = format!("{SCHEME} {}", facts.entry_uuid);
    let uuid = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
    let year = Dtm::parse(facts.registered_at.as_str().get(..4)?).ok()?;
    let withheld = || Code::new(CODE, SCHEME, "Withheld");
    let restricted = Code::new("R", oid::CONFIDENTIALITY, "Restricted");
    let entry_uuid = EntryUuid::from_uuid(uuid);
    let entry = DocumentEntry {
        id: ObjectId::Uuid(entry_uuid),
        home_community_id: None,
        object_type: ObjectType::Stable,
        author: Vec::new(),
        class_code: withheld(),
        comments: Vec::new(),
        confidentiality_code: vec![restricted],
        creation_time: Some(year.clone()),
        document_availability: Some(DocumentAvailability::Offline),
        event_code_list: vec![withheld()],
        format_code: withheld(),
        hash: Hash::parse(HASH_OF_NOTHING).ok(),
        healthcare_facility_type_code: withheld(),
        language_code: LanguageCode::parse("en-GB").ok()?,
        legal_authenticator: None,
        mime_type: "application/octet-stream".to_owned(),
        patient_id: facts.patient_id.clone(),
        practice_setting_code: withheld(),
        reference_id_list: Vec::new(),
        repository_unique_id: Oid::parse(REPOSITORY).ok(),
        service_start_time: None,
        service_stop_time: None,
        size: Some(0),
        source_patient_id: Cx { id: number.digits(), authority: oid::nhs_number() },
        source_patient_info: Vec::new(),
        title: Vec::new(),
        type_code: withheld(),
        unique_id: UniqueId::from(Oid::from_uuid(uuid)),
        uri: Vec::new(),
        extra: Vec::new(),
    };
    found(&entry, entry_uuid, facts.patient_id.clone(), year)
}

fn found(
    entry: &DocumentEntry,
    entry_uuid: EntryUuid,
    patient_id: PatientId,
    year: Dtm,
) -> Option<FoundEntry> {
    Some(FoundEntry {
        content: entry.content(&entry_uuid.to_string()),
        facts: EntryFacts {
            entry_uuid,
            logical_id: entry_uuid,
            version: 1,
            availability_status: AvailabilityStatus::Approved,
            home_community_id: None,
            object_type: entry.object_type,
            mime_type: entry.mime_type.clone(),
            patient_id,
            sensitive: false,
            unique_id: entry.unique_id.clone(),
            repository_unique_id: entry.repository_unique_id.clone()?,
            type_code: CODE.to_owned(),
            type_scheme: SCHEME.to_owned(),
            practice_setting: CODE.to_owned(),
            confidentiality: vec!["R".to_owned()],
            publisher_ods: None,
            recipients: Vec::new(),
            hash: HASH_OF_NOTHING.to_owned(),
            size: 0,
            registered_at: year,
        },
    })
}
