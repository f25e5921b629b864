use super::*;
use crate::audit::event::{AuditKind, DecidedEntry, Outcome};

fn retrieval() -> AuditEvent {
    let kind = AuditKind::Transaction("ITI-43".to_owned());
    let mut event = AuditEvent::new("gateway", kind, Outcome::Success);
    event.organisation = Some("ZZP01".to_owned());
    event.system = Some("zzp01-records".to_owned());
    event.role = Some("clinician".to_owned());
    event
}

fn decided(id: &str, patient: &str, decision: &str) -> DecidedEntry {
    DecidedEntry {
        unique_id: id.to_owned(),
        patient_id: Some(patient.to_owned()),
        decision: decision.to_owned(),
        ..DecidedEntry::default()
    }
}

#[test]
fn the_person_behind_a_system_is_a_requestor_of_their_own() {
    let user = "jane<123456789012@https://idp.example>".to_owned();
    let event = AuditEvent { user: Some(user), ..retrieval() };
    let message = messages(&event).remove(0);
    let person = "UserID=\"123456789012\" UserName=\"jane&lt;123456789012@https://idp.example";
    assert!(message.contains(person), "{message}");
    assert_eq!(message.matches("UserIsRequestor=\"true\"").count(), 2);
    assert_eq!(message.matches("csd-code=\"clinician\"").count(), 1, "the role is the person's");
}

#[test]
fn each_patient_has_a_message_of_their_own() {
    let mut event = retrieval();
    event.document_unique_ids = ["1.1", "1.2", "1.3"].map(str::to_owned).to_vec();
    event.decisions = vec![decided("1.1", "A", "permit"), decided("1.2", "B", "permit")];
    let messages = messages(&event);
    assert_eq!(messages.len(), 2);
    for (message, (own, others)) in messages.iter().zip([("A", "B"), ("B", "A")]) {
        assert!(message.contains(&format!("ID=\"{own}\"")), "{message}");
        assert!(!message.contains(&format!("ID=\"{others}\"")), "{message}");
    }
    assert!(messages[0].contains("\"1.3\"") && !messages[1].contains("\"1.3\""));
}

#[test]
fn what_was_delivered_and_what_was_not_are_two_messages() {
    let mut event = AuditEvent { outcome: Outcome::MinorFailure, ..retrieval() };
    event.document_unique_ids = vec!["1.1".to_owned()];
    event.decisions = vec![decided("1.1", "A", "permit"), decided("1.2", "A", "preference")];
    let messages = messages(&event);
    assert_eq!(messages.len(), 2);
    assert!(messages[0].contains("Indicator=\"0\"") && messages[0].contains("\"1.1\""));
    assert!(messages[1].contains("Indicator=\"4\"") && messages[1].contains("\"1.2\""));
    assert!(!messages[1].contains("\"1.1\""), "{}", messages[1]);
}

#[test]
fn breaking_the_glass_is_an_alert_beside_the_message() {
    let event = AuditEvent { break_glass: Some("unconscious".to_owned()), ..retrieval() };
    let messages = messages(&event);
    assert_eq!(messages.len(), 2);
    assert!(messages[1].contains("110127") && messages[1].contains("unconscious"));
}

#[test]
fn what_a_certificate_says_cannot_break_the_message_or_its_line() {
    let event = AuditEvent { system: Some("a\u{1}b\nc\"<".to_owned()), ..retrieval() };
    let message = messages(&event).remove(0);
    assert!(!message.contains(['\n', '\u{1}']), "{message}");
    let limits = schemas::xml::Limits::default();
    assert!(schemas::xml::Document::parse_bytes(message.as_bytes(), &limits).is_ok(), "{message}");
}

#[test]
fn many_documents_and_a_long_query_do_not_make_a_message_too_long_to_send() {
    let mut event = retrieval();
    event.document_unique_ids = (0..1_000).map(|n| format!("1.2.826.0.1.99999.{n}")).collect();
    assert_eq!(messages(&event).len(), 10);
    event.query_request = Some("A".repeat(QUERY_CHARACTERS_MAX + 4));
    event.document_unique_ids.clear();
    let all = messages(&event);
    assert!(all.iter().all(|message| message.len() < 60_000), "{}", all[0].len());
    assert!(all[0].contains("urn:watling:query-sha256"));
}
