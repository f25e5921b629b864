//! SubmissionSet (ITI TF-3 4.2.3.3): who submitted what, when, for whom.

use super::attributes::Reading;
use super::ids::{self, slot, submission_set as scheme};
use super::{Author, CONTENT_SEPARATOR, Code, ObjectId};
use crate::dtm::Dtm;
use crate::error::XdsError;
use crate::hl7::{PatientId, Xcn, Xon};
use crate::ods_code::OdsCode;
use crate::oid::Oid;
use crate::wire::{LocalizedString, ObjectWriter, RegistryObject, Slot};
use crate::xml::attribute;

#[derive(Clone, Debug, PartialEq)]
pub struct SubmissionSet {
    pub id: ObjectId,
    pub home_community_id: Option<String>,
    pub author: Vec<Author>,
    pub comments: Vec<LocalizedString>,
    pub content_type_code: Code,
    /// `XON|XCN|XTN` per value, kept as sent.
    pub intended_recipient: Vec<String>,
    pub patient_id: PatientId,
    pub source_id: Oid,
    pub submission_time: Dtm,
    pub title: Vec<LocalizedString>,
    pub unique_id: Oid,
    pub extra: Vec<Slot>,
}

/// Characters of the title in one language (ITI TF-3 table 4.2.3.3-1).
const LONGEST_TITLE: usize = 256;

impl SubmissionSet {
    pub fn read(object: &RegistryObject, errors: &mut Vec<XdsError>) -> Option<Self> {
        let before = errors.len();
        let mut reading = Reading::new(object, "SubmissionSet", errors);
        let set = Self::read_attributes(object, &mut reading);
        set.filter(|_| errors.len() == before)
    }

    fn read_attributes(object: &RegistryObject, reading: &mut Reading<'_>) -> Option<Self> {
        reading.refuse_limited(scheme::LIMITED_METADATA);
        let id = reading.id();
        let content_type_code = reading.code(scheme::CONTENT_TYPE_CODE, "contentTypeCode");
        let patient_id = reading.patient_id(scheme::PATIENT_ID);
        let source_id = reading.oid(scheme::SOURCE_ID, "sourceId");
        let unique_id = reading.oid(scheme::UNIQUE_ID, "uniqueId");
        let time = reading.required(slot::SUBMISSION_TIME);
        let submission_time =
            time.and_then(|text| reading.parsed("submissionTime", Dtm::parse(&text)));
        let authors = object.classifications.iter();
        let authors: Vec<_> =
            authors.filter(|c| c.scheme.as_deref() == Some(scheme::AUTHOR)).collect();
        Some(Self {
            home_community_id: reading.home(),
            author: authors.into_iter().filter_map(|c| Author::read(c, reading)).collect(),
            comments: object.description.clone(),
            intended_recipient: intended_recipient(reading),
            title: reading.title(LONGEST_TITLE),
            extra: reading.extra(&[slot::SUBMISSION_TIME, slot::INTENDED_RECIPIENT]),
            id: id?,
            content_type_code: content_type_code?,
            patient_id: patient_id?,
            source_id: source_id?,
            submission_time: submission_time?,
            unique_id: unique_id?,
        })
    }

    /// The organisations among the intended recipients that are known by an ODS code.
    pub fn recipient_organisations(&self) -> Vec<OdsCode> {
        let organisations = self.intended_recipient.iter().filter_map(|text| {
            let organisation = Xon::parse(text.split('|').next()?).ok()?;
            OdsCode::parse(organisation.identifier()).ok()
        });
        let mut organisations: Vec<OdsCode> = organisations.collect();
        organisations.sort();
        organisations.dedup();
        organisations
    }

    /// Children before and after `VersionInfo`, without the patientId.
    pub fn content(&self, id: &str) -> String {
        let mut out = String::with_capacity(2500);
        let mut writer = ObjectWriter::new(&mut out, id, 1);
        writer.slot(slot::INTENDED_RECIPIENT, &self.intended_recipient);
        writer.slot_one(slot::SUBMISSION_TIME, Some(&self.submission_time));
        writer.slots(&self.extra);
        writer.localized("Name", &self.title);
        writer.localized("Description", &self.comments);
        out.push(CONTENT_SEPARATOR);
        let mut writer = ObjectWriter::new(&mut out, id, 1);
        for author in &self.author {
            author.write(&mut writer, scheme::AUTHOR);
        }
        self.content_type_code.write(&mut writer, scheme::CONTENT_TYPE_CODE);
        writer.marker(scheme::MARKER);
        let source_id = self.source_id.as_str();
        writer.external_identifier(scheme::SOURCE_ID, "XDSSubmissionSet.sourceId", source_id);
        let unique_id = self.unique_id.as_str();
        writer.external_identifier(scheme::UNIQUE_ID, "XDSSubmissionSet.uniqueId", unique_id);
        out
    }

    pub fn write(&self, out: &mut String) {
        let id = self.id.to_string();
        out.push_str("<rim:RegistryPackage");
        attribute(out, "id", &id);
        if let Some(home) = &self.home_community_id {
            attribute(out, "home", home);
        }
        attribute(out, "objectType", ids::REGISTRY_PACKAGE);
        out.push('>');
        out.push_str(&self.content(&id).replace(CONTENT_SEPARATOR, ""));
        let mut writer = ObjectWriter::new(out, &id, 0);
        let patient_id = self.patient_id.text();
        writer.external_identifier(scheme::PATIENT_ID, "XDSSubmissionSet.patientId", &patient_id);
        out.push_str("</rim:RegistryPackage>");
    }
}

/// Each an organisation, a person, a telecommunication address, or some of them.
fn intended_recipient(reading: &mut Reading<'_>) -> Vec<String> {
    let values = reading.values(slot::INTENDED_RECIPIENT);
    for value in &values {
        let parts: Vec<&str> = value.split('|').collect();
        if parts.len() > 3 || parts.iter().all(|part| part.is_empty()) {
            reading.refuse("intendedRecipient", "is of the form XON|XCN|XTN, not all of it empty");
            continue;
        }
        let part = |n: usize| parts.get(n).filter(|part| !part.is_empty());
        part(0).map(|text| reading.parsed("intendedRecipient", Xon::parse(text)));
        part(1).map(|text| reading.parsed("intendedRecipient", Xcn::parse(text)));
    }
    values
}
