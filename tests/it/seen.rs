//! What the caller sees beside what it may see, and for how long.

mod alike;
mod confused;
mod incomplete;
mod protected;
mod safeguarding;
mod stream;
mod three_gateways;
mod withheld;

use hub::serve::Role;
use tests::message::{self, Provide, scheme};
use tests::{Answer, TestHub};

const SNOMED: &str = "2.16.840.1.113883.6.96";
const PATIENT: &str = "9000000009";
const LETTER: &str = "1.2.826.0.1.99999.20.1";
const DISCHARGE: &str = "1.2.826.0.1.99999.20.2";

/// A discharge summary, which the crew may see; letters it may not.
fn discharge(number: u32) -> Provide {
    Provide::letter(number).code(scheme::TYPE_CODE, "373942005", SNOMED).code(
        scheme::CLASS_CODE,
        "422735006",
        SNOMED,
    )
}

fn publish_as(hub: &TestHub, ods: &str, provide: &Provide) {
    let answer = hub.request(ods, hub.url(Role::Repository)).soap(&provide.inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

fn publish(hub: &TestHub, provide: &Provide) {
    publish_as(hub, "RXN", provide);
}

/// A letter and a discharge of the patient.
fn published() -> TestHub {
    let hub = TestHub::start();
    publish(&hub, &Provide::letter(1));
    publish(&hub, &discharge(2));
    hub
}

fn find(hub: &TestHub, ods: &str, patient: &str) -> Answer {
    let query = message::find_documents(patient, "LeafClass", "");
    hub.request(ods, hub.url(Role::Gateway)).soap(&query)
}

fn get(hub: &TestHub, ods: &str, unique_id: &str) -> Answer {
    hub.request(ods, hub.url(Role::Gateway)).soap(&message::retrieve(&[unique_id]))
}
