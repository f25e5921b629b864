//! What other organisations bring to the outboxes: acknowledgements of what was sent to them.

use super::{Acknowledgement, Level, Outboxes};
use schemas::itk::{
    Acknowledgement as Read, AcknowledgementType, DistributionErrorCode, InfrastructureResult,
    ItkErrorCode, ItkFault, ItkMessage,
};
use schemas::ods_code::OdsCode;

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
                tracing::error!(%error, "an acknowledgement was not kept");
                let what = "the acknowledgement could not be kept: send it again";
                ItkFault::new(ItkErrorCode::TemporarilyUnable, what)
            })?;
            let about = if matched { "answers" } else { "answers nothing that was sent:" };
            said.push(format!("{level} acknowledgement {answer} {about} {tracking_id_ref}"));
        }
        Ok(said)
    }
}

fn acknowledgement(read: &Read, message: &ItkMessage, of: &[OdsCode]) -> Acknowledgement {
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
    }
}
