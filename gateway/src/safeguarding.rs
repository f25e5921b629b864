//! When a child-protection entry is read, the council that published it is told who is seeing the
//! child: once per organisation and episode, at once where care is unscheduled, else in a digest or
//! not at all, so that nobody is flooded by clinics.
//!
//! [`settings`] says of whom what is told, pure; `words` is the message; [`watch`] sends what waits
//! and follows it. Rows are kept beside the region ([`crate::store::read_notice`]), so that several
//! gateways are one.

pub mod settings;
pub mod watch;
mod words;

use crate::asking::{Inquiry, Standing};
use crate::store::GatewayStore;
use crate::store::read_notice::Read;
use node::clock::Clock;
use node::outbox::Outbox;
use schemas::metadata::EntryFacts;
use schemas::ods_code::OdsCode;
use settings::Settings;
use std::collections::BTreeSet;
use tokio::sync::Notify;

/// The gateway's part in telling councils.
pub struct ReadNotices {
    pub settings: Settings,
    pub store: GatewayStore,
    pub outbox: Outbox,
    pub clock: Clock,
    /// The organisation that runs the hub.
    pub hub: OdsCode,
    /// This gateway among those that share the store; the same after a restart.
    pub sender: String,
    /// Given when something waits to be sent.
    pub wake: Notify,
}

/// To be called with the entries that an answer shows. What cannot be kept is logged and the answer
/// given all the same: whoever treats a child is not refused the flag, and the readings are on record.
pub(crate) async fn read(inquiry: &Inquiry<'_>, shown: impl Iterator<Item = &EntryFacts>) {
    let notices = &inquiry.gateway.read_notices;
    let mut known = BTreeSet::new();
    for facts in shown {
        let Some(read) = read_of(inquiry, notices, facts) else { continue };
        if !known.insert((read.patient.key(), read.council.clone())) {
            continue;
        }
        match notices.store.keep_read(read).await {
            Ok(true) => notices.wake.notify_one(),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "that a child protection entry was read is not told");
            }
        }
    }
}

fn read_of(inquiry: &Inquiry<'_>, notices: &ReadNotices, facts: &EntryFacts) -> Option<Read> {
    let code_sets = &inquiry.gateway.code_sets;
    let document_type = code_sets.document_type(&facts.type_code, &facts.practice_setting)?;
    let settings = &notices.settings;
    if !settings.document_types.contains(&document_type.name) {
        return None;
    }
    let Standing { region, asker, .. } = &inquiry.standing;
    let council = facts.publisher_ods.clone().filter(|ods| ods != asker.organisation)?;
    let kind = region.organisation(asker.organisation).map(|organisation| organisation.kind);
    Some(Read {
        patient: facts.patient_id.nhs_number()?,
        organisation: asker.organisation.clone(),
        council,
        document: facts.unique_id.to_string(),
        purpose: asker.purpose.to_owned(),
        role: asker.role.to_owned(),
        notify: settings.notify(kind, asker.purpose, asker.department.as_deref()),
        at: notices.clock.now().as_millisecond(),
        episode_hours: settings.episode_hours,
    })
}
