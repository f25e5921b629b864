//! Evidence that runs out: one event for everything that is due on one day, with what hangs on it.
//! It warns; it suspends nothing, since that is for a person to decide.

use super::safety::{Impact, impact};
use super::sights::Sights;
use crate::region::{EvidenceKind, Policy, Region};
use jiff::civil::Date;
use schemas::code_set::CodeSets;
use schemas::ods_code::OdsCode;
use std::collections::{BTreeMap, BTreeSet};

/// How near the end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Over, and any grace with it; membership stands until a person suspends it.
    Lapsed,
    /// Over, within the grace of the toolkit.
    Late,
    /// Within so many days: the narrowest of the policy's.
    Within(u16),
}

impl Stage {
    pub fn of(policy: &Policy, kind: EvidenceKind, until: Date, today: Date) -> Option<Self> {
        let left = days(today, until);
        if left < 0 {
            let grace = match kind {
                EvidenceKind::Dspt => i64::from(policy.evidence.dspt_grace_days),
                _ => 0,
            };
            return Some(if -left <= grace { Self::Late } else { Self::Lapsed });
        }
        let stages = policy.evidence.warn_days.iter().filter(|days| left <= i64::from(**days));
        stages.min().map(|days| Self::Within(*days))
    }

    pub fn name(self) -> String {
        match self {
            Self::Lapsed => "lapsed".to_owned(),
            Self::Late => "late".to_owned(),
            Self::Within(days) => format!("within {days} days"),
        }
    }
}

pub(super) fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// Evidence of one kind that runs out on one day, for whom, and what it touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub kind: EvidenceKind,
    pub until: Date,
    pub stage: Stage,
    /// Negative once it is over.
    pub days_left: i64,
    pub organisations: BTreeSet<OdsCode>,
    /// Agreements in force in which they publish or consume.
    pub agreements: Vec<String>,
    /// What direct care would lose were all of them suspended.
    pub impact: Impact,
}

/// What runs out within the policy's warnings or has, the most urgent first.
pub fn due(region: &Region, code_sets: &CodeSets, today: Date) -> Vec<Due> {
    let mut events: BTreeMap<(Date, EvidenceKind), BTreeSet<OdsCode>> = BTreeMap::new();
    for organisation in &region.organisations {
        let membership = organisation.membership.as_ref();
        let member = membership.filter(|membership| membership.is_in_force(today));
        for item in member.into_iter().flat_map(|membership| membership.evidence.items()) {
            if let Some(until) = item.until
                && Stage::of(&region.policy, item.kind, until, today).is_some()
            {
                events.entry((until, item.kind)).or_default().insert(organisation.ods.clone());
            }
        }
    }
    if events.is_empty() {
        return Vec::new();
    }
    let before = Sights::of(region, code_sets, today);
    let event = |((until, kind), organisations): (_, BTreeSet<OdsCode>)| {
        let stage = Stage::of(&region.policy, kind, until, today)?;
        let after = Sights::of(&without(region, &organisations), code_sets, today);
        Some(Due {
            kind,
            until,
            stage,
            days_left: days(today, until),
            agreements: touched(region, &organisations, today),
            impact: impact(&before, &after, &region.policy),
            organisations,
        })
    };
    events.into_iter().filter_map(event).collect()
}

fn without(region: &Region, organisations: &BTreeSet<OdsCode>) -> Region {
    let mut region = region.clone();
    for organisation in &mut region.organisations {
        if let Some(membership) = &mut organisation.membership
            && organisations.contains(&organisation.ods)
        {
            membership.suspended = true;
        }
    }
    region
}

fn touched(region: &Region, organisations: &BTreeSet<OdsCode>, today: Date) -> Vec<String> {
    let of = region.agreements.iter().filter(|versioned| {
        let agreement = &versioned.agreement;
        agreement.is_in_force(today)
            && organisations.iter().any(|ods| {
                region.is_publisher(agreement, ods, today) || region.is_consumer(agreement, ods)
            })
    });
    of.map(|versioned| versioned.reference()).collect()
}

/// A line for each event, for logs and checks.
pub fn warnings(due: &[Due]) -> Vec<String> {
    due.iter().map(Due::sentence).collect()
}

impl Due {
    pub fn sentence(&self) -> String {
        let when = match self.days_left {
            left if left < 0 => format!("ran out on {}", self.until),
            0 => format!("runs out today, {}", self.until),
            left => format!("runs out on {} (in {left} days)", self.until),
        };
        format!(
            "evidence {} of {} organisation(s) {when}, {}: {} agreement(s), {} consumer(s) and {} publisher(s) for direct care hang on it; nothing is suspended by itself",
            self.kind,
            self.organisations.len(),
            self.stage.name(),
            self.agreements.len(),
            self.impact.consumers.len(),
            self.impact.publishers.len()
        )
    }
}
