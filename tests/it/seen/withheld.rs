//! Withheld entries: absent, counted, or stood in for.

use super::{DISCHARGE, LETTER, PATIENT, SNOMED, discharge, find, get, publish, published};
use crate::schema::{schemas_folder, valid_against};
use hub::serve::Role;
use tests::message::{self, Provide, scheme};
use tests::{Answer, TestHub};

fn shows(hub: &TestHub, how: &str) {
    hub.apply(&format!(
        "[policy]\nwithheld_shows = {{ paramedic = \"{how}\", clinician = \"{how}\" }}\n"
    ));
}

/// Letters that the crew may not see, of which not even the number is told: restricted, marked by
/// their type, of no known type.
fn publish_sensitive(hub: &TestHub) {
    let confidentiality = "2.16.840.1.113883.5.25";
    publish(hub, &Provide::letter(3).code(scheme::CONFIDENTIALITY_CODE, "R", confidentiality));
    publish(hub, &Provide::letter(4).code(scheme::TYPE_CODE, "229054004", SNOMED));
}

fn is_told_of(answer: &Answer) -> Option<String> {
    let text = answer.plain();
    let at = text.find(" that you may not see")?;
    let start = text[..at].rfind('"').map_or(0, |quote| quote + 1);
    Some(text[start..at].to_owned())
}

#[test]
fn withheld_entries_are_absent_unless_the_region_says_otherwise() {
    let hub = published();
    let answer = find(&hub, "RX7", PATIENT);
    assert!(answer.contains(DISCHARGE) && !answer.contains(LETTER));
    assert_eq!(is_told_of(&answer), None);
    assert!(!answer.contains("urn:watling:withheld"));
}

#[test]
fn a_role_that_may_know_is_told_how_many_entries_it_may_not_see_and_never_of_what_kind() {
    let hub = published();
    publish_sensitive(&hub);
    shows(&hub, "count");
    let told = Some("1 entry of this patient exists".to_owned());
    assert_eq!(is_told_of(&find(&hub, "RX7", PATIENT)), told, "the letter, and none of the others");
    let by_type = |code: &str| {
        let filter = message::slot(
            concat!("$", "XDSDocumentEntryTypeCode"),
            &format!("('{code}^^{SNOMED}')"),
        );
        let query = message::find_documents(PATIENT, "LeafClass", &filter);
        hub.request("RX7", hub.url(Role::Gateway)).soap(&query)
    };
    for code in ["823681000000100", "373942005", "229054004"] {
        assert_eq!(is_told_of(&by_type(code)), told, "whatever is asked for, {code}");
    }
    assert_eq!(is_told_of(&find(&hub, "ZZP02", PATIENT)), None, "it has no relationship");
    hub.apply("[[preference]]\npatient = \"9000000009\"\nconsumer = \"RX7\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n");
    assert_eq!(is_told_of(&find(&hub, "RX7", PATIENT)), None, "the patient does not want it");
}

#[test]
fn a_placeholder_says_that_there_is_something_and_nothing_else() {
    let hub = published();
    publish_sensitive(&hub);
    shows(&hub, "placeholder");
    let answer = find(&hub, "RX7", PATIENT);
    assert!(answer.contains(DISCHARGE) && !answer.contains(LETTER), "{}", answer.text());
    let entries: Vec<String> =
        answer.text().split("<rim:ExtrinsicObject").skip(1).map(str::to_owned).collect();
    assert_eq!(entries.len(), 2, "the discharge, and what stands in for the letter");
    let placeholder = entries.iter().find(|entry| !entry.contains(DISCHARGE)).unwrap();
    assert!(placeholder.contains("nodeRepresentation=\"withheld\""), "{placeholder}");
    for word in ["RXN", "823681000000100", "author", "20260115", "LOC-1", "Outpatient"] {
        assert!(!placeholder.contains(word), "{word}: {placeholder}");
    }
    let unique_id = placeholder.split("value=\"2.25.").nth(1).unwrap().split('"').next().unwrap();
    let refused = get(&hub, "RX7", &format!("2.25.{unique_id}"));
    assert_eq!(refused.error_codes(), ["XDSDocumentUniqueIdError"], "there is nothing behind it");
    if let Some(folder) = schemas_folder() {
        valid_against(&folder.join("all-xds.xsd"), &answer.envelope());
    }
    let narrowed = message::slot(
        concat!("$", "XDSDocumentEntryTypeCode"),
        &format!("('373942005^^{SNOMED}')"),
    );
    let narrowed = message::find_documents(PATIENT, "LeafClass", &narrowed);
    let narrowed = hub.request("RX7", hub.url(Role::Gateway)).soap(&narrowed);
    assert!(
        !narrowed.contains("nodeRepresentation=\"withheld\""),
        "not where it was not asked for"
    );
    assert!(is_told_of(&narrowed).is_some());
}

#[test]
fn who_may_see_everything_is_told_of_nothing() {
    let hub = published();
    publish(&hub, &discharge(5));
    shows(&hub, "count");
    let answer = find(&hub, "ZZP01", PATIENT);
    assert!(answer.contains(LETTER) && answer.contains(DISCHARGE));
    assert_eq!(is_told_of(&answer), None);
}
