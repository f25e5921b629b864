//! The transactional flag on the request, and the standing flag that becomes the exception.

use super::{PATIENT, done, hub, text, watling};
use hub::serve::Role;
use serde_json::Value;
use tests::message::{self, Itk};
use tests::{Answer, TestHub};

/// A crew whose system has no standing flag, and a discharge summary of the patient.
fn without_standing() -> TestHub {
    let hub = hub();
    discharge(&hub);
    hub.apply("[[system]]\nname = \"rx7-integration\"\norganisation = \"RX7\"\nrole = \"paramedic\"\npurposes = [\"urgent-care\"]\n");
    hub
}

fn discharge(hub: &TestHub) {
    let discharge = Itk::discharge(PATIENT, "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01");
    let answer =
        hub.request("RXN", hub.itk_url()).content_type("text/xml").post(discharge.message());
    assert!(answer.contains("OK:"), "{}", answer.text());
}

const DISCHARGE: &str = "2.25.122346624735976320989315329860700871681";

fn flag(kind: &str, reference: &str) -> String {
    format!(
        "<t:Transactional xmlns:t=\"urn:watling:transactional:2026\" s:mustUnderstand=\"1\"><t:Kind>{kind}</t:Kind><t:Reference>{reference}</t:Reference></t:Transactional>"
    )
}

fn with(envelope: &str, flag: &str) -> String {
    envelope.replace("<s:Header>", &format!("<s:Header>{flag}"))
}

fn ask(hub: &TestHub, ods: &str, flag: &str) -> Answer {
    let query = with(&message::find_documents(PATIENT, "LeafClass", ""), flag);
    hub.request(ods, hub.url(Role::Gateway)).soap(&query)
}

fn sees(answer: &Answer) -> bool {
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    answer.contains(DISCHARGE)
}

#[test]
fn a_flag_on_the_request_opens_the_record_for_its_hours_and_no_longer() {
    let hub = without_standing();
    assert!(!sees(&ask(&hub, "RX7", "")), "without a flag there is no relationship");
    let incident = flag("ambulance-incident", "INC-7");
    assert!(sees(&ask(&hub, "RX7", &incident)));
    hub.clock().advance_seconds(11 * 3_600);
    assert!(sees(&ask(&hub, "RX7", &incident)), "a later request that names the same event");
    let got = hub
        .request("RX7", hub.url(Role::Gateway))
        .soap(&with(&message::retrieve(&[DISCHARGE]), &incident));
    assert_eq!(got.xds_status(), "Success", "{}", got.text());
    assert!(!sees(&ask(&hub, "RX7", "")), "each request names its event");
    hub.clock().advance_seconds(2 * 3_600);
    let ended = ask(&hub, "RX7", &incident);
    assert_eq!(ended.xds_status(), "Failure");
    assert!(
        ended.contains("more than 12 hours ago"),
        "naming it again renews nothing: {}",
        ended.text()
    );
    assert!(sees(&ask(&hub, "RX7", &flag("ambulance-incident", "INC-8"))));
}

#[test]
fn a_flag_is_on_record_with_who_when_until_and_its_reference() {
    let hub = without_standing();
    assert!(sees(&ask(&hub, "RX7", &flag("111-case", "C-1"))));
    let record = hub.last_audit(Role::Gateway).event;
    let reason = "transactional flag 111-case C-1 until 2026-07-16T12:00:00Z";
    assert!(record.reasons.iter().any(|said| said == reason), "{:?}", record.reasons);
    assert!(record.decisions.iter().any(|d| d.relationship.as_deref() == Some("transactional")));
    let said = done(&watling(&hub, &["relationship", "list", PATIENT]));
    assert!(
        said.contains("transactional 111-case C-1 until") && said.contains("rx7-integration"),
        "{said}"
    );
}

#[test]
fn a_document_fetched_by_its_id_is_on_the_flags_record_too() {
    let hub = without_standing();
    let get = |reference: &str| {
        let request = with(&message::retrieve(&[DISCHARGE]), &flag("111-case", reference));
        hub.request("RX7", hub.url(Role::Gateway)).soap(&request)
    };
    assert_eq!(get("C-1").xds_status(), "Success");
    let said = done(&watling(&hub, &["relationship", "list", PATIENT]));
    assert!(said.contains("transactional 111-case C-1 until"), "{said}");
    let refused = get(PATIENT);
    assert_eq!(refused.xds_status(), "Failure");
    assert!(refused.plain().contains("holds the patient"), "{}", refused.text());
}

#[test]
fn a_flag_is_valid_for_the_organisation_that_named_it() {
    let hub = without_standing();
    let case = flag("111-case", "C-1");
    assert!(sees(&ask(&hub, "RX7", &case)));
    hub.clock().advance_seconds(23 * 3_600);
    assert!(sees(&ask(&hub, "RTX", &case)), "its own word opens it for its own hours");
    hub.clock().advance_seconds(2 * 3_600);
    assert_eq!(ask(&hub, "RX7", &case).xds_status(), "Failure");
    assert!(sees(&ask(&hub, "RTX", &case)), "two organisations, two lives");
}

#[test]
fn a_flag_that_means_nothing_here_is_refused_aloud() {
    let hub = without_standing();
    for (header, words) in [
        (flag("curiosity", "1"), "111-case, ambulance-incident, self-presentation"),
        (flag("111-case", &format!("NHS-{PATIENT}")), "holds the patient"),
        (flag("111-case", "two words"), "without blanks"),
        (flag("111-case", "1") + &flag("111-case", "2"), "more than once"),
    ] {
        let answer = ask(&hub, "RX7", &header);
        assert_eq!(answer.xds_status(), "Failure", "{words}");
        assert!(answer.plain().contains(words), "{words}: {}", answer.text());
        assert!(!answer.contains("99900"), "{}", answer.text());
    }
    assert_eq!(hub.count(Role::Gateway, "region.db", "transactional"), 0);
}

#[test]
fn a_standing_flag_is_the_exception_sampled_for_review() {
    let hub = hub();
    discharge(&hub);
    for _ in 0..5 {
        assert!(sees(&ask(&hub, "RX7", "")));
    }
    assert!(sees(&ask(&hub, "RX7", &flag("ambulance-incident", "INC-7"))));
    let output = watling(&hub, &["report", "standing", "--sample", "3", "--json"]);
    done(&output);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["answers"], 5, "{report}");
    assert_eq!(report["sample"].as_array().unwrap().len(), 3);
    assert!(
        report["sample"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["system"] == "rx7-integration" && one["entries"] == 1)
    );
    let gap = report["gaps"][0].as_str().unwrap();
    assert!(
        gap.contains("rx7-integration of RX7 has the standing flag, used in 5 answers"),
        "{gap}"
    );
    let said = text(&watling(&hub, &["report", "standing", "--sample", "3"]));
    assert!(!said.contains("99900"), "{said}");
}
