//! What becomes of a document that is replaced, updated or removed after others have read it.

use super::{discharge, entry_uuid, find, open, organisations, publish, recalls, report};
use crate::administration::{UPDATE, new_version, send};
use hub::serve::Role;
use tests::TestHub;
use tests::message::{self, Provide};

const SHARED: &str = "1.2.826.0.1.99999.40.1";

fn of(organisation: &str, opened: u64, listed: u64, state: &str) -> (String, u64, u64, String) {
    (organisation.to_owned(), opened, listed, state.to_owned())
}

/// Letter 1 of RXN, listed to the practice, opened by the ambulance service and by RXN itself.
fn read_letter(hub: &TestHub) -> Provide {
    let letter = discharge(1);
    publish(hub, "RXN", &letter);
    assert_eq!(find(hub, "ZZP01").xds_status(), "Success");
    assert_eq!(open(hub, "RX7", &letter).xds_status(), "Success");
    assert_eq!(open(hub, "RXN", &letter).xds_status(), "Success");
    letter
}

/// A new version of a letter by RPLC.
fn replacement(of: &str) -> Provide {
    let association = format!(
        "<rim:Association id=\"urn:uuid:00000000-0000-4000-8000-00000000000a\" associationType=\"urn:ihe:iti:2007:AssociationType:RPLC\" sourceObject=\"Document01\" targetObject=\"{of}\"/>"
    );
    Provide { associations: association, ..discharge(2) }
}

#[test]
fn a_corrected_document_is_recalled_from_those_who_opened_it() {
    let hub = TestHub::start();
    let letter = read_letter(&hub);
    let entry = entry_uuid(&hub, &letter);
    publish(&hub, "RXN", &replacement(&entry));
    let incidents = recalls(hub.data(), 1);
    let incident = &incidents[0];
    assert_eq!(incident["reason"], "corrected");
    assert_eq!(incident["by"], "RXN");
    let document = &incident["documents"][0];
    assert_eq!(document["uniqueId"], letter.unique_id.as_str());
    assert_eq!(document["entryUUID"], entry.as_str());
    assert_eq!(document["replacedBy"], Provide::letter(2).unique_id.as_str());
    assert_eq!(document["creationTime"], "20260115093000");
    let affected = organisations(incident);
    assert_eq!(affected[0].0, "RX7");
    assert!(["waiting", "sent"].contains(&affected[0].3.as_str()), "{affected:?}");
    assert_eq!(affected[1], of("RXN", 1, 0, "own"));
    assert_eq!(affected[2], of("ZZP01", 0, 2, "report-only"), "it has no copy");
    let said = report(&hub, &["incident", incident["id"].as_str().unwrap()]);
    for part in ["replaced by a corrected version", "ZZP01", "opened 1, listed 0", "retrieved RX7"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let again = organisations(&recalls(hub.data(), 1)[0]);
    assert_eq!(again.len(), 3);
}

#[test]
fn a_region_may_list_corrections_without_telling_anyone() {
    let hub = TestHub::with(|options| {
        options.config.recall.corrected = gateway::recall::plan::Telling::Report;
    });
    let letter = read_letter(&hub);
    publish(&hub, "RXN", &replacement(&entry_uuid(&hub, &letter)));
    let incident = &recalls(hub.data(), 1)[0];
    assert_eq!(incident["open"], false);
    assert!(organisations(incident).iter().all(|one| one.3 == "report-only" || one.3 == "own"));
}

#[test]
fn removed_bytes_and_removed_metadata_are_told_once() {
    let hub = TestHub::start();
    let letter = read_letter(&hub);
    let bytes = message::remove(SHARED, &[&letter.unique_id]);
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&bytes);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let incidents = recalls(hub.data(), 1);
    assert_eq!(incidents[0]["reason"], "removed");
    assert_eq!(organisations(&incidents[0])[0].0, "RX7");
    let answer = crate::retention::remove_metadata(&hub, "RXN");
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let incidents = recalls(hub.data(), 2);
    assert_eq!(incidents[1]["documents"][0]["creationTime"], "20260115093000");
    assert_eq!(organisations(&incidents[1])[0].3, "told-before");
}

#[test]
fn changed_metadata_are_told_to_those_who_opened_the_document() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    assert_eq!(open(&hub, "ZZP01", &letter).xds_status(), "Success");
    let lid = entry_uuid(&hub, &letter);
    let version = new_version(&lid, 1, 1, "Corrected");
    assert_eq!(send(&hub, "RXN", UPDATE, &version).xds_status(), "Success");
    let incident = &recalls(hub.data(), 1)[0];
    assert_eq!(incident["reason"], "metadata-updated");
    assert_eq!(incident["system"], "rxn-integration");
    assert_eq!(organisations(incident)[0].0, "ZZP01");
    assert_eq!(incident["open"], true);
}

#[test]
fn what_moves_to_another_patient_was_under_the_wrong_one_and_everyone_is_told() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    let lid = entry_uuid(&hub, &letter);
    let version = new_version(&lid, 1, 1, "Corrected").replace("9000000009", "9990000018");
    let answer = send(&hub, "RXN", UPDATE, &version);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let incident = &recalls(hub.data(), 1)[0];
    assert_eq!(incident["reason"], "wrong-patient");
    let affected = organisations(incident);
    assert_eq!((affected[0].0.as_str(), affected[0].1, affected[0].2), ("ZZP01", 0, 1));
    assert_eq!(incident["open"], true, "seeing it in a list is enough");
}

#[test]
fn a_withdrawal_that_nobody_else_has_seen_is_no_incident() {
    let hub = TestHub::start();
    publish(&hub, "RXN", &discharge(1));
    let entry = crate::retention::registered(&hub).remove(0);
    publish(&hub, "RXN", &replacement(&entry));
    super::until("the registry has told of it", || {
        (hub.count_indexed("withdrawal") == 0).then_some(())
    });
    assert_eq!(hub.count(Role::Gateway, "recall.db", "incident"), 1);
    let said = report(&hub, &["recalls"]);
    assert!(said.contains("nothing was taken back that somebody else had seen"), "{said}");
    for _ in 0..2 {
        hub.clock().advance_seconds(700);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    super::until("it is forgotten when no answer can be on its way", || {
        (hub.count(Role::Gateway, "recall.db", "incident") == 0).then_some(())
    });
}

#[test]
fn an_answer_that_was_on_its_way_is_found_and_its_reader_told() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    assert_eq!(find(&hub, "ZZP01").xds_status(), "Success");
    let lid = entry_uuid(&hub, &letter);
    let version = new_version(&lid, 1, 1, "Corrected");
    assert_eq!(send(&hub, "RXN", UPDATE, &version).xds_status(), "Success");
    let before = organisations(&recalls(hub.data(), 1)[0]);
    assert_eq!(before[0].3, "report-only", "it was only listed");
    assert_eq!(open(&hub, "ZZP01", &letter).xds_status(), "Success", "recorded afterwards");
    hub.clock().advance_seconds(31);
    super::until("the later reading counts", || {
        let after = organisations(&recalls(hub.data(), 1)[0]);
        (after[0].1 == 1 && after[0].3 != "report-only").then_some(())
    });
}

#[test]
fn only_the_hubs_own_services_may_tell_of_withdrawals() {
    let hub = TestHub::start();
    let envelope = message::envelope(
        "urn:watling:recall:Withdrawn",
        "<r:Withdrawn xmlns:r=\"urn:watling:recall\"/>",
    );
    let url = format!("{}/recall", hub.url(Role::Gateway));
    let refused = hub.request("RXN", &url).soap(&envelope);
    assert!(refused.contains("own services"), "{}", refused.text());
    let own = hub.anonymous(&url).certificate(hub.service_certificate("watling-registry"));
    let unreadable = own.soap(&envelope);
    assert_eq!(unreadable.xds_status(), "Failure");
    assert!(unreadable.contains("names 1 to 2000 documents"), "{}", unreadable.text());
    let elsewhere = hub.request("RXN", hub.url(Role::Gateway)).soap(&envelope);
    assert!(elsewhere.contains("not supported"), "{}", elsewhere.text());
}
