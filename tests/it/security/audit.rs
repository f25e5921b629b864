//! The record of it all: whole, and an altered record shows.

use super::{assert_handshake_fails, failed_handshakes};
use hub::serve::Role;
use node::audit::{AuditRecord, DamageKind, Outcome, Verification, verify};
use tests::TestHub;
use tests::message::{self, Itk, Provide};

fn chain(hub: &TestHub, role: Role) -> Verification {
    verify(&hub.data().join(role.name())).unwrap()
}

/// Things done, refused and attempted at every door.
fn a_busy_day(hub: &TestHub) {
    let repository = hub.request("RXN", hub.url(Role::Repository));
    assert_eq!(repository.soap(&Provide::letter(1).inline()).xds_status(), "Success");
    let itk = Itk::discharge("9990000026", "3F2504E0-4F89-41D3-9A0C-0305E82C3301");
    let sent = hub.request("RXN", hub.itk_url()).content_type("text/xml").post(itk.message());
    assert_eq!(sent.status, 200, "{}", sent.text());
    let query = message::find_documents("9000000009", "LeafClass", "");
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    assert_eq!(found.xds_status(), "Success");
    let bad = Provide::letter(2).slot("creationTime", &[]).inline();
    assert_eq!(repository.soap(&bad).xds_status(), "Failure");
    let stranger = TestHub::start();
    for role in Role::ALL {
        assert_eq!(hub.request("ZZP06", hub.url(role)).soap("<x").status, 400);
        assert_eq!(hub.anonymous(hub.url(role)).soap(&query).status, 403);
        let request = hub.anonymous(hub.url(role)).certificate(stranger.certificate("RXN"));
        assert_handshake_fails(hub, role, &request, "rxn-integration");
    }
}

#[test]
fn the_chain_is_whole_after_a_busy_day_and_after_a_restart() {
    let mut hub = TestHub::start();
    a_busy_day(&hub);
    // Start, two refusals and a handshake at each; the rest where it was sent.
    for (role, records) in [(Role::Registry, 4), (Role::Repository, 7), (Role::Gateway, 5)] {
        let whole = chain(&hub, role);
        assert!(whole.is_whole() && whole.records == records, "{whole:?}");
        assert_eq!(failed_handshakes(&hub, role).len(), 1);
    }
    hub.restart();
    for (role, records) in [(Role::Registry, 6), (Role::Repository, 9), (Role::Gateway, 7)] {
        let whole = chain(&hub, role);
        assert!(whole.is_whole() && whole.records == records, "{whole:?}");
    }
}

#[test]
fn a_record_says_who_did_what_to_what() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let repository = hub.request("RXN", hub.url(Role::Repository));
    assert_eq!(repository.soap(&letter.inline()).xds_status(), "Success");
    let record = hub.last_audit(Role::Repository);
    let event = record.event.clone();
    assert_eq!(event.outcome, Outcome::Success);
    assert_eq!(event.kind_name(), "ITI-41");
    assert_eq!(event.organisation.as_deref(), Some("RXN"));
    assert_eq!(event.system.as_deref(), Some("rxn-integration"));
    assert_eq!(event.document_unique_ids, [letter.unique_id.as_str()]);
    assert_eq!(event.submission_set_unique_id.as_deref(), Some(letter.set_unique_id.as_str()));
    assert!(event.patient_id.is_some_and(|patient| patient.starts_with("9000000009^^^")));
    assert!(event.at.starts_with("2026-07-15T12:00:00"), "the hub's clock: {}", event.at);
    let message = record.message();
    assert!(message.contains("<AuditMessage"), "{message}");
}

#[test]
fn a_record_names_every_patient_whose_documents_were_asked_for() {
    let hub = TestHub::start();
    let repository = hub.request("RXN", hub.url(Role::Repository));
    let letters = [Provide::letter(1), Provide::letter(2).patient("9990000026")];
    for letter in &letters {
        assert_eq!(repository.soap(&letter.inline()).xds_status(), "Success");
    }
    let ids: Vec<&str> = letters.iter().map(|letter| letter.unique_id.as_str()).collect();
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    let query = |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let slot = concat!("$", "XDSDocumentEntryUniqueId");
        message::find_documents(
            "9000000009",
            "LeafClass",
            &message::slot(slot, &format!("({})", ids.join(","))),
        )
        .replace("14d4debf-8f97-4251-9a74-a90016b0af0d", "5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4")
    };
    let patients = |record: &AuditRecord| {
        ["9000000009^^^", "9990000026^^^"].map(|patient| record.message().contains(patient))
    };
    for (envelope, of_second) in
        [(message::retrieve(&ids), query(&ids[1..])), (query(&ids), message::retrieve(&ids[1..]))]
    {
        gateway.soap(&envelope);
        let record = hub.last_audit(Role::Gateway);
        assert_eq!(patients(&record), [true, true], "{:?}", record.event);
        assert_eq!(record.event.patient_id, None, "there is not one patient");
        gateway.soap(&of_second);
        let record = hub.last_audit(Role::Gateway);
        assert_eq!(patients(&record), [false, true], "{:?}", record.event);
        assert!(record.event.patient_id.is_some());
    }
}

#[test]
fn an_altered_record_breaks_the_chain() {
    let mut hub = TestHub::start();
    a_busy_day(&hub);
    let database = hub.data().join("repository").join("audit.db");
    let edit = |sql: &str| {
        let connection = rusqlite::Connection::open(&database).unwrap();
        assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
    };
    edit("UPDATE record SET event = replace(event, 'RXN', 'RXL') WHERE seq = 2");
    let broken = |hub: &TestHub| {
        let damage = chain(hub, Role::Repository).damage.into_iter();
        damage.map(|one| (one.seq, one.kind)).collect::<Vec<_>>()
    };
    assert_eq!(broken(&hub), [(2, DamageKind::Altered)]);
    edit("UPDATE record SET event = replace(event, 'RXL', 'RXN') WHERE seq = 2");
    assert!(chain(&hub, Role::Repository).is_whole(), "and back");
    edit("DELETE FROM record WHERE seq = 4");
    let dropped = [(4, DamageKind::Dropped { until: 4 })];
    assert_eq!(broken(&hub), dropped);
    // Going on does not heal it.
    hub.restart();
    assert_eq!(broken(&hub), dropped);
}
