//! Into quarantine, and out of it again: what somebody decided beside a running hub is done by the
//! hub itself, along the same road.

use super::papers::{self, Stop};
use super::{Arrival, Disposition, Resolution, names, take, unable};
use crate::front_door::{BYTES_MAX, Decision, MessageKey, Quarantined, Reason, State};
use crate::identity::Doubt;
use crate::{Repository, acknowledge, itk};
use node::actors::CallContext;
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use schemas::itk::{ItkErrorCode, ItkFault, Manifested};
use std::sync::Arc;
use std::time::Duration;

/// How often decisions are looked for.
const EVERY: Duration = Duration::from_millis(500);

/// Puts a message into quarantine.
pub(super) async fn keep(
    repository: &Repository,
    arrival: &Arrival,
    key: MessageKey,
    doubt: Doubt,
) -> Result<Disposition, ItkFault> {
    let bytes: usize = arrival.payloads.iter().map(|payload| payload.bytes.len()).sum();
    if bytes > BYTES_MAX {
        return Err(ItkFault::invalid(format!(
            "{doubt}; the message is larger than the quarantine takes ({BYTES_MAX} bytes)"
        )));
    }
    let now = repository.clock.dtm().to_string();
    let (envelope, payloads) = (arrival.envelope.clone(), arrival.payloads.clone());
    let Doubt { reason, explanation } = doubt;
    let kept = repository.front_door.quarantine(reason, explanation, envelope, payloads, key, now);
    let Some(quarantine_id) = kept.await.map_err(unable)? else {
        let what = "the quarantine is full: the region's operator has to decide on what it holds";
        return Err(ItkFault::new(ItkErrorCode::TemporarilyUnable, what));
    };
    tracing::warn!(quarantine_id, reason = reason.code(), "a message is in quarantine");
    Ok(Disposition::Quarantined { quarantine_id, reason })
}

/// Does what was decided, for as long as the hub runs.
pub async fn attend(repository: Arc<Repository>, audit: Audit) {
    loop {
        match repository.front_door.decided().await {
            Ok(ids) => {
                for id in ids {
                    if let Err(fault) = carry_out(&repository, &audit, id).await {
                        tracing::warn!(id, reason = %fault.diagnostic, "a quarantined message will be tried again");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "decisions on the quarantine cannot be read"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Does what was decided on one message; a fault where it is tried again later.
async fn carry_out(repository: &Repository, audit: &Audit, id: i64) -> Result<(), ItkFault> {
    let found = repository.front_door.in_quarantine(id).await.map_err(unable)?;
    let Some((quarantined, payloads)) = found else { return Ok(()) };
    let Quarantined { envelope, state, decision, .. } = quarantined;
    let decision = decision.unwrap_or_default();
    let arrival = Arrival { envelope, payloads, warnings: Vec::new() };
    match state {
        State::Redrive => redrive(repository, audit, id, &arrival, &decision).await,
        State::Drop => {
            let dropped = ItkFault::new(
                ItkErrorCode::CannotProcess,
                "the document was not registered: the region's operator has dropped it",
            );
            acknowledge::reject(repository, &arrival, &dropped).await?;
            let event = event(id, &decision, Outcome::Success);
            record(audit, event.because("it was dropped, its documents are forgotten")).await?;
            settle(repository, id, State::Dropped, None, "dropped".to_owned()).await
        }
        State::Open | State::Done | State::Dropped => Ok(()),
    }
}

async fn redrive(
    repository: &Repository,
    audit: &Audit,
    id: i64,
    arrival: &Arrival,
    decision: &Decision,
) -> Result<(), ItkFault> {
    let call = CallContext { correlation_id: node::ids::uuid() };
    let resolution = Resolution {
        resolved: decision.resolved,
        number: decision.number,
        despite_mismatch: decision.despite_mismatch,
    };
    let papers = papers::read(arrival)?;
    let turn = repository.turns.of(names(arrival, &papers)).await;
    let taken = take(repository, arrival, papers, &resolution, &call).await;
    drop(turn);
    match taken {
        Ok(disposition) => registered(repository, audit, id, arrival, decision, disposition).await,
        Err(Stop::Quarantine(doubt)) => {
            let event = event(id, decision, Outcome::MinorFailure);
            record(audit, event.because(doubt.to_string())).await?;
            settle(repository, id, State::Open, Some(doubt.reason), doubt.explanation).await
        }
        Err(Stop::Refused(fault)) if fault.code == ItkErrorCode::TemporarilyUnable => Err(fault),
        Err(Stop::Refused(fault)) => {
            let event = event(id, decision, Outcome::SeriousFailure);
            record(audit, event.because(fault.diagnostic.clone())).await?;
            settle(repository, id, State::Open, None, fault.diagnostic).await
        }
    }
}

/// Takes a message along again that nobody had to decide on: registered, or the doubt that is left.
pub(super) async fn carry_on(
    repository: &Repository,
    audit: &Audit,
    quarantined: Quarantined,
    payloads: Vec<Manifested>,
) -> Result<Option<Doubt>, ItkFault> {
    let Quarantined { id, envelope, decision, .. } = quarantined;
    let arrival = Arrival { envelope, payloads, warnings: Vec::new() };
    let decision = decision.unwrap_or_else(|| Decision {
        by: "the hub".to_owned(),
        because: "what had not answered answers".to_owned(),
        ..Decision::default()
    });
    let call = CallContext { correlation_id: node::ids::uuid() };
    let resolution = Resolution {
        resolved: decision.resolved,
        number: decision.number,
        despite_mismatch: decision.despite_mismatch,
    };
    let papers = papers::read(&arrival)?;
    let turn = repository.turns.of(names(&arrival, &papers)).await;
    let taken = take(repository, &arrival, papers, &resolution, &call).await;
    drop(turn);
    match taken {
        Ok(disposition) => {
            registered(repository, audit, id, &arrival, &decision, disposition).await
        }
        Err(Stop::Quarantine(doubt)) => return Ok(Some(doubt)),
        Err(Stop::Refused(fault)) => Err(fault),
    }?;
    Ok(None)
}

/// A message of the quarantine has arrived after all.
async fn registered(
    repository: &Repository,
    audit: &Audit,
    id: i64,
    arrival: &Arrival,
    decision: &Decision,
    disposition: Disposition,
) -> Result<(), ItkFault> {
    acknowledge::redriven(repository, arrival).await?;
    let event = itk::record(event(id, decision, Outcome::Success), &disposition);
    record(audit, event).await?;
    settle(repository, id, State::Done, None, disposition.name().to_owned()).await?;
    // For quality it was counted when it came: that it needed an operator stays so.
    Ok(())
}

pub(super) async fn settle(
    repository: &Repository,
    id: i64,
    state: State,
    reason: Option<Reason>,
    outcome: String,
) -> Result<(), ItkFault> {
    repository.front_door.settle_quarantine(id, state, reason, outcome).await.map_err(unable)
}

fn event(id: i64, decision: &Decision, outcome: Outcome) -> AuditEvent {
    let what =
        format!("quarantined message {id}: decided by {}: {}", decision.by, decision.because);
    AuditEvent::new("repository", AuditKind::Quarantine, outcome).because(what)
}

async fn record(audit: &Audit, event: AuditEvent) -> Result<(), ItkFault> {
    audit.record(event).await.map_err(|error| {
        tracing::error!(%error, "audit failed");
        ItkFault::new(ItkErrorCode::TemporarilyUnable, "the decision could not be put on record")
    })
}
