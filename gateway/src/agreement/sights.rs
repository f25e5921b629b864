//! What may be seen: for each consumer, purpose, role and publisher the document types that the
//! agreements in force open, so that two regions can be compared by what they show.

use crate::decision::{is_member, tier_reads};
use crate::region::{Agreement, Organisation, Region};
use jiff::civil::Date;
use schemas::code_set::{CodeSets, DocumentType};
use schemas::ods_code::OdsCode;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sight {
    consumer: OdsCode,
    purpose: String,
    role: String,
    publisher: OdsCode,
}

/// Everything that agreements open on a day. Relationships and preferences narrow it for each
/// patient; a publisher's own documents are not counted.
#[derive(Clone, Debug, Default)]
pub struct Sights {
    /// Name and group of each document type, in the order of `ceilings`.
    types: Vec<(String, String)>,
    /// For each type 0: nothing, 1 to 3: up to N, R, V.
    ceilings: BTreeMap<Sight, Vec<u8>>,
}

impl Sights {
    pub fn of(region: &Region, code_sets: &CodeSets, today: Date) -> Self {
        let types = code_sets.document_type.iter();
        let mut sights = Self {
            types: types.map(|of| (of.name.clone(), of.group.clone())).collect(),
            ceilings: BTreeMap::new(),
        };
        for versioned in region.agreements.iter().filter(|v| v.agreement.is_in_force(today)) {
            sights.open(region, code_sets, today, &versioned.agreement);
        }
        sights
    }

    fn open(&mut self, region: &Region, code_sets: &CodeSets, today: Date, agreement: &Agreement) {
        let ceiling = rank(&agreement.confidentiality);
        let covered_for = |role: &String| {
            let reads = |of: &DocumentType| agreement.covers(of) && tier_reads(region, role, of);
            let types = code_sets.document_type.iter();
            types.map(|of| if reads(of) { ceiling } else { 0 }).collect::<Vec<u8>>()
        };
        let by_role: Vec<(&String, Vec<u8>)> =
            agreement.roles.iter().map(|role| (role, covered_for(role))).collect();
        let departments = match &agreement.departments[..] {
            [] => String::new(),
            departments => format!(" ({})", departments.join(", ")),
        };
        let all = || region.organisations.iter();
        let publishers: Vec<&Organisation> =
            all().filter(|of| publishes(region, agreement, &of.ods, today)).collect();
        let consumers = all().filter(|of| {
            region.is_consumer(agreement, &of.ods) && is_member(region, &of.ods, today)
        });
        for consumer in consumers {
            for publisher in publishers.iter().filter(|of| of.ods != consumer.ods) {
                for (purpose, (role, covered)) in pairs(&agreement.purposes, &by_role) {
                    let sight = Sight {
                        consumer: consumer.ods.clone(),
                        purpose: purpose.clone(),
                        role: format!("{role}{departments}"),
                        publisher: publisher.ods.clone(),
                    };
                    let none = || vec![0; covered.len()];
                    let known = self.ceilings.entry(sight).or_insert_with(none);
                    known.iter_mut().zip(covered).for_each(|(a, b)| *a = (*a).max(*b));
                }
            }
        }
    }

    /// Consumers that have something for a purpose that `wanted` names.
    pub fn consumers<'s>(&'s self, wanted: &dyn Fn(&str) -> bool) -> Vec<&'s OdsCode> {
        let of = self.ceilings.keys().filter(|sight| wanted(&sight.purpose));
        let mut consumers: Vec<&OdsCode> = of.map(|sight| &sight.consumer).collect();
        consumers.dedup();
        consumers
    }

    /// Whole groups by their name, single types by theirs.
    fn named(&self, which: &[u8]) -> Vec<String> {
        let mut groups: BTreeMap<&str, (Vec<&str>, bool)> = BTreeMap::new();
        for ((name, group), ceiling) in self.types.iter().zip(which) {
            let (names, whole) = groups.entry(group).or_insert((Vec::new(), true));
            match ceiling {
                0 => *whole = false,
                _ => names.push(name),
            }
        }
        if groups.values().all(|(_, whole)| *whole) {
            return vec!["*".to_owned()];
        }
        let mut found = Vec::new();
        for (group, (names, whole)) in groups {
            match whole && names.len() > 1 {
                true => found.push(format!("group:{group}")),
                false => found.extend(names.into_iter().map(str::to_owned)),
            }
        }
        found
    }
}

fn publishes(region: &Region, agreement: &Agreement, ods: &OdsCode, today: Date) -> bool {
    region.is_publisher(agreement, ods, today)
        && is_member(region, region.answers_for(ods, today), today)
}

fn pairs<'a, A, B>(of: &'a [A], with: &'a [B]) -> impl Iterator<Item = (&'a A, &'a B)> {
    of.iter().flat_map(move |a| with.iter().map(move |b| (a, b)))
}

fn rank(confidentiality: &str) -> u8 {
    match confidentiality {
        "V" => 3,
        "R" => 2,
        _ => 1,
    }
}

/// What some consumers may see more or less of some publishers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    pub more: bool,
    pub consumers: Vec<OdsCode>,
    pub purpose: String,
    pub role: String,
    /// `*`, `group:` names and names.
    pub document_types: Vec<String>,
    pub publishers: Vec<OdsCode>,
}

type Alike = (bool, String, String, Vec<String>, Vec<OdsCode>);

/// The difference of two days or two regions; consumers that it touches alike stand together.
pub fn changes(before: &Sights, after: &Sights) -> Vec<Change> {
    let mut by_publishers: BTreeMap<(bool, Sight, Vec<String>), Vec<OdsCode>> = BTreeMap::new();
    for (sight, more, which) in differences(before, after) {
        let of = if after.types.is_empty() { before } else { after };
        let anonymous = Sight { publisher: sight.consumer.clone(), ..sight.clone() };
        let key = (more, anonymous, of.named(&which));
        by_publishers.entry(key).or_default().push(sight.publisher.clone());
    }
    let mut by_consumers: BTreeMap<Alike, Vec<OdsCode>> = BTreeMap::new();
    for ((more, sight, types), publishers) in by_publishers {
        let alike = (more, sight.purpose, sight.role, types, publishers);
        by_consumers.entry(alike).or_default().push(sight.consumer);
    }
    let change = |((more, purpose, role, document_types, publishers), consumers)| Change {
        more,
        consumers,
        purpose,
        role,
        document_types,
        publishers,
    };
    by_consumers.into_iter().map(change).collect()
}

/// Each sight that is different, what is lost and what is gained apart.
fn differences<'s>(
    before: &'s Sights,
    after: &'s Sights,
) -> impl Iterator<Item = (&'s Sight, bool, Vec<u8>)> {
    let new = after.ceilings.keys().filter(|sight| !before.ceilings.contains_key(*sight));
    before.ceilings.keys().chain(new).flat_map(|sight| {
        let (was, is) = (before.ceilings.get(sight), after.ceilings.get(sight));
        [(false, was, is), (true, is, was)].into_iter().filter_map(move |(more, with, without)| {
            let with = with?;
            let of = |n: usize| without.and_then(|of| of.get(n)).copied().unwrap_or(0);
            let which: Vec<u8> =
                with.iter().enumerate().map(|(n, c)| if *c > of(n) { *c } else { 0 }).collect();
            which.iter().any(|c| *c > 0).then_some((sight, more, which))
        })
    })
}
