//! What comes back on the connection on which an ITK message was posted.
//!
//! The body decides, not the HTTP status: real endpoints send faults with 200, leave the prefix off
//! faultcode and the code system off ErrorCode.

use super::NAMESPACE;
use super::fault::{FaultKind, ItkErrorCode};
use super::payload::standalone;
use crate::soap::{SOAP11, SOAP12};
use crate::xml::{Document, Element, Limits};

/// The answer to a posted message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostAnswer {
    /// SimpleMessageResponse with any text, or an empty 200, 202 or 204: it has arrived.
    Accepted {
        text: String,
    },
    /// A Distribution Envelope, as a document: the answer of a synchronous service.
    Envelope(String),
    Fault(PostFault),
    /// Nothing that says whether it has arrived.
    Unreadable {
        http_status: u16,
        why: String,
    },
}

/// A SOAP fault as a sender of messages reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostFault {
    pub kind: FaultKind,
    /// `None` where there is no ToolkitErrorInfo, or its code is not one of the vocabulary.
    pub code: Option<ItkErrorCode>,
    /// ErrorCode as received.
    pub raw_code: String,
    pub error_id: String,
    /// ErrorText, or else the fault's own reason.
    pub text: String,
    pub diagnostic: Option<String>,
}

impl PostFault {
    /// 2100 may be sent again, and what a server says without a code; nothing else.
    pub fn may_retry(&self) -> bool {
        match self.code {
            Some(code) => code.may_retry(),
            None => self.kind == FaultKind::Server,
        }
    }
}

impl PostAnswer {
    pub fn read(http_status: u16, body: &[u8]) -> Self {
        let success = matches!(http_status, 200..=299);
        if body.iter().all(u8::is_ascii_whitespace) {
            return match success {
                true => Self::Accepted { text: String::new() },
                false => Self::unreadable(http_status, "there is no body"),
            };
        }
        let document = match Document::parse_bytes(body, &Limits::default()) {
            Ok(document) => document,
            Err(error) => return Self::unreadable(http_status, &error.to_string()),
        };
        let root = document.root();
        let soap = match root.namespace() {
            uri @ (SOAP11 | SOAP12) if root.local() == "Envelope" => uri,
            _ => return Self::unreadable(http_status, "the body is no SOAP Envelope"),
        };
        let content = root.child(soap, "Body").map(|body| body.children().next());
        match content {
            Some(Some(element)) if element.is(soap, "Fault") => Self::Fault(fault(element, soap)),
            _ if !success => {
                Self::unreadable(http_status, "the status says failure without a fault")
            }
            Some(None) => Self::Accepted { text: String::new() },
            Some(Some(element)) if element.is(NAMESPACE, "SimpleMessageResponse") => {
                Self::Accepted { text: element.trimmed().to_owned() }
            }
            Some(Some(element)) if element.is(NAMESPACE, "DistributionEnvelope") => {
                Self::Envelope(standalone(element))
            }
            Some(Some(_)) => Self::unreadable(http_status, "the SOAP Body is no answer of ITK"),
            None => Self::unreadable(http_status, "the SOAP Envelope has no Body"),
        }
    }

    fn unreadable(http_status: u16, why: &str) -> Self {
        Self::Unreadable { http_status, why: why.to_owned() }
    }

    /// Whether the message has arrived for certain.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. } | Self::Envelope(_))
    }

    /// Whether the same message may be sent again: HTTP 4xx but 408 and 429 are final, and what
    /// cannot be read with any other status may be a proxy's.
    pub fn may_retry(&self) -> bool {
        match self {
            Self::Accepted { .. } | Self::Envelope(_) => false,
            Self::Fault(fault) => fault.may_retry(),
            Self::Unreadable { http_status, .. } => {
                matches!(http_status, 408 | 429) || !matches!(http_status, 300..=499)
            }
        }
    }
}

/// Local part of a QName that may lack its prefix.
fn local(text: &str) -> &str {
    text.rsplit(':').next().unwrap_or(text)
}

fn kind(code: &str) -> FaultKind {
    match local(code) {
        "Server" | "Receiver" => FaultKind::Server,
        "MustUnderstand" => FaultKind::MustUnderstand,
        "VersionMismatch" => FaultKind::VersionMismatch,
        _ => FaultKind::Client,
    }
}

/// Children of a 1.1 fault have no namespace; some senders give them the envelope's.
fn part<'d>(fault: Element<'d>, soap: &str, names: [&str; 2]) -> Option<Element<'d>> {
    let named = |e: &Element<'_>| {
        let ours = e.namespace().is_empty() || e.namespace() == soap;
        ours && names.contains(&e.local())
    };
    fault.children().find(named)
}

fn fault(element: Element<'_>, soap: &str) -> PostFault {
    let code = part(element, soap, ["faultcode", "Code"]);
    let code = code.map(|code| code.child(soap, "Value").unwrap_or(code));
    let reason = part(element, soap, ["faultstring", "Reason"]);
    let reason = reason.map(|reason| reason.child(soap, "Text").unwrap_or(reason));
    let detail = part(element, soap, ["detail", "Detail"]);
    let info = detail.and_then(|detail| detail.child(NAMESPACE, "ToolkitErrorInfo"));
    let text = |name: &str| {
        let found = info.and_then(|info| info.child(NAMESPACE, name));
        found.map(|e| e.trimmed().to_owned()).unwrap_or_default()
    };
    let raw_code = text("ErrorCode");
    let said = text("ErrorText");
    PostFault {
        kind: kind(code.map(|code| code.trimmed()).unwrap_or_default()),
        code: ItkErrorCode::of(&raw_code),
        raw_code,
        error_id: text("ErrorID"),
        text: match said.is_empty() {
            true => reason.map(|reason| reason.trimmed().to_owned()).unwrap_or_default(),
            false => said,
        },
        diagnostic: Some(text("ErrorDiagnosticText")).filter(|text| !text.is_empty()),
    }
}
