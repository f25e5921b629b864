//! `watling quarantine`: what may not be indexed as it is, and what becomes of it. It works on the
//! repository's front door, where a hub may be serving it; the hub carries decisions out.

mod args;
mod shown;
mod withdrawals;

pub use args::QuarantineArgs;

use super::{Ended, print_json, runtime};
use crate::data::DataFolder;
use args::{DecideArgs, QuarantineCommand, ResolveArgs, ShowArgs};
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use repository::front_door::{self, Decision, FrontDoor, Quarantined, Stage, State};
use std::time::Duration;

pub(super) fn run(args: QuarantineArgs) -> Result<Ended, String> {
    let runtime = runtime()?;
    let data = DataFolder { path: args.data };
    runtime.block_on(async {
        let desk = Desk::open(data)?;
        match args.command {
            QuarantineCommand::List { all, json } => desk.list(all, json).await,
            QuarantineCommand::Withdrawals { waiting, json } => {
                desk.withdrawals(waiting, json).await
            }
            QuarantineCommand::Show(args) => desk.show(args).await,
            QuarantineCommand::Resolve(args) => desk.resolve(args).await,
            QuarantineCommand::Redrive(args) => {
                let decision = desk.decision(&args);
                desk.decide(&args, State::Redrive, decision).await
            }
            QuarantineCommand::Drop(args) => {
                let decision = desk.decision(&args);
                desk.decide(&args, State::Drop, decision).await
            }
        }
    })
}

/// The front door, opened for a command.
struct Desk {
    data: DataFolder,
    front_door: FrontDoor,
    audit: Audit,
    clock: Clock,
}

impl Desk {
    fn open(data: DataFolder) -> Result<Self, String> {
        let folder = data.path.join("repository");
        if !folder.join(front_door::DATABASE).is_file() {
            return Err(format!(
                "{} is not there: run this where the repository is, after `watling serve` has made it",
                folder.join(front_door::DATABASE).display()
            ));
        }
        let clock = Clock::System;
        let front_door = FrontDoor::open(&folder).map_err(|error| error.to_string())?;
        let audit = Audit::open(&folder, "repository", clock.clone());
        Ok(Self { data, front_door, audit: audit.map_err(|error| error.to_string())?, clock })
    }

    async fn list(&self, all: bool, as_json: bool) -> Result<Ended, String> {
        let found = self.front_door.quarantined(all).await.map_err(|error| error.to_string())?;
        if as_json {
            print_json(&found.iter().map(shown::json).collect::<Vec<_>>())?;
        } else if found.is_empty() {
            say!("no message {}", if all { "was ever in quarantine" } else { "is in quarantine" });
        }
        if !as_json && !found.is_empty() {
            shown::heading();
        }
        for quarantined in found.iter().filter(|_| !as_json) {
            shown::line(quarantined);
        }
        Ok(Ended::Done)
    }

    async fn withdrawals(&self, waiting: bool, as_json: bool) -> Result<Ended, String> {
        let stage = waiting.then_some(Stage::Waiting);
        let found = self.front_door.nullifications(stage).await;
        let found = found.map_err(|error| error.to_string())?;
        if as_json {
            print_json(&found.iter().map(withdrawals::json).collect::<Vec<_>>())?;
        } else if found.is_empty() {
            say!("no withdrawal {}", if waiting { "waits for its document" } else { "has come" });
        } else {
            found.iter().for_each(withdrawals::line);
        }
        Ok(Ended::Done)
    }

    async fn show(&self, args: ShowArgs) -> Result<Ended, String> {
        let (quarantined, payloads) = self.found(args.id).await?;
        if let Some(by) = args.by.filter(|_| args.patient) {
            let what = format!("{by} looked at the patient of the quarantined message {}", args.id);
            let event = AuditEvent::new("repository", AuditKind::Quarantine, Outcome::Success);
            self.record(event.because(what)).await?;
        }
        if args.json {
            print_json(&shown::json_with_documents(&quarantined, &payloads, args.patient))?;
        } else {
            shown::whole(&quarantined, &payloads, args.patient);
        }
        Ok(Ended::Done)
    }

    async fn found(&self, id: i64) -> Result<(Quarantined, Vec<schemas::itk::Manifested>), String> {
        let found = self.front_door.in_quarantine(id).await.map_err(|error| error.to_string())?;
        found.ok_or_else(|| {
            format!("no message {id} was ever in quarantine (watling quarantine list)")
        })
    }

    fn decision(&self, args: &DecideArgs) -> Decision {
        Decision {
            by: args.by.clone(),
            at: self.clock.dtm().to_string(),
            because: args.reason.clone(),
            ..Decision::default()
        }
    }

    async fn resolve(&self, args: ResolveArgs) -> Result<Ended, String> {
        let decision = Decision {
            resolved: true,
            number: args.nhs_number,
            despite_mismatch: args.despite_mismatch,
            ..self.decision(&args.decision)
        };
        self.decide(&args.decision, State::Redrive, decision).await
    }

    /// Enters a decision, and waits for the hub to carry it out.
    async fn decide(
        &self,
        args: &DecideArgs,
        state: State,
        decision: Decision,
    ) -> Result<Ended, String> {
        let id = args.id;
        let what = format!(
            "quarantined message {id}: {} ({}): {}",
            if decision.resolved { "resolve" } else { state.name() },
            decision.by,
            decision.because
        );
        let (before, _) = self.found(id).await?;
        if matches!(before.state, State::Done | State::Dropped | State::Drop) {
            return Err(format!("the message {id} is over: {}", shown::state(&before)));
        }
        let mut event = AuditEvent::new("repository", AuditKind::Quarantine, Outcome::Success);
        event.patient_id = decision.number.map(|n| schemas::hl7::PatientId::Nhs(n).text());
        self.record(event.because(what)).await?;
        let entered = self.front_door.decide(id, state, decision).await;
        if !entered.map_err(|error| error.to_string())? {
            return Err(format!(
                "the message {id} was settled meanwhile (watling quarantine show {id})"
            ));
        }
        self.wait(id, args.wait).await
    }

    async fn wait(&self, id: i64, seconds: u64) -> Result<Ended, String> {
        if self.data.take_role("repository").is_ok() {
            say!("entered: message {id} is taken up when the repository is served again");
            return Ok(Ended::Done);
        }
        for _ in 0..seconds.saturating_mul(5).max(1) {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let (now, _) = self.found(id).await?;
            match now.state {
                State::Redrive | State::Drop => continue,
                State::Done | State::Dropped => {
                    say!("message {id}: {}", shown::state(&now));
                    return Ok(Ended::Done);
                }
                State::Open => {
                    let why = now.outcome.unwrap_or_else(|| now.reason.to_string());
                    return Err(format!("message {id} stays in quarantine: {why}"));
                }
            }
        }
        say!("entered: the hub has not taken message {id} up yet (watling quarantine show {id})");
        Ok(Ended::Done)
    }

    async fn record(&self, event: AuditEvent) -> Result<(), String> {
        self.audit.record(event).await.map_err(|error| error.to_string())
    }
}
