//! Versions of a document: by name, by number, late, and two of the same.

use super::*;
use tests::message::cda;

const SET: &str = "0E9F0C36-6C0D-4B6C-8C55-0F6C1B5D7A10";

/// A document of the patient's by number.
pub(super) fn document(number: u32) -> String {
    format!("9F2504E0-4F89-41D3-9A0C-0305E82C33{number:02}")
}

/// Version `version` of one set, in place of an older document where one is named.
pub(super) fn version(number: u32, version: u32, parent: Option<u32>) -> Itk {
    let id = document(number);
    let cda = cda("9990000026", &id);
    let own_set = format!("5{}", &id[1..]);
    let related = parent.map(|parent| {
        format!(
            "<relatedDocument typeCode=\"RPLC\"><parentDocument classCode=\"DOCCLIN\" moodCode=\"EVN\"><id root=\"{}\"/><setId root=\"{SET}\"/><versionNumber value=\"{}\"/></parentDocument></relatedDocument>",
            document(parent),
            version.saturating_sub(1)
        )
    });
    let payload = cda
        .replace(&format!("<setId root=\"{own_set}\"/>"), &format!("<setId root=\"{SET}\"/>"))
        .replace("<versionNumber value=\"1\"/>", &format!("<versionNumber value=\"{version}\"/>"))
        .replace("<component>", &format!("{}<component>", related.unwrap_or_default()));
    Itk { payload, ..Itk::discharge("9990000026", &id) }
}

/// The documents that the practice finds, by number.
pub(super) fn current(hub: &TestHub, numbers: &[u32]) -> Vec<u32> {
    let found = find(hub, "9990000026", "");
    let there = |number: &&u32| found.contains(&unique_id(&document(**number)));
    numbers.iter().filter(there).copied().collect()
}

fn reasons(hub: &TestHub) -> String {
    hub.last_audit(Role::Repository).event.reasons.join("; ")
}

#[test]
fn a_later_version_takes_the_place_of_the_earlier_one() {
    for parent in [Some(1), None] {
        let hub = TestHub::start();
        accepted(&hub, &version(1, 1, None));
        accepted(&hub, &version(2, 2, parent));
        assert_eq!(current(&hub, &[1, 2]), [2]);
        let inferred = reasons(&hub).contains("by setId and versionNumber");
        assert_eq!(inferred, parent.is_none(), "{}", reasons(&hub));
        accepted(&hub, &version(3, 3, parent.map(|_| 2)));
        assert_eq!(current(&hub, &[1, 2, 3]), [3]);
    }
}

#[test]
fn a_version_that_comes_late_is_kept_as_outdated_and_the_current_one_stays() {
    let hub = TestHub::start();
    accepted(&hub, &version(3, 3, Some(2)));
    accepted(&hub, &version(1, 1, None));
    assert!(reasons(&hub).contains("kept as Deprecated"), "{}", reasons(&hub));
    accepted(&hub, &version(2, 2, Some(1)));
    assert_eq!(current(&hub, &[1, 2, 3]), [3]);
    assert_eq!(hub.contents(), (3, 3), "all three are kept");
    accepted(&hub, &version(10, 10, Some(3)));
    assert_eq!(current(&hub, &[1, 2, 3, 10]), [10], "ten is more than three");
}

#[test]
fn two_documents_of_one_version_are_a_conflict() {
    let hub = TestHub::start();
    accepted(&hub, &version(1, 1, None));
    accepted(&hub, &version(2, 2, Some(1)));
    accepted(&hub, &version(3, 2, Some(1)));
    assert!(reasons(&hub).contains("(version-conflict)"), "{}", reasons(&hub));
    assert_eq!(current(&hub, &[1, 2, 3]), [2]);
    assert_eq!(hub.count(Role::Repository, "front_door.db", "quarantine"), 1);
}

#[test]
fn another_organisation_does_not_replace_a_document() {
    let hub = TestHub::start();
    accepted(&hub, &version(1, 1, None));
    let identity = "urn:nhs-uk:identity:ods:RXR:ward1".to_owned();
    let theirs = Itk { identity, ..version(2, 2, Some(1)) };
    let theirs = theirs.message().replace("addressing:ods:RXN", "addressing:ods:RXR");
    let words = ["was published by another organisation"];
    let answer = hub.refuses(Role::Repository, &words, || sender(&hub, "RXR").post(&theirs));
    assert_itk_fault(&answer, 500, "Client", "1000");
    assert_eq!(current(&hub, &[1, 2]), [1]);
}
