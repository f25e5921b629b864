//! Job roles, tiers and document types: who may read what kind of document at all, before any
//! agreement is asked (Caldicott principles 3 and 4).

use super::TypeSelector;
use schemas::code_set::DocumentType;
use serde::{Deserialize, Serialize};

/// A role of the region, the word that agreements and system profiles use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub name: String,
    /// SDS job role codes that mean it: `R1070`, or a whole triple `S8000:G8000:R8000`.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The tier it belongs to.
    pub tier: String,
}

/// What roles of a tier may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    pub name: String,
    /// Empty: entries are listed in no answer and no document is handed out.
    #[serde(default)]
    pub document_types: Vec<TypeSelector>,
}

impl Tier {
    pub fn covers(&self, document_type: &DocumentType) -> bool {
        self.document_types.iter().any(|selector| selector.matches(document_type))
    }
}
