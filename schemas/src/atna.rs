//! The DICOM audit message (DICOM PS3.15 A.5, ITI TF-2 3.20), serialised by yaserde.

use yaserde::YaSerialize;

/// A coded value: code, system, meaning.
#[derive(Clone, Debug, Default, PartialEq, YaSerialize)]
pub struct AuditCode {
    #[yaserde(attribute = true, rename = "csd-code")]
    pub code: String,
    #[yaserde(attribute = true, rename = "codeSystemName")]
    pub system: String,
    #[yaserde(attribute = true, rename = "originalText")]
    pub text: String,
}

impl AuditCode {
    pub fn new(code: &str, system: &str, text: &str) -> Self {
        Self { code: code.to_owned(), system: system.to_owned(), text: text.to_owned() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, YaSerialize)]
pub struct EventIdentification {
    #[yaserde(attribute = true, rename = "EventActionCode")]
    pub action: String,
    #[yaserde(attribute = true, rename = "EventDateTime")]
    pub at: String,
    #[yaserde(attribute = true, rename = "EventOutcomeIndicator")]
    pub outcome: String,
    #[yaserde(rename = "EventID")]
    pub id: AuditCode,
    #[yaserde(rename = "EventTypeCode")]
    pub kind: Vec<AuditCode>,
    #[yaserde(rename = "EventOutcomeDescription")]
    pub description: Option<String>,
    #[yaserde(rename = "PurposeOfUse")]
    pub purpose: Vec<AuditCode>,
}

#[derive(Clone, Debug, Default, PartialEq, YaSerialize)]
pub struct ActiveParticipant {
    #[yaserde(attribute = true, rename = "UserID")]
    pub user_id: String,
    #[yaserde(attribute = true, rename = "AlternativeUserID")]
    pub alternative_user_id: Option<String>,
    #[yaserde(attribute = true, rename = "UserName")]
    pub user_name: Option<String>,
    #[yaserde(attribute = true, rename = "UserIsRequestor")]
    pub is_requestor: bool,
    #[yaserde(attribute = true, rename = "NetworkAccessPointID")]
    pub network_id: Option<String>,
    #[yaserde(attribute = true, rename = "NetworkAccessPointTypeCode")]
    pub network_type: Option<String>,
    #[yaserde(rename = "RoleIDCode")]
    pub role: Vec<AuditCode>,
}

#[derive(Clone, Debug, Default, PartialEq, YaSerialize)]
pub struct AuditSourceTypeCode {
    #[yaserde(attribute = true, rename = "csd-code")]
    pub code: String,
}

#[derive(Clone, Debug, Default, PartialEq, YaSerialize)]
pub struct AuditSource {
    #[yaserde(attribute = true, rename = "AuditSourceID")]
    pub id: String,
    #[yaserde(attribute = true, rename = "AuditEnterpriseSiteID")]
    pub site: Option<String>,
    #[yaserde(rename = "AuditSourceTypeCode")]
    pub kind: AuditSourceTypeCode,
}

#[derive(Clone, Debug, Default, PartialEq, YaSerialize)]
pub struct ObjectDetail {
    #[yaserde(attribute = true, rename = "type")]
    pub name: String,
    /// Base64.
    #[yaserde(attribute = true, rename = "value")]
    pub value: String,
}

#[derive(Clone, Debug, Default, PartialEq, YaSerialize)]
pub struct ParticipantObject {
    #[yaserde(attribute = true, rename = "ParticipantObjectID")]
    pub id: String,
    #[yaserde(attribute = true, rename = "ParticipantObjectTypeCode")]
    pub kind: String,
    #[yaserde(attribute = true, rename = "ParticipantObjectTypeCodeRole")]
    pub role: String,
    #[yaserde(attribute = true, rename = "ParticipantObjectDataLifeCycle")]
    pub life_cycle: Option<String>,
    #[yaserde(rename = "ParticipantObjectIDTypeCode")]
    pub id_type: AuditCode,
    /// Base64 of the query.
    #[yaserde(rename = "ParticipantObjectQuery")]
    pub query: Option<String>,
    #[yaserde(rename = "ParticipantObjectDetail")]
    pub detail: Vec<ObjectDetail>,
}

/// Element order is fixed by the schema: event, participants, source, objects.
#[derive(Clone, Debug, Default, PartialEq, YaSerialize)]
#[yaserde(rename = "AuditMessage")]
pub struct AuditMessage {
    #[yaserde(rename = "EventIdentification")]
    pub event: EventIdentification,
    #[yaserde(rename = "ActiveParticipant")]
    pub participants: Vec<ActiveParticipant>,
    #[yaserde(rename = "AuditSourceIdentification")]
    pub source: AuditSource,
    #[yaserde(rename = "ParticipantObjectIdentification")]
    pub objects: Vec<ParticipantObject>,
}

impl AuditMessage {
    /// One line of XML, without a declaration.
    pub fn xml(&self) -> String {
        let config = yaserde::ser::Config {
            perform_indent: false,
            write_document_declaration: false,
            ..Default::default()
        };
        yaserde::ser::to_string_with_config(self, &config).unwrap_or_default()
    }
}
