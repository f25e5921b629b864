//! Breaking the glass: what a request shows for it, what is kept of each use, and its review.
//!
//! Whether it opens anything is the decision's ([`crate::decision`]). A use is kept before anything
//! that it opened leaves; one that cannot be kept opens nothing.

pub mod digest;
pub mod review;
pub(crate) mod shown;
pub mod totp;

use crate::asking::{Inquiry, unavailable};
use crate::decision::BREAK_GLASS;
use node::audit::{AuditEvent, DecidedEntry};
use node::caller::Caller;
use node::endpoint::SoapRequest;
use schemas::error::XdsError;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use shown::Glass;
use std::fmt;

/// What is said of a use.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub system: String,
    /// The user's name, where an assertion or the system gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    pub role: String,
    /// For people, never for a log.
    pub reason: String,
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said").field("system", &self.system).finish_non_exhaustive()
    }
}

/// One entry that a broken glass opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedEntry {
    pub unique_id: String,
    pub publisher: String,
    pub type_code: String,
    /// The document itself was handed out.
    pub retrieved: bool,
    /// The citizen was against it.
    pub over_preference: bool,
}

/// A use about one patient, to be kept or joined to the one that the same actor has open.
#[derive(Clone, Debug)]
pub struct NewUse {
    pub organisation: OdsCode,
    pub actor: String,
    pub patient: NhsNumber,
    /// Milliseconds since 1970, both.
    pub at: i64,
    pub until: i64,
    pub second_factor: bool,
    pub said: Said,
    pub entries: Vec<OpenedEntry>,
}

/// Who breaks it: the user whom an assertion names, else the one whom the system names, else the
/// system.
pub(crate) fn actor(caller: &Caller, glass: &Glass) -> (String, Option<String>) {
    if let Some(user) = &caller.user {
        let name = format!("{} {}", user.subject_id, user.user_name());
        return (format!("{}@{}", user.name_id, user.issuer), Some(name));
    }
    match &glass.user {
        Some(user) => (format!("{user}@{}", caller.system), Some(user.clone())),
        None => (caller.system.clone(), None),
    }
}

/// Keeps what a request opened, and puts the alert on record. To be called before it is answered.
pub(crate) async fn keep(
    inquiry: &Inquiry<'_>,
    request: &SoapRequest<'_>,
    glass: &Glass,
    audit: &mut AuditEvent,
) -> Result<(), XdsError> {
    let asker = &inquiry.standing.asker;
    let Some(shown) = asker.break_glass.as_ref().filter(|_| asker.purpose == BREAK_GLASS) else {
        return Ok(());
    };
    audit.break_glass = Some(shown.reason.clone());
    let now = inquiry.standing.at.now.as_millisecond();
    let minutes = inquiry.standing.region.policy.break_glass.minutes;
    let (actor, user) = actor(request.caller, glass);
    let said = Said {
        system: request.caller.system.clone(),
        user,
        role: asker.role.to_owned(),
        reason: shown.reason.clone(),
    };
    let patients = audit.patients();
    let numbers = patients.iter().filter_map(|id| PatientId::parse(id).ok()?.nhs_number());
    let uses = numbers.map(|patient| NewUse {
        organisation: asker.organisation.clone(),
        actor: actor.clone(),
        patient,
        at: now,
        until: now + i64::from(minutes) * 60_000,
        second_factor: shown.second_factor,
        said: said.clone(),
        entries: opened(audit, patient),
    });
    let uses: Vec<NewUse> = uses.collect();
    let kept = inquiry.gateway.store.keep_glass(uses).await;
    kept.map_err(|error| unavailable(&error, inquiry.busy))
}

/// What of a patient's entries would have stayed shut.
fn opened(audit: &AuditEvent, patient: NhsNumber) -> Vec<OpenedEntry> {
    let text = PatientId::Nhs(patient).text();
    let own = |decided: &&DecidedEntry| {
        decided.broke_glass && decided.patient_id.as_deref() == Some(text.as_str())
    };
    // A stored query hands out no document.
    let retrieved = audit.query.is_none();
    let entries = audit.decisions.iter().filter(own).map(|decided| OpenedEntry {
        unique_id: decided.unique_id.clone(),
        publisher: decided.publisher_ods.clone(),
        type_code: decided.type_code.clone(),
        retrieved,
        over_preference: decided.over_preference,
    });
    entries.collect()
}
