//! Who is told, where, and how often.

use super::*;

/// A header that names the test's own endpoint as the place for answers.
fn with_header(message: &str, header: &str, url: &str) -> String {
    let element = format!("<wsa:{header}><wsa:Address>{url}</wsa:Address></wsa:{header}>");
    message.replacen("<wsa:To>", &format!("{element}<wsa:To>"), 1)
}

#[test]
fn an_acknowledgement_goes_where_the_directory_says_and_never_where_a_message_says() {
    let port = ReplyPort::bind();
    let elsewhere = port.url();
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    let stranger = port.serve_script(&hub.pki(), &[taken()]);
    let message = with_header(&asking(&discharge(1), true, true), "From", &elsewhere);
    accepted(&hub, &with_header(&message, "FaultTo", &elsewhere));
    receiver.next();
    receiver.next();
    // One who is not in the directory, and one whose code is not its endpoint's.
    let nobody = asking(&discharge(2), true, true).replace(":ods:RXN", ":ods:RXL");
    let nobody = with_header(&nobody, "From", &elsewhere);
    assert_eq!(send_as(&hub, "RXL", &nobody).status, 200);
    eventually("it waits", || items(&hub, "destination = 'RXL' AND state = 0") == 2);
    assert_eq!(items(&hub, "destination = 'RXL' AND attempts > 0"), 0);
    assert!(stranger.is_quiet());
}

#[test]
fn without_a_sender_address_the_first_identity_is_told_and_else_the_certificates_organisation() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    let sender = "<itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:RXN\"/>";
    let message = asking(&discharge(1), true, false);
    accepted(&hub, &message.replace(sender, ""));
    assert!(receiver.next().text().contains("uri=\"urn:nhs-uk:addressing:ods:RXN\""));
    let identity = "urn:nhs-uk:identity:BBB:X0912".to_owned();
    let message = asking(&Itk { identity, ..discharge(2) }, true, false);
    accepted(&hub, &message.replace(sender, ""));
    assert!(receiver.next().text().contains("uri=\"urn:nhs-uk:addressing:ods:RXN\""));
    // A site that the sender speaks for has an endpoint of its own, or none.
    let site = "<itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:rhm:team1:A\"/>";
    accepted(&hub, &asking(&discharge(3), true, false).replace(sender, site));
    eventually("it waits", || {
        items(&hub, "destination = 'RHM' AND address = 'urn:nhs-uk:addressing:ods:rhm:team1:A'")
            == 1
    });
    assert!(receiver.is_quiet());
}

#[test]
fn an_endpoint_is_spoken_to_in_its_own_style() {
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = TestHub::with(|options| {
        endpoint_of(options, "RXN", &url, Soap::V12, ServiceStyle::Generic);
    });
    let receiver = port.serve_script(&hub.pki(), &[taken()]);
    accepted(&hub, &asking(&discharge(1), true, false));
    let delivery = receiver.next();
    let generic = format!("{SERVICE}sendDistEnvelope");
    let text = delivery.text();
    for part in [
        format!("<wsa:Action>{generic}</wsa:Action>"),
        format!("<itk:header service=\"{generic}\""),
        "xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"".to_owned(),
        "interaction:ITKInfrastructureAcknowledgement-v1-0".to_owned(),
    ] {
        assert!(text.contains(&part), "no {part} in {text}");
    }
    let content_type = format!("application/soap+xml; charset=UTF-8; action=\"{generic}\"");
    assert_eq!((delivery.content_type, delivery.soap_action), (content_type, None));
}

#[test]
fn only_what_was_asked_for_is_sent() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    accepted(&hub, &discharge(1).message());
    accepted(&hub, &asking(&discharge(2), false, false));
    accepted(&hub, &asking(&discharge(3), false, true));
    assert!(receiver.next().text().contains("SendBusinessAck-v1-0"));
    eventually("that is all", || items(&hub, "state = 3") == 1);
    assert_eq!(items(&hub, "1 = 1"), 1);
}

#[test]
fn a_message_that_is_refused_with_a_fault_gets_no_acknowledgement() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    let message = asking(&Itk { username: String::new(), ..discharge(1) }, true, true);
    assert_eq!(send_as(&hub, "RXN", &message).status, 500);
    assert_eq!(items(&hub, "1 = 1"), 0);
    assert!(receiver.is_quiet());
}

#[test]
fn a_replayed_message_is_not_acknowledged_twice_and_what_was_parked_is_tried_again() {
    let script = [taken(), Scripted::new(500, fault("Client", "3000")), taken()];
    let (hub, receiver) = hub_and_endpoint(&script);
    let itk = discharge(1);
    accepted(&hub, &asking(&itk, true, true));
    let infrastructure = receiver.next();
    let refused = receiver.next();
    eventually("one is parked", || items(&hub, "state = 4") == 1);
    let retry = Itk { message_id: uuid::Uuid::new_v4().to_string(), ..itk };
    accepted(&hub, &asking(&retry, true, true));
    let again = receiver.next();
    let ((_, tracking_id, _), (_, first, _)) = (ids(&again), ids(&refused));
    assert_eq!(tracking_id, first, "the same acknowledgement, with its ids");
    assert_ne!(tracking_id, ids(&infrastructure).1);
    eventually("both are delivered", || items(&hub, "state = 3") == 2);
    accepted(
        &hub,
        &asking(&Itk { message_id: uuid::Uuid::new_v4().to_string(), ..retry }, true, true),
    );
    assert_eq!(items(&hub, "1 = 1"), 2);
    assert!(receiver.is_quiet());
}

#[test]
fn other_documents_under_one_tracking_id_have_acknowledgements_of_their_own() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    let first = discharge(1);
    let second = Itk { tracking_id: first.tracking_id.clone(), ..discharge(2) };
    for itk in [&first, &second] {
        accepted(&hub, &asking(itk, false, true));
        assert!(receiver.next().text().contains(&first.tracking_id));
    }
    eventually("both are delivered", || items(&hub, "state = 3") == 2);
}

#[test]
fn a_synchronous_message_is_answered_with_an_envelope() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    let service = format!("{SERVICE}sendRecvDistEnvelope");
    let at_once =
        |n: u32| Itk { action: service.clone(), service: service.clone(), ..discharge(n) };
    for (n, infrastructure, business, in_answer) in [
        (1, false, false, "InfrastructureResponse"),
        (2, true, false, "InfrastructureResponse"),
        (3, false, true, "BusinessResponseMessage"),
        (4, true, true, "BusinessResponseMessage"),
    ] {
        let itk = at_once(n);
        let message = asking(&itk, infrastructure, business);
        let answer = accepted(&hub, &message);
        let text = answer.text();
        assert!(text.contains("<itk:DistributionEnvelope") && text.contains(in_answer), "{text}");
        assert!(
            text.contains(&itk.tracking_id) && text.contains("Response</wsa:Action>"),
            "{text}"
        );
        let again = accepted(&hub, &message).text();
        let id = |text: &str| between(text, "trackingid=\"", "\"").to_owned();
        assert_eq!(id(&text), id(&again), "the same message, the same answer");
    }
    // Of the two that the last one asked for, the other one goes its own way.
    assert!(receiver.next().text().contains("SendInfrastructureAck-v1-0"));
    eventually("that is all", || items(&hub, "state = 3") == 1);
    assert_eq!(items(&hub, "1 = 1"), 1);
}
