//! One letter by several routes under several ids: reported, never hidden.

use super::{find, json, publish, report};
use tests::TestHub;
use tests::message::Provide;

const ENCOUNTER: &str =
    "E-1^^^&amp;1.2.826.0.1.99999.10.1&amp;ISO^urn:ihe:iti:xds:2015:encounterId";

fn of_encounter(number: u32, encounter: &str, written: &str) -> Provide {
    let references = "urn:ihe:iti:xds:2013:referenceIdList";
    Provide::letter(number).slot(references, &[encounter]).slot("creationTime", &[written])
}

#[test]
fn one_letter_under_several_ids_is_grouped_in_a_report_and_answers_keep_all() {
    let hub = TestHub::start();
    publish(&hub, "RXN", &of_encounter(1, ENCOUNTER, "20260115093000"));
    publish(&hub, "RXN", &of_encounter(2, ENCOUNTER, "20260115094500"));
    let other = ENCOUNTER.replace("E-1", "E-2");
    publish(&hub, "RXN", &of_encounter(3, &other, "20260115094500"));
    publish(&hub, "RXN", &Provide::letter(4));
    let groups = json(&report(&hub, &["duplicates", "--json"]));
    let groups = groups.as_array().unwrap();
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert_eq!(groups[0]["evidence"], "written-together");
    let ids: Vec<&str> = groups[0]["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["uniqueId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["1.2.826.0.1.99999.20.1", "1.2.826.0.1.99999.20.2"]);
    let said = report(&hub, &["duplicates", "--publisher", "RXN"]);
    assert!(said.contains("of RXN, encounter E-1"), "{said}");
    assert!(said.contains("2 documents, written within an hour of each other"), "{said}");
    let none = report(&hub, &["duplicates", "--publisher", "RXR"]);
    assert!(none.contains("no document stands under several ids"), "{none}");
    let found = find(&hub, "ZZP01");
    assert_eq!(found.text().matches("<rim:ExtrinsicObject").count(), 4);
}
