//! Notices on the wire: what an organisation is sent, and what becomes of its acknowledgement.

use super::{
    discharge, entry_uuid, find, json, open, organisations, publish, recalls, report, until,
};
use crate::outbox::{SERVICE, between, endpoint, taken};
use crate::schema::{schemas_folder, valid_against};
use crate::skipped;
use base64::Engine;
use hub::serve::Role;
use serde_json::Value;
use tests::message::{self, Itk, Provide};
use tests::{ReplyPort, ReplyReceiver, TestHub};

/// A hub whose ambulance service RX7 has an endpoint, opened letter 1, and it is removed.
fn recalled() -> (TestHub, ReplyReceiver, Provide) {
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = TestHub::with(|options| endpoint(options, "RX7", &url));
    let receiver = port.serve_script(&hub.pki(), &[taken()]);
    let letter = discharge(1);
    publish(&hub, "RXN", &letter);
    assert_eq!(find(&hub, "ZZP01").xds_status(), "Success");
    assert_eq!(open(&hub, "RX7", &letter).xds_status(), "Success");
    let bytes = message::remove("1.2.826.0.1.99999.40.1", &[&letter.unique_id]);
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&bytes);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    (hub, receiver, letter)
}

fn state_of(hub: &TestHub, organisation: &str) -> String {
    let incident = recalls(hub.data(), 1).remove(0);
    let all = organisations(&incident);
    all.into_iter().find(|one| one.0 == organisation).expect("it is affected").3
}

/// A business acknowledgement of a notice.
pub(super) fn acknowledgement(ods: &str, code: &str, tracking_id: &str) -> String {
    let payload = format!(
        "<hl7:BusinessResponseMessage xmlns:hl7=\"urn:hl7-org:v3\"><hl7:id root=\"4F6E0C1A-7B39-4D58-8A2E-90C1D7E3B5F6\"/><hl7:acknowledgedBy3 typeCode=\"{code}\"><hl7:conveyingTransmission><hl7:id root=\"{tracking_id}\"/></hl7:conveyingTransmission></hl7:acknowledgedBy3></hl7:BusinessResponseMessage>"
    );
    let service = format!("{SERVICE}SendBusinessAck-v1-0");
    let itk = Itk {
        action: service.clone(),
        service,
        interaction: "ITKBusinessAcknowledgement-v1-0".to_owned(),
        manifest_attributes: "mimetype=\"text/xml\"".to_owned(),
        payload,
        ..crate::outbox::discharge(1)
    };
    itk.message().replace(":ods:RXN", &format!(":ods:{ods}"))
}

#[test]
fn whoever_has_a_copy_is_sent_one_notice_and_its_acknowledgement_closes_it() {
    let (hub, receiver, letter) = recalled();
    let sent = receiver.next().text();
    for part in [
        "value=\"true\"",
        "infackrequested",
        "ackrequested",
        "urn:nhs-uk:addressing:ods:RX7",
        "urn:nhs-uk:addressing:ods:QE1:DOCHUB",
        "NonCodedCDADocument-v2-1",
        "extension=\"9000000009\"",
    ] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    let text = between(&sent, "representation=\"B64\">", "<");
    let text = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let text = String::from_utf8(text).unwrap();
    for part in [
        "Document withdrawn",
        "NHS number 9000000009",
        "by RXN",
        letter.unique_id.as_str(),
        "Published by: RXN",
        "Written: 2026-01-15 09:30",
        "Remove it from this patient's record".to_lowercase().as_str(),
        "Your organisation opened it once.",
    ] {
        assert!(text.to_lowercase().contains(&part.to_lowercase()), "{part}: {text}");
    }
    until("it is delivered", || (state_of(&hub, "RX7") == "delivered").then_some(()));
    let open = report(&hub, &["recalls", "--open"]);
    assert!(open.contains("0 of 1 notices dealt with") && open.contains("1 open"), "{open}");
    let tracking_id = between(&sent, "trackingid=\"", "\"");
    let answer = hub
        .request("RX7", hub.itk_url())
        .content_type("text/xml; charset=UTF-8")
        .post(acknowledgement("RX7", "AA", tracking_id));
    assert_eq!(answer.status, 200, "{}", answer.text());
    until("it is acknowledged", || (state_of(&hub, "RX7") == "acknowledged").then_some(()));
    let none: Value = json(&report(&hub, &["recalls", "--open", "--json"]));
    assert_eq!(none.as_array().unwrap().len(), 0);
    assert!(receiver.is_quiet(), "one notice for each organisation, not for each reading");
}

#[test]
fn a_refused_notice_stays_open_until_an_operator_settles_it() {
    let (hub, receiver, _) = recalled();
    let sent = receiver.next().text();
    until("it is delivered", || (state_of(&hub, "RX7") == "delivered").then_some(()));
    let refusal = acknowledgement("RX7", "AR", between(&sent, "trackingid=\"", "\""));
    let request = hub.request("RX7", hub.itk_url()).content_type("text/xml; charset=UTF-8");
    assert_eq!(request.post(refusal).status, 200);
    until("it is refused", || (state_of(&hub, "RX7") == "refused").then_some(()));
    let id = recalls(hub.data(), 1)[0]["id"].as_str().unwrap().to_owned();
    let said = report(&hub, &["incident", &id]);
    assert!(said.contains("REFUSED the notice (AR)"), "{said}");
    let by = ["--by", "D Operator", "--reason", "told by telephone"];
    let said = report(&hub, &[&["settle", &id, "RX7"][..], &by].concat());
    assert!(said.contains("settled"), "{said}");
    let said = report(&hub, &["incident", &id]);
    assert!(said.contains("settled by hand (D Operator: told by telephone)"), "{said}");
    let (done, said) = super::report_in(hub.data(), &[&["settle", &id, "RX7"][..], &by].concat());
    assert!(!done && said.contains("nothing is open with RX7"), "{said}");
}

#[test]
fn a_notice_that_nobody_acknowledges_is_overdue() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    open(&hub, "ZZP01", &letter);
    let entry = entry_uuid(&hub, &letter);
    let association = format!(
        "<rim:Association id=\"urn:uuid:00000000-0000-4000-8000-00000000000a\" associationType=\"urn:ihe:iti:2007:AssociationType:RPLC\" sourceObject=\"Document01\" targetObject=\"{entry}\"/>"
    );
    publish(&hub, "RXN", &Provide { associations: association, ..Provide::letter(2) });
    // The hub's clock stands months before the report's.
    let incident = recalls(hub.data(), 1).remove(0);
    assert_eq!(incident["organisations"][0]["overdue"], true, "{incident}");
    let said = report(&hub, &["recalls"]);
    assert!(said.contains("1 OVERDUE"), "{said}");
}

#[test]
fn a_notice_is_valid_by_the_schema_of_nhs_cda() {
    let Some(folder) = schemas_folder() else { return };
    let schema = folder.join("itk/ciao-cda-builder/Schemas/POCD_MT000002UK01.xsd");
    if !schema.is_file() {
        return skipped("the schema of NHS CDA is not here: a notice was not validated");
    }
    let (_hub, receiver, _) = recalled();
    let sent = receiver.next().text();
    let start = sent.find("<ClinicalDocument").expect("a CDA");
    let end = sent.find("</ClinicalDocument>").expect("its end") + "</ClinicalDocument>".len();
    valid_against(&schema, &sent[start..end]);
}
