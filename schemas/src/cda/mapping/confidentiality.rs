//! confidentialityCode: what the sender means, by the region's rules, in HL7's own system.

use super::MappingContext;
use crate::cda::header::CdaHeader;
use crate::cda::rules::MappingRules;
use crate::cda::warning::{CdaWarning, note};
use crate::metadata::Code;
use crate::oid;

/// The value set whose OID stands for the code system in many documents.
const VALUE_SET: &str = "2.16.840.1.113883.1.11.16926";

/// The code of the entry, and the code as received where it is not `N`.
pub(super) fn of(
    header: &CdaHeader,
    context: &MappingContext<'_>,
    rules: &MappingRules,
    warnings: &mut Vec<CdaWarning>,
) -> (Code, Option<String>) {
    let received = header.confidentiality.as_ref();
    let system = received.map_or("", |coded| coded.system.as_str());
    if system == VALUE_SET {
        note(warnings, CdaWarning::ConfidentialitySystem);
    }
    let hl7 = matches!(system, "" | VALUE_SET | oid::CONFIDENTIALITY);
    let received = received.map(|coded| coded.code.clone());
    let code = match received.as_deref() {
        None => {
            note(warnings, CdaWarning::ConfidentialityUnknown);
            "N".to_owned()
        }
        Some(code) => meaning(code, hl7, header, context, rules, warnings),
    };
    let display = context.code_sets.display("confidentialityCode", &code).unwrap_or(&code);
    (Code::new(&code, oid::CONFIDENTIALITY, display), received.filter(|code| code != "N"))
}

fn meaning(
    code: &str,
    hl7: bool,
    header: &CdaHeader,
    context: &MappingContext<'_>,
    rules: &MappingRules,
    warnings: &mut Vec<CdaWarning>,
) -> String {
    let message_type = header.message_type.as_deref();
    let fits = |rule: &&super::super::rules::ConfidentialityRule| {
        rule.fits(context.publisher, message_type, code)
    };
    if let Some(rule) = rules.confidentiality.iter().find(fits) {
        if rule.becomes != code {
            note(warnings, CdaWarning::ConfidentialityMapped);
        }
        return rule.becomes.clone();
    }
    let national = message_type.is_some_and(|m| context.code_sets.by_message_type(m).is_some());
    match code {
        "V" if hl7 && national => "N",
        "N" | "R" | "V" if hl7 => code,
        // A local code that no rule explains may mean anything: it is kept from general view.
        _ => {
            note(warnings, CdaWarning::ConfidentialityUnknown);
            "R"
        }
    }
    .to_owned()
}
