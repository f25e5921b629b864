//! Requests that ask for more than is good for the hub.

use hub::serve::Role;
use node::audit::Outcome;
use tests::TestHub;
use tests::message::{self, Provide};

#[test]
fn one_request_for_many_large_documents_is_answered_and_the_hub_goes_on() {
    let hub = TestHub::start();
    let megabytes = 9 * 1024 * 1024;
    let mut ids = Vec::new();
    for n in 1..=6u32 {
        let document = vec![b'a' + n as u8; megabytes];
        let letter = Provide { document, ..Provide::letter(n) };
        let (content_type, body) = letter.mtom();
        let answer =
            hub.request("RXN", hub.url(Role::Repository)).content_type(&content_type).post(body);
        assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
        ids.push(letter.unique_id);
    }
    let six_hundred: Vec<&str> = ids.iter().map(String::as_str).cycle().take(600).collect();
    let (content_type, body) = message::package(&message::retrieve(&six_hundred), &[]);
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    let answer = gateway.clone().content_type(&content_type).post(body);
    assert_eq!(answer.xds_status(), "Success");
    assert!(
        (6 * megabytes..7 * megabytes).contains(&answer.body.len()),
        "asked for twice, answered once"
    );
    let query = message::find_documents("9000000009", "ObjectRef", "");
    assert_eq!(gateway.soap(&query).xds_status(), "Success");
    let ready =
        hub.anonymous(hub.url(Role::Gateway).replace("/gateway", "/health/ready")).get().unwrap();
    assert_eq!(ready.status, 200, "{}", ready.text());
}

#[test]
fn a_query_under_another_authority_is_refused_instead_of_finding_nothing() {
    let hub = TestHub::start();
    let query = message::find_documents("9000000009", "LeafClass", "");
    let query = query.replace("2.16.840.1.113883.2.1.4.1", "1.2.3");
    let answer = hub.request("RX7", hub.url(Role::Gateway)).soap(&query);
    assert_eq!(answer.xds_status(), "Failure");
    assert_eq!(answer.error_codes(), ["XDSUnknownPatientId"]);
}

#[test]
fn the_bytes_of_a_refused_document_do_not_stay() {
    let hub = TestHub::start();
    let objects = hub.data().join("repository").join("objects");
    let files = || -> usize {
        let folders = std::fs::read_dir(&objects).unwrap().map(|folder| folder.unwrap().path());
        folders.map(|folder| std::fs::read_dir(folder).unwrap().count()).sum()
    };
    let snomed = "2.16.840.1.113883.6.96";
    for refused in [
        Provide::letter(1).code(message::scheme::TYPE_CODE, "000", snomed),
        Provide::letter(1).slot("hash", &["0000000000000000000000000000000000000000"]),
    ] {
        let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&refused.inline());
        assert_eq!(answer.xds_status(), "Failure");
        assert_eq!(files(), 0);
    }
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(1).inline());
    assert_eq!((answer.xds_status().as_str(), files()), ("Success", 1));
    let again =
        Provide { set_unique_id: "1.2.826.0.1.99999.30.2".to_owned(), ..Provide::letter(1) };
    let again = again.code(message::scheme::TYPE_CODE, "000", snomed);
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&again.inline());
    assert_eq!((answer.xds_status().as_str(), files()), ("Failure", 1), "what is registered stays");
}

#[test]
fn an_answer_that_breaks_off_is_on_record_as_a_failure() {
    let hub = TestHub::start();
    let letters = [1u32, 2]
        .map(|n| Provide { document: vec![b'a' + n as u8; 9 * 1024 * 1024], ..Provide::letter(n) });
    for letter in &letters {
        let (content_type, body) = letter.mtom();
        let request = hub.request("RXN", hub.url(Role::Repository));
        assert_eq!(request.content_type(&content_type).post(body).xds_status(), "Success");
    }
    let rotten = object_of(&hub, &letters[1].document);
    let mut bytes = std::fs::read(&rotten).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&rotten, bytes).unwrap();
    let ids: Vec<&str> = letters.iter().map(|letter| letter.unique_id.as_str()).collect();
    let request = message::retrieve(&ids);
    let (content_type, body) = message::package(&request, &[]);
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    let packed = gateway.clone().content_type(&content_type).post(body);
    let plain = gateway.soap(&request);
    for answer in [packed, plain] {
        let size = answer.body.len();
        assert!(size > 9 * 1024 * 1024, "the first document arrives, {size} bytes");
        let end = String::from_utf8_lossy(&answer.body[size - 1000..]).into_owned();
        assert!(!end.contains("--\r\n") && !end.contains("</s:Envelope>"), "it has no end");
    }
    let records = hub.audit(Role::Gateway);
    let [.., begun, failed] = &records[..] else { panic!("two records each: {records:?}") };
    assert_eq!(begun.event.outcome, Outcome::Success, "as far as was known");
    assert_eq!(failed.event.outcome, Outcome::SeriousFailure);
    assert_eq!(failed.event.document_unique_ids, [ids[1]], "what was not delivered");
    assert_eq!(failed.event.correlation_id, begun.event.correlation_id);
    assert_eq!(failed.event.patient_id, begun.event.patient_id);
    let reasons = failed.event.reasons.join("; ");
    assert!(reasons.contains("broke off") && reasons.contains("not what was stored"), "{reasons}");
    assert_eq!(records.len(), 5, "a start, and two for each request: {records:?}");
}

#[test]
fn a_caller_that_hangs_up_is_on_record_with_what_it_did_not_get() {
    let hub = TestHub::start();
    let letter = Provide { document: vec![b'a'; 60 * 1024 * 1024], ..Provide::letter(1) };
    let (content_type, body) = letter.mtom();
    let request = hub.request("RXN", hub.url(Role::Repository));
    assert_eq!(request.content_type(&content_type).post(body).xds_status(), "Success");
    let (content_type, body) = message::package(&message::retrieve(&[&letter.unique_id]), &[]);
    let impatient = hub.request("ZZP01", hub.url(Role::Gateway)).content_type(&content_type);
    let impatient = impatient.option("--limit-rate").option("100k");
    let answer = impatient.option("--max-time").option("2").post(body);
    assert!(answer.body.len() < letter.document.len(), "{} bytes", answer.body.len());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while hub.audit(Role::Gateway).len() < 3 {
        assert!(std::time::Instant::now() < deadline, "nothing is recorded");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let event = hub.last_audit(Role::Gateway).event;
    assert_eq!((event.kind_name(), event.outcome), ("ITI-43", Outcome::MinorFailure));
    assert_eq!(event.document_unique_ids, [letter.unique_id.as_str()]);
    assert!(event.reasons[0].contains("closed the connection"), "{:?}", event.reasons);
}

/// Where the repository keeps a document's bytes.
fn object_of(hub: &TestHub, document: &[u8]) -> std::path::PathBuf {
    use sha2::Digest;
    let name: String =
        sha2::Sha256::digest(document).iter().map(|byte| format!("{byte:02x}")).collect();
    hub.data().join("repository").join("objects").join(&name[..2]).join(name)
}
