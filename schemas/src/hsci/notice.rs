//! The reader: a notice, an answer or a withdrawal.

use super::header::{Identity, written};
use super::kind::NoticeKind;
use super::missing::{MissingField, missing};
use crate::cda::{CdaError, CdaHeader, HL7, NPFIT};
use crate::dtm::{Dtm, DtmError};
use crate::ods_code::OdsCode;
use crate::oid;
use crate::xml::{Document, Element, Limits, XmlError};
use std::collections::BTreeMap;

/// Observations of one message that are looked at.
const OBSERVATIONS_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    #[error("the message is not readable: {0}")]
    Xml(#[from] XmlError),
    #[error(
        "the message is no notice: its code is none of those of the Care Act 2014 Schedule 3 messages"
    )]
    NotNotice,
    #[error("the notice's {0} is required")]
    Missing(&'static str),
    #[error("the notice's effectiveTime: {0}")]
    Time(#[from] DtmError),
    #[error("the notice's participations: {0}")]
    Header(#[from] CdaError),
}

/// A message of the process, read.
#[derive(Clone, Debug)]
pub struct Notice {
    pub kind: NoticeKind,
    /// Its own identifier: `root` or `root^extension`, upper case.
    pub id: String,
    pub given: Dtm,
    /// Identifier of the message that it answers or withdraws.
    pub answers: Option<String>,
    /// The hospital stay, as the hospital numbers it.
    pub spell: Option<String>,
    pub hospital: Option<OdsCode>,
    /// The council.
    pub authority: Option<OdsCode>,
    /// Why it rejects or withdraws: the code, or text where there is none.
    pub reason: Option<String>,
    /// What the standard asks for and the message does not say.
    pub missing: Vec<MissingField>,
    /// Who it is about and from, as of a CDA.
    pub header: CdaHeader,
}

impl Notice {
    /// Whether a root element is one of the messages: its code says so, or its messageType where that
    /// has one code only.
    pub fn is_one(root: Element<'_>) -> bool {
        kind(root).is_some()
    }

    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, NoticeError> {
        let document = Document::parse_bytes(bytes, limits)?;
        let root = document.root();
        let kind = kind(root).ok_or(NoticeError::NotNotice)?;
        let given = root.child(HL7, "effectiveTime").and_then(|e| e.attr("value"));
        let given = given.ok_or(NoticeError::Missing("effectiveTime"))?;
        let embedded = root.descendants().find(|e| e.is(HL7, "ClinicalDocument"));
        let of_cda = || embedded.and_then(|cda| cda.child(HL7, "id")).and_then(identified);
        let id = root.children_named(HL7, "id").find_map(identified).or_else(of_cda);
        let (id_root, extension) = id.ok_or(NoticeError::Missing("id"))?;
        let message_type = message_type(root);
        let identity = Identity { kind, message_type, root: id_root, extension, given };
        let header = CdaHeader::read(written(root, &identity).as_bytes(), limits)?;
        let own = own_elements(root);
        let author = own.iter().find(|e| e.is(HL7, "author")).or(None);
        let author = author.copied().or_else(|| embedded.and_then(|cda| cda.child(HL7, "author")));
        let to = own.iter().find(|e| e.is(HL7, "primaryInformationRecipient")).copied();
        let to = to.or_else(|| embedded.and_then(|cda| cda.child(HL7, "informationRecipient")));
        let (from, to) = (author.and_then(organisation), to.and_then(organisation));
        let (hospital, authority) = if kind.is_of_council() { (to, from) } else { (from, to) };
        let facts = facts(&own);
        Ok(Self {
            kind,
            id: text_of((id_root, extension)),
            given: Dtm::from_cda(given)?,
            answers: referred(&own),
            spell: spell(root),
            hospital,
            authority,
            reason: reason(&facts),
            missing: missing(kind, &own, &facts, &header),
            header,
        })
    }
}

fn message_type(root: Element<'_>) -> Option<&str> {
    root.child(NPFIT, "messageType").and_then(|e| e.attr("extension")).map(str::trim)
}

fn kind(root: Element<'_>) -> Option<NoticeKind> {
    if root.namespace() != HL7 || root.local() == "ClinicalDocument" {
        return None;
    }
    let code = root.child(HL7, "code").and_then(|e| e.attr("code"));
    let by_code = code.and_then(|code| NoticeKind::of_code(code.trim()));
    by_code.or_else(|| message_type(root).and_then(NoticeKind::of_message_type))
}

/// The elements of the message itself, in document order: not those of the CDA in it.
pub(super) fn own_elements(root: Element<'_>) -> Vec<Element<'_>> {
    let mut own = Vec::new();
    let mut waiting: Vec<_> = root.children().collect();
    waiting.reverse();
    while let Some(element) = waiting.pop() {
        if element.is(HL7, "ClinicalDocument") {
            continue;
        }
        own.push(element);
        let mut children: Vec<_> = element.children().collect();
        children.reverse();
        waiting.extend(children);
    }
    own
}

fn identified(element: Element<'_>) -> Option<(&str, Option<&str>)> {
    let present = |name: &str| element.attr(name).map(str::trim).filter(|text| !text.is_empty());
    Some((present("root")?, present("extension")))
}

fn text_of((root, extension): (&str, Option<&str>)) -> String {
    let text = match extension {
        Some(extension) => format!("{root}:{extension}"),
        None => root.to_owned(),
    };
    crate::hl7::component(&text.to_uppercase())
}

/// The first ODS code of a participation: an organisation's or a site's.
fn organisation(participation: Element<'_>) -> Option<OdsCode> {
    let mut ids = participation.descendants().filter(|e| e.is(HL7, "id"));
    ids.find_map(|e| {
        let (root, extension) = identified(e)?;
        let ods = [oid::ODS_ORGANISATION, oid::ODS_SITE].contains(&root);
        ods.then(|| OdsCode::parse(extension?).ok()).flatten()
    })
}

/// `reference`: the message that this one answers or withdraws.
fn referred(own: &[Element<'_>]) -> Option<String> {
    let reference = own.iter().find(|e| e.is(HL7, "reference"))?;
    let mut ids = reference.descendants().filter(|e| e.is(HL7, "id"));
    ids.find_map(identified).map(text_of)
}

fn spell(root: Element<'_>) -> Option<String> {
    let encounter = root.descendants().find(|e| e.is(HL7, "encompassingEncounter"))?;
    let (root, extension) = encounter.children_named(HL7, "id").find_map(identified)?;
    Some(crate::hl7::component(&extension.unwrap_or(root).to_uppercase()))
}

/// Observations of the message by code: the coded value, or a time, or text.
fn facts<'e>(own: &[Element<'e>]) -> BTreeMap<&'e str, &'e str> {
    let mut facts = BTreeMap::new();
    for observation in own.iter().filter(|e| e.is(HL7, "observation")).take(OBSERVATIONS_MAX) {
        let code = observation.child(HL7, "code").and_then(|e| e.attr("code")).map(str::trim);
        let value = observation.child(HL7, "value");
        let said = value.and_then(|e| e.attr("code").or(e.attr("value")).or(Some(e.text())));
        let time = observation.child(HL7, "effectiveTime").and_then(|e| e.attr("value"));
        let said = said.or(time).map(str::trim).filter(|text| !text.is_empty());
        if let (Some(code), Some(said)) = (code, said) {
            facts.entry(code).or_insert(said);
        }
    }
    facts
}

/// HSCI observation codes (2.16.840.1.113883.2.1.3.2.4.17.275) of reasons to reject or withdraw.
fn reason(facts: &BTreeMap<&str, &str>) -> Option<String> {
    let codes = ["ANRR", "DNDR", "DNCRC", "ADRRC", "ADRRT"];
    codes.iter().find_map(|code| facts.get(code)).map(|said| (*said).to_owned())
}

#[cfg(test)]
mod tests;
