//! What every command works at: the gateway's store, the region as it is now, the day, the record.

use super::args::{ActorArgs, AgreementArgs};
use crate::cli::{Ended, print_json};
use crate::config::Config;
use gateway::agreement::{Actor, Change, Impact, Sights, changes, impact};
use gateway::region::{Agreement, Organisation, Region, Versioned};
use gateway::store::GatewayStore;
use gateway::store::agreement::{Deed, Known};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) struct Desk {
    pub store: GatewayStore,
    pub known: Known,
    pub code_sets: CodeSets,
    pub clock: Clock,
    data: PathBuf,
}

/// The region's days.
pub(super) fn zone() -> TimeZone {
    node::clock::region_zone()
}

/// The moment that a day begins at in the region, YYYYMMDDhhmmss in UTC.
pub(super) fn begin(day: Date) -> Result<String, String> {
    let begin = day.to_zoned(zone()).map_err(|error| error.to_string())?;
    Ok(Dtm::from_timestamp(begin.timestamp()).to_string())
}

pub(super) fn next_day(day: Date) -> Result<Date, String> {
    day.tomorrow().map_err(|error| error.to_string())
}

impl Desk {
    pub async fn open(args: &AgreementArgs) -> Result<Self, String> {
        let path = args.data.join("gateway").join("region.db");
        if !path.is_file() {
            return Err(format!(
                "{} is not there: is this a hub's data folder with a gateway?",
                path.display()
            ));
        }
        let config = Config::load(args.config.as_deref())?;
        let store = GatewayStore::open(&path).await.map_err(|error| error.to_string())?;
        Ok(Self {
            known: store.known().await.map_err(|error| error.to_string())?,
            store,
            code_sets: config.code_sets()?,
            clock: Clock::System,
            data: args.data.clone(),
        })
    }

    pub fn region(&self) -> &Arc<Region> {
        &self.known.region
    }

    pub fn today(&self) -> Date {
        self.clock.now().to_zoned(zone()).date()
    }

    pub fn now(&self) -> String {
        self.clock.dtm().to_string()
    }

    pub fn agreement(&self, id: &str) -> Result<&Versioned, String> {
        let mut agreements = self.region().agreements.iter();
        agreements
            .find(|versioned| versioned.agreement.id == id)
            .ok_or_else(|| format!("no agreement has the id {id:?} (`watling agreement list`)"))
    }

    /// What somebody sees more or less in another region than now.
    pub fn compared(&self, after: &Region) -> (Vec<Change>, Impact) {
        let of = |region: &Region| Sights::of(region, &self.code_sets, self.today());
        let (before, after) = (of(self.region()), of(after));
        (changes(&before, &after), impact(&before, &after, &self.region().policy))
    }

    /// Refuses what takes documents away from many without somebody who answers for their safety.
    pub fn safe(&self, impact: &Impact, approval: Option<&str>) -> Result<(), String> {
        if approval.is_some() || !impact.needs_clinical_safety(&self.region().policy) {
            return Ok(());
        }
        Err(format!(
            "{}: this needs a clinical-safety approval (--clinical-safety-approval 'NAME, OFFICE, REFERENCE'); nothing was changed",
            impact.sentence()
        ))
    }

    /// Keeps a new version of an agreement and says what came of it.
    pub async fn keep(&self, agreement: Agreement, done: Done<'_>) -> Result<Ended, String> {
        let after = with_agreement(self.region(), &agreement);
        let (changes, impact) = self.compared(&after);
        self.safe(&impact, done.approval)?;
        let (id, revision) = (agreement.id.clone(), self.known.revision);
        let version =
            self.store.record_agreement(revision, agreement, done.deed(), self.now()).await;
        let version = version.map_err(|error| error.to_string())?;
        self.said(&format!("agreement {id}#{version}"), &done, &changes).await
    }

    /// The same for an organisation.
    pub async fn keep_organisation(
        &self,
        organisation: Organisation,
        done: Done<'_>,
    ) -> Result<Ended, String> {
        let after = with_organisation(self.region(), &organisation);
        let (changes, impact) = self.compared(&after);
        self.safe(&impact, done.approval)?;
        let (ods, revision) = (organisation.ods.clone(), self.known.revision);
        let kept = self.store.record_organisation(revision, organisation, done.deed(), self.now());
        let version = kept.await.map_err(|error| error.to_string())?;
        self.said(&format!("organisation {ods}#{version}"), &done, &changes).await
    }

    async fn said(
        &self,
        object: &str,
        done: &Done<'_>,
        changes: &[Change],
    ) -> Result<Ended, String> {
        let Done { action, what, reason, actor, .. } = done;
        let mut on_record = format!("{object}: {action} by {}: {what}", actor.by);
        if !reason.is_empty() {
            on_record += &format!("; because {reason}");
        }
        if let Some(approval) = done.approval {
            on_record += &format!("; clinical safety: {approval}");
        }
        self.record(on_record, Some(&actor.organisation.to_string())).await?;
        if done.json {
            print_json(&json!({
                "object": object,
                "action": action,
                "what": what,
                "by": actor.by,
                "for": actor.organisation,
                "changes": changes,
            }))?;
        } else {
            say!("{object}: {what}");
            super::shown::changes(changes);
        }
        Ok(Ended::Done)
    }

    /// Puts a change on the gateway's record.
    pub async fn record(&self, what: String, organisation: Option<&str>) -> Result<(), String> {
        let audit = Audit::open(&self.data.join("gateway"), "gateway", self.clock.clone());
        let audit = audit.map_err(|error| error.to_string())?;
        let mut event =
            AuditEvent::new("gateway", AuditKind::SecurityConfiguration, Outcome::Success)
                .because(what);
        event.organisation = organisation.map(str::to_owned);
        audit.record(event).await.map_err(|error| error.to_string())
    }
}

/// What was done, by whom, and how it is said.
pub(super) struct Done<'a> {
    pub action: &'a str,
    pub what: String,
    pub reason: &'a str,
    pub actor: &'a Actor,
    pub approval: Option<&'a str>,
    pub json: bool,
}

impl Done<'_> {
    fn deed(&self) -> Deed {
        let safety = self.approval.map(|approval| format!("; clinical safety: {approval}"));
        Deed {
            action: self.action.to_owned(),
            person: self.actor.by.clone(),
            organisation: Some(self.actor.organisation.to_string()),
            reason: self.reason.to_owned(),
            what: self.what.clone() + &safety.unwrap_or_default(),
        }
    }
}

pub(super) fn actor(args: &ActorArgs) -> Actor {
    Actor { by: args.by.clone(), organisation: args.for_ods.clone() }
}

/// A region in which an agreement is as it is given.
pub(super) fn with_agreement(region: &Region, agreement: &Agreement) -> Region {
    let mut region = region.clone();
    let versioned = Versioned { version: 0, agreement: agreement.clone() };
    match region.agreements.iter_mut().find(|known| known.agreement.id == agreement.id) {
        Some(known) => *known = versioned,
        None => region.agreements.push(versioned),
    }
    region
}

fn with_organisation(region: &Region, organisation: &Organisation) -> Region {
    let mut region = region.clone();
    match region.organisations.iter_mut().find(|known| known.ods == organisation.ods) {
        Some(known) => *known = organisation.clone(),
        None => region.organisations.push(organisation.clone()),
    }
    region
}
