//! What earlier documents say of a patient: the newest of each publisher, asked of the registry.

use super::decision::{Doubt, Earlier};
use crate::Repository;
use crate::front_door::Reason;
use node::actors::CallContext;
use schemas::demographics::Demographics;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::metadata::FoundEntry;
use schemas::nhs_number::NhsNumber;
use schemas::query::{FindDocuments, QueryKind, ReturnType, Selector, StoredQuery};
use std::collections::HashMap;

/// So many documents of one publisher are read, the newest.
const OF_A_PUBLISHER: usize = 4;
/// So many of all together.
const DOCUMENTS_MAX: usize = 48;

/// Why the registry did not say.
fn unanswered(reason: &str) -> Doubt {
    tracing::warn!(reason, "earlier documents cannot be read");
    Doubt {
        reason: Reason::RegistryUnavailable,
        explanation: "the registry could not be asked what it knows of the patient".to_owned(),
    }
}

/// Newest first.
pub(super) async fn earlier(
    repository: &Repository,
    number: NhsNumber,
    call: &CallContext,
) -> Result<Vec<Earlier>, Doubt> {
    let find = FindDocuments::approved(PatientId::Nhs(number));
    let kind = QueryKind::FindDocuments(Box::new(find));
    let references =
        StoredQuery { return_type: ReturnType::ObjectRef, ..StoredQuery::leaf_class(kind) };
    let newest = newest(ask(repository, &references, call).await?);
    if newest.is_empty() {
        return Ok(Vec::new());
    }
    let ids = newest.iter().map(|entry| entry.facts.entry_uuid).collect();
    let whole = StoredQuery::leaf_class(QueryKind::GetDocuments(Selector::EntryUuid(ids)));
    let mut found = ask(repository, &whole, call).await?;
    found.sort_by(|one, other| other.facts.registered_at.cmp(&one.facts.registered_at));
    let says = |entry: &FoundEntry| {
        let person = Demographics::of_source_patient_info(&entry.read()?.source_patient_info);
        Some(Earlier { publisher: entry.facts.publisher_ods.clone(), person })
    };
    Ok(found.iter().filter_map(says).collect())
}

fn newest(mut found: Vec<FoundEntry>) -> Vec<FoundEntry> {
    found.sort_by(|one, other| other.facts.registered_at.cmp(&one.facts.registered_at));
    let mut of_publisher: HashMap<_, usize> = HashMap::new();
    found.retain(|entry| {
        let seen = of_publisher.entry(entry.facts.publisher_ods.clone()).or_default();
        *seen += 1;
        *seen <= OF_A_PUBLISHER
    });
    found.truncate(DOCUMENTS_MAX);
    found
}

/// Nothing is known of a patient whom the registry does not take: it will say so itself.
async fn ask(
    repository: &Repository,
    query: &StoredQuery,
    call: &CallContext,
) -> Result<Vec<FoundEntry>, Doubt> {
    let answer = repository.query.query(query, call).await;
    let answer = answer.map_err(|error| unanswered(&error.to_string()))?;
    let unknown = |error: &XdsError| error.code == XdsErrorCode::UnknownPatientId;
    match answer.errors.iter().find(|error| error.is_error()) {
        Some(error) if unknown(error) => Ok(Vec::new()),
        Some(error) => Err(unanswered(error.code.as_str())),
        None => Ok(answer.entries),
    }
}
