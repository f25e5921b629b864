//! Acknowledgements that a sender asked for, put where they are durable before it is answered.
//!
//! An infrastructure acknowledgement says that the envelope was taken, a business acknowledgement
//! what became of its documents: AA taken, AE in quarantine (a fix and another run may help), AR
//! refused. A message is quarantined once and taken later: AE is then followed by AA, since nobody
//! tells the sender otherwise that its document arrived after all.

mod compose;
mod decision;

use crate::Repository;
use crate::arrival::{self, Arrival, Disposition, Envelope};
use compose::Answerer;
use decision::{Owed, Taken, When};
use node::outbox::{Item, Kind, Message, Outbox, Outboxes};
use schemas::itk::{AcknowledgementType, DistributionEnvelope, ItkErrorCode, ItkFault};
use schemas::ods_code::OdsCode;

/// What acknowledging needs.
pub struct Acknowledging {
    /// The repository's own.
    pub outbox: Outbox,
    /// Of every role of the process: what comes may answer any of them.
    pub outboxes: Outboxes,
    /// Who runs the hub: the sender of every acknowledgement.
    pub ods: OdsCode,
}

impl Repository {
    fn answerer(&self) -> Answerer<'_> {
        Answerer { ods: &self.acknowledging.ods, now: self.clock.now() }
    }
}

/// Called for every accepted message, replays included: what was put before is not put again. A
/// quarantined message gets its business acknowledgement as AE.
pub(crate) async fn acknowledge(
    repository: &Repository,
    arrival: &Arrival,
    disposition: &Disposition,
) -> Result<(), ItkFault> {
    let taken = taken(repository, arrival, disposition).await?;
    tell(repository, arrival, decision::owed(&arrival.envelope, taken, When::Answered), None).await
}

/// Called where a message leaves quarantine: its sender, which was told AE, is told AA.
pub(crate) async fn redriven(repository: &Repository, arrival: &Arrival) -> Result<(), ItkFault> {
    let owed = decision::owed(&arrival.envelope, Taken::Accepted, When::Later);
    tell(repository, arrival, owed, None).await
}

/// Called where an accepted message is refused after all: it was dropped from quarantine. Its
/// business acknowledgement is AR. Its infrastructure acknowledgement says so only where a part of the
/// envelope is at fault and none was sent yet: it is made once.
pub(crate) async fn reject(
    repository: &Repository,
    arrival: &Arrival,
    fault: &ItkFault,
) -> Result<(), ItkFault> {
    let mut owed = decision::owed(&arrival.envelope, Taken::Refused, When::Later);
    owed.infrastructure &= fault.distribution_error.is_some();
    tell(repository, arrival, owed, Some(fault)).await
}

/// Puts what is owed, durable when it returns.
async fn tell(
    repository: &Repository,
    arrival: &Arrival,
    owed: Owed,
    fault: Option<&ItkFault>,
) -> Result<(), ItkFault> {
    let digest = arrival::digest(arrival);
    if owed.infrastructure {
        let ids = compose::fresh();
        let message = compose::infrastructure(repository.answerer(), &arrival.envelope, ids, fault);
        put(repository, arrival, Kind::InfrastructureAck, &digest, &message).await?;
    }
    if let Some(code) = owed.business {
        let message = compose::business(repository.answerer(), arrival, compose::fresh(), code);
        let occasion = occasion(&digest, code);
        put(repository, arrival, Kind::BusinessAck, &occasion, &message).await?;
    }
    Ok(())
}

/// By what business acknowledgements about one tracking id are told apart: documents, interaction and
/// addresses of the message, and what they say.
fn occasion(digest: &str, code: AcknowledgementType) -> String {
    format!("{digest}:{}", code.code())
}

/// The Distribution Envelope that answers a message of the synchronous style on its own connection:
/// its business acknowledgement where one was asked for, else the infrastructure acknowledgement.
/// The same message again gets the same ids.
pub(crate) async fn at_once(
    repository: &Repository,
    arrival: &Arrival,
    disposition: &Disposition,
) -> Result<String, ItkFault> {
    let taken = taken(repository, arrival, disposition).await?;
    let ids = compose::derived(&arrival.envelope, &arrival::digest(arrival), taken);
    let answer = match arrival.envelope.wished.business {
        true => compose::business(repository.answerer(), arrival, ids, taken.code()),
        false => compose::infrastructure(repository.answerer(), &arrival.envelope, ids, None),
    };
    Ok(answer.write())
}

/// What became of a message, as far as its sender is told.
async fn taken(
    repository: &Repository,
    arrival: &Arrival,
    disposition: &Disposition,
) -> Result<Taken, ItkFault> {
    Ok(match disposition {
        Disposition::Quarantined { .. } => Taken::Quarantined,
        Disposition::Replayed => replayed(repository, arrival).await?,
        Disposition::Registered { .. }
        | Disposition::Distributed { .. }
        | Disposition::Withdrawn { .. }
        | Disposition::Held { .. } => Taken::Accepted,
    })
}

/// What its sender was told last of a message that comes again, or should have been told.
async fn replayed(repository: &Repository, arrival: &Arrival) -> Result<Taken, ItkFault> {
    let Envelope { publisher, tracking_id, .. } = &arrival.envelope;
    let digest = arrival::digest(arrival);
    let told = repository.acknowledging.outbox.about(tracking_id).await;
    let told = told.map_err(|error| unable(&error))?;
    for taken in [Taken::Accepted, Taken::Refused] {
        let occasion = occasion(&digest, taken.code());
        if told.iter().any(|item| item.occasion == occasion) {
            return Ok(taken);
        }
    }
    let answered = repository.front_door.answered(publisher.clone(), tracking_id.clone()).await;
    let answered = answered.map_err(|error| unable(&error))?;
    let same = answered.iter().find(|message| message.digest == digest);
    Ok(match same.map(|message| message.disposition.as_str()) {
        Some("quarantined") => Taken::Quarantined,
        _ => Taken::Accepted,
    })
}

fn unable(error: &dyn std::fmt::Display) -> ItkFault {
    tracing::error!(%error, "an acknowledgement could not be put into the outbox");
    ItkFault::new(
        ItkErrorCode::TemporarilyUnable,
        "the acknowledgement that was asked for could not be kept: send the message again unchanged",
    )
}

async fn put(
    repository: &Repository,
    arrival: &Arrival,
    kind: Kind,
    occasion: &str,
    composed: &DistributionEnvelope,
) -> Result<(), ItkFault> {
    let (destination, address) = decision::answer_to(&arrival.envelope);
    let message = Message::of(composed).ok_or_else(|| unable(&"it has no payload of XML"))?;
    let item = Item {
        kind,
        destination,
        address,
        reference: arrival.envelope.tracking_id.clone(),
        occasion: occasion.to_owned(),
        message,
    };
    let put = repository.acknowledging.outbox.put(item).await;
    put.map(|_| ()).map_err(|error| unable(&error))
}
