//! Who is told of a withdrawal: each organisation once, by what it has done with the documents. Pure.

use node::audit::{Reading, ReadingKind};
use schemas::ods_code::OdsCode;
use schemas::recall::{Reason, Withdrawn};
use schemas::unique_id::UniqueId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// Whether a kind of withdrawal sends notices, or only stands in the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Telling {
    #[default]
    Notice,
    Report,
}

/// `[recall]`. A wrong patient always sends notices, to everyone who has seen the entry too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    pub corrected: Telling,
    pub metadata_updated: Telling,
    pub deprecated: Telling,
    pub removed: Telling,
    /// After how many days without an acknowledgement a notice is overdue.
    pub overdue_days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            corrected: Telling::Notice,
            metadata_updated: Telling::Notice,
            deprecated: Telling::Notice,
            removed: Telling::Notice,
            overdue_days: 3,
        }
    }
}

impl Policy {
    fn telling(&self, reason: Reason) -> Telling {
        match reason {
            Reason::WrongPatient => Telling::Notice,
            Reason::Corrected => self.corrected,
            Reason::MetadataUpdated => self.metadata_updated,
            Reason::Deprecated => self.deprecated,
            Reason::Removed => self.removed,
        }
    }
}

/// What an organisation is told, and how far that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It took the documents back itself.
    Own,
    /// It is listed and told nothing.
    ReportOnly,
    /// It was told the same of the same documents before.
    ToldBefore,
    /// The notice is to be put into the outbox.
    Waiting,
    /// The notice is in the outbox.
    Sent,
    /// Its system has taken the notice.
    Delivered,
    Acknowledged,
    /// Its system has refused the notice.
    Refused,
    /// The notice could not be delivered.
    Undeliverable,
    /// An operator has told it by another way.
    Settled,
}

impl State {
    pub const ALL: [Self; 10] = [
        Self::Own,
        Self::ReportOnly,
        Self::ToldBefore,
        Self::Waiting,
        Self::Sent,
        Self::Delivered,
        Self::Acknowledged,
        Self::Refused,
        Self::Undeliverable,
        Self::Settled,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::ReportOnly => "report-only",
            Self::ToldBefore => "told-before",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
            Self::Undeliverable => "undeliverable",
            Self::Settled => "settled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == text)
    }

    /// Whether somebody still has to do something: the other side, or the operator.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Waiting | Self::Sent | Self::Delivered | Self::Refused | Self::Undeliverable
        )
    }

    /// Whether a notice was made out.
    pub fn is_a_notice(self) -> bool {
        self.is_open() || matches!(self, Self::Acknowledged | Self::Settled)
    }
}

/// An organisation that has seen documents or was sent them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    pub organisation: OdsCode,
    pub retrieved: u32,
    pub listed: u32,
    pub addressed: bool,
    /// RFC 3339.
    pub first_at: Option<String>,
    pub last_at: Option<String>,
    pub state: State,
    pub tracking_id: Uuid,
    pub payload_id: Uuid,
    /// Milliseconds since 1970.
    pub state_at: i64,
    pub detail: Option<String>,
}

/// Who was told the same of which document.
pub type Told = HashSet<(OdsCode, UniqueId)>;

/// Each organisation that has seen the documents or was sent them, in the order of its code.
pub fn plan(
    withdrawn: &Withdrawn,
    readings: &[Reading],
    told: &Told,
    policy: &Policy,
) -> Vec<Affected> {
    let mut found: BTreeMap<String, Affected> = BTreeMap::new();
    for reading in readings {
        let Ok(organisation) = OdsCode::parse(&reading.organisation) else { continue };
        let one = found.entry(reading.organisation.clone()).or_insert_with(|| new(organisation));
        match reading.kind {
            ReadingKind::Listed => one.listed += 1,
            ReadingKind::Retrieved => one.retrieved += 1,
        }
        one.first_at.get_or_insert_with(|| reading.at.clone());
        one.last_at = Some(reading.at.clone());
    }
    for organisation in withdrawn.documents.iter().flat_map(|document| &document.recipients) {
        let key = organisation.to_string();
        found.entry(key).or_insert_with(|| new(organisation.clone())).addressed = true;
    }
    let affected = found.into_values().map(|one| {
        let state = state(withdrawn, &one, told, policy);
        Affected { state, ..one }
    });
    affected.collect()
}

fn new(organisation: OdsCode) -> Affected {
    Affected {
        organisation,
        retrieved: 0,
        listed: 0,
        addressed: false,
        first_at: None,
        last_at: None,
        state: State::ReportOnly,
        tracking_id: node::ids::uuid(),
        payload_id: node::ids::uuid(),
        state_at: 0,
        detail: None,
    }
}

fn state(withdrawn: &Withdrawn, one: &Affected, told: &Told, policy: &Policy) -> State {
    if one.organisation == withdrawn.by {
        return State::Own;
    }
    if policy.telling(withdrawn.reason) == Telling::Report {
        return State::ReportOnly;
    }
    let has_a_copy = one.retrieved > 0 || one.addressed;
    if !has_a_copy && withdrawn.reason != Reason::WrongPatient {
        return State::ReportOnly;
    }
    let mut documents = withdrawn.documents.iter();
    let known = documents.all(|d| told.contains(&(one.organisation.clone(), d.unique_id.clone())));
    // A version after the one of which it was told is another correction.
    let repeats = withdrawn.reason == Reason::Removed;
    if known && repeats { State::ToldBefore } else { State::Waiting }
}

/// What readings that came later add to an organisation that is listed.
pub fn merge(known: &mut Affected, more: &Affected) {
    known.retrieved += more.retrieved;
    known.listed += more.listed;
    known.addressed |= more.addressed;
    known.first_at = known.first_at.take().or_else(|| more.first_at.clone());
    known.last_at = more.last_at.clone().or_else(|| known.last_at.take());
    if known.state == State::ReportOnly && more.state == State::Waiting {
        known.state = State::Waiting;
    }
}

#[cfg(test)]
mod tests;
