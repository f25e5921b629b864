//! That a list may be incomplete, in words for whoever stands beside the patient: the repository does
//! not answer, something sent for this patient waits to be checked, a publisher has fallen silent.

use crate::asking::{Inquiry, Standing};
use crate::decision::{EntryView, agreements, is_member, may_be_told};
use schemas::completeness::{Lacking, Question, Silent};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::query::StoredQuery;

/// Where such a Warning says that it belongs.
pub(crate) const LOCATION: &str = "incomplete";

/// What a query about a patient is warned of. The same is asked whoever the patient is, known or not.
pub(crate) async fn warnings(
    inquiry: &Inquiry<'_>,
    query: &StoredQuery,
) -> Result<Vec<XdsError>, XdsError> {
    let Some(patient) = query.kind.patient_id().and_then(PatientId::nhs_number) else {
        return Ok(Vec::new());
    };
    let question = Question { patient };
    let lacking = match inquiry.gateway.completeness.lacking(question, &inquiry.context).await {
        Ok(lacking) => lacking,
        Err(reason) => {
            tracing::warn!(%reason, "the repository was not there to be asked what a list lacks");
            return Ok(vec![warning(DOWN.to_owned())]);
        }
    };
    let mut said: Vec<String> = waiting(inquiry, patient, &lacking).await?.into_iter().collect();
    let silent = lacking.silent.iter().filter(|silent| shares(inquiry, &silent.publisher));
    said.extend(silent.map(of_silence));
    Ok(said.into_iter().map(warning).collect())
}

const DOWN: &str = "this list may be incomplete, and what it lists may not open: the store of documents does not answer just now; try again in a few minutes, and do not take a missing document for one that does not exist";

fn warning(context: String) -> XdsError {
    XdsError::warning(XdsErrorCode::Registry, context).at(LOCATION)
}

fn of_silence(silent: &Silent) -> String {
    let Silent { publisher, hours } = silent;
    let since = if *hours < 48 { format!("{hours} hours") } else { format!("{} days", hours / 24) };
    format!(
        "this list may be incomplete: {publisher} has sent nothing for {since}, which is unusual; its newest documents may be missing"
    )
}

/// Whether a publisher shares anything with the asker: of others, silence is no news.
fn shares(inquiry: &Inquiry<'_>, publisher: &OdsCode) -> bool {
    let Standing { region, at, asker, .. } = &inquiry.standing;
    is_member(region, publisher, at.today)
        && agreements(region, at.today, asker).any(|versioned| {
            let mut publishers = versioned.agreement.publishers.iter();
            publishers.any(|party| region.is_party(party, publisher))
        })
}

/// What waits, counted for one who may be told of the patient's documents.
async fn waiting(
    inquiry: &Inquiry<'_>,
    patient: NhsNumber,
    lacking: &Lacking,
) -> Result<Option<String>, XdsError> {
    let facts = inquiry.facts(patient).await?;
    let Standing { region, at, asker, .. } = &inquiry.standing;
    let told = |publisher: &&OdsCode| {
        // Of what kind it is nobody knows yet, so any preference is against it.
        let view = EntryView {
            unique_id: "",
            publisher_ods: Some(*publisher),
            document_type: None,
            confidentiality: &[],
            recipients: &[],
        };
        let shared = *publisher == asker.organisation || shares(inquiry, publisher);
        shared && may_be_told(region, *at, asker, &facts, &view)
    };
    let count = lacking.waiting.iter().filter(told).count();
    let what = match count {
        0 => return Ok(None),
        1 => "something that was sent for this patient waits to be checked and is".to_owned(),
        count => {
            format!("{count} messages that were sent for this patient wait to be checked and are")
        }
    };
    Ok(Some(format!(
        "this list may be incomplete: {what} not shown yet; ask the sender if it is urgent"
    )))
}
