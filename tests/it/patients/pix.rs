//! ITI-44: the same feed in HL7 v3.

use super::{ONE, OTHER, found, hub, register, registered};
use crate::schema::{schemas_folder, valid_against};
use hub::serve::Role;
use tests::{Answer, TestHub, message};

const OLD: &str = "<replacementOf typeCode=\"RPLC\"><priorRegistration classCode=\"REG\" moodCode=\"EVN\">\
    <statusCode code=\"obsolete\"/><subject1 typeCode=\"SBJ\"><priorRegisteredRole classCode=\"PAT\">\
    <id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"PRIOR\"/></priorRegisteredRole></subject1>\
    </priorRegistration></replacementOf>";

pub(crate) fn message(name: &str, patient: &str, prior: Option<&str>) -> String {
    let device = |role: &str, code: &str, id: &str| {
        format!(
            "<{role} typeCode=\"{code}\"><device classCode=\"DEV\" determinerCode=\"INSTANCE\">\
             <id root=\"{id}\"/></device></{role}>"
        )
    };
    let old = prior.map(|prior| OLD.replace("PRIOR", prior)).unwrap_or_default();
    let (receiver, sender) =
        (device("receiver", "RCV", "1.2.840.1"), device("sender", "SND", "1.2.840.2"));
    let body = format!(
        "<{name} xmlns=\"urn:hl7-org:v3\" ITSVersion=\"XML_1.0\"><id root=\"1.2.3.4\" extension=\"m-{patient}\"/>\
         <creationTime value=\"20260115\"/>\
         <interactionId root=\"2.16.840.1.113883.1.6\" extension=\"{name}\"/>\
         <processingCode code=\"P\"/><processingModeCode code=\"T\"/><acceptAckCode code=\"AL\"/>\
         {receiver}{sender}<controlActProcess classCode=\"CACT\" moodCode=\"EVN\">\
         <subject typeCode=\"SUBJ\"><registrationEvent classCode=\"REG\" moodCode=\"EVN\">\
         <statusCode code=\"active\"/><subject1 typeCode=\"SBJ\"><patient classCode=\"PAT\">\
         <id root=\"1.2.3\" extension=\"LOC\"/>\
         <id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"{patient}\"/></patient></subject1>{old}\
         </registrationEvent></subject></controlActProcess></{name}>"
    );
    message::envelope(&format!("urn:hl7-org:v3:{name}"), &body)
}

fn send(hub: &TestHub, ods: &str, envelope: &str) -> Answer {
    hub.request(ods, hub.door("pix")).soap(envelope)
}

#[track_caller]
fn acknowledged(answer: &Answer, code: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.contains(&format!("<typeCode code=\"{code}\"/>")), "{}", answer.text());
    assert!(answer.contains("urn:hl7-org:v3:MCCI_IN000002UV01</wsa:Action>"), "{}", answer.text());
    if let Some(folder) = schemas_folder() {
        let schemas = folder.join("hl7v3/schema/HL7V3/NE2008/multicacheschemas");
        valid_against(&schemas.join("MCCI_IN000002UV01.xsd"), &body(answer));
    }
}

/// The acknowledgement without its envelope.
fn body(answer: &Answer) -> String {
    let text = answer.text();
    let start = text.find("<MCCI_IN000002UV01").expect("an acknowledgement");
    let end = text.find("</MCCI_IN000002UV01>").expect("its end") + "</MCCI_IN000002UV01>".len();
    text[start..end].to_owned()
}

#[test]
fn patients_are_added_revised_and_merged_and_every_answer_is_valid() {
    let hub = hub();
    registered(&hub, 1, ONE);
    registered(&hub, 2, OTHER);
    acknowledged(&send(&hub, "RXN", &message("PRPA_IN201301UV02", ONE, None)), "CA");
    acknowledged(&send(&hub, "RXN", &message("PRPA_IN201302UV02", ONE, None)), "CA");
    let merged = message("PRPA_IN201304UV02", ONE, Some(OTHER));
    acknowledged(&send(&hub, "RXN", &merged), "CA");
    acknowledged(&send(&hub, "RXN", &merged), "CA");
    assert_eq!((found(&hub, ONE), found(&hub, OTHER)), (vec![1, 2], Vec::new()));
    assert_eq!(register(&hub, 3, OTHER).error_codes(), ["XDSUnknownPatientId"]);
    let mut records = hub.audit(Role::Registry);
    records.retain(|record| record.event.kind_name() == "ITI-44");
    let actions = records.iter().map(|r| r.event.feed.as_ref().unwrap().action.code());
    assert_eq!(actions.collect::<String>(), "CUDUDU");
    assert!(records[0].message().contains("type=\"II\""), "{}", records[0].message());
}

#[test]
fn a_wrong_message_is_refused_in_its_acknowledgement() {
    let hub = hub();
    registered(&hub, 2, OTHER);
    let merged = message("PRPA_IN201304UV02", ONE, Some(OTHER));
    for (sent, word) in [
        (message("PRPA_IN201304UV02", ONE, None), "replacementOf"),
        (message("PRPA_IN201304UV02", ONE, Some(ONE)), "the same"),
        (message("PRPA_IN201304UV02", ONE, Some("9990000042")), "not known"),
        (merged.replace("obsolete", "active"), "obsolete"),
        (message("PRPA_IN201301UV02", "9990000019", None), "check digit"),
    ] {
        let answer = send(&hub, "RXN", &sent);
        acknowledged(&answer, "CE");
        assert!(answer.contains(word), "{}", answer.text());
    }
    let mismatched =
        merged.replace("urn:hl7-org:v3:PRPA_IN201304UV02<", "urn:hl7-org:v3:PRPA_IN201301UV02<");
    assert_eq!(send(&hub, "RXN", &mismatched).fault_code(), "Sender");
    assert_eq!(found(&hub, OTHER), [2], "nothing was merged");
}

#[test]
fn a_stranger_is_refused_and_a_source_that_may_not_merge_does_not() {
    let hub = hub();
    registered(&hub, 2, OTHER);
    let merged = message("PRPA_IN201304UV02", ONE, Some(OTHER));
    let words = ["ZZP01", "no patient identity source"];
    let stranger = hub.refuses(Role::Registry, &words, || send(&hub, "ZZP01", &merged));
    assert_eq!(stranger.fault_code(), "Sender");
    let answer = send(&hub, "RX7", &merged);
    acknowledged(&answer, "CE");
    assert!(answer.contains("may not merge"), "{}", answer.text());
    assert_eq!(found(&hub, OTHER), [2]);
}
