//! A council is told who sees a child's flag: once per organisation and episode, and by setting.

use super::{PATIENT, SNOMED, find, get, publish_as};
use crate::executable;
use crate::outbox::{between, endpoint, taken};
use base64::Engine;
use gateway::region::OrganisationKind;
use gateway::safeguarding::settings::{Notify, Setting};
use hub::serve::{Options, Role};
use serde_json::Value;
use std::process::Command;
use tests::message::{Provide, scheme};
use tests::{ReplyPort, ReplyReceiver, TestHub};

const FLAG: &str = "1.2.826.0.1.99999.20.1";

/// The county council's flag of the patient, whom RXN has in its care.
fn flagged(change: impl FnOnce(&mut Options)) -> (TestHub, ReplyReceiver) {
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = TestHub::with(|options| {
        endpoint(options, "323", &url);
        change(options);
    });
    let receiver = port.serve_script(&hub.pki(), &[taken()]);
    let flag = Provide::letter(1).code(scheme::TYPE_CODE, "229054004", SNOMED).code(
        scheme::CONFIDENTIALITY_CODE,
        "R",
        "2.16.840.1.113883.5.25",
    );
    publish_as(&hub, "323", &flag);
    hub.apply(&format!("[[relationship]]\npatient = \"{PATIENT}\"\nods = \"RXL\"\nkind = \"encounter\"\nstarts = \"2026-07-14\"\nsource = \"ADT\"\n\n[[agreement]]\nid = \"FLAGS-TO-PRACTICES\"\ntitle = \"Flags to practices\"\npublishers = [\"group:councils\"]\nconsumers = [\"group:practices\"]\ndocument_types = [\"group:safeguarding\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nconfidentiality = \"R\"\nstarts = \"2026-01-01\"\n"));
    (hub, receiver)
}

fn acute_at_once(options: &mut Options) {
    let acute = Setting {
        kind: Some(OrganisationKind::Acute),
        purpose: None,
        department: None,
        notify: Notify::AtOnce,
    };
    options.config.gateway.safeguarding.setting.insert(0, acute);
}

fn words(delivery: &tests::Delivery) -> String {
    let sent = delivery.text();
    let text = between(&sent, "representation=\"B64\">", "<");
    let text = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    String::from_utf8(text).unwrap()
}

fn report(hub: &TestHub) -> Vec<Value> {
    let mut command = Command::new(executable());
    command.args(["report", "safeguarding", "--json", "--data"]).arg(hub.data());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains(PATIENT), "the report names no patient: {said}");
    serde_json::from_str(&said).unwrap()
}

fn reads(hub: &TestHub, ods: &str) -> (i64, String, String) {
    let rows = report(hub);
    let row = rows.iter().find(|row| row["organisation"] == ods).expect("a row");
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    (row["reads"].as_i64().unwrap(), text("notify"), text("state"))
}

#[test]
fn a_council_is_told_once_per_organisation_and_episode_who_has_seen_the_flag() {
    let (hub, receiver) = flagged(acute_at_once);
    assert!(find(&hub, "RXN", PATIENT).contains(FLAG), "the hospital may see it");
    let told = words(&receiver.next());
    for part in ["NHS number 9000000009", "RXN for direct-care, 2026-07-15 12:00", FLAG] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(get(&hub, "RXN", FLAG).xds_status(), "Success");
    hub.clock().advance_seconds(3 * 86_400);
    assert!(find(&hub, "RXN", PATIENT).contains(FLAG), "the same encounter, days later");
    assert!(find(&hub, "RXL", PATIENT).contains(FLAG));
    let told = words(&receiver.next());
    assert!(told.contains("RXL for direct-care") && !told.contains("RXN"), "{told}");
    assert!(receiver.is_quiet(), "one notice for each organisation, not for each reading");
    assert_eq!(reads(&hub, "RXN").0, 3);
    assert_eq!(hub.count(Role::Gateway, "outbox.db", "item"), 2);
    hub.apply(&format!("[[relationship]]\npatient = \"{PATIENT}\"\nods = \"RXL\"\nkind = \"encounter\"\nstarts = \"2026-07-18\"\nsource = \"ADT\"\n"));
    assert!(find(&hub, "RXL", PATIENT).contains(FLAG));
    assert!(words(&receiver.next()).contains("RXL"), "another encounter is another episode");
    let state = || reads(&hub, "RXN").2;
    crate::recall::until("it is delivered", || (state() == "delivered").then_some(()));
}

#[test]
fn scheduled_care_is_told_in_a_digest_and_practices_are_in_the_report_only() {
    let (hub, receiver) = flagged(|_| {});
    for ods in ["RXN", "RXL", "ZZP01"] {
        assert!(find(&hub, ods, PATIENT).contains(FLAG), "{ods}");
    }
    assert_eq!(reads(&hub, "ZZP01"), (1, "no".to_owned(), "report-only".to_owned()));
    assert_eq!(reads(&hub, "RXN"), (1, "digest".to_owned(), "waiting".to_owned()));
    assert!(receiver.is_quiet());
    hub.clock().advance_seconds(24 * 3_600);
    let told = words(&receiver.next());
    assert!(told.contains("RXN for") && told.contains("RXL for"), "{told}");
    assert!(!told.contains("ZZP01"), "{told}");
    crate::recall::until("it is sent", || (reads(&hub, "RXN").2 != "waiting").then_some(()));
    assert!(receiver.is_quiet(), "one message for all of them");
}

#[test]
fn a_councils_own_reading_and_one_by_reference_are_told_to_nobody() {
    let (hub, _receiver) = flagged(acute_at_once);
    assert!(find(&hub, "323", PATIENT).contains(FLAG));
    let query = tests::message::find_documents(PATIENT, "ObjectRef", "");
    let answer = hub.request("RXN", hub.url(Role::Gateway)).soap(&query);
    assert!(answer.contains("<rim:ObjectRef"), "{}", answer.text());
    assert!(report(&hub).is_empty());
}
