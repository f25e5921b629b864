//! The transactional flag of a request: it belongs to an incident, a case, a person at the desk. A
//! header of the hub's own; a user's assertion may say the same.
//!
//! ```xml
//! <t:Transactional xmlns:t="urn:watling:transactional:2026">
//!   <t:Kind>ambulance-incident</t:Kind>
//!   <t:Reference>INC-2026-0715-001</t:Reference>
//! </t:Transactional>
//! ```

use crate::xml::Element;

pub const NAMESPACE: &str = "urn:watling:transactional:2026";
pub const HEADER: &str = "Transactional";

/// Longest kind and longest reference.
const TEXT_MAX: usize = 64;

/// Which kind of event, and the number it has where it is dealt with: never a patient's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Transactional {
    pub kind: String,
    pub reference: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactionalError {
    #[error("the Transactional header stands more than once: a request belongs to one event")]
    Several,
    #[error("the Transactional header needs exactly one Kind and one Reference")]
    Shape,
    #[error("the Kind of a transactional flag is a word of lower-case letters, digits and hyphens")]
    Kind,
    #[error(
        "the Reference of a transactional flag is the event's own number: 1 to 64 letters, digits and -_./:#, without blanks"
    )]
    Reference,
}

impl Transactional {
    pub fn new(kind: &str, reference: &str) -> Result<Self, TransactionalError> {
        let short = |text: &str| (1..=TEXT_MAX).contains(&text.len());
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !short(kind) || !kind.bytes().all(word) {
            return Err(TransactionalError::Kind);
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:#".contains(&b);
        if !short(reference) || !reference.bytes().all(plain) {
            return Err(TransactionalError::Reference);
        }
        Ok(Self { kind: kind.to_owned(), reference: reference.to_owned() })
    }

    /// Reads it from a SOAP Header, if it is there.
    pub fn read(header: Element<'_>) -> Result<Option<Self>, TransactionalError> {
        let mut found = header.children_named(NAMESPACE, HEADER);
        let Some(block) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(TransactionalError::Several);
        }
        let one = |name: &str| {
            let mut children = block.children_named(NAMESPACE, name);
            let first = children.next().filter(|_| children.next().is_none());
            first.map(|child| child.trimmed()).ok_or(TransactionalError::Shape)
        };
        Self::new(one("Kind")?, one("Reference")?).map(Some)
    }

    /// Whether the reference holds these digits, however they are grouped: then it is no number of
    /// the event's own.
    pub fn holds(&self, digits: &str) -> bool {
        let own: String = self.reference.chars().filter(char::is_ascii_digit).collect();
        own.contains(digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    fn read(blocks: &str) -> Result<Option<Transactional>, TransactionalError> {
        let text = format!("<h xmlns:t=\"{NAMESPACE}\">{blocks}</h>");
        Transactional::read(Document::parse(&text, &Limits::default()).unwrap().root())
    }

    fn block(kind: &str, reference: &str) -> String {
        format!(
            "<t:Transactional><t:Kind>{kind}</t:Kind><t:Reference>{reference}</t:Reference></t:Transactional>"
        )
    }

    #[test]
    fn a_flag_is_a_kind_and_a_reference() {
        let flag = read(&block("111-case", " C/7-1 ")).unwrap().unwrap();
        assert_eq!((flag.kind.as_str(), flag.reference.as_str()), ("111-case", "C/7-1"));
        assert_eq!(read("<other/>"), Ok(None));
        let two = block("111-case", "1") + &block("111-case", "2");
        assert_eq!(read(&two), Err(TransactionalError::Several));
        assert_eq!(read("<t:Transactional/>"), Err(TransactionalError::Shape));
        assert_eq!(read(&block("A case", "1")), Err(TransactionalError::Kind));
        for reference in ["", "two words", "<x/>", &"1".repeat(65)] {
            assert_eq!(read(&block("111-case", reference)), Err(TransactionalError::Reference));
        }
    }

    #[test]
    fn a_reference_that_holds_a_number_is_told() {
        let flag = Transactional::new("111-case", "NHS:999-000-0018").unwrap();
        assert!(flag.holds("9990000018") && !flag.holds("9990000026"));
    }
}
