//! Organisations without an endpoint collect what waits for them.

use super::*;
use schemas::itk::{
    COLLECT, CONFIRM, QueueConfirmMessageReceipt, QueueMessage, QueueMessageResponse, QueuedMessage,
};
use schemas::xml::{Document, Limits};

pub(super) fn queue_request(action: &str, body: &str) -> String {
    let message_id = uuid::Uuid::new_v4().to_string().to_uppercase();
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><soap:Header><wsa:MessageID>{message_id}</wsa:MessageID><wsa:Action>{action}</wsa:Action><wsa:To>https://hub/itk</wsa:To></soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

fn asked(subscriber: &str, service: Option<&str>, count: Option<usize>) -> String {
    let message = QueueMessage {
        subscriber_name: subscriber.to_owned(),
        service_message_type: service.map(str::to_owned),
        requested_message_count: count,
    };
    queue_request(COLLECT, &message.write())
}

pub(super) fn handed_out(answer: &Answer) -> Vec<QueuedMessage> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let document = Document::parse(&text, &Limits::default()).unwrap();
    let body = document.root().children().find(|e| e.local() == "Body").unwrap();
    QueueMessageResponse::read(body.children().next().unwrap()).unwrap().messages
}

pub(super) fn collect(hub: &TestHub, ods: &str, subscriber: &str) -> Vec<QueuedMessage> {
    handed_out(&send_as(hub, ods, &asked(subscriber, None, None)))
}

fn receipt(messages: &[&QueuedMessage]) -> String {
    let message_handles = messages.iter().map(|message| message.message_handle.clone()).collect();
    queue_request(CONFIRM, &QueueConfirmMessageReceipt { message_handles }.write())
}

/// A hub on which nobody has an endpoint, with three acknowledgements for RXN.
fn hub_with_three() -> (TestHub, Itk) {
    let hub = TestHub::start();
    let itk = discharge(1);
    accepted(&hub, &asking(&itk, true, true));
    accepted(&hub, &asking(&discharge(2), true, false));
    (hub, itk)
}

#[test]
fn what_waits_is_collected_in_order_and_is_delivered_when_it_is_confirmed() {
    let (hub, itk) = hub_with_three();
    let answer = send_as(&hub, "RXN", &asked("northfell-tie", None, None));
    assert!(answer.contains("collectQueue-v1-0Response</wsa:Action>"), "{}", answer.text());
    let found = handed_out(&answer);
    let services: Vec<_> = found.iter().map(|m| m.service_message_type.as_str()).collect();
    let infrastructure = "SendInfrastructureAck-v1-0";
    assert_eq!(services, [infrastructure, "SendBusinessAck-v1-0", infrastructure]);
    assert!(found[0].message_payload.starts_with("<itk:DistributionEnvelope"));
    assert!(found[1].message_payload.contains(&itk.tracking_id));
    assert_eq!(items(&hub, "state = 2"), 3);
    assert!(collect(&hub, "RXN", "RXN").is_empty(), "handed out already");

    let answer = accepted(&hub, &receipt(&[&found[0], &found[2]]));
    assert!(answer.contains("<itk:SimpleMessageResponse"), "{}", answer.text());
    assert_eq!((items(&hub, "state = 3"), items(&hub, "state = 2")), (2, 1));
    // The answer was lost: the same again does no harm.
    accepted(&hub, &receipt(&[&found[0]]));
    let said = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(said.contains("1 messages were confirmed"), "{said}");
}

#[test]
fn what_is_not_confirmed_comes_again_with_its_ids() {
    let (hub, _) = hub_with_three();
    let first = collect(&hub, "RXN", "RXN");
    accepted(&hub, &receipt(&[&first[0]]));
    hub.clock().advance_seconds(14 * 60);
    assert!(collect(&hub, "RXN", "RXN").is_empty());
    hub.clock().advance_seconds(60);
    assert_eq!(collect(&hub, "RXN", "RXN"), first[1..]);
}

#[test]
fn a_collector_may_ask_for_some_of_one_service() {
    let (hub, _) = hub_with_three();
    let ask = |service, count| handed_out(&send_as(&hub, "RXN", &asked("RXN", service, count)));
    assert_eq!(ask(Some("SendBusinessAck-v1-0"), None).len(), 1);
    assert_eq!(ask(None, Some(1)).len(), 1);
    assert_eq!(ask(Some("SendBusinessAck-v1-0"), None).len(), 0);
    assert_eq!(ask(None, Some(100)).len(), 1);
}

#[test]
fn nobody_collects_or_confirms_what_is_anothers() {
    let (hub, _) = hub_with_three();
    assert!(collect(&hub, "RXL", "RXL").is_empty());
    assert!(collect(&hub, "RXL", "RXN").is_empty(), "a name is a label");
    let address = asked("urn:nhs-uk:addressing:ods:RXN:TIE", None, None);
    let refused = send_as(&hub, "RXL", &address);
    assert!(refused.contains(">3000</itk:ErrorCode>"), "{}", refused.text());
    assert_eq!(handed_out(&send_as(&hub, "RXN", &address)).len(), 3);
    let handles: Vec<_> = collect_again(&hub);
    let refused = send_as(&hub, "RXL", &receipt(&[&handles[0]]));
    assert!(refused.contains(">1000</itk:ErrorCode>"), "{}", refused.text());
    assert_eq!(items(&hub, "state = 3"), 0);
    let anonymous = hub.anonymous(hub.itk_url()).content_type("text/xml").post(&address);
    assert_eq!(anonymous.status, 403);
}

fn collect_again(hub: &TestHub) -> Vec<QueuedMessage> {
    hub.clock().advance_seconds(900);
    collect(hub, "RXN", "RXN")
}

#[test]
fn one_that_speaks_for_a_site_collects_what_waits_for_it() {
    let hub = TestHub::start();
    let sender = "<itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:RXN\"/>";
    let site = "<itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:RHM\"/>";
    accepted(&hub, &asking(&discharge(1), true, false).replace(sender, site));
    assert!(collect(&hub, "RXL", "RHM").is_empty());
    assert_eq!(collect(&hub, "RXN", "RHM").len(), 1);
}

#[test]
fn what_has_an_endpoint_is_delivered_there_and_not_collected() {
    let (hub, receiver) = hub_and_endpoint(&[Scripted::status(503)]);
    accepted(&hub, &asking(&discharge(1), true, false));
    receiver.next();
    eventually("it waits for its time", || items(&hub, "state = 0 AND attempts = 1") == 1);
    hub.clock().advance_seconds(900);
    assert!(collect(&hub, "RXN", "RXN").is_empty());
}

#[test]
fn what_waited_to_be_collected_is_delivered_once_there_is_an_endpoint() {
    let port = ReplyPort::bind();
    let url = port.url();
    let mut hub = TestHub::start();
    accepted(&hub, &asking(&discharge(1), true, true));
    assert_eq!(collect(&hub, "RXN", "RXN").len(), 2);
    hub.restart_with(|options| endpoint(options, "RXN", &url));
    let receiver = port.serve_script(&hub.pki(), &[taken()]);
    hub.clock().advance_seconds(900);
    receiver.next();
    receiver.next();
    eventually("both are delivered", || items(&hub, "state = 3") == 2);
}

#[test]
fn what_nobody_collects_is_parked_after_its_time() {
    let hub = TestHub::with(|options| options.config.itk.outbox.collect_seconds = 3600);
    accepted(&hub, &asking(&discharge(1), true, false));
    hub.clock().advance_seconds(3601);
    eventually("it is parked", || {
        items(&hub, "state = 4 AND last_error = 'nobody collected it'") == 1
    });
    let (done, said) = watling(&hub, &["outbox", "retry", "--all", "--to", "RXN"]);
    assert!(done, "{said}");
}

#[test]
fn what_is_settled_is_forgotten_after_its_retention() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    accepted(&hub, &asking(&discharge(1), true, false));
    receiver.next();
    eventually("it is delivered", || items(&hub, "state = 3") == 1);
    hub.clock().advance_seconds(90 * 24 * 3600 + 1);
    eventually("it is forgotten", || items(&hub, "1 = 1") == 0);
}
