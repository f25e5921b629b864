//! What a verified assertion brings to a decision, and the patient it is about.

use crate::asking::Standing;
use crate::decision::{BreakGlass, Denial, Shown};
use node::caller::{Caller, UserAssertion};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;

/// Role, purpose, organisation, department and broken glass of the person; nothing where the system
/// alone asks. The flag of an event is for whoever keeps flags.
pub(crate) fn shown(caller: &Caller) -> Shown {
    let Some(user) = &caller.user else { return Shown::default() };
    Shown {
        role: Some(role(user)),
        purpose: Some(user.purpose.clone()),
        organisation: Some(user.organisation.clone()),
        department: user.department.clone(),
        transactional: None,
        break_glass: user
            .break_glass
            .as_ref()
            .map(|reason| BreakGlass { reason: reason.clone(), second_factor: user.second_factor }),
    }
}

/// A role of a system that is not mapped keeps its system, so that no table of codes knows it.
fn role(user: &UserAssertion) -> String {
    let role = &user.role;
    role.sds().map_or_else(|| format!("{}|{}", role.system, role.code), str::to_owned)
}

/// A question about another patient than the assertion's is refused before anything is looked up.
/// Where it is about that patient, what the index answers is too, a merged identifier among it.
pub(crate) fn narrow(
    standing: &mut Standing<'_>,
    asked: Option<&PatientId>,
    code: XdsErrorCode,
) -> Result<(), XdsError> {
    let (Some(about), Some(asked)) = (&standing.about, asked) else { return Ok(()) };
    if about != asked {
        let what = "the assertion's resource-id names another patient than the request: ask with an assertion about this patient, or one without resource-id";
        return Err(XdsError::new(code, what).at(Denial::OtherPatient.code()));
    }
    standing.about = None;
    Ok(())
}

impl Standing<'_> {
    /// Whether the assertion is about another patient than this one.
    pub(crate) fn is_about_another(&self, patient: &PatientId) -> bool {
        self.about.as_ref().is_some_and(|about| about != patient)
    }
}
