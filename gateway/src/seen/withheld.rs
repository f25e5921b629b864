//! That entries exist which may not be seen, told to roles that may know it (`[policy]
//! withheld_shows`). It is said of a patient as a whole and never of what a query found: else whoever
//! asks for a type, a code or a time would learn of what kind the withheld ones are.

use super::placeholder;
use crate::asking::{Inquiry, Judged};
use crate::decision::Control;
use crate::region::WithheldShows;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::metadata::{AvailabilityStatus, FoundEntry};
use schemas::query::{EntryFilter, FindDocuments, QueryKind, ReturnType, StoredQuery};

/// Where such a Warning says that it belongs.
pub(crate) const LOCATION: &str = "withheld";

/// What is said of the withheld entries of the patient that a query names.
#[derive(Default)]
pub(crate) struct Told {
    pub entries: Vec<FoundEntry>,
    pub warning: Option<XdsError>,
    /// The decisions behind it, for the record.
    pub judged: Vec<Judged>,
}

/// Looks at all of the patient's current entries, where the asker's role may know that some are
/// withheld.
pub(crate) async fn look(inquiry: &Inquiry<'_>, query: &StoredQuery) -> Result<Told, XdsError> {
    let Some(patient) = query.kind.patient_id() else { return Ok(Told::default()) };
    let policy = &inquiry.standing.region.policy;
    let shows = policy.withheld_shows_to(inquiry.standing.asker.role);
    if shows == WithheldShows::Nothing {
        return Ok(Told::default());
    }
    let all = QueryKind::FindDocuments(Box::new(FindDocuments::approved(patient.clone())));
    let all = StoredQuery { return_type: ReturnType::ObjectRef, ..StoredQuery::leaf_class(all) };
    let found = inquiry.ask(&all).await?;
    let mut judged = inquiry.judge(found.entries).await?;
    judged.retain(may_be_told);
    if judged.is_empty() {
        return Ok(Told::default());
    }
    if shows == WithheldShows::Placeholder && asks_for_everything(&query.kind, patient) {
        let entries = judged.iter().filter_map(|one| placeholder::of(&one.entry.facts)).collect();
        return Ok(Told { entries, warning: None, judged });
    }
    Ok(Told { entries: Vec::new(), warning: Some(warning(judged.len())), judged })
}

/// Withheld by what organisations have agreed, or by the role; never by the patient, and never where
/// that there is such a document tells too much already.
fn may_be_told(judged: &Judged) -> bool {
    let by = judged.outcome.as_ref().err().map(|denial| denial.control());
    judged.may_be_told
        && !judged.existence_is_sensitive
        && matches!(by, Some(Control::Agreement | Control::IdentityAndRole))
}

fn warning(count: usize) -> XdsError {
    let what = match count {
        1 => "1 entry of this patient exists that you may not see".to_owned(),
        count => format!("{count} entries of this patient exist that you may not see"),
    };
    let context = format!(
        "{what}: your agreements or your role do not cover them; ask your information governance lead"
    );
    XdsError::warning(XdsErrorCode::Registry, context).at(LOCATION)
}

/// Whether a query narrows the patient's current entries by nothing.
fn asks_for_everything(kind: &QueryKind, patient: &PatientId) -> bool {
    let current = |status: &[AvailabilityStatus]| status.contains(&AvailabilityStatus::Approved);
    match kind {
        QueryKind::FindDocuments(find) => {
            let mut all = FindDocuments::approved(patient.clone());
            all.status.clone_from(&find.status);
            **find == all && current(&find.status)
        }
        QueryKind::GetAll(all) => {
            all.entries == EntryFilter::default() && current(&all.entry_status)
        }
        _ => false,
    }
}
