//! What is wrong with a statement before it is kept: a name that nothing bears would never match.

use super::{Evidence, NewStatement, Said};
use crate::region::{Region, TypeSelector};
use schemas::code_set::CodeSets;
use schemas::ods_code::OdsCode;
use schemas::unique_id::UniqueId;

const TEXT_MAX: usize = 400;

/// Everything that would not mean what it says.
pub fn problems(new: &NewStatement, region: &Region, code_sets: &CodeSets) -> Vec<String> {
    let mut problems = Vec::new();
    organisation(&new.by.organisation, "recorded_by", region, &mut problems);
    text(&new.by.person, "the person or office", &mut problems);
    match &new.evidence {
        Evidence::Text(words) => text(words, "evidence", &mut problems),
        Evidence::Document(id) => unique_id(id, "evidence", &mut problems),
    }
    if new.ends.is_some_and(|ends| ends < new.starts) {
        problems.push("it ends before it starts".to_owned());
    }
    match &new.said {
        Said::Wish { document_type, publisher, consumer, .. } => {
            if let Some(selector) = document_type.as_ref().filter(|s| !is_borne(s, code_sets)) {
                problems.push(format!(
                    "{selector} is no document type of the code sets: give a name, `group:NAME` or `*`"
                ));
            }
            for (ods, what) in [(publisher, "publisher"), (consumer, "consumer")] {
                if let Some(ods) = ods {
                    organisation(ods, what, region, &mut problems);
                }
            }
        }
        Said::Sealed { unique_id: id, open_to, .. } => {
            unique_id(id, "the sealed document", &mut problems);
            for ods in open_to {
                organisation(ods, "open_to", region, &mut problems);
            }
        }
        Said::Consent { purpose, .. } => {
            if !is_a_purpose(purpose, region) {
                problems.push(format!(
                    "{purpose:?} is no purpose of this region: neither an agreement, a system nor the policy names it"
                ));
            }
        }
    }
    problems
}

fn organisation(ods: &OdsCode, what: &str, region: &Region, problems: &mut Vec<String>) {
    if region.organisation(ods).is_none() {
        problems.push(format!("{what} {ods} is no organisation of this region"));
    }
}

fn text(text: &str, what: &str, problems: &mut Vec<String>) {
    let length = text.chars().count();
    if text.trim().is_empty() || length > TEXT_MAX || text.chars().any(char::is_control) {
        problems.push(format!("{what} takes 1 to {TEXT_MAX} characters on one line"));
    }
}

fn unique_id(text: &str, what: &str, problems: &mut Vec<String>) {
    if let Err(error) = UniqueId::parse(text) {
        problems.push(format!("{what} is not a uniqueId: {error}"));
    }
}

fn is_borne(selector: &TypeSelector, code_sets: &CodeSets) -> bool {
    code_sets.document_type.iter().any(|document_type| selector.matches(document_type))
}

fn is_a_purpose(purpose: &str, region: &Region) -> bool {
    let policy = &region.policy;
    let agreements = region.agreements.iter().flat_map(|one| &one.agreement.purposes);
    let systems = region.systems.iter().flat_map(|system| &system.purposes);
    let policies = policy.consent_required.iter().chain(&policy.secondary_purposes);
    let mut known = agreements.chain(systems).chain(policies).chain(policy.preference.keys());
    known.any(|known| known == purpose)
}
