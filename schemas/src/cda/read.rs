//! Reading the header, by name and root, never by position.
//!
//! The NHS localisation adds elements that stock CDA readers refuse; they are read where they say
//! something and ignored where not.

use super::body::Body;
use super::header::{CdaError, CdaHeader, Coded, Identifier, ParentDocument};
use super::people;
use super::warning::{CdaWarning, note};
use super::{HL7, NPFIT};
use crate::oid;
use crate::xml::{Document, Element, Limits};
use std::borrow::Cow;

/// Children of ClinicalDocument in the order of POCD_MT000002UK01.
const ORDER: [&str; 26] = [
    "realmCode",
    "typeId",
    "messageType",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "copyTime",
    "recordTarget",
    "author",
    "dataEnterer",
    "informant",
    "custodian",
    "informationRecipient",
    "legalAuthenticator",
    "authenticator",
    "participant",
    "inFulfillmentOf",
    "documentationOf",
    "relatedDocument",
    "authorization",
];

/// Identifiers of one kind that are kept.
const IDS_MAX: usize = 16;
/// Recipients that are kept.
const RECIPIENTS_MAX: usize = 64;

impl CdaHeader {
    /// Reads a document of its own: UTF-8, or UTF-16 with its byte order mark.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, CdaError> {
        let (text, warnings) = decode(bytes)?;
        let document = Document::parse(&text, limits)?;
        Self::from_element(document.root()).map(|mut header| {
            header.warnings.extend(warnings);
            header
        })
    }

    pub fn from_element(root: Element<'_>) -> Result<Self, CdaError> {
        if !root.is(HL7, "ClinicalDocument") {
            return Err(CdaError::NotCda);
        }
        let child = |name: &str| root.child(HL7, name);
        let value = |name: &str, of: &str| child(name).and_then(|e| attr(e, of));
        let targets: Vec<_> = root.children_named(HL7, "recordTarget").collect();
        let [target] = targets.as_slice() else {
            return Err(match targets.len() {
                0 => CdaError::Missing("recordTarget"),
                many => CdaError::Patients(many),
            });
        };
        let mut warnings = Vec::new();
        shape(root, &mut warnings);
        let encounter = root.path(HL7, &["componentOf", "encompassingEncounter"]);
        let event = root.path(HL7, &["documentationOf", "serviceEvent"]);
        let (start, stop) = encounter
            .map(interval)
            .filter(|(start, stop)| start.is_some() || stop.is_some())
            .or_else(|| event.map(interval))
            .unwrap_or_default();
        let legal = child("legalAuthenticator");
        let authenticator = legal.or_else(|| child("authenticator"));
        Ok(Self {
            message_type: root.child(NPFIT, "messageType").and_then(|e| attr(e, "extension")),
            id: child("id").and_then(identifier).ok_or(CdaError::Missing("id"))?,
            code: child("code").and_then(coded).ok_or(CdaError::Missing("code"))?,
            title: child("title").map(|e| e.trimmed().to_owned()).filter(|t| !t.is_empty()),
            effective_time: value("effectiveTime", "value")
                .ok_or(CdaError::Missing("effectiveTime"))?,
            confidentiality: child("confidentialityCode").and_then(coded),
            language: value("languageCode", "code"),
            set_id: child("setId").and_then(set_id),
            version: child("versionNumber").and_then(|e| version(e, &mut warnings)),
            patient: people::patient(*target, &mut warnings)?,
            author: people::author(root),
            custodian: people::custodian(root),
            recipients: root
                .children_named(HL7, "informationRecipient")
                .filter_map(people::recipient)
                .take(RECIPIENTS_MAX)
                .collect(),
            authenticator: authenticator
                .and_then(|e| e.child(HL7, "assignedEntity"))
                .map(|entity| people::person(entity, "assignedPerson")),
            nhs_authenticator: legal.is_none(),
            encounter_ids: encounter.map(ids).unwrap_or_default(),
            encounter_code: encounter.and_then(|e| e.child(HL7, "code")).and_then(coded),
            referral_ids: root
                .children_named(HL7, "inFulfillmentOf")
                .filter_map(|e| e.child(HL7, "order"))
                .flat_map(ids)
                .take(IDS_MAX)
                .collect(),
            service_start: start,
            service_stop: stop,
            care_setting: encounter
                .and_then(|e| e.path(HL7, &["location", "healthCareFacility", "code"]))
                .and_then(coded),
            parent: parent(root, &mut warnings),
            body: Body::read(root, &mut warnings),
            warnings,
        })
    }
}

/// The text of a document, and what its encoding deviates in. Bytes in another encoding than they
/// claim are refused: a guess could change a name or a dose.
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Vec<CdaWarning>), CdaError> {
    let units = |read: fn([u8; 2]) -> u16| {
        let pairs = bytes[2..].chunks_exact(2);
        let whole = pairs.remainder().is_empty();
        let units: Vec<u16> = pairs.map(|pair| read([pair[0], pair[1]])).collect();
        let text = String::from_utf16(&units).ok().filter(|_| whole);
        text.ok_or(CdaError::Encoding)
    };
    let text = match bytes {
        [0xfe, 0xff, ..] => units(u16::from_be_bytes)?,
        [0xff, 0xfe, ..] => units(u16::from_le_bytes)?,
        [0xef, 0xbb, 0xbf, ..] => {
            let text = std::str::from_utf8(&bytes[3..]).map_err(|_| CdaError::Encoding)?;
            return Ok((Cow::Borrowed(text), vec![CdaWarning::ByteOrderMark]));
        }
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|_| CdaError::Encoding)?;
            return Ok((Cow::Borrowed(text), Vec::new()));
        }
    };
    // The declaration named the encoding that the text no longer has.
    let rest = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let text = rest.map_or_else(|| text.clone(), |(_, rest)| rest.to_owned());
    Ok((Cow::Owned(text), vec![CdaWarning::Utf16]))
}

/// Deviations of the header's shape that say nothing of its meaning.
fn shape(root: Element<'_>, warnings: &mut Vec<CdaWarning>) {
    if root.child(NPFIT, "messageType").is_none() {
        note(warnings, CdaWarning::NoMessageType);
    }
    let place = |e: &Element<'_>| ORDER.iter().position(|name| *name == e.local());
    let places: Vec<usize> = root.children().filter_map(|e| place(&e)).collect();
    if !places.is_sorted() {
        note(warnings, CdaWarning::HeaderOrder);
    }
    for part in root.children().filter(|e| e.local() != "component") {
        for element in part.descendants() {
            if element.attributes().any(|(_, _, value)| value.trim().is_empty()) {
                note(warnings, CdaWarning::EmptyAttribute);
            }
            let local = element.attr("root") == Some(oid::LOCAL_IDENTIFIER)
                && attr(element, "extension").is_some();
            if local && attr(element, "assigningAuthorityName").is_none() {
                note(warnings, CdaWarning::LocalIdWithoutAuthority);
            }
            if element.children_named(HL7, "templateId").nth(1).is_some() {
                note(warnings, CdaWarning::SeveralTemplateIds);
            }
        }
    }
}

/// An attribute with content; blank attributes are absent ones.
pub(super) fn attr(element: Element<'_>, name: &str) -> Option<String> {
    element.attr(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned)
}

/// `None` for a nullFlavor or an id without a root.
pub(super) fn identifier(element: Element<'_>) -> Option<Identifier> {
    Some(Identifier {
        root: attr(element, "root")?,
        extension: attr(element, "extension"),
        authority_name: attr(element, "assigningAuthorityName"),
    })
}

pub(super) fn coded(element: Element<'_>) -> Option<Coded> {
    Some(Coded {
        code: attr(element, "code")?,
        system: attr(element, "codeSystem").unwrap_or_default(),
        display: attr(element, "displayName"),
    })
}

pub(super) fn ids(element: Element<'_>) -> Vec<Identifier> {
    element.children_named(HL7, "id").filter_map(identifier).take(IDS_MAX).collect()
}

/// The root is the set's UUID. An extension is not foreseen, and tells sets apart where it stands.
fn set_id(element: Element<'_>) -> Option<String> {
    let id = identifier(element)?;
    let root = id.root.to_ascii_uppercase();
    Some(id.extension.map_or(root.clone(), |extension| format!("{root}.{extension}")))
}

fn version(element: Element<'_>, warnings: &mut Vec<CdaWarning>) -> Option<u32> {
    let version = attr(element, "value")?.parse().ok().filter(|version| *version > 0);
    if version.is_none() {
        note(warnings, CdaWarning::VersionUnreadable);
    }
    version
}

/// Times of an encounter or event: low and high, one point for both, or its centre.
fn interval(element: Element<'_>) -> (Option<String>, Option<String>) {
    let Some(time) = element.child(HL7, "effectiveTime") else { return (None, None) };
    let bound = |name: &str| time.child(HL7, name).and_then(|e| attr(e, "value"));
    match attr(time, "value").or_else(|| bound("center")) {
        Some(point) => (Some(point.clone()), Some(point)),
        None => (bound("low"), bound("high")),
    }
}

fn parent(root: Element<'_>, warnings: &mut Vec<CdaWarning>) -> Option<ParentDocument> {
    let replaced = root
        .children_named(HL7, "relatedDocument")
        .find(|e| e.attr("typeCode").is_none_or(|code| code == "RPLC"))?;
    let parent = replaced.child(HL7, "parentDocument")?;
    Some(ParentDocument {
        id: parent.child(HL7, "id").and_then(identifier),
        code: parent.child(HL7, "code").and_then(coded),
        set_id: parent.child(HL7, "setId").and_then(set_id),
        version: parent.child(HL7, "versionNumber").and_then(|e| version(e, warnings)),
    })
}
