//! Quality events: what became of each document, counted per publisher, type and week. They name no
//! patient and no document, so they are kept and shown without a question.

mod facts;
mod report;
mod store;

pub use report::{Report, Row, since_week};
pub use store::{Event, Outcome};

use crate::Repository;
use crate::arrival::{Arrival, Disposition, Route};
pub(crate) use facts::Facts;
use schemas::error::XdsError;
use schemas::itk::ItkFault;
use schemas::ods_code::OdsCode;
use schemas::submission::Submission;
use sha2::Digest;

/// The word for documents that came by ITI-41; the others' is their [`Route`]'s.
pub const ITI41: &str = "iti-41";

/// Called for every message of the front door once what became of it is durable.
pub(crate) async fn record(
    repository: &Repository,
    arrival: &Arrival,
    outcome: Result<&Disposition, &ItkFault>,
) {
    let outcome = match outcome {
        // What the hub knew already was counted then.
        Ok(Disposition::Replayed | Disposition::Distributed { .. }) => return,
        Ok(Disposition::Withdrawn { .. } | Disposition::Held { .. }) => return,
        Err(fault) if fault.code == schemas::itk::ItkErrorCode::TemporarilyUnable => return,
        Ok(Disposition::Registered { .. }) => Outcome::Registered,
        Ok(Disposition::Quarantined { .. }) => Outcome::Quarantined,
        Err(_) => Outcome::Rejected,
    };
    let envelope = &arrival.envelope;
    let of = |payload| Facts::of_payload(repository, envelope, payload);
    let facts = arrival.payloads.iter().map(of).collect();
    keep(repository, &envelope.publisher, envelope.route.name(), outcome, facts).await;
}

/// Called for what was refused before it became a message.
pub(crate) async fn refused(
    repository: &Repository,
    route: Route,
    publisher: &OdsCode,
    document_type: &str,
) {
    let facts = vec![Facts::of_type(document_type)];
    keep(repository, publisher, route.name(), Outcome::Rejected, facts).await;
}

/// Called for every submission of ITI-41 that is new, or was refused.
pub(crate) async fn provided(
    repository: &Repository,
    publisher: &OdsCode,
    submission: Option<(&Submission, Vec<Facts>)>,
    errors: &[XdsError],
) {
    use schemas::error::XdsErrorCode as Code;
    let failed = errors.iter().filter(|error| error.is_error());
    let mut passing = [
        Code::RegistryNotAvailable,
        Code::RegistryBusy,
        Code::RepositoryBusy,
        Code::Registry,
        Code::Repository,
        Code::DuplicateUniqueIdInRegistry,
    ]
    .iter();
    let codes: Vec<_> = failed.map(|error| error.code).collect();
    if passing.any(|code| codes.contains(code)) {
        return;
    }
    let outcome = if codes.is_empty() { Outcome::Registered } else { Outcome::Rejected };
    let facts = match submission {
        Some((submission, facts)) => facts
            .into_iter()
            .zip(&submission.document_entries)
            .map(|(facts, entry)| {
                let set = &submission.submission_set.unique_id;
                let mark = (outcome == Outcome::Registered)
                    .then(|| mark(publisher, &format!("{set} {}", entry.unique_id)));
                facts.or_of_entry(repository, entry).marked(mark)
            })
            .collect(),
        None => vec![Facts::default()],
    };
    keep(repository, publisher, ITI41, outcome, facts).await;
}

/// A submission that comes again is a success again, and one document.
fn mark(publisher: &OdsCode, name: &str) -> String {
    let digest = sha2::Sha256::digest(format!("{ITI41} {publisher} {name}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn keep(
    repository: &Repository,
    publisher: &OdsCode,
    route: &'static str,
    outcome: Outcome,
    facts: Vec<Facts>,
) {
    let now = repository.clock.now();
    let event = |facts: Facts| facts.event(publisher, route, outcome, now);
    let events = facts.into_iter().map(event).collect();
    if let Err(error) = repository.front_door.count(events, crate::completeness::hour(now)).await {
        tracing::warn!(%error, "a quality event is not counted");
    }
}
