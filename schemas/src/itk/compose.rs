//! Writing: a Distribution Envelope v2, and the SOAP request around it.
//!
//! They are apart because an envelope is made once and kept over retries, and each attempt to
//! deliver it has a MessageID and a timestamp of its own.

use super::address::{AddressKind, ItkAddress};
use super::{HANDLING_PREFIX, INTERACTION_PREFIX, NAMESPACE};
use crate::soap::{ANONYMOUS, SoapVersion, WSA, WSSE, WSU};
use crate::xml::{attribute, text_element};
use base64::Engine;
use std::io::Write;
use uuid::Uuid;

/// A Distribution Envelope to be sent.
#[derive(Clone, Debug)]
pub struct DistributionEnvelope {
    /// The whole service id.
    pub service: String,
    pub tracking_id: Uuid,
    pub addresses: Vec<ItkAddress>,
    /// One to four.
    pub audit_identities: Vec<ItkAddress>,
    pub sender_address: Option<ItkAddress>,
    pub handling: Handling,
    pub payloads: Vec<OutgoingPayload>,
}

/// The handling specification; what is `None` is not said, and not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handling {
    /// The interaction without its URN prefix.
    pub interaction: Option<String>,
    pub infrastructure_ack: Option<bool>,
    pub business_ack: Option<bool>,
    pub business_response: Option<bool>,
}

impl Handling {
    /// The interaction alone, as acknowledgements have it.
    pub fn interaction(name: &str) -> Self {
        Self { interaction: Some(name.to_owned()), ..Self::default() }
    }

    fn specs(&self) -> Vec<(&'static str, String)> {
        let interaction = self.interaction.as_deref().map(|name| {
            let bare = name.strip_prefix(INTERACTION_PREFIX).unwrap_or(name);
            ("interaction", format!("{INTERACTION_PREFIX}{bare}"))
        });
        let flags = [
            ("infackrequested", self.infrastructure_ack),
            ("ackrequested", self.business_ack),
            ("busresponserequested", self.business_response),
        ];
        let flags = flags.into_iter().filter_map(|(key, value)| Some((key, value?.to_string())));
        interaction.into_iter().chain(flags).collect()
    }
}

/// One payload with its manifest item.
#[derive(Clone, Debug)]
pub struct OutgoingPayload {
    /// An XML id: see [`payload_id`].
    pub id: String,
    pub mime_type: String,
    pub profile_id: Option<String>,
    /// Whether it holds IHE metadata that describes the others.
    pub metadata: bool,
    pub content: PayloadContent,
}

/// What a payload is and how it travels.
#[derive(Clone, Debug)]
pub enum PayloadContent {
    /// One element, as it is; an XML declaration or byte order mark before it is left out.
    Xml(String),
    /// Character data, such as HL7 v2.
    Text(String),
    Base64(Vec<u8>),
    /// Compressed (RFC 1952), then base64.
    Gzip(Vec<u8>),
}

/// The id of a payload: an XML id cannot begin with a digit.
pub fn payload_id(id: Uuid) -> String {
    format!("uuid_{}", upper(id))
}

/// A UUID as ITK writes them: upper case, without a prefix.
pub fn upper(id: Uuid) -> String {
    id.hyphenated().encode_upper(&mut Uuid::encode_buffer()).to_owned()
}

/// `xsd:dateTime` in UTC, whole seconds.
pub fn date_time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl OutgoingPayload {
    /// An XML payload of a profile.
    pub fn xml(id: Uuid, profile_id: Option<&str>, xml: String) -> Self {
        Self {
            id: payload_id(id),
            mime_type: "text/xml".to_owned(),
            profile_id: profile_id.map(str::to_owned),
            metadata: false,
            content: PayloadContent::Xml(xml),
        }
    }

    fn write_item(&self, out: &mut String) {
        let (base64, compressed) = match self.content {
            PayloadContent::Xml(_) | PayloadContent::Text(_) => ("false", "false"),
            PayloadContent::Base64(_) => ("true", "false"),
            PayloadContent::Gzip(_) => ("true", "true"),
        };
        out.push_str("<itk:manifestitem");
        attribute(out, "id", &self.id);
        attribute(out, "mimetype", &self.mime_type);
        if let Some(profile) = &self.profile_id {
            attribute(out, "profileid", profile);
        }
        if self.metadata {
            attribute(out, "metadata", "true");
        }
        attribute(out, "base64", base64);
        attribute(out, "compressed", compressed);
        attribute(out, "encrypted", "false");
        out.push_str("/>");
    }

    fn write_payload(&self, out: &mut String) {
        out.push_str("<itk:payload");
        attribute(out, "id", &self.id);
        out.push('>');
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        match &self.content {
            PayloadContent::Xml(xml) => out.push_str(element_of(xml)),
            PayloadContent::Text(text) => crate::xml::escape_into(out, text),
            PayloadContent::Base64(bytes) => out.push_str(&base64(bytes)),
            PayloadContent::Gzip(bytes) => out.push_str(&base64(&gzip(bytes))),
        }
        out.push_str("</itk:payload>");
    }
}

/// A document's text without what may stand before it only at the beginning of a file.
fn element_of(xml: &str) -> &str {
    let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml).trim_start();
    let declaration = xml.strip_prefix("<?xml").filter(|rest| rest.starts_with([' ', '\t', '\n']));
    let rest = declaration.and_then(|rest| rest.split_once("?>"));
    rest.map_or(xml, |(_, rest)| rest)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

impl DistributionEnvelope {
    /// The element, its children in the schema's order.
    pub fn write(&self) -> String {
        let mut out = format!("<itk:DistributionEnvelope xmlns:itk=\"{NAMESPACE}\"><itk:header");
        attribute(&mut out, "service", &self.service);
        attribute(&mut out, "trackingid", &upper(self.tracking_id));
        out.push('>');
        addresses(&mut out, "addresslist", "address", &self.addresses, &AddressKind::Address);
        let identities = &self.audit_identities;
        addresses(&mut out, "auditIdentity", "id", identities, &AddressKind::Identity);
        let count = self.payloads.len().to_string();
        out.push_str("<itk:manifest");
        attribute(&mut out, "count", &count);
        out.push('>');
        self.payloads.iter().for_each(|payload| payload.write_item(&mut out));
        out.push_str("</itk:manifest>");
        if let Some(address) = &self.sender_address {
            address.write(&mut out, "itk:senderAddress", &AddressKind::Address);
        }
        self.write_handling(&mut out);
        out.push_str("</itk:header><itk:payloads");
        attribute(&mut out, "count", &count);
        out.push('>');
        self.payloads.iter().for_each(|payload| payload.write_payload(&mut out));
        out.push_str("</itk:payloads></itk:DistributionEnvelope>");
        out
    }

    fn write_handling(&self, out: &mut String) {
        let specs = self.handling.specs();
        if specs.is_empty() {
            return;
        }
        out.push_str("<itk:handlingSpecification>");
        for (key, value) in specs {
            out.push_str("<itk:spec");
            attribute(out, "key", &format!("{HANDLING_PREFIX}{key}"));
            attribute(out, "value", &value);
            out.push_str("/>");
        }
        out.push_str("</itk:handlingSpecification>");
    }
}

fn addresses(
    out: &mut String,
    list: &str,
    name: &str,
    addresses: &[ItkAddress],
    default: &AddressKind,
) {
    if addresses.is_empty() {
        return;
    }
    out.push_str(&format!("<itk:{list}>"));
    let name = format!("itk:{name}");
    addresses.iter().for_each(|address| address.write(out, &name, default));
    out.push_str(&format!("</itk:{list}>"));
}

/// The SOAP headers of one attempt to deliver an envelope.
#[derive(Clone, Debug)]
pub struct RequestHeaders<'a> {
    pub version: SoapVersion,
    /// The envelope's service, or a generic action where the endpoint wants that.
    pub action: &'a str,
    pub message_id: Uuid,
    /// Where it is posted.
    pub to: &'a str,
    /// The sender's own endpoint, a label.
    pub from: Option<&'a str>,
    pub created: jiff::Timestamp,
    pub expires: jiff::Timestamp,
    pub timestamp_id: Uuid,
    /// The sending system's label.
    pub username: &'a str,
}

impl RequestHeaders<'_> {
    /// The whole request around a body element.
    pub fn write(&self, body: &str) -> String {
        let mut out = String::with_capacity(body.len() + 1_500);
        let soap = self.version.namespace();
        out.push_str(&format!(
            "<soap:Envelope xmlns:soap=\"{soap}\" xmlns:wsa=\"{WSA}\"><soap:Header>"
        ));
        text_element(&mut out, "wsa:MessageID", &upper(self.message_id));
        text_element(&mut out, "wsa:Action", self.action);
        text_element(&mut out, "wsa:To", self.to);
        if let Some(from) = self.from {
            out.push_str("<wsa:From>");
            text_element(&mut out, "wsa:Address", from);
            out.push_str("</wsa:From>");
        }
        out.push_str("<wsa:ReplyTo>");
        text_element(&mut out, "wsa:Address", ANONYMOUS);
        out.push_str("</wsa:ReplyTo>");
        self.write_security(&mut out);
        out.push_str("</soap:Header><soap:Body>");
        out.push_str(body);
        out.push_str("</soap:Body></soap:Envelope>");
        out
    }

    fn write_security(&self, out: &mut String) {
        out.push_str(&format!(
            "<wsse:Security xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\"><wsu:Timestamp wsu:Id=\"{}\">",
            upper(self.timestamp_id)
        ));
        text_element(out, "wsu:Created", &date_time(self.created));
        text_element(out, "wsu:Expires", &date_time(self.expires));
        out.push_str("</wsu:Timestamp><wsse:UsernameToken>");
        text_element(out, "wsse:Username", self.username);
        out.push_str("</wsse:UsernameToken></wsse:Security>");
    }
}
