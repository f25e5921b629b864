//! What the hub's services say to each other when a document is taken back: which documents, why,
//! by whom. It is no transaction of the Technical Framework; its answer is rs:RegistryResponse.

use crate::dtm::Dtm;
use crate::entry_uuid::EntryUuid;
use crate::hl7::PatientId;
use crate::ods_code::OdsCode;
use crate::unique_id::UniqueId;
use crate::xml::{Element, attribute, text_element};
use uuid::Uuid;

pub const NAMESPACE: &str = "urn:watling:recall";
pub const WITHDRAWN: &str = "Withdrawn";
pub const ACKNOWLEDGED: &str = "Acknowledged";

/// Documents of one message at most; a removal that takes more is several messages.
pub const DOCUMENTS_MAX: usize = 2_000;

/// Why a document was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It is about somebody else than the patient under whom it was shown.
    WrongPatient,
    /// Another version has replaced it.
    Corrected,
    /// Its metadata were changed (ITI-57, ITI-92).
    MetadataUpdated,
    /// Its publisher made it Deprecated without a replacement.
    Deprecated,
    /// Its entry or its bytes were removed (ITI-62, ITI-86), or it was nullified as an error.
    Removed,
}

impl Reason {
    pub const ALL: [Self; 5] = [
        Self::WrongPatient,
        Self::Corrected,
        Self::MetadataUpdated,
        Self::Deprecated,
        Self::Removed,
    ];

    /// The word in messages, stores and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongPatient => "wrong-patient",
            Self::Corrected => "corrected",
            Self::MetadataUpdated => "metadata-updated",
            Self::Deprecated => "deprecated",
            Self::Removed => "removed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == text)
    }
}

/// A document that was taken back, as far as those who have read it need to find their copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnDocument {
    pub unique_id: UniqueId,
    pub entry_uuid: Option<EntryUuid>,
    pub type_code: String,
    pub practice_setting: String,
    pub publisher_ods: Option<OdsCode>,
    pub creation_time: Option<Dtm>,
    /// The version to use instead.
    pub replaced_by: Option<UniqueId>,
    /// Organisations that it was addressed to.
    pub recipients: Vec<OdsCode>,
}

/// Documents of one patient that were taken back together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// The same however often it is told.
    pub id: Uuid,
    pub reason: Reason,
    /// Under whom the documents were shown.
    pub patient_id: PatientId,
    pub at: Dtm,
    /// The organisation that took them back.
    pub by: OdsCode,
    /// The system through which it did, where that is known.
    pub system: Option<String>,
    pub documents: Vec<WithdrawnDocument>,
}

/// Why a message between services cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecallError {
    #[error("{0} is missing or not valid")]
    Attribute(&'static str),
    #[error("a Withdrawn names 1 to {DOCUMENTS_MAX} documents")]
    Documents,
}

fn needed<'d, T>(
    element: Element<'d>,
    name: &'static str,
    read: impl FnOnce(&'d str) -> Option<T>,
) -> Result<T, RecallError> {
    element.attr(name).and_then(read).ok_or(RecallError::Attribute(name))
}

/// `None` where it is absent; a value that cannot be read is an error.
fn optional<'d, T>(
    element: Element<'d>,
    name: &'static str,
    read: impl FnOnce(&'d str) -> Option<T>,
) -> Result<Option<T>, RecallError> {
    let Some(text) = element.attr(name) else { return Ok(None) };
    read(text).map(Some).ok_or(RecallError::Attribute(name))
}

fn ods(text: &str) -> Option<OdsCode> {
    OdsCode::parse(text).ok()
}

impl Withdrawn {
    /// Reads `Withdrawn`.
    pub fn read(element: Element<'_>) -> Result<Self, RecallError> {
        let mut documents = Vec::new();
        for child in element.children_named(NAMESPACE, "Document") {
            if documents.len() == DOCUMENTS_MAX {
                return Err(RecallError::Documents);
            }
            documents.push(WithdrawnDocument::read(child)?);
        }
        if documents.is_empty() {
            return Err(RecallError::Documents);
        }
        Ok(Self {
            id: needed(element, "id", |text| Uuid::try_parse(text).ok())?,
            reason: needed(element, "reason", Reason::parse)?,
            patient_id: needed(element, "patientId", |text| PatientId::parse(text).ok())?,
            at: needed(element, "at", |text| Dtm::parse(text).ok())?,
            by: needed(element, "by", ods)?,
            system: optional(element, "system", |text| Some(text.to_owned()))?,
            documents,
        })
    }

    pub fn write(&self) -> String {
        let mut out = format!("<r:{WITHDRAWN} xmlns:r=\"{NAMESPACE}\"");
        attribute(&mut out, "id", &self.id.to_string());
        attribute(&mut out, "reason", self.reason.name());
        attribute(&mut out, "patientId", &self.patient_id.text());
        attribute(&mut out, "at", self.at.as_str());
        attribute(&mut out, "by", self.by.as_str());
        if let Some(system) = &self.system {
            attribute(&mut out, "system", system);
        }
        out.push('>');
        self.documents.iter().for_each(|document| document.write(&mut out));
        out.push_str(&format!("</r:{WITHDRAWN}>"));
        out
    }
}

impl WithdrawnDocument {
    fn read(element: Element<'_>) -> Result<Self, RecallError> {
        let unique_id = |text| UniqueId::parse(text).ok();
        let mut recipients = Vec::new();
        for recipient in element.children_named(NAMESPACE, "Recipient") {
            recipients.push(ods(recipient.trimmed()).ok_or(RecallError::Attribute("Recipient"))?);
        }
        Ok(Self {
            unique_id: needed(element, "uniqueId", unique_id)?,
            entry_uuid: optional(element, "entryUUID", |text| EntryUuid::parse(text).ok())?,
            type_code: needed(element, "typeCode", |text| Some(text.to_owned()))?,
            practice_setting: needed(element, "practiceSettingCode", |t| Some(t.to_owned()))?,
            publisher_ods: optional(element, "publisher", ods)?,
            creation_time: optional(element, "creationTime", |text| Dtm::parse(text).ok())?,
            replaced_by: optional(element, "replacedBy", unique_id)?,
            recipients,
        })
    }

    fn write(&self, out: &mut String) {
        out.push_str("<r:Document");
        attribute(out, "uniqueId", self.unique_id.as_str());
        let optional = [
            ("entryUUID", self.entry_uuid.map(|id| id.to_string())),
            ("publisher", self.publisher_ods.as_ref().map(ToString::to_string)),
            ("creationTime", self.creation_time.as_ref().map(ToString::to_string)),
            ("replacedBy", self.replaced_by.as_ref().map(ToString::to_string)),
        ];
        attribute(out, "typeCode", &self.type_code);
        attribute(out, "practiceSettingCode", &self.practice_setting);
        for (name, value) in optional {
            if let Some(value) = value {
                attribute(out, name, &value);
            }
        }
        out.push('>');
        for recipient in &self.recipients {
            text_element(out, "r:Recipient", recipient.as_str());
        }
        out.push_str("</r:Document>");
    }
}

/// An organisation's word on a notice that it was sent, as it came to another process of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// `infrastructure` or `business`.
    pub level: String,
    /// For whom its sender's certificate may speak, its own organisation first.
    pub senders: Vec<OdsCode>,
    /// Of the acknowledgement's own envelope.
    pub tracking_id: String,
    /// Of the notice.
    pub tracking_id_ref: String,
    /// In its own code: `OK`, `Failure`; `AA`, `AE`, `AR`.
    pub answer: String,
}

impl Acknowledged {
    /// Reads `Acknowledged`.
    pub fn read(element: Element<'_>) -> Result<Self, RecallError> {
        let text = |name| needed(element, name, |text| Some(text.to_owned()));
        let mut senders = Vec::new();
        for sender in element.children_named(NAMESPACE, "Sender") {
            senders.push(ods(sender.trimmed()).ok_or(RecallError::Attribute("Sender"))?);
        }
        Ok(Self {
            level: text("level")?,
            tracking_id: text("trackingId")?,
            tracking_id_ref: text("trackingIdRef")?,
            answer: text("answer")?,
            senders,
        })
    }

    pub fn write(&self) -> String {
        let mut out = format!("<r:{ACKNOWLEDGED} xmlns:r=\"{NAMESPACE}\"");
        attribute(&mut out, "level", &self.level);
        attribute(&mut out, "trackingId", &self.tracking_id);
        attribute(&mut out, "trackingIdRef", &self.tracking_id_ref);
        attribute(&mut out, "answer", &self.answer);
        out.push('>');
        self.senders.iter().for_each(|ods| text_element(&mut out, "r:Sender", ods.as_str()));
        out.push_str(&format!("</r:{ACKNOWLEDGED}>"));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    fn withdrawn(recipients: &[&str]) -> Withdrawn {
        let ods = |code: &&str| OdsCode::parse(code).unwrap();
        Withdrawn {
            id: Uuid::from_u128(7),
            reason: Reason::WrongPatient,
            patient_id: PatientId::parse("9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO").unwrap(),
            at: Dtm::parse("20260715120000").unwrap(),
            by: ods(&"RXN"),
            system: Some("rxn <engine>".to_owned()),
            documents: vec![WithdrawnDocument {
                unique_id: UniqueId::parse("1.2.3^A").unwrap(),
                entry_uuid: Some(EntryUuid::from_uuid(Uuid::from_u128(9))),
                type_code: "373942005".to_owned(),
                practice_setting: "394579002".to_owned(),
                publisher_ods: None,
                creation_time: Some(Dtm::parse("2026").unwrap()),
                replaced_by: Some(UniqueId::parse("1.2.4").unwrap()),
                recipients: recipients.iter().map(ods).collect(),
            }],
        }
    }

    fn read(text: &str) -> Result<Withdrawn, RecallError> {
        let document = Document::parse(text, &Limits::default()).unwrap();
        Withdrawn::read(document.root())
    }

    #[test]
    fn what_is_written_of_a_withdrawal_is_read_back() {
        for recipients in [&[][..], &["RX7", "ZZP01"]] {
            let said = withdrawn(recipients);
            assert_eq!(read(&said.write()).unwrap(), said);
        }
        let acknowledged = Acknowledged {
            level: "business".to_owned(),
            senders: vec![OdsCode::parse("RX7").unwrap(), OdsCode::parse("ZZP01").unwrap()],
            tracking_id: "A-1".to_owned(),
            tracking_id_ref: "\"not ours\"".to_owned(),
            answer: "AR".to_owned(),
        };
        let text = acknowledged.write();
        let document = Document::parse(&text, &Limits::default()).unwrap();
        assert_eq!(Acknowledged::read(document.root()).unwrap(), acknowledged);
    }

    #[test]
    fn a_withdrawal_that_lacks_something_or_names_too_much_is_refused_by_name() {
        let text = withdrawn(&[]).write();
        let without = text.replace("reason=\"wrong-patient\"", "reason=\"because\"");
        assert_eq!(read(&without), Err(RecallError::Attribute("reason")));
        let wrong = text.replace("9990000018", "9990000019");
        assert_eq!(read(&wrong), Err(RecallError::Attribute("patientId")));
        let mut many = withdrawn(&[]);
        many.documents = vec![many.documents[0].clone(); DOCUMENTS_MAX + 1];
        assert_eq!(read(&many.write()), Err(RecallError::Documents));
        many.documents.clear();
        assert_eq!(read(&many.write()), Err(RecallError::Documents));
    }
}
