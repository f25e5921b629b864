//! The body as far as metadata needs it: how it is structured, its sections, what is attached,
//! coded procedures and findings. Read in the one pass that reads the header.

use super::HL7;
use super::end_of_life::{Finding, finding};
use super::header::Coded;
use super::media::{Media, media};
use super::read::coded;
use super::task::{self, Action};
use super::text::plain;
use super::warning::{CdaWarning, note};
use crate::xml::Element;
use std::collections::BTreeSet;

/// What is kept of one body; a body with more is read and kept whole, and not all of it indexed.
const SECTIONS_MAX: usize = 500;
const PROCEDURES_MAX: usize = 20;
const FINDINGS_MAX: usize = 100;
const CODES_MAX: usize = 5_000;
const MEDIA_MAX: usize = 64;
/// Characters of a text that decide whether it says anything.
const GIST: usize = 40;

/// How a machine may read a document: by its codes, by its headings, or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Structure {
    /// Coded entries or coded sections.
    Structured,
    /// Sections with titles and text.
    #[default]
    Text,
    /// nonXMLBody.
    Unstructured,
}

impl Structure {
    pub fn word(self) -> &'static str {
        match self {
            Self::Structured => "structured",
            Self::Text => "text",
            Self::Unstructured => "unstructured",
        }
    }
}

/// What stands under a heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    #[default]
    Empty,
    /// Only "None", "Not known" and the like.
    NoneStated,
    Present,
}

impl Content {
    fn of_text(text: &str) -> Self {
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        match bare.as_str() {
            "" => Self::Empty,
            "none" | "nil" | "not known" | "unknown" | "none known" | "none noted" | "n/a"
            | "na" | "not applicable" | "none recorded" | "not recorded" | "nothing recorded"
            | "no information" => Self::NoneStated,
            _ => Self::Present,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub code: Option<Coded>,
    pub title: String,
    /// 1 for a section of the body itself.
    pub depth: usize,
    /// Its own, or that of the sections in it.
    pub content: Content,
}

// Titles may name a person; what stands below them certainly does.
#[derive(Clone, Default)]
pub struct Body {
    pub structure: Structure,
    pub sections: Vec<Section>,
    pub media: Vec<Media>,
    /// Procedures that were done, coded.
    pub procedures: Vec<Coded>,
    pub findings: Vec<Finding>,
    /// SNOMED CT codes of sections, entries and their values, for rules about content.
    pub codes: BTreeSet<String>,
    pub actions: Vec<Action>,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({}, {} sections)", self.structure.word(), self.sections.len())
    }
}

/// Elements that state something with a code.
fn is_statement(local: &str) -> bool {
    matches!(
        local,
        "observation"
            | "act"
            | "procedure"
            | "encounter"
            | "substanceAdministration"
            | "supply"
            | "organizer"
    )
}

impl Body {
    pub(super) fn read(root: Element<'_>, warnings: &mut Vec<CdaWarning>) -> Self {
        let mut body = Self::default();
        let find = |name| root.children_named(HL7, "component").find_map(|c| c.child(HL7, name));
        if let Some(blob) = find("nonXMLBody") {
            body.structure = Structure::Unstructured;
            body.media.extend(blob.child(HL7, "text").map(media));
        } else if let Some(structured) = find("structuredBody") {
            body.structured(structured, warnings);
        }
        if body.media.iter().any(|media| media.by_reference) {
            note(warnings, CdaWarning::AttachmentByReference);
        }
        if body.sections.is_empty() && body.media.is_empty() {
            note(warnings, CdaWarning::NoBody);
        }
        body
    }

    fn structured(&mut self, element: Element<'_>, warnings: &mut Vec<CdaWarning>) {
        for component in element.children_named(HL7, "component") {
            for section in component.children_named(HL7, "section") {
                self.section(section, 1, warnings);
            }
        }
        let mut stated = false;
        for e in element.descendants().filter(|e| e.namespace() == HL7) {
            match e.local() {
                "observationMedia" if self.media.len() < MEDIA_MAX => {
                    self.media.extend(e.child(HL7, "value").map(media));
                }
                "observationMedia" => note(warnings, CdaWarning::TooMany),
                local if is_statement(local) => stated |= self.statement(e, warnings),
                _ => {}
            }
        }
        let coded_sections = self.sections.iter().any(|section| section.code.is_some());
        if stated || coded_sections {
            self.structure = Structure::Structured;
        }
    }

    /// Recursion is bounded by the reader's limit on depth.
    fn section(
        &mut self,
        element: Element<'_>,
        depth: usize,
        warnings: &mut Vec<CdaWarning>,
    ) -> Content {
        let code = element.child(HL7, "code").and_then(coded);
        let title = element.child(HL7, "title").map(|e| plain(e, 200)).unwrap_or_default();
        if task::is_plan(code.as_ref(), &title) {
            task::read(element, &mut self.actions, warnings);
        }
        self.codes.extend(code.iter().filter(|code| code.is_snomed()).map(|c| c.code.clone()));
        let at = self.sections.len();
        if at < SECTIONS_MAX {
            self.sections.push(Section { code, title, depth, content: Content::Empty });
        } else {
            note(warnings, CdaWarning::TooMany);
        }
        let mut content = Content::Empty;
        for child in element.children().filter(|e| e.namespace() == HL7) {
            content = content.max(match child.local() {
                "text" => Content::of_text(&plain(child, GIST)),
                "entry" => Content::Present,
                "component" => {
                    let nested = child.children_named(HL7, "section");
                    let contents = nested.map(|section| self.section(section, depth + 1, warnings));
                    contents.max().unwrap_or_default()
                }
                _ => Content::Empty,
            });
        }
        if let Some(section) = self.sections.get_mut(at).filter(|_| at < SECTIONS_MAX) {
            section.content = content;
        }
        content
    }

    /// Takes a coded statement; whether it is one.
    fn statement(&mut self, element: Element<'_>, warnings: &mut Vec<CdaWarning>) -> bool {
        let Some(code) = element.child(HL7, "code").and_then(coded) else { return false };
        let values = element.children_named(HL7, "value").filter_map(coded);
        let snomed = values.chain([code.clone()]).filter(Coded::is_snomed);
        let room = CODES_MAX.saturating_sub(self.codes.len());
        self.codes.extend(snomed.map(|coded| coded.code).take(room));
        let done = element.attr("moodCode").is_none_or(|mood| mood == "EVN")
            && element.attr("negationInd") != Some("true");
        if element.local() == "procedure" && done && code.is_snomed() {
            let known = self.procedures.iter().any(|other| other.code == code.code);
            if !known && self.procedures.len() < PROCEDURES_MAX {
                self.procedures.push(code);
            }
        }
        if self.findings.len() < FINDINGS_MAX {
            self.findings.extend(finding(element, warnings));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::CdaHeader;
    use super::super::sample;
    use super::*;

    fn body(component: &str) -> CdaHeader {
        sample::with_body(component)
    }

    #[test]
    fn structured_text_and_unstructured_bodies_are_told_apart() {
        let text = "<structuredBody><component><section><title>Allergies</title><text>None</text>\
            </section></component></structuredBody>";
        let coded_section = text.replace(
            "<title>",
            "<code code='886921000000105' \
            codeSystem='2.16.840.1.113883.2.1.3.2.4.15'/><title>",
        );
        let coded_entry = text.replace(
            "</text>",
            "</text><entry><observation><code code='271594007' \
            codeSystem='2.16.840.1.113883.2.1.3.2.4.15'/></observation></entry>",
        );
        let media_only = text.replace(
            "</text>",
            "</text><entry><observationMedia><value \
            mediaType='image/png' representation='B64'>AA==</value></observationMedia></entry>",
        );
        let blob = "<nonXMLBody><text mediaType='application/pdf' representation='B64'>AA==</text>\
            </nonXMLBody>";
        for (component, structure) in [
            (text, Structure::Text),
            (&coded_section, Structure::Structured),
            (&coded_entry, Structure::Structured),
            (&media_only, Structure::Text),
            (blob, Structure::Unstructured),
        ] {
            assert_eq!(body(component).body.structure, structure, "{component}");
        }
        assert!(body(&media_only).body.media.len() == 1);
    }

    #[test]
    fn a_body_with_nothing_in_it_is_said() {
        for component in ["", "<structuredBody/>"] {
            assert!(body(component).warnings.contains(&CdaWarning::NoBody), "{component}");
        }
    }

    #[test]
    fn what_stands_below_a_heading_counts_for_it_and_none_counts_apart() {
        let read = body(
            "<structuredBody><component><section><title>A</title><component><section><title>B</title>\
             <text>None.</text></section></component><component><section><title>C</title>\
             <text> </text></section></component></section></component><component><section>\
             <title>D</title><text><list><item>Penicillin</item></list></text></section></component>\
             </structuredBody>",
        );
        let contents: Vec<(&str, usize, Content)> =
            read.body.sections.iter().map(|s| (s.title.as_str(), s.depth, s.content)).collect();
        assert_eq!(
            contents,
            [
                ("A", 1, Content::NoneStated),
                ("B", 2, Content::NoneStated),
                ("C", 2, Content::Empty),
                ("D", 1, Content::Present)
            ]
        );
    }

    #[test]
    fn procedures_done_are_kept_and_those_asked_for_are_not() {
        let entry = |mood: &str, code: &str| {
            format!(
                "<entry><procedure moodCode='{mood}'><code code='{code}' codeSystem=\
                 '2.16.840.1.113883.2.1.3.2.4.15' displayName='P'/></procedure></entry>"
            )
        };
        let entries =
            entry("EVN", "46825001") + &entry("EVN", "46825001") + &entry("RQO", "80146002");
        let read = body(&format!(
            "<structuredBody><component><section>{entries}</section></component></structuredBody>"
        ));
        let codes: Vec<&str> = read.body.procedures.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["46825001"]);
        assert!(
            read.body.codes.contains("80146002"),
            "rules about content see what is planned too"
        );
    }

    #[test]
    fn a_body_of_many_sections_is_read_and_not_all_indexed() {
        let section = "<component><section><title>T</title></section></component>";
        let read = body(&format!("<structuredBody>{}</structuredBody>", section.repeat(800)));
        assert_eq!(read.body.sections.len(), SECTIONS_MAX);
        assert!(read.warnings.contains(&CdaWarning::TooMany));
    }
}
