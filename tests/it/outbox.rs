//! The outbox: acknowledgements that were asked for reach their sender, whatever happens between.

mod by_hand;
mod collection;
mod delivery;
mod flow;
mod incoming;
mod notices;
mod quarantine;
mod rules;

use crate::asynchronous::eventually;
use hub::serve::{Options, Role};
use node::asynchronous::ReplyAddress;
use node::outbox::{DirectoryEntry, ServiceStyle, Soap};
use schemas::ods_code::OdsCode;
use tests::message::Itk;
use tests::{Answer, Delivery, ReplyPort, ReplyReceiver, Scripted, TestHub};

pub(crate) const SERVICE: &str = "urn:nhs-itk:services:201005:";

/// What an endpoint says that has taken a message.
pub(crate) fn taken() -> Scripted {
    Scripted::new(
        200,
        soap(
            "<itk:SimpleMessageResponse xmlns:itk=\"urn:nhs-itk:ns:201005\">OK</itk:SimpleMessageResponse>",
        ),
    )
}

fn soap(body: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

/// A fault with a code of ITK's, or without one.
fn fault(side: &str, code: &str) -> String {
    let detail = match code {
        "" => String::new(),
        code => format!(
            "<detail><itk:ToolkitErrorInfo xmlns:itk=\"urn:nhs-itk:ns:201005\"><itk:ErrorCode>{code}</itk:ErrorCode><itk:ErrorText>for SYNTHETIC 9990000026</itk:ErrorText></itk:ToolkitErrorInfo></detail>"
        ),
    };
    soap(&format!(
        "<soap:Fault><faultcode>soap:{side}</faultcode><faultstring>-</faultstring>{detail}</soap:Fault>"
    ))
}

/// Gives an organisation an endpoint.
pub(crate) fn endpoint(options: &mut Options, ods: &str, url: &str) {
    endpoint_of(options, ods, url, Soap::V11, ServiceStyle::Specific);
}

fn endpoint_of(options: &mut Options, ods: &str, url: &str, soap: Soap, service: ServiceStyle) {
    let entry = DirectoryEntry { url: ReplyAddress::parse(url).unwrap(), soap, service };
    options.config.itk.directory.0.insert(OdsCode::parse(ods).unwrap(), entry);
}

/// A hub, and the endpoint of RXN that answers as scripted.
fn hub_and_endpoint(script: &[Scripted]) -> (TestHub, ReplyReceiver) {
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = TestHub::with(|options| endpoint(options, "RXN", &url));
    let receiver = port.serve_script(&hub.pki(), script);
    (hub, receiver)
}

/// The n-th discharge of the suite.
pub(crate) fn discharge(n: u32) -> Itk {
    Itk::discharge("9990000026", &format!("3F2504E0-4F89-41D3-9A0C-0305E82C33{n:02}"))
}

/// A message that asks for acknowledgements.
fn asking(itk: &Itk, infrastructure: bool, business: bool) -> String {
    let spec = |key: &str, value: bool| {
        format!("<itk:spec key=\"urn:nhs-itk:ns:201005:{key}\" value=\"{value}\"/>")
    };
    let specs = spec("infackrequested", infrastructure) + &spec("ackrequested", business);
    let end = "</itk:handlingSpecification>";
    itk.message().replacen(end, &format!("{specs}{end}"), 1)
}

fn send_as(hub: &TestHub, ods: &str, message: &str) -> Answer {
    hub.request(ods, hub.itk_url()).content_type("text/xml; charset=UTF-8").post(message)
}

/// Sends a message that must be accepted.
fn accepted(hub: &TestHub, message: &str) -> Answer {
    let answer = send_as(hub, "RXN", message);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// Rows of the repository's outbox that fit a condition.
fn items(hub: &TestHub, condition: &str) -> i64 {
    hub.count(Role::Repository, "outbox.db", &format!("item WHERE {condition}"))
}

/// The text between two marks, the first time.
pub(crate) fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split_once(to).map_or("", |(found, _)| found)
}

/// The ids of a posted message: MessageID, tracking id, payload id.
fn ids(delivery: &Delivery) -> (String, String, String) {
    let text = delivery.text();
    let message_id = between(&text, "<wsa:MessageID>", "<").to_owned();
    let tracking_id = between(&text, "trackingid=\"", "\"").to_owned();
    (message_id, tracking_id, between(&text, "<itk:payload id=\"", "\"").to_owned())
}

/// Lets a deferred try come, once it is deferred.
fn next_try(hub: &TestHub, attempts: u32) {
    let waits = format!("state = 0 AND attempts = {attempts} AND next_at > 0");
    eventually("it waits for its time", || items(hub, &waits) == 1);
    hub.clock().advance_seconds(900);
}

/// What a command says, and whether it ended well.
fn watling(hub: &TestHub, arguments: &[&str]) -> (bool, String) {
    let mut command = std::process::Command::new(crate::executable());
    let file = hub.data().join("test.toml");
    std::fs::write(&file, hub.configuration()).unwrap();
    command.args(arguments).arg("--data").arg(hub.data()).arg("--config").arg(&file);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said + &errors)
}
