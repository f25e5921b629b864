//! The affinity domain's code sets and document types: a versioned file, not an enum, so that a
//! region adds a code without a release.

mod codes_xml;

pub use codes_xml::{CodesXmlError, Imported};

use crate::error::{XdsError, XdsErrorCode};
use crate::metadata::{Code, DocumentEntry, ObjectId};
use crate::oid;
use crate::submission::Submission;
use serde::Deserialize;
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

/// What happens to a code that the set does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The submission is refused.
    #[default]
    Strict,
    /// The submission is accepted with a Warning.
    Warn,
    Off,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodedValue {
    pub code: String,
    pub scheme: String,
    pub display: String,
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
    /// Refuses (or warns of) every code of a submission that the domain does not know.
    pub fn check(&self, submission: &Submission) -> Vec<XdsError> {
        let mut found = Vec::new();
        let set = &submission.submission_set;
        found.extend(self.code(
            "SubmissionSet",
            "contentTypeCode",
            &set.content_type_code,
            &set.id,
        ));
        for entry in &submission.document_entries {
            self.check_entry(entry, &mut found);
        }
        for folder in &submission.folders {
            for code in &folder.code_list {
                found.extend(self.code("Folder", "folderCodeList", code, &folder.id));
            }
        }
        for association in &submission.associations {
            if let Some(code) = &association.documentation {
                found.extend(self.code(
                    "Association",
                    "associationDocumentation",
                    code,
                    &association.id,
                ));
            }
        }
        found
    }

    fn check_entry(&self, entry: &DocumentEntry, found: &mut Vec<XdsError>) {
        let single = [
            ("classCode", &entry.class_code),
            ("formatCode", &entry.format_code),
            ("healthcareFacilityTypeCode", &entry.healthcare_facility_type_code),
            ("practiceSettingCode", &entry.practice_setting_code),
            ("typeCode", &entry.type_code),
        ];
        let confidentiality =
            entry.confidentiality_code.iter().map(|code| ("confidentialityCode", code));
        let events = entry.event_code_list.iter().map(|code| ("eventCodeList", code));
        for (attribute, code) in single.into_iter().chain(confidentiality).chain(events) {
            found.extend(self.code("DocumentEntry", attribute, code, &entry.id));
        }
        let mime_type = entry.mime_type.to_ascii_lowercase();
        if !self.mime_type.codes.contains(&mime_type) {
            let context = format!(
                "DocumentEntry.mimeType: {mime_type:?} is not accepted in this affinity domain (object {})",
                entry.id
            );
            found.extend(refusal(self.mime_type.mode, context, &entry.id));
        }
    }

    fn code(&self, class: &str, attribute: &str, code: &Code, id: &ObjectId) -> Option<XdsError> {
        let rule = self.attribute.get(attribute)?;
        let known = rule.codes.iter().any(|known| {
            known.code == code.code
                && self.system_oid(&known.scheme) == self.system_oid(&code.scheme)
        });
        if known {
            return None;
        }
        let context = format!(
            "{class}.{attribute}: code {:?} in scheme {:?} is not in the affinity domain, code set version {} (object {id})",
            code.code, code.scheme, self.version
        );
        refusal(rule.mode, context, id)
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

fn refusal(mode: Mode, context: String, id: &ObjectId) -> Option<XdsError> {
    let code = XdsErrorCode::RegistryMetadata;
    match mode {
        Mode::Strict => Some(XdsError::new(code, context).at(id.to_string())),
        Mode::Warn => Some(XdsError::warning(code, context).at(id.to_string())),
        Mode::Off => None,
    }
}
