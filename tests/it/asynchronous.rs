//! Answers on connections of their own: promised with a 202, delivered to a listed address.

mod delivery;
mod refused;
mod restart;

use hub::serve::{Options, Role};
use node::asynchronous::ReplyAddress;
use tests::message::{self, Provide};
use tests::{Answer, Delivery, ReplyPort, ReplyReceiver, TestHub};

const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
const INCLUDE: &str = "<xds:Document id=\"Document01\"><xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:doc@suite\"/></xds:Document>";

/// Lists addresses for every role.
fn listing(options: &mut Options, addresses: &[&str]) {
    let addresses = addresses.iter().map(|text| ReplyAddress::parse(text).unwrap());
    options.config.asynchronous.reply_to = addresses.collect();
}

/// A hub in conformance mode and a receiver that it may answer at.
fn hub_and_receiver(statuses: &[u16]) -> (TestHub, String, ReplyReceiver) {
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = TestHub::with(|options| {
        options.conformance = true;
        listing(options, &[&url]);
    });
    let receiver = port.serve(&hub.pki(), statuses);
    (hub, url, receiver)
}

/// An envelope that wants its answer at an address, and its MessageID.
fn later(envelope: &str, address: &str) -> (String, String) {
    let id = envelope.split("<wsa:MessageID>").nth(1).unwrap().split('<').next().unwrap();
    (envelope.replacen(ANONYMOUS, address, 1), id.to_owned())
}

/// With a FaultTo of the test's own.
fn fault_to(envelope: &str, address: &str) -> String {
    let header = format!("<wsa:FaultTo><wsa:Address>{address}</wsa:Address></wsa:FaultTo>");
    envelope.replacen("<wsa:To>", &format!("{header}<wsa:To>"), 1)
}

fn provide(hub: &TestHub, envelope: &str) -> Answer {
    hub.request("RXN", hub.url(Role::Repository)).soap(envelope)
}

fn provide_mtom(hub: &TestHub, envelope: &str, document: &[u8]) -> Answer {
    let (content_type, body) = message::package(envelope, &[("doc@suite", document)]);
    hub.request("RXN", hub.url(Role::Repository)).content_type(&content_type).post(body)
}

fn query() -> String {
    message::find_documents("9000000009", "LeafClass", "")
}

#[track_caller]
fn assert_promised(answer: &Answer) {
    assert_eq!((answer.status, answer.text().as_str()), (202, ""), "{}", answer.text());
}

/// What every delivered answer says of itself.
#[track_caller]
fn assert_answers(delivery: &Delivery, action: &str, url: &str, message_id: &str) {
    let text = delivery.text();
    for part in [
        format!("<wsa:Action s:mustUnderstand=\"true\">{action}</wsa:Action>"),
        format!("<wsa:To s:mustUnderstand=\"true\">{url}</wsa:To>"),
        format!("<wsa:RelatesTo>{message_id}</wsa:RelatesTo>"),
    ] {
        assert!(text.contains(&part), "no {part} in {text}");
    }
    assert!(!text.contains(&format!("<wsa:MessageID>{message_id}")), "a MessageID of its own");
    assert_eq!(delivery.path, "/async");
}

/// Waits for what happens in the background.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("it does not come: {what}");
}

/// Rows of a role's promises in a state, `state = 2`.
fn promises(hub: &TestHub, role: Role, condition: &str) -> i64 {
    hub.count(role, "async.db", &format!("request WHERE {condition}"))
}

fn letter_later(number: u32, url: &str) -> (String, String) {
    later(&Provide::letter(number).inline(), url)
}
