//! What happened, in the hub's words.

use super::reading::Shown;
use crate::caller::{Caller, PeerCertificate};
use schemas::transaction::Transaction;
use serde::{Deserialize, Serialize};

/// EventOutcomeIndicator (DICOM PS3.15 A.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Success,
    /// Something was refused or only partly done.
    MinorFailure,
    /// Nothing was done.
    SeriousFailure,
}

impl Outcome {
    pub fn indicator(self) -> &'static str {
        match self {
            Self::Success => "0",
            Self::MinorFailure => "4",
            Self::SeriousFailure => "8",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::MinorFailure => "minor-failure",
            Self::SeriousFailure => "serious-failure",
        }
    }
}

/// What kind of event a record describes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditKind {
    /// A request of a transaction, `ITI-41`.
    Transaction(String),
    /// A request that was none of the known transactions.
    UnknownRequest,
    /// A certificate that failed the handshake.
    NodeAuthenticationFailure,
    Start,
    Stop,
    /// Agreements, preferences or membership were changed.
    SecurityConfiguration,
    /// Who a patient is was changed by hand.
    PatientIdentity,
    /// A hold was placed or lifted, or a controller approved that documents go.
    Retention,
    /// Somebody looked at a message in quarantine, or decided on it.
    Quarantine,
    /// Documents were destroyed at the end of their retention period.
    Destruction,
    /// A message of the hub's own was delivered, parked, tried again or given up by hand.
    Outbox,
    /// A report was drawn that says who has read what.
    Report,
    /// An assertion about a user was refused (ITI-40).
    UserAuthenticationFailure,
    /// The content of old records expired, or records kept elsewhere were brought into the chain.
    AuditLog,
}

/// How a service decided on one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecidedEntry {
    pub unique_id: String,
    /// Whose document it is, CX form; absent where there is no such entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_id: Option<String>,
    pub publisher_ods: String,
    pub type_code: String,
    /// What else of the entry is decided on, so that a decision can be replayed: its
    /// practiceSettingCode, every confidentialityCode, and whom it was addressed to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub practice_setting: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confidentiality: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// `permit`, or the reason code of the denial.
    pub decision: String,
    /// Agreement and version that permitted, `LTHT-GP-2026#3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// On what the legitimate relationship of a permit rests, `gp-registration`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    /// The control that refused, `agreement`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// Permitted although the citizen was against it: their wish is advice only, or something stood
    /// in for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over_preference: bool,
    /// It would have been refused without a broken glass.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub broke_glass: bool,
}

/// EventActionCode of a record about a patient (ITI TF-2 3.8.5, 3.44.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedAction {
    Create,
    Update,
    /// The identifier was subsumed by another one.
    Delete,
}

impl FeedAction {
    pub fn code(self) -> &'static str {
        match self {
            Self::Create => "C",
            Self::Update => "U",
            Self::Delete => "D",
        }
    }
}

/// What a record of a patient identity feed says beside the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedRecord {
    pub action: FeedAction,
    /// MSH-10, or the id of the HL7 v3 message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message_id: String,
    /// `facility|application`, as the message names its ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<String>,
}

/// The content of one record. It may name a patient: an audit record is the one place, beside wire
/// and store, where an NHS number stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    pub kind: AuditKind,
    /// `registry`, `repository`, `gateway`.
    pub service: String,
    pub outcome: Outcome,
    /// Set when recorded, RFC 3339.
    #[serde(default)]
    pub at: String,
    /// The process that recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where the answer goes, if not back on the request's connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The person who asks, as an assertion names them: `alias<user@issuer>` (ITI TF-2 3.40.4.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Of the organisation that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Why somebody asks for what a control would have withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
    /// CX form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission_set_unique_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub document_unique_ids: Vec<String>,
    /// entryUUIDs of what was removed from the registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_objects: Vec<String>,
    /// entryUUIDs of what a submission replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded_objects: Vec<String>,
    /// The stored query's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The whole AdhocQueryRequest, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_request: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<DecidedEntry>,
    /// Error codes and reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<FeedRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Why the urgent-care fallback gave the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<super::fallback::FallbackCause>,
    /// When it was answered, where the record came into the chain later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<String>,
    /// Up to this record content has expired (of a record of the log's own).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_up_to: Option<i64>,
    /// What the answer shows, for the question of who has read a document; rows beside the chain.
    #[serde(skip)]
    pub shown: Option<Shown>,
}

impl AuditEvent {
    pub fn new(service: &str, kind: AuditKind, outcome: Outcome) -> Self {
        Self {
            kind,
            service: service.to_owned(),
            outcome,
            at: String::new(),
            process: None,
            organisation: None,
            acting_for: None,
            system: None,
            address: None,
            reply_to: None,
            purpose: None,
            role: None,
            user: None,
            department: None,
            break_glass: None,
            patient_id: None,
            submission_set_unique_id: None,
            document_unique_ids: Vec::new(),
            removed_objects: Vec::new(),
            superseded_objects: Vec::new(),
            query: None,
            query_request: None,
            decisions: Vec::new(),
            reasons: Vec::new(),
            feed: None,
            message_id: None,
            correlation_id: None,
            fallback: None,
            answered_at: None,
            expired_up_to: None,
            shown: None,
        }
    }

    pub fn transaction(service: &str, transaction: Transaction, outcome: Outcome) -> Self {
        Self::new(service, AuditKind::Transaction(transaction.name().to_owned()), outcome)
    }

    pub fn by(mut self, caller: &Caller) -> Self {
        self.organisation = Some(caller.organisation.to_string());
        self.acting_for = Some(caller.asked_for().to_string());
        self.system = Some(caller.system.clone());
        self.address = Some(caller.address.to_string());
        if let Some(user) = &caller.user {
            self.user = Some(user.user_name());
            self.role = Some(user.role.code.clone());
            self.purpose = Some(user.purpose.clone());
            self.department = user.department.clone();
            self.break_glass = user.break_glass.clone();
        }
        self
    }

    /// As a certificate claims that has not been (or could not be) verified.
    pub fn claimed_by(mut self, certificate: Option<&PeerCertificate>) -> Self {
        self.system = certificate.map(|certificate| certificate.system.clone());
        let organisation = certificate.and_then(|certificate| certificate.organisation.as_ref());
        self.organisation = organisation.map(ToString::to_string);
        self
    }

    /// Whether somebody is answered, and may not be where it cannot be kept.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self.kind, AuditKind::Transaction(_)) && self.outcome != Outcome::SeriousFailure
    }

    /// The record of the same request, refused.
    pub(super) fn refused(mut self, reason: &str) -> Self {
        self.outcome = Outcome::SeriousFailure;
        self.shown = None;
        self.document_unique_ids.clear();
        self.because(format!("not answered: {reason}"))
    }

    /// When it happened, RFC 3339.
    pub fn happened_at(&self) -> &str {
        self.answered_at.as_ref().unwrap_or(&self.at)
    }

    /// Takes the decisions on what was found, and the patient where all are about one.
    pub fn decided(&mut self, decisions: Vec<DecidedEntry>) {
        self.decisions = decisions;
        if self.patient_id.is_none()
            && let [one] = self.patients()[..]
        {
            self.patient_id = Some(one.to_owned());
        }
    }

    /// Every patient that the event is about, each once.
    pub fn patients(&self) -> Vec<&str> {
        let decided = self.decisions.iter().filter_map(|decided| decided.patient_id.as_deref());
        let mut patients: Vec<&str> =
            self.patient_id.as_deref().into_iter().chain(decided).collect();
        let mut seen = std::collections::BTreeSet::new();
        patients.retain(|patient| seen.insert(*patient));
        patients
    }

    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reasons.push(reason.into());
        self
    }

    /// The word for the kind: a transaction's name, or what happened.
    pub fn kind_name(&self) -> &str {
        match &self.kind {
            AuditKind::Transaction(name) => name,
            AuditKind::UnknownRequest => "unknown-request",
            AuditKind::NodeAuthenticationFailure => "node-authentication-failure",
            AuditKind::Start => "start",
            AuditKind::Stop => "stop",
            AuditKind::SecurityConfiguration => "security-configuration",
            AuditKind::PatientIdentity => "patient-identity",
            AuditKind::Retention => "retention",
            AuditKind::Destruction => "destruction",
            AuditKind::Quarantine => "quarantine",
            AuditKind::Outbox => "outbox",
            AuditKind::Report => "report",
            AuditKind::UserAuthenticationFailure => "user-authentication-failure",
            AuditKind::AuditLog => "audit-log",
        }
    }
}
