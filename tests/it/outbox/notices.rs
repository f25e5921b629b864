//! Notices of the gateway: the same outbox for another role, with acknowledgements that are asked for.

use super::*;
use node::clock::Clock;
use node::outbox::{Directory, Item, Kind, Message, Opening, Outbox, OutboxSettings, Put};
use schemas::itk::{COLLECT, QueueMessage};

fn ods(text: &str) -> OdsCode {
    OdsCode::parse(text).unwrap()
}

/// A notice to a practice about a document.
fn notice(to: &str) -> Item {
    Item {
        kind: Kind::RecallNotice,
        destination: ods(to),
        address: format!("urn:nhs-uk:addressing:ods:{to}"),
        reference: "2.25.1234".to_owned(),
        occasion: "withdrawn".to_owned(),
        message: Message {
            service: "SendDocument-v1-0".to_owned(),
            tracking_id: uuid::Uuid::new_v4(),
            payload_id: "uuid_5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01".to_owned(),
            sender_address: "urn:nhs-uk:addressing:ods:QE1:DOCHUB".to_owned(),
            audit_identity: "urn:nhs-uk:identity:ods:QE1:DOCHUB".to_owned(),
            interaction: Some("recallNotice-v1-0".to_owned()),
            profile_id: Some("urn:watling:recall".to_owned()),
            wants_infrastructure_ack: true,
            wants_business_ack: true,
            payload: "<notice xmlns=\"urn:watling:recall\"/>".to_owned(),
        },
    }
}

/// Puts a notice into the gateway's outbox, as the gateway would.
fn put(hub: &TestHub, item: Item) -> Put {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let identity = node::tls::Identity {
            certificate: hub.pki().join("watling-gateway.pem"),
            key: hub.pki().join("watling-gateway.key"),
            trust: hub.pki().join("ca.pem"),
            revoked: None,
        };
        let opening = Opening {
            folder: &hub.data().join("gateway"),
            directory: Directory::default(),
            settings: OutboxSettings::default(),
            tls: identity.client_config().unwrap(),
            system: "watling-gateway",
            clock: Clock::System,
        };
        Outbox::open(opening).await.unwrap().put(item).await.unwrap()
    })
}

fn notices(hub: &TestHub, condition: &str) -> i64 {
    hub.count(Role::Gateway, "outbox.db", &format!("item WHERE {condition}"))
}

fn gateway_itk(hub: &TestHub) -> String {
    format!("{}/itk", hub.url(Role::Gateway))
}

fn send(hub: &TestHub, ods: &str, url: &str, message: &str) -> Answer {
    hub.request(ods, url).content_type("text/xml").post(message)
}

/// An infrastructure acknowledgement from a practice.
fn acknowledgement(from: &str, tracking_id: &str) -> String {
    let service = format!("{SERVICE}SendInfrastructureAck-v1-0");
    let itk = Itk {
        action: service.clone(),
        service,
        interaction: "ITKInfrastructureAcknowledgement-v1-0".to_owned(),
        manifest_attributes: "mimetype=\"text/xml\"".to_owned(),
        payload: format!(
            "<itk:InfrastructureResponse result=\"OK\" timestamp=\"2026-07-15T12:00:00Z\" trackingIdRef=\"{tracking_id}\" serviceRef=\"x\"><itk:reportingIdentity><itk:id uri=\"x\"/></itk:reportingIdentity><itk:errors/></itk:InfrastructureResponse>"
        ),
        ..discharge(1)
    };
    itk.message().replace(":ods:RXN", &format!(":ods:{from}"))
}

#[test]
fn a_notice_is_delivered_by_the_gateway_and_tracked_to_its_acknowledgement() {
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = TestHub::with(|options| endpoint(options, "ZZP01", &url));
    let receiver = port.serve_script(&hub.pki(), &[taken()]);
    let item = notice("ZZP01");
    assert_eq!(put(&hub, item.clone()), Put::New);
    let delivery = receiver.next();
    assert_eq!(delivery.system, "watling-gateway");
    let text = delivery.text();
    assert!(text.contains("infackrequested\" value=\"true\""), "{text}");
    assert!(text.contains(":ackrequested\" value=\"true\""), "{text}");
    eventually("it is delivered", || notices(&hub, "state = 3") == 1);
    let event = hub.last_audit(Role::Gateway).event;
    assert!(event.reasons.join("; ").contains("the notice was delivered"), "{event:?}");
    assert!(matches!(put(&hub, item), Put::Known(_)), "the same notice is put once");

    let (_, tracking_id, _) = ids(&delivery);
    let message = acknowledgement("ZZP01", &tracking_id);
    let answer = send(&hub, "ZZP01", &gateway_itk(&hub), &message);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(notices(&hub, "infrastructure_answer = 'OK'"), 1);
    let (done, said) = watling(&hub, &["outbox", "list", "--all"]);
    assert!(done && said.contains("recall-notice") && said.contains("acknowledged"), "{said}");
}

#[test]
fn a_notice_for_one_without_an_endpoint_is_collected_at_the_gateway() {
    let hub = TestHub::start();
    put(&hub, notice("ZZP01"));
    let asked = QueueMessage {
        subscriber_name: "practice".to_owned(),
        service_message_type: None,
        requested_message_count: None,
    };
    let asked = collection::queue_request(COLLECT, &asked.write());
    let ask = |ods: &str| send(&hub, ods, &gateway_itk(&hub), &asked);
    assert!(collection::handed_out(&ask("RX7")).is_empty());
    let found = collection::handed_out(&ask("ZZP01"));
    assert_eq!(found.len(), 1);
    assert!(found[0].message_payload.contains("urn:watling:recall"));
}

#[test]
fn the_gateways_address_takes_no_documents() {
    let hub = TestHub::start();
    let answer = send(&hub, "RXN", &gateway_itk(&hub), &discharge(1).message());
    assert!(answer.contains(">2200</itk:ErrorCode>"), "{}", answer.text());
    assert_eq!(hub.contents(), (0, 0));
}

#[test]
fn an_acknowledgement_of_a_notice_may_come_to_the_repositorys_address_too() {
    let hub = TestHub::start();
    let item = notice("RXN");
    put(&hub, item.clone());
    let message = acknowledgement("RXN", &item.message.tracking_id.to_string().to_uppercase());
    let answer = send(&hub, "RXN", &hub.itk_url(), &message);
    assert_eq!(answer.status, 200, "{}", answer.text());
    // Whoever acknowledges a message has it.
    assert_eq!(notices(&hub, "state = 3 AND infrastructure_answer = 'OK'"), 1);
}
