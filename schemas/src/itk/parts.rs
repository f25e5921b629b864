//! The parts of `itk:header`: which there are, in which order, and what they may lack.

use super::address::{AddressKind, ItkAddress};
use super::distribution_error::DistributionErrorCode as De;
use super::manifest::Items;
use super::message::EnvelopeVersion;
use super::warning::{Deviation, Warnings};
use super::{ItkFault, NAMESPACE};
use crate::soap::{Envelope, WSA};
use crate::xml::Element;
use uuid::Uuid;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Recipients of one message.
const ADDRESSES_MAX: usize = 200;
/// Unknown parts that are kept.
const UNKNOWN_MAX: usize = 20;
/// In the order of the schema.
const PARTS: [&str; 5] =
    ["addresslist", "auditIdentity", "manifest", "senderAddress", "handlingSpecification"];

/// Attributes that the schema gives an element, and which of them say too much to be blank; a
/// blank profileid has a rule of its own.
const ATTRIBUTES: [(&str, &[&str], &[&str], De); 11] = [
    ("header", &["service", "trackingid"], &[], De::Header),
    ("addresslist", &[], &[], De::AddressList),
    ("address", &["uri", "type"], &["uri"], De::AddressList),
    ("auditIdentity", &[], &[], De::AuditIdentity),
    ("id", &["uri", "type"], &["uri"], De::Id),
    ("manifest", &["count"], &[], De::Manifest),
    (
        "manifestitem",
        &["id", "mimetype", "profileid", "metadata", "compressed", "base64", "encrypted"],
        &["mimetype"],
        De::ManifestItem,
    ),
    ("senderAddress", &["uri", "type"], &["uri"], De::SenderAddress),
    ("handlingSpecification", &[], &[], De::HandlingSpecifications),
    ("spec", &["key", "value"], &["key", "value"], De::Spec),
    ("payload", &["id", "filename"], &[], De::Payload),
];

/// The child of a name, where there is at most one.
pub(super) fn only<'d>(
    parent: Element<'d>,
    name: &str,
    part: De,
) -> Result<Option<Element<'d>>, ItkFault> {
    let mut found = parent.children_named(NAMESPACE, name);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(_) => {
            let parent = parent.local();
            Err(ItkFault::in_part(part, format!("itk:{parent} has more than one {name}")))
        }
    }
}

/// What the header says beside manifest and audit identity.
pub(super) struct Parts<'d> {
    pub version: EnvelopeVersion,
    pub recipients: Vec<ItkAddress>,
    pub sender: Option<ItkAddress>,
    pub handling: Option<Element<'d>>,
    pub unknown: Vec<String>,
}

impl<'d> Parts<'d> {
    pub fn read(header: Element<'d>, warnings: &mut Warnings) -> Result<Self, ItkFault> {
        let list = only(header, "addresslist", De::AddressList)?;
        let sender = only(header, "senderAddress", De::SenderAddress)?;
        let handling = only(header, "handlingSpecification", De::HandlingSpecifications)?;
        let v1 = sender.is_none() && handling.is_none();
        let version = if v1 { EnvelopeVersion::V1 } else { EnvelopeVersion::V2 };
        let unknown = order(header, version, warnings)?;
        let recipients = list.into_iter().flat_map(|e| e.children_named(NAMESPACE, "address"));
        let recipients: Vec<_> = recipients
            .map(|e| address(e, &AddressKind::Address, De::AddressList, warnings))
            .collect::<Result<_, _>>()?;
        if recipients.len() > ADDRESSES_MAX {
            let what = format!("itk:addresslist has more than {ADDRESSES_MAX} addresses");
            return Err(ItkFault::in_part(De::AddressList, what));
        }
        let sender = sender.map(|e| address(e, &AddressKind::Address, De::SenderAddress, warnings));
        Ok(Self { version, recipients, sender: sender.transpose()?, handling, unknown })
    }
}

/// One to four, each naming somebody.
pub(super) fn identities(
    header: Element<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<ItkAddress>, ItkFault> {
    let list = only(header, "auditIdentity", De::AuditIdentity)?;
    let ids = list.into_iter().flat_map(|list| list.children_named(NAMESPACE, "id"));
    let found: Vec<_> = ids.take(5).collect();
    if found.is_empty() || found.len() > 4 {
        let what = "itk:auditIdentity must hold one to four ids";
        return Err(ItkFault::in_part(De::AuditIdentity, what));
    }
    let read = |e: Element<'_>| address(e, &AddressKind::Identity, De::Id, warnings);
    found.into_iter().map(read).collect()
}

fn address(
    element: Element<'_>,
    default: &AddressKind,
    part: De,
    warnings: &mut Warnings,
) -> Result<ItkAddress, ItkFault> {
    let name = element.local();
    let address = ItkAddress::read(element, default.clone());
    let address =
        address.ok_or_else(|| ItkFault::in_part(part, format!("itk:{name}/@uri is required")))?;
    let scheme = match address.kind {
        AddressKind::Identity => "urn:nhs-uk:identity:",
        _ => "urn:nhs-uk:addressing:",
    };
    let fits = match address.kind {
        AddressKind::Address | AddressKind::Identity => {
            address.uri.starts_with(scheme) && address.ods().is_some()
        }
        AddressKind::SpineAsid => {
            address.uri.len() == 12 && address.uri.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => true,
    };
    if !fits {
        warnings.at(Deviation::AddressForm, format!("itk:{name}/@uri"));
    }
    Ok(address)
}

/// Upper case, whatever was sent.
pub(super) fn tracking_id(
    header: Element<'_>,
    warnings: &mut Warnings,
) -> Result<String, ItkFault> {
    let text = header.attr("trackingid").unwrap_or_default().trim();
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
    let uuid =
        uuid.ok_or_else(|| ItkFault::in_part(De::Header, "itk:header/@trackingid must be a UUID"))?;
    let upper = super::compose::upper(uuid);
    if upper != text {
        warnings.add(Deviation::TrackingIdCase);
    }
    Ok(upper)
}

/// Order and strangers: a v1 envelope may have other parts of the toolkit's namespace, a v2 one is
/// broken by them. Foreign elements are passed over.
fn order(
    header: Element<'_>,
    version: EnvelopeVersion,
    warnings: &mut Warnings,
) -> Result<Vec<String>, ItkFault> {
    let mut reached = 0;
    let mut unknown = Vec::new();
    for part in header.children() {
        let known = PARTS.iter().position(|name| part.is(NAMESPACE, name));
        match known {
            Some(at) if at < reached => {
                warnings.at(Deviation::PartOrder, format!("itk:{}", PARTS[at]));
            }
            Some(at) => reached = at,
            None if part.namespace() == NAMESPACE && version == EnvelopeVersion::V2 => {
                let what = format!("itk:header has an element itk:{} of no version", name(part));
                return Err(ItkFault::in_part(De::Header, what));
            }
            None => {
                warnings.at(Deviation::UnknownPart, name(part));
                if unknown.len() < UNKNOWN_MAX {
                    unknown.push(part.source().to_owned());
                }
            }
        }
    }
    Ok(unknown)
}

/// An element's name, short enough for an answer.
fn name(element: Element<'_>) -> String {
    element.local().chars().take(60).collect()
}

/// Blank attributes: refused where they should say something, else noted. Attributes that no
/// schema has are noted too.
pub(super) fn blanks(
    header: Element<'_>,
    items: &Items<'_>,
    warnings: &mut Warnings,
) -> Result<(), ItkFault> {
    for element in header.descendants().chain(items.payloads()) {
        let rule = ATTRIBUTES.iter().find(|rule| element.is(NAMESPACE, rule.0));
        let Some((name, known, meaningful, part)) = rule else { continue };
        for (uri, attribute, value) in element.attributes() {
            let place = || format!("itk:{name}/@{attribute}");
            let ours = uri.is_empty() && known.contains(&attribute);
            if !ours && uri != XSI && (uri.is_empty() || *name != "manifestitem") {
                warnings.at(Deviation::UnknownAttribute, format!("itk:{name}"));
            } else if ours && value.trim().is_empty() {
                if meaningful.contains(&attribute) {
                    return Err(ItkFault::in_part(*part, format!("{} is blank", place())));
                }
                warnings.at(Deviation::BlankAttribute, place());
            }
        }
    }
    Ok(())
}

/// What says nothing about the meaning and is noted for the sender's sake.
pub(super) fn oddities(envelope: &Envelope<'_>, items: &Items<'_>, warnings: &mut Warnings) {
    if envelope.byte_order_mark {
        warnings.add(Deviation::ByteOrderMark);
    }
    let header = envelope.header.into_iter().flat_map(|header| header.descendants());
    let roots = items.payloads().flat_map(|payload| payload.children());
    let itk = envelope.body.child(NAMESPACE, "header").into_iter();
    let itk = itk.flat_map(|header| header.descendants());
    let located = |e: Element<'_>| e.attr_ns(XSI, "schemaLocation").is_some();
    if header.chain(itk).chain([envelope.body]).chain(roots).any(located) {
        warnings.add(Deviation::SchemaLocation);
    }
    if has_control_characters(envelope.body.source().as_bytes()) {
        warnings.add(Deviation::ControlCharacter);
    }
    let from = envelope.header.and_then(|header| header.child(WSA, "From"));
    let kept = |e: Element<'_>| e.local().starts_with("Reference");
    if from.is_some_and(|from| from.children().any(kept)) {
        warnings.add(Deviation::ReferenceProperties);
    }
}

/// DEL and the C1 controls: XML carries them and they mean nothing. C0 is refused by the reader.
fn has_control_characters(bytes: &[u8]) -> bool {
    memchr::memchr(0x7f, bytes).is_some()
        || memchr::memchr_iter(0xc2, bytes)
            .any(|at| bytes.get(at + 1).is_some_and(|next| (0x80..=0x9f).contains(next)))
}
