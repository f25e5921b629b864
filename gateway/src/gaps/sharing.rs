//! What flows: members that see nothing, publishers that nobody sees, offers that nobody uses.

use super::{Gap, GapKind};
use crate::decision::is_member;
use crate::region::{Agreement, Organisation, Region};
use jiff::civil::Date;
use schemas::code_set::{CodeSets, DocumentType};
use schemas::ods_code::OdsCode;
use std::collections::BTreeMap;

pub(super) fn find(region: &Region, code_sets: &CodeSets, today: Date, gaps: &mut Vec<Gap>) {
    let in_force: Vec<&Agreement> = region
        .agreements
        .iter()
        .map(|versioned| &versioned.agreement)
        .filter(|agreement| agreement.is_in_force(today))
        .collect();
    let members = region.organisations.iter().filter(|o| is_member(region, &o.ods, today));
    for organisation in members {
        gaps.extend(sees_nothing(region, &in_force, organisation));
        gaps.extend(shared(region, code_sets, &in_force, organisation, today));
    }
}

/// A supplier asks for others; whoever has no system asks nobody.
fn sees_nothing(
    region: &Region,
    in_force: &[&Agreement],
    organisation: &Organisation,
) -> Option<Gap> {
    let ods = &organisation.ods;
    let own = |system: &&crate::region::SystemProfile| {
        (system.organisation == *ods && system.acts_for.is_empty()) || system.acts_for.contains(ods)
    };
    let system = region.systems.iter().find(own)?;
    if in_force.iter().any(|agreement| region.is_consumer(agreement, ods)) {
        return None;
    }
    let what = format!(
        "{} asks through {}; no agreement in force names it as a consumer",
        organisation.name, system.name
    );
    let next = format!("have {ods} request what it needs: `watling agreement request`");
    Some(Gap::new(GapKind::SeesNothing, ods.as_str(), what, next))
}

fn shared(
    region: &Region,
    code_sets: &CodeSets,
    in_force: &[&Agreement],
    organisation: &Organisation,
    today: Date,
) -> Option<Gap> {
    let ods = &organisation.ods;
    let showing: Vec<&&Agreement> = in_force
        .iter()
        .filter(|agreement| region.is_publisher(agreement, ods, today))
        .filter(|agreement| has_consumer(region, agreement, ods, today))
        .collect();
    let publishes = region.systems.iter().any(|s| s.organisation == *ods && s.publishes);
    if showing.is_empty() && (publishes || !organisation.publishes.is_empty()) {
        let what =
            format!("{} publishes; no agreement in force shows it to anybody", organisation.name);
        let next = format!("have {ods} offer its documents: `watling agreement offer`");
        return Some(Gap::new(GapKind::SharesWithNobody, ods.as_str(), what, next));
    }
    let unused: Vec<&DocumentType> = code_sets
        .document_type
        .iter()
        .filter(|t| organisation.publishes.iter().any(|offer| offer.matches(t)))
        .filter(|t| !showing.iter().any(|agreement| agreement.covers(t)))
        .collect();
    if unused.is_empty() {
        return None;
    }
    let what = format!("{} offers {}", organisation.name, named(code_sets, &unused));
    let next = "offer it (`watling agreement offer`), or take it out of publishes";
    Some(Gap::new(GapKind::OfferedUnused, ods.as_str(), what, next))
}

/// Somebody else who is a member.
fn has_consumer(region: &Region, agreement: &Agreement, publisher: &OdsCode, today: Date) -> bool {
    region.organisations.iter().any(|o| {
        o.ods != *publisher
            && region.is_consumer(agreement, &o.ods)
            && is_member(region, &o.ods, today)
    })
}

/// Whole groups by their name, other types by their label.
fn named(code_sets: &CodeSets, types: &[&DocumentType]) -> String {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for document_type in types {
        groups.entry(&document_type.group).or_default().push(&document_type.label);
    }
    let size = |group: &str| code_sets.document_type.iter().filter(|t| t.group == group).count();
    let words = groups.into_iter().flat_map(|(group, labels)| {
        if labels.len() == size(group) {
            vec![format!("{group} documents")]
        } else {
            labels.into_iter().map(str::to_owned).collect()
        }
    });
    words.collect::<Vec<_>>().join(", ")
}
