//! Items taken in turn, settled once, handed out again.

use super::super::answer::{Acknowledgement, Level};
use super::super::item::Kind;
use super::*;

struct Fixture {
    store: Store,
    _folder: tempfile::TempDir,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    Fixture { store: Store::open(&folder.path().join("outbox.db")).unwrap(), _folder: folder }
}

fn ods(text: &str) -> OdsCode {
    OdsCode::parse(text).unwrap()
}

fn item(to: &str, reference: &str) -> Item {
    Item {
        kind: Kind::BusinessAck,
        destination: ods(to),
        address: format!("urn:nhs-uk:addressing:ods:{to}"),
        reference: reference.to_owned(),
        occasion: String::new(),
        message: Message {
            service: "SendBusinessAck-v1-0".to_owned(),
            tracking_id: crate::ids::uuid(),
            payload_id: "uuid_1".to_owned(),
            sender_address: "a".to_owned(),
            audit_identity: "b".to_owned(),
            interaction: None,
            profile_id: None,
            wants_infrastructure_ack: false,
            wants_business_ack: false,
            payload: "<a/>".to_owned(),
        },
    }
}

async fn due(store: &Store, to: &[&str], now: i64) -> Vec<String> {
    let destinations = to.iter().map(|text| ods(text)).collect();
    let due = store.due(destinations, now).await.unwrap();
    due.into_iter().map(|due| due.shown.reference).collect()
}

/// The place of what is due for one organisation.
async fn place(store: &Store, to: &str) -> i64 {
    store.due([ods(to)].into(), 0).await.unwrap().pop().unwrap().seq
}

#[tokio::test]
async fn each_organisation_has_one_item_due_its_oldest() {
    let Fixture { store, _folder } = fixture();
    for (to, reference) in [("RXN", "1"), ("RXN", "2"), ("RXL", "3"), ("ZZP01", "4")] {
        assert_eq!(store.put(item(to, reference), 0).await.unwrap(), Put::New);
    }
    assert_eq!(due(&store, &["RXN", "RXL"], 0).await, ["3", "1"]);
    let first = place(&store, "RXN").await;
    store.begin(first, 100).await.unwrap().unwrap();
    assert!(due(&store, &["RXN"], 0).await.is_empty(), "the second waits for the first");
    store.later(first, 50, "no answer".to_owned()).await.unwrap();
    assert!(due(&store, &["RXN"], 49).await.is_empty());
    assert_eq!(due(&store, &["RXN"], 50).await, ["1"]);
    store.delivered(first, 60).await.unwrap();
    assert_eq!(due(&store, &["RXN"], 60).await, ["2"]);
}

#[tokio::test]
async fn an_item_is_put_once_and_again_only_where_it_was_parked() {
    let Fixture { store, _folder } = fixture();
    let one = item("RXN", "1");
    store.put(one.clone(), 0).await.unwrap();
    let known = |state| Put::Known(state);
    assert_eq!(store.put(one.clone(), 1).await.unwrap(), known(State::Waiting));
    let seq = place(&store, "RXN").await;
    store.begin(seq, 100).await.unwrap();
    assert_eq!(store.put(one.clone(), 1).await.unwrap(), known(State::Delivering));
    store.parked(seq, 2, "ITK 3000".to_owned()).await.unwrap();
    assert_eq!(store.put(one.clone(), 3).await.unwrap(), Put::Again);
    assert_eq!(store.begin(seq, 700).await.unwrap(), Some(700), "with a time of its own");
    store.delivered(seq, 4).await.unwrap();
    assert_eq!(store.put(one.clone(), 5).await.unwrap(), known(State::Delivered));
    let other = Item { occasion: "AA".to_owned(), ..one };
    assert_eq!(store.put(other, 6).await.unwrap(), Put::New);
}

#[tokio::test]
async fn what_was_settled_by_hand_is_not_begun() {
    let Fixture { store, _folder } = fixture();
    store.put(item("RXN", "1"), 0).await.unwrap();
    let found = store.due([ods("RXN")].into(), 0).await.unwrap().pop().unwrap();
    let before = store.drop_item(found.shown.id, "told".to_owned(), 1).await.unwrap();
    assert_eq!(before, Some(State::Waiting));
    assert_eq!(store.begin(found.seq, 100).await.unwrap(), None);
    let again = store.drop_item(found.shown.id, "told".to_owned(), 1).await.unwrap();
    assert_eq!(again, Some(State::Dropped), "and stays as it is");
}

#[tokio::test]
async fn what_a_stopped_process_was_delivering_is_due_again_with_its_time() {
    let Fixture { store, _folder } = fixture();
    store.put(item("RXN", "1"), 0).await.unwrap();
    let seq = place(&store, "RXN").await;
    assert_eq!(store.begin(seq, 100).await.unwrap(), Some(100));
    store.recover().await.unwrap();
    assert_eq!(due(&store, &["RXN"], 0).await, ["1"]);
    assert_eq!(store.begin(seq, 999).await.unwrap(), Some(100), "the first try started it");
}

#[tokio::test]
async fn what_is_handed_out_comes_again_until_it_is_confirmed_by_whose_it_is() {
    let Fixture { store, _folder } = fixture();
    store.put(item("RXN", "1"), 0).await.unwrap();
    let collect = |now| store.collect(vec![ods("RXN")], None, 10, now, now + 10);
    let handle = collect(0).await.unwrap()[0].shown.id;
    assert!(collect(9).await.unwrap().is_empty());
    assert_eq!(collect(10).await.unwrap()[0].shown.id, handle);
    let confirm = |of: &str| store.confirm(vec![ods(of)], vec![handle], 11);
    assert_eq!(confirm("RXL").await.unwrap(), [handle], "none of theirs");
    assert!(confirm("RXN").await.unwrap().is_empty());
    assert!(confirm("RXN").await.unwrap().is_empty(), "again it does no harm");
    assert!(collect(99).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_acknowledgement_is_its_destinations_and_says_that_a_message_has_arrived() {
    let Fixture { store, _folder } = fixture();
    let one = item("RXN", "1");
    let tracking_id = one.message.tracking_id.to_string().to_uppercase();
    store.put(one, 0).await.unwrap();
    let acknowledgement = |from: &str| Acknowledgement {
        level: Level::Business,
        senders: vec![ods(from)],
        tracking_id: "T".to_owned(),
        tracking_id_ref: tracking_id.clone(),
        answer: "AR".to_owned(),
        detail: None,
    };
    assert!(!store.acknowledge(acknowledgement("RXL"), 1).await.unwrap());
    assert!(store.acknowledge(acknowledgement("RXN"), 1).await.unwrap());
    let shown = store.about("1".to_owned()).await.unwrap().pop().unwrap();
    assert_eq!((shown.state, shown.acknowledged()), (State::Delivered, Some(false)));
    for _ in 0..2 {
        store.keep_unmatched(acknowledgement("RXL"), 2).await.unwrap();
    }
    assert_eq!(store.unmatched().await.unwrap().len(), 1);
}
