//! What can be said of a file of code sets before anything is registered under it.

use super::{ATTRIBUTES, CodeSets, DocumentType, MIME_TYPE, Mode};
use crate::oid;
use std::collections::HashSet;

/// Problems keep a hub from starting; notes are for its operator to read.
#[derive(Debug, Default)]
pub struct Findings {
    pub problems: Vec<String>,
    pub notes: Vec<String>,
}

impl CodeSets {
    /// Reads the file as its author should have.
    pub fn findings(&self) -> Findings {
        let mut found = Findings::default();
        if self.domain != oid::NHS_NUMBER {
            found.problems.push(format!(
                "domain is {:?}: patients are known by NHS number here, whose authority is {:?}",
                self.domain,
                oid::NHS_NUMBER
            ));
        }
        for unknown in self.attribute.keys().filter(|name| !ATTRIBUTES.contains(&name.as_str())) {
            let known = ATTRIBUTES.join(", ");
            found.problems.push(format!("{unknown:?} is no coded attribute: use one of {known}"));
        }
        for attribute in ATTRIBUTES {
            self.attribute_findings(attribute, &mut found);
        }
        let mime_types = (self.mime_type.mode, self.mime_type.codes.len());
        found.set(MIME_TYPE, mime_types.0, mime_types.1);
        for document_type in &self.document_type {
            self.document_type_findings(document_type, &mut found);
        }
        found
    }

    fn attribute_findings(&self, attribute: &str, found: &mut Findings) {
        let Some(rule) = self.attribute.get(attribute) else {
            found.notes.push(format!("{attribute}: no code set, so it is not checked"));
            return;
        };
        found.set(attribute, rule.mode, rule.codes.len());
        let mut seen = HashSet::new();
        for code in &rule.codes {
            if !seen.insert((&code.code, self.system_oid(&code.scheme))) {
                let what = format!("{:?} in scheme {:?}", code.code, code.scheme);
                found.notes.push(format!("{attribute}: {what} is listed more than once"));
            }
        }
        let retired = rule.codes.iter().filter(|code| code.until.is_some()).count();
        if retired > 0 {
            found.notes.push(format!("{attribute}: {retired} with a last day"));
        }
    }

    /// A document type whose own codes the domain refuses cannot be published.
    fn document_type_findings(&self, document_type: &DocumentType, found: &mut Findings) {
        for (attribute, code) in [
            ("typeCode", &document_type.type_code),
            ("classCode", &document_type.class_code),
            ("practiceSettingCode", &document_type.practice_setting),
            ("healthcareFacilityTypeCode", &document_type.facility),
        ] {
            let Some(rule) = self.attribute.get(attribute) else { continue };
            if rule.mode == Mode::Strict && !rule.codes.iter().any(|known| known.code == *code) {
                found.notes.push(format!(
                    "the document type {} has the {attribute} {code:?}, which is not in the domain: what the hub maps to that type will be refused",
                    document_type.name
                ));
            }
        }
    }
}

impl Findings {
    fn set(&mut self, attribute: &str, mode: Mode, codes: usize) {
        if codes == 0 && mode == Mode::Strict {
            self.problems.push(format!(
                "{attribute} is strict and has no codes, so nothing could be registered: list codes, or set its mode to warn or off"
            ));
        }
        self.notes.push(format!("{attribute}: {mode}, {codes} codes"));
    }
}
