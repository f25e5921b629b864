//! Tier 1: who is connected without a membership, and whose evidence runs out.

use super::{Gap, GapKind, days};
use crate::region::{EvidenceKind, Membership, Organisation, Region};
use jiff::civil::Date;
use schemas::ods_code::OdsCode;
use std::collections::BTreeMap;

pub(super) fn find(region: &Region, today: Date, gaps: &mut Vec<Gap>) {
    let mut running_out: BTreeMap<(Date, EvidenceKind), Vec<&OdsCode>> = BTreeMap::new();
    for organisation in &region.organisations {
        let membership = organisation.membership.as_ref();
        let Some(membership) = membership.filter(|membership| membership.is_in_force(today)) else {
            gaps.extend(unsigned(region, organisation, today));
            continue;
        };
        let widest = region.policy.evidence.warn_days.iter().max().copied().unwrap_or_default();
        for item in membership.evidence.items() {
            if let Some(until) = item.until.filter(|until| days(today, *until) <= widest.into()) {
                running_out.entry((until, item.kind)).or_default().push(&organisation.ods);
            }
        }
        gaps.extend(missing(region, organisation, membership));
    }
    for ((until, kind), organisations) in running_out {
        gaps.push(ending(kind, until, &organisations, today));
    }
}

/// A registered system of an organisation, or one that acts for it, while it is no member.
fn unsigned(region: &Region, organisation: &Organisation, today: Date) -> Option<Gap> {
    let ods = &organisation.ods;
    let of = |system: &&crate::region::SystemProfile| {
        system.organisation == *ods || system.acts_for.contains(ods)
    };
    let system = region.systems.iter().find(of)?;
    let (what, since) = match &organisation.membership {
        None => ("has not signed the region's framework".to_owned(), None),
        Some(membership) if membership.suspended => {
            ("its membership is suspended".to_owned(), None)
        }
        Some(Membership { until: Some(until), .. }) if *until < today => {
            (format!("its membership ended on {until}"), Some(days(*until, today)))
        }
        Some(membership) => {
            let starts = membership.signed_on;
            (format!("its membership starts on {starts}"), Some(days(starts, today)))
        }
    };
    let what = format!("{} is connected by {}; {what}", organisation.name, system.name);
    let next = format!("have {ods} sign (`watling agreement join {ods}`), or take its system out");
    Some(Gap::new(GapKind::ConnectedUnsigned, ods.as_str(), what, next).since(since))
}

/// What the region's policy requires and a member does not show.
fn missing(region: &Region, organisation: &Organisation, membership: &Membership) -> Option<Gap> {
    let required = region.policy.evidence.required.iter();
    let absent: Vec<&str> = required
        .filter(|kind| membership.evidence.item(**kind).is_none())
        .map(|kind| kind.name())
        .collect();
    if absent.is_empty() {
        return None;
    }
    let ods = organisation.ods.as_str();
    let what = format!("shows no {}, which the policy requires", absent.join(", "));
    let next = format!("ask for it and record it: `watling agreement evidence {ods}`");
    Some(Gap::new(GapKind::Evidence, ods, what, next))
}

/// One line for everything that is due on one day.
fn ending(kind: EvidenceKind, until: Date, organisations: &[&OdsCode], today: Date) -> Gap {
    let over = days(until, today);
    let who = match organisations {
        [one] => one.to_string(),
        [first, second] => format!("{first} and {second}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} others", rest.len()),
        [] => String::new(),
    };
    let when = if over > 0 { "ran out" } else { "runs out" };
    let what = format!("{kind} of {who} {when} on {until}");
    let next = "record what is new (`watling agreement evidence`); nothing is suspended by itself";
    Gap::new(GapKind::Evidence, kind.name(), what, next).since(Some(over))
}
