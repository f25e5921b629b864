//! The affinity domain's code sets and document types: a versioned file, not an enum, so that a
//! region adds a code without a release.

mod check;
mod codes_xml;
mod findings;

pub use codes_xml::{BYTES_MAX, CodesXmlError, Imported};
pub use findings::Findings;

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

/// A document type of the region: one meaning under one or more codes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentType {
    /// The word for it on the command line, in agreements and on pages.
    pub name: String,
    pub label: String,
    pub group: String,
    pub type_code: String,
    pub display: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub class_code: String,
    pub practice_setting: String,
    pub facility: String,
    /// Several document types share this typeCode and differ by practice setting.
    #[serde(default)]
    pub by_setting: bool,
    /// NHS CDA messageTypes that mean this type.
    #[serde(default)]
    pub message_types: Vec<String>,
}

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSets {
    pub version: String,
    /// Assigning authority of the domain's patient identifiers.
    pub domain: String,
    #[serde(default)]
    pub system: Vec<CodeSystem>,
    #[serde(default)]
    pub attribute: BTreeMap<String, AttributeCodes>,
    #[serde(default)]
    pub mime_type: MimeTypes,
    #[serde(default)]
    pub document_type: Vec<DocumentType>,
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

    pub fn by_name(&self, name: &str) -> Option<&DocumentType> {
        self.document_type.iter().find(|t| t.name == name)
    }

    /// The document type of an entry: by its code, and where that is shared, by its setting.
    pub fn document_type(&self, type_code: &str, practice_setting: &str) -> Option<&DocumentType> {
        let code = self.canonical_type(type_code);
        let mut of_code = self.document_type.iter().filter(|t| t.type_code == code);
        let by_setting =
            of_code.clone().find(|t| t.by_setting && t.practice_setting == practice_setting);
        by_setting.or_else(|| of_code.clone().find(|t| !t.by_setting)).or_else(|| of_code.next())
    }

    pub fn by_message_type(&self, message_type: &str) -> Option<&DocumentType> {
        self.document_type.iter().find(|t| t.message_types.iter().any(|m| m == message_type))
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
