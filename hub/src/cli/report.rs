//! `watling report`: what an operator or a Caldicott Guardian asks for.

mod args;
mod duplicates;
mod quality;
mod readers;
mod recalls;
mod safeguarding;
mod standing;
mod usage;

pub use args::ReportArgs;

use super::moment::{moment, moment_of_millis};
use super::{Ended, runtime};
use crate::config::Config;
use args::ReportCommand;
use gateway::store::recall::{DATABASE, RecallStore};
use node::audit::{Audit, AuditEvent, AuditKind, Outcome, Readings};
use node::clock::Clock;
use schemas::code_set::CodeSets;
use std::path::{Path, PathBuf};

pub(super) fn run(args: ReportArgs) -> Result<Ended, String> {
    let ReportArgs { command, data, config } = args;
    if let ReportCommand::BreakGlass { json } = command {
        return super::break_glass::report(&data, json);
    }
    let config = Config::load(config.as_deref())?;
    runtime()?.block_on(async {
        match command {
            ReportCommand::Quality(args) => quality::say(&data, &config, args).await,
            ReportCommand::Duplicates(args) => duplicates::say(&data, &config, args).await,
            ReportCommand::Recalls(args) => recalls::list(&Desk::open(&data, config)?, &args).await,
            ReportCommand::Incident(args) => recalls::one(&Desk::open(&data, config)?, &args).await,
            ReportCommand::Settle(args) => recalls::settle(&Desk::open(&data, config)?, args).await,
            ReportCommand::Usage(args) => usage::say(&data, config, &args).await,
            ReportCommand::Safeguarding(args) => safeguarding::say(&data, &config, &args).await,
            ReportCommand::Readers(args) => readers::say(&Desk::open(&data, config)?, &args).await,
            ReportCommand::Standing(args) => {
                standing::say(&Desk::open(&data, config)?, &data, &args).await
            }
            // It has a desk and a runtime of its own, above.
            ReportCommand::BreakGlass { .. } => Ok(Ended::Done),
        }
    })
}

/// The gateway's folder, opened for a report. A hub that serves it may go on.
struct Desk {
    store: RecallStore,
    readings: Readings,
    audit: Audit,
    code_sets: CodeSets,
    clock: Clock,
    overdue_days: u32,
}

impl Desk {
    fn open(data: &Path, config: Config) -> Result<Self, String> {
        let folder: PathBuf = data.join("gateway");
        if !folder.join(DATABASE).is_file() {
            return Err(format!(
                "{} is not there: run this where the gateway is",
                folder.join(DATABASE).display()
            ));
        }
        let clock = Clock::System;
        let audit = Audit::open(&folder, "gateway", clock.clone()).map_err(|e| e.to_string())?;
        Ok(Self {
            store: RecallStore::open(&folder).map_err(|error| error.to_string())?,
            readings: Readings::open(&folder).map_err(|error| error.to_string())?,
            audit,
            code_sets: config.code_sets()?,
            clock,
            overdue_days: config.recall.overdue_days,
        })
    }

    /// Puts on record that somebody asked who has read something.
    async fn record(&self, what: String, documents: Vec<String>) -> Result<(), String> {
        let mut event =
            AuditEvent::new("gateway", AuditKind::Report, Outcome::Success).because(what);
        event.document_unique_ids = documents;
        self.audit.record(event).await.map_err(|error| error.to_string())
    }

    /// The region's word for a document type.
    fn type_label(&self, type_code: &str, practice_setting: &str) -> String {
        let known = self.code_sets.document_type(type_code, practice_setting);
        known.map_or_else(|| type_code.to_owned(), |known| known.label.clone())
    }
}
