//! NHS Interoperability Toolkit: messages, their answers, acknowledgements and faults, read and
//! written.
//!
//! Base: ITK 2.x web service, Distribution Envelope v1 and v2. The order of checks is fixed, so
//! that a doubly bad message has one answer.

mod acknowledgement;
mod address;
mod addressing;
mod answer;
mod business;
mod compose;
mod distribution_error;
mod fault;
mod handling;
mod infrastructure;
mod manifest;
mod message;
mod parts;
mod payload;
mod queue;
mod security;
mod warning;

pub use acknowledgement::Acknowledgement;
pub use address::{AddressKind, ItkAddress, ods_of};
pub use addressing::ActionStyle;
pub use answer::{PostAnswer, PostFault};
pub use business::{AcknowledgementType, AuthorDevice, BUSINESS_ACK, BusinessResponse};
pub use compose::{
    DistributionEnvelope, Handling, OutgoingPayload, PayloadContent, RequestHeaders, date_time,
    payload_id, upper,
};
pub use distribution_error::{DISTRIBUTION_ERRORS, DistributionErrorCode};
pub use fault::{FaultKind, ItkErrorCode, ItkFault, TOOLKIT_ERRORS};
pub use infrastructure::{
    ErrorInfo, INFRASTRUCTURE_ACK, InfrastructureResponse, InfrastructureResult,
};
pub use message::{EnvelopeVersion, ItkMessage, Manifested, ReadContext};
pub use payload::{DecodeLimits, Encoding, standalone};
pub use queue::{
    COLLECT, CONFIRM, QUEUE_MESSAGES_MAX, QueueConfirmMessageReceipt, QueueMessage,
    QueueMessageResponse, QueueRequest, QueuedMessage,
};
pub use warning::{Deviation, Warning};

pub const NAMESPACE: &str = "urn:nhs-itk:ns:201005";
pub const SERVICE_PREFIX: &str = "urn:nhs-itk:services:201005:";
pub const INTERACTION_PREFIX: &str = "urn:nhs-itk:interaction:";
/// Of the keys of a handling specification.
pub const HANDLING_PREFIX: &str = "urn:nhs-itk:ns:201005:";
/// The generic services, without their prefix: an envelope in and nothing or an envelope out.
pub const SEND: &str = "sendDistEnvelope";
pub const SEND_AND_RECEIVE: &str = "sendRecvDistEnvelope";

/// The synchronous answer, `OK:<trackingid>`.
pub fn simple_response(tracking_id: &str) -> String {
    let mut out = format!("<itk:SimpleMessageResponse xmlns:itk=\"{NAMESPACE}\">");
    crate::xml::escape_into(&mut out, &format!("OK:{tracking_id}"));
    out.push_str("</itk:SimpleMessageResponse>");
    out
}

/// Whether a service carries acknowledgements, of whatever version.
fn is_acknowledgement(service: &str) -> bool {
    let name = service.strip_prefix(SERVICE_PREFIX).unwrap_or(service);
    name.starts_with("SendInfrastructureAck-") || name.starts_with("SendBusinessAck-")
}

#[cfg(test)]
mod tests;
