//! The toolkit's messages against the official schemas, and those of others through the readers.

mod samples;
mod schema;

use schemas::itk::{
    AcknowledgementType, AuthorDevice, BusinessResponse, DistributionEnvelope,
    DistributionErrorCode, ErrorInfo, Handling, InfrastructureResponse, InfrastructureResult,
    ItkAddress, OutgoingPayload, PayloadContent, RequestHeaders, SERVICE_PREFIX,
};
use schemas::ods_code::OdsCode;
use schemas::soap::SoapVersion;
use uuid::Uuid;

fn now() -> jiff::Timestamp {
    "2026-01-14T15:31:04Z".parse().unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x7E5B_9A10_41D2_4F7E_9A51_0000_0000_0000 + n)
}

fn ods(code: &str) -> OdsCode {
    OdsCode::parse(code).unwrap()
}

/// A whole request around a body element.
fn request(version: SoapVersion, action: &str, body: &str) -> String {
    let headers = RequestHeaders {
        version,
        action,
        message_id: id(3),
        to: "https://hub.example.nhs.uk/itk",
        from: Some("https://tie.example.nhs.uk/itk"),
        created: now(),
        expires: now() + jiff::SignedDuration::from_mins(10),
        timestamp_id: id(4),
        username: "northfell-tie",
    };
    headers.write(body)
}

/// An envelope that uses everything which the writer can say.
fn envelope() -> DistributionEnvelope {
    let payload = |n, content| OutgoingPayload {
        content,
        ..OutgoingPayload::xml(id(n), Some("urn:nhs-en:profile:x-v1-0"), String::new())
    };
    let document = "<d xmlns=\"urn:x\">1 &lt; 2</d>";
    DistributionEnvelope {
        service: format!("{SERVICE_PREFIX}SendCDADocument-v2-0"),
        tracking_id: id(1),
        addresses: vec![ItkAddress::address(&ods("VX008"), ""), ItkAddress::asid("123456789012")],
        audit_identities: vec![ItkAddress::identity(&ods("XZ9"), "a:b"), ItkAddress::asid("1")],
        sender_address: Some(ItkAddress::address(&ods("XZ9"), "TIE")),
        handling: Handling {
            interaction: Some("primaryRecipientDischargeReport-v1-0".to_owned()),
            infrastructure_ack: Some(true),
            business_ack: Some(false),
            business_response: Some(false),
        },
        payloads: vec![
            payload(20, PayloadContent::Xml(document.to_owned())),
            payload(21, PayloadContent::Text("MSH|^~\\&|".to_owned())),
            payload(22, PayloadContent::Base64(b"%PDF".to_vec())),
            OutgoingPayload {
                metadata: true,
                ..payload(23, PayloadContent::Gzip(b"<a/>".to_vec()))
            },
        ],
    }
}

fn hub() -> ItkAddress {
    ItkAddress::address(&ods("QE1"), "DOCHUB")
}

fn sender() -> ItkAddress {
    ItkAddress::address(&ods("XZ9"), "TIE")
}

fn identity() -> ItkAddress {
    ItkAddress::identity(&ods("QE1"), "DOCHUB")
}

/// Acknowledgements of every kind, as they are posted.
fn acknowledgements() -> Vec<DistributionEnvelope> {
    let codes = DistributionErrorCode::ALL.into_iter().enumerate();
    let errors: Vec<_> =
        codes.map(|(n, code)| ErrorInfo::new(id(40 + n as u128), code, "rule")).collect();
    let infrastructure = |result, errors| {
        let response = InfrastructureResponse {
            result,
            timestamp: Some(now()),
            tracking_id_ref: schemas::itk::upper(id(1)),
            service_ref: format!("{SERVICE_PREFIX}SendCDADocument-v2-0"),
            reporting_identities: vec![identity()],
            errors,
        };
        response.envelope(id(5), id(6), sender(), hub())
    };
    let business = |code| {
        let response = BusinessResponse {
            interaction: Some("primaryRecipientDischargeReport-v1-0".to_owned()),
            items: vec![(schemas::itk::payload_id(id(20)), code)],
            receiver: Some(sender().uri),
            sender: Some(hub().uri),
            author: Some(AuthorDevice {
                system: "DOCHUB".to_owned(),
                manufacturer_model_name: "Regional hub".to_owned(),
                software_name: "watling".to_owned(),
                organisation: ods("QE1"),
                organisation_name: "Document hub".to_owned(),
            }),
            ..BusinessResponse::new(id(7), now(), code, &schemas::itk::upper(id(1)))
        };
        response.envelope(id(8), id(9), sender(), hub(), identity())
    };
    vec![
        infrastructure(InfrastructureResult::Ok, Vec::new()),
        infrastructure(InfrastructureResult::Failure, errors),
        business(AcknowledgementType::Accept),
        business(AcknowledgementType::Error),
        business(AcknowledgementType::Reject),
    ]
}
