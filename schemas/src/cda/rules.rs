//! What a region decides about documents that the code sets do not say.

use super::header::CdaHeader;
use super::mapping::{Mapped, MappingContext};
use super::mapping_error::MappingError;
use crate::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A region's own rules; the default has none and is what a publisher's client maps with.
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
    /// Maps a document under these rules.
    pub fn map(
        &self,
        header: &CdaHeader,
        context: &MappingContext<'_>,
    ) -> Result<Mapped, MappingError> {
        super::mapping::map_under(header, context, self)
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
