//! What a council is told: which organisation has seen the flag, when, for what. Nothing of why the
//! child was there: that is not known to the hub.

use super::ReadNotices;
use crate::letter::Letter;
use crate::store::read_notice::Outgoing;
use jiff::Timestamp;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;

const TITLE: &str = "A child protection entry was read";

impl ReadNotices {
    /// The ClinicalDocument of a message.
    pub(super) fn letter(&self, message: &Outgoing) -> String {
        let mut words = format!(
            "{TITLE}\n\nNHS number {}\n\nYou have shared a child protection entry of this child. It was shown to:\n",
            message.patient.digits()
        );
        for read in &message.reads {
            words.push_str(&format!(
                "\n{} for {}, {}\nEntry {}\n",
                read.organisation,
                read.purpose,
                time(read.first_at),
                read.document
            ));
        }
        words.push_str(
            "\nYou are told once for each organisation and episode of care. Who has read it since is in the hub's report.\n",
        );
        Letter {
            title: TITLE,
            patient: &PatientId::Nhs(message.patient),
            at: &Dtm::from_timestamp(self.clock.now()),
            payload_id: message.payload_id,
            to: &message.council,
            hub: &self.hub,
            words: &words,
        }
        .write()
    }
}

/// `2026-07-15 12:00 (UTC)`
fn time(millis: i64) -> String {
    let at = Timestamp::from_millisecond(millis).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M (UTC)").to_string()
}
