//! Words that mean nothing: groups without a member, roles and tiers that nothing uses.

use super::{Gap, GapKind};
use crate::decision::is_member;
use crate::region::{AgreementState, Region, Versioned};
use jiff::civil::Date;
use std::collections::BTreeSet;

pub(super) fn find(region: &Region, today: Date, gaps: &mut Vec<Gap>) {
    let live = |versioned: &&Versioned| {
        use AgreementState::{Agreed, Offered, Requested, Suspended};
        matches!(versioned.agreement.state, Agreed | Offered | Requested | Suspended)
    };
    let live: Vec<&Versioned> = region.agreements.iter().filter(live).collect();
    groups(region, &live, today, gaps);
    // Without a table of roles any word is one.
    if !region.roles.is_empty() {
        roles(region, &live, gaps);
        tiers(region, gaps);
    }
}

fn groups(region: &Region, live: &[&Versioned], today: Date, gaps: &mut Vec<Gap>) {
    for versioned in live {
        let agreement = &versioned.agreement;
        let sides = [("publisher", &agreement.publishers), ("consumer", &agreement.consumers)];
        for (side, party) in sides.iter().flat_map(|(side, of)| of.iter().map(move |p| (side, p))) {
            if !party.starts_with("group:")
                || region.meant_by(party).any(|ods| is_member(region, ods, today))
            {
                continue;
            }
            let what = format!("{party} is a {side}, and nobody in it is a member");
            let next = "add members to the group, or take it out of the agreement";
            gaps.push(Gap::new(GapKind::EmptyGroup, versioned.reference(), what, next));
        }
    }
}

fn roles(region: &Region, live: &[&Versioned], gaps: &mut Vec<Gap>) {
    let known: BTreeSet<&str> = region.roles.iter().map(|role| role.name.as_str()).collect();
    let agreed: BTreeSet<&str> =
        live.iter().flat_map(|v| &v.agreement.roles).map(String::as_str).collect();
    let shown: BTreeSet<&str> = region.systems.iter().map(|s| s.role.as_str()).collect();
    let gap =
        |role: &str, what: &str, next: &str| Gap::new(GapKind::Role, role, what.to_owned(), next);
    for role in known.difference(&agreed) {
        let what = "no agreement names the role: whoever shows it sees nothing";
        gaps.push(gap(role, what, "name it in an agreement, or take it out of the table"));
    }
    for role in agreed.difference(&known) {
        let what = "an agreement names the role, and it stands in no table";
        gaps.push(gap(role, what, "add it with its tier, or correct the agreement"));
    }
    for role in shown.difference(&known) {
        let what = "a system shows the role, and it stands in no table";
        gaps.push(gap(role, what, "add it with its tier, or correct the system's profile"));
    }
}

fn tiers(region: &Region, gaps: &mut Vec<Gap>) {
    let known: BTreeSet<&str> = region.tiers.iter().map(|tier| tier.name.as_str()).collect();
    let used: BTreeSet<&str> = region.roles.iter().map(|role| role.tier.as_str()).collect();
    for tier in known.difference(&used) {
        let what = "no role is in the tier".to_owned();
        gaps.push(Gap::new(GapKind::Tier, *tier, what, "give it a role, or take it out"));
    }
    for tier in used.difference(&known) {
        let what = "a role is in the tier, and there is none of this name".to_owned();
        gaps.push(Gap::new(GapKind::Tier, *tier, what, "add it, or correct the role"));
    }
}
