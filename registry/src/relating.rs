//! What an accepted message of the patient identity feed tells of who looks after the patient, as far
//! as its source is believed in that. It is kept for the gateway before the message is acknowledged.

use crate::identity::{Identities, Sender, Unchanged};
use schemas::pix::{Particulars, PatientFeed};
use schemas::relationship::{News, Told};

/// Keeps it; an error where it cannot be kept, so that the message is sent again.
pub(crate) async fn keep(
    identities: &Identities,
    feed: &PatientFeed,
    particulars: Particulars,
    sender: &Sender,
    said_by: &str,
) -> Result<(), Unchanged> {
    let Some(told) = told(identities, feed, particulars, sender, said_by) else { return Ok(()) };
    let kept = identities.store.tell(told).await;
    kept.map_err(|error| Unchanged { error: error.into(), nameless: false })
}

fn told(
    identities: &Identities,
    feed: &PatientFeed,
    particulars: Particulars,
    sender: &Sender,
    said_by: &str,
) -> Option<Told> {
    let source = identities.policy.source(sender)?;
    let (PatientFeed::Add(patient) | PatientFeed::Update(patient)) = feed else { return None };
    if identities.refuses(patient) {
        return None;
    }
    let Particulars { practice, encounter, vital } = particulars;
    let believed = Particulars {
        practice: practice.filter(|_| source.registrations),
        encounter: encounter.filter(|_| source.encounters),
        vital,
    };
    let news = News::of(believed);
    if news.is_empty() {
        return None;
    }
    Some(Told {
        id: node::ids::uuid(),
        patient: patient.clone(),
        at: identities.clock.dtm(),
        source: said_by.to_owned(),
        by: Some(sender.organisation.clone()),
        news,
    })
}
