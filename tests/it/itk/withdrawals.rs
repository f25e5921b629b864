//! What a publisher takes back is in no answer from that moment, and is kept.

use super::versions::{current, document, version};
use super::*;
use tests::message::retrieve;

const NULLIFICATION: &str = "E4B1C7D2-60F9-4A38-9B05-2C7F1A8D3E60";
pub(super) const SET: &str = "0E9F0C36-6C0D-4B6C-8C55-0F6C1B5D7A10";

/// The withdrawal of a document of the set, version n of it, with a reason.
pub(super) fn nullification(victim: u32, version: u32, reason: &str) -> Itk {
    let id = NULLIFICATION.replace("E4B1", &format!("E4B{victim}"));
    let payload = format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:npfitlc=\"NPFIT:HL7:Localisation\" classCode=\"DOCCLIN\" moodCode=\"EVN\"><typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/><npfitlc:messageType root=\"2.16.840.1.113883.2.1.3.2.4.18.17\" extension=\"POCD_MT130001UK05\"/><id root=\"{id}\"/><code code=\"285091000000108\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\"/><title>Nullification Document</title><effectiveTime value=\"20260715115000+01\"/><confidentialityCode code=\"N\" codeSystem=\"2.16.840.1.113883.5.25\"/><setId root=\"{SET}\"/><versionNumber value=\"{version}\"/><recordTarget typeCode=\"RCT\"><patientRole classCode=\"PAT\"><id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990000026\"/></patientRole></recordTarget><custodian><assignedCustodian><representedCustodianOrganization><id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"RXN\"/></representedCustodianOrganization></assignedCustodian></custodian><relatedDocument typeCode=\"RPLC\"><parentDocument classCode=\"DOCCLIN\" moodCode=\"EVN\"><id root=\"{}\"/><code code=\"163391000000107\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\"/><setId root=\"{SET}\"/><versionNumber value=\"{}\"/></parentDocument></relatedDocument><component><structuredBody><component><section><entry typeCode=\"COMP\"><observation classCode=\"OBS\" moodCode=\"EVN\"><code code=\"{reason}\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.176\"/><effectiveTime value=\"20260715115000+01\"/></observation></entry></section></component></structuredBody></component></ClinicalDocument>",
        document(victim),
        version - 1
    );
    let interaction = "nullifyDischargeReport-v1-0".to_owned();
    Itk { payload, interaction, ..Itk::discharge("9990000026", &id) }
}

fn reasons(hub: &TestHub) -> String {
    hub.last_audit(Role::Repository).event.reasons.join("; ")
}

fn stage(hub: &TestHub, stage: &str) -> i64 {
    hub.count(Role::Repository, "front_door.db", &format!("nullification WHERE stage = '{stage}'"))
}

/// Whether a system can still get a document's bytes, by name.
fn is_handed_out(hub: &TestHub, number: u32) -> bool {
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    let answer = gateway.soap(&retrieve(&[&unique_id(&document(number))]));
    answer.xds_status() == "Success"
}

#[test]
fn a_withdrawn_document_is_in_no_answer_at_once_and_is_kept() {
    let hub = TestHub::start();
    accepted(&hub, &version(1, 1, None));
    assert!(is_handed_out(&hub, 1));
    accepted(&hub, &nullification(1, 2, "01"));
    assert!(reasons(&hub).contains("was withdrawn by its nullification"), "{}", reasons(&hub));
    assert!(current(&hub, &[1]).is_empty());
    assert!(!is_handed_out(&hub, 1));
    let deprecated = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')";
    let query = message::find_documents("9990000026", "LeafClass", "");
    let approved = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')";
    let old =
        hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query.replace(approved, deprecated));
    assert!(!old.contains(&unique_id(&document(1))), "{}", old.text());
    assert_eq!(hub.contents(), (1, 1), "row and bytes are kept");
    assert_eq!(stage(&hub, "applied"), 1);
    assert_eq!(hub.count(Role::Repository, "front_door.db", "incident"), 0);
    // Nobody finds the withdrawal itself as a document.
    assert!(
        !find(&hub, "9990000026", "").contains(&unique_id("E4B1C7D2-60F9-4A38-9B05-2C7F1A8D3E60"))
    );
}

#[test]
fn the_same_withdrawal_again_changes_nothing() {
    let mut hub = TestHub::start();
    accepted(&hub, &version(1, 1, None));
    let withdrawal = nullification(1, 2, "01");
    accepted(&hub, &withdrawal);
    accepted(&hub, &withdrawal);
    let anew = Itk { tracking_id: discharge().tracking_id, ..withdrawal };
    hub.restart();
    accepted(&hub, &anew);
    assert!(reasons(&hub).contains("was withdrawn by its nullification"), "{}", reasons(&hub));
    assert_eq!(stage(&hub, "applied"), 1);
}

#[test]
fn a_withdrawal_that_shares_its_tracking_id_with_its_document_is_processed() {
    let hub = TestHub::start();
    let letter = version(1, 1, None);
    accepted(&hub, &letter);
    let tracking_id = letter.tracking_id.clone();
    accepted(&hub, &Itk { tracking_id, ..nullification(1, 2, "01") });
    assert!(reasons(&hub).contains("TRACKINGID_REUSED"), "{}", reasons(&hub));
    assert!(current(&hub, &[1]).is_empty());
}

#[test]
fn a_wrong_patient_is_an_incident_and_takes_every_version_from_the_record() {
    let hub = TestHub::start();
    accepted(&hub, &version(1, 1, None));
    accepted(&hub, &version(2, 2, Some(1)));
    accepted(&hub, &nullification(2, 3, "02"));
    assert!(reasons(&hub).contains("INCIDENT"), "{}", reasons(&hub));
    assert!(current(&hub, &[1, 2]).is_empty());
    assert!(!is_handed_out(&hub, 1) && !is_handed_out(&hub, 2));
    assert_eq!(hub.count(Role::Repository, "front_door.db", "incident"), 1);
}

#[test]
fn a_withdrawal_by_set_alone_takes_the_current_version() {
    let hub = TestHub::start();
    accepted(&hub, &version(1, 1, None));
    accepted(&hub, &version(2, 2, Some(1)));
    let by_id = nullification(2, 3, "01");
    let parent = format!("<id root=\"{}\"/><code", document(2));
    assert!(by_id.payload.contains(&parent));
    let payload = by_id.payload.replace(&parent, "<code");
    accepted(&hub, &Itk { payload, ..by_id });
    assert!(current(&hub, &[1, 2]).is_empty());
    assert!(!is_handed_out(&hub, 2));
}

#[test]
fn a_withdrawal_before_its_document_waits_and_is_applied_on_arrival() {
    let hub = TestHub::start();
    accepted(&hub, &nullification(1, 2, "01"));
    assert!(reasons(&hub).contains("held until"), "{}", reasons(&hub));
    assert_eq!(stage(&hub, "waiting"), 1);
    accepted(&hub, &version(1, 1, None));
    assert!(reasons(&hub).contains("was withdrawn by its nullification"), "{}", reasons(&hub));
    assert!(current(&hub, &[1]).is_empty() && !is_handed_out(&hub, 1));
    assert_eq!((stage(&hub, "waiting"), stage(&hub, "applied")), (0, 1));
    assert_eq!(hub.contents(), (1, 1), "it is kept for audit");
}

#[test]
fn an_operator_sees_which_withdrawals_wait_and_which_were_applied() {
    let hub = TestHub::start();
    let listed = |arguments: &[&str]| {
        let mut command = std::process::Command::new(crate::executable());
        command.args(["quarantine", "withdrawals", "--data"]).arg(hub.data()).args(arguments);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(listed(&[]).contains("no withdrawal has come"));
    accepted(&hub, &nullification(1, 2, "02"));
    let waiting = listed(&["--waiting"]);
    assert!(waiting.contains("wrong patient  waits for its document until 2"), "{waiting}");
    accepted(&hub, &version(1, 1, None));
    assert!(listed(&["--waiting"]).contains("no withdrawal waits"));
    assert!(listed(&[]).contains("applied to 1 documents"), "{}", listed(&[]));
    let json: serde_json::Value = serde_json::from_str(&listed(&["--json"])).unwrap();
    assert_eq!(json[0]["stage"], "applied");
    assert_eq!(json[0]["withdrawn"][0], unique_id(&document(1)));
    assert!(!listed(&["--json"]).contains("9990000026"), "no patient in a list");
}

#[test]
fn a_withdrawal_that_is_never_matched_is_reported() {
    let hub = TestHub::start();
    accepted(&hub, &nullification(1, 2, "01"));
    hub.clock().advance_seconds(8 * 24 * 3600);
    for _ in 0..100 {
        if stage(&hub, "expired") == 1 && reasons(&hub).contains("never matched") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{}", reasons(&hub));
}

#[test]
fn nobody_withdraws_another_organisations_document() {
    let hub = TestHub::start();
    accepted(&hub, &version(1, 1, None));
    let identity = "urn:nhs-uk:identity:ods:RXR:ward1".to_owned();
    let theirs = Itk { identity, ..nullification(1, 2, "02") };
    let message = theirs.message().replace("addressing:ods:RXN", "addressing:ods:RXR");
    let words = ["was published by another organisation"];
    let answer = hub.refuses(Role::Repository, &words, || sender(&hub, "RXR").post(&message));
    assert_itk_fault(&answer, 500, "Client", "3000");
    assert_eq!(current(&hub, &[1]), [1]);
    assert!(is_handed_out(&hub, 1));
    assert_eq!(
        (stage(&hub, "refused"), hub.count(Role::Repository, "front_door.db", "incident")),
        (1, 0)
    );
}

#[test]
fn what_was_withdrawn_does_not_come_back_and_a_corrected_document_may_follow() {
    let hub = TestHub::start();
    let first = version(1, 1, None);
    accepted(&hub, &first);
    accepted(&hub, &nullification(1, 2, "01"));
    let again = Itk { tracking_id: discharge().tracking_id, ..first };
    refused(&hub, "1000", &["was withdrawn by its publisher"], &again.message());
    assert!(current(&hub, &[1]).is_empty(), "sent again it stays withdrawn");
    accepted(&hub, &version(3, 3, None));
    assert_eq!(current(&hub, &[1, 3]), [3]);
    // Older than the withdrawal and unknown: somebody has to look.
    accepted(&hub, &version(4, 1, None));
    assert_eq!(current(&hub, &[1, 3, 4]), [3]);
}

#[test]
fn contradictions_are_told_and_not_acted_on() {
    let hub = TestHub::start();
    accepted(&hub, &version(1, 1, None));
    let interaction = "nullifyAmbulanceServicePatientReport-v1-0".to_owned();
    accepted(&hub, &Itk { interaction, ..nullification(1, 2, "01") });
    assert!(reasons(&hub).contains("nullification-type"), "{}", reasons(&hub));
    assert!(current(&hub, &[1]).is_empty());
}

#[test]
fn what_is_no_withdrawal_or_not_alone_is_refused() {
    let hub = TestHub::start();
    let interaction = "nullifyDischargeReport-v1-0".to_owned();
    let words = ["the interaction withdraws and the document does not"];
    refused(&hub, "1000", &words, &Itk { interaction, ..discharge() }.message());
    let none = nullification(1, 2, "01");
    let from = none.payload.find("<relatedDocument").unwrap();
    let to = none.payload.find("</relatedDocument>").unwrap() + "</relatedDocument>".len();
    let payload = format!("{}{}", &none.payload[..from], &none.payload[to..]);
    let payload = payload.replace(&format!("<setId root=\"{SET}\"/>"), "");
    refused(&hub, "1000", &["names no document"], &Itk { payload, ..none }.message());
}
