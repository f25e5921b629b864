//! Who a patient is: identity feeds over the wire, what they change, and what they may not.

mod by_hand;
mod feed;
pub(crate) mod pix;
mod rules;

use hub::config::Config;
use hub::serve::Role;
use registry::identity::{LocalAuthority, PatientIdentitySource};
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use tests::message::{self, Provide};
use tests::{Answer, TestHub};

const ONE: &str = "9990000018";
const OTHER: &str = "9990000026";
const THIRD: &str = "9990000034";

/// Where the local identifiers of RXN come from.
const LOCAL: &str = "1.2.826.0.1.99999.10.1";

fn source(ods: &str, merges: bool) -> PatientIdentitySource {
    let ods = OdsCode::parse(ods).unwrap();
    PatientIdentitySource {
        ods,
        system: None,
        application: None,
        facility: None,
        merges,
        registrations: merges,
        encounters: true,
    }
}

/// RXN is believed in everything, RX7 when it names a patient, nobody else.
fn configure(config: &mut Config) {
    config.registry.patient_identity_sources = vec![source("RXN", true), source("RX7", false)];
    let oid = Oid::parse(LOCAL).unwrap();
    config.registry.local_authorities =
        vec![LocalAuthority { oid, ods: OdsCode::parse("RXN").unwrap() }];
}

fn hub() -> TestHub {
    TestHub::with(|options| {
        configure(&mut options.config);
        options.mllp_listen = Some(([127, 0, 0, 1], 0).into());
    })
}

/// What the repository would send, at the registry's own door.
fn registration(number: u32, patient: &str) -> String {
    let letter = Provide::letter(number).patient(patient);
    let (hash, size) = (letter.sha1(), letter.document.len().to_string());
    let letter = letter
        .slot("hash", &[&hash])
        .slot("size", &[&size])
        .slot("repositoryUniqueId", &["1.2.826.0.1.99999.40.1"]);
    message::envelope("urn:ihe:iti:2007:RegisterDocumentSet-b", &letter.metadata())
}

fn register(hub: &TestHub, number: u32, patient: &str) -> Answer {
    let repository = hub.service_certificate("watling-repository");
    let request = hub.anonymous(hub.url(Role::Registry)).certificate(repository);
    request.soap(&registration(number, patient))
}

fn registered(hub: &TestHub, number: u32, patient: &str) {
    let answer = register(hub, number, patient);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

fn ask(hub: &TestHub, patient: &str) -> Answer {
    let gateway = hub.service_certificate("watling-gateway");
    let request = hub.anonymous(hub.url(Role::Registry)).certificate(gateway);
    request.soap(&message::find_documents(patient, "LeafClass", ""))
}

/// The documents that a query on this number finds, by their own numbers; each shown under it.
fn found(hub: &TestHub, patient: &str) -> Vec<u32> {
    let answer = ask(hub, patient);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let text = answer.text();
    let entries =
        text.matches("<ExtrinsicObject ").count() + text.matches("<rim:ExtrinsicObject ").count();
    let shown = text.matches(&format!("\"{patient}^^^&amp;")).count();
    assert_eq!(shown, entries, "each is shown under the number asked for: {text}");
    let is_there = |n: &u32| text.contains(&format!("\"{}\"", Provide::letter(*n).unique_id));
    (1..10).filter(is_there).collect()
}
