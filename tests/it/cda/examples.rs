//! The toolkit's example messages and the reference's own: what became of each field.

use super::*;
use crate::skipped;
use schemas::cda::Remedy;
use std::path::{Path, PathBuf};

/// A file beside the checkout, with NHS numbers that are synthetic and right; or a word that it is
/// not there.
fn example(name: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let file: PathBuf = root.join("..").join("shared").join("samples").join("itk").join(name);
    let Ok(text) = std::fs::read_to_string(&file) else {
        skipped(&format!("no example {}", file.display()));
        return None;
    };
    Some(text.replace("9999345201", "9990000018").replace("9900002558", "9990000026"))
}

/// The table of a document, with its message or alone, is this one.
fn becomes(name: &str, publisher: &str, message: Option<(&str, &str)>, expected: &str) {
    let Some(text) = example(name) else { return };
    let table = table(&mapped(&document_of(&text), publisher, message));
    let expected: String = expected.lines().map(|row| row.trim().to_owned() + "\n").collect();
    assert_eq!(table, expected, "{name}\n{table}");
}

const AMBULANCE: &str = "POCD_MT030001UK01_SOAPandDIST_Primary.xml";
const AMBULANCE_COPY: &str = "POCD_MT030001UK01_SOAPandDIST_Copy.xml";
const DISCHARGE: &str = "POCD_MT150001UK06_SOAPandDIST_146230_xml_Primary.xml";
const NULLIFICATION: &str = "POCD_MT130001UK05_SOAPandDIST_Ambulance_Nullification.xml";

#[test]
fn the_ambulance_report_and_its_copy_become_one_entry_but_for_the_interaction() {
    let profile = "urn:nhs-en:profile:ambulanceServiceSummaryPatientReport-v1-1";
    for (name, interaction) in [
        (AMBULANCE, "primaryRecipientAmbulanceServicePatientReport-v1-0"),
        (AMBULANCE_COPY, "copyRecipientAmbulanceServicePatientReport-v1-0"),
    ] {
        let expected = include_str!("ambulance.txt").replace("INTERACTION", interaction);
        becomes(&format!("correspondence/{name}"), "RX8", Some((profile, interaction)), &expected);
    }
}

#[test]
fn the_discharge_report_becomes_an_entry_with_its_deviations_told() {
    let message =
        ("urn:nhs-en:profile:dischargeReport-v6-1", "primaryRecipientDischargeReport-v1-0");
    let name = format!("correspondence/{DISCHARGE}");
    becomes(&name, "XZ9", Some(message), include_str!("discharge.txt"));
}

#[test]
fn the_worked_example_becomes_the_entry_that_the_reference_works_out() {
    becomes("own/cda.xml", "XZ9", None, include_str!("worked.txt"));
}

#[test]
fn the_nullification_names_its_victim_and_contradicts_itself() {
    let Some(text) = example(&format!("correspondence/{NULLIFICATION}")) else { return };
    let read = withdrawal_of(&document_of(&text));
    assert_eq!(read.reason, Some(schemas::cda::NullificationReason::WrongPatient));
    let victim = uuid::Uuid::parse_str("7D5B4DC0-AE1A-11DB-9601-B18E1E0994CD").unwrap();
    let set = "7D5B4DC0-AE1A-11DB-95FC-B18E1E0994CD";
    assert_eq!(read.victim.unique_id.as_ref().unwrap().as_str(), Oid::from_uuid(victim).as_str());
    assert_eq!((read.set_id.as_deref(), read.victim.set_id.as_deref()), (Some(set), Some(set)));
    assert_eq!((read.version, read.victim.version), (2, Some(1)));
    assert_eq!(read.at.as_ref().unwrap().as_str(), "200701021234");
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
    let interaction = Some("nullifyAmbulanceServicePatientReport-v1-0");
    let contradiction = read.contradicts(interaction, None, &code_sets()).unwrap();
    assert_eq!(contradiction.code(), "nullification-type");
    assert!(schemas::cda::patient_number(&read.header).is_ok(), "an identifier is all there is");
}

#[test]
fn the_examples_as_they_are_have_numbers_that_nobody_can_have() {
    for name in [AMBULANCE, DISCHARGE, NULLIFICATION] {
        let Some(text) = example(&format!("correspondence/{name}")) else { return };
        let text = text.replace("9990000018", "9999345201").replace("9990000026", "9900002558");
        let document = document_of(&text);
        let header = CdaHeader::read(document.as_bytes(), &Limits::default()).unwrap();
        let error = schemas::cda::patient_number(&header).unwrap_err();
        assert_eq!((error.code(), error.remedy()), ("nhs-number-check-digit", Remedy::Quarantine));
    }
}
