//! `itk:ToolkitErrorInfo`: the fault vocabulary of ITK.

use super::NAMESPACE;
use super::distribution_error::DistributionErrorCode;
use crate::soap::fault::{Fault, FaultCode};
use crate::soap::{Headers, SoapVersion};
use crate::xml::text_element;

/// The code system of ErrorCode, also where a sender leaves it out.
pub const TOOLKIT_ERRORS: &str = "2.16.840.1.113883.2.1.3.2.4.17.268";

/// 1000, 2200 and 3000 say that the message must change; 2100 that it may be sent again as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

    pub fn of(number: &str) -> Option<Self> {
        let all = [
            Self::InvalidMessage,
            Self::TemporarilyUnable,
            Self::CannotProcess,
            Self::AccessDenied,
        ];
        all.into_iter().find(|code| code.number() == number.trim())
    }

    /// Whether the same message may be sent again.
    pub fn may_retry(self) -> bool {
        self == Self::TemporarilyUnable
    }
}

/// Whose fault it is, in the words of SOAP 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    Client,
    Server,
    /// A foreign header that has to be understood.
    MustUnderstand,
    /// The envelope's namespace is none of SOAP's.
    VersionMismatch,
}

impl FaultKind {
    fn soap(self) -> FaultCode {
        match self {
            Self::Client => FaultCode::Sender,
            Self::Server => FaultCode::Receiver,
            Self::MustUnderstand => FaultCode::MustUnderstand,
            Self::VersionMismatch => FaultCode::VersionMismatch,
        }
    }

    /// The words that the toolkit's workbench uses, to the letter.
    fn fault_string(self) -> &'static str {
        match self {
            Self::Client => {
                "A client related error has occurred, see detail element for further information"
            }
            Self::Server => {
                "A Server related error has occurred, see detail element for further information"
            }
            Self::MustUnderstand => "SOAP MustUnderstand error thrown.",
            Self::VersionMismatch => "Improper SOAP Version referenced",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::MustUnderstand => "http://www.w3.org/2005/08/addressing/fault",
            _ => "http://www.w3.org/2005/08/addressing/soap/fault",
        }
    }
}

/// A fault with the diagnostic that names element and rule; never a patient's number or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItkFault {
    pub code: ItkErrorCode,
    pub kind: FaultKind,
    pub diagnostic: String,
    /// The part of the envelope at fault: what an infrastructure acknowledgement would call it.
    pub distribution_error: Option<DistributionErrorCode>,
}

impl ItkFault {
    /// The client's, but for 2100, which only a server has.
    pub fn new(code: ItkErrorCode, diagnostic: impl Into<String>) -> Self {
        let kind = if code.may_retry() { FaultKind::Server } else { FaultKind::Client };
        Self { code, kind, diagnostic: diagnostic.into(), distribution_error: None }
    }

    pub fn invalid(diagnostic: impl Into<String>) -> Self {
        Self::new(ItkErrorCode::InvalidMessage, diagnostic)
    }

    pub fn denied(diagnostic: impl Into<String>) -> Self {
        Self::new(ItkErrorCode::AccessDenied, diagnostic)
    }

    /// 1000, at a part of the Distribution Envelope.
    pub fn in_part(part: DistributionErrorCode, diagnostic: impl Into<String>) -> Self {
        Self { distribution_error: Some(part), ..Self::invalid(diagnostic) }
    }

    /// 2200 or 3000 where the hub itself is the reason.
    pub fn at_server(code: ItkErrorCode, diagnostic: impl Into<String>) -> Self {
        Self { kind: FaultKind::Server, ..Self::new(code, diagnostic) }
    }

    /// A generic SOAP fault told in ITK's words.
    pub fn from_soap(fault: &Fault) -> Self {
        let reason = fault.reason.clone();
        match fault.code {
            FaultCode::MustUnderstand => {
                Self { kind: FaultKind::MustUnderstand, ..Self::invalid(reason) }
            }
            FaultCode::VersionMismatch => {
                Self { kind: FaultKind::VersionMismatch, ..Self::invalid(reason) }
            }
            _ if fault.denied => Self::denied(reason),
            FaultCode::Receiver => Self::new(ItkErrorCode::TemporarilyUnable, reason),
            FaultCode::Sender => Self::invalid(reason),
        }
    }

    /// ErrorText, and what goes into ErrorDiagnosticText.
    fn texts(&self) -> (&str, &str) {
        let text = match (self.kind, self.code) {
            (FaultKind::VersionMismatch, _) => {
                "Version Error, namespace must be a proper SOAP namespace."
            }
            // Which header it is has to stand in the text itself.
            (FaultKind::MustUnderstand, _) => {
                return (
                    &self.diagnostic,
                    "send the message without this header, or without its mustUnderstand",
                );
            }
            (_, ItkErrorCode::InvalidMessage) => "Invalid message",
            (_, ItkErrorCode::TemporarilyUnable) => "Temporarily unable to process",
            (FaultKind::Client, ItkErrorCode::CannotProcess) => "Message cannot be processed",
            (FaultKind::Client, ItkErrorCode::AccessDenied) => "Access denied",
            (FaultKind::Server, ItkErrorCode::CannotProcess) => "Unable to process",
            (FaultKind::Server, ItkErrorCode::AccessDenied) => "Access control unavailable",
        };
        (text, &self.diagnostic)
    }

    /// 500 as SOAP 1.1 has it (6.2); 403 and 413 where HTTP refuses before there is a message.
    pub fn http_status(&self, soap: Option<&Fault>) -> u16 {
        match soap {
            Some(fault) if [403, 413].contains(&fault.http_status) => fault.http_status,
            _ => 500,
        }
    }

    fn detail(&self, error_id: &str) -> String {
        let (text, diagnostic) = self.texts();
        let mut out = format!("<itk:ToolkitErrorInfo xmlns:itk=\"{NAMESPACE}\">");
        text_element(&mut out, "itk:ErrorID", error_id);
        out.push_str(&format!(
            "<itk:ErrorCode codeSystem=\"{TOOLKIT_ERRORS}\">{}</itk:ErrorCode>",
            self.code.number()
        ));
        text_element(&mut out, "itk:ErrorText", text);
        text_element(&mut out, "itk:ErrorDiagnosticText", diagnostic);
        out.push_str("</itk:ToolkitErrorInfo>");
        out
    }

    /// The whole fault envelope. `actor` is the endpoint's own http address, where it is to be named.
    pub fn write(
        &self,
        version: SoapVersion,
        actor: Option<&str>,
        message_id: &str,
        error_id: &str,
        relates_to: Option<&str>,
    ) -> String {
        // A version mismatch is answered in SOAP 1.1.
        let mismatch = self.kind == FaultKind::VersionMismatch;
        let version = if mismatch { SoapVersion::V11 } else { version };
        let detail = self.detail(error_id);
        let body = match version {
            SoapVersion::V11 => self.body_11(actor, &detail),
            SoapVersion::V12 => self.body_12(actor, &detail),
        };
        let headers =
            Headers { action: self.kind.action(), message_id, relates_to, ..Headers::default() };
        crate::soap::write(version, &headers, &body)
    }

    fn body_11(&self, actor: Option<&str>, detail: &str) -> String {
        let code = match self.kind {
            FaultKind::Client => "Client",
            FaultKind::Server => "Server",
            FaultKind::MustUnderstand => "MustUnderstand",
            FaultKind::VersionMismatch => "VersionMismatch",
        };
        let mut out = format!("<s:Fault><faultcode>s:{code}</faultcode>");
        text_element(&mut out, "faultstring", self.kind.fault_string());
        if let Some(actor) = actor {
            text_element(&mut out, "faultactor", actor);
        }
        out.push_str(&format!("<detail>{detail}</detail></s:Fault>"));
        out
    }

    fn body_12(&self, actor: Option<&str>, detail: &str) -> String {
        let code = match self.kind.soap() {
            FaultCode::Receiver => "Receiver",
            FaultCode::MustUnderstand => "MustUnderstand",
            FaultCode::VersionMismatch => "VersionMismatch",
            FaultCode::Sender => "Sender",
        };
        let mut out = format!(
            "<s:Fault><s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en\">"
        );
        crate::xml::escape_into(&mut out, self.kind.fault_string());
        out.push_str("</s:Text></s:Reason>");
        if let Some(actor) = actor {
            text_element(&mut out, "s:Node", actor);
        }
        out.push_str(&format!("<s:Detail>{detail}</s:Detail></s:Fault>"));
        out
    }
}
