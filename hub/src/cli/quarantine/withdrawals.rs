//! Withdrawals for people and as JSON: what was taken back, and what waits for its document.

use crate::cli::moment::moment_of_dtm;
use repository::front_door::{Nullified, Stage};
use serde_json::{Value, json};

/// Two lines of a list.
pub(super) fn line(nullified: &Nullified) {
    let Nullified { id, said, .. } = nullified;
    let why = if said.wrong_patient { "wrong patient" } else { "taken back" };
    say!("{id:>6}  {:<8} {why:<14} {}", said.envelope.publisher, stage(nullified));
    let set = said.set_id.as_ref().map(|set| format!("set {set} below version {}", said.version));
    let named = said.unique_id.as_ref().map(|id| format!("document {id}"));
    let named: Vec<String> = named.into_iter().chain(set).collect();
    say!("        received {}; {}", moment_of_dtm(&nullified.received_at), named.join(", "));
}

fn stage(nullified: &Nullified) -> String {
    match nullified.stage {
        Stage::Waiting => {
            let until = moment_of_dtm(&nullified.until);
            format!("waits for its document until {until}")
        }
        Stage::Applying => "is being applied".to_owned(),
        Stage::Applied => format!("applied to {} documents", nullified.entries.len()),
        Stage::Refused => "refused: the document is another organisation's".to_owned(),
        Stage::Expired => "expired: its document never came".to_owned(),
    }
}

pub(super) fn json(nullified: &Nullified) -> Value {
    let Nullified { id, said, .. } = nullified;
    let entries = nullified.entries.iter();
    let documents: Vec<&str> = entries.map(|entry| entry.unique_id.as_str()).collect();
    json!({
        "id": id,
        "publisher": said.envelope.publisher.as_str(),
        "trackingId": said.envelope.tracking_id,
        "stage": nullified.stage.name(),
        "wrongPatient": said.wrong_patient,
        "receivedAt": nullified.received_at,
        "until": nullified.until,
        "documentUniqueId": said.unique_id.as_ref().map(|id| id.as_str()),
        "setId": said.set_id,
        "version": said.version,
        "withdrawn": documents,
    })
}
