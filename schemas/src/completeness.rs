//! What a list of a patient's documents may lack: asked by the gateway of the repository, beside each
//! query about a patient. It is no transaction of the Technical Framework, and tells nothing of what
//! the missing documents are.

use crate::nhs_number::NhsNumber;
use crate::ods_code::OdsCode;
use crate::xml::{Element, attribute};

pub const NAMESPACE: &str = "urn:watling:completeness";
pub const QUESTION: &str = "Lacking";
pub const ANSWER: &str = "LackingResponse";

/// Publishers and messages of one answer at most.
pub const LACKING_MAX: usize = 1_000;

/// What is asked: of which patient. Every patient is asked about, known or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    pub patient: NhsNumber,
}

/// A publisher that is silent for longer than it ever is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    pub publisher: OdsCode,
    /// Since when nothing of it came, in hours.
    pub hours: u32,
}

/// What may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// The publisher of each message in quarantine that claims to be about the patient.
    pub waiting: Vec<OdsCode>,
    pub silent: Vec<Silent>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompletenessError {
    #[error("{0} is missing or not valid")]
    Attribute(&'static str),
    #[error("an answer names at most {LACKING_MAX} messages and publishers")]
    TooMany,
}

fn needed<'d, T>(
    element: Element<'d>,
    name: &'static str,
    read: impl FnOnce(&'d str) -> Option<T>,
) -> Result<T, CompletenessError> {
    element.attr(name).and_then(read).ok_or(CompletenessError::Attribute(name))
}

fn publisher(element: Element<'_>) -> Result<OdsCode, CompletenessError> {
    needed(element, "publisher", |text| OdsCode::parse(text).ok())
}

impl Question {
    pub fn read(element: Element<'_>) -> Result<Self, CompletenessError> {
        Ok(Self { patient: needed(element, "nhsNumber", |text| NhsNumber::parse(text).ok())? })
    }

    pub fn write(&self) -> String {
        let mut out = format!("<c:{QUESTION} xmlns:c=\"{NAMESPACE}\"");
        attribute(&mut out, "nhsNumber", &self.patient.digits());
        out.push_str("/>");
        out
    }
}

impl Lacking {
    pub fn read(element: Element<'_>) -> Result<Self, CompletenessError> {
        let mut lacking = Self::default();
        for child in element.children_named(NAMESPACE, "Waiting") {
            lacking.waiting.push(publisher(child)?);
        }
        for child in element.children_named(NAMESPACE, "Silent") {
            let hours = needed(child, "hours", |text| text.parse().ok())?;
            lacking.silent.push(Silent { publisher: publisher(child)?, hours });
        }
        if lacking.waiting.len() + lacking.silent.len() > LACKING_MAX {
            return Err(CompletenessError::TooMany);
        }
        Ok(lacking)
    }

    pub fn write(&self) -> String {
        let mut out = format!("<c:{ANSWER} xmlns:c=\"{NAMESPACE}\">");
        for ods in &self.waiting {
            out.push_str("<c:Waiting");
            attribute(&mut out, "publisher", ods.as_str());
            out.push_str("/>");
        }
        for silent in &self.silent {
            out.push_str("<c:Silent");
            attribute(&mut out, "publisher", silent.publisher.as_str());
            attribute(&mut out, "hours", &silent.hours.to_string());
            out.push_str("/>");
        }
        out.push_str(&format!("</c:{ANSWER}>"));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    fn read<T>(
        text: &str,
        read: impl FnOnce(Element<'_>) -> Result<T, CompletenessError>,
    ) -> Result<T, CompletenessError> {
        let document = Document::parse(text, &Limits::default()).unwrap();
        read(document.root())
    }

    #[test]
    fn what_is_asked_and_answered_is_read_back() {
        let question = Question { patient: NhsNumber::parse("9990000018").unwrap() };
        assert_eq!(read(&question.write(), Question::read), Ok(question));
        let ods = |code| OdsCode::parse(code).unwrap();
        let silent = vec![Silent { publisher: ods("RXL"), hours: 31 }];
        let lacking = Lacking { waiting: vec![ods("RXN"), ods("RXN")], silent };
        assert_eq!(read(&lacking.write(), Lacking::read), Ok(lacking));
        assert_eq!(read(&Lacking::default().write(), Lacking::read), Ok(Lacking::default()));
    }

    #[test]
    fn what_is_not_valid_is_refused_by_name() {
        let text = Question { patient: NhsNumber::parse("9990000018").unwrap() }.write();
        let wrong = read(&text.replace("9990000018", "9990000019"), Question::read);
        assert_eq!(wrong, Err(CompletenessError::Attribute("nhsNumber")));
        let ods = OdsCode::parse("RXN").unwrap();
        let many = Lacking { waiting: vec![ods; LACKING_MAX + 1], silent: Vec::new() };
        assert_eq!(read(&many.write(), Lacking::read), Err(CompletenessError::TooMany));
    }
}
