//! What an answer to a delivery means, as a pure decision.

use schemas::itk::{ItkErrorCode, PostAnswer, PostFault};

/// What to do after a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Delivered,
    /// Refused for good; in the hub's own words, since a receiver's may name a patient.
    Final(String),
    /// It may be taken another time.
    Later(String),
}

/// Decides by the body, and by the HTTP status where the body says nothing.
pub(super) fn verdict(status: u16, body: &[u8]) -> Verdict {
    match PostAnswer::read(status, body) {
        PostAnswer::Accepted { .. } | PostAnswer::Envelope(_) => Verdict::Delivered,
        PostAnswer::Fault(fault) if fault.may_retry() => Verdict::Later(words(&fault)),
        PostAnswer::Fault(fault) => Verdict::Final(words(&fault)),
        // What stands in the way (a proxy, a wrong path) may be put right within the time.
        PostAnswer::Unreadable { .. } => {
            Verdict::Later(format!("HTTP {status} and no answer of ITK's"))
        }
    }
}

fn words(fault: &PostFault) -> String {
    let words = match fault.code {
        Some(ItkErrorCode::InvalidMessage) => "ITK 1000: refused as invalid",
        Some(ItkErrorCode::TemporarilyUnable) => "ITK 2100: temporarily unable to process",
        Some(ItkErrorCode::CannotProcess) => "ITK 2200: cannot be processed",
        Some(ItkErrorCode::AccessDenied) => "ITK 3000: access denied",
        None => return format!("a SOAP fault without a code of ITK's ({:?})", fault.kind),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(body: &str) -> String {
        format!(
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>{body}</soap:Body></soap:Envelope>"
        )
    }

    fn fault(side: &str, code: Option<&str>) -> String {
        let detail = code.map_or(String::new(), |code| {
            format!(
                "<detail><itk:ToolkitErrorInfo xmlns:itk=\"urn:nhs-itk:ns:201005\"><itk:ErrorCode>{code}</itk:ErrorCode><itk:ErrorText>about 9990000018</itk:ErrorText></itk:ToolkitErrorInfo></detail>"
            )
        });
        envelope(&format!("<soap:Fault><faultcode>{side}</faultcode>{detail}</soap:Fault>"))
    }

    #[test]
    fn a_simple_message_response_or_nothing_is_a_delivery() {
        let response = "<SimpleMessageResponse xmlns=\"urn:nhs-itk:ns:201005\">TEST_HARNESS_ID:1</SimpleMessageResponse>";
        for (status, body) in
            [(200, envelope(response)), (202, envelope(response)), (200, envelope(""))]
        {
            assert_eq!(verdict(status, body.as_bytes()), Verdict::Delivered);
        }
        for status in [200, 202] {
            assert_eq!(verdict(status, b" \r\n"), Verdict::Delivered);
        }
    }

    #[test]
    fn a_fault_is_decided_by_its_code_whatever_the_status() {
        for (side, code, last) in [
            ("soap:Client", Some("1000"), true),
            ("Client", Some("2200"), true),
            ("soap:Server", Some("2200"), true),
            ("soap:Client", Some("3000"), true),
            ("soap:Server", Some("3000"), true),
            ("soap:Server", Some("2100"), false),
            ("soap:Client", Some("2100"), false),
            ("soap:Server", None, false),
            ("soap:Server", Some("9"), false),
            ("soap:Client", None, true),
            ("soap:MustUnderstand", None, true),
        ] {
            for status in [200, 500] {
                let found = verdict(status, fault(side, code).as_bytes());
                assert_eq!(matches!(found, Verdict::Final(_)), last, "{side} {code:?}");
                assert_ne!(found, Verdict::Delivered);
                assert!(!format!("{found:?}").contains("999"), "no word of the receiver's");
            }
        }
    }

    #[test]
    fn what_says_nothing_is_tried_again() {
        for (status, body) in [
            (500, ""),
            (503, "busy"),
            (302, ""),
            (404, "<html><body>no</body></html>"),
            (200, "<html><body>log in</body></html>"),
            (200, "{}"),
        ] {
            assert!(matches!(verdict(status, body.as_bytes()), Verdict::Later(_)), "{body}");
        }
    }
}
