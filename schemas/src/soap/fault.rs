//! SOAP faults: what a request gets when it is not even a request of the profile.
//!
//! An XDS error is not a fault; it travels in a RegistryResponse with HTTP 200 (ITI TF-2 appendix V).

use super::{Headers, SoapVersion};
use crate::xml::escape_into;

/// Fault codes of SOAP 1.2; SOAP 1.1 spells Sender `Client` and Receiver `Server`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    VersionMismatch,
    MustUnderstand,
    Sender,
    Receiver,
}

/// A fault and the HTTP status that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: FaultCode,
    /// A WS-Addressing or WS-Security subcode, `wsa:ActionNotSupported`.
    pub subcode: Option<&'static str>,
    /// A WS-Addressing code below the subcode, `wsa:OnlyAnonymousAddressSupported`.
    pub detail: Option<&'static str>,
    pub reason: String,
    /// 400 for Sender and 500 for the others (SOAP 1.2 part 2, 7.5.2.2): clients look for a fault
    /// behind no other status. HTTP's own are 403, where the connection itself does not say who
    /// calls, and 413, before there is a message.
    pub http_status: u16,
    /// Who calls does not suffice; the message itself may be right.
    pub denied: bool,
}

impl Fault {
    fn new(code: FaultCode, reason: String, http_status: u16) -> Self {
        Self { code, subcode: None, detail: None, reason, http_status, denied: false }
    }

    pub fn sender(reason: impl Into<String>) -> Self {
        Self::new(FaultCode::Sender, reason.into(), 400)
    }

    pub fn receiver(reason: impl Into<String>) -> Self {
        Self::new(FaultCode::Receiver, reason.into(), 500)
    }

    /// Who you are does not suffice.
    pub fn forbidden(reason: impl Into<String>) -> Self {
        Self { denied: true, ..Self::sender(reason) }
    }

    /// Nobody has proved who they are on this connection: HTTP 403.
    pub fn unauthenticated(reason: impl Into<String>) -> Self {
        Self { http_status: 403, ..Self::forbidden(reason) }
    }

    /// More bytes than the endpoint takes: HTTP 413.
    pub fn too_large(what: &str, limit_bytes: u64) -> Self {
        let reason = format!("{what} is larger than this endpoint's limit of {limit_bytes} bytes");
        Self { http_status: 413, ..Self::sender(reason) }
    }

    pub fn version_mismatch() -> Self {
        let reason = "the envelope's namespace is neither SOAP 1.2 nor SOAP 1.1".to_owned();
        Self::new(FaultCode::VersionMismatch, reason, 500)
    }

    pub fn must_understand(uri: &str, local: &str) -> Self {
        let reason =
            format!("the header {{{uri}}}{local} must be understood and is not known here");
        Self::new(FaultCode::MustUnderstand, reason, 500)
    }

    pub fn addressing(subcode: &'static str, reason: String) -> Self {
        let subcode = match subcode {
            "ActionNotSupported" => "wsa:ActionNotSupported",
            "MessageAddressingHeaderRequired" => "wsa:MessageAddressingHeaderRequired",
            _ => "wsa:InvalidAddressingHeader",
        };
        Self { subcode: Some(subcode), ..Self::sender(reason) }
    }

    /// An answer is wanted at an address that this endpoint does not send to (WS-Addressing 1.0 SOAP
    /// Binding 6.4.1.7).
    pub fn only_anonymous(reason: impl Into<String>) -> Self {
        let fault = Self::addressing("InvalidAddressingHeader", reason.into());
        Self { detail: Some("wsa:OnlyAnonymousAddressSupported"), ..fault }
    }

    pub fn security(reason: impl Into<String>) -> Self {
        Self { subcode: Some("wsse:InvalidSecurity"), denied: true, ..Self::sender(reason) }
    }

    /// The whole fault envelope; `headers` lack its action only.
    pub fn write(&self, version: SoapVersion, headers: &Headers<'_>) -> String {
        let body = match version {
            SoapVersion::V12 => self.body_12(),
            SoapVersion::V11 => self.body_11(""),
        };
        let action = match (self.code, self.subcode) {
            (_, Some(subcode)) if subcode.starts_with("wsa:") => {
                "http://www.w3.org/2005/08/addressing/fault"
            }
            _ => "http://www.w3.org/2005/08/addressing/soap/fault",
        };
        super::write(version, &Headers { action, ..headers.clone() }, &body)
    }

    fn body_12(&self) -> String {
        let code = match self.code {
            FaultCode::VersionMismatch => "VersionMismatch",
            FaultCode::MustUnderstand => "MustUnderstand",
            FaultCode::Sender => "Sender",
            FaultCode::Receiver => "Receiver",
        };
        let mut out = format!("<s:Fault><s:Code><s:Value>s:{code}</s:Value>");
        if let Some(subcode) = self.subcode {
            let (prefix, uri) = match subcode.split_once(':') {
                Some(("wsse", _)) => ("wsse", super::WSSE),
                _ => ("wsa", super::WSA),
            };
            out.push_str(&format!(
                "<s:Subcode><s:Value xmlns:{prefix}=\"{uri}\">{subcode}</s:Value>"
            ));
            if let Some(detail) = self.detail {
                let uri = super::WSA;
                out.push_str(&format!(
                    "<s:Subcode><s:Value xmlns:wsa=\"{uri}\">{detail}</s:Value></s:Subcode>"
                ));
            }
            out.push_str("</s:Subcode>");
        }
        out.push_str("</s:Code><s:Reason><s:Text xml:lang=\"en\">");
        escape_into(&mut out, &self.reason);
        out.push_str("</s:Text></s:Reason></s:Fault>");
        out
    }

    /// The SOAP 1.1 body; `detail` is the finished content of the detail element, or empty.
    pub fn body_11(&self, detail: &str) -> String {
        let code = match self.code {
            FaultCode::VersionMismatch => "VersionMismatch",
            FaultCode::MustUnderstand => "MustUnderstand",
            FaultCode::Sender => "Client",
            FaultCode::Receiver => "Server",
        };
        let mut out = format!("<s:Fault><faultcode>s:{code}</faultcode><faultstring>");
        escape_into(&mut out, &self.reason);
        out.push_str("</faultstring>");
        if !detail.is_empty() {
            out.push_str("<detail>");
            out.push_str(detail);
            out.push_str("</detail>");
        }
        out.push_str("</s:Fault>");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_caller_gets_the_status_that_clients_read_a_sender_fault_from() {
        for fault in [Fault::forbidden("no"), Fault::security("no"), Fault::sender("no")] {
            assert_eq!((fault.code, fault.http_status), (FaultCode::Sender, 400));
        }
        for fault in [Fault::receiver("no"), Fault::version_mismatch()] {
            assert_eq!(fault.http_status, 500);
        }
        assert_eq!(Fault::unauthenticated("no").http_status, 403);
        assert!(Fault::forbidden("no").denied && !Fault::sender("no").denied);
    }
}
