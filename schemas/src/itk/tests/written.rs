//! What is written can be read, in every form.

use super::*;

#[test]
fn a_written_message_is_read_without_a_warning_in_both_versions_of_soap() {
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let sent = envelope();
        let text = headers(version, &sent.service).write(&sent.write());
        let message = read(&text).unwrap();
        assert_eq!(message.warnings, []);
        assert_eq!(message.version, EnvelopeVersion::V2);
        assert_eq!(message.style, ActionStyle::Specific);
        assert_eq!(message.tracking_id, upper(id(1)));
        assert_eq!(message.message_id, upper(id(3)));
        assert_eq!(message.username, "northfell-tie");
        assert_eq!(message.recipients, sent.addresses);
        assert_eq!(message.identities, sent.audit_identities);
        assert_eq!(message.sender, sent.sender_address);
        assert_eq!(message.sender_address.as_deref(), Some("urn:nhs-uk:addressing:ods:XZ9:TIE"));
        let interaction = message.interaction.as_deref();
        assert_eq!(interaction, Some("primaryRecipientDischargeReport-v1-0"));
        assert!(message.infrastructure_ack_requested && !message.business_ack_requested);
        assert!(!message.business_response_requested);
        let payload = &message.payloads[0];
        assert_eq!(payload.id, payload_id(id(2)));
        assert_eq!(payload.profile_id.as_deref(), Some(PROFILE));
        assert_eq!(
            (payload.bytes.as_slice(), payload.encoding),
            (CDA.as_bytes(), Encoding::Inline)
        );
    }
}

#[test]
fn every_kind_of_payload_comes_back_as_it_went() {
    let kinds = [
        (PayloadContent::Xml(format!("\u{feff}<?xml version=\"1.0\"?>\n{CDA}")), Encoding::Inline),
        (PayloadContent::Text(format!("MSH|^~\\&|{CDA}\rPID|1")), Encoding::Text),
        (PayloadContent::Base64(CDA.as_bytes().to_vec()), Encoding::Base64),
        (PayloadContent::Gzip(CDA.as_bytes().to_vec()), Encoding::Gzip),
    ];
    let mut sent = envelope();
    sent.payloads = kinds
        .into_iter()
        .enumerate()
        .map(|(n, (content, _))| OutgoingPayload {
            content,
            metadata: n == 2,
            ..OutgoingPayload::xml(id(10 + n as u128), Some(PROFILE), String::new())
        })
        .collect();
    let text = headers(SoapVersion::V11, &sent.service).write(&sent.write());
    let message = read(&text).unwrap();
    let bytes: Vec<_> =
        message.payloads.iter().map(|p| String::from_utf8_lossy(&p.bytes)).collect();
    assert_eq!(bytes[0].trim(), CDA);
    assert_eq!(bytes[1], format!("MSH|^~\\&|{CDA}\rPID|1"));
    assert_eq!((&*bytes[2], &*bytes[3]), (CDA, CDA));
    let encodings: Vec<_> = message.payloads.iter().map(|payload| payload.encoding).collect();
    let expected = [Encoding::Inline, Encoding::Text, Encoding::Base64, Encoding::Gzip];
    assert_eq!(encodings, expected);
    let metadata: Vec<_> = message.payloads.iter().map(|payload| payload.metadata).collect();
    assert_eq!(metadata, [false, false, true, false]);
}

#[test]
fn what_a_sender_configured_is_escaped() {
    let mut sent = envelope();
    sent.sender_address = Some(ItkAddress::new("urn:x:\"<&>'", AddressKind::Mailbox));
    let to = "https://x/?a=1&b=2";
    let headers =
        RequestHeaders { to, username: "a<b", ..headers(SoapVersion::V11, &sent.service) };
    let message = read(&headers.write(&sent.write())).unwrap();
    assert_eq!(message.sender, sent.sender_address);
    assert_eq!(message.username, "a<b");
}
