//! Acknowledgements that a sender asked for, put where they are durable before it is answered.
//!
//! An infrastructure acknowledgement says that the envelope was taken, a business acknowledgement
//! what became of its documents: AA taken, AE in quarantine (a fix and another run may help), AR
//! refused. A message is quarantined once and taken later: AE is then followed by AA, since nobody
//! tells the sender otherwise that its document arrived after all.

mod compose;
mod decision;

use crate::Repository;
use crate::arrival::{Arrival, Disposition, Envelope, duplicates};
use decision::Taken;
use node::outbox::{Item, Kind, Message, Outbox, Outboxes};
use schemas::itk::{
    DistributionEnvelope, DistributionErrorCode, ItkErrorCode, ItkFault, Manifested,
};
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

/// Called for every accepted message, replays included (what was put before is not put again), and
/// again when it leaves quarantine. A quarantined message gets its business acknowledgement as AE.
pub(crate) async fn acknowledge(
    repository: &Repository,
    arrival: &Arrival,
    disposition: &Disposition,
) -> Result<(), ItkFault> {
    let envelope = &arrival.envelope;
    let owed = decision::owed(envelope, taken(repository, arrival, disposition).await?);
    let occasion = occasion(envelope, &arrival.payloads);
    if owed.infrastructure {
        let kind = Kind::InfrastructureAck;
        let message = compose::infrastructure(repository, envelope, compose::fresh(), None);
        put(repository, envelope, kind, &occasion, &message).await?;
    }
    if let Some(code) = owed.business {
        let items = items(&arrival.payloads);
        let message = compose::business(repository, envelope, compose::fresh(), code, &items);
        let occasion = format!("{occasion}:{}", code.code());
        put(repository, envelope, Kind::BusinessAck, &occasion, &message).await?;
    }
    Ok(())
}

/// Tells the sender of a message that was answered OK that it is refused after all: its documents
/// (AR), and the envelope where a part of it is at fault and it was not acknowledged yet.
pub async fn refuse(
    repository: &Repository,
    envelope: &Envelope,
    payloads: &[Manifested],
    part: Option<(DistributionErrorCode, &str)>,
) -> Result<(), ItkFault> {
    let owed = decision::owed(envelope, Taken::Refused);
    let occasion = occasion(envelope, payloads);
    if let Some(part) = part.filter(|_| owed.infrastructure) {
        let message = compose::infrastructure(repository, envelope, compose::fresh(), Some(part));
        put(repository, envelope, Kind::InfrastructureAck, &occasion, &message).await?;
    }
    if let Some(code) = owed.business {
        let items = items(payloads);
        let message = compose::business(repository, envelope, compose::fresh(), code, &items);
        let occasion = format!("{occasion}:{}", code.code());
        put(repository, envelope, Kind::BusinessAck, &occasion, &message).await?;
    }
    Ok(())
}

/// The Distribution Envelope that answers a message of the synchronous style on its own connection:
/// its business acknowledgement where one was asked for, else the infrastructure acknowledgement.
/// The same message again gets the same ids.
pub(crate) async fn at_once(
    repository: &Repository,
    arrival: &Arrival,
    disposition: &Disposition,
) -> Result<String, ItkFault> {
    let envelope = &arrival.envelope;
    let taken = taken(repository, arrival, disposition).await?;
    let occasion = occasion(envelope, &arrival.payloads);
    let ids = compose::derived(envelope, &occasion, taken);
    let answer = match envelope.wished.business {
        true => {
            let items = items(&arrival.payloads);
            compose::business(repository, envelope, ids, taken.code(), &items)
        }
        false => compose::infrastructure(repository, envelope, ids, None),
    };
    Ok(answer.write())
}

/// What became of a message, the first time it came.
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

async fn replayed(repository: &Repository, arrival: &Arrival) -> Result<Taken, ItkFault> {
    let envelope = &arrival.envelope;
    let (publisher, tracking_id) = (envelope.publisher.clone(), envelope.tracking_id.clone());
    let answered = repository.front_door.answered(publisher, tracking_id).await;
    let answered = answered.map_err(|error| unable(&error))?;
    let digest = occasion(envelope, &arrival.payloads);
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

fn items(payloads: &[Manifested]) -> Vec<String> {
    payloads.iter().map(|payload| payload.id.clone()).collect()
}

/// By what two messages under one tracking id are told apart: documents, interaction, addresses.
fn occasion(envelope: &Envelope, payloads: &[Manifested]) -> String {
    duplicates::key_of(envelope, payloads).digest
}

async fn put(
    repository: &Repository,
    envelope: &Envelope,
    kind: Kind,
    occasion: &str,
    composed: &DistributionEnvelope,
) -> Result<(), ItkFault> {
    let (destination, address) = decision::answer_to(envelope);
    let message = Message::of(composed).ok_or_else(|| unable(&"it has no payload of XML"))?;
    let item = Item {
        kind,
        destination,
        address,
        reference: envelope.tracking_id.clone(),
        occasion: occasion.to_owned(),
        message,
    };
    let put = repository.acknowledging.outbox.put(item).await;
    put.map(|_| ()).map_err(|error| unable(&error))
}
