//! Whether a message came before: by its sender's organisation and tracking id together with what it
//! carries. A tracking id alone recurs: copies and withdrawals share it. Pure.

use super::{Arrival, Envelope};
use crate::front_door::{Answered, MessageKey};
use schemas::itk::Manifested;
use sha2::{Digest, Sha256};

/// What a tracking id says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recurrence {
    New,
    /// The same message: answered as before, nothing stored.
    Replay,
    /// The same documents under another interaction or for other addresses: a further distribution.
    Distribution,
    /// Other documents under a tracking id that was used before.
    Reused,
}

pub(super) fn recurrence(known: &[Answered], key: &MessageKey) -> Recurrence {
    if known.is_empty() {
        return Recurrence::New;
    }
    if known.iter().any(|message| message.digest == key.digest) {
        return Recurrence::Replay;
    }
    if known.iter().any(|message| message.payloads == key.payloads) {
        return Recurrence::Distribution;
    }
    Recurrence::Reused
}

/// By what a message is known again.
pub(super) fn key(arrival: &Arrival) -> MessageKey {
    key_of(&arrival.envelope, &arrival.payloads)
}

pub(crate) fn key_of(envelope: &Envelope, payloads: &[Manifested]) -> MessageKey {
    let each = payloads.iter().map(|payload| Sha256::digest(&payload.bytes).to_vec());
    let documents: Vec<Vec<u8>> = each.collect();
    let interaction = envelope.interaction.as_deref().unwrap_or_default().as_bytes().to_vec();
    let addresses = envelope.addresses.iter().map(|address| address.as_bytes().to_vec());
    let whole = documents.iter().cloned().chain([interaction]).chain(addresses);
    MessageKey {
        publisher: envelope.publisher.clone(),
        tracking_id: envelope.tracking_id.clone(),
        digest: hex(whole),
        payloads: hex(documents.into_iter()),
    }
}

/// SHA-256 over parts, each with its length, so that no two lists run together.
fn hex(parts: impl Iterator<Item = Vec<u8>>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Envelope, Route, Wished};
    use super::*;
    use schemas::itk::Manifested;
    use schemas::ods_code::OdsCode;

    fn message(interaction: &str, address: &str, document: &str) -> Arrival {
        let bytes = document.as_bytes().to_vec();
        let payload = Manifested::new("uuid_1", "text/xml", None, bytes);
        Arrival {
            envelope: Envelope {
                route: Route::Itk,
                publisher: OdsCode::parse("RXN").unwrap(),
                tracking_id: "T1".to_owned(),
                service: "urn:service".to_owned(),
                interaction: Some(interaction.to_owned()),
                addresses: vec![address.to_owned()],
                sender_address: None,
                audit_identities: Vec::new(),
                wished: Wished::default(),
                synchronous: false,
                description: None,
            },
            payloads: vec![payload],
            warnings: Vec::new(),
        }
    }

    fn answered(arrival: &Arrival) -> Answered {
        let MessageKey { digest, payloads, .. } = key(arrival);
        Answered { digest, payloads, disposition: "registered".to_owned() }
    }

    #[test]
    fn a_tracking_id_is_read_together_with_what_it_carries() {
        let first = message("primary", "A", "letter");
        let known = [answered(&first)];
        let of = |arrival: &Arrival| recurrence(&known, &key(arrival));
        assert_eq!(recurrence(&[], &key(&first)), Recurrence::New);
        for (arrival, expected) in [
            (message("primary", "A", "letter"), Recurrence::Replay),
            (message("copy", "A", "letter"), Recurrence::Distribution),
            (message("primary", "B", "letter"), Recurrence::Distribution),
            (message("primary", "A", "another"), Recurrence::Reused),
            (message("nullify", "A", "withdrawal"), Recurrence::Reused),
        ] {
            assert_eq!(of(&arrival), expected);
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        let one = message("ab", "c", "letter");
        let other = message("a", "bc", "letter");
        assert_ne!(key(&one).digest, key(&other).digest);
        assert_eq!(key(&one).payloads, key(&other).payloads);
    }
}
