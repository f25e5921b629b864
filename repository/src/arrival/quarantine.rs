//! Into quarantine, and out of it again: what somebody decided beside a running hub is done by the
//! hub itself, along the same road.

use super::papers::{self, Contents, Stop};
use super::{Arrival, Disposition, Resolution, names, nullify, take, unable};
use crate::front_door::{BYTES_MAX, Decision, MessageKey, Quarantined, Reason, State};
use crate::identity::Doubt;
use crate::{Repository, acknowledge, itk};
use node::actors::CallContext;
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use schemas::dtm::Dtm;
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
        if let Err(fault) = in_time(&repository, &audit).await {
            tracing::warn!(reason = %fault.diagnostic, "the front door will look again");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// What is due by the clock: withdrawals that nobody sent a document for, messages that are no
/// longer known again.
async fn in_time(repository: &Repository, audit: &Audit) -> Result<(), ItkFault> {
    for expired in nullify::attend(repository).await? {
        let mut event = AuditEvent::new("repository", AuditKind::Quarantine, Outcome::MinorFailure);
        event.document_unique_ids =
            expired.said.unique_id.iter().map(|id| id.to_string()).collect();
        event.organisation = Some(expired.said.envelope.publisher.to_string());
        let what = format!(
            "the nullification {} was never matched: no such document came by {}",
            expired.id, expired.until
        );
        record(audit, event.because(what)).await?;
    }
    let days = jiff::SignedDuration::from_hours(24 * i64::from(repository.rules.duplicates_days));
    let before = Dtm::from_timestamp(repository.clock.now() - days);
    repository.front_door.forget(before.to_string()).await.map_err(unable)?;
    Ok(())
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
    let taken = take_along(repository, arrival, &resolution, &call).await;
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
    let taken = take_along(repository, &arrival, &resolution, &call).await;
    match taken {
        Ok(disposition) => {
            registered(repository, audit, id, &arrival, &decision, disposition).await
        }
        Err(Stop::Quarantine(doubt)) => return Ok(Some(doubt)),
        Err(Stop::Refused(fault)) => Err(fault),
    }?;
    Ok(None)
}

/// The road of a message that came before.
async fn take_along(
    repository: &Repository,
    arrival: &Arrival,
    resolution: &Resolution,
    call: &CallContext,
) -> Result<Disposition, Stop> {
    let contents = papers::read(arrival)?;
    let _turn = repository.turns.of(names(arrival, &contents)).await;
    match contents {
        Contents::Documents(papers) => take(repository, arrival, papers, resolution, call).await,
        Contents::Withdrawal(payload, withdrawal) => {
            let done = nullify::receive(repository, arrival, payload, &withdrawal, call).await;
            done.map_err(Stop::Refused)
        }
    }
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
