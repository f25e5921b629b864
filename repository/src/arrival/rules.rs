//! What a region decides about messages.

use super::extracted::Extract;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A document whose type is not of the region's code sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownTypes {
    /// Refused with its code named.
    #[default]
    Refuse,
    /// Indexed as a document of the default type, the code as received beside it.
    Default,
}

/// The region's decisions.
#[derive(Clone, Debug)]
pub struct Rules {
    /// A tracking id that recurs with other documents is refused.
    pub strict: bool,
    /// How long messages are known again.
    pub duplicates_days: u32,
    /// How long a nullification waits for its document.
    pub held_days: u32,
    pub unknown_types: UnknownTypes,
    pub extract_attachments: Extract,
    /// NHS numbers with a wrong check digit that a sender may use in tests, ten digits each.
    pub accept_invalid_numbers: BTreeMap<OdsCode, Vec<String>>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            strict: false,
            duplicates_days: 90,
            held_days: 7,
            unknown_types: UnknownTypes::default(),
            extract_attachments: Extract::default(),
            accept_invalid_numbers: BTreeMap::new(),
        }
    }
}
