//! Acknowledgements of what the hub has sent.

use super::*;

/// An acknowledgement from RXN of a message of the hub's.
fn acknowledgement(service: &str, payload: &str) -> Itk {
    let service = format!("{SERVICE}{service}");
    Itk {
        action: service.clone(),
        service,
        interaction: "ITKInfrastructureAcknowledgement-v1-0".to_owned(),
        manifest_attributes: "mimetype=\"text/xml\"".to_owned(),
        payload: payload.to_owned(),
        ..discharge(1)
    }
}

fn infrastructure(result: &str, tracking_id: &str) -> Itk {
    let payload = format!(
        "<itk:InfrastructureResponse result=\"{result}\" timestamp=\"2026-07-15T12:00:00Z\" trackingIdRef=\"{tracking_id}\" serviceRef=\"x\"><itk:reportingIdentity><itk:id uri=\"urn:nhs-uk:identity:ods:RXN\"/></itk:reportingIdentity><itk:errors/></itk:InfrastructureResponse>"
    );
    acknowledgement("SendInfrastructureAck-v1-0", &payload)
}

fn business(code: &str, item: &str, tracking_id: &str) -> Itk {
    let payload = format!(
        "<hl7:BusinessResponseMessage xmlns:hl7=\"urn:hl7-org:v3\"><hl7:id root=\"4F6E0C1A-7B39-4D58-8A2E-90C1D7E3B5F6\"/><hl7:acknowledgedBy3 typeCode=\"{code}\"><hl7:conveyingTransmission><hl7:id root=\"{tracking_id}\"/></hl7:conveyingTransmission></hl7:acknowledgedBy3><hl7:acknowledgedBy2 typeCode=\"{item}\"><hl7:conveyingTransmission><hl7:id root=\"uuid_1\"/></hl7:conveyingTransmission></hl7:acknowledgedBy2></hl7:BusinessResponseMessage>"
    );
    let itk = acknowledgement("SendBusinessAck-v1-0", &payload);
    Itk { interaction: "ITKBusinessAcknowledgement-v1-0".to_owned(), ..itk }
}

#[test]
fn an_acknowledgement_is_written_beside_what_it_answers_and_is_not_acknowledged() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    accepted(&hub, &asking(&discharge(1), false, true));
    let (_, sent, _) = ids(&receiver.next());
    eventually("it is delivered", || items(&hub, "state = 3") == 1);
    let answer = infrastructure("OK", &sent);
    // What an acknowledgement asks for is not listened to.
    let said = accepted(&hub, &asking(&answer, true, true));
    assert!(said.contains(&format!("OK:{}<", answer.tracking_id)), "{}", said.text());
    assert_eq!(items(&hub, "infrastructure_answer = 'OK' AND business_answer IS NULL"), 1);
    accepted(&hub, &business("AA", "AA", &sent).message());
    assert_eq!(items(&hub, "infrastructure_answer = 'OK' AND business_answer = 'AA'"), 1);
    accepted(&hub, &business("AA", "AR", &sent.to_lowercase()).message());
    assert_eq!(items(&hub, "business_answer = 'AR'"), 1, "one item that was not makes it negative");
    accepted(&hub, &infrastructure("ERROR", &sent).message());
    assert_eq!(items(&hub, "infrastructure_answer = 'ERROR'"), 1, "as it was received");
    assert_eq!((items(&hub, "1 = 1"), hub.contents()), (1, (1, 1)), "nothing else came of them");
    assert!(receiver.is_quiet());
    let said = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(
        said.contains(&format!("infrastructure acknowledgement ERROR answers {sent}")),
        "{said}"
    );
}

#[test]
fn an_acknowledgement_in_the_generic_style_needs_no_profile() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    accepted(&hub, &asking(&discharge(1), true, false));
    let (_, sent, _) = ids(&receiver.next());
    let generic = format!("{SERVICE}sendDistEnvelope");
    for itk in [infrastructure("OK", &sent), business("AA", "AA", &sent)] {
        let itk = Itk { action: generic.clone(), service: generic.clone(), ..itk };
        accepted(&hub, &itk.message());
    }
    assert_eq!(items(&hub, "infrastructure_answer = 'OK' AND business_answer = 'AA'"), 1);
}

#[test]
fn one_organisation_cannot_acknowledge_what_was_sent_to_another() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    accepted(&hub, &asking(&discharge(1), true, false));
    let (_, sent, _) = ids(&receiver.next());
    let stranger = infrastructure("Failure", &sent).message().replace(":ods:RXN", ":ods:RXL");
    let answer = send_as(&hub, "RXL", &stranger);
    assert_eq!(answer.status, 200, "it is kept: {}", answer.text());
    assert_eq!(items(&hub, "infrastructure_answer IS NULL"), 1);
    let unmatched = hub.count(Role::Repository, "outbox.db", "unmatched WHERE sender = 'RXL'");
    assert_eq!(unmatched, 1);
}

#[test]
fn an_acknowledgement_of_nothing_that_was_sent_is_kept_and_reported() {
    let hub = TestHub::start();
    let unknown = "D2C4B6A8-1E3F-4A5B-9C7D-8E9F0A1B2C3D";
    let itk = infrastructure("Failure", unknown);
    for _ in 0..2 {
        accepted(&hub, &itk.message());
    }
    let said = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(said.contains("answers nothing that was sent"), "{said}");
    let (done, said) = watling(&hub, &["outbox", "unmatched"]);
    assert!(done && said.matches(unknown).count() == 1, "{said}");
    assert!(said.contains("infrastructure acknowledgement Failure from RXN"), "{said}");
    let (_, json) = watling(&hub, &["outbox", "unmatched", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["trackingIdRef"], unknown);
}

#[test]
fn an_acknowledgement_that_is_none_is_refused() {
    let hub = TestHub::start();
    let itk = acknowledgement("SendInfrastructureAck-v1-0", "<a xmlns=\"urn:a\"/>");
    let answer = send_as(&hub, "RXN", &itk.message());
    assert_eq!(answer.status, 500);
    assert!(answer.contains(">1000</itk:ErrorCode>"), "{}", answer.text());
}

/// A file beside the repository, or a word that it is not there.
fn sample(name: &str) -> Option<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.parent()?;
    let path = root.join("shared/samples/itk/acks").join(name);
    let found = std::fs::read_to_string(&path).ok();
    if found.is_none() {
        crate::skipped(&format!("no {}", path.display()));
    }
    found
}

#[test]
fn acknowledgements_as_other_toolkits_write_them_are_read_by_what_they_mean() {
    let hub = TestHub::start();
    for (name, level, answer) in [
        ("test-infack.xml", "infrastructure", "OK"),
        ("test-infnack.xml", "infrastructure", "ERROR"),
        ("test-wrapped-busack.xml", "business", "AA"),
        // It says AA of its item, and AR of the whole.
        ("test-wrapped-busnack.xml", "business", "AR"),
    ] {
        let Some(text) = sample(name) else { return };
        let inner = text.split_once("?>").map_or(text.as_str(), |(_, rest)| rest);
        let message = match inner.contains("DistributionEnvelope") {
            true => {
                let outer = business("AA", "AA", "x").message();
                let start = outer.find("<itk:DistributionEnvelope>").unwrap();
                let end = outer.find("</soap:Body>").unwrap();
                // Both have one tracking id in the samples; each is a message of its own here.
                let own = uuid::Uuid::new_v4().to_string().to_uppercase();
                let inner = inner.replace("BAFCEFBB-D189-4238-92C4-C2E3116A4EF3", &own);
                format!("{}{inner}{}", &outer[..start], &outer[end..])
            }
            false => acknowledgement("SendInfrastructureAck-v1-0", inner).message(),
        };
        accepted(&hub, &message);
        let kept = format!(
            "unmatched WHERE level = '{level}' AND answer = '{answer}' AND tracking_id_ref = '7D6F23E0-AE1A-11DB-8707-B18E1E0994EF'"
        );
        assert_eq!(hub.count(Role::Repository, "outbox.db", &kept), 1, "{name}");
    }
    let raw = "unmatched WHERE detail = '098765 of 2.16.840.1.113883.2.1.3.2.4.17.268'";
    assert_eq!(hub.count(Role::Repository, "outbox.db", raw), 1, "codes as they were received");
}
