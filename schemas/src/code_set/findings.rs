//! What can be said of a file of code sets before anything is registered under it.

use super::lines::Lines;
use super::{ATTRIBUTES, CodeSets, DocumentType, MIME_TYPE, Mode, is_sctid};
use crate::oid;
use std::collections::{HashMap, HashSet};

/// Problems keep a hub from starting; notes are for its operator to read.
#[derive(Debug, Default)]
pub struct Findings {
    pub problems: Vec<String>,
    pub notes: Vec<String>,
}

/// What the code sets were read from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'t> {
    /// A file of the hub's own form, its text: every code in it is its author's.
    Own(&'t str),
    /// A test bed's `codes.xml` around the hub's own document types: what does not fit is noted.
    CodesXml,
}

/// How many codes of one kind a note names.
const NAMED: usize = 3;

impl CodeSets {
    /// Reads the file as its author should have.
    pub fn findings(&self, source: Source<'_>) -> Findings {
        let lines = match source {
            Source::Own(text) => Lines::of(text),
            Source::CodesXml => Lines::default(),
        };
        let own = matches!(source, Source::Own(_));
        let mut reader = Reader { sets: self, lines, own, found: Findings::default() };
        reader.domain();
        for attribute in ATTRIBUTES {
            reader.attribute(attribute);
        }
        let found = &mut reader.found;
        found.set(MIME_TYPE, self.mime_type.mode, self.mime_type.codes.len());
        for (n, document_type) in self.document_type.iter().enumerate() {
            reader.document_type(n, document_type);
        }
        reader.default_type();
        for problem in self.mapping.problems(self) {
            reader.wrong(None, &problem);
        }
        reader.claims();
        reader.siblings();
        reader.found
    }
}

struct Reader<'s> {
    sets: &'s CodeSets,
    lines: Lines<'s>,
    own: bool,
    found: Findings,
}

/// `line 812: what`, or `what` where no line is known.
fn at(line: Option<usize>, what: &str) -> String {
    line.map_or_else(|| what.to_owned(), |line| format!("line {line}: {what}"))
}

impl Reader<'_> {
    /// A problem of the author's own file; a note where the codes are somebody else's.
    fn wrong(&mut self, line: Option<usize>, what: &str) {
        let list = if self.own { &mut self.found.problems } else { &mut self.found.notes };
        list.push(at(line, what));
    }

    fn domain(&mut self) {
        if self.sets.domain != oid::NHS_NUMBER {
            self.found.problems.push(format!(
                "domain is {:?}: patients are known by NHS number here, whose authority is {:?}",
                self.sets.domain,
                oid::NHS_NUMBER
            ));
        }
        let known = |name: &&String| !ATTRIBUTES.contains(&name.as_str());
        for unknown in self.sets.attribute.keys().filter(known) {
            let known = ATTRIBUTES.join(", ");
            let what = format!("{unknown:?} is no coded attribute: use one of {known}");
            self.found.problems.push(what);
        }
    }

    fn attribute(&mut self, attribute: &str) {
        let Some(rule) = self.sets.attribute.get(attribute) else {
            let what = format!("{attribute}: no code set, so it is not checked");
            self.found.notes.push(what);
            return;
        };
        self.found.set(attribute, rule.mode, rule.codes.len());
        let mut seen = HashSet::new();
        let mut misspelt = Vec::new();
        for code in &rule.codes {
            let system = self.sets.system_oid(&code.scheme);
            if !seen.insert((&code.code, system)) {
                let what = format!("{:?} in scheme {:?}", code.code, code.scheme);
                self.found.notes.push(format!("{attribute}: {what} is listed more than once"));
            }
            if system == oid::SNOMED_CT && !is_sctid(&code.code) {
                misspelt.push(code.code.as_str());
            }
        }
        self.misspelt(attribute, &misspelt);
        let retired = rule.codes.iter().filter(|code| code.until.is_some()).count();
        if retired > 0 {
            self.found.notes.push(format!("{attribute}: {retired} with a last day"));
        }
    }

    fn misspelt(&mut self, attribute: &str, codes: &[&str]) {
        if self.own {
            for code in codes {
                let what = format!("{attribute}: {}", not_sctid(code));
                self.wrong(self.lines.code(attribute, code), &what);
            }
        } else if !codes.is_empty() {
            let named = codes.iter().take(NAMED).map(|code| format!("{code:?}"));
            let (named, count) = (named.collect::<Vec<_>>().join(", "), codes.len());
            self.found
                .notes
                .push(format!("{attribute}: {count} are no SNOMED CT codes, among them {named}"));
        }
    }

    /// A document type whose own codes the domain refuses cannot be published.
    fn document_type(&mut self, n: usize, kind: &DocumentType) {
        let name = &kind.name;
        let of_type = [
            ("typeCode", "type_code", &kind.type_code),
            ("classCode", "class_code", &kind.class_code),
            ("practiceSettingCode", "practice_setting", &kind.practice_setting),
            ("healthcareFacilityTypeCode", "facility", &kind.facility),
        ];
        let aliases = kind.aliases.iter().map(|alias| ("typeCode", "aliases", alias));
        let settings = kind.settings.iter().map(|code| ("practiceSettingCode", "settings", code));
        for (attribute, key, code) in of_type.into_iter().chain(aliases).chain(settings) {
            let line = self.lines.document_type(n, key, code);
            if attribute != "healthcareFacilityTypeCode" && !is_sctid(code) {
                self.wrong(line, &format!("document type {name}: {key}: {}", not_sctid(code)));
            }
            let Some(rule) = self.sets.attribute.get(attribute) else { continue };
            if rule.mode == Mode::Strict && !rule.codes.iter().any(|known| known.code == *code) {
                let what = format!(
                    "the document type {name} has the {attribute} {code:?}, which is not in the domain: what the hub maps to that type will be refused; add it to [attribute.{attribute}] or correct {key}"
                );
                self.wrong(line, &what);
            }
        }
        if let Some(code) = kind.confidentiality.as_deref().filter(|c| !["N", "R", "V"].contains(c))
        {
            let line = self.lines.document_type(n, "confidentiality", code);
            self.wrong(
                line,
                &format!("document type {name}: confidentiality {code:?} is none: N, R or V"),
            );
        }
        for event in kind.events.iter().filter(|event| !event.contains("^^")) {
            let line = self.lines.document_type(n, "events", event);
            let what = format!(
                "document type {name}: the event {event:?} names no system: write code^^scheme"
            );
            self.wrong(line, &what);
        }
    }

    fn default_type(&mut self) {
        let Some(name) = self.sets.default_type.as_deref() else { return };
        if self.sets.by_name(name).is_none() {
            let what = format!(
                "default_type {name:?} is the name of no document type: use one of them, or leave it out"
            );
            self.wrong(self.lines.key("default_type"), &what);
        }
    }

    /// What tells a type must tell one type only.
    fn claims(&mut self) {
        let mut claimed: HashMap<(&str, &str), &str> = HashMap::new();
        let sets = self.sets;
        let codes: HashMap<&str, &str> =
            sets.document_type.iter().map(|t| (t.type_code.as_str(), t.name.as_str())).collect();
        for (n, kind) in sets.document_type.iter().enumerate() {
            let (name, lines) = (kind.name.as_str(), &self.lines);
            let mut wrong = Vec::new();
            for (key, values) in [
                ("name", std::slice::from_ref(&kind.name)),
                ("aliases", kind.aliases.as_slice()),
                ("message_types", &kind.message_types),
                ("profile_ids", &kind.profile_ids),
                ("interactions", &kind.interactions),
            ] {
                for value in values {
                    let line = lines.document_type(n, key, value);
                    if let Some(other) = claimed.insert((key, value), name) {
                        let what = format!(
                            "document type {name}: {key}: {value:?} belongs to {other} already, and a document can be only one of them: remove it from one"
                        );
                        wrong.push((line, what));
                    }
                    if let Some(other) = codes.get(value.as_str()).filter(|_| key == "aliases") {
                        let what = format!(
                            "document type {name}: aliases: {value:?} is the type_code of {other}, which it would hide: remove it here"
                        );
                        wrong.push((line, what));
                    }
                }
            }
            for (line, what) in wrong {
                self.wrong(line, &what);
            }
        }
    }

    /// Types of one code: two that nothing tells apart are a mistake, and what an event alone tells
    /// apart an agreement cannot.
    fn siblings(&mut self) {
        let sets = self.sets;
        for (n, kind) in sets.document_type.iter().enumerate() {
            let elder = sets.document_type[..n].iter();
            let elder: Vec<_> = elder.filter(|other| other.type_code == kind.type_code).collect();
            let line = self.lines.document_type(n, "type_code", &kind.type_code);
            let name = &kind.name;
            let taken = kind.own_settings().find_map(|setting| {
                let other = elder.iter().find(|other| kind.by_setting && other.is_told_by(setting));
                other.map(|other| (setting.to_owned(), other.name.clone()))
            });
            if let Some((setting, other)) = taken {
                self.wrong(line, &format!("document type {name}: the setting {setting:?} tells {other} already: give one of them another"));
            }
            let Some(default) = elder.iter().find(|other| !other.by_setting) else { continue };
            if !kind.by_setting && kind.events.is_empty() {
                self.wrong(line, &format!("document type {name}: nothing tells it from {}, which has the same type_code: give it events, or by_setting = true", default.name));
            } else if !kind.by_setting {
                self.found.notes.push(format!("the document types {} and {name} have one typeCode and setting: an agreement on one of them covers both", default.name));
            }
        }
    }
}

fn not_sctid(code: &str) -> String {
    format!("{code:?} is no SNOMED CT code, its check digit is wrong or it is misspelt: correct it")
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
