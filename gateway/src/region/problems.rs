//! What is wrong with a file before it is applied: a name that nothing bears would never match,
//! and nobody would notice until a document stays away.

use super::{Region, RegionFile, TypeSelector};
use schemas::code_set::CodeSets;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;

/// Everything that would not mean what it says.
pub fn problems(file: &RegionFile, region: &Region, code_sets: &CodeSets) -> Vec<String> {
    let mut problems = Vec::new();
    for agreement in &file.agreement {
        let id = &agreement.id;
        for (side, parties) in
            [("publishers", &agreement.publishers), ("consumers", &agreement.consumers)]
        {
            if parties.is_empty() {
                problems.push(format!("agreement {id}: {side} is empty"));
            }
            for party in parties.iter().filter(|party| !is_known(party, file, region)) {
                problems.push(format!(
                    "agreement {id}: {side} names {party:?}, which is neither an organisation nor a `group:NAME` of this region"
                ));
            }
        }
        for selector in agreement.document_types.iter().filter(|s| !means_something(s, code_sets)) {
            problems.push(format!(
                "agreement {id}: document_types names {selector}, which no document type of the code sets bears"
            ));
        }
        for (what, list) in [("purposes", &agreement.purposes), ("roles", &agreement.roles)] {
            if list.is_empty() {
                problems
                    .push(format!("agreement {id}: {what} is empty, so it would permit nothing"));
            }
        }
        if agreement.ends.is_some_and(|ends| ends < agreement.starts) {
            problems.push(format!("agreement {id}: it ends before it starts"));
        }
        if !matches!(agreement.confidentiality.as_str(), "N" | "R" | "V") {
            problems.push(format!("agreement {id}: confidentiality is N, R or V"));
        }
    }
    for (n, row) in file.relationship.iter().enumerate() {
        if let Err(rule) = NhsNumber::parse(&row.patient) {
            problems.push(format!("relationship {} ({}): {rule}", n + 1, row.ods));
        }
    }
    for (n, row) in file.preference.iter().enumerate() {
        if let Err(rule) = NhsNumber::parse(&row.patient) {
            problems.push(format!("preference {} ({}): {rule}", n + 1, row.recorded_by));
        }
    }
    problems
}

fn is_known(party: &str, file: &RegionFile, region: &Region) -> bool {
    if let Some(name) = party.strip_prefix("group:") {
        return file.group.iter().chain(&region.groups).any(|group| group.name == name);
    }
    let Ok(ods) = OdsCode::parse(party) else { return false };
    let mut organisations = file.organisation.iter().chain(&region.organisations);
    organisations.any(|organisation| organisation.ods == ods)
}

fn means_something(selector: &TypeSelector, code_sets: &CodeSets) -> bool {
    code_sets.document_type.iter().any(|document_type| selector.matches(document_type))
}
