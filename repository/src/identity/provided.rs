//! The same gate for ITI-41, which knows no quarantine: a contradiction is refused, told as a
//! Warning, or not looked for.

use super::decision::{Claim, Doubt, Identified, answered, compared};
use super::{Tracing, Verified, known, settle};
use crate::Repository;
use crate::front_door::Reason;
use crate::trace::{TraceOutcome, When};
use node::actors::CallContext;
use schemas::demographics::Demographics;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::DocumentEntry;
use schemas::nhs_number::NhsNumber;
use schemas::submission::Submission;
use serde::{Deserialize, Serialize};

/// What a contradiction in provided metadata comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Strict,
    Warn,
    Off,
}

/// By whose word the metadata is contradicted.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProvidedModes {
    /// PDS: it is the national record.
    pub pds: Mode,
    /// Earlier documents: the first of two is not therefore right.
    pub known: Mode,
}

impl Default for ProvidedModes {
    fn default() -> Self {
        Self { pds: Mode::Strict, known: Mode::Warn }
    }
}

/// Examines the entries of a submission, and fills in what PDS knows. Errors and Warnings; nothing
/// is filled where there is an Error.
pub(crate) async fn examine(
    repository: &Repository,
    submission: &mut Submission,
    call: &CallContext,
) -> Vec<XdsError> {
    let mut found = Vec::new();
    for entry in &mut submission.document_entries {
        let Some(number) = entry.patient_id.nhs_number() else { continue };
        let person = Demographics::of_source_patient_info(&entry.source_patient_info);
        let claim = Claim { number: Ok((number, true)), person };
        let verified = match of_pds(&repository.tracing, &claim, number).await {
            Ok(verified) => verified,
            Err(doubt) => {
                found.extend(told(doubt, repository.tracing.provided.pds, entry));
                None
            }
        };
        let confirmed = claim.person.tell_a_person() && verified.is_some();
        let doubt = against_known(repository, &claim, number, confirmed, call).await;
        found.extend(doubt.and_then(|doubt| told(doubt, repository.tracing.provided.known, entry)));
        if let Some(verified) = verified.filter(|_| !found.iter().any(XdsError::is_error)) {
            settle(entry, &verified);
        }
    }
    found
}

/// What PDS says, where it is asked about every number: metadata has no status of a number, and what
/// is under the NHS's authority counts as traced.
async fn of_pds(
    tracing: &Tracing,
    claim: &Claim,
    number: NhsNumber,
) -> Result<Option<Verified>, Doubt> {
    let asked = tracing.provided.pds != Mode::Off && tracing.when == When::Always;
    let Some(service) = tracing.service.as_ref().filter(|_| asked) else { return Ok(None) };
    let outcome = service.verify(number, &claim.person).await;
    if let TraceOutcome::Verified(traced) = &outcome
        && traced.superseded_from.is_some()
    {
        let explanation = "another NHS number has taken the place of this patientId: send the document under the number in force (look it up in PDS)";
        return Err(Doubt { reason: Reason::Invalidated, explanation: explanation.to_owned() });
    }
    let Identified { number, traced, notes } = answered(claim, outcome)?;
    Ok(traced.map(|traced| Verified { number, traced: Some(traced), notes }))
}

async fn against_known(
    repository: &Repository,
    claim: &Claim,
    number: NhsNumber,
    confirmed: bool,
    call: &CallContext,
) -> Option<Doubt> {
    let says = claim.person.name().is_some() || claim.person.birth_date.is_some();
    if repository.tracing.provided.known == Mode::Off || confirmed || !says {
        return None;
    }
    match known::earlier(repository, number, call).await {
        Ok(earlier) => compared(&claim.person, &earlier, false).err(),
        // Registering needs the registry as well, and says better what is wrong with it.
        Err(_) => None,
    }
}

/// In the profile's words: a patient whom nobody knows, or metadata that is of another.
fn told(doubt: Doubt, mode: Mode, entry: &DocumentEntry) -> Option<XdsError> {
    let code = match doubt.reason {
        Reason::NotFound | Reason::Invalidated => XdsErrorCode::UnknownPatientId,
        _ => XdsErrorCode::RepositoryMetadata,
    };
    let context = format!("sourcePatientInfo or patientId: {doubt}");
    let error = match mode {
        Mode::Strict => XdsError::new(code, context),
        Mode::Warn => XdsError::warning(code, context),
        Mode::Off => return None,
    };
    Some(error.at(entry.id.to_string()))
}
