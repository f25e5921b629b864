//! Job roles, tiers and document types: who may read what kind of document at all, before any
//! agreement is asked (Caldicott principles 3 and 4).
//!
//! A region without a role table has no tiers: the words of agreements and profiles are its roles,
//! and a role reads whatever an agreement says. With a table, a role without a row reads nothing.

#[cfg(test)]
mod tests;

use super::{Region, RegionFile, TypeSelector};
use schemas::code_set::DocumentType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A role of the region, the word that agreements and system profiles use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub name: String,
    /// SDS job role codes that mean it: `R1070`, all of `R0580-R1260`, or a whole triple
    /// `S8000:G8000:R8000`.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The tier it belongs to.
    pub tier: String,
}

impl Role {
    /// `R1070` as 1070.
    pub(super) fn number(code: &str) -> Option<u32> {
        let digits = code.strip_prefix('R')?;
        let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    }

    /// `R0580-R1260`, both included.
    pub(super) fn range(code: &str) -> Option<(u32, u32)> {
        let (first, last) = code.split_once('-')?;
        Some((Self::number(first.trim())?, Self::number(last.trim())?))
    }

    fn is_code(code: &str) -> bool {
        let triple = || code.split(':').count() == 3;
        let role = code.rsplit(':').next().unwrap_or_default();
        Self::range(code).is_some_and(|(first, last)| first <= last)
            || Self::number(role).is_some() && (role == code || triple())
    }
}

/// What roles of a tier may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    pub name: String,
    /// Empty: entries are listed in no answer and no document is handed out.
    #[serde(default)]
    pub document_types: Vec<TypeSelector>,
    /// Entries of these types are listed and no document is handed out.
    #[serde(default)]
    pub index_only: bool,
}

impl Tier {
    pub fn covers(&self, document_type: &DocumentType) -> bool {
        self.document_types.iter().any(|selector| selector.matches(document_type))
    }

    /// As [`Self::covers`]; a type that the region does not know is covered by `*` alone.
    pub fn covers_any(&self, document_type: Option<&DocumentType>) -> bool {
        match document_type {
            Some(document_type) => self.covers(document_type),
            None => self.document_types.contains(&TypeSelector::All),
        }
    }
}

/// Words and codes that a role table leaves open. A file and the region it will be applied to are
/// looked at as one; without any role row there is nothing to leave open.
pub fn role_problems(
    file: &RegionFile,
    region: &Region,
    document_types: &[DocumentType],
) -> Vec<String> {
    let roles = merged(&file.role, &region.roles, |role| &role.name);
    if roles.is_empty() {
        return Vec::new();
    }
    let tiers = merged(&file.tier, &region.tiers, |tier| &tier.name);
    let mut problems = Vec::new();
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for role in roles.values() {
        let name = &role.name;
        if !tiers.contains_key(role.tier.as_str()) {
            problems.push(format!(
                "role {name}: its tier {:?} has no row, so it reads nothing: add a [[tier]]",
                role.tier
            ));
        }
        for code in &role.codes {
            if !Role::is_code(code) {
                problems.push(format!(
                    "role {name}: {code:?} is no SDS job role: write R1070, R0580-R1260 or S8000:G8000:R8000"
                ));
            }
            if let Some(other) = owners.insert(code, name) {
                problems.push(format!("role {name}: {code} means the role {other} already"));
            }
        }
    }
    for tier in tiers.values() {
        let means = |selector: &&TypeSelector| {
            !document_types.iter().any(|of_type| selector.matches(of_type))
        };
        for selector in tier.document_types.iter().filter(means) {
            problems.push(format!(
                "tier {}: document_types names {selector}, which no document type of the code sets bears",
                tier.name
            ));
        }
    }
    for (who, word) in used(file, region).filter(|(_, word)| !roles.contains_key(word.as_str())) {
        problems.push(format!(
            "{who} names the role {word:?}, which has no row in the role table: it would be refused as unknown; add a [[role]]"
        ));
    }
    problems
}

/// Every use of a role word, with who uses it.
fn used<'a>(
    file: &'a RegionFile,
    region: &'a Region,
) -> impl Iterator<Item = (String, &'a String)> {
    let changed = |id: &str| file.agreement.iter().any(|agreement| agreement.id == id);
    let old = region.agreements.iter().map(|versioned| &versioned.agreement);
    let agreements = file.agreement.iter().chain(old.filter(move |old| !changed(&old.id)));
    let systems = file.system.iter().chain(region.systems.iter().filter(|old| {
        !file
            .system
            .iter()
            .any(|new| (&new.name, &new.organisation) == (&old.name, &old.organisation))
    }));
    let policy = file.policy.as_ref().unwrap_or(&region.policy);
    let by_agreement = agreements.flat_map(|agreement| {
        agreement.roles.iter().map(move |role| (format!("agreement {}", agreement.id), role))
    });
    let by_system = systems
        .map(|system| (format!("system {} of {}", system.name, system.organisation), &system.role));
    let by_policy = policy.break_glass.roles.iter().chain(policy.withheld_shows.keys());
    by_agreement.chain(by_system).chain(by_policy.map(|role| ("policy".to_owned(), role)))
}

fn merged<'a, T>(new: &'a [T], old: &'a [T], name: fn(&T) -> &String) -> BTreeMap<&'a str, &'a T> {
    old.iter().chain(new).map(|row| (name(row).as_str(), row)).collect()
}
