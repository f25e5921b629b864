//! Restricted content: ceilings on confidentiality, set by rule before anything is indexed. The rules
//! are a region's own table; what a publisher says is raised by them and never lowered. Pure.

use schemas::metadata::{Code, DocumentEntry};
use schemas::oid;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

/// Who may see a document at most; the higher, the fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub enum Ceiling {
    /// Restricted.
    R,
    /// Very restricted.
    V,
}

impl Ceiling {
    pub fn code(self) -> &'static str {
        match self {
            Self::R => "R",
            Self::V => "V",
        }
    }

    fn display(self) -> &'static str {
        match self {
            Self::R => "restricted",
            Self::V => "very restricted",
        }
    }

    fn of(code: &Code) -> Option<Self> {
        match code.code.as_str() {
            "R" => Some(Self::R),
            "V" => Some(Self::V),
            _ => None,
        }
    }
}

/// One kind of content.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: String,
    /// The law or policy that asks for it.
    pub reason: String,
    pub ceiling: Ceiling,
    /// typeCodes of whole documents.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub types: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub practice_settings: BTreeSet<String>,
    /// Codes of events (eventCodeList), of sections, or anywhere in a structured body.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub codes: BTreeSet<String>,
}

impl Rule {
    fn fits(&self, entry: &DocumentEntry, content: &BTreeSet<String>) -> bool {
        let events = entry.event_code_list.iter().map(|code| &code.code);
        self.types.contains(&entry.type_code.code)
            || self.practice_settings.contains(&entry.practice_setting_code.code)
            || events.chain(content).any(|code| self.codes.contains(code))
    }
}

/// A region's table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Restrictions {
    pub version: String,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

impl Restrictions {
    /// Every rule that cannot be applied as it stands.
    pub fn problems(&self) -> Vec<String> {
        let mut ids = HashSet::new();
        let mut problems = Vec::new();
        for rule in &self.rules {
            let id = &rule.id;
            if id.trim().is_empty() || !ids.insert(id) {
                problems.push(format!("rule {id:?}: each rule has an id of its own"));
            }
            if rule.reason.trim().is_empty() {
                problems.push(format!("rule {id:?}: reason names the law or policy behind it"));
            }
            let criteria = [&rule.types, &rule.practice_settings, &rule.codes];
            if criteria.iter().all(|codes| codes.is_empty()) {
                problems.push(format!("rule {id:?}: it has no types, practice_settings or codes"));
            }
            let blank = |code: &String| code.is_empty() || code.contains(char::is_whitespace);
            if criteria.iter().any(|codes| codes.iter().any(blank)) {
                problems.push(format!("rule {id:?}: a code is blank"));
            }
        }
        problems
    }

    /// Whether a document's own text matters.
    pub(crate) fn look_inside(&self) -> bool {
        self.rules.iter().any(|rule| !rule.codes.is_empty())
    }

    /// Raises an entry's confidentiality to what its content asks for; the rules that fit.
    pub fn apply(&self, entry: &mut DocumentEntry, content: &BTreeSet<String>) -> Vec<&Rule> {
        let fitting: Vec<&Rule> =
            self.rules.iter().filter(|rule| rule.fits(entry, content)).collect();
        let Some(ceiling) = fitting.iter().map(|rule| rule.ceiling).max() else { return fitting };
        let said = entry.confidentiality_code.iter().filter_map(Ceiling::of).max();
        if said.is_none_or(|said| said < ceiling) {
            let raised = Code::new(ceiling.code(), oid::CONFIDENTIALITY, ceiling.display());
            entry.confidentiality_code = vec![raised];
        }
        fitting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Restrictions {
        toml::from_str(include_str!("../../fixtures/restricted.toml")).unwrap()
    }

    fn entry(setting: &str, event: &str, confidentiality: &str) -> DocumentEntry {
        let text = include_str!("../../fixtures/code_sets.toml");
        let sets: schemas::code_set::CodeSets = toml::from_str(text).unwrap();
        let publisher = schemas::ods_code::OdsCode::parse("RXN").unwrap();
        let root = schemas::oid::Oid::parse("1.2.3").unwrap();
        let context = schemas::cda::MappingContext {
            code_sets: &sets,
            oid_root: &root,
            publisher: &publisher,
            profile_id: None,
            interaction: None,
            mime_type: "text/xml",
        };
        let cda = include_str!("../../schemas/src/cda/sample.xml");
        let header = schemas::cda::CdaHeader::read(cda.as_bytes(), &Default::default()).unwrap();
        let mut entry = schemas::cda::map(&header, &context).unwrap().entry;
        entry.practice_setting_code = Code::new(setting, oid::SNOMED_CT, "setting");
        entry.event_code_list = vec![Code::new(event, oid::SNOMED_CT, "event")];
        entry.confidentiality_code = vec![Code::new(confidentiality, oid::CONFIDENTIALITY, "said")];
        entry
    }

    #[test]
    fn content_and_setting_raise_confidentiality_and_never_lower_it() {
        let table = table();
        for (setting, event, inside, said, becomes, rules) in [
            ("394802001", "1", "2", "N", "N", &[][..]),
            ("394808002", "1", "2", "N", "R", &["sexual-health"]),
            ("394808002", "1", "2", "V", "V", &["sexual-health"]),
            ("394802001", "86406008", "2", "N", "R", &["sexual-health"]),
            ("394802001", "1", "52637005", "N", "V", &["fertility"]),
            ("394802001", "1", "52637005", "R", "V", &["fertility"]),
            ("394808002", "93461009", "2", "N", "V", &["gender-recognition", "sexual-health"]),
        ] {
            let mut entry = entry(setting, event, said);
            let content = BTreeSet::from([inside.to_owned()]);
            let fitting = table.apply(&mut entry, &content);
            let fitting: Vec<&str> = fitting.iter().map(|rule| rule.id.as_str()).collect();
            let code = &entry.confidentiality_code[0].code;
            assert_eq!((code.as_str(), fitting.as_slice()), (becomes, rules), "{setting} {event}");
        }
    }

    #[test]
    fn a_table_says_what_is_wrong_with_it() {
        assert!(table().problems().is_empty());
        let text = "version = \"1\"\n[[rule]]\nid = \"a\"\nreason = \"\"\nceiling = \"R\"\n[[rule]]\nid = \"a\"\nreason = \"law\"\nceiling = \"V\"\ncodes = [\" \"]\n";
        let table: Restrictions = toml::from_str(text).unwrap();
        let problems = table.problems().join("; ");
        for words in ["reason names the law", "an id of its own", "no types", "a code is blank"] {
            assert!(problems.contains(words), "{words} in {problems}");
        }
        let other = text.replace("\"R\"", "\"S\"");
        assert!(toml::from_str::<Restrictions>(&other).is_err());
    }
}
