//! The manifest and the payloads that it pairs with.

use super::distribution_error::DistributionErrorCode as De;
use super::parts::only;
use super::payload::{DecodeLimits, Wrapping, decode};
use super::warning::{Deviation, Warnings};
use super::{ItkFault, Manifested, NAMESPACE};
use crate::xml::Element;

/// Payloads of one message.
const ITEMS_MAX: usize = 64;

pub(super) struct Item<'d> {
    pub id: &'d str,
    element: Element<'d>,
    payload: Element<'d>,
    wrapping: Wrapping,
    metadata: bool,
}

/// The items of a message, each with its payload.
pub(super) struct Items<'d>(Vec<Item<'d>>);

/// Pairs manifest items with payloads; counts and ids must agree.
pub(super) fn manifest<'d>(
    body: Element<'d>,
    header: Element<'d>,
    warnings: &mut Warnings,
) -> Result<Items<'d>, ItkFault> {
    let manifest = only(header, "manifest", De::Manifest)?;
    let manifest =
        manifest.ok_or_else(|| ItkFault::in_part(De::Manifest, "itk:header has no manifest"))?;
    let payloads = only(body, "payloads", De::Payloads)?;
    let payloads = payloads.ok_or_else(|| {
        ItkFault::in_part(De::Payloads, "itk:DistributionEnvelope has no payloads")
    })?;
    let items: Vec<_> = manifest.children_named(NAMESPACE, "manifestitem").collect();
    let contents: Vec<_> = payloads.children_named(NAMESPACE, "payload").collect();
    let count =
        |element: Element<'_>| element.attr("count").and_then(|text| text.trim().parse().ok());
    let counted =
        !items.is_empty() && items.len() <= ITEMS_MAX && count(manifest) == Some(items.len());
    let paid = count(payloads) == Some(contents.len()) && items.len() == contents.len();
    if !counted || !paid {
        let what = "manifest/@count, payloads/@count, the manifestitems and the payloads must agree in number (1 to 64)";
        let part = if counted { De::Payloads } else { De::Manifest };
        return Err(ItkFault::in_part(part, what));
    }
    let pair = |element| pair(element, &contents, warnings);
    Ok(Items(items.into_iter().map(pair).collect::<Result<_, _>>()?))
}

fn pair<'d>(
    element: Element<'d>,
    contents: &[Element<'d>],
    warnings: &mut Warnings,
) -> Result<Item<'d>, ItkFault> {
    let id = element.attr("id").unwrap_or_default();
    let mut named = contents.iter().filter(|payload| payload.attr("id") == Some(id));
    let (Some(payload), None, false) = (named.next(), named.next(), id.is_empty()) else {
        let what = "every manifestitem/@id must name exactly one payload/@id";
        return Err(ItkFault::in_part(De::Payloads, what));
    };
    let mut flag = |name: &str| match element.attr(name).map(str::trim) {
        None | Some("" | "false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) if ["true", "false"].iter().any(|v| other.eq_ignore_ascii_case(v)) => {
            warnings.at(Deviation::FlagForm, format!("itk:manifestitem/@{name}"));
            Ok(other.eq_ignore_ascii_case("true"))
        }
        Some(_) => {
            let what = format!("manifestitem/@{name} must be true or false");
            Err(ItkFault::in_part(De::ManifestItem, what))
        }
    };
    let wrapping = Wrapping {
        base64: flag("base64")?,
        compressed: flag("compressed")?,
        encrypted: flag("encrypted")?,
    };
    Ok(Item { id, element, payload: *payload, wrapping, metadata: flag("metadata")? })
}

impl<'d> Items<'d> {
    pub fn ids(&self) -> impl Iterator<Item = &'d str> {
        self.0.iter().map(|item| item.id)
    }

    pub fn payloads(&self) -> impl Iterator<Item = Element<'d>> {
        self.0.iter().map(|item| item.payload)
    }

    /// Every item but an acknowledgement's has a profile, and all have a mimetype.
    pub fn profiles(&self, service: &str) -> Result<(), ItkFault> {
        let has = |item: &Item<'_>, name: &str| {
            item.element.attr(name).is_some_and(|value| !value.trim().is_empty())
        };
        let acknowledges = |item: &Item<'_>| {
            let holds = |namespace, name| item.payload.child(namespace, name).is_some();
            holds(NAMESPACE, "InfrastructureResponse")
                || holds("urn:hl7-org:v3", "BusinessResponseMessage")
        };
        let exempt = super::is_acknowledgement(service) || self.0.iter().all(acknowledges);
        let wanted: &[&str] = if exempt { &["mimetype"] } else { &["profileid", "mimetype"] };
        for name in wanted {
            if !self.0.iter().all(|item| has(item, name)) {
                let what = format!("manifestitem/@{name} is required");
                return Err(ItkFault::in_part(De::ManifestItem, what));
            }
        }
        Ok(())
    }

    /// The payloads' bytes; all of them together are limited.
    pub fn decode(self, limits: DecodeLimits) -> Result<Vec<Manifested>, ItkFault> {
        let mut left = limits.message_bytes;
        let mut decoded = Vec::with_capacity(self.0.len());
        for item in self.0 {
            let limit = limits.payload_bytes.min(left);
            let (bytes, encoding) = decode(item.payload, item.wrapping, limit)?;
            left = left.saturating_sub(bytes.len());
            let text = |name: &str| item.element.attr(name).map(|text| text.trim().to_owned());
            decoded.push(Manifested {
                id: item.id.to_owned(),
                mime_type: text("mimetype").unwrap_or_default(),
                profile_id: text("profileid").filter(|text| !text.is_empty()),
                bytes,
                metadata: item.metadata,
                filename: item.payload.attr("filename").map(str::to_owned),
                encoding,
            });
        }
        Ok(decoded)
    }
}
