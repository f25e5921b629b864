//! What is kept, until when, and what it takes to make a document go.

mod approvals;
mod destruction;
mod holds;

use crate::executable;
use hub::config::retention::RemovalSetting;
use hub::serve::Role;
use schemas::query::StoredQuery;
use std::process::Command;
use tests::message::{self, Provide};
use tests::{Answer, TestHub};

const SHARED: &str = "1.2.826.0.1.99999.40.1";

/// A hub that asks for approvals, as a live one does.
fn strict() -> TestHub {
    TestHub::with(|options| options.config.registry.removal = Some(RemovalSetting::Approved))
}

fn publish(hub: &TestHub, ods: &str, letter: &Provide) {
    let answer = hub.request(ods, hub.url(Role::Repository)).soap(&letter.inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

/// A letter of 2010 about somebody born in 1950: its period is over.
fn old_letter(number: u32) -> Provide {
    Provide::letter(number)
        .slot("creationTime", &["20100615"])
        .slot("sourcePatientInfo", &["PID-7|19500309"])
}

/// `watling retention ...` beside the hub, and what it said.
fn retention(hub: &TestHub, arguments: &[&str]) -> (bool, String) {
    let config = hub.data().join("beside.toml");
    std::fs::write(&config, hub.configuration()).unwrap();
    let output = Command::new(executable())
        .arg("retention")
        .args(arguments)
        .arg("--data")
        .arg(hub.data())
        .arg("--config")
        .arg(config)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), said + &String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
pub(crate) fn done(hub: &TestHub, arguments: &[&str]) -> String {
    let (done, said) = retention(hub, arguments);
    assert!(done, "{said}");
    said
}

/// entryUUIDs of everything that is registered for patient 9000000009.
pub(crate) fn registered(hub: &TestHub) -> Vec<String> {
    let query = StoredQuery::leaf_class(crate::query::all()).write();
    let envelope = message::envelope("urn:ihe:iti:2007:RegistryStoredQuery", &query);
    let request = hub.anonymous(hub.url(Role::Registry));
    let answer = request.certificate(hub.service_certificate("watling-gateway")).soap(&envelope);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let mut ids = Vec::new();
    for object in ["<rim:ExtrinsicObject", "<rim:RegistryPackage", "<rim:Association"] {
        for part in answer.envelope().split(object).skip(1) {
            let id = part.split(" id=\"").nth(1).unwrap().split('"').next().unwrap();
            ids.push(id.to_owned());
        }
    }
    ids
}

/// ITI-62 for everything of patient 9000000009.
pub(crate) fn remove_metadata(hub: &TestHub, ods: &str) -> Answer {
    remove_objects(hub, ods, &registered(hub))
}

/// ITI-62 for objects.
fn remove_objects(hub: &TestHub, ods: &str, ids: &[String]) -> Answer {
    let references: String = ids.iter().map(|id| format!("<rim:ObjectRef id=\"{id}\"/>")).collect();
    let body = format!(
        "<lcm:RemoveObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><rim:ObjectRefList>{references}</rim:ObjectRefList></lcm:RemoveObjectsRequest>"
    );
    let envelope = message::envelope("urn:ihe:iti:2010:DeleteDocumentSet", &body);
    hub.request(ods, hub.url(Role::Registry)).soap(&envelope)
}

/// ITI-86.
fn remove_bytes(hub: &TestHub, ods: &str, ids: &[&str]) -> Answer {
    hub.request(ods, hub.url(Role::Repository)).soap(&message::remove(SHARED, ids))
}

#[test]
fn check_says_how_long_documents_are_kept_and_what_is_wrong_with_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let check = |table: &str| {
        let path = folder.path().join("retention.toml");
        std::fs::write(&path, table).unwrap();
        let output = Command::new(executable())
            .args(["check"])
            .env("WATLING_REGISTRY__RETENTION", path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said + &String::from_utf8_lossy(&output.stderr))
    };
    let (right, said) = check(hub::fixtures::RETENTION);
    assert!(right, "{said}");
    for words in ["# retention: version RMCoP-2021.1", "gp-record: GP patient records: 10 years"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (right, said) = check(&hub::fixtures::RETENTION.replace("714088003", "1"));
    assert!(!right);
    assert!(said.contains("rule \"maternity\": the code sets have no practiceSettingCode \"1\""));
}
