//! Who comes to the outboxes: organisations that acknowledge what was sent to them, and such without
//! an endpoint that collect what waits for them.

use super::{Acknowledgement, Collected, Level, Outboxes};
use crate::sqlite::SqliteError;
use schemas::itk::{
    Acknowledgement as Read, AcknowledgementType, DistributionErrorCode, ErrorInfo,
    InfrastructureResult, ItkErrorCode, ItkFault, ItkMessage, QUEUE_MESSAGES_MAX,
    QueueConfirmMessageReceipt, QueueMessage, QueueMessageResponse, QueueRequest, QueuedMessage,
    SERVICE_PREFIX, ods_of,
};
use schemas::ods_code::OdsCode;
use schemas::soap::Envelope;
use uuid::Uuid;

impl Outboxes {
    /// Takes the acknowledgements of a message from one who may speak for these organisations, and
    /// says of each what it was, for the record. Those that answer nothing are kept and reported;
    /// none is ever acknowledged.
    pub async fn take(
        &self,
        message: &ItkMessage,
        of: &[OdsCode],
    ) -> Result<Vec<String>, ItkFault> {
        let mut said = Vec::new();
        for payload in &message.payloads {
            let read = Read::read(&payload.bytes).ok_or_else(|| {
                let what = "the payload is neither an itk:InfrastructureResponse nor an hl7:BusinessResponseMessage, as its service or interaction says";
                ItkFault::in_part(DistributionErrorCode::Payload, what)
            })?;
            let acknowledgement = acknowledgement(&read, message, of);
            let (level, answer) = (acknowledgement.level.name(), acknowledgement.answer.clone());
            let tracking_id_ref = acknowledgement.tracking_id_ref.clone();
            let matched = self.acknowledge(acknowledgement).await.map_err(|error| {
                unable(&error, "the acknowledgement could not be kept: send it again")
            })?;
            let about = if matched { "answers" } else { "answers nothing that was sent:" };
            said.push(format!("{level} acknowledgement {answer} {about} {tracking_id_ref}"));
        }
        Ok(said)
    }

    /// Answers a queue's request of one who may speak for these organisations: the answer's body,
    /// and what to say of it on record.
    pub async fn queue(
        &self,
        envelope: &Envelope<'_>,
        of: &[OdsCode],
    ) -> Result<(String, String), ItkFault> {
        match QueueRequest::read(envelope)? {
            QueueRequest::Collect(asked) => self.hand_out(&asked, of).await,
            QueueRequest::Confirm(receipt) => self.confirmed(&receipt, of).await,
        }
    }

    async fn hand_out(
        &self,
        asked: &QueueMessage,
        of: &[OdsCode],
    ) -> Result<(String, String), ItkFault> {
        let of = subscribers(&asked.subscriber_name, of)?;
        let most = asked.requested_message_count.unwrap_or(QUEUE_MESSAGES_MAX);
        let found = self.collect(&of, asked.service_message_type.as_deref(), most).await;
        let found = found.map_err(|error| unable(&error, "the queue cannot be read: try again"))?;
        let handles: Vec<_> = found.iter().map(|message| message.handle.to_string()).collect();
        let messages = found.into_iter().map(queued).collect();
        let said = format!("{} messages were handed out: {}", handles.len(), handles.join(", "));
        Ok((QueueMessageResponse { messages }.write(), said))
    }

    async fn confirmed(
        &self,
        receipt: &QueueConfirmMessageReceipt,
        of: &[OdsCode],
    ) -> Result<(String, String), ItkFault> {
        let handles = receipt.message_handles.iter().map(|handle| Uuid::try_parse(handle));
        let handles = handles.collect::<Result<Vec<_>, _>>().map_err(|_| {
            ItkFault::invalid("an itk:MessageHandle is none that this hub has handed out")
        })?;
        let count = handles.len();
        let unknown = self
            .confirm(of, handles)
            .await
            .map_err(|error| unable(&error, "the confirmation could not be kept: send it again"))?;
        if !unknown.is_empty() {
            let what = format!(
                "{} of {count} MessageHandles are none that wait for this organisation's confirmation; the others are confirmed",
                unknown.len()
            );
            return Err(ItkFault::invalid(what));
        }
        let answer = schemas::itk::simple_response(&count.to_string());
        Ok((answer, format!("{count} messages were confirmed")))
    }
}

/// Whose messages are asked for: an organisation by its code or address, else the certificate's and
/// all that it may speak for. Any other name is a label.
fn subscribers(name: &str, of: &[OdsCode]) -> Result<Vec<OdsCode>, ItkFault> {
    if let Some(ods) = ods_of(name) {
        return match of.contains(&ods) {
            true => Ok(vec![ods]),
            false => Err(ItkFault::denied(format!(
                "the certificate may not collect for {ods} (itk:SubscriberName): the region's operator can add it to the system's profile"
            ))),
        };
    }
    match OdsCode::parse(name) {
        Ok(ods) if of.contains(&ods) => Ok(vec![ods]),
        _ => Ok(of.to_vec()),
    }
}

fn queued(message: Collected) -> QueuedMessage {
    let service = message.service.strip_prefix(SERVICE_PREFIX).unwrap_or(&message.service);
    QueuedMessage {
        service_message_type: service.to_owned(),
        message_payload: message.envelope,
        message_handle: message.handle.to_string(),
    }
}

fn unable(error: &SqliteError, what: &str) -> ItkFault {
    tracing::error!(%error, "an outbox failed");
    ItkFault::new(ItkErrorCode::TemporarilyUnable, what)
}

fn acknowledgement(read: &Read, message: &ItkMessage, of: &[OdsCode]) -> Acknowledgement {
    let detail = match read {
        Read::Infrastructure(response) => codes(&response.errors),
        Read::Business(_) => None,
    };
    let (level, answer) = match read {
        Read::Infrastructure(response) => {
            let result = match &response.result {
                InfrastructureResult::Ok => "OK",
                InfrastructureResult::Failure => "Failure",
                InfrastructureResult::Other(other) => other,
            };
            (Level::Infrastructure, result.chars().take(20).collect())
        }
        Read::Business(response) => {
            let of_items = response.items.iter().map(|(_, code)| *code);
            let codes = std::iter::once(response.acknowledgement).chain(of_items);
            let negative = codes.into_iter().find(|code| *code != AcknowledgementType::Accept);
            let code = negative.unwrap_or(AcknowledgementType::Accept);
            (Level::Business, code.code().to_owned())
        }
    };
    Acknowledgement {
        level,
        senders: of.to_vec(),
        tracking_id: message.tracking_id.clone(),
        // What is no UUID answers nothing; it is kept short.
        tracking_id_ref: read.tracking_id_ref().chars().take(64).collect(),
        answer,
        detail,
    }
}

/// Codes with their systems, kept short; their senders' own, whatever the vocabulary says.
fn codes(errors: &[ErrorInfo]) -> Option<String> {
    let bare = |text: &str| text.chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
    let code = |error: &ErrorInfo| -> String {
        let (code, system): (String, String) = (bare(&error.code), bare(&error.code_system));
        format!("{code} of {system}")
    };
    let all: Vec<String> = errors.iter().take(10).map(code).collect();
    (!all.is_empty()).then(|| all.join(", "))
}
