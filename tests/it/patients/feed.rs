//! ITI-8: HL7 v2 over MLLP and mutual TLS.

use super::{ONE, OTHER, THIRD, ask, found, hub, register, registered};
use hub::config::PatientsSetting;
use hub::serve::Role;
use node::audit::{AuditKind, AuditRecord, FeedAction};
use schemas::hl7v2::acknowledgement::Acknowledgement;
use schemas::hl7v2::mllp::frame;
use tests::{Feed, TestHub};

fn feed(hub: &TestHub, ods: &str) -> Feed {
    let ca = hub.pki().join("ca.pem");
    Feed::connect(&hub.door("mllp"), &ca, Some(hub.certificate(ods)))
}

fn adt(event: &str, id: &str, rest: &str) -> String {
    format!(
        "MSH|^~\\&|PAS|RXN|HUB|REGION|20260115100000||ADT^{event}|{id}|P|2.3.1\rEVN|{event}\r{rest}\r"
    )
}

fn named(event: &str, id: &str, patient: &str) -> String {
    adt(event, id, &format!("PID|||LOC9^^^PAS~{patient}^^^NHS^NH||Sample^Ada\rPV1||I"))
}

fn merge(id: &str, subsumed: &str, surviving: &str) -> String {
    let authority = "&2.16.840.1.113883.2.1.4.1&ISO";
    adt("A40", id, &format!("PID|||{surviving}^^^{authority}\rMRG|{subsumed}^^^{authority}"))
}

#[track_caller]
fn accepted(answer: &Acknowledgement) {
    assert_eq!(answer.code, "AA", "{answer:?}");
}

#[track_caller]
fn refused(answer: &Acknowledgement, code: &str, condition: &str, word: &str) {
    let reason = answer.reason.as_deref().unwrap_or_default();
    assert_eq!(
        (answer.code.as_str(), answer.condition.as_deref()),
        (code, Some(condition)),
        "{answer:?}"
    );
    assert!(reason.contains(word), "{reason}");
    assert!(!reason.contains("999000"), "{reason}");
}

/// The newest records of the feed, oldest first.
fn records(hub: &TestHub, count: usize) -> Vec<AuditRecord> {
    let mut records = hub.audit(Role::Registry);
    records.retain(|r| r.event.kind == AuditKind::Transaction("ITI-8".to_owned()));
    records.split_off(records.len() - count)
}

#[test]
fn each_event_is_acknowledged_in_order_on_one_connection() {
    let hub = hub();
    let mut feed = feed(&hub, "RXN");
    let events = ["A01", "A04", "A05", "A08", "A31"];
    let all: Vec<u8> =
        events.iter().flat_map(|event| frame(named(event, event, ONE).as_bytes())).collect();
    feed.write(&all).unwrap();
    let answers = feed.answers(events.len()).unwrap();
    answers.iter().for_each(accepted);
    let ids: Vec<&str> = answers.iter().map(|answer| answer.control_id.as_str()).collect();
    assert_eq!(ids, events, "each answer names its message");
    let actions: Vec<&str> = records(&hub, 5)
        .iter()
        .map(|record| record.event.feed.as_ref().unwrap().action.code())
        .collect();
    assert_eq!(actions, ["C", "C", "C", "U", "U"]);
    accepted(&feed.send(&named("A01", "again", OTHER)));
    accepted(&feed.send(&merge("M1", OTHER, ONE)));
}

#[test]
fn after_a_merge_the_surviving_number_finds_both_and_the_subsumed_nothing() {
    let hub = hub();
    registered(&hub, 1, ONE);
    registered(&hub, 2, OTHER);
    accepted(&feed(&hub, "RXN").send(&merge("M1", OTHER, ONE)));
    assert_eq!(found(&hub, ONE), [1, 2]);
    assert_eq!(found(&hub, OTHER), Vec::<u32>::new());
    let refused = register(&hub, 3, OTHER);
    assert_eq!(refused.error_codes(), ["XDSUnknownPatientId"], "{}", refused.text());
    registered(&hub, 4, ONE);
    assert_eq!(found(&hub, ONE), [1, 2, 4]);
    let pair = records(&hub, 2);
    let said =
        pair.iter().map(|r| (r.event.feed.as_ref().unwrap().action, r.event.patient_id.clone()));
    let said: Vec<_> = said.map(|(action, id)| (action, id.unwrap()[..10].to_owned())).collect();
    assert_eq!(
        said,
        [(FeedAction::Delete, OTHER.to_owned()), (FeedAction::Update, ONE.to_owned())]
    );
    assert!(pair[0].message().contains("110110") && pair[0].message().contains("RXN|PAS"));
}

#[test]
fn a_chain_of_merges_leads_to_its_end_and_not_back() {
    let hub = hub();
    for (number, patient) in [(1, ONE), (2, OTHER), (3, THIRD)] {
        registered(&hub, number, patient);
    }
    let mut feed = feed(&hub, "RXN");
    accepted(&feed.send(&merge("M1", ONE, OTHER)));
    accepted(&feed.send(&merge("M2", OTHER, THIRD)));
    assert_eq!(found(&hub, THIRD), [1, 2, 3]);
    refused(&feed.send(&merge("M3", OTHER, ONE)), "AE", "204", "merged before");
    refused(&feed.send(&merge("M4", THIRD, ONE)), "AE", "204", "itself merged");
    refused(&feed.send(&merge("M5", THIRD, THIRD)), "AE", "103", "the same");
    refused(&feed.send(&merge("M6", "9990000042", THIRD)), "AE", "204", "not known");
    assert_eq!(found(&hub, THIRD), [1, 2, 3]);
}

#[test]
fn a_merge_that_is_sent_again_is_accepted_again() {
    let hub = hub();
    registered(&hub, 1, OTHER);
    let mut feed = feed(&hub, "RXN");
    for _ in 0..2 {
        accepted(&feed.send(&merge("M1", OTHER, ONE)));
    }
    refused(&feed.send(&merge("M2", OTHER, ONE)), "AE", "204", "merged before");
    assert_eq!(hub.count_indexed("patient_merge"), 1);
}

#[test]
fn only_a_configured_source_is_believed_and_only_some_may_merge() {
    let hub = hub();
    registered(&hub, 1, ONE);
    registered(&hub, 2, OTHER);
    let mut names = feed(&hub, "RX7");
    accepted(&names.send(&named("A01", "1", ONE)));
    refused(&names.send(&merge("M1", OTHER, ONE)), "AE", "103", "may not merge");
    let mut stranger = feed(&hub, "ZZP01");
    for message in [named("A01", "1", ONE), named("A08", "2", ONE), merge("M1", OTHER, ONE)] {
        refused(&stranger.send(&message), "AE", "103", "no patient identity source");
    }
    assert_eq!((found(&hub, ONE), found(&hub, OTHER)), (vec![1], vec![2]));
    let events = records(&hub, 2);
    assert!(
        events.iter().all(|record| record.event.outcome == node::audit::Outcome::SeriousFailure)
    );
}

#[test]
fn what_is_not_understood_is_answered_and_the_connection_goes_on() {
    let hub = hub();
    let mut feed = feed(&hub, "RXN");
    refused(&feed.send(&named("A99", "1", ONE)), "AR", "201", "events");
    refused(&feed.send("no message at all"), "AE", "100", "MSH");
    refused(&feed.send(&named("A01", "2", "9990000019")), "AE", "102", "check digit");
    refused(&feed.send(&adt("A40", "3", &format!("PID|||{ONE}^^^NHS"))), "AE", "100", "MRG");
    accepted(&feed.send(&named("A01", "4", ONE)));
}

#[test]
fn a_connection_without_a_certificate_or_with_too_large_a_message_ends() {
    let hub = hub();
    let ca = hub.pki().join("ca.pem");
    let mut nobody = Feed::connect(&hub.door("mllp"), &ca, None);
    let _ = nobody.write(&frame(named("A01", "1", ONE).as_bytes()));
    assert!(nobody.answers(1).is_err());
    let mut large = feed(&hub, "RXN");
    let _ = large.write(&frame(&vec![b'A'; 2 << 20]));
    assert!(large.answers(1).is_err());
    accepted(&feed(&hub, "RXN").send(&named("A01", "1", ONE)));
}

#[test]
fn where_patients_come_by_feed_documents_wait_for_it() {
    let hub = TestHub::with(|options| {
        super::configure(&mut options.config);
        options.mllp_listen = Some(([127, 0, 0, 1], 0).into());
        options.config.registry.patients = PatientsSetting::Feed;
    });
    let refused_before = register(&hub, 1, ONE);
    assert_eq!(refused_before.error_codes(), ["XDSUnknownPatientId"]);
    let mut feed = feed(&hub, "RXN");
    accepted(&feed.send(&named("A04", "1", ONE)));
    registered(&hub, 1, ONE);
    refused(&feed.send(&merge("M1", ONE, OTHER)), "AE", "204", "surviving identifier is not known");
    accepted(&feed.send(&named("A01", "2", OTHER)));
    accepted(&feed.send(&merge("M1", ONE, OTHER)));
    assert_eq!(found(&hub, OTHER), [1]);
}

#[test]
fn a_patient_without_a_number_is_published_locally_and_comes_home_when_traced() {
    let hub = hub();
    let local = format!("VISITOR-1^^^&amp;{}&amp;ISO", super::LOCAL);
    let letter = |number: u32| {
        let mut letter = tests::message::Provide::letter(number);
        letter.patient = local.clone();
        letter.inline()
    };
    let publisher = hub.request("RXN", hub.url(Role::Repository));
    let answer = publisher.soap(&letter(1));
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let other = hub.request("RX7", hub.url(Role::Repository)).soap(&letter(2));
    assert_eq!(other.error_codes(), ["XDSUnknownPatientId"], "{}", other.text());
    assert_eq!(found(&hub, ONE), Vec::<u32>::new());
    let gateway = hub.url(Role::Gateway);
    let by_local = tests::message::find_documents("NUMBER", "LeafClass", "")
        .replace("NUMBER^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO", &local);
    // An ambulance crew that reads for everyone by number does not read here.
    let crew = hub.request("RX7", &*gateway).soap(&by_local);
    assert_eq!(crew.xds_status(), "Success", "{}", crew.text());
    assert!(!crew.contains("ExtrinsicObject id"), "{}", crew.text());
    assert_eq!(hub.last_audit(Role::Gateway).event.decisions[0].decision, "local-identifier");
    // A practice to which the publisher has addressed the document does.
    let practice = hub.request("ZZP01", &*gateway);
    assert!(!practice.soap(&by_local).contains("ExtrinsicObject id"), "not addressed to it");
    let recipient = tests::message::slot(
        "intendedRecipient",
        "Practice^^^^^&amp;2.16.840.1.113883.2.1.4.3&amp;ISO^^^^ZZP01",
    );
    let addressed = letter(4).replace(
        "<rim:RegistryPackage id=\"SubmissionSet01\">",
        &format!("<rim:RegistryPackage id=\"SubmissionSet01\">{recipient}"),
    );
    let answer = publisher.soap(&addressed);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let read = practice.soap(&by_local);
    assert_eq!(read.text().matches("<rim:ExtrinsicObject id").count(), 1, "{}", read.text());
    assert!(read.contains("1.2.826.0.1.99999.20.4"), "the one that names the practice");
    let traced = format!("PID|||{ONE}^^^NHS\rMRG|VISITOR-1^^^&{}&ISO", super::LOCAL);
    accepted(&feed(&hub, "RXN").send(&adt("A40", "T1", &traced)));
    assert_eq!(found(&hub, ONE), [1, 4]);
    let again = publisher.soap(&letter(3));
    assert_eq!(again.error_codes(), ["XDSUnknownPatientId"], "the local identifier is subsumed");
    assert!(ask(&hub, ONE).contains("sourcePatientId"));
}
