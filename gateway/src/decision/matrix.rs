//! Who may see what: for each pair of organisations and group of document types the roles and
//! purposes that an agreement in force and the role's tier let through. Relationships and
//! preferences are the patient's, so no matrix has them.

use super::{Moment, is_member, tier_of};
use crate::region::{Agreement, Meeting, Region, Versioned};
use schemas::code_set::{CodeSets, DocumentType};
use schemas::ods_code::OdsCode;
use std::collections::{BTreeMap, BTreeSet};

/// One pair of organisations and one group of types, with at least one grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub consumer: OdsCode,
    pub publisher: OdsCode,
    pub group: String,
    pub grants: Vec<Grant>,
}

/// What one agreement lets one role see for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub role: String,
    pub purpose: String,
    /// None named: all.
    pub departments: Vec<String>,
    /// Names of the document types; empty: every type of the group.
    pub document_types: Vec<String>,
    /// Highest confidentialityCode.
    pub ceiling: String,
    /// Agreement and version.
    pub agreement: String,
    /// Entries are listed and documents not handed out.
    pub index_only: bool,
}

/// Every pair of members that an agreement in force connects, in the order of their codes. A
/// publisher that has closed stands under its own code, as long as its successor is a member.
pub fn matrix(region: &Region, at: Moment, code_sets: &CodeSets) -> Vec<Cell> {
    matrix_of(region, at, code_sets, None, None)
}

/// The same, of one consumer or one publisher alone.
pub fn matrix_of(
    region: &Region,
    at: Moment,
    code_sets: &CodeSets,
    consumer: Option<&OdsCode>,
    publisher: Option<&OdsCode>,
) -> Vec<Cell> {
    let codes: BTreeSet<&OdsCode> = region.organisations.iter().map(|o| &o.ods).collect();
    let is_wanted = |ods: &OdsCode, only: Option<&OdsCode>| only.is_none_or(|only| only == ods);
    let consumers = codes.iter().filter(|ods| is_wanted(ods, consumer));
    let mut cells = Vec::new();
    for consumer in consumers.filter(|ods| is_member(region, ods, at.today)) {
        for publisher in codes.iter().filter(|ods| is_wanted(ods, publisher)) {
            cells.extend(pair(region, at, code_sets, consumer, publisher));
        }
    }
    cells
}

fn pair(
    region: &Region,
    at: Moment,
    code_sets: &CodeSets,
    consumer: &OdsCode,
    publisher: &OdsCode,
) -> Vec<Cell> {
    let answers = region.answers_for(publisher, at.today);
    if publisher == consumer || answers == consumer || !is_member(region, answers, at.today) {
        return Vec::new();
    }
    let publishers = Some([publisher, answers]);
    let meeting = Meeting { publishers, ..Meeting::of(consumer) };
    let mut groups: BTreeMap<&str, BTreeSet<Grant>> = BTreeMap::new();
    for versioned in region.meet(&meeting) {
        let agreement = &versioned.agreement;
        if agreement.is_in_force(at.today)
            && region.is_consumer(agreement, consumer)
            && region.is_publisher(agreement, publisher, at.today)
        {
            grants(region, code_sets, versioned, &mut groups);
        }
    }
    let cell = |(group, grants): (&str, BTreeSet<Grant>)| Cell {
        consumer: consumer.clone(),
        publisher: publisher.clone(),
        group: group.to_owned(),
        grants: grants.into_iter().collect(),
    };
    groups.into_iter().map(cell).collect()
}

fn grants<'c>(
    region: &Region,
    code_sets: &'c CodeSets,
    versioned: &Versioned,
    groups: &mut BTreeMap<&'c str, BTreeSet<Grant>>,
) {
    let agreement = &versioned.agreement;
    let mut by_group: BTreeMap<&str, Vec<&DocumentType>> = BTreeMap::new();
    for document_type in &code_sets.document_type {
        by_group.entry(&document_type.group).or_default().push(document_type);
    }
    for role in &agreement.roles {
        let Ok(tier) = tier_of(region, role) else { continue };
        let reads = |document_type: &&&DocumentType| {
            agreement.covers(document_type) && tier.is_none_or(|tier| tier.covers(document_type))
        };
        for (group, types) in &by_group {
            let read: Vec<String> = types.iter().filter(reads).map(|t| t.name.clone()).collect();
            if read.is_empty() {
                continue;
            }
            let whole = read.len() == types.len();
            for purpose in passing(region, agreement) {
                groups.entry(group).or_default().insert(Grant {
                    role: role.clone(),
                    purpose: purpose.clone(),
                    departments: agreement.departments.clone(),
                    document_types: if whole { Vec::new() } else { read.clone() },
                    ceiling: agreement.confidentiality.clone(),
                    agreement: versioned.reference(),
                    index_only: tier.is_some_and(|tier| tier.index_only),
                });
            }
        }
    }
}

/// The purposes that may pass on an agreement: a secondary one not beside care.
fn passing<'a>(region: &Region, agreement: &'a Agreement) -> impl Iterator<Item = &'a String> {
    let mixed = region.policy.mixes(&agreement.purposes);
    agreement.purposes.iter().filter(move |purpose| !mixed || !region.policy.is_secondary(purpose))
}
