//! What is wrong with a file before it is applied: a name that nothing bears would never match,
//! and nobody would notice until a document stays away.

use super::{
    Agreement, AgreementState, Policy, Region, RegionFile, ResidualRisk, TypeSelector,
    role_problems,
};
use schemas::code_set::CodeSets;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;

/// Everything that would not mean what it says.
pub fn problems(file: &RegionFile, region: &Region, code_sets: &CodeSets) -> Vec<String> {
    let mut problems = Vec::new();
    let policy = file.policy.as_ref().unwrap_or(&region.policy);
    for agreement in &file.agreement {
        parties(agreement, file, region, &mut problems);
        terms(agreement, code_sets, &mut problems);
        problems.extend(purposes(agreement, policy));
    }
    for organisation in &file.organisation {
        let ods = &organisation.ods;
        if let Some(successor) = &organisation.successor
            && (successor.ods == *ods || !is_known(successor.ods.as_str(), file, region))
        {
            problems.push(format!(
                "organisation {ods}: its successor {} is not another organisation of this region",
                successor.ods
            ));
        }
    }
    if let Some(operator) = policy.operator.as_ref().filter(|_| file.policy.is_some())
        && !is_known(operator.ods.as_str(), file, region)
    {
        problems.push(format!(
            "policy: the operator {} is not an organisation of this region",
            operator.ods
        ));
    }
    problems.extend(role_problems(file, region, &code_sets.document_type));
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

fn parties(agreement: &Agreement, file: &RegionFile, region: &Region, problems: &mut Vec<String>) {
    let id = &agreement.id;
    let is_template = agreement.state == AgreementState::Template;
    let publishers = agreement.publishers.len() + agreement.awaiting.len();
    for (side, count) in [("publishers", publishers), ("consumers", agreement.consumers.len())] {
        if count == 0 && !is_template {
            problems.push(format!("agreement {id}: {side} is empty"));
        }
    }
    for (side, parties) in [
        ("publishers", &agreement.publishers),
        ("awaiting", &agreement.awaiting),
        ("consumers", &agreement.consumers),
    ] {
        for party in parties.iter().filter(|party| !is_known(party, file, region)) {
            problems.push(format!(
                "agreement {id}: {side} names {party:?}, which is neither an organisation nor a `group:NAME` of this region"
            ));
        }
    }
}

fn terms(agreement: &Agreement, code_sets: &CodeSets, problems: &mut Vec<String>) {
    let id = &agreement.id;
    for selector in agreement.document_types.iter().filter(|s| !means_something(s, code_sets)) {
        problems.push(format!(
            "agreement {id}: document_types names {selector}, which no document type of the code sets bears"
        ));
    }
    for (what, list) in [("purposes", &agreement.purposes), ("roles", &agreement.roles)] {
        if list.is_empty() {
            problems.push(format!("agreement {id}: {what} is empty, so it would permit nothing"));
        }
    }
    if agreement.ends.is_some_and(|ends| ends < agreement.starts) {
        problems.push(format!("agreement {id}: it ends before it starts"));
    }
    if !matches!(agreement.confidentiality.as_str(), "N" | "R" | "V") {
        problems.push(format!("agreement {id}: confidentiality is N, R or V"));
    }
    let high = agreement.dpia.as_ref().is_some_and(|dpia| dpia.residual_risk == ResidualRisk::High);
    if high && agreement.state == AgreementState::Agreed {
        problems.push(format!(
            "agreement {id}: the residual risk of its DPIA is high, so it cannot be agreed: lower the risk, or ask the ICO first (UK GDPR Article 36)"
        ));
    }
}

/// Secondary use and research never pass on an agreement for direct care.
pub fn purposes(agreement: &Agreement, policy: &Policy) -> Option<String> {
    let secondary = agreement.purposes.iter().find(|purpose| policy.is_secondary(purpose))?;
    let care = agreement.purposes.iter().find(|purpose| !policy.is_secondary(purpose))?;
    Some(format!(
        "agreement {}: {secondary} is a secondary purpose and never passes on an agreement for {care}: make it an agreement of its own",
        agreement.id
    ))
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
