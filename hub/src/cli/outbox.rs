//! `watling outbox`: what the hub sends to other organisations, of every role, beside a running hub.

mod args;
mod shown;

pub use args::OutboxArgs;
pub(super) use shown::age;

use super::{Ended, print_json, runtime};
use crate::config::Config;
use crate::data::DataFolder;
use crate::serve::Role;
use args::{DropArgs, ListArgs, OutboxCommand, RetryArgs};
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use node::outbox::{ByHand, Directory, Shown, State};
use std::path::PathBuf;
use uuid::Uuid;

pub(super) fn run(args: OutboxArgs) -> Result<Ended, String> {
    runtime()?.block_on(async {
        let desk = Desk::open(&args)?;
        match args.command {
            OutboxCommand::List(args) => desk.list(args).await,
            OutboxCommand::Show { id, json } => desk.show(id, json).await,
            OutboxCommand::Retry(args) => desk.retry(args).await,
            OutboxCommand::Drop(args) => desk.drop_item(args).await,
            OutboxCommand::Unmatched { json } => desk.unmatched(json).await,
        }
    })
}

/// A role's outbox and where its record is kept.
struct Box {
    role: Role,
    folder: PathBuf,
    outbox: ByHand,
}

/// Every outbox of a data folder.
struct Desk {
    boxes: Vec<Box>,
    directory: Directory,
    clock: Clock,
}

fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Desk {
    fn open(args: &OutboxArgs) -> Result<Self, String> {
        let config = Config::load(args.config.as_deref())?;
        let data = DataFolder { path: args.data.clone() };
        data.stamp()?.ok_or_else(|| {
            let path = data.path.display();
            format!("{path} was not made by `watling serve`: is it a hub's data folder?")
        })?;
        let clock = Clock::System;
        let mut boxes = Vec::new();
        for role in Role::ALL {
            let folder = data.path.join(role.name());
            let found = ByHand::open(&folder, clock.clone());
            let found = found.map_err(|error| format!("{}: {error}", folder.display()))?;
            boxes.extend(found.map(|outbox| Box { role, folder, outbox }));
        }
        Ok(Self { boxes, directory: config.itk.directory, clock })
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    async fn list(&self, args: ListArgs) -> Result<Ended, String> {
        let mut found: Vec<(Role, Shown)> = Vec::new();
        for Box { role, outbox, .. } in &self.boxes {
            let state = args.state.map(State::from);
            let listed = outbox.list(state, args.to.clone(), args.all).await.map_err(failed)?;
            found.extend(listed.into_iter().map(|item| (*role, item)));
        }
        found.sort_by_key(|(_, item)| item.created_at);
        if args.json {
            print_json(&found.iter().map(|(role, i)| shown::json(*role, i)).collect::<Vec<_>>())?;
            return Ok(Ended::Done);
        }
        if found.is_empty() {
            say!("nothing waits, nothing is parked");
        }
        let now = self.now();
        for (_, item) in &found {
            shown::line(item, now, self.directory.find(&item.destination).is_some());
        }
        Ok(Ended::Done)
    }

    async fn find(&self, id: Uuid) -> Result<(&Box, Shown), String> {
        for one in &self.boxes {
            if let Some(item) = one.outbox.find(id).await.map_err(failed)? {
                return Ok((one, item));
            }
        }
        Err(format!("no item {id} in any outbox (watling outbox list --all)"))
    }

    async fn show(&self, id: Uuid, json: bool) -> Result<Ended, String> {
        let (of, item) = self.find(id).await?;
        if json {
            print_json(&shown::json(of.role, &item))?;
        } else {
            shown::whole(of.role, &item, self.now(), self.directory.find(&item.destination));
        }
        Ok(Ended::Done)
    }

    async fn retry(&self, args: RetryArgs) -> Result<Ended, String> {
        if let Some(to) = args.to {
            let mut count = 0;
            for of in &self.boxes {
                let changed = of.outbox.retry_all(to.clone()).await.map_err(failed)?;
                if changed > 0 {
                    let what = format!("{changed} messages to {to} are tried again by hand");
                    self.record(of, what).await?;
                }
                count += changed;
            }
            say!("{count} messages to {to} are tried again");
            return Ok(Ended::Done);
        }
        let id = args.id.ok_or("say which item: its ID, or --all --to ODS")?;
        let (of, item) = self.find(id).await?;
        settle(of.outbox.retry(id).await.map_err(failed)?, "tried again")?;
        self.record(of, format!("{} is tried again by hand", named(&item))).await?;
        say!("{id} is tried again");
        Ok(Ended::Done)
    }

    async fn drop_item(&self, args: DropArgs) -> Result<Ended, String> {
        let (of, item) = self.find(args.id).await?;
        let dropped = of.outbox.drop_item(args.id, &args.reason).await.map_err(failed)?;
        settle(dropped, "dropped")?;
        let by = args.by.map_or(String::new(), |by| format!(" by {by}"));
        self.record(of, format!("{} was dropped{by}: {}", named(&item), args.reason)).await?;
        say!("{} is dropped: it is not sent any more", args.id);
        Ok(Ended::Done)
    }

    async fn unmatched(&self, json: bool) -> Result<Ended, String> {
        let mut found = Vec::new();
        for of in &self.boxes {
            found.extend(of.outbox.unmatched().await.map_err(failed)?);
        }
        if json {
            print_json(&found)?;
            return Ok(Ended::Done);
        }
        if found.is_empty() {
            say!("every acknowledgement that came answers something");
        }
        let now = self.now();
        for one in &found {
            say!(
                "{} acknowledgement {} from {}, {} ago",
                one.level,
                one.answer,
                one.sender,
                shown::age(now - one.received_at)
            );
            let codes = one.detail.as_ref().map_or(String::new(), |codes| format!(": {codes}"));
            let answers = &one.tracking_id_ref;
            say!("    its tracking id {}, it answers {answers}{codes}", one.tracking_id);
        }
        Ok(Ended::Done)
    }

    async fn record(&self, of: &Box, what: String) -> Result<(), String> {
        let audit = Audit::open(&of.folder, of.role.name(), self.clock.clone()).map_err(failed)?;
        let event = AuditEvent::new(of.role.name(), AuditKind::Outbox, Outcome::Success);
        audit.record(event.because(what)).await.map_err(failed)
    }
}

fn named(item: &Shown) -> String {
    format!("{} {} to {} about {}", item.kind.name(), item.id, item.destination, item.reference)
}

/// Whether a change by hand was one, by the state that it found.
fn settle(found: Option<State>, what: &str) -> Result<(), String> {
    match found {
        Some(State::Waiting | State::Collected | State::Parked) => Ok(()),
        Some(State::Delivering) => {
            Err(format!("it is being delivered at this moment and was not {what}: look again"))
        }
        Some(state) => Err(format!("it is {state} and was not {what}")),
        None => Err("it is gone".to_owned()),
    }
}
