//! What a region decides about documents that the code sets do not say.

use crate::code_set::CodeSets;
use crate::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A region's own rules, a part of its code sets; the default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MappingRules {
    /// Documents whose type is not known get the code sets' default type; otherwise they are refused.
    pub default_unknown_types: bool,
    /// Document types, by name, of codes from local vocabularies.
    pub local_types: BTreeMap<String, String>,
    /// The first that fits decides; where none does, `V` of the national message types is `N`.
    pub confidentiality: Vec<ConfidentialityRule>,
    /// Organisations that sites belong to.
    pub sites: BTreeMap<OdsCode, OdsCode>,
    /// Organisations of the region: the longest of them that begins a site's code is its parent.
    pub organisations: BTreeSet<OdsCode>,
    /// Facility types (CDAOrganizationType) of organisations whose documents do not say.
    pub facilities: BTreeMap<OdsCode, String>,
}

/// What a sender means by a confidentiality code. `V` is overloaded: national schemas fixed it for
/// nearly every document, whatever was in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidentialityRule {
    /// Absent: whoever publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<OdsCode>,
    /// Absent: whatever messageType.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_type: Option<String>,
    pub received: String,
    pub becomes: String,
}

impl ConfidentialityRule {
    pub(super) fn fits(&self, publisher: &OdsCode, message_type: Option<&str>, code: &str) -> bool {
        self.received == code
            && self.publisher.as_ref().is_none_or(|own| own == publisher)
            && self.message_type.as_deref().is_none_or(|own| Some(own) == message_type)
    }
}

impl MappingRules {
    /// What names a code or type that the code sets do not have, each with the key that names it.
    pub(crate) fn problems(&self, sets: &CodeSets) -> Vec<String> {
        let unknown = |attribute: &str, code: &str| sets.display(attribute, code).is_none();
        let becomes = self.confidentiality.iter().map(|rule| &rule.becomes);
        let becomes = becomes.filter(|code| unknown("confidentialityCode", code)).map(|code| {
            format!(
                "mapping.confidentiality: becomes {code:?}, which is no confidentialityCode here"
            )
        });
        let facility = |code: &&String| unknown("healthcareFacilityTypeCode", code);
        let facilities = self.facilities.values().filter(facility).map(|code| {
            format!("mapping.facilities: {code:?} is no healthcareFacilityTypeCode here")
        });
        let untyped = |name: &&String| sets.by_name(name).is_none();
        let types = self.local_types.values().filter(untyped).map(|name| {
            format!("mapping.local_types: {name:?} is the name of no document type here")
        });
        becomes.chain(facilities).chain(types).collect()
    }

    /// The organisation that an ODS code stands for, and whether it is another than the code's own.
    pub(super) fn parent(&self, code: &OdsCode, publisher: &OdsCode) -> OdsCode {
        if let Some(parent) = self.sites.get(code) {
            return parent.clone();
        }
        if self.organisations.contains(code) || code == publisher {
            return code.clone();
        }
        let begins = |known: &&OdsCode| {
            known.as_str().len() >= 3 && code.as_str().starts_with(known.as_str())
        };
        let known = self.organisations.iter().chain([publisher]).filter(begins);
        known.max_by_key(|known| known.as_str().len()).unwrap_or(code).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn what_names_nothing_of_the_code_sets_is_a_problem() {
        let text = "default_unknown_types = true\n\
            local_types = { L1 = 'no-such-type', L2 = 'outpatient-letter' }\n\
            sites = { RR109 = 'RRK' }\norganisations = ['RXN']\nfacilities = { RXN = '777', RX7 = '018' }\n\
            [[confidentiality]]\npublisher = 'RXN'\nmessage_type = 'POCD_MT150001UK06'\n\
            received = 'V'\nbecomes = 'X'\n[[confidentiality]]\nreceived = 'V'\nbecomes = 'R'\n";
        let rules: MappingRules = toml::from_str(text).unwrap();
        let problems = rules.problems(&sample::code_sets());
        assert_eq!(problems.len(), 3, "{problems:?}");
        for word in ["\"X\"", "\"777\"", "\"no-such-type\""] {
            assert!(problems.iter().any(|problem| problem.contains(word)), "{word}");
        }
        assert!(MappingRules::default().problems(&sample::code_sets()).is_empty());
    }
}
