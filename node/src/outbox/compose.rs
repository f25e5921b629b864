//! From what is kept to what is posted: tracking id and payload id stay, MessageID and times are new
//! at each try.

use super::directory::{DirectoryEntry, ServiceStyle};
use super::item::{Message, Shown};
use schemas::itk::{
    AddressKind, DistributionEnvelope, Handling, ItkAddress, OutgoingPayload, PayloadContent,
    RequestHeaders, SERVICE_PREFIX,
};
use uuid::Uuid;

const GENERIC: &str = "sendDistEnvelope";
/// How long a request is valid after it was made.
const VALID_SECONDS: i64 = 600;

/// A SOAP request that is ready to be posted.
pub(super) struct Composed {
    pub action: String,
    pub envelope: String,
}

/// What is new at each try.
pub(super) struct Attempt {
    pub message_id: Uuid,
    pub timestamp_id: Uuid,
    pub now: jiff::Timestamp,
}

impl Attempt {
    pub fn new(now: jiff::Timestamp) -> Self {
        Self { message_id: crate::ids::uuid(), timestamp_id: crate::ids::uuid(), now }
    }
}

impl Message {
    /// Keeps an envelope with one XML payload; `None` where it is another.
    pub fn of(envelope: &DistributionEnvelope) -> Option<Self> {
        let [payload] = &envelope.payloads[..] else { return None };
        let PayloadContent::Xml(xml) = &payload.content else { return None };
        Some(Self {
            service: envelope.service.strip_prefix(SERVICE_PREFIX)?.to_owned(),
            tracking_id: envelope.tracking_id,
            payload_id: payload.id.clone(),
            sender_address: envelope.sender_address.as_ref()?.uri.clone(),
            audit_identity: envelope.audit_identities.first()?.uri.clone(),
            interaction: envelope.handling.interaction.clone(),
            profile_id: payload.profile_id.clone(),
            wants_infrastructure_ack: envelope.handling.infrastructure_ack == Some(true),
            wants_business_ack: envelope.handling.business_ack == Some(true),
            payload: xml.clone(),
        })
    }

    /// The Distribution Envelope for an address, with the service in an endpoint's style.
    pub(super) fn envelope(&self, address: &str, style: ServiceStyle) -> DistributionEnvelope {
        let service = match style {
            ServiceStyle::Specific => &self.service,
            ServiceStyle::Generic => GENERIC,
        };
        DistributionEnvelope {
            service: format!("{SERVICE_PREFIX}{service}"),
            tracking_id: self.tracking_id,
            addresses: vec![ItkAddress::new(address, AddressKind::Address)],
            audit_identities: vec![ItkAddress::new(&*self.audit_identity, AddressKind::Identity)],
            sender_address: Some(ItkAddress::new(&*self.sender_address, AddressKind::Address)),
            handling: Handling {
                interaction: self.interaction.clone(),
                infrastructure_ack: self.wants_infrastructure_ack.then_some(true),
                business_ack: self.wants_business_ack.then_some(true),
                business_response: None,
            },
            payloads: vec![OutgoingPayload {
                id: self.payload_id.clone(),
                mime_type: "text/xml".to_owned(),
                profile_id: self.profile_id.clone(),
                metadata: false,
                content: PayloadContent::Xml(self.payload.clone()),
            }],
        }
    }
}

/// The request of one try.
pub(super) fn request(
    shown: &Shown,
    message: &Message,
    entry: &DirectoryEntry,
    system: &str,
    attempt: &Attempt,
) -> Composed {
    let envelope = message.envelope(&shown.address, entry.service);
    let expires = jiff::SignedDuration::from_secs(VALID_SECONDS);
    let headers = RequestHeaders {
        version: entry.soap.into(),
        // wsa:Action and the envelope's service are one, in either style.
        action: &envelope.service,
        message_id: attempt.message_id,
        to: entry.url.as_str(),
        from: None,
        created: attempt.now,
        expires: attempt.now.saturating_add(expires).unwrap_or(attempt.now),
        timestamp_id: attempt.timestamp_id,
        username: system,
    };
    Composed { envelope: headers.write(&envelope.write()), action: envelope.service.clone() }
}
