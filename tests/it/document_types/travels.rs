//! Every row of the table, from the envelope to the reader.

use super::*;
use tests::message::{scheme, slot};

fn of_type(code: &str) -> String {
    slot("$XDSDocumentEntryTypeCode", &format!("('{code}^^{SNOMED}')"))
}

/// The one entry of a row, found by a type code; what the hub took out of its document is another.
fn entry(hub: &TestHub, row: &Row, code: &str) -> String {
    let found = find(hub, &row.reader, &row.patient, &of_type(code));
    let mut entries = entries(&found, &row.title);
    entries.retain(|entry| entry.contains("mimeType=\"text/xml\""));
    assert_eq!(entries.len(), 1, "{} by {code}: {}", row.file, found.text());
    entries.remove(0)
}

/// Where an entry differs from its row.
fn differences(row: &Row, entry: &str) -> Vec<String> {
    let one = |scheme: &str| codes(entry, scheme).join(" ");
    let snomed = |code: &str| format!("{code}^^{SNOMED}");
    let format = one(scheme::FORMAT_CODE);
    let found = [
        ("typeCode", one(scheme::TYPE_CODE), snomed(&row.type_code)),
        ("classCode", one(scheme::CLASS_CODE), snomed(&row.class)),
        ("practiceSettingCode", one(scheme::PRACTICE_SETTING_CODE), snomed(&row.setting)),
        (
            "healthcareFacilityTypeCode",
            one(scheme::HEALTHCARE_FACILITY_TYPE_CODE),
            format!("{}^^2.16.840.1.113883.2.1.3.2.4.17.191", row.facility),
        ),
        (
            "formatCode",
            format.split("^^").next().unwrap_or_default().to_owned(),
            row.format.clone(),
        ),
        (
            "confidentialityCode",
            one(scheme::CONFIDENTIALITY_CODE),
            format!("{}^^2.16.840.1.113883.5.25", row.confidentiality),
        ),
        ("eventCodeList", one(scheme::EVENT_CODE_LIST), row.events.join(" ")),
        ("creationTime", slot_values(entry, "creationTime").join(" "), row.creation.clone()),
        ("serviceStartTime", slot_values(entry, "serviceStartTime").join(" "), row.start.clone()),
        ("serviceStopTime", slot_values(entry, "serviceStopTime").join(" "), row.stop.clone()),
        (
            "publisher",
            slot_values(entry, "urn:watling:publisherOds").join(" "),
            row.publisher.clone(),
        ),
    ];
    let differ = found.into_iter().filter(|(_, got, expected)| got != expected);
    let say = |(what, got, expected): (&str, String, String)| {
        format!("{} {what}: {got:?}, not {expected:?}", row.file)
    };
    differ.map(say).collect()
}

#[test]
fn every_type_is_accepted_by_itk_and_becomes_what_the_table_says() {
    let hub = TestHub::start();
    let mut differ = Vec::new();
    for row in table() {
        send(&hub, &row, &document(&row.file));
        differ.extend(differences(&row, &entry(&hub, &row, &row.type_code)));
        for alias in &row.also {
            entry(&hub, &row, alias);
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    // The electrocardiogram's PDF stays inside its CDA: that is the default.
    let documents = table().len() as i64;
    assert_eq!(hub.contents(), (documents, documents));
}

#[test]
fn the_table_has_every_type_that_is_required() {
    let rows = table();
    for required in [
        "inpatient-discharge",
        "daycase-discharge",
        "ae-discharge",
        "maternity-discharge",
        "mental-health-discharge",
        "outpatient-letter",
        "referral-letter",
        "ambulance-report",
        "nhs-111-report",
        "out-of-hours-encounter",
        "epaccs-summary",
        "dnacpr",
        "respect-form",
        "mental-health-crisis-plan",
        "care-plan",
        "anticipatory-care-plan",
        "child-protection",
        "assessment-notice",
        "discharge-notice",
        "withdrawal-of-notices",
        "task-letter",
        "laboratory-report",
        "image-reference",
        "ecg",
        "patient-contributed",
    ] {
        assert!(rows.iter().any(|row| row.file == required), "{required}");
    }
}

#[test]
fn a_document_is_of_the_type_that_its_file_is_named_for() {
    let sets = hub::fixtures::code_sets().unwrap();
    for row in table() {
        let named = sets.by_name(&row.file).unwrap();
        assert_eq!((&named.type_code, &named.aliases), (&row.type_code, &row.also), "{}", row.file);
        let events: Vec<&str> = row.events.iter().map(String::as_str).collect();
        let marks = schemas::code_set::Marks {
            type_code: &row.type_code,
            setting: Some(&row.setting),
            events: &events,
            interaction: Some(&row.interaction),
            ..Default::default()
        };
        assert_eq!(sets.told_by(&marks).map(|t| &t.name), Some(&row.file));
    }
}

#[test]
fn every_type_of_the_development_region_is_offered_by_somebody() {
    let (sets, region) = (hub::fixtures::code_sets().unwrap(), hub::fixtures::region().unwrap());
    for kind in &sets.document_type {
        let mut offers = region.organisation.iter().flat_map(|o| &o.publishes);
        assert!(offers.any(|offer| offer.matches(kind)), "{}", kind.name);
    }
    for row in table() {
        let publisher =
            region.organisation.iter().find(|o| o.ods.as_str() == row.publisher).unwrap();
        let named = sets.by_name(&row.file).unwrap();
        assert!(publisher.publishes.iter().any(|offer| offer.matches(named)), "{}", row.file);
    }
}

#[test]
fn a_child_protection_flag_is_for_those_whose_agreement_says_so() {
    let hub = TestHub::start();
    let flag = row("child-protection");
    send(&hub, &flag, &document(&flag.file));
    let crew = find(&hub, "RX7", &flag.patient, "");
    assert!(entries(&crew, &flag.title).is_empty(), "{}", crew.text());
    assert_eq!(
        slot_values(&entry(&hub, &flag, &flag.type_code), "urn:nhs:hub:sensitivity"),
        ["child-protection"]
    );
}

#[test]
fn the_table_of_document_types_is_that_of_the_code_sets() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = std::fs::read_to_string(root.join("fixtures/DOCUMENT_TYPES.md")).unwrap();
    let sets = hub::fixtures::code_sets().unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    for kind in &sets.document_type {
        let row =
            rows.iter().find(|row| row.starts_with(&format!("| `{}`: {}", kind.name, kind.label)));
        let row = row.unwrap_or_else(|| panic!("{} has no row", kind.name));
        let cells: Vec<&str> = row.split(" | ").collect();
        assert_eq!(cells[1], kind.type_code, "{row}");
        assert_eq!(cells[2].trim(), kind.aliases.join(", "), "{row}");
    }
    for row in table() {
        assert!(page.contains(&format!("(documents/{}.xml)", row.file)), "{}", row.file);
    }
    assert!(page.contains(&format!("(version {})", sets.version)));
    assert!(page.contains("revoked"), "that the regulations are no longer in force is said");
}
