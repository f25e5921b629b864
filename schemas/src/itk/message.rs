//! The Distribution Envelope and its SOAP headers, read by name, in any order.

use super::address::ItkAddress;
use super::addressing::{self, ActionStyle};
use super::distribution_error::DistributionErrorCode as De;
use super::handling;
use super::manifest::manifest;
use super::parts::{self, Parts};
use super::payload::{DecodeLimits, Encoding};
use super::security::Security;
use super::warning::{Warning, Warnings};
use super::{ItkFault, NAMESPACE};
use crate::soap::Envelope;

/// What reading needs to know of the outside.
#[derive(Clone, Copy, Debug)]
pub struct ReadContext {
    pub now: jiff::Timestamp,
    /// How far a sender's clock may be off.
    pub skew_seconds: i64,
    pub limits: DecodeLimits,
    /// Whether what would be accepted with a warning is refused.
    pub strict: bool,
}

impl ReadContext {
    /// Five minutes of skew, the usual limits, lenient.
    pub fn new(now: jiff::Timestamp) -> Self {
        Self { now, skew_seconds: 300, limits: DecodeLimits::default(), strict: false }
    }
}

/// Which schema an envelope follows: they share a namespace, so the content tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeVersion {
    /// Without senderAddress and handlingSpecification: no acknowledgement was asked for, and there
    /// is nowhere to send one but the directory.
    V1,
    V2,
}

/// A payload with what its manifest item says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifested {
    /// As in the manifest, with its `uuid_`.
    pub id: String,
    pub mime_type: String,
    pub profile_id: Option<String>,
    /// Decoded: what was base64 or compressed is not any more.
    pub bytes: Vec<u8>,
    /// Whether it holds IHE metadata that describes the others.
    pub metadata: bool,
    pub filename: Option<String>,
    /// How it travelled.
    pub encoding: Encoding,
}

impl Manifested {
    /// A payload that came another way than in an envelope.
    pub fn new(
        id: impl Into<String>,
        mime_type: impl Into<String>,
        profile_id: Option<String>,
        bytes: Vec<u8>,
    ) -> Self {
        Self {
            id: id.into(),
            mime_type: mime_type.into(),
            profile_id,
            bytes,
            metadata: false,
            filename: None,
            encoding: Encoding::Text,
        }
    }
}

#[derive(Clone, Debug)]
pub struct ItkMessage {
    pub version: EnvelopeVersion,
    /// wsa:MessageID as received.
    pub message_id: String,
    pub action: String,
    pub style: ActionStyle,
    pub service: String,
    /// Upper case, as the schema wants it.
    pub tracking_id: String,
    /// URIs as received; [`ItkMessage::recipients`] has them with their types.
    pub addresses: Vec<String>,
    pub recipients: Vec<ItkAddress>,
    /// One to four URIs as received; [`ItkMessage::identities`] has them with their types.
    pub audit_identities: Vec<String>,
    pub identities: Vec<ItkAddress>,
    pub sender_address: Option<String>,
    pub sender: Option<ItkAddress>,
    /// The interaction without its URN prefix, `primaryRecipientDischargeReport-v1-0`.
    pub interaction: Option<String>,
    pub infrastructure_ack_requested: bool,
    pub business_ack_requested: bool,
    /// A response of the receiver's domain is expected.
    pub business_response_requested: bool,
    /// The calling system's label; it authenticates nothing.
    pub username: String,
    pub payloads: Vec<Manifested>,
    /// Parts of the header that a v1 envelope may have and nobody here knows, as received.
    pub unknown_parts: Vec<String>,
    /// What a strict receiver would have refused.
    pub warnings: Vec<Warning>,
}

impl ItkMessage {
    /// Reads and checks a message; the first rule broken is the answer, in the order of the
    /// toolkit's workbench: manifest, security times, blanks, Username, action, payload ids,
    /// profiles, audit identity, schema, To, Timestamp, ReplyTo, foreign headers, payloads.
    pub fn read(envelope: &Envelope<'_>, context: &ReadContext) -> Result<Self, ItkFault> {
        let warnings = &mut Warnings::default();
        let body = envelope.body;
        if !body.is(NAMESPACE, "DistributionEnvelope") {
            let what = "the SOAP Body does not hold an itk:DistributionEnvelope";
            return Err(ItkFault::in_part(De::Envelope, what));
        }
        let header = parts::only(body, "header", De::Header)?;
        let header = header.ok_or_else(|| {
            ItkFault::in_part(De::Header, "itk:DistributionEnvelope has no header")
        })?;
        let items = manifest(body, header, warnings)?;
        let security = Security::read(envelope, warnings)?;
        parts::blanks(header, &items, warnings)?;
        let username = security.username()?;
        let service = header.attr("service").unwrap_or_default().trim().to_owned();
        let style = addressing::action_is_service(envelope, &service, warnings)?;
        items.profiles(&service)?;
        let identities = parts::identities(header, warnings)?;
        let message_id = addressing::message_id(envelope, warnings)?;
        let tracking_id = parts::tracking_id(header, warnings)?;
        let parts = Parts::read(header, warnings)?;
        let wishes = handling::read(parts.handling, warnings)?;
        addressing::to(envelope)?;
        security.in_time(context)?;
        addressing::reply_to(envelope, warnings)?;
        envelope.understood().map_err(|fault| ItkFault::from_soap(&fault))?;
        addressing::all_differ(&message_id, &tracking_id, &security, &items, warnings);
        parts::oddities(envelope, &items, warnings);
        let payloads = items.decode(context.limits)?;
        let message = Self {
            version: parts.version,
            message_id,
            action: addressing::action(envelope),
            style,
            service,
            tracking_id,
            addresses: uris(&parts.recipients),
            recipients: parts.recipients,
            audit_identities: uris(&identities),
            identities,
            sender_address: parts.sender.as_ref().map(|sender| sender.uri.clone()),
            sender: parts.sender,
            interaction: wishes.interaction,
            infrastructure_ack_requested: wishes.infrastructure_ack,
            business_ack_requested: wishes.business_ack,
            business_response_requested: wishes.business_response,
            username,
            payloads,
            unknown_parts: parts.unknown,
            warnings: std::mem::take(warnings).into_vec(),
        };
        message.strictly(context)
    }

    fn strictly(self, context: &ReadContext) -> Result<Self, ItkFault> {
        let breach = self.warnings.iter().find(|warning| warning.deviation.is_breach());
        match breach {
            Some(warning) if context.strict => Err(ItkFault::invalid(warning.to_string())),
            _ => Ok(self),
        }
    }

    /// Whether this message withdraws a document instead of bringing one.
    pub fn is_nullification(&self) -> bool {
        self.interaction.as_deref().is_some_and(|interaction| interaction.starts_with("nullify"))
    }

    /// Whether this message acknowledges another: it is matched, never acknowledged itself by an
    /// infrastructure acknowledgement of an infrastructure acknowledgement.
    pub fn is_acknowledgement(&self) -> bool {
        super::is_acknowledgement(&self.service)
            || self.interaction.as_deref().is_some_and(|interaction| {
                [super::INFRASTRUCTURE_ACK, super::BUSINESS_ACK].contains(&interaction)
            })
    }
}

fn uris(addresses: &[ItkAddress]) -> Vec<String> {
    addresses.iter().map(|address| address.uri.clone()).collect()
}
