//! A message that everything here starts from: written by the writer, changed by a test, read.

mod acknowledgements;
mod answers;
mod deviations;
mod faults;
mod order;
mod payloads;
mod queue;
mod refusals;
mod written;

use super::*;
use crate::ods_code::OdsCode;
use crate::soap::{Envelope, SoapVersion};
use crate::xml::{Document, Limits};
use uuid::Uuid;

pub(super) const NOW: &str = "2026-01-14T15:31:04Z";
pub(super) const CDA: &str =
    "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>x</title></ClinicalDocument>";
pub(super) const PROFILE: &str = "urn:nhs-en:profile:dischargeReport-v6-1";

pub(super) fn now() -> jiff::Timestamp {
    NOW.parse().unwrap()
}

pub(super) fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x7E5B_9A10_41D2_4F7E_9A51_0000_0000_0000 + n)
}

pub(super) fn ods(code: &str) -> OdsCode {
    OdsCode::parse(code).unwrap()
}

pub(super) fn envelope() -> DistributionEnvelope {
    DistributionEnvelope {
        service: format!("{SERVICE_PREFIX}SendCDADocument-v2-0"),
        tracking_id: id(1),
        addresses: vec![ItkAddress::address(&ods("VX008"), "")],
        audit_identities: vec![
            ItkAddress::identity(&ods("XZ901"), "555000111333"),
            ItkAddress::asid("123456789012"),
        ],
        sender_address: Some(ItkAddress::address(&ods("XZ9"), "TIE")),
        handling: Handling {
            interaction: Some("primaryRecipientDischargeReport-v1-0".to_owned()),
            infrastructure_ack: Some(true),
            business_ack: Some(false),
            business_response: None,
        },
        payloads: vec![OutgoingPayload::xml(id(2), Some(PROFILE), CDA.to_owned())],
    }
}

pub(super) fn headers(version: SoapVersion, action: &str) -> RequestHeaders<'_> {
    RequestHeaders {
        version,
        action,
        message_id: id(3),
        to: "https://hub.example.nhs.uk/itk",
        from: None,
        created: now(),
        expires: now() + jiff::SignedDuration::from_mins(10),
        timestamp_id: id(4),
        username: "northfell-tie",
    }
}

pub(super) fn read(text: &str) -> Result<ItkMessage, ItkFault> {
    read_with(text, &ReadContext::new(now()))
}

pub(super) fn read_with(text: &str, context: &ReadContext) -> Result<ItkMessage, ItkFault> {
    let document = Document::parse_bytes(text.as_bytes(), &Limits::default());
    let document = document.map_err(|error| ItkFault::invalid(error.to_string()))?;
    let envelope = Envelope::read_any(&document).map_err(|fault| ItkFault::from_soap(&fault))?;
    ItkMessage::read(&envelope, context)
}

/// The request around [`envelope`], SOAP 1.1.
pub(super) fn request() -> String {
    let envelope = envelope();
    headers(SoapVersion::V11, &envelope.service).write(&envelope.write())
}

/// A text with one part changed, which must be there.
#[track_caller]
pub(super) fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1)
}

/// A text without what lies between two marks, the marks included.
#[track_caller]
pub(super) fn without(text: &str, start: &str, end: &str) -> String {
    let from = text.find(start).expect(start);
    let after = from + start.len();
    let to = after + text[after..].find(end).expect(end) + end.len();
    format!("{}{}", &text[..from], &text[to..])
}
