//! `[itk]`: what the front door takes, and how.

use super::folders::FoldersSection;
use super::upload::UploadSection;
use node::outbox::{Directory, OutboxSettings};
use repository::arrival::{Extract, Rules, UnknownTypes, allowance};
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
    /// Attachments that become documents beside their CDA: `off`, `pdf-body` or `all`.
    pub extract_attachments: Extract,
    /// For tests: NHS numbers with a wrong check digit that a sender may use, by its ODS code. They
    /// are indexed with their check digit put right.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accept_invalid_numbers: BTreeMap<OdsCode, Vec<String>>,
    /// Endpoints of other organisations by ODS code: where acknowledgements and notices go.
    pub directory: Directory,
    pub outbox: OutboxSettings,
    pub folders: FoldersSection,
    pub upload: UploadSection,
}

impl Default for ItkSection {
    fn default() -> Self {
        let Rules {
            strict,
            duplicates_days,
            held_days,
            unknown_types,
            extract_attachments,
            accept_invalid_numbers,
        } = Rules::default();
        Self {
            strict,
            duplicates_days,
            held_days,
            unknown_types,
            extract_attachments,
            accept_invalid_numbers,
            directory: Directory::default(),
            outbox: OutboxSettings::default(),
            folders: FoldersSection::default(),
            upload: UploadSection::default(),
        }
    }
}

impl ItkSection {
    /// What is wrong with the section; a live hub takes nobody's number with a wrong check digit.
    pub fn check(&self, live: bool) -> Result<(), String> {
        let key = "itk.accept_invalid_numbers";
        if live && !self.accept_invalid_numbers.is_empty() {
            return Err(format!("{key}: it is for tests, a live hub refuses it"));
        }
        for (ods, numbers) in &self.accept_invalid_numbers {
            let repaired = |number: &&String| allowance(number, numbers).is_none();
            if numbers.iter().any(|number| repaired(&number)) {
                return Err(format!(
                    "{key}.{ods}: each is ten digits without spaces, whose first nine have a check digit"
                ));
            }
        }
        Ok(())
    }

    pub(super) fn validate(&self) -> Result<(), String> {
        let outbox = &self.outbox;
        let seconds = [
            ("deadline_seconds", outbox.deadline_seconds),
            ("collect_seconds", outbox.collect_seconds),
            ("visibility_seconds", outbox.visibility_seconds),
            ("retention_seconds", outbox.retention_seconds),
        ];
        match seconds.into_iter().find(|(_, value)| !(1..=10 * 366 * 24 * 3600).contains(value)) {
            Some((key, value)) => Err(format!(
                "itk.outbox.{key} is {value}; it must be at least 1 and at most ten years"
            )),
            None => Ok(()),
        }
    }

    /// The decisions, as the front door applies them.
    pub fn rules(&self) -> Rules {
        Rules {
            strict: self.strict,
            duplicates_days: self.duplicates_days,
            held_days: self.held_days,
            unknown_types: self.unknown_types,
            extract_attachments: self.extract_attachments,
            accept_invalid_numbers: self.accept_invalid_numbers.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_for_tests_and_can_be_repaired() {
        let section = |number: &str| {
            let text = format!("[accept_invalid_numbers]\nRXN = [\"{number}\"]\n");
            toml::from_str::<ItkSection>(&text).unwrap()
        };
        assert_eq!(section("9999345201").check(false), Ok(()));
        assert!(section("9999345201").check(true).unwrap_err().contains("a live hub refuses it"));
        assert!(section("9990000140").check(false).is_err(), "no tenth digit is right");
        assert!(section("999").check(false).is_err());
        assert_eq!(ItkSection::default().check(true), Ok(()));
    }
}
