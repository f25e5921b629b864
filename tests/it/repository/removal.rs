//! ITI-86: a publisher takes its documents back, all of a request or none.

use super::{SHARED, assert_provided, provide, retrieve};
use hub::serve::Role;
use node::audit::Outcome;
use tests::message::{self, Provide};
use tests::{Answer, TestHub};

fn remove(hub: &TestHub, ods: &str, ids: &[&str]) -> Answer {
    hub.request(ods, hub.url(Role::Repository)).soap(&message::remove(SHARED, ids))
}

fn objects(hub: &TestHub) -> usize {
    let folders = std::fs::read_dir(hub.data().join("repository").join("objects")).unwrap();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

#[test]
fn a_publisher_removes_its_document_and_a_tombstone_stays() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    assert_provided(&provide(&hub, "RXN", &letter));
    let answer = remove(&hub, "RXN", &[&letter.unique_id]);
    assert_eq!((answer.status, answer.xds_status().as_str()), (200, "Success"));
    assert!(answer.content_type.starts_with("application/soap+xml"), "{}", answer.content_type);
    assert!(answer.contains("urn:ihe:iti:2017:RemoveDocumentsResponse"), "{}", answer.text());
    let asked = message::retrieve(&[&letter.unique_id]);
    assert_eq!(retrieve(&hub, &asked).error_codes(), ["XDSDocumentUniqueIdError"]);
    let through_the_gateway = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&asked);
    assert_eq!(through_the_gateway.error_codes(), ["XDSDocumentUniqueIdError"]);
    assert_eq!(objects(&hub), 0, "the bytes are gone");
    assert_eq!(hub.contents(), (1, 0), "the metadata is not touched");
    assert_eq!(hub.count(Role::Repository, "documents.db", "removed_document"), 1);
    let again = remove(&hub, "RXN", &[&letter.unique_id]);
    assert_eq!(again.error_codes(), ["XDSDocumentUniqueIdError"]);
}

#[test]
fn the_record_of_a_removal_names_the_document_its_patient_and_who_asked() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    assert_provided(&provide(&hub, "RXN", &letter));
    assert_eq!(remove(&hub, "RXR", &[&letter.unique_id]).xds_status(), "Failure");
    let refused = hub.last_audit(Role::Repository);
    assert_eq!(refused.event.outcome, Outcome::SeriousFailure);
    assert_eq!(refused.event.decisions[0].decision, "published-by-another");
    assert!(!refused.message().contains("ParticipantObjectDataLifeCycle"));
    assert_eq!(remove(&hub, "RXN", &[&letter.unique_id]).xds_status(), "Success");
    let record = hub.last_audit(Role::Repository);
    assert_eq!((record.event.kind_name(), record.event.outcome), ("ITI-86", Outcome::Success));
    assert_eq!(record.event.organisation.as_deref(), Some("RXN"));
    assert_eq!(record.event.document_unique_ids, [letter.unique_id.as_str()]);
    assert!(record.event.patient_id.as_ref().is_some_and(|id| id.starts_with("9000000009^^^")));
    let message = record.message();
    for part in [
        "EventActionCode=\"D\"",
        "csd-code=\"110110\"",
        "csd-code=\"ITI-86\"",
        "ParticipantObjectDataLifeCycle=\"15\"",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn one_document_that_cannot_go_keeps_all_of_the_request() {
    let hub = TestHub::start();
    let (own, other) = (Provide::letter(1), Provide::letter(2));
    assert_provided(&provide(&hub, "RXN", &own));
    assert_provided(&provide(&hub, "RXR", &other));
    let repository = hub.request("RXN", hub.url(Role::Repository));
    for (envelope, code, words) in [
        (
            message::remove(SHARED, &[&own.unique_id, &other.unique_id]),
            "XDSRemoveDocumentsError",
            ["only its publisher may remove it", &other.unique_id],
        ),
        (
            message::remove(SHARED, &[&own.unique_id, "1.2.3"]),
            "XDSDocumentUniqueIdError",
            ["no document", "1.2.3"],
        ),
        (
            message::remove("1.2.4", &[&own.unique_id]),
            "XDSUnknownRepositoryId",
            ["repositoryUniqueId", "1.2.4"],
        ),
        (
            message::remove(SHARED, &[]),
            "XDSRepositoryError",
            ["RemoveDocumentsRequest", "at least"],
        ),
    ] {
        let answer = hub.refuses(Role::Repository, &words, || repository.soap(&envelope));
        assert_eq!(answer.xds_status(), "Failure");
        assert_eq!(answer.error_codes(), [code]);
    }
    assert_eq!(objects(&hub), 2);
    for id in [&own.unique_id, &other.unique_id] {
        assert_eq!(retrieve(&hub, &message::retrieve(&[id])).xds_status(), "Success");
    }
}

#[test]
fn consumers_do_not_remove_and_the_gateway_does_not_pass_it_on() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    assert_provided(&provide(&hub, "RXN", &letter));
    assert_eq!(remove(&hub, "ZZP01", &[&letter.unique_id]).status, 400);
    let request = hub.anonymous(hub.url(Role::Repository));
    let service = request.certificate(hub.service_certificate("watling-gateway"));
    assert_eq!(service.soap(&message::remove(SHARED, &[&letter.unique_id])).status, 400);
    let gateway = hub.request("RXN", hub.url(Role::Gateway));
    let answer = gateway.soap(&message::remove(SHARED, &[&letter.unique_id]));
    assert_eq!(answer.fault_code(), "Sender/wsa:ActionNotSupported");
    assert_eq!(objects(&hub), 1);
}

#[test]
fn bytes_that_another_document_names_stay() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let twin = Provide { document: letter.document.clone(), ..Provide::letter(2) };
    assert_provided(&provide(&hub, "RXN", &letter));
    assert_provided(&provide(&hub, "RXR", &twin));
    assert_eq!(objects(&hub), 1);
    assert_eq!(remove(&hub, "RXN", &[&letter.unique_id]).xds_status(), "Success");
    assert_eq!(objects(&hub), 1);
    let fetched = retrieve(&hub, &message::retrieve(&[&twin.unique_id]));
    assert_eq!(fetched.xds_status(), "Success");
}

#[test]
fn a_document_that_two_organisations_published_is_removed_by_neither() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    assert_provided(&provide(&hub, "RXN", &letter));
    let again =
        Provide { set_unique_id: "1.2.826.0.1.99999.30.2".to_owned(), ..Provide::letter(1) };
    assert_provided(&provide(&hub, "RXR", &again));
    for ods in ["RXN", "RXR"] {
        let answer = remove(&hub, ods, &[&letter.unique_id]);
        assert_eq!(answer.error_codes(), ["XDSRemoveDocumentsError"]);
    }
    assert_eq!(objects(&hub), 1);
}

#[test]
fn a_removed_document_comes_back_as_it_was_and_from_its_publisher_only() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    assert_provided(&provide(&hub, "RXN", &letter));
    assert_eq!(remove(&hub, "RXN", &[&letter.unique_id]).xds_status(), "Success");
    let set = |n: u32| Provide {
        set_unique_id: format!("1.2.826.0.1.99999.30.{n}"),
        ..Provide::letter(1)
    };
    let changed = Provide { document: b"<letter>2</letter>".to_vec(), ..set(2) };
    assert_eq!(provide(&hub, "RXN", &changed).error_codes(), ["XDSNonIdenticalHash"]);
    let by_another = provide(&hub, "RXR", &set(3));
    assert_eq!(by_another.error_codes(), ["XDSRepositoryMetadataError"]);
    assert!(by_another.contains("only that organisation can provide it again"));
    assert_eq!((objects(&hub), hub.contents()), (0, (1, 0)), "nothing is left behind");
    assert_provided(&provide(&hub, "RXN", &set(4)));
    let fetched = retrieve(&hub, &message::retrieve(&[&letter.unique_id]));
    assert_eq!(fetched.xds_status(), "Success");
}
