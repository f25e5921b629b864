//! Messages in quarantine, for people and as JSON.

use crate::cli::moment::moment_of_dtm;
use repository::front_door::{Quarantined, State};
use schemas::cda::CdaHeader;
use schemas::itk::Manifested;
use serde_json::{Value, json};

/// What the columns of a list are.
pub(super) fn heading() {
    say!("{:>6}  {:<22} {:<6} {:<7} {:<20}  STATE", "ID", "REASON", "FROM", "BY", "RECEIVED");
}

/// One line of a list.
pub(super) fn line(quarantined: &Quarantined) {
    let Quarantined { id, envelope, received_at, .. } = quarantined;
    say!(
        "{id:>6}  {:<22} {:<6} {:<7} {:<20}  {}",
        quarantined.reason.code(),
        envelope.publisher,
        envelope.route.name(),
        moment_of_dtm(received_at),
        state(quarantined)
    );
}

/// Where it stands, in words.
pub(super) fn state(quarantined: &Quarantined) -> String {
    let outcome = quarantined.outcome.clone().unwrap_or_default();
    match quarantined.state {
        State::Open => "waits for a decision".to_owned(),
        State::Redrive => "waits for the hub to take it up".to_owned(),
        State::Drop => "waits for the hub to drop it".to_owned(),
        State::Done => format!("over: {outcome}"),
        State::Dropped => "over: dropped".to_owned(),
    }
}

/// All that is known of one message.
pub(super) fn whole(quarantined: &Quarantined, payloads: &[Manifested], patient: bool) {
    let envelope = &quarantined.envelope;
    say!("message     {}", quarantined.id);
    say!("reason      {}", quarantined.reason);
    say!("state       {}", state(quarantined));
    say!("received    {}", moment_of_dtm(&quarantined.received_at));
    say!("publisher   {} ({})", envelope.publisher, envelope.route.name());
    say!("tracking id {}", envelope.tracking_id);
    say!("interaction {}", envelope.interaction.as_deref().unwrap_or("(none)"));
    let reason = quarantined.reason.to_string();
    let open = quarantined.state == State::Open;
    if let Some(outcome) = quarantined.outcome.as_ref().filter(|o| open && **o != reason) {
        say!("in words    {outcome}");
    }
    if let Some(decision) = &quarantined.decision {
        say!(
            "decided     {} by {}: {}",
            moment_of_dtm(&decision.at),
            decision.by,
            decision.because
        );
    }
    for payload in payloads {
        say!("document    {} ({}, {} bytes)", payload.id, payload.mime_type, payload.bytes.len());
        let Some(header) = header(payload) else { continue };
        say!("  id        {}", header.id.root);
        say!("  set       {}", header.set_id.as_deref().unwrap_or("(none)"));
        say!("  version   {}", header.version.unwrap_or(1));
        say!("  type      {}", header.code.code);
        if !patient {
            continue;
        }
        for id in &header.patient.ids {
            say!("  patient   {} under {}", id.extension.as_deref().unwrap_or("(none)"), id.root);
        }
        let person = &header.patient.person;
        say!("  name      {}, {} {}", person.family, person.prefix, person.given);
        say!("  born      {}", header.patient.birth_time.as_deref().unwrap_or("(not said)"));
        say!("  postcode  {}", header.patient.postcode.as_deref().unwrap_or("(not said)"));
    }
}

pub(super) fn json(quarantined: &Quarantined) -> Value {
    let envelope = &quarantined.envelope;
    let decision = quarantined.decision.as_ref();
    json!({
        "id": quarantined.id,
        "reason": quarantined.reason.code(),
        "state": quarantined.state.name(),
        "receivedAt": quarantined.received_at,
        "publisher": envelope.publisher.as_str(),
        "route": envelope.route.name(),
        "trackingId": envelope.tracking_id,
        "interaction": envelope.interaction,
        "outcome": quarantined.outcome,
        "decision": decision.map(|d| json!({"by": d.by, "at": d.at, "reason": d.because})),
    })
}

pub(super) fn json_with_documents(
    quarantined: &Quarantined,
    payloads: &[Manifested],
    patient: bool,
) -> Value {
    let mut value = json(quarantined);
    value["documents"] = payloads.iter().map(|payload| document(payload, patient)).collect();
    value
}

fn document(payload: &Manifested, patient: bool) -> Value {
    let mut value = json!({
        "item": payload.id,
        "mimeType": payload.mime_type,
        "size": payload.bytes.len(),
    });
    if let Some(header) = header(payload) {
        value["id"] = json!(header.id.root);
        value["setId"] = json!(header.set_id);
        value["version"] = json!(header.version.unwrap_or(1));
        value["type"] = json!(header.code.code);
        if patient {
            value["patient"] = person(&header);
        }
    }
    value
}

fn person(header: &CdaHeader) -> Value {
    let ids = header.patient.ids.iter();
    let ids: Value = ids.map(|id| json!({"root": id.root, "extension": id.extension})).collect();
    json!({
        "ids": ids,
        "family": header.patient.person.family,
        "given": header.patient.person.given,
        "birthTime": header.patient.birth_time,
        "postcode": header.patient.postcode,
    })
}

fn header(payload: &Manifested) -> Option<CdaHeader> {
    CdaHeader::read(&payload.bytes, &Default::default()).ok()
}
