//! Whose document it is: numbers that are traced, people who are compared, whereabouts that are not
//! told. The national services are local servers that speak their interfaces over TLS.

mod mismatch;
mod provided;
mod sensitive;
mod tracing;

use crate::executable;
use hub::serve::Role;
use repository::trace::{TraceKind, TraceSettings, When};
use serde_json::Value;
use std::process::{Command, Stdio};
use tests::message::{self, Itk};
use tests::pds::PdsServer;
use tests::{Answer, TestHub};

const HAWORTH: &str = "9990000018";
/// Mrs Haworth's.
const PRACTICE: &str = "ZZP03";
const THRELFALL: &str = "9990000026";
const DOCUMENT: &str = "3F2504E0-4F89-41D3-9A0C-0305E82C33";

/// A hub that asks a server of this kind.
fn traced(kind: TraceKind, when: When) -> (TestHub, PdsServer) {
    let mut hub = TestHub::start();
    let server = match kind {
        TraceKind::Smsp => PdsServer::smsp(&hub.pki()),
        _ => PdsServer::fhir(&hub.pki()),
    };
    let url = server.url().to_owned();
    hub.restart_with(|options| {
        options.config.tracing = TraceSettings {
            kind,
            when,
            url: Some(url),
            asid: Some("200000000001".to_owned()),
            cache_seconds: 0,
            ..TraceSettings::default()
        };
    });
    (hub, server)
}

/// What a document says of its patient, and which number it is of the test's.
#[derive(Clone)]
struct Said<'a> {
    n: u8,
    /// With its root, or nothing.
    id: String,
    family: &'a str,
    given: &'a str,
    birth_date: &'a str,
    sex: &'a str,
}

impl Said<'_> {
    fn verified(number: &str) -> String {
        format!("root=\"2.16.840.1.113883.2.1.4.1\" extension=\"{number}\"")
    }

    fn unverified(number: &str) -> String {
        format!("root=\"2.16.840.1.113883.2.1.3.2.4.18.23\" extension=\"{number}\"")
    }

    /// Of Mrs Haworth.
    fn haworth(n: u8, id: String) -> Self {
        Self { n, id, family: "Haworth", given: "Marjorie", birth_date: "19480309", sex: "2" }
    }

    fn unique_id(&self) -> String {
        let uuid = uuid::Uuid::try_parse(&format!("{DOCUMENT}{:02}", self.n)).unwrap();
        format!("2.25.{}", uuid.as_u128())
    }

    fn itk(&self) -> Itk {
        let itk = Itk::discharge(HAWORTH, &format!("{DOCUMENT}{:02}", self.n));
        let number = format!("root=\"2.16.840.1.113883.2.1.4.1\" extension=\"{HAWORTH}\"");
        let mut payload = itk.payload.clone();
        for (from, to) in [
            (number.as_str(), self.id.as_str()),
            ("<given>Testina</given>", &format!("<given>{}</given>", self.given)),
            ("<family>SYNTHETIC</family>", &format!("<family>{}</family>", self.family)),
            ("value=\"19480309\"", &format!("value=\"{}\"", self.birth_date)),
            ("Code code=\"2\"", &format!("Code code=\"{}\"", self.sex)),
        ] {
            assert!(payload.contains(from), "{from}");
            payload = payload.replace(from, to);
        }
        Itk { payload, ..itk }
    }
}

/// Sends a document by ITK: everything that is not refused is told OK.
fn send(hub: &TestHub, said: &Said<'_>) {
    let itk = said.itk();
    let request = hub.request("RXN", hub.itk_url()).content_type("text/xml; charset=UTF-8");
    let answer = request.post(itk.message());
    assert!(answer.contains("SimpleMessageResponse"), "{}", answer.text());
}

/// What the patient's practice finds.
fn find(hub: &TestHub, nhs_number: &str) -> Answer {
    let query = message::find_documents(nhs_number, "LeafClass", "");
    let found = hub.request(PRACTICE, hub.url(Role::Gateway)).soap(&query);
    assert_eq!(found.xds_status(), "Success", "{}", found.text());
    found
}

fn holds(hub: &TestHub, nhs_number: &str, said: &Said<'_>) -> bool {
    find(hub, nhs_number).contains(&said.unique_id())
}

/// `watling ...` beside the hub; what it said, if it succeeded.
fn watling(hub: &TestHub, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(executable());
    command.args(arguments).arg("--data").arg(hub.data()).stdin(Stdio::null());
    let output = hub.beside(&mut command).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// The open messages of the quarantine, newest first.
fn quarantine(hub: &TestHub) -> Vec<Value> {
    let listed = watling(hub, &["quarantine", "list", "--json"]).unwrap();
    for value in ["Haworth", "Threlfall", "19480309", "999000001"] {
        assert!(!listed.contains(value), "the list of the quarantine names a patient: {listed}");
    }
    serde_json::from_str(&listed).unwrap()
}

/// The reason of the newest message in quarantine.
fn reason(hub: &TestHub) -> String {
    let listed = quarantine(hub);
    listed.first().map_or("none", |one| one["reason"].as_str().unwrap_or_default()).to_owned()
}
