//! The answer to a feed message: MSH, MSA, and ERR where it is not AA (ITI TF-2 3.8.4.1.3, TF-2x
//! appendix C.2.3; original mode).

use super::adt::Header;
use super::message::{Charset, Delimiters, Hl7Error, Limits, Message, part};
use crate::dtm::Dtm;

/// MSA-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcknowledgementCode {
    /// Applied, or valid and nothing to do.
    Accept,
    /// The content is wrong: sending it again unchanged changes nothing.
    Error,
    /// Not a message for this registry, or it cannot take it now.
    Reject,
}

impl AcknowledgementCode {
    pub fn code(self) -> &'static str {
        match self {
            Self::Accept => "AA",
            Self::Error => "AE",
            Self::Reject => "AR",
        }
    }
}

/// ERR-3, HL7 table 0357.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    SegmentSequence,
    RequiredFieldMissing,
    DataType,
    TableValue,
    UnsupportedMessageType,
    UnsupportedEvent,
    UnsupportedProcessingId,
    UnsupportedVersion,
    UnknownKey,
    InternalError,
}

impl Condition {
    pub fn code(self) -> &'static str {
        self.named().0
    }

    fn named(self) -> (&'static str, &'static str) {
        match self {
            Self::SegmentSequence => ("100", "Segment sequence error"),
            Self::RequiredFieldMissing => ("101", "Required field missing"),
            Self::DataType => ("102", "Data type error"),
            Self::TableValue => ("103", "Table value not found"),
            Self::UnsupportedMessageType => ("200", "Unsupported message type"),
            Self::UnsupportedEvent => ("201", "Unsupported event code"),
            Self::UnsupportedProcessingId => ("202", "Unsupported processing id"),
            Self::UnsupportedVersion => ("203", "Unsupported version id"),
            Self::UnknownKey => ("204", "Unknown key identifier"),
            Self::InternalError => ("207", "Application internal error"),
        }
    }
}

/// A message that is not applied, and why. The reason never repeats a patient's identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Nack {
    pub code: AcknowledgementCode,
    pub condition: Condition,
    /// `PID^1^3`: segment, its number, field, repetition, component.
    pub location: Option<&'static str>,
    pub reason: String,
}

impl Nack {
    /// AE: the content is wrong.
    pub fn error(condition: Condition, location: &'static str, reason: impl Into<String>) -> Self {
        let code = AcknowledgementCode::Error;
        Self { code, condition, location: Some(location), reason: reason.into() }
    }

    /// AR: not a message that this registry takes.
    pub fn reject(condition: Condition, location: &'static str, reason: impl Into<String>) -> Self {
        let code = AcknowledgementCode::Reject;
        Self { code, condition, location: Some(location), reason: reason.into() }
    }

    /// AR without a location: the same message may be taken later.
    pub fn unable(reason: impl Into<String>) -> Self {
        Self {
            code: AcknowledgementCode::Reject,
            condition: Condition::InternalError,
            location: None,
            reason: reason.into(),
        }
    }
}

impl From<Hl7Error> for Nack {
    fn from(error: Hl7Error) -> Self {
        let (condition, location) = match error {
            Hl7Error::NoHeader => (Condition::SegmentSequence, "MSH^1"),
            Hl7Error::Delimiters => (Condition::RequiredFieldMissing, "MSH^1^2"),
            Hl7Error::SegmentName | Hl7Error::Limit(..) => (Condition::SegmentSequence, "MSH^1"),
            Hl7Error::CharacterSet => (Condition::TableValue, "MSH^1^18"),
            Hl7Error::Encoding => (Condition::DataType, "MSH^1^18"),
        };
        Self::error(condition, location, error.to_string())
    }
}

/// Writes the acknowledgement of a message; one without a readable header is answered with empty
/// names. `control_id` is the answer's own.
pub fn write(
    header: Option<&Header>,
    result: Result<(), &Nack>,
    now: &Dtm,
    control_id: &str,
) -> Vec<u8> {
    let standard = Header::default();
    let header = header.unwrap_or(&standard);
    let Delimiters { field: f, component: c, .. } = header.delimiters;
    let to = &header.delimiters;
    let event =
        if header.trigger.is_empty() { String::new() } else { format!("{c}{}", header.trigger) };
    let encoding: String =
        [to.component, to.repetition, to.escape, to.subcomponent].iter().collect();
    let fields = [
        encoding.as_str(),
        &header.receiving_application,
        &header.receiving_facility,
        &header.sending_application,
        &header.sending_facility,
        now.as_str(),
        "",
        &format!("ACK{event}"),
        control_id,
        &header.processing_id,
        &header.version,
    ];
    let mut out = format!("MSH{f}{}", fields.join(&f.to_string()));
    match header.charset {
        Charset::Unsaid => {}
        Charset::Utf8 => out.push_str(&format!("{}UNICODE UTF-8", f.to_string().repeat(6))),
        Charset::Latin1 => out.push_str(&format!("{}8859/1", f.to_string().repeat(6))),
    }
    let code = result.map_or_else(|nack| nack.code, |()| AcknowledgementCode::Accept);
    out.push_str(&format!("\rMSA{f}{}{f}{}\r", code.code(), header.control_id));
    if let Err(nack) = result {
        let location: String = nack.location.unwrap_or_default().replace('^', &c.to_string());
        let (number, text) = nack.condition.named();
        let said = to.escape(&nack.reason);
        out.push_str(&format!(
            "ERR{f}{f}{location}{f}{number}{c}{text}{c}HL70357{f}E{f}{f}{f}{f}{said}\r"
        ));
    }
    header.charset.encode(&out)
}

/// An acknowledgement as its receiver reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// MSA-1 as sent.
    pub code: String,
    /// MSA-2: MSH-10 of the message that it answers.
    pub control_id: String,
    /// ERR-3.1 of the first error.
    pub condition: Option<String>,
    /// ERR-2 of the first error.
    pub location: Option<String>,
    /// ERR-8 of the first error.
    pub reason: Option<String>,
}

impl Acknowledgement {
    pub fn read(bytes: &[u8]) -> Result<Self, Hl7Error> {
        let message = Message::read(bytes, &Limits::default())?;
        let answer = message.segments("MSA").next().ok_or(Hl7Error::SegmentName)?;
        let error = message.segments("ERR").next();
        let text = |n: usize| {
            error.map(|error| message.delimiters.unescape(error.field(n))).filter(|t| !t.is_empty())
        };
        let code = |error: &super::Segment| {
            part(error.field(3), message.delimiters.component, 1).to_owned()
        };
        Ok(Self {
            code: answer.field(1).to_owned(),
            control_id: answer.field(2).to_owned(),
            condition: error.map(code),
            location: text(2),
            reason: text(8),
        })
    }
}
