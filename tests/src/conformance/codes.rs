//! The codes that cases use by attribute and place, `{classCode.2}`: from a hub's code set file or
//! from a test bed's `codes.xml`.

use schemas::xml::{Document, Limits};
use std::collections::BTreeMap;
use std::path::Path;

const OWN: &str = include_str!("../../../fixtures/code_sets.toml");

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub code: String,
    pub scheme: String,
    pub display: String,
}

impl Code {
    /// As a stored query writes it, without its quotes.
    pub fn value(&self) -> String {
        format!("{}^^{}", self.code, self.scheme)
    }
}

/// The codes of each attribute, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    attributes: BTreeMap<String, Vec<Code>>,
    pub mime_types: Vec<String>,
}

impl Codes {
    /// The project's own code set.
    pub fn own() -> Result<Self, String> {
        Self::from_toml(OWN)
    }

    /// A `codes.xml` or a code set file in TOML.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        let read = if text.trim_start().starts_with('<') {
            Self::from_xml(&text)
        } else {
            Self::from_toml(&text)
        };
        read.map_err(|error| format!("{}: {error}", path.display()))
    }

    /// A code set in TOML. A code that only is another name of a document type is left out: a
    /// registry may answer it together with the type's own code.
    fn from_toml(text: &str) -> Result<Self, String> {
        let file: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
        let list = |value: Option<&toml::Value>| value.and_then(toml::Value::as_array).cloned();
        let types = list(file.get("document_type")).unwrap_or_default();
        let aliases = types.iter().filter_map(|t| t.get("aliases")?.as_array()).flatten();
        let aliases: Vec<&str> = aliases.filter_map(toml::Value::as_str).collect();
        let mut codes = Self::default();
        let attributes = file.get("attribute").and_then(toml::Value::as_table);
        for (attribute, table) in attributes.into_iter().flatten() {
            for value in list(table.get("codes")).unwrap_or_default() {
                let text =
                    |key: &str| value.get(key).and_then(toml::Value::as_str).map(str::to_owned);
                let (Some(code), Some(scheme)) = (text("code"), text("scheme")) else { continue };
                let display = text("display").unwrap_or_else(|| code.clone());
                if attribute != "typeCode" || !aliases.contains(&code.as_str()) {
                    codes.add(attribute, Code { code, scheme, display });
                }
            }
        }
        let mimes = file.get("mime_type").and_then(|mimes| list(mimes.get("codes")));
        let mimes = mimes.unwrap_or_default();
        codes.mime_types = mimes.iter().filter_map(|m| m.as_str().map(str::to_owned)).collect();
        Ok(codes)
    }

    fn from_xml(text: &str) -> Result<Self, String> {
        let document = Document::parse(text, &Limits::default()).map_err(|e| e.to_string())?;
        let mut codes = Self::default();
        let types = document.root().children().filter(|e| e.local() == "CodeType");
        for code_type in types {
            let name = code_type.attr("name").unwrap_or_default();
            for element in code_type.children().filter(|e| e.local() == "Code") {
                let text = |key: &str| element.attr(key).unwrap_or_default().to_owned();
                if name == "mimeType" {
                    codes.mime_types.push(text("code"));
                } else {
                    let (code, scheme) = (text("code"), text("codingScheme"));
                    codes.add(name, Code { code, scheme, display: text("display") });
                }
            }
        }
        Ok(codes)
    }

    fn add(&mut self, attribute: &str, code: Code) {
        let name = if attribute == "folderCodeList" { "codeList" } else { attribute };
        self.attributes.entry(name.to_owned()).or_default().push(code);
    }

    /// The nth code of an attribute, from 1. Where the file has fewer, an invented one stands in.
    pub fn nth(&self, attribute: &str, n: usize) -> Code {
        let known = self.attributes.get(attribute).and_then(|codes| codes.get(n.checked_sub(1)?));
        known.cloned().unwrap_or_else(|| Code {
            code: format!("{attribute}-{n}"),
            scheme: "1.2.826.0.1.99999.70.1".to_owned(),
            display: format!("Invented {attribute} {n}"),
        })
    }

    /// Whether this is an attribute that has codes.
    pub fn has(attribute: &str) -> bool {
        use super::vocabulary::{DOCUMENT_ENTRY, FOLDER, SUBMISSION_SET};
        let kinds = [DOCUMENT_ENTRY.codes, SUBMISSION_SET.codes, FOLDER.codes];
        let named = kinds.iter().any(|codes| codes.iter().any(|(name, _)| *name == attribute));
        named || attribute == "associationDocumentation"
    }

    /// What a code is called; the code itself where the file does not know it.
    pub fn display(&self, code: &str) -> String {
        let mut all = self.attributes.values().flatten();
        all.find(|known| known.code == code).map_or_else(|| code.to_owned(), |c| c.display.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_code_set_has_two_codes_for_each_required_attribute() {
        let codes = Codes::own().unwrap();
        for attribute in ["classCode", "typeCode", "formatCode", "confidentialityCode"] {
            assert_ne!(codes.nth(attribute, 1), codes.nth(attribute, 2));
            assert!(!codes.nth(attribute, 2).display.starts_with("Invented"), "{attribute}");
        }
        assert!(codes.mime_types.len() > 1);
    }

    #[test]
    fn a_test_beds_codes_are_read() {
        let xml = "<Codes><CodeType name=\"classCode\"><Code code=\"C1\" display=\"One\" codingScheme=\"1.2.3\"/></CodeType><CodeType name=\"mimeType\"><Code code=\"text/plain\" ext=\"txt\"/></CodeType></Codes>";
        let codes = Codes::from_xml(xml).unwrap();
        assert_eq!(codes.nth("classCode", 1).value(), "C1^^1.2.3");
        assert_eq!(codes.mime_types, ["text/plain"]);
    }
}
