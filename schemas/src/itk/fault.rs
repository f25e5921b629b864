//! `itk:ToolkitErrorInfo`: the fault vocabulary of ITK.

use super::NAMESPACE;
use crate::soap::fault::{Fault, FaultCode};
use crate::soap::{Headers, SoapVersion};
use crate::xml::text_element;

/// 1000 and 3000 say that the message must change; 2100 that it may be sent again as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItkErrorCode {
    /// 1000: schema, addressing, manifest, timestamp, content.
    InvalidMessage,
    /// 2100: temporarily unable; retry.
    TemporarilyUnable,
    /// 2200: cannot process; do not resend unchanged.
    CannotProcess,
    /// 3000: the sender may not.
    AccessDenied,
}

impl ItkErrorCode {
    pub fn number(self) -> &'static str {
        match self {
            Self::InvalidMessage => "1000",
            Self::TemporarilyUnable => "2100",
            Self::CannotProcess => "2200",
            Self::AccessDenied => "3000",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::InvalidMessage => "Invalid message",
            Self::TemporarilyUnable => "Temporarily unable to process",
            Self::CannotProcess => "Message cannot be processed",
            Self::AccessDenied => "Access denied",
        }
    }

    fn is_server(self) -> bool {
        matches!(self, Self::TemporarilyUnable)
    }
}

/// A fault with the diagnostic that names element and rule; never a patient's number or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItkFault {
    pub code: ItkErrorCode,
    pub diagnostic: String,
}

impl ItkFault {
    pub fn new(code: ItkErrorCode, diagnostic: impl Into<String>) -> Self {
        Self { code, diagnostic: diagnostic.into() }
    }

    pub fn invalid(diagnostic: impl Into<String>) -> Self {
        Self::new(ItkErrorCode::InvalidMessage, diagnostic)
    }

    pub fn denied(diagnostic: impl Into<String>) -> Self {
        Self::new(ItkErrorCode::AccessDenied, diagnostic)
    }

    /// A generic SOAP fault told in ITK's words.
    pub fn from_soap(fault: &Fault) -> Self {
        match (fault.code, fault.http_status) {
            (_, 403) => Self::denied(fault.reason.clone()),
            (FaultCode::Receiver, _) => {
                Self::new(ItkErrorCode::TemporarilyUnable, fault.reason.clone())
            }
            _ => Self::invalid(fault.reason.clone()),
        }
    }

    pub fn http_status(&self, soap: Option<&Fault>) -> u16 {
        match soap {
            Some(fault) if matches!(fault.http_status, 403 | 413) => fault.http_status,
            _ => 500,
        }
    }

    /// The whole fault envelope; `soap` is the generic fault behind it, where there is one.
    pub fn write(
        &self,
        version: SoapVersion,
        soap: Option<&Fault>,
        message_id: &str,
        error_id: &str,
        relates_to: Option<&str>,
    ) -> String {
        let side = if self.code.is_server() { "Server" } else { "Client" };
        let (code, reason) = match soap.map(|fault| fault.code) {
            Some(FaultCode::MustUnderstand) => {
                (FaultCode::MustUnderstand, "SOAP MustUnderstand error thrown.".to_owned())
            }
            Some(FaultCode::VersionMismatch) => {
                (FaultCode::VersionMismatch, "Improper SOAP Version referenced".to_owned())
            }
            _ => {
                let code =
                    if self.code.is_server() { FaultCode::Receiver } else { FaultCode::Sender };
                let article = if side == "Client" { "client" } else { "Server" };
                (
                    code,
                    format!(
                        "A {article} related error has occurred, see detail element for further information"
                    ),
                )
            }
        };
        let fault = Fault { code, subcode: None, detail: None, reason, http_status: 500 };
        let mut detail = format!(
            "<itk:ToolkitErrorInfo xmlns:itk=\"{NAMESPACE}\"><itk:ErrorID>{error_id}</itk:ErrorID><itk:ErrorCode codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.268\">{}</itk:ErrorCode>",
            self.code.number()
        );
        text_element(&mut detail, "itk:ErrorText", self.code.text());
        text_element(&mut detail, "itk:ErrorDiagnosticText", &self.diagnostic);
        detail.push_str("</itk:ToolkitErrorInfo>");
        let action = match code {
            FaultCode::MustUnderstand => "http://www.w3.org/2005/08/addressing/fault",
            _ => "http://www.w3.org/2005/08/addressing/soap/fault",
        };
        // A version mismatch is answered in SOAP 1.1.
        let version = if code == FaultCode::VersionMismatch { SoapVersion::V11 } else { version };
        let body = match version {
            SoapVersion::V11 => fault.body_11(&detail),
            SoapVersion::V12 => body_12(&fault, &detail),
        };
        let headers = Headers { action, message_id, relates_to, ..Headers::default() };
        crate::soap::write(version, &headers, &body)
    }
}

fn body_12(fault: &Fault, detail: &str) -> String {
    let code = match fault.code {
        FaultCode::Receiver => "Receiver",
        FaultCode::MustUnderstand => "MustUnderstand",
        FaultCode::VersionMismatch => "VersionMismatch",
        FaultCode::Sender => "Sender",
    };
    let mut out = format!(
        "<s:Fault><s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en\">"
    );
    crate::xml::escape_into(&mut out, &fault.reason);
    out.push_str(&format!("</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>"));
    out
}
