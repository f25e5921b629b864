//! Sends what waits, once whichever gateway does it, and follows what became of it.

use super::ReadNotices;
use crate::recall::notice::{INTERACTION, PROFILE, SERVICE};
use crate::recall::progress;
use crate::store::GatewayError;
use crate::store::read_notice::Outgoing;
use node::outbox::{Item, Kind, Message};
use schemas::itk::ItkAddress;
use std::sync::Arc;
use std::time::Duration;

const PERIOD: Duration = Duration::from_secs(3);

/// The part of the hub's own address behind its ODS code.
const LOCAL: &str = "DOCHUB";

/// For as long as the process lives.
pub async fn run(notices: Arc<ReadNotices>) {
    loop {
        if let Err(error) = notices.go_on().await {
            tracing::error!(%error, "notices of child protection entries were not looked after");
        }
        let _ = tokio::time::timeout(PERIOD, notices.wake.notified()).await;
    }
}

impl ReadNotices {
    async fn go_on(&self) -> Result<(), GatewayError> {
        let now = self.clock.now().as_millisecond();
        let digest = i64::from(self.settings.digest_hours) * 3_600_000;
        self.store.claim_reads(self.sender.clone(), now - digest).await?;
        for message in self.store.claimed_reads(self.sender.clone()).await? {
            match self.outbox.put(self.item(&message)).await {
                Ok(_) => {
                    let id = message.tracking_id;
                    self.store.note_reads(id, "sent", None).await?;
                }
                Err(error) => {
                    tracing::error!(council = %message.council, %error, "a notice was not put into the outbox");
                }
            }
        }
        self.follow().await
    }

    fn item(&self, message: &Outgoing) -> Item {
        Item {
            kind: Kind::ReadNotice,
            destination: message.council.clone(),
            address: ItkAddress::address(&message.council, "").uri,
            reference: message.tracking_id.to_string(),
            occasion: String::new(),
            message: Message {
                service: SERVICE.to_owned(),
                tracking_id: message.tracking_id,
                payload_id: format!("uuid_{}", message.payload_id.to_string().to_uppercase()),
                sender_address: ItkAddress::address(&self.hub, LOCAL).uri,
                audit_identity: ItkAddress::identity(&self.hub, LOCAL).uri,
                interaction: Some(INTERACTION.to_owned()),
                profile_id: Some(PROFILE.to_owned()),
                wants_infrastructure_ack: true,
                wants_business_ack: true,
                payload: self.letter(message),
            },
        }
    }

    async fn follow(&self) -> Result<(), GatewayError> {
        for (tracking_id, state) in self.store.sent_reads(self.sender.clone()).await? {
            let about = self.outbox.about(&tracking_id.to_string()).await?;
            for progress in about.iter().map(progress) {
                if progress.state.name() != state {
                    let detail = progress.detail.clone();
                    self.store.note_reads(tracking_id, progress.state.name(), detail).await?;
                }
            }
        }
        Ok(())
    }
}
