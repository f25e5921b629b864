//! What a query found: typed facts to decide on, and the stored bytes to send.

use super::document_entry::{DocumentEntry, ObjectType, write_patient_id};
use super::ids::slot;
use super::{AvailabilityStatus, CONTENT_SEPARATOR};
use crate::dtm::Dtm;
use crate::entry_uuid::EntryUuid;
use crate::hl7::PatientId;
use crate::ods_code::OdsCode;
use crate::oid::Oid;
use crate::sensitivity::Sensitivity;
use crate::unique_id::UniqueId;
use crate::wire::{self, ObjectWriter, RIM};
use crate::xml::attribute;

/// The columns of a DocumentEntry: what the registry sets or filters, and what is decided on.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryFacts {
    pub entry_uuid: EntryUuid,
    pub logical_id: EntryUuid,
    pub version: u32,
    pub availability_status: AvailabilityStatus,
    pub home_community_id: Option<String>,
    pub object_type: ObjectType,
    pub mime_type: String,
    pub patient_id: PatientId,
    /// Where the patient lives and is registered must not be told.
    pub sensitive: bool,
    pub unique_id: UniqueId,
    pub repository_unique_id: Oid,
    /// typeCode and its codingScheme, as stored.
    pub type_code: String,
    pub type_scheme: String,
    /// practiceSettingCode; with the typeCode it tells the document type.
    pub practice_setting: String,
    /// confidentialityCode codes, all of them.
    pub confidentiality: Vec<String>,
    /// The organisation whose certificate submitted the document; agreements key on it.
    pub publisher_ods: Option<OdsCode>,
    /// The organisations that its SubmissionSet names as intendedRecipient. It counts where the
    /// patient has no number of the domain, and only there an answer tells.
    pub recipients: Vec<OdsCode>,
    pub hash: String,
    pub size: u64,
    /// When the registry committed the entry.
    pub registered_at: Dtm,
}

/// Slots that the registry adds to its answers.
const ADDED: [&str; 3] = [slot::REGISTERED_AT, slot::RECIPIENT_ODS, slot::PATIENT_SENSITIVITY];

/// One found DocumentEntry. Filtering reads the facts only; an answer is the content, nearly as
/// stored.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundEntry {
    pub facts: EntryFacts,
    pub content: String,
}

impl FoundEntry {
    /// Appends the ExtrinsicObject (ITI TF-3 4.2.3.2, response column).
    pub fn write(&self, out: &mut String) {
        let facts = &self.facts;
        let id = facts.entry_uuid.to_string();
        out.push_str("<rim:ExtrinsicObject");
        attribute(out, "id", &id);
        if let Some(home) = &facts.home_community_id {
            attribute(out, "home", home);
        }
        attribute(out, "lid", &facts.logical_id.to_string());
        attribute(out, "objectType", facts.object_type.urn());
        attribute(out, "status", facts.availability_status.urn());
        attribute(out, "mimeType", &facts.mime_type);
        out.push('>');
        let (head, tail) =
            self.content.split_once(CONTENT_SEPARATOR).unwrap_or((&self.content, ""));
        let mut writer = ObjectWriter::new(out, &id, 0);
        writer.slot_one(slot::REGISTERED_AT, Some(&facts.registered_at));
        if facts.sensitive {
            writer.slot_one(slot::PATIENT_SENSITIVITY, Some(Sensitivity::Restricted.code()));
        }
        if facts.patient_id.nhs_number().is_none() {
            let recipients: Vec<String> =
                facts.recipients.iter().map(ToString::to_string).collect();
            writer.slot(slot::RECIPIENT_ODS, &recipients);
        }
        out.push_str(head);
        ObjectWriter::new(out, &id, 0).version_info(facts.version);
        out.push_str(tail);
        write_patient_id(out, &id, &facts.patient_id);
        out.push_str("</rim:ExtrinsicObject>");
    }

    /// The entry with all its attributes; `None` where the stored content cannot be read.
    pub fn read(&self) -> Option<DocumentEntry> {
        let mut text = format!("<list xmlns:rim=\"{RIM}\">");
        self.write(&mut text);
        text.push_str("</list>");
        let document = crate::xml::Document::parse(&text, &Default::default()).ok()?;
        let objects = wire::read_objects(document.root(), &Default::default()).ok()?;
        DocumentEntry::read(objects.first()?, &mut Vec::new())
    }

    /// From an entry that another registry answered with; `None` where it lacks what a registered
    /// entry must have.
    pub fn from_answer(
        entry: DocumentEntry,
        status: AvailabilityStatus,
        logical_id: Option<EntryUuid>,
        version: u32,
    ) -> Option<Self> {
        let entry_uuid = entry.id.uuid()?;
        let registered_at = entry.registered_at().and_then(|text| Dtm::parse(text).ok())?;
        let mut kept = entry.clone();
        let recipients = entry.extra.iter().find(|slot| slot.name == slot::RECIPIENT_ODS);
        let recipients = recipients.map(|slot| slot.values.as_slice()).unwrap_or_default();
        let recipients = recipients.iter().filter_map(|text| OdsCode::parse(text).ok()).collect();
        kept.extra.retain(|slot| !ADDED.contains(&&*slot.name));
        Some(Self {
            content: kept.content(&entry_uuid.to_string()),
            facts: EntryFacts {
                entry_uuid,
                logical_id: logical_id.unwrap_or(entry_uuid),
                version,
                availability_status: status,
                publisher_ods: entry.publisher_ods(),
                recipients,
                home_community_id: entry.home_community_id,
                object_type: entry.object_type,
                mime_type: entry.mime_type,
                sensitive: entry.extra.iter().any(|slot| slot.name == slot::PATIENT_SENSITIVITY),
                patient_id: entry.patient_id,
                unique_id: entry.unique_id,
                repository_unique_id: entry.repository_unique_id?,
                type_code: entry.type_code.code,
                type_scheme: entry.type_code.scheme,
                practice_setting: entry.practice_setting_code.code,
                confidentiality: entry.confidentiality_code.into_iter().map(|c| c.code).collect(),
                hash: entry.hash.map(|hash| hash.to_string()).unwrap_or_default(),
                size: entry.size.unwrap_or_default(),
                registered_at,
            },
        })
    }
}
