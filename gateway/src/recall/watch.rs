//! What goes on after a withdrawal was taken: notices are sent and followed, and late readings
//! found.

use super::Recalls;
use super::notice::{Notice, Progress};
use super::plan::{Affected, State, plan};
use crate::store::recall::Incident;
use node::sqlite::SqliteError;
use schemas::ods_code::OdsCode;
use std::time::Duration;

/// An answer that was on its way when a document was taken back is recorded after it: when to look
/// for those, in milliseconds after the withdrawal was taken.
pub const LOOKS: [i64; 2] = [30_000, 600_000];

const PERIOD: Duration = Duration::from_secs(3);

/// For as long as the process lives.
pub async fn run(recalls: std::sync::Arc<Recalls>) {
    loop {
        if let Err(error) = recalls.go_on().await {
            tracing::error!(%error, "recall notices were not looked after");
        }
        let _ = tokio::time::timeout(PERIOD, recalls.wake.notified()).await;
    }
}

impl Recalls {
    async fn go_on(&self) -> Result<(), SqliteError> {
        let now = self.clock.now().as_millisecond();
        for incident in self.store.to_look_at(now).await? {
            self.look_again(&incident).await?;
        }
        for incident in self.store.open_ones().await? {
            self.send(&incident).await?;
            self.follow(&incident).await?;
        }
        Ok(())
    }

    /// Adds who was recorded as a reader after the withdrawal was taken.
    async fn look_again(&self, incident: &Incident) -> Result<(), SqliteError> {
        let withdrawn = &incident.withdrawn;
        let unique_ids: Vec<String> =
            withdrawn.documents.iter().map(|document| document.unique_id.to_string()).collect();
        let seen = self.readings.newest().await?;
        let mut readings = self.readings.of(unique_ids, incident.seen).await?;
        readings.retain(|reading| reading.seq <= seen);
        // Whom it was addressed to is known already.
        let mut unaddressed = withdrawn.clone();
        unaddressed.documents.iter_mut().for_each(|document| document.recipients.clear());
        let more = plan(&unaddressed, &readings, &Default::default(), &self.policy);
        let next = usize::try_from(incident.looks + 1).ok().and_then(|n| LOOKS.get(n));
        let look_at = next.map(|after| incident.taken_at + after);
        self.store.looked(incident.seq, more, seen, look_at).await?;
        if look_at.is_some() {
            return Ok(());
        }
        // A correction that nobody has seen is no news, and there are many of them.
        self.store.forget_if_nobody_saw(incident.seq, withdrawn.reason).await
    }

    async fn send(&self, incident: &Incident) -> Result<(), SqliteError> {
        for one in incident.affected.iter().filter(|one| one.state == State::Waiting) {
            let notice = Notice::new(incident, one, &self.code_sets, &self.hub);
            match self.notices.put(&notice).await {
                Ok(()) => self.note(incident, &one.organisation, State::Sent, None).await?,
                Err(reason) => {
                    let incident = incident.withdrawn.id;
                    tracing::error!(%incident, organisation = %one.organisation, %reason, "a recall notice was not put into the outbox");
                }
            }
        }
        Ok(())
    }

    async fn follow(&self, incident: &Incident) -> Result<(), SqliteError> {
        let known = |one: &&Affected| one.state.is_open() && one.state != State::Waiting;
        if !incident.affected.iter().any(|one| known(&one)) {
            return Ok(());
        }
        let id = incident.withdrawn.id.to_string();
        let progress = self.notices.progress(&id).await.map_err(SqliteError::Failed)?;
        for one in incident.affected.iter().filter(known) {
            let of_one = |progress: &&Progress| progress.tracking_id == one.tracking_id;
            let Some(progress) = progress.iter().find(of_one) else { continue };
            if (progress.state, &progress.detail) != (one.state, &one.detail) {
                let detail = progress.detail.clone();
                self.note(incident, &one.organisation, progress.state, detail).await?;
            }
        }
        Ok(())
    }

    async fn note(
        &self,
        incident: &Incident,
        organisation: &OdsCode,
        state: State,
        detail: Option<String>,
    ) -> Result<(), SqliteError> {
        let at = self.clock.now().as_millisecond();
        self.store.note(incident.seq, organisation.clone(), state, at, detail).await.map(|_| ())
    }
}
