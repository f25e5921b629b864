//! What is put into a watched folder is registered with a receipt, or put aside with the reason.

use super::*;
use hub::serve::{Hub, Role};
use node::audit::Outcome;
use tests::message::Itk;

const DOCUMENT: &str = "3F2504E0-4F89-41D3-9A0C-0305E82C3301";

#[test]
fn a_cda_in_the_folder_is_registered_for_its_owner_and_has_a_receipt() {
    let hospice = Hospice::start();
    hospice.drop("discharge.xml", message::cda(PATIENT, DOCUMENT));
    let receipt = hospice.registered("discharge.xml");
    let id = format!("2.25.{}", uuid::Uuid::try_parse(DOCUMENT).unwrap().as_u128());
    assert_eq!(receipt["documents"], serde_json::json!([id]));
    assert_eq!(receipt["publisher"], "ZZH01");
    assert!(!hospice.path("discharge.xml").exists(), "it was taken out");
    let found = entries(&hospice.hub, PATIENT).text();
    assert!(found.contains(&id) && found.contains("<rim:Value>ZZH01</rim:Value>"), "{found}");
    let event = hospice.hub.last_audit(Role::Repository).event;
    assert_eq!((event.kind_name(), event.outcome), ("FOLDER", Outcome::Success));
    assert_eq!(event.organisation.as_deref(), Some("ZZH01"));
    assert_eq!(event.document_unique_ids, [id]);
    let text = std::fs::read_to_string(hospice.path("sent/discharge.xml.receipt.txt")).unwrap();
    assert!(text.contains("registered and can be found"), "{text}");
    assert!(!text.contains(PATIENT), "a receipt names no patient: {text}");
}

#[test]
fn a_pdf_with_its_description_becomes_an_entry_of_its_kind() {
    for (name, description) in
        [("letter.toml", DESCRIPTION.to_owned()), ("letter.pdf.json", json())]
    {
        let hospice = Hospice::start();
        hospice.drop(name, description);
        hospice.drop("letter.pdf", PDF);
        hospice.registered("letter.pdf");
        assert!(hospice.path(&format!("sent/{name}")).exists(), "the two stay together");
        let found = entries(&hospice.hub, PATIENT).plain();
        for part in [
            "mimeType=\"application/pdf\"",
            "<rim:Value>202607140930</rim:Value>",
            "<rim:Value>PID-5|SYNTHETIC^Testina</rim:Value>",
            "<rim:Value>PID-7|19480309</rim:Value>",
            "value=\"Day therapy\"",
            "nodeRepresentation=\"823681000000100\"",
        ] {
            assert!(found.contains(part), "{part} in {found}");
        }
    }
}

fn json() -> String {
    let fields = DESCRIPTION.lines().filter_map(|line| line.split_once(" = "));
    let fields: Vec<String> = fields.map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}}}", fields.join(", "))
}

#[test]
fn a_document_is_put_aside_with_the_reason_and_taken_after_its_fix() {
    let hospice = Hospice::start();
    hospice.drop("letter.toml", DESCRIPTION.replace("999 000 0026", "999 000 0027"));
    hospice.drop("letter.pdf", PDF);
    let reason = hospice.set_aside("letter.pdf");
    assert_eq!(reason["reasons"][0]["field"], "nhs_number", "{reason}");
    assert!(reason["reasons"][0]["rule"].as_str().unwrap().contains("check digit"), "{reason}");
    let text = std::fs::read_to_string(hospice.path("quarantine/letter.pdf.reason.txt")).unwrap();
    assert!(text.contains("move the document, with its description, from quarantine back"));
    assert!(!text.contains("999 000 0027"), "it repeats no number: {text}");
    assert_eq!(hospice.hub.contents(), (0, 0), "nothing of it is in the hub");
    std::fs::write(hospice.path("quarantine/letter.toml"), DESCRIPTION).unwrap();
    for name in ["letter.toml", "letter.pdf"] {
        std::fs::rename(hospice.path(&format!("quarantine/{name}")), hospice.path(name)).unwrap();
    }
    hospice.registered("letter.pdf");
    assert_eq!(hospice.hub.contents(), (1, 1));
    let left = std::fs::read_dir(hospice.path("quarantine")).unwrap().count();
    assert_eq!(left, 0, "the old reason is gone");
}

#[test]
fn every_mistake_of_a_description_is_told_at_once() {
    let hospice = Hospice::start();
    let wrong = "nhs_number = \"12\"\nfamly_name = \"X\"\nbirth_date = \"1948-13-01\"\ndocument_type = \"novel\"\nevent_date = \"tomorrow\"\n";
    hospice.drop("letter.toml", wrong);
    hospice.drop("letter.docx", b"PK\x03\x04");
    let reason = hospice.set_aside("letter.docx");
    let fields: Vec<&str> =
        reason["reasons"].as_array().unwrap().iter().filter_map(|r| r["field"].as_str()).collect();
    let expected = [
        "document",
        "famly_name",
        "nhs_number",
        "family_name",
        "birth_date",
        "document_type",
        "event_date",
    ];
    assert_eq!(fields, expected, "{reason}");
}

#[test]
fn a_document_without_a_description_waits_and_is_put_aside() {
    let hospice = Hospice::start();
    hospice.drop("letter.pdf", PDF);
    hospice.drop("alone.toml", DESCRIPTION);
    let reason = hospice.set_aside("letter.pdf");
    assert!(reason["reasons"][0]["rule"].as_str().unwrap().contains("no description came with it"));
    let refused = hospice.hub.audit(Role::Repository).into_iter().any(|record| {
        let because = record.event.reasons.iter().any(|why| why.contains("no description came"));
        because && record.event.outcome == Outcome::SeriousFailure
    });
    assert!(refused, "it is on record");
    let reason = hospice.set_aside("alone.toml");
    assert!(reason["reasons"][0]["rule"].as_str().unwrap().contains("without its document"));
}

#[test]
fn links_pipes_and_what_is_unfinished_are_not_read() {
    let hospice = Hospice::start();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.xml");
    std::fs::write(&secret, message::cda(PATIENT, DOCUMENT)).unwrap();
    std::os::unix::fs::symlink(&secret, hospice.path("link.xml")).unwrap();
    std::fs::hard_link(&secret, hospice.path("second-name.xml")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(hospice.path("pipe.xml")).status();
    assert!(pipe.unwrap().success());
    std::fs::create_dir(hospice.path("folder.xml")).unwrap();
    std::fs::write(hospice.path("unfinished.xml.part"), message::cda(PATIENT, DOCUMENT)).unwrap();
    for name in ["link.xml", "second-name.xml", "pipe.xml"] {
        hospice.set_aside(name);
    }
    assert!(secret.exists(), "what the link names stays");
    assert!(hospice.path("unfinished.xml.part").exists());
    assert!(hospice.path("folder.xml").is_dir());
    assert_eq!(hospice.hub.contents(), (0, 0));
}

#[test]
fn an_itk_message_in_the_folder_speaks_for_its_owner_only() {
    let hospice = Hospice::start();
    let itk = Itk::discharge(PATIENT, DOCUMENT);
    hospice.drop("of-another.xml", itk.message());
    let reason = hospice.set_aside("of-another.xml");
    assert!(reason["reasons"][0]["rule"].as_str().unwrap().contains("may not speak for RXN"));
    hospice.drop("own.xml", itk.message().replace(":ods:RXN", ":ods:ZZH01"));
    hospice.registered("own.xml");
}

#[test]
fn the_same_document_again_is_known_and_keeps_both_receipts() {
    let hospice = Hospice::start();
    hospice.drop("a.xml", message::cda(PATIENT, DOCUMENT));
    hospice.registered("a.xml");
    hospice.drop("a.xml", message::cda(PATIENT, DOCUMENT));
    let sent = || std::fs::read_dir(hospice.path("sent")).unwrap().count();
    eventually("a second receipt", || sent() == 6);
    let names = std::fs::read_dir(hospice.path("sent")).unwrap();
    let second = names
        .map(|name| name.unwrap().path())
        .find(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with("a~") && name.ends_with(".receipt.json")
        })
        .unwrap();
    let receipt: Value = serde_json::from_slice(&std::fs::read(second).unwrap()).unwrap();
    assert_eq!(receipt["status"], "already-registered");
    assert_eq!(hospice.hub.contents(), (1, 1));
}

#[test]
fn a_folder_within_another_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut options = Options::new(data.path().join("data"), hub::config::Config::default());
    watch(&mut options, folder.path(), "ZZH01");
    watch(&mut options, &inner, "RXN");
    let error = Hub::start(&options).err().expect("it does not start");
    assert!(error.contains("each organisation needs a folder of its own"), "{error}");
}
