//! Too many bytes: 413 with a Sender fault. Too much metadata: a RegistryError.

use super::{assert_failure, assert_fault, repository_refuses, repository_refuses_package};
use hub::serve::Role;
use tests::message::batch::{Kind, Numbered, association};
use tests::message::{self, Provide};
use tests::{Answer, Request, TestHub};

fn large(bytes: usize) -> Provide {
    Provide { document: vec![b'x'; bytes], ..Provide::letter(1) }
}

fn assert_accepts(hub: &TestHub, answer: Answer) {
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    assert_eq!(hub.contents(), (1, 1));
}

#[test]
fn an_envelope_above_its_limit_is_too_large_plain_or_packed() {
    let hub = TestHub::with(|o| o.config.limits.envelope_bytes_max = 20_000);
    let words = ["the SOAP envelope", "larger", "20000 bytes"];
    assert_fault(&repository_refuses(&hub, &words, &large(20_000).inline()), 413, "Sender");
    let packed = message::package(&large(20_000).inline(), &[]);
    assert_fault(&repository_refuses_package(&hub, &words, packed), 413, "Sender");
    let request = hub.request("RXN", hub.url(Role::Repository));
    let (content_type, body) = large(20_000).mtom();
    let provided = request.content_type(&content_type).post(body);
    assert_accepts(&hub, provided);
}

#[test]
fn a_document_above_its_limit_is_too_large() {
    let hub = TestHub::with(|o| {
        o.config.limits.document_bytes_max = 10_000;
        o.config.limits.memory_bytes_max = 1_000;
    });
    let words = ["a document is larger", "10000 bytes"];
    let answer = repository_refuses_package(&hub, &words, large(10_001).mtom());
    assert_fault(&answer, 413, "Sender");
    let spool = hub.data().join("repository").join("spool");
    assert_eq!(std::fs::read_dir(spool).unwrap().count(), 0, "the spool folder is empty again");
    let (content_type, body) = large(10_000).mtom();
    let request = hub.request("RXN", hub.url(Role::Repository));
    assert_accepts(&hub, request.content_type(&content_type).post(body));
}

#[test]
fn a_request_above_its_limit_is_too_large_whether_it_says_so_or_not() {
    let hub = TestHub::with(|o| o.config.limits.request_bytes_max = 30_000);
    let words = ["the request is larger", "30000 bytes"];
    let (content_type, body) = large(30_000).mtom();
    let request = hub.request("RXN", hub.url(Role::Repository)).content_type(&content_type);
    let answer = hub.refuses(Role::Repository, &words, || request.post(&body));
    assert_fault(&answer, 413, "Sender");
    let chunked = request.header("Transfer-Encoding", "chunked");
    let answer = hub.refuses(Role::Repository, &words, || chunked.post(&body));
    assert_fault(&answer, 413, "Sender");
    assert_accepts(&hub, hub.request("RXN", hub.url(Role::Repository)).soap(&large(10).inline()));
}

#[test]
fn an_early_refusal_reaches_a_sender_that_is_still_sending() {
    let hub = TestHub::with(|o| o.config.limits.request_bytes_max = 30_000);
    let (content_type, body) = large(20 * 1024 * 1024).mtom();
    let request = |ods: &str| {
        hub.request(ods, hub.url(Role::Repository)).content_type(&content_type).header("Expect", "")
    };
    let words = ["the request is larger", "30000 bytes"];
    let declared = request("RXN");
    let answer = hub.refuses(Role::Repository, &words, || declared.post(&body));
    assert_fault(&answer, 413, "Sender");
    let chunked = request("RXN").header("Transfer-Encoding", "chunked");
    let answer = hub.refuses(Role::Repository, &words, || chunked.post(&body));
    assert_fault(&answer, 413, "Sender");
    let consumer = request("ZZP01");
    let words = ["is not a publisher"];
    let answer = hub.refuses(Role::Repository, &words, || consumer.post(&body));
    assert_fault(&answer, 400, "Sender");
}

#[test]
fn base64_parts_are_limited_together_since_they_stay_in_memory() {
    let hub = TestHub::with(|o| o.config.limits.envelope_bytes_max = 20_000);
    let envelope = Provide::letter(1).inline();
    let packed = |parts: &[(&str, &[u8])]| {
        let (content_type, body) = message::package(&envelope, parts);
        let binary = "octet-stream\r\nContent-Transfer-Encoding: binary";
        let base64 = "octet-stream\r\nContent-Transfer-Encoding: base64";
        let body = String::from_utf8(body).unwrap().replace(binary, base64);
        (content_type, body.into_bytes())
    };
    let half = vec![b'A'; 10_000];
    let words = ["base64 parts", "20000 bytes"];
    let three = packed(&[("a", &half), ("b", &half), ("c", b"AAAA")]);
    assert_fault(&repository_refuses_package(&hub, &words, three), 413, "Sender");
    let words = ["is not named by any xds:Document"];
    let answer = repository_refuses_package(&hub, &words, packed(&[("a", &half), ("b", &half)]));
    assert_failure(&answer, "XDSMissingDocumentMetadata");
}

#[test]
fn a_package_of_too_many_parts_is_refused() {
    let hub = TestHub::with(|o| o.config.limits.parts_max = 3);
    let envelope = Provide::letter(1).inline();
    let parts = [("a", b"1".as_slice()), ("b", b"2"), ("c", b"3")];
    let words = ["more than 3 parts"];
    let answer = repository_refuses_package(&hub, &words, message::package(&envelope, &parts));
    assert_fault(&answer, 400, "Sender");
}

#[test]
fn metadata_above_its_limits_is_a_registry_error() {
    let hub = TestHub::start();
    let values: Vec<String> = (0..10_001).map(|n| n.to_string()).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let long = "x".repeat(4_097);
    let slots = |mut letter: Provide, count: usize| {
        for n in 0..count {
            letter = letter.slot(&format!("urn:example:{n}"), &["x"]);
        }
        letter
    };
    for (letter, words) in [
        (slots(Provide::letter(1), 198), ["slots on one object", "limit of 200"]),
        (Provide::letter(1).slot("urn:example", &values), ["values in one slot", "limit of 10000"]),
        (Provide::letter(1).slot("urn:example", &[&long]), ["\"urn:example\"", "limit of 4096"]),
    ] {
        let answer = repository_refuses(&hub, &words, &letter.inline());
        assert_failure(&answer, "XDSRepositoryMetadataError");
    }
    let answer = hub
        .request("RXN", hub.url(Role::Repository))
        .soap(&slots(Provide::letter(1), 197).inline());
    assert_accepts(&hub, answer);
}

#[test]
fn a_query_that_finds_more_than_the_limit_finds_nothing() {
    let hub = TestHub::with(|o| o.config.limits.results_max = 2);
    let repository = hub.request("RXN", hub.url(Role::Repository));
    for number in 1..=2 {
        assert_eq!(repository.soap(&Provide::letter(number).inline()).xds_status(), "Success");
    }
    let query = message::find_documents("9000000009", "LeafClass", "");
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    assert_eq!(gateway.soap(&query).xds_status(), "Success", "two are within the limit");
    assert_eq!(repository.soap(&Provide::letter(3).inline()).xds_status(), "Success");
    let words = ["more than 2 objects", "narrow the query"];
    let answer = hub.refuses(Role::Gateway, &words, || gateway.soap(&query));
    assert_failure(&answer, "XDSTooManyResults");
    assert!(!answer.contains("ExtrinsicObject"));
    let by_reference = message::find_documents("9000000009", "ObjectRef", "");
    let answer = gateway.soap(&by_reference);
    assert_eq!(answer.xds_status(), "Success", "as the refusal advises: {}", answer.text());
    assert_eq!(answer.text().matches("<rim:ObjectRef ").count(), 3);
}

/// ITI-41 with so many documents, as a package of MTOM.
fn package_of(documents: u64) -> (String, Vec<u8>) {
    let patient = Numbered { nhs_number: "9000000009" };
    let objects: String = (0..documents).map(|n| patient.provided(n)).collect();
    let included = (0..documents).map(|n| {
        let id = patient.id(Kind::Entry, n);
        format!(
            "<xds:Document id=\"{id}\"><xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:{n}@suite\"/></xds:Document>"
        )
    });
    let body = format!(
        "<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{}{}</xds:ProvideAndRegisterDocumentSetRequest>",
        patient.provision(0, &objects),
        included.collect::<String>()
    );
    let envelope = message::envelope("urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", &body);
    let ids: Vec<String> = (0..documents).map(|n| format!("{n}@suite")).collect();
    let texts: Vec<String> = (0..documents).map(|n| format!("<letter>{n}</letter>")).collect();
    let parts = ids.iter().zip(&texts).map(|(id, text)| (id.as_str(), text.as_bytes()));
    message::package(&envelope, &parts.collect::<Vec<_>>())
}

#[test]
fn five_hundred_documents_in_one_package_are_as_many_as_its_parts_may_be() {
    let mut hub = TestHub::start();
    let package = package_of(500);
    let refused = repository_refuses_package(&hub, &["more than 256 parts"], package.clone());
    assert_fault(&refused, 400, "Sender");
    hub.restart_with(|o| o.config.limits.parts_max = 501);
    let request = hub.request("RXN", hub.url(Role::Repository)).content_type(&package.0);
    let answer = request.post(&package.1);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    assert_eq!(hub.contents(), (500, 500));
    let query = message::find_documents("9000000009", "LeafClass", "");
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    assert_eq!(found.text().matches("<rim:ExtrinsicObject ").count(), 500);
}

/// ITI-42 as the repository sends it.
fn register(hub: &TestHub, objects: &str) -> Answer {
    let patient = Numbered { nhs_number: "9000000009" };
    let body = patient.submission(0, objects);
    let request = Request::new(hub.url(Role::Registry), &hub.pki().join("ca.pem"))
        .certificate(hub.service_certificate("watling-repository"));
    request.soap(&message::envelope("urn:ihe:iti:2007:RegisterDocumentSet-b", &body))
}

#[test]
fn five_hundred_documents_are_registered_at_once() {
    let hub = TestHub::start();
    let patient = Numbered { nhs_number: "9000000009" };
    let answer = register(&hub, &(0..500).map(|n| patient.brought(n)).collect::<String>());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    assert_eq!(hub.count_indexed("document_entry"), 500);
}

#[test]
fn ten_thousand_objects_of_metadata_are_refused_by_name_of_the_limit() {
    let hub = TestHub::start();
    let patient = Numbered { nhs_number: "9000000009" };
    let member = |n: u64| association(&format!("as{n}"), "HasMember", "SubmissionSet01", "x", "");
    let light: String = (0..10_000).map(member).collect();
    let words = ["more objects than", "limit of 2000"];
    let answer = hub.refuses(Role::Registry, &words, || register(&hub, &light));
    assert_failure(&answer, "XDSRegistryMetadataError");
    let whole: String = (0..5_000).map(|n| patient.brought(n)).collect();
    let words = ["elements", "200000"];
    let answer = hub.refuses(Role::Registry, &words, || register(&hub, &whole));
    assert_fault(&answer, 400, "Sender");
}
