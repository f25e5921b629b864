//! The Distribution Envelope and its SOAP headers, read by name, in any order.

use super::payload::{DecodeLimits, Wrapping, decode};
use super::{INTERACTION_PREFIX, ItkFault, NAMESPACE, SERVICE_PREFIX};
use crate::soap::{ANONYMOUS, Envelope, WSSE, WSU};
use crate::xml::Element;
use std::collections::HashMap;
use uuid::Uuid;

/// What reading needs to know of the outside.
#[derive(Clone, Copy, Debug)]
pub struct ReadContext {
    pub now: jiff::Timestamp,
    pub skew_seconds: i64,
    pub limits: DecodeLimits,
}

/// A payload with what its manifest item says of it.
#[derive(Clone, Debug)]
pub struct Manifested {
    pub id: String,
    pub mime_type: String,
    pub profile_id: Option<String>,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct ItkMessage {
    pub service: String,
    /// Upper case, as the schema wants it.
    pub tracking_id: String,
    pub addresses: Vec<String>,
    pub audit_identities: Vec<String>,
    pub sender_address: Option<String>,
    /// The interaction without its URN prefix, `primaryRecipientDischargeReport-v1-0`.
    pub interaction: Option<String>,
    pub infrastructure_ack_requested: bool,
    pub business_ack_requested: bool,
    /// The calling system's label; it authenticates nothing.
    pub username: String,
    pub payloads: Vec<Manifested>,
    /// What a strict receiver would have refused.
    pub warnings: Vec<String>,
}

impl ItkMessage {
    /// Reads and checks a message; the first rule broken is the answer.
    pub fn read(envelope: &Envelope<'_>, context: &ReadContext) -> Result<Self, ItkFault> {
        let body = envelope.body;
        if !body.is(NAMESPACE, "DistributionEnvelope") {
            return Err(ItkFault::invalid(
                "the SOAP Body does not hold an itk:DistributionEnvelope",
            ));
        }
        let mut warnings = Vec::new();
        let header = body.child(NAMESPACE, "header");
        let header =
            header.ok_or_else(|| ItkFault::invalid("itk:DistributionEnvelope has no header"))?;
        let items = manifest(body, header)?;
        let timestamp = security_times(envelope)?;
        let username = username(envelope)?;
        let service = header.attr("service").unwrap_or_default().to_owned();
        action_is_service(envelope, &service, &mut warnings)?;
        let message_id = envelope.addressing.message_id.as_deref().unwrap_or_default();
        if uuid_of(message_id).is_none() {
            return Err(ItkFault::invalid("wsa:MessageID must be a UUID"));
        }
        let tracking_id = tracking_id(header, &mut warnings)?;
        profiles(&items, &service)?;
        let audit_identities = uris(header, &["auditIdentity", "id"]);
        if audit_identities.is_empty() || audit_identities.len() > 4 {
            return Err(ItkFault::invalid("itk:auditIdentity must hold one to four ids"));
        }
        if envelope.addressing.to.as_deref().unwrap_or_default().is_empty() {
            return Err(ItkFault::invalid("wsa:To is required"));
        }
        in_time(timestamp, context)?;
        if envelope.addressing.reply_to.as_deref().is_some_and(|to| to != ANONYMOUS) {
            return Err(ItkFault::invalid("wsa:ReplyTo must be absent or the anonymous URI"));
        }
        let handling = handling(header);
        let flag = |key: &str| {
            handling.get(key).is_some_and(|v| v.eq_ignore_ascii_case("true") || *v == "1")
        };
        let decoded = items.into_iter().map(|item| item.decode(context.limits));
        Ok(Self {
            payloads: decoded.collect::<Result<_, _>>()?,
            addresses: uris(header, &["addresslist", "address"]),
            sender_address: header
                .child(NAMESPACE, "senderAddress")
                .and_then(|e| e.attr("uri"))
                .map(str::to_owned),
            interaction: handling
                .get("interaction")
                .map(|value| value.strip_prefix(INTERACTION_PREFIX).unwrap_or(value).to_owned()),
            infrastructure_ack_requested: flag("infackrequested"),
            business_ack_requested: flag("ackrequested"),
            service,
            tracking_id,
            audit_identities,
            username,
            warnings,
        })
    }

    /// Whether this message withdraws a document instead of bringing one.
    pub fn is_nullification(&self) -> bool {
        self.interaction.as_deref().is_some_and(|interaction| interaction.starts_with("nullify"))
    }
}

struct Item<'d> {
    id: &'d str,
    element: Element<'d>,
    payload: Element<'d>,
}

impl Item<'_> {
    fn decode(self, limits: DecodeLimits) -> Result<Manifested, ItkFault> {
        let flag = |name: &str| self.element.attr(name).is_some_and(|v| v == "true" || v == "1");
        let wrapping = Wrapping {
            base64: flag("base64"),
            compressed: flag("compressed"),
            encrypted: flag("encrypted"),
        };
        Ok(Manifested {
            id: self.id.to_owned(),
            mime_type: self.element.attr("mimetype").unwrap_or_default().to_owned(),
            profile_id: self.element.attr("profileid").map(str::to_owned),
            bytes: decode(self.payload, wrapping, limits)?,
        })
    }
}

/// Pairs manifest items with payloads; counts and ids must agree.
fn manifest<'d>(body: Element<'d>, header: Element<'d>) -> Result<Vec<Item<'d>>, ItkFault> {
    let manifest = header.child(NAMESPACE, "manifest");
    let manifest = manifest.ok_or_else(|| ItkFault::invalid("itk:header has no manifest"))?;
    let payloads = body.child(NAMESPACE, "payloads");
    let payloads =
        payloads.ok_or_else(|| ItkFault::invalid("itk:DistributionEnvelope has no payloads"))?;
    let items: Vec<_> = manifest.children_named(NAMESPACE, "manifestitem").collect();
    let contents: Vec<_> = payloads.children_named(NAMESPACE, "payload").collect();
    let count =
        |element: Element<'_>| element.attr("count").and_then(|text| text.trim().parse().ok());
    let agree = !items.is_empty()
        && items.len() <= 64
        && count(manifest) == Some(items.len())
        && count(payloads) == Some(contents.len())
        && items.len() == contents.len();
    if !agree {
        let what = "manifest/@count, payloads/@count, the manifestitems and the payloads must agree in number (1 to 64)";
        return Err(ItkFault::invalid(what));
    }
    let mut paired = Vec::new();
    for element in items {
        let id = element.attr("id").unwrap_or_default();
        let mut named = contents.iter().filter(|payload| payload.attr("id") == Some(id));
        let (Some(payload), None, false) = (named.next(), named.next(), id.is_empty()) else {
            return Err(ItkFault::invalid(
                "every manifestitem/@id must name exactly one payload/@id",
            ));
        };
        paired.push(Item { id, element, payload: *payload });
    }
    Ok(paired)
}

type Window = Option<(jiff::Timestamp, jiff::Timestamp)>;

/// Created and Expires, both or none. A missing zone is UTC.
fn security_times(envelope: &Envelope<'_>) -> Result<Window, ItkFault> {
    let Some(timestamp) = security(envelope).and_then(|s| s.child(WSU, "Timestamp")) else {
        return Ok(None);
    };
    let time = |name: &str| {
        let text = timestamp.child(WSU, name).map(|e| e.trimmed()).unwrap_or_default();
        let zoned = text.parse::<jiff::Timestamp>();
        let zoned = zoned.or_else(|_| format!("{text}Z").parse());
        zoned.map_err(|_| ItkFault::invalid(format!("wsu:{name} must be an xsd:dateTime")))
    };
    Ok(Some((time("Created")?, time("Expires")?)))
}

fn security<'d>(envelope: &Envelope<'d>) -> Option<Element<'d>> {
    envelope.header?.child(WSSE, "Security")
}

fn username(envelope: &Envelope<'_>) -> Result<String, ItkFault> {
    let name = security(envelope).and_then(|s| s.path(WSSE, &["UsernameToken", "Username"]));
    match name.map(|name| name.trimmed()) {
        Some(name) if !name.is_empty() && name.len() <= 256 => Ok(name.to_owned()),
        _ => Err(ItkFault::denied(
            "wsse:UsernameToken/wsse:Username is required: it names the calling system",
        )),
    }
}

/// The two must be equal; a generic action around a specific service (or the reverse) is forgiven.
fn action_is_service(
    envelope: &Envelope<'_>,
    service: &str,
    warnings: &mut Vec<String>,
) -> Result<(), ItkFault> {
    let action = envelope.addressing.action.as_deref().unwrap_or_default();
    if service.is_empty() {
        return Err(ItkFault::invalid("itk:header/@service is required"));
    }
    if action == service {
        return Ok(());
    }
    let generic = |text: &str| {
        let name = text.strip_prefix(SERVICE_PREFIX).unwrap_or_default();
        matches!(name, "sendDistEnvelope" | "sendRecvDistEnvelope")
    };
    if action.is_empty() || generic(action) || generic(service) {
        warnings.push("wsa:Action and itk:header/@service differ in style".to_owned());
        return Ok(());
    }
    Err(ItkFault::invalid("wsa:Action and itk:header/@service differ"))
}

fn tracking_id(header: Element<'_>, warnings: &mut Vec<String>) -> Result<String, ItkFault> {
    let text = header.attr("trackingid").unwrap_or_default().trim();
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
    let uuid = uuid.ok_or_else(|| ItkFault::invalid("itk:header/@trackingid must be a UUID"))?;
    let upper = uuid.as_hyphenated().to_string().to_uppercase();
    if upper != text {
        warnings.push("itk:header/@trackingid is not upper case".to_owned());
    }
    Ok(upper)
}

fn profiles(items: &[Item<'_>], service: &str) -> Result<(), ItkFault> {
    if service.ends_with("Ack-v1-0") {
        return Ok(());
    }
    let named =
        |item: &Item<'_>| item.element.attr("profileid").is_some_and(|id| !id.trim().is_empty());
    if items.iter().all(named) {
        return Ok(());
    }
    Err(ItkFault::invalid("manifestitem/@profileid is required"))
}

fn in_time(window: Window, context: &ReadContext) -> Result<(), ItkFault> {
    let Some((created, expires)) = window else {
        return Err(ItkFault::invalid(
            "wsse:Security/wsu:Timestamp with Created and Expires is required",
        ));
    };
    let skew = jiff::SignedDuration::from_secs(context.skew_seconds);
    if created.saturating_sub(skew).is_ok_and(|from| context.now < from) {
        return Err(ItkFault::invalid("wsu:Created lies in the future"));
    }
    if expires.saturating_add(skew).is_ok_and(|until| context.now >= until) {
        return Err(ItkFault::invalid("wsu:Expires has passed"));
    }
    Ok(())
}

fn uris(header: Element<'_>, path: &[&str; 2]) -> Vec<String> {
    let list = header.child(NAMESPACE, path[0]);
    let items = list.into_iter().flat_map(|list| list.children_named(NAMESPACE, path[1]));
    items.filter_map(|item| item.attr("uri")).take(200).map(str::to_owned).collect()
}

/// Handling specification keys without their URN prefix.
fn handling<'d>(header: Element<'d>) -> HashMap<&'d str, &'d str> {
    let list = header.child(NAMESPACE, "handlingSpecification");
    let specs = list.into_iter().flat_map(|list| list.children_named(NAMESPACE, "spec"));
    let read = |spec: Element<'d>| {
        let key = spec.attr("key")?;
        Some((key.strip_prefix("urn:nhs-itk:ns:201005:").unwrap_or(key), spec.attr("value")?))
    };
    specs.filter_map(read).collect()
}

/// A UUID with or without a tool's prefix.
fn uuid_of(text: &str) -> Option<Uuid> {
    let bare = text.strip_prefix("urn:").unwrap_or(text);
    let bare = bare.strip_prefix("uuid:").unwrap_or(bare);
    Uuid::try_parse(bare).ok().filter(|_| bare.len() == 36)
}
