//! A tracking id is read together with what it carries, and a document's identity before either.

use super::*;

fn reasons(hub: &TestHub) -> String {
    hub.last_audit(Role::Repository).event.reasons.join("; ")
}

fn strict() -> TestHub {
    TestHub::with(|options| options.config.itk.strict = true)
}

const OTHER: &str = "8C1D2E3F-40A1-4B52-8C63-D475E6F70819";

#[test]
fn the_same_message_again_is_answered_as_before_and_nothing_is_stored() {
    let hub = TestHub::start();
    let itk = discharge();
    let first = accepted(&hub, &itk);
    let again = Itk { message_id: uuid::Uuid::new_v4().to_string().to_uppercase(), ..itk };
    let second = accepted(&hub, &again);
    assert_eq!(element(&second, "wsa:RelatesTo"), again.message_id);
    assert_ne!(element(&second, "wsa:MessageID"), element(&first, "wsa:MessageID"));
    assert!(reasons(&hub).contains("the same message again"), "{}", reasons(&hub));
    assert_eq!((hub.contents(), hub.count_indexed("submission_set")), ((1, 1), 1));
}

#[test]
fn a_copy_under_the_same_tracking_id_adds_its_recipients_by_reference() {
    let hub = TestHub::start();
    let primary = discharge();
    accepted(&hub, &primary);
    let interaction = "copyRecipientDischargeReport-v1-0".to_owned();
    accepted(&hub, &Itk { interaction, ..primary.clone() });
    assert!(reasons(&hub).contains("TRACKINGID_REUSED"), "{}", reasons(&hub));
    let elsewhere = primary.message().replace("addressing:ods:ZZP01", "addressing:ods:RX7");
    assert_ok(&send(&hub, &elsewhere), &primary.tracking_id);
    assert_eq!((hub.contents(), hub.count_indexed("submission_set")), ((1, 1), 3));
    // Each of the three is known again.
    assert_ok(&send(&hub, &elsewhere), &primary.tracking_id);
    assert_eq!(hub.count_indexed("submission_set"), 3);
}

#[test]
fn another_document_under_the_same_tracking_id_is_taken_with_a_warning() {
    let hub = TestHub::start();
    let first = discharge();
    accepted(&hub, &first);
    let second = Itk { payload: message::cda("9990000026", OTHER), ..first };
    accepted(&hub, &second);
    assert!(reasons(&hub).contains("TRACKINGID_REUSED"), "{}", reasons(&hub));
    assert_eq!(hub.contents(), (2, 2));
}

#[test]
fn a_strict_hub_refuses_a_tracking_id_with_another_document_but_not_a_copy() {
    let hub = strict();
    let first = discharge();
    accepted(&hub, &first);
    let second = Itk { payload: message::cda("9990000026", OTHER), ..first.clone() };
    refused(&hub, "1000", &["TRACKINGID_REUSED", "strict"], &second.message());
    let interaction = "copyRecipientDischargeReport-v1-0".to_owned();
    accepted(&hub, &Itk { interaction, ..first });
    assert_eq!(hub.contents(), (1, 1));
}

#[test]
fn the_same_document_under_another_tracking_id_is_a_further_distribution() {
    let hub = TestHub::start();
    accepted(&hub, &discharge());
    accepted(&hub, &discharge());
    assert!(!reasons(&hub).contains("TRACKINGID_REUSED"));
    assert_eq!((hub.contents(), hub.count_indexed("submission_set")), ((1, 1), 2));
}

#[test]
fn a_documents_identity_stands_for_its_bytes_whatever_the_tracking_id() {
    let hub = TestHub::start();
    let first = discharge();
    accepted(&hub, &first);
    let payload = first.payload.replace("Discharge summary", "Another summary");
    let words = ["ClinicalDocument/id is already registered with other content"];
    for tracking_id in [first.tracking_id.clone(), discharge().tracking_id] {
        let changed = Itk { tracking_id, payload: payload.clone(), ..first.clone() };
        refused(&hub, "1000", &words, &changed.message());
    }
    assert_eq!(hub.contents(), (1, 1));
}

#[test]
fn another_organisations_tracking_ids_are_its_own() {
    let hub = TestHub::start();
    let ours = discharge();
    accepted(&hub, &ours);
    let identity = "urn:nhs-uk:identity:ods:RXR:ward1".to_owned();
    let theirs = Itk { identity, payload: message::cda("9990000026", OTHER), ..ours.clone() };
    let theirs = theirs.message().replace("addressing:ods:RXN", "addressing:ods:RXR");
    assert_ok(&sender(&hub, "RXR").post(&theirs), &ours.tracking_id);
    assert!(!reasons(&hub).contains("TRACKINGID_REUSED"), "{}", reasons(&hub));
}

#[test]
fn messages_are_known_again_after_a_restart_until_their_time_is_over() {
    let mut hub = TestHub::start();
    let itk = discharge();
    accepted(&hub, &itk);
    hub.restart();
    accepted(&hub, &itk);
    assert!(reasons(&hub).contains("the same message again"), "{}", reasons(&hub));
    assert_eq!(hub.count(Role::Repository, "front_door.db", "message"), 1);
}

#[test]
fn two_identical_messages_at_once_are_one_document() {
    let hub = TestHub::start();
    let message = discharge().message();
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let send = || send(&hub, &message);
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.status == 200), "{}", answers[0].text());
    assert_eq!((hub.contents(), hub.count_indexed("submission_set")), ((1, 1), 1));
}
