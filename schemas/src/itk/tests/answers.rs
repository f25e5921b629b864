//! The answer to a posted message, as real endpoints give it.

use super::*;
use crate::soap::Headers;

fn around(version: SoapVersion, body: &str) -> Vec<u8> {
    let headers = Headers { action: "urn:a", message_id: "M", ..Headers::default() };
    crate::soap::write(version, &headers, body).into_bytes()
}

#[test]
fn any_simple_response_and_an_empty_answer_say_that_it_has_arrived() {
    for text in ["OK:1", "TEST_HARNESS_ID:7", ""] {
        let body = format!(
            "<i:SimpleMessageResponse xmlns:i=\"{NAMESPACE}\">{text}</i:SimpleMessageResponse>"
        );
        for version in [SoapVersion::V11, SoapVersion::V12] {
            let answer = PostAnswer::read(200, &around(version, &body));
            assert_eq!(answer, PostAnswer::Accepted { text: text.to_owned() });
            assert!(answer.is_accepted() && !answer.may_retry());
        }
    }
    for (status, body) in [(200, &b""[..]), (202, b""), (204, b" \r\n")] {
        assert!(PostAnswer::read(status, body).is_accepted(), "{status}");
    }
    assert!(PostAnswer::read(202, &around(SoapVersion::V11, "")).is_accepted());
}

#[test]
fn a_synchronous_service_answers_with_an_envelope() {
    let sent = envelope().write();
    let answer = PostAnswer::read(200, &around(SoapVersion::V11, &sent));
    assert_eq!(answer, PostAnswer::Envelope(sent));
}

/// A fault as the hub writes it.
fn fault(fault: &ItkFault, version: SoapVersion) -> Vec<u8> {
    fault.write(version, None, "M", "E-1", Some("R")).into_bytes()
}

#[test]
fn a_fault_is_a_fault_whatever_the_status_and_only_2100_may_be_sent_again() {
    use ItkErrorCode::{AccessDenied, CannotProcess, InvalidMessage, TemporarilyUnable};
    for version in [SoapVersion::V11, SoapVersion::V12] {
        for code in [InvalidMessage, TemporarilyUnable, CannotProcess, AccessDenied] {
            for status in [200, 400, 500] {
                let written = ItkFault::new(code, "the rule");
                let answer = PostAnswer::read(status, &fault(&written, version));
                let PostAnswer::Fault(read) = &answer else { panic!("{answer:?}") };
                assert_eq!((read.code, read.kind), (Some(code), written.kind));
                assert_eq!(
                    (read.error_id.as_str(), read.raw_code.as_str()),
                    ("E-1", code.number())
                );
                assert_eq!(read.diagnostic.as_deref(), Some("the rule"));
                assert_eq!(answer.may_retry(), code == TemporarilyUnable);
            }
        }
    }
}

#[test]
fn unprefixed_codes_and_missing_code_systems_are_read() {
    let text = format!(
        "<s:Fault xmlns:s=\"{}\"><faultcode>Client</faultcode><faultstring>no</faultstring><detail><t:ToolkitErrorInfo xmlns:t=\"{NAMESPACE}\"><t:ErrorID>1</t:ErrorID><t:ErrorCode>3000</t:ErrorCode><t:ErrorText>Denied</t:ErrorText></t:ToolkitErrorInfo></detail></s:Fault>",
        crate::soap::SOAP11
    );
    let PostAnswer::Fault(read) = PostAnswer::read(200, &around(SoapVersion::V11, &text)) else {
        panic!("no fault")
    };
    assert_eq!((read.kind, read.code), (FaultKind::Client, Some(ItkErrorCode::AccessDenied)));
    assert_eq!((read.text.as_str(), read.diagnostic), ("Denied", None));
    let bare = text.replace("3000", "4711").replace(">Client<", ">soap:Server<");
    let PostAnswer::Fault(read) = PostAnswer::read(500, &around(SoapVersion::V11, &bare)) else {
        panic!("no fault")
    };
    assert_eq!((read.kind, read.code), (FaultKind::Server, None));
    assert!(read.may_retry(), "a server's fault of no known code may pass");
}

#[test]
fn what_is_no_answer_is_tried_again_unless_the_status_is_final() {
    for (status, again) in [(200, true), (500, true), (503, true), (429, true), (404, false)] {
        let answer = PostAnswer::read(status, b"<html><body>Log in</body></html>");
        assert!(!answer.is_accepted());
        assert_eq!(answer.may_retry(), again, "{status}");
    }
    for body in ["<!DOCTYPE a><a/>", "plain", "<a>"] {
        assert!(matches!(PostAnswer::read(200, body.as_bytes()), PostAnswer::Unreadable { .. }));
    }
    let failed = around(SoapVersion::V11, "<a/>");
    assert!(matches!(PostAnswer::read(503, &failed), PostAnswer::Unreadable { .. }));
}
