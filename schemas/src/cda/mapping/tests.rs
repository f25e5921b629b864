//! A row of the mapping table, a test.

mod errors;
mod people;
mod rows;
mod tolerance;
mod types;

use super::*;
use crate::cda::{ConfidentialityRule, sample};

const UK: &str = "2.16.840.1.113883.2.1.3.2.4.15";

/// What the tests map with.
struct Desk {
    sets: CodeSets,
    root: Oid,
    publisher: OdsCode,
    rules: MappingRules,
    profile: Option<&'static str>,
    interaction: Option<&'static str>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            sets: sample::code_sets(),
            root: Oid::parse("1.2.3").unwrap(),
            publisher: OdsCode::parse("RXN").unwrap(),
            rules: MappingRules::default(),
            profile: None,
            interaction: None,
        }
    }
}

impl Desk {
    fn try_map(&self, document: &str) -> Result<Mapped, MappingError> {
        let sets = CodeSets { mapping: self.rules.clone(), ..self.sets.clone() };
        let context = MappingContext {
            code_sets: &sets,
            oid_root: &self.root,
            publisher: &self.publisher,
            profile_id: self.profile,
            interaction: self.interaction,
            mime_type: "text/xml",
        };
        map(&sample::read(document), &context)
    }

    fn map(&self, document: &str) -> Mapped {
        self.try_map(document).unwrap()
    }
}

fn ods(text: &str) -> OdsCode {
    OdsCode::parse(text).unwrap()
}

/// The sample with a part replaced; the part must be in it.
fn with(from: &str, to: &str) -> String {
    let whole = sample::document("<structuredBody/>");
    assert!(whole.contains(from), "{from}");
    whole.replacen(from, to, 1)
}

fn plain() -> String {
    sample::document("<structuredBody/>")
}

fn slots(mapped: &Mapped, name: &str) -> Vec<String> {
    let found = mapped.entry.extra.iter().find(|slot| slot.name == name);
    found.map(|slot| slot.values.clone()).unwrap_or_default()
}

fn slot_value(mapped: &Mapped, name: &str) -> Option<String> {
    slots(mapped, name).into_iter().next()
}

fn warned(mapped: &Mapped, warning: CdaWarning) -> bool {
    mapped.warnings.contains(&warning)
}
