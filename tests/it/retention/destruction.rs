//! What is due goes under its controller's approval, whole or not at all, and leaves a certificate.

use super::{done, old_letter, publish, registered, retention};
use hub::serve::Role;
use node::audit::AuditKind;
use serde_json::Value;
use sha2::Digest;
use tests::message::Provide;
use tests::{TestHub, message};

fn approve(hub: &TestHub, arguments: &[&str]) -> String {
    let who = ["--approved-by", "C Manager", "--reason", "annual review"];
    done(hub, &[&["approve"], arguments, &who, &["--valid-until", "2099-12-31"]].concat())
}

fn destroy(hub: &TestHub, approval: &str, more: &[&str]) -> (bool, String) {
    let what = ["destroy", "--approval", approval, "--by", "D Operator"];
    retention(hub, &[&what[..], more].concat())
}

fn objects(hub: &TestHub) -> usize {
    let folders = std::fs::read_dir(hub.data().join("repository").join("objects")).unwrap();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

/// The certificates in the data folder: names and contents.
fn certificates(hub: &TestHub) -> Vec<(String, String)> {
    let folder = hub.data().join("registry").join("certificates");
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn what_is_due_is_listed_by_publisher_and_type() {
    let hub = TestHub::start();
    publish(&hub, "RXN", &old_letter(1));
    publish(&hub, "RXN", &old_letter(2).patient("9990000018"));
    publish(&hub, "RXR", &old_letter(3).patient("9990000018"));
    // A newborn's for all that is known, and one of last winter.
    publish(&hub, "RXL", &old_letter(4).slot("sourcePatientInfo", &[]).patient("9990000026"));
    publish(&hub, "RXL", &Provide::letter(5).patient("9990000034"));
    let said = done(&hub, &["due"]);
    let lines: Vec<_> = said.lines().map(|l| l.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert_eq!(lines[0], ["RXN", "outpatient-letter", "adult", "2", "document(s)"]);
    assert_eq!(lines[1], ["RXR", "outpatient-letter", "adult", "1", "document(s)"]);
    let hold = ["hold", "place", "CLAIM-17", "--publisher", "RXR", "--by", "A", "--reason", "b"];
    done(&hub, &[&hold[..], &["--review", "2099-01-01"]].concat());
    let groups: Value = serde_json::from_str(&done(&hub, &["due", "--json"])).unwrap();
    assert_eq!(groups[1]["documents"][0]["hold"], "CLAIM-17");
    assert_eq!(groups[0]["documents"][0]["until"], "2018-06-15");
    assert_eq!(groups[0]["table"], "RMCoP-2021.1");
}

#[test]
fn a_destruction_takes_metadata_and_bytes_and_leaves_a_certificate() {
    let hub = TestHub::start();
    let (old, kept) = (old_letter(1), old_letter(2).patient("9990000018"));
    for letter in [&old, &kept] {
        publish(&hub, "RXN", letter);
    }
    assert!(approve(&hub, &["--controller", "RXN", "--due"]).contains("2 document(s)"));
    let hold = ["hold", "place", "CLAIM-17", "--patient", "9990000018", "--by", "A"];
    done(&hub, &[&hold[..], &["--reason", "b", "--review", "2099-01-01"]].concat());
    let (_, planned) = destroy(&hub, "1", &["--plan"]);
    assert!(planned.contains(&format!("would go   {}", old.unique_id)), "{planned}");
    assert!(planned.contains("1 would be destroyed, 1 kept"), "{planned}");
    assert_eq!((hub.contents(), objects(&hub)), ((2, 2), 2), "a plan destroys nothing");

    let (whole, said) = destroy(&hub, "1", &[]);
    assert!(!whole && said.contains("destroyed 1 document(s), kept 1"), "{said}");
    assert!(said.contains("kept by the hold \"CLAIM-17\""), "{said}");
    assert_eq!((hub.contents(), objects(&hub)), ((1, 1), 1));
    assert!(registered(&hub).is_empty(), "nor is a SubmissionSet or Association left");
    let asked = message::retrieve(&[&old.unique_id]);
    let answer = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&asked);
    assert_eq!(answer.error_codes(), ["XDSDocumentUniqueIdError"]);

    let [(html_name, html), (json_name, json)] = &certificates(&hub)[..] else {
        panic!("two files")
    };
    assert!(html_name.ends_with(".html") && json_name.ends_with(".json"));
    let digest = sha2::Sha256::digest(json);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(html.contains(&digest) && html.contains(&old.unique_id));
    let certificate: Value = serde_json::from_str(json).unwrap();
    assert_eq!(certificate["count"], 1);
    assert_eq!(certificate["carriedOutBy"], "D Operator");
    assert_eq!(certificate["approval"]["approvedBy"], "C Manager");
    assert_eq!(certificate["destroyed"][0]["uniqueId"], old.unique_id.as_str());
    assert_eq!(certificate["destroyed"][0]["sha1"], old.sha1());
    assert_eq!(certificate["destroyed"][0]["rule"], "adult");
    assert_eq!(certificate["destroyed"][0]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(certificate["kept"][0]["uniqueId"], kept.unique_id.as_str());
    for text in [html, json] {
        assert!(!text.contains("900000000") && !text.contains("999000001"), "no patient: {text}");
    }
    let mut records = hub.audit(Role::Registry);
    records.retain(|record| record.event.kind == AuditKind::Destruction);
    let [record] = &records[..] else { panic!("one record") };
    assert!(record.event.reasons[0].contains(&digest), "{:?}", record.event.reasons);
    assert_eq!(record.event.document_unique_ids, [old.unique_id.as_str()]);
    assert!(record.message().contains("ParticipantObjectDataLifeCycle=\"15\""));

    done(&hub, &["hold", "lift", "CLAIM-17", "--by", "A", "--reason", "settled"]);
    let (whole, said) = destroy(&hub, "1", &[]);
    assert!(whole && said.contains("destroyed 1 document(s), kept 0"), "{said}");
    assert_eq!((hub.contents(), objects(&hub)), ((0, 0), 0));
    let (whole, said) = destroy(&hub, "1", &[]);
    assert!(whole && said.contains("destroyed nothing, kept 0"), "{said}");
    assert_eq!(certificates(&hub).len(), 4);
}

#[test]
fn nothing_is_destroyed_before_its_time_or_without_an_approval_for_it() {
    let hub = TestHub::start();
    let (old, young) = (old_letter(1), Provide::letter(2).patient("9990000018"));
    for letter in [&old, &young] {
        publish(&hub, "RXN", letter);
    }
    approve(&hub, &["--controller", "RXN", "--document", &old.unique_id]);
    approve(&hub, &["--controller", "RXN", "--destruction", "--document", &young.unique_id]);
    for (approval, words) in [
        ("1", "approval 1 is for removal before the period ends"),
        ("2", "is kept until 2051-01-15"),
        ("3", "there is no approval 3"),
    ] {
        let (whole, said) = destroy(&hub, approval, &[]);
        assert!(!whole && said.contains(words), "{said}");
    }
    assert_eq!((hub.contents(), objects(&hub)), ((2, 2), 2));
    assert!(certificates(&hub).is_empty());
    assert_eq!(hub.count_indexed("removed_entry"), 0);
}

#[test]
fn what_another_organisation_published_too_stays_whole() {
    let hub = TestHub::start();
    let letter = old_letter(1);
    publish(&hub, "RXN", &letter);
    let again = Provide { set_unique_id: "1.2.826.0.1.99999.30.9".to_owned(), ..old_letter(1) };
    publish(&hub, "RXR", &again);
    approve(&hub, &["--controller", "RXN", "--destruction", "--document", &letter.unique_id]);
    let (whole, said) = destroy(&hub, "1", &[]);
    assert!(!whole && said.contains("destroyed nothing, kept 1"), "{said}");
    assert_eq!((hub.contents(), objects(&hub)), ((2, 1), 1));
}

#[test]
fn a_letter_and_its_addendum_go_together() {
    let hub = TestHub::start();
    let publish_with = |letter: Provide, kind: &str| {
        let target = registered(&hub)[0].clone();
        let associations = format!(
            "<rim:Association id=\"relates\" associationType=\"urn:ihe:iti:2007:AssociationType:{kind}\" sourceObject=\"Document01\" targetObject=\"{target}\"/>"
        );
        publish(&hub, "RXN", &Provide { associations, ..letter });
    };
    publish(&hub, "RXN", &old_letter(1));
    publish_with(old_letter(2), "APND");
    publish(&hub, "RXN", &old_letter(3).patient("9990000018"));
    assert!(approve(&hub, &["--controller", "RXN", "--due"]).contains("3 document(s)"));
    let (whole, said) = destroy(&hub, "1", &[]);
    assert!(whole && said.contains("destroyed 3 document(s), kept 0"), "{said}");
    for table in ["document_entry", "submission_set", "association", "content", "locator"] {
        assert_eq!(hub.count_indexed(table), 0, "{table}");
    }
    assert_eq!(objects(&hub), 0);
}
