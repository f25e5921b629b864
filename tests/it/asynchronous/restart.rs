//! A promise outlives the process that gave it.

use super::*;
use crate::executable;
use std::net::TcpListener;
use tests::{Certificate, HubProcess, Request};

/// A registry that takes connections and never says a word: requests of the repository stay under
/// way.
fn silent_registry() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/registry", listener.local_addr().unwrap());
    (listener, url)
}

#[test]
fn an_answer_that_waits_is_delivered_by_the_next_process() {
    let port = ReplyPort::bind();
    let url = port.url();
    let mut hub = TestHub::with(|options| listing(options, &[&url]));
    let port = port.close();
    let (sent, id) = letter_later(1, &url);
    assert_promised(&provide(&hub, &sent));
    eventually("nobody takes it", || {
        promises(&hub, Role::Repository, "state = 1 AND tries > 0") == 1
    });
    hub.restart();
    let receiver = ReplyPort::again(port).serve(&hub.pki(), &[202]);
    hub.clock().advance_seconds(300);
    let action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse";
    assert_answers(&receiver.next(), action, &url, &id);
    assert_eq!(hub.contents(), (1, 1));
}

#[test]
fn a_request_between_its_202_and_its_answer_survives_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    let (data, config) = (folder.path().join("data"), folder.path().join("watling.toml"));
    let port = ReplyPort::bind();
    let url = port.url();
    std::fs::write(&config, format!("[async]\nreply_to = [{url:?}]\n")).unwrap();
    let (_silence, silent) = silent_registry();
    let serve = |more: &[&str]| {
        let all = [&["--config", config.to_str().unwrap()], more].concat();
        HubProcess::serve(executable(), &data, &all).unwrap()
    };
    let first = serve(&["--role", "repository", "--registry-url", &silent]);
    let text = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
    let urls: serde_json::Value = serde_json::from_str(&text).unwrap();
    let certificate = Certificate::in_folder(&data.join("pki/clients"), "RXN");
    let repository = Request::new(urls["repository"].as_str().unwrap(), &data.join("pki/ca.pem"));
    // Large enough to lie in a file of its own.
    let document = "y".repeat(400_000).into_bytes();
    let letter = Provide { document: document.clone(), ..Provide::letter(1) };
    let (sent, id) = later(&letter.envelope(INCLUDE), &url);
    let (content_type, body) = message::package(&sent, &[("doc@suite", &document)]);
    let repository = repository.certificate(certificate).content_type(&content_type);
    assert_promised(&repository.post(body));
    first.kill();

    let _second = serve(&[]);
    let receiver = port.serve(&data.join("pki"), &[202]);
    let delivery = receiver.next();
    let action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse";
    assert_answers(&delivery, action, &url, &id);
    assert!(delivery.text().contains("ResponseStatusType:Success"), "{}", delivery.text());
}

#[test]
fn a_fault_of_a_promised_request_goes_where_faults_are_wanted() {
    let port = ReplyPort::bind();
    let url = port.url();
    let (_silence, silent) = silent_registry();
    let mut hub = TestHub::with(|options| {
        listing(options, &[&url]);
        options.roles = vec![Role::Repository];
        options.registry_url = Some(silent);
    });
    let faults = format!("{url}/faults");
    let (sent, id) = letter_later(1, &url);
    assert_promised(&provide(&hub, &fault_to(&sent, &faults)));
    eventually("it is under way", || promises(&hub, Role::Repository, "tries = 1") == 1);
    hub.restart_with(|options| options.config.repository.publishers = Some(Vec::new()));
    let receiver = port.serve(&hub.pki(), &[202]);
    hub.clock().advance_seconds(300);
    let delivery = receiver.next();
    let text = delivery.text();
    assert_eq!(delivery.path, "/async/faults");
    assert!(text.contains("<s:Fault>") && text.contains("is not a publisher"), "{text}");
    assert!(text.contains(&format!("<wsa:RelatesTo>{id}</wsa:RelatesTo>")), "{text}");
    assert!(text.contains(&format!("<wsa:To s:mustUnderstand=\"true\">{faults}</wsa:To>")));
}
