//! `[itk]`: what the front door takes, and how.

use repository::arrival::{Rules, UnknownTypes};
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ItkSection {
    /// Refuse a tracking id that recurs with other documents.
    pub strict: bool,
    /// How long messages are known again; document ids are known for ever.
    pub duplicates_days: u32,
    /// How long a nullification waits for the document that it names.
    pub held_days: u32,
    /// What becomes of a document type that the code sets do not have: `refuse` or `default`.
    pub unknown_types: UnknownTypes,
    /// For tests: NHS numbers with a wrong check digit that a sender may use, by its ODS code. They
    /// are indexed with their check digit put right.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accept_invalid_numbers: BTreeMap<OdsCode, Vec<String>>,
}

impl Default for ItkSection {
    fn default() -> Self {
        let Rules { strict, duplicates_days, held_days, unknown_types, accept_invalid_numbers } =
            Rules::default();
        Self { strict, duplicates_days, held_days, unknown_types, accept_invalid_numbers }
    }
}

impl ItkSection {
    /// The decisions, as the front door applies them.
    pub fn rules(&self) -> Rules {
        Rules {
            strict: self.strict,
            duplicates_days: self.duplicates_days,
            held_days: self.held_days,
            unknown_types: self.unknown_types,
            accept_invalid_numbers: self.accept_invalid_numbers.clone(),
        }
    }
}
