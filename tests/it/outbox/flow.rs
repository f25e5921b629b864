//! The flow of acknowledgements with its ids: what is kept over tries, and what is new.

use super::*;

#[test]
fn acknowledgements_keep_their_tracking_and_payload_ids_over_tries_and_have_a_new_message_id_each_time()
 {
    let (hub, receiver) = hub_and_endpoint(&[
        Scripted::status(503),
        Scripted::new(200, fault("Server", "2100")),
        taken(),
        Scripted::status(500),
        taken(),
    ]);
    let itk = discharge(1);
    let answer = accepted(&hub, &asking(&itk, true, true));
    let ok = format!("OK:{}</itk:SimpleMessageResponse>", itk.tracking_id);
    assert!(answer.contains(&ok), "{}", answer.text());
    assert!(answer.contains(&format!("<wsa:RelatesTo>{}</wsa:RelatesTo>", itk.message_id)));

    let mut tries = Vec::new();
    for attempts in 1..=3 {
        tries.push(receiver.next());
        if attempts < 3 {
            next_try(&hub, attempts);
        }
    }
    let mut business = vec![receiver.next()];
    next_try(&hub, 1);
    business.push(receiver.next());
    eventually("both are delivered", || items(&hub, "state = 3") == 2);

    let (infrastructure_ids, business_ids) = (tries.iter().map(ids), business.iter().map(ids));
    let all: Vec<_> = infrastructure_ids.chain(business_ids).collect();
    let message_ids: std::collections::BTreeSet<_> = all.iter().map(|(m, ..)| m.clone()).collect();
    assert_eq!(message_ids.len(), 5, "a MessageID for each try: {all:?}");
    let kept: std::collections::BTreeSet<_> = all.iter().map(|(_, t, p)| (t, p)).collect();
    assert_eq!(kept.len(), 2, "ids that last: {all:?}");
    assert!(kept.iter().all(|(t, p)| **t != itk.tracking_id && p.starts_with("uuid_")));
    let created: std::collections::BTreeSet<_> =
        tries.iter().map(|t| between(&t.text(), "<wsu:Created>", "<").to_owned()).collect();
    assert_eq!(created.len(), 3, "and a timestamp");

    check_infrastructure(&hub, &itk, &tries[2]);
    check_business(&hub, &itk, &business[1]);
    for (sent, of) in [(&tries, "infrastructure"), (&business, "business")] {
        let payloads: std::collections::BTreeSet<_> = sent
            .iter()
            .map(|t| between(&t.text(), "<itk:payloads", "</itk:payloads>").to_owned())
            .collect();
        assert_eq!(payloads.len(), 1, "the {of} acknowledgement itself is the same each time");
    }
}

#[track_caller]
fn holds(delivery: &Delivery, parts: &[&str]) {
    let text = delivery.text();
    for part in parts {
        assert!(text.contains(part), "no {part} in {text}");
    }
}

/// What every posted acknowledgement says.
fn check_common(hub: &TestHub, delivery: &Delivery, service: &str) {
    let action = format!("{SERVICE}{service}");
    assert_eq!(delivery.system, "watling-repository", "the role's own certificate");
    assert_eq!(delivery.soap_action.as_deref(), Some(&*format!("\"{action}\"")));
    assert!(delivery.content_type.starts_with("text/xml"), "{}", delivery.content_type);
    holds(
        delivery,
        &[
            &format!("<wsa:Action>{action}</wsa:Action>"),
            &format!("<itk:header service=\"{action}\""),
            "<itk:addresslist><itk:address uri=\"urn:nhs-uk:addressing:ods:RXN\"/></itk:addresslist>",
            "<itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:QE1:DOCHUB\"/>",
            "<wsse:Username>watling-repository</wsse:Username>",
        ],
    );
    let text = delivery.text();
    assert!(!text.contains("ackrequested"), "an acknowledgement asks for none: {text}");
    assert!(!text.contains("9990000026") && !text.contains("SYNTHETIC"), "{text}");
    let _ = hub;
}

fn check_infrastructure(hub: &TestHub, itk: &Itk, delivery: &Delivery) {
    check_common(hub, delivery, "SendInfrastructureAck-v1-0");
    holds(
        delivery,
        &[
            "result=\"OK\"",
            &format!("trackingIdRef=\"{}\"", itk.tracking_id),
            &format!("serviceRef=\"{}\"", itk.service),
            "<itk:errors></itk:errors>",
            "value=\"urn:nhs-itk:interaction:ITKInfrastructureAcknowledgement-v1-0\"",
        ],
    );
}

fn check_business(hub: &TestHub, itk: &Itk, delivery: &Delivery) {
    check_common(hub, delivery, "SendBusinessAck-v1-0");
    let conveyed = |id: &str| format!("<hl7:conveyingTransmission><hl7:id root=\"{id}\"/>");
    holds(
        delivery,
        &[
            &format!("<hl7:acknowledgedBy3 typeCode=\"AA\">{}", conveyed(&itk.tracking_id)),
            &format!("<hl7:acknowledgedBy2 typeCode=\"AA\">{}", conveyed("uuid_1")),
            "extension=\"urn:nhs-itk:interaction:primaryRecipientDischargeReport-v1-0\"",
            "value=\"urn:nhs-itk:interaction:ITKBusinessAcknowledgement-v1-0\"",
            "profileid=\"urn:nhs-en:profile:ITKBusinessAcknowledgement-v1-0\"",
        ],
    );
}

#[test]
fn sent_envelopes_validate_against_the_official_schema() {
    let Some(folder) = crate::schema::schemas_folder() else { return };
    let xsd = folder.join("itk/ciao-cda-builder/Schemas/distributionEnvelope-v2-0.xsd");
    if !xsd.is_file() {
        return crate::skipped("the schema of the Distribution Envelope is not on this machine");
    }
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    accepted(&hub, &asking(&discharge(1), true, true));
    for _ in 0..2 {
        let text = receiver.next().text();
        let (from, to) = ("<itk:DistributionEnvelope", "</itk:DistributionEnvelope>");
        crate::schema::valid_against(&xsd, &format!("{from}{}{to}", between(&text, from, to)));
    }
}
