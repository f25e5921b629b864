//! Notices by the outbox: ITK messages that ask for both acknowledgements.

use super::Notices;
use super::notice::{INTERACTION, Notice, PROFILE, Progress, SERVICE};
use super::plan::State;
use async_trait::async_trait;
use node::outbox::{
    Acknowledgement, Item, Kind, Level, Message, Outbox, Outboxes, Shown, State as Sent,
};
use schemas::itk::ItkAddress;
use schemas::recall::Acknowledged;

/// The part of the hub's own address behind its ODS code.
const LOCAL: &str = "DOCHUB";

pub struct OutboxNotices {
    /// The gateway's own.
    pub outbox: Outbox,
    /// Of every role of the process.
    pub outboxes: Outboxes,
}

#[async_trait]
impl Notices for OutboxNotices {
    async fn put(&self, notice: &Notice) -> Result<(), String> {
        let item = Item {
            kind: Kind::RecallNotice,
            destination: notice.destination.clone(),
            address: ItkAddress::address(&notice.destination, "").uri,
            reference: notice.incident.to_string(),
            occasion: String::new(),
            message: Message {
                service: SERVICE.to_owned(),
                tracking_id: notice.tracking_id,
                payload_id: format!("uuid_{}", notice.payload_id.to_string().to_uppercase()),
                sender_address: ItkAddress::address(&notice.hub, LOCAL).uri,
                audit_identity: ItkAddress::identity(&notice.hub, LOCAL).uri,
                interaction: Some(INTERACTION.to_owned()),
                profile_id: Some(PROFILE.to_owned()),
                wants_infrastructure_ack: true,
                wants_business_ack: true,
                payload: notice.payload.clone(),
            },
        };
        self.outbox.put(item).await.map(|_| ()).map_err(|error| error.to_string())
    }

    async fn progress(&self, incident: &str) -> Result<Vec<Progress>, String> {
        let about = self.outbox.about(incident).await.map_err(|error| error.to_string())?;
        Ok(about.iter().map(progress).collect())
    }

    async fn acknowledged(&self, acknowledged: &Acknowledged) -> Result<bool, String> {
        let level = match acknowledged.level.as_str() {
            "infrastructure" => Level::Infrastructure,
            _ => Level::Business,
        };
        let acknowledgement = Acknowledgement {
            level,
            senders: acknowledged.senders.clone(),
            tracking_id: acknowledged.tracking_id.clone(),
            tracking_id_ref: acknowledged.tracking_id_ref.clone(),
            answer: acknowledged.answer.clone(),
            detail: None,
        };
        let known = self.outboxes.acknowledge_here(&acknowledgement).await;
        known.map_err(|error| error.to_string())
    }
}

/// A negative answer at either level decides; only that the content was taken ends it well.
pub(crate) fn progress(shown: &Shown) -> Progress {
    let codes = [&shown.infrastructure_answer, &shown.business_answer];
    let said: Vec<&str> = codes.into_iter().flatten().map(String::as_str).collect();
    let negative = shown.acknowledged() == Some(false);
    let taken = shown.business_answer.is_some();
    let (state, detail) = match shown.state {
        _ if negative => (State::Refused, Some(said.join(", "))),
        _ if taken => (State::Acknowledged, None),
        Sent::Delivered | Sent::Collected => (State::Delivered, None),
        Sent::Parked => (State::Undeliverable, shown.last_error.clone()),
        Sent::Dropped => (State::Undeliverable, Some("given up in the outbox".to_owned())),
        Sent::Waiting | Sent::Delivering => (State::Sent, shown.last_error.clone()),
    };
    Progress { tracking_id: shown.tracking_id, state, detail }
}
