//! ITK messages: accepted, mapped, found; or refused in ITK's own words.

mod accepted;
mod apart;
mod attachments;
mod beside;
mod correspondence;
mod duplicates;
mod payloads;
mod quarantine;
mod refused;
mod restricted;
mod versions;
mod withdrawals;

use hub::serve::Role;
use tests::message::{self, Itk, slot};
use tests::{Answer, Request, TestHub};

const SNOMED: &str = "2.16.840.1.113883.6.96";
const SNOMED_UK: &str = "2.16.840.1.113883.2.1.3.2.4.15";
const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// The document that most tests send, and its uniqueId in decimal.
const DOCUMENT: &str = "3F2504E0-4F89-41D3-9A0C-0305E82C3301";

fn discharge() -> Itk {
    Itk::discharge("9990000026", DOCUMENT)
}

fn unique_id(document: &str) -> String {
    format!("2.25.{}", uuid::Uuid::try_parse(document).unwrap().as_u128())
}

fn sender(hub: &TestHub, ods: &str) -> Request {
    hub.request(ods, hub.itk_url()).content_type("text/xml; charset=UTF-8")
}

fn send(hub: &TestHub, message: &str) -> Answer {
    sender(hub, "RXN").post(message)
}

/// Sends a message that must be accepted.
fn accepted(hub: &TestHub, itk: &Itk) -> Answer {
    let answer = send(hub, &itk.message());
    assert_ok(&answer, &itk.tracking_id);
    answer
}

fn assert_ok(answer: &Answer, tracking_id: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let response = format!(
        "<itk:SimpleMessageResponse xmlns:itk=\"urn:nhs-itk:ns:201005\">OK:{tracking_id}</itk:SimpleMessageResponse>"
    );
    assert!(answer.contains(&response), "{}", answer.text());
}

/// Sends a message that must get an ITK fault: HTTP 500, Client, the code, the words.
fn refused(hub: &TestHub, code: &str, words: &[&str], message: &str) -> Answer {
    let answer = hub.refuses(Role::Repository, words, || send(hub, message));
    assert_itk_fault(&answer, 500, "Client", code);
    let reasons = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(reasons.contains(&format!("ITK {code}: ")), "{reasons}");
    answer
}

fn assert_itk_fault(answer: &Answer, status: u16, fault: &str, code: &str) {
    assert_eq!((answer.status, answer.fault_code().as_str()), (status, fault), "{}", answer.text());
    assert_eq!(element(answer, "itk:ErrorCode"), code, "{}", answer.text());
    assert!(uuid::Uuid::try_parse(&element(answer, "itk:ErrorID")).is_ok(), "{}", answer.text());
}

/// The text of an answer's element.
fn element(answer: &Answer, name: &str) -> String {
    let text = answer.plain();
    let rest = text.split(&format!("<{name}")).nth(1).unwrap_or_default();
    let rest = rest.split_once('>').map_or("", |(_, rest)| rest);
    rest.split('<').next().unwrap_or_default().to_owned()
}

/// What the patient's practice finds.
fn find(hub: &TestHub, nhs_number: &str, more: &str) -> Answer {
    let query = message::find_documents(nhs_number, "LeafClass", more);
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    assert_eq!(found.xds_status(), "Success", "{}", found.text());
    found
}

fn of_type(code: &str, scheme: &str) -> String {
    slot("$XDSDocumentEntryTypeCode", &format!("('{code}^^{scheme}')"))
}
