//! Queue collection: a receiver without an endpoint fetches what waits for it.
//!
//! `QueueMessage` asks, `QueueMessageResponse` brings envelopes as escaped text, each with a handle,
//! and `QueueConfirmMessageReceipt` says which have arrived. What is not confirmed comes again.

use super::{ItkFault, NAMESPACE};
use crate::soap::Envelope;
use crate::xml::{Element, text_element};

/// wsa:Action of the two requests. The toolkit names the messages and no actions.
pub const COLLECT: &str = "urn:nhs-itk:services:201005:collectQueue-v1-0";
pub const CONFIRM: &str = "urn:nhs-itk:services:201005:confirmQueue-v1-0";

/// Messages in one answer, and handles in one confirmation.
pub const QUEUE_MESSAGES_MAX: usize = 100;
const TEXT_BYTES_MAX: usize = 256;

/// `itk:QueueMessage`: what waits for a subscriber?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMessage {
    /// A label, as Username is one: whose queue it is, the certificate says.
    pub subscriber_name: String,
    /// Only messages of this service, without its URN prefix.
    pub service_message_type: Option<String>,
    /// 1 to [`QUEUE_MESSAGES_MAX`]; a higher wish is met with that.
    pub requested_message_count: Option<usize>,
}

/// `itk:QueueConfirmMessageReceipt`: these have arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConfirmMessageReceipt {
    pub message_handles: Vec<String>,
}

/// One message that waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// The Distribution Envelope as a document; it travels as escaped text.
    pub message_payload: String,
    pub service_message_type: String,
    pub message_handle: String,
}

/// `itk:QueueMessageResponse`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueMessageResponse {
    pub messages: Vec<QueuedMessage>,
}

/// What a queue is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueRequest {
    Collect(QueueMessage),
    Confirm(QueueConfirmMessageReceipt),
}

impl QueueRequest {
    /// Whether a body is one of a queue's requests, rather than a Distribution Envelope.
    pub fn is_one(body: Element<'_>) -> bool {
        body.is(NAMESPACE, "QueueMessage") || body.is(NAMESPACE, "QueueConfirmMessageReceipt")
    }

    /// Reads a request. Action and body must agree, and foreign headers are understood or refused.
    pub fn read(envelope: &Envelope<'_>) -> Result<Self, ItkFault> {
        envelope.understood().map_err(|fault| ItkFault::from_soap(&fault))?;
        let body = envelope.body;
        let (request, action) = match body.local() {
            _ if !Self::is_one(body) => {
                let what = "the SOAP Body holds neither an itk:QueueMessage nor an itk:QueueConfirmMessageReceipt";
                return Err(ItkFault::invalid(what));
            }
            "QueueMessage" => (Self::Collect(QueueMessage::read(body)?), COLLECT),
            _ => (Self::Confirm(QueueConfirmMessageReceipt::read(body)?), CONFIRM),
        };
        if envelope.addressing.action.as_deref() != Some(action) {
            let what = format!("itk:{} needs the wsa:Action {action}", body.local());
            return Err(ItkFault::invalid(what));
        }
        Ok(request)
    }
}

/// A child's text, where it is there and says something.
fn text(element: Element<'_>, name: &str) -> Result<Option<String>, ItkFault> {
    let text = element.child(NAMESPACE, name).map(|e| e.trimmed()).unwrap_or_default();
    if text.len() > TEXT_BYTES_MAX {
        let what = format!("itk:{name} is longer than {TEXT_BYTES_MAX} bytes");
        return Err(ItkFault::invalid(what));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

impl QueueMessage {
    fn read(element: Element<'_>) -> Result<Self, ItkFault> {
        let subscriber = text(element, "SubscriberName")?;
        let wished = text(element, "RequestedMessageCount")?;
        let wished = wished.map(|text| text.parse::<usize>()).transpose();
        let count = wished.ok().filter(|count| *count != Some(0)).ok_or_else(|| {
            ItkFault::invalid("itk:RequestedMessageCount must be a whole number from 1")
        })?;
        Ok(Self {
            subscriber_name: subscriber
                .ok_or_else(|| ItkFault::invalid("itk:SubscriberName is required"))?,
            service_message_type: text(element, "ServiceMessageType")?
                .map(|name| name.strip_prefix(super::SERVICE_PREFIX).unwrap_or(&name).to_owned()),
            requested_message_count: count.map(|count| count.min(QUEUE_MESSAGES_MAX)),
        })
    }

    pub fn write(&self) -> String {
        let mut out = format!("<itk:QueueMessage xmlns:itk=\"{NAMESPACE}\">");
        text_element(&mut out, "itk:SubscriberName", &self.subscriber_name);
        if let Some(name) = &self.service_message_type {
            text_element(&mut out, "itk:ServiceMessageType", name);
        }
        if let Some(count) = self.requested_message_count {
            text_element(&mut out, "itk:RequestedMessageCount", &count.to_string());
        }
        out.push_str("</itk:QueueMessage>");
        out
    }
}

impl QueueConfirmMessageReceipt {
    fn read(element: Element<'_>) -> Result<Self, ItkFault> {
        let handles = element.children_named(NAMESPACE, "MessageHandle");
        let handles: Vec<_> = handles.map(|handle| handle.trimmed().to_owned()).collect();
        let said = |handle: &String| !handle.is_empty() && handle.len() <= TEXT_BYTES_MAX;
        if handles.is_empty() || handles.len() > QUEUE_MESSAGES_MAX || !handles.iter().all(said) {
            let what = format!(
                "itk:QueueConfirmMessageReceipt must name 1 to {QUEUE_MESSAGES_MAX} MessageHandles"
            );
            return Err(ItkFault::invalid(what));
        }
        Ok(Self { message_handles: handles })
    }

    pub fn write(&self) -> String {
        let mut out = format!("<itk:QueueConfirmMessageReceipt xmlns:itk=\"{NAMESPACE}\">");
        for handle in &self.message_handles {
            text_element(&mut out, "itk:MessageHandle", handle);
        }
        out.push_str("</itk:QueueConfirmMessageReceipt>");
        out
    }
}

impl QueueMessageResponse {
    /// Reads an answer, for a collecting client; `None` where it is something else or its count
    /// is not that of its messages.
    pub fn read(element: Element<'_>) -> Option<Self> {
        if !element.is(NAMESPACE, "QueueMessageResponse") {
            return None;
        }
        let messages = element.children_named(NAMESPACE, "Message").take(QUEUE_MESSAGES_MAX + 1);
        let read = |message: Element<'_>| {
            let text = |name: &str| message.child(NAMESPACE, name).map(|e| e.text().to_owned());
            Some(QueuedMessage {
                message_payload: text("MessagePayload")?,
                service_message_type: text("ServiceMessageType")?.trim().to_owned(),
                message_handle: text("MessageHandle")?.trim().to_owned(),
            })
        };
        let messages = messages.map(read).collect::<Option<Vec<_>>>()?;
        let count = element.child(NAMESPACE, "MessageCount")?.trimmed().parse::<usize>();
        (count == Ok(messages.len())).then_some(Self { messages })
    }

    pub fn write(&self) -> String {
        let mut out = format!("<itk:QueueMessageResponse xmlns:itk=\"{NAMESPACE}\">");
        text_element(&mut out, "itk:MessageCount", &self.messages.len().to_string());
        for message in &self.messages {
            out.push_str("<itk:Message>");
            text_element(&mut out, "itk:MessagePayload", &message.message_payload);
            text_element(&mut out, "itk:ServiceMessageType", &message.service_message_type);
            text_element(&mut out, "itk:MessageHandle", &message.message_handle);
            out.push_str("</itk:Message>");
        }
        out.push_str("</itk:QueueMessageResponse>");
        out
    }
}
