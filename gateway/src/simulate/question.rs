//! One request of the past, from its audit record.

use jiff::Timestamp;
use node::audit::{AuditEvent, AuditKind, DecidedEntry};
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::transaction::Transaction;

/// Who asked, and with what beside the certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Questioner {
    pub system: String,
    /// The certificate's organisation.
    pub organisation: OdsCode,
    pub acting_for: OdsCode,
    /// A person was asserted, whose role and purpose these are.
    pub asserted: bool,
    pub role: Option<String>,
    pub purpose: Option<String>,
    pub department: Option<String>,
    /// A decision rested on a flag that the request showed.
    pub transactional: bool,
    /// The reason that was given for breaking the glass.
    pub break_glass: Option<String>,
}

/// How it was decided then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Agreement and version.
    Permit(String),
    /// The entry might be seen, but not what has replaced it.
    Outdated,
    /// Reason code, and the control that refused where the record has it.
    Denied(String, Option<String>),
}

/// One entry that was decided on.
#[derive(Clone, Debug)]
pub struct Asked {
    pub unique_id: String,
    pub patient: Option<NhsNumber>,
    pub publisher: Option<OdsCode>,
    pub type_code: String,
    pub practice_setting: String,
    pub confidentiality: Vec<String>,
    pub recipients: Vec<OdsCode>,
    pub recorded: Recorded,
}

impl Asked {
    /// Whether the record holds what is decided on; older ones do not.
    pub fn is_whole(&self) -> bool {
        !self.practice_setting.is_empty() || !self.confidentiality.is_empty()
    }
}

/// One ITI-18 or ITI-43 at the gateway.
#[derive(Clone, Debug)]
pub struct Question {
    pub at: Timestamp,
    pub questioner: Questioner,
    /// Documents were to be opened (ITI-43), not only listed.
    pub opening: bool,
    /// Whom the question named.
    pub patient: Option<PatientId>,
    pub asked: Vec<Asked>,
}

/// A question whose record lacks who asked, or when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Question {
    /// `None` where the record is not one of a question at the gateway.
    pub fn read(event: &AuditEvent) -> Option<Result<Self, Unreadable>> {
        let AuditKind::Transaction(name) = &event.kind else { return None };
        let opening = *name == Transaction::Iti43.name();
        if event.service != "gateway" || !(opening || *name == Transaction::Iti18.name()) {
            return None;
        }
        Some(Self::of(event, opening).ok_or(Unreadable))
    }

    fn of(event: &AuditEvent, opening: bool) -> Option<Self> {
        let organisation = OdsCode::parse(event.organisation.as_deref()?).ok()?;
        let acting_for = event.acting_for.as_deref().map(OdsCode::parse);
        let flagged = |decided: &DecidedEntry| {
            decided.relationship.as_deref() == Some(crate::decision::Basis::Transactional.name())
        };
        Some(Self {
            at: event.at.parse().ok()?,
            questioner: Questioner {
                system: event.system.clone()?,
                acting_for: acting_for.unwrap_or_else(|| Ok(organisation.clone())).ok()?,
                organisation,
                asserted: event.user.is_some(),
                role: event.role.clone(),
                purpose: event.purpose.clone(),
                department: event.department.clone(),
                transactional: event.decisions.iter().any(flagged),
                break_glass: event.break_glass.clone(),
            },
            opening,
            patient: event.patient_id.as_deref().and_then(|text| PatientId::parse(text).ok()),
            asked: event.decisions.iter().filter_map(asked).collect(),
        })
    }
}

/// `None` where there was no such document.
fn asked(decided: &DecidedEntry) -> Option<Asked> {
    let patient = PatientId::parse(decided.patient_id.as_deref()?).ok()?;
    Some(Asked {
        unique_id: decided.unique_id.clone(),
        patient: patient.nhs_number(),
        publisher: OdsCode::parse(&decided.publisher_ods).ok(),
        type_code: decided.type_code.clone(),
        practice_setting: decided.practice_setting.clone(),
        confidentiality: decided.confidentiality.clone(),
        recipients: decided.recipients.iter().filter_map(|r| OdsCode::parse(r).ok()).collect(),
        recorded: match decided.decision.as_str() {
            "permit" => Recorded::Permit(decided.agreement.clone().unwrap_or_default()),
            code if code == crate::decision::Denial::Superseded.code() => Recorded::Outdated,
            code => Recorded::Denied(code.to_owned(), decided.control.clone()),
        },
    })
}
