//! The affinity domain's code sets and document types: a versioned file, not an enum, so that a
//! region adds a code without a release.

mod check;
mod codes_xml;
mod document_type;
mod findings;
mod lines;
mod sctid;

pub use codes_xml::{BYTES_MAX, CodesXmlError, Imported};
pub use document_type::{DocumentType, Marks};
pub use findings::{Findings, Source};
pub use sctid::is_sctid;

use crate::cda::MappingRules;
use crate::metadata::Code;
use crate::oid;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The coded attributes that a domain has code sets for (ITI TF-3 4.2.3), mimeType aside.
pub const ATTRIBUTES: [&str; 10] = [
    "associationDocumentation",
    "classCode",
    "confidentialityCode",
    "contentTypeCode",
    "eventCodeList",
    "folderCodeList",
    "formatCode",
    "healthcareFacilityTypeCode",
    "practiceSettingCode",
    "typeCode",
];

/// The name under which the accepted mimeTypes go beside them.
pub const MIME_TYPE: &str = "mimeType";

/// What happens to a code that the set does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The submission is refused.
    #[default]
    Strict,
    /// The submission is accepted with a Warning.
    Warn,
    Off,
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Warn => "warn",
            Self::Off => "off",
        })
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodedValue {
    pub code: String,
    pub scheme: String,
    #[serde(default)]
    pub display: String,
    /// The last day (UTC) on which a new document may carry it. Entries keep it, queries find it.
    #[serde(default)]
    pub until: Option<Date>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeCodes {
    #[serde(default)]
    pub mode: Mode,
    #[serde(default)]
    pub codes: Vec<CodedValue>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MimeTypes {
    #[serde(default)]
    pub mode: Mode,
    #[serde(default)]
    pub codes: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSystem {
    pub oid: String,
    pub name: String,
    #[serde(default)]
    pub fhir: Option<String>,
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSets {
    pub version: String,
    /// Assigning authority of the domain's patient identifiers.
    pub domain: String,
    /// The document type of what says nothing that the region knows, by its name. Whether such a
    /// document is taken at all is not for the code sets to say.
    #[serde(default)]
    pub default_type: Option<String>,
    #[serde(default)]
    pub system: Vec<CodeSystem>,
    #[serde(default)]
    pub attribute: BTreeMap<String, AttributeCodes>,
    #[serde(default)]
    pub mime_type: MimeTypes,
    #[serde(default)]
    pub document_type: Vec<DocumentType>,
    /// What the region decides about clinical documents beyond their codes.
    #[serde(default)]
    pub mapping: MappingRules,
}

impl CodeSets {
    /// Puts an operator's modes over those of the file, by attribute or `mimeType`; the name that is
    /// neither, where there is one.
    pub fn set_modes<'m>(&mut self, modes: &'m BTreeMap<String, Mode>) -> Result<(), &'m str> {
        for (attribute, mode) in modes {
            match attribute.as_str() {
                MIME_TYPE => self.mime_type.mode = *mode,
                name if ATTRIBUTES.contains(&name) => {
                    self.attribute.entry(attribute.clone()).or_default().mode = *mode;
                }
                unknown => return Err(unknown),
            }
        }
        Ok(())
    }

    /// The code system's own OID for any of its spellings.
    pub fn system_oid<'a>(&'a self, scheme: &'a str) -> &'a str {
        let known = self.system.iter().find(|s| s.aliases.iter().any(|alias| alias == scheme));
        known.map_or(scheme, |system| system.oid.as_str())
    }

    /// The typeCode under which a document type is indexed: its own for each of its aliases.
    pub fn canonical_type<'a>(&'a self, code: &'a str) -> &'a str {
        let alias = |t: &&DocumentType| t.aliases.iter().any(|alias| alias == code);
        self.document_type.iter().find(alias).map_or(code, |t| t.type_code.as_str())
    }

    /// The region's display for a code of an attribute.
    pub fn display(&self, attribute: &str, code: &str) -> Option<&str> {
        let codes = &self.attribute.get(attribute)?.codes;
        codes.iter().find(|known| known.code == code).map(|known| known.display.as_str())
    }

    /// A SNOMED CT code with the region's display.
    pub fn snomed(&self, attribute: &str, code: &str) -> Code {
        Code::new(code, oid::SNOMED_CT, self.display(attribute, code).unwrap_or(code))
    }
}
