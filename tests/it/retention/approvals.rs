//! What a publisher takes back before its time needs its controller's approval.

use super::{
    done, old_letter, publish, registered, remove_bytes, remove_metadata, remove_objects,
    retention, strict,
};
use hub::serve::Role;
use tests::TestHub;
use tests::message::Provide;

fn approve(hub: &TestHub, controller: &str, document: &str, until: &str) -> (bool, String) {
    let what = ["approve", "--controller", controller, "--document", document];
    let who = ["--approved-by", "B Guardian", "--reason", "wrong patient", "--valid-until", until];
    retention(hub, &[&what[..], &who].concat())
}

#[test]
fn a_removal_before_its_time_says_how_to_get_an_approval_and_works_with_it() {
    let hub = strict();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    let ids = [letter.unique_id.as_str()];
    // No birth date is on record, so the letter of 2026 is kept like a newborn's.
    let words = ["until 2051-01-15", "rule \"adult\"", "RMCoP-2021.1", "watling retention approve"];
    let objects = registered(&hub);
    let remove = || remove_objects(&hub, "RXN", &objects);
    let metadata = hub.refuses(Role::Registry, &words, remove);
    assert_eq!(metadata.error_codes(), ["XDSRegistryError"]);
    let bytes = hub.refuses(Role::Repository, &words, || remove_bytes(&hub, "RXN", &ids));
    assert_eq!(bytes.error_codes(), ["XDSRemoveDocumentsError"]);
    assert_eq!(hub.last_audit(Role::Repository).event.decisions[0].decision, "retention-period");
    let (approved, said) = approve(&hub, "RXN", &letter.unique_id, "2099-12-31");
    assert!(approved && said.contains("approval 1"), "{said}");
    assert_eq!(remove_metadata(&hub, "RXN").xds_status(), "Success");
    assert_eq!(remove_bytes(&hub, "RXN", &ids).xds_status(), "Success");
    assert_eq!(hub.contents(), (0, 0));
    let listed: serde_json::Value =
        serde_json::from_str(&done(&hub, &["approvals", "--json"])).unwrap();
    assert_eq!(listed[0]["approvedBy"], "B Guardian");
    assert_eq!(listed[0]["uniqueIds"][0], letter.unique_id.as_str());
}

#[test]
fn an_approval_is_for_what_its_controller_has_published_only() {
    let hub = strict();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    for (controller, document, until, words) in [
        ("RXR", letter.unique_id.as_str(), "2099-12-31", "was not published by RXR"),
        ("RXN", "1.2.3", "2099-12-31", "the registry has no document 1.2.3"),
        ("RXN", &letter.unique_id, "2020-01-01", "--valid-until is over"),
    ] {
        let (approved, said) = approve(&hub, controller, document, until);
        assert!(!approved && said.contains(words), "{said}");
    }
    assert_eq!(hub.count_indexed("retention_approval"), 0);
    assert_eq!(remove_metadata(&hub, "RXN").xds_status(), "Failure");
}

#[test]
fn what_has_passed_its_period_its_publisher_removes_without_an_approval() {
    let hub = strict();
    let letter = old_letter(1);
    publish(&hub, "RXN", &letter);
    assert_eq!(remove_metadata(&hub, "RXN").xds_status(), "Success");
    assert_eq!(remove_bytes(&hub, "RXN", &[&letter.unique_id]).xds_status(), "Success");
}

#[test]
fn one_later_contact_with_the_publisher_keeps_the_older_letters_too() {
    let hub = strict();
    let letter = old_letter(1);
    publish(&hub, "RXN", &letter);
    publish(&hub, "RXN", &old_letter(2).slot("creationTime", &["20260115"]));
    let ids = [letter.unique_id.as_str()];
    assert_eq!(remove_bytes(&hub, "RXN", &ids).error_codes(), ["XDSRemoveDocumentsError"]);
}

#[test]
fn a_replacement_leaves_what_it_replaced_on_record() {
    let hub = TestHub::start();
    publish(&hub, "RXN", &Provide::letter(1));
    let entry = registered(&hub).remove(0);
    let association = format!(
        "<rim:Association id=\"replaces\" associationType=\"urn:ihe:iti:2007:AssociationType:RPLC\" sourceObject=\"Document01\" targetObject=\"{entry}\"/>"
    );
    publish(&hub, "RXN", &Provide { associations: association, ..Provide::letter(2) });
    let record = hub.last_audit(Role::Repository);
    assert_eq!(record.event.superseded_objects, [entry.as_str()]);
    assert!(record.message().contains("ParticipantObjectDataLifeCycle=\"14\""));
}
