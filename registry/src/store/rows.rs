//! Rows into meaning. A stored value that cannot be read is a broken index, never an answer.

use super::identity::ShownAs;
use super::sql::Row;
use super::{ExistingAssociation, ExistingFolder, ExistingSet, PatientKey, StoreError};
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::metadata::{
    AssociationType, AvailabilityStatus, EntryFacts, ObjectType, PackageFacts, PackageKind,
    SubmissionSetStatus,
};
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::unique_id::UniqueId;

/// Columns of an entry, in the order that [`entry_facts`] reads them.
pub(super) const ENTRY_COLUMNS: &str = "e.patient_key, e.entry_uuid, e.logical_id, e.version, \
    e.availability_status, e.object_type, e.unique_id, e.repository_unique_id, e.mime_type, \
    e.home_community_id, e.type_code, e.type_scheme, e.confidentiality, e.publisher_ods, e.hash, \
    e.size, e.registered_at, e.practice_setting, e.recipients, e.nullified";
/// Where the content stands when it is asked for after the columns above.
pub(super) const ENTRY_CONTENT: usize = 20;

/// Whether the entry of these columns is nullified: no answer holds it.
pub(super) fn is_nullified(row: &Row) -> Result<bool, StoreError> {
    Ok(row.integer(19)? == 1)
}

pub(super) const SET_COLUMNS: &str =
    "e.patient_key, e.entry_uuid, e.unique_id, e.home_community_id";
pub(super) const SET_CONTENT: usize = 4;

pub(super) const FOLDER_COLUMNS: &str = "e.patient_key, e.entry_uuid, e.logical_id, e.version, \
    e.availability_status, e.unique_id, e.home_community_id, e.last_update_time";
pub(super) const FOLDER_CONTENT: usize = 8;

pub(super) const ASSOCIATION_COLUMNS: &str = "patient_key, entry_uuid, association_type, \
    source_object, target_object, availability_status, submission_set_status, content";

fn broken<E: std::fmt::Display>(column: &'static str) -> impl Fn(E) -> StoreError {
    move |error| StoreError::Failed(format!("the stored {column} is broken: {error}"))
}

pub(super) fn uuid(text: &str) -> Result<EntryUuid, StoreError> {
    EntryUuid::parse(text).map_err(broken("entry_uuid"))
}

pub(super) fn unique_id(text: &str) -> Result<UniqueId, StoreError> {
    UniqueId::parse(text).map_err(broken("unique_id"))
}

pub(super) fn status_number(status: AvailabilityStatus) -> i64 {
    match status {
        AvailabilityStatus::Approved => 1,
        AvailabilityStatus::Deprecated => 2,
    }
}

fn status(number: i64) -> AvailabilityStatus {
    if number == 1 { AvailabilityStatus::Approved } else { AvailabilityStatus::Deprecated }
}

pub(super) fn type_number(object_type: ObjectType) -> i64 {
    match object_type {
        ObjectType::Stable => 1,
        ObjectType::OnDemand => 2,
    }
}

pub(super) fn membership_number(status: SubmissionSetStatus) -> i64 {
    match status {
        SubmissionSetStatus::Original => 1,
        SubmissionSetStatus::Reference => 2,
    }
}

fn ods(text: Option<&str>) -> Option<OdsCode> {
    text.and_then(|text| OdsCode::parse(text).ok())
}

/// An entry's row.
pub(super) fn entry_facts(row: &Row, patient: ShownAs) -> Result<EntryFacts, StoreError> {
    let codes = row.text(12)?.split(' ').filter(|code| !code.is_empty());
    Ok(EntryFacts {
        patient_id: patient.id,
        sensitive: patient.sensitive,
        entry_uuid: uuid(row.text(1)?)?,
        logical_id: uuid(row.text(2)?)?,
        version: row.integer(3)? as u32,
        availability_status: status(row.integer(4)?),
        object_type: if row.integer(5)? == 1 { ObjectType::Stable } else { ObjectType::OnDemand },
        unique_id: unique_id(row.text(6)?)?,
        repository_unique_id: Oid::parse(row.text(7)?).map_err(broken("repository_unique_id"))?,
        mime_type: row.text(8)?.to_owned(),
        home_community_id: row.optional_text(9)?.map(str::to_owned),
        type_code: row.text(10)?.to_owned(),
        type_scheme: row.text(11)?.to_owned(),
        confidentiality: codes.map(str::to_owned).collect(),
        publisher_ods: ods(row.optional_text(13)?),
        recipients: row.text(18)?.split(' ').filter_map(|code| OdsCode::parse(code).ok()).collect(),
        hash: row.text(14)?.to_owned(),
        size: row.integer(15)? as u64,
        registered_at: Dtm::parse(row.text(16)?).map_err(broken("registered_at"))?,
        practice_setting: row.text(17)?.to_owned(),
    })
}

pub(super) fn set_facts(row: &Row, patient: ShownAs) -> Result<PackageFacts, StoreError> {
    let entry_uuid = uuid(row.text(1)?)?;
    Ok(PackageFacts {
        kind: PackageKind::SubmissionSet,
        entry_uuid,
        logical_id: entry_uuid,
        version: 1,
        availability_status: AvailabilityStatus::Approved,
        patient_id: patient.id,
        sensitive: patient.sensitive,
        unique_id: unique_id(row.text(2)?)?,
        home_community_id: row.optional_text(3)?.map(str::to_owned),
        last_update_time: None,
    })
}

pub(super) fn folder_facts(row: &Row, patient: ShownAs) -> Result<PackageFacts, StoreError> {
    let updated = Dtm::parse(row.text(7)?).map_err(broken("last_update_time"))?;
    Ok(PackageFacts {
        kind: PackageKind::Folder,
        patient_id: patient.id,
        sensitive: patient.sensitive,
        entry_uuid: uuid(row.text(1)?)?,
        logical_id: uuid(row.text(2)?)?,
        version: row.integer(3)? as u32,
        availability_status: status(row.integer(4)?),
        unique_id: unique_id(row.text(5)?)?,
        home_community_id: row.optional_text(6)?.map(str::to_owned),
        last_update_time: Some(updated),
    })
}

/// patient_key, entry_uuid, unique_id, digest, publisher_ods
pub(super) fn existing_set(row: &Row) -> Result<ExistingSet, StoreError> {
    Ok(ExistingSet {
        patient: row.integer(0)?,
        entry_uuid: uuid(row.text(1)?)?,
        unique_id: unique_id(row.text(2)?)?,
        digest: row.bytes(3)?.to_owned(),
        publisher_ods: ods(row.optional_text(4)?),
    })
}

/// patient_key, entry_uuid, logical_id, version, unique_id, availability_status, publisher_ods
pub(super) fn existing_folder(row: &Row, own: &[PatientKey]) -> Result<ExistingFolder, StoreError> {
    let patient = row.integer(0)?;
    Ok(ExistingFolder {
        patient,
        same_patient: own.contains(&patient),
        entry_uuid: uuid(row.text(1)?)?,
        logical_id: uuid(row.text(2)?)?,
        version: row.integer(3)? as u32,
        unique_id: unique_id(row.text(4)?)?,
        availability_status: status(row.integer(5)?),
        publisher_ods: ods(row.optional_text(6)?),
    })
}

pub(super) fn existing_association(row: &mut Row) -> Result<ExistingAssociation, StoreError> {
    let kind = AssociationType::parse(row.text(2)?);
    let membership = match row.0.get(6) {
        Some(super::sql::Value::Integer(1)) => Some(SubmissionSetStatus::Original),
        Some(super::sql::Value::Integer(_)) => Some(SubmissionSetStatus::Reference),
        _ => None,
    };
    Ok(ExistingAssociation {
        patient: row.integer(0)?,
        entry_uuid: uuid(row.text(1)?)?,
        association_type: kind.ok_or("unknown").map_err(broken("association_type"))?,
        source: uuid(row.text(3)?)?,
        target: uuid(row.text(4)?)?,
        availability_status: status(row.integer(5)?),
        submission_set_status: membership,
        content: row.take_text(7)?,
    })
}
