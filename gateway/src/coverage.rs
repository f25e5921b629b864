//! What a consumer's agreements do not cover and its role does not read, so that an empty list is not read as "there is
//! none". It depends on agreements and offers only, never on the patient.

use crate::decision::{Asker, agreements, is_member, tier_reads};
use crate::region::Region;
use jiff::civil::Date;
use schemas::code_set::{CodeSets, DocumentType};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::ods_code::OdsCode;
use std::collections::{BTreeMap, BTreeSet};

/// One Warning that names types and publishers, or none where everything is covered. `wanted`
/// narrows it to the types that the query asked for.
pub(crate) fn warning(
    region: &Region,
    code_sets: &CodeSets,
    today: Date,
    asker: &Asker<'_>,
    wanted: &dyn Fn(&DocumentType) -> bool,
) -> Option<XdsError> {
    let reads = |document_type: &DocumentType| tier_reads(region, asker.role, document_type);
    let mut gaps: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut unread: BTreeSet<&str> = BTreeSet::new();
    for publisher in &region.organisations {
        if publisher.ods == *asker.organisation || !is_member(region, &publisher.ods, today) {
            continue;
        }
        let offered = |document_type: &DocumentType| {
            wanted(document_type)
                && publisher.publishes.iter().any(|offer| offer.matches(document_type))
        };
        let types = code_sets.document_type.iter();
        unread.extend(types.filter(|t| offered(t) && !reads(t)).map(|t| t.label.as_str()));
        let missing = missing(region, code_sets, today, asker, &publisher.ods, &|document_type| {
            offered(document_type) && reads(document_type)
        });
        if !missing.is_empty() {
            gaps.entry(missing.join(", ")).or_default().push(publisher.ods.to_string());
        }
    }
    if gaps.is_empty() && unread.is_empty() {
        return None;
    }
    let unread: Vec<&str> = unread.into_iter().collect();
    let unread = match unread.is_empty() {
        true => String::new(),
        false => format!("the role {} does not read {}", asker.role, unread.join(", ")),
    };
    if gaps.is_empty() {
        let context = format!("{unread}: such documents may exist and are not shown");
        return Some(XdsError::warning(XdsErrorCode::Registry, context).at("role"));
    }
    let gaps: Vec<String> = gaps
        .into_iter()
        .map(|(types, publishers)| format!("{types} of {}", publishers.join(", ")))
        .collect();
    let context = format!(
        "your agreements do not cover {}{}: such documents may exist and are not shown",
        gaps.join("; "),
        if unread.is_empty() { unread } else { format!("; {unread}") }
    );
    Some(XdsError::warning(XdsErrorCode::Registry, context).at("agreement"))
}

/// Uncovered types of one publisher: a group's name where the whole group is uncovered.
fn missing(
    region: &Region,
    code_sets: &CodeSets,
    today: Date,
    asker: &Asker<'_>,
    publisher: &OdsCode,
    offered: &dyn Fn(&DocumentType) -> bool,
) -> Vec<String> {
    let covering: Vec<_> = agreements(region, today, asker)
        .filter(|versioned| {
            let agreement = &versioned.agreement;
            region.is_publisher(agreement, publisher, today)
                && agreement.roles.iter().any(|role| role == asker.role)
        })
        .collect();
    let mut groups: BTreeMap<&str, (Vec<&str>, bool)> = BTreeMap::new();
    for document_type in code_sets.document_type.iter().filter(|t| offered(t)) {
        let covered = covering.iter().any(|versioned| versioned.agreement.covers(document_type));
        let (names, any_covered) = groups.entry(&document_type.group).or_default();
        if covered {
            *any_covered = true;
        } else {
            names.push(&document_type.label);
        }
    }
    let mut missing = Vec::new();
    for (group, (names, any_covered)) in groups {
        match (names.is_empty(), any_covered) {
            (true, _) => {}
            (false, false) => missing.push(format!("{group} documents")),
            (false, true) => missing.extend(names.into_iter().map(str::to_owned)),
        }
    }
    missing
}
