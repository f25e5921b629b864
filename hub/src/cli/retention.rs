//! `watling retention`: holds, approvals, what is due, and its destruction. It works on the
//! registry's database, where a hub may be serving it.

mod approval;
mod args;
mod certificate;
mod destroy;
mod due;
mod hold;

pub use args::RetentionArgs;

use super::{Ended, runtime};
use crate::config::Config;
use crate::data::{DataFolder, Stamp};
use crate::serve::store;
use args::{HoldCommand, RetentionCommand};
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use registry::retention::Keeping;
use registry::store::Index;
use schemas::code_set::CodeSets;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) fn run(args: RetentionArgs) -> Result<Ended, String> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let records = Records::open(&args).await?;
        match args.command {
            RetentionCommand::Hold { command } => match command {
                HoldCommand::Place(args) => hold::place(&records, args).await,
                HoldCommand::Lift(args) => hold::lift(&records, args).await,
                HoldCommand::List { all, json } => hold::list(&records, all, json).await,
            },
            RetentionCommand::Approve(args) => approval::approve(&records, args).await,
            RetentionCommand::Approvals { json } => approval::list(&records, json).await,
            RetentionCommand::Due { json } => due::say(&records, json).await,
            RetentionCommand::Destroy(args) => destroy::destroy(&records, args).await,
        }
    })
}

/// The registry's side of retention, opened for a command.
struct Records {
    index: Arc<Index>,
    code_sets: Arc<CodeSets>,
    keeping: Keeping,
    data: PathBuf,
    /// Who runs the hub.
    ods: OdsCode,
    clock: Clock,
    audit: Audit,
}

impl Records {
    async fn open(args: &RetentionArgs) -> Result<Self, String> {
        let config = Config::load(args.config.as_deref())?;
        let data = DataFolder { path: args.data.clone() };
        let stamp = data.stamp()?.ok_or_else(|| {
            let path = data.path.display();
            format!("{path} was not made by `watling serve`: is it a hub's data folder?")
        })?;
        if stamp == Stamp::Live && args.config.is_none() {
            return Err("a live folder needs the hub's configuration: --config FILE".to_owned());
        }
        let folder = data.path.join("registry");
        if !folder.is_dir() {
            return Err(format!(
                "{} is not there: run this where the registry is",
                folder.display()
            ));
        }
        let code_sets = Arc::new(config.code_sets()?);
        let table = Arc::new(crate::config::retention::load(&config, &code_sets)?);
        let policy = config.removal_policy(stamp, false);
        let index = store::open(&config.registry.store, &folder, code_sets.clone()).await?;
        let clock = Clock::System;
        let audit = Audit::open(&folder, "registry", clock.clone());
        Ok(Self {
            index: Arc::new(index),
            code_sets,
            keeping: Keeping { table, policy },
            data: data.path,
            ods: config.hub.ods.clone(),
            clock,
            audit: audit.map_err(|error| error.to_string())?,
        })
    }

    fn of_the_index(&self) -> registry::destruction::Records<'_> {
        registry::destruction::Records {
            store: &*self.index,
            retained: &*self.index,
            keeping: &self.keeping,
            clock: &self.clock,
        }
    }

    /// Puts on record what was done by hand.
    async fn record(&self, event: AuditEvent) -> Result<(), String> {
        self.audit.record(event).await.map_err(|error| error.to_string())
    }
}

/// A record about what is kept, and about whom, where it is about one patient.
fn event(what: String, patient: Option<NhsNumber>) -> AuditEvent {
    let event = AuditEvent::new("registry", AuditKind::Retention, Outcome::Success).because(what);
    AuditEvent { patient_id: patient.map(|number| PatientId::Nhs(number).text()), ..event }
}
