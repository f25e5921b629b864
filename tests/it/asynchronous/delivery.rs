//! What arrives at the reply address, and what becomes of an answer that nobody takes.

use super::*;
use node::audit::Outcome;

#[test]
fn a_query_is_answered_at_its_reply_address() {
    let (hub, url, receiver) = hub_and_receiver(&[202]);
    let letter = Provide::letter(1);
    assert_eq!(provide(&hub, &letter.inline()).xds_status(), "Success");
    let action = "urn:ihe:iti:2007:RegistryStoredQueryResponse";
    for (role, organisation) in [(Role::Gateway, "ZZP01"), (Role::Registry, "conformance")] {
        let (sent, id) = later(&query(), &url);
        assert_promised(&hub.request(organisation, hub.url(role)).soap(&sent));
        let delivery = receiver.next();
        assert_answers(&delivery, action, &url, &id);
        assert!(delivery.text().contains(&letter.unique_id), "{}", delivery.text());
        assert!(delivery.content_type.starts_with("application/soap+xml;"), "as it was asked");
        assert_eq!(delivery.system, role.system(), "the role's own certificate");
        let event = hub.last_audit(role).event;
        assert_eq!((event.outcome, event.reply_to.as_deref()), (Outcome::Success, Some(&*url)));
        assert_eq!(event.message_id.as_deref(), Some(&*id));
    }
}

#[test]
fn the_audit_message_names_the_reply_address_as_its_source() {
    let (hub, url, receiver) = hub_and_receiver(&[202]);
    let (sent, _) = later(&query(), &url);
    assert_promised(&hub.request("ZZP01", hub.url(Role::Gateway)).soap(&sent));
    receiver.next();
    let record = hub.last_audit(Role::Gateway);
    let message = record.message();
    let source = format!("<ActiveParticipant UserID=\"{url}\" AlternativeUserID=\"ZZP01|");
    assert!(message.contains(&source), "{message}");
}

#[test]
fn documents_are_provided_and_retrieved_in_mtom_both_ways() {
    let (hub, url, receiver) = hub_and_receiver(&[202]);
    // Large enough to lie in the spool folder.
    let document = "x".repeat(700_000).into_bytes();
    let letter = Provide { document: document.clone(), ..Provide::letter(1) };
    let (sent, id) = later(&letter.envelope(INCLUDE), &url);
    assert_promised(&provide_mtom(&hub, &sent, &document));
    let delivery = receiver.next();
    let action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse";
    assert_answers(&delivery, action, &url, &id);
    assert!(delivery.content_type.starts_with("multipart/related;"), "{}", delivery.content_type);
    assert!(delivery.text().contains("ResponseStatusType:Success"), "{}", delivery.text());
    assert_eq!(hub.contents(), (1, 1));

    let (sent, id) = later(&message::retrieve(&[&letter.unique_id]), &url);
    let (content_type, body) = message::package(&sent, &[]);
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway)).content_type(&content_type);
    assert_promised(&gateway.post(body));
    let delivery = receiver.next();
    assert_answers(&delivery, "urn:ihe:iti:2007:RetrieveDocumentSetResponse", &url, &id);
    assert!(delivery.content_type.starts_with("multipart/related;"), "{}", delivery.content_type);
    let holds = delivery.body.windows(document.len()).any(|window| window == document);
    assert!(holds, "the document, byte for byte");
    eventually("the request's files are gone", || {
        let folder = hub.data().join("repository/async");
        let requests = std::fs::read_dir(folder).unwrap().flatten();
        let files: usize = requests.map(|r| std::fs::read_dir(r.path()).unwrap().count()).sum();
        files == 1
    });
}

#[test]
fn a_registration_is_answered_at_its_reply_address() {
    let (hub, url, receiver) = hub_and_receiver(&[200]);
    let letter = Provide::letter(1);
    let letter = letter
        .clone()
        .slot("hash", &[&letter.sha1()])
        .slot("size", &[&letter.document.len().to_string()])
        .slot("repositoryUniqueId", &["1.2.826.0.1.99999.40.1"]);
    let body = letter.metadata();
    let sent = message::envelope("urn:ihe:iti:2007:RegisterDocumentSet-b", &body);
    let (sent, id) = later(&sent, &url);
    assert_promised(&hub.request("conformance", hub.url(Role::Registry)).soap(&sent));
    let delivery = receiver.next();
    assert_answers(&delivery, "urn:ihe:iti:2007:RegisterDocumentSet-bResponse", &url, &id);
    assert!(delivery.text().contains("ResponseStatusType:Success"), "{}", delivery.text());
    assert_eq!(hub.contents(), (1, 0));
}

#[test]
fn an_error_of_the_profile_is_an_answer_and_goes_to_the_reply_address() {
    let (hub, url, receiver) = hub_and_receiver(&[202]);
    let letter = Provide::letter(1).slot("creationTime", &["yesterday"]);
    let (sent, id) = later(&letter.inline(), &url);
    let sent = fault_to(&sent, &format!("{url}/faults"));
    assert_promised(&provide(&hub, &sent));
    let delivery = receiver.next();
    let action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse";
    assert_answers(&delivery, action, &url, &id);
    assert!(delivery.text().contains("ResponseStatusType:Failure"), "{}", delivery.text());
    assert_eq!(hub.last_audit(Role::Repository).event.outcome, Outcome::SeriousFailure);
    assert_eq!(hub.contents(), (0, 0));
}

#[test]
fn a_repeated_request_is_not_served_again_and_its_answer_is_sent_again() {
    let (hub, url, receiver) = hub_and_receiver(&[202]);
    let (sent, _) = letter_later(1, &url);
    assert_promised(&provide(&hub, &sent));
    let first = receiver.next();
    eventually("it is settled", || promises(&hub, Role::Repository, "state = 2") == 1);
    let registrations = hub.audit(Role::Registry).len();
    for _ in 0..2 {
        assert_promised(&provide(&hub, &sent));
        let again = receiver.next();
        assert!(again.body == first.body, "the stored answer, with its MessageID");
        eventually("it is settled", || promises(&hub, Role::Repository, "state = 2") == 1);
    }
    assert_eq!(hub.audit(Role::Registry).len(), registrations, "nothing was registered again");
    let reasons = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(reasons.contains("the stored answer is sent again"), "{reasons}");
    // Another system's message may have the same MessageID.
    let other = hub
        .request("RXL", hub.url(Role::Repository))
        .soap(&letter_later(2, &url).0.replace(&letter_later(2, &url).1, &later(&sent, &url).1));
    assert_promised(&other);
    assert!(receiver.next().body != first.body);
}

#[test]
fn after_its_retention_a_message_id_is_forgotten() {
    let (hub, url, receiver) = hub_and_receiver(&[202]);
    let (sent, _) = letter_later(1, &url);
    assert_promised(&provide(&hub, &sent));
    receiver.next();
    eventually("it is settled", || promises(&hub, Role::Repository, "state = 2") == 1);
    hub.clock().advance_seconds(48 * 3600 + 1);
    eventually("it is forgotten", || promises(&hub, Role::Repository, "1 = 1") == 0);
    let folder = hub.data().join("repository/async");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "with its answer");
}

#[test]
fn where_the_address_is_none_the_request_is_served_and_nothing_is_sent() {
    let hub = TestHub::start();
    let (sent, _) = letter_later(1, "http://www.w3.org/2005/08/addressing/none");
    for _ in 0..2 {
        assert_promised(&provide(&hub, &sent));
        eventually("it is served", || promises(&hub, Role::Repository, "state = 4") == 1);
    }
    assert_eq!(hub.contents(), (1, 1));
    assert_eq!(promises(&hub, Role::Repository, "1 = 1"), 1);
}

#[test]
fn an_answer_that_is_not_taken_is_sent_until_it_is_and_redirections_are_not_followed() {
    let (hub, url, receiver) = hub_and_receiver(&[503, 302, 202]);
    let (sent, _) = letter_later(1, &url);
    assert_promised(&provide(&hub, &sent));
    let first = receiver.next();
    for tries in [2, 3] {
        let waits = format!("state = 1 AND tries = {}", tries - 1);
        eventually("it waits for its time", || promises(&hub, Role::Repository, &waits) == 1);
        hub.clock().advance_seconds(300);
        assert!(receiver.next().body == first.body, "try {tries}");
    }
    eventually("it is taken", || promises(&hub, Role::Repository, "state = 2") == 1);
}

#[test]
fn an_answer_that_nobody_takes_in_time_is_given_up_on_record() {
    let (hub, url, receiver) = hub_and_receiver(&[500]);
    let (sent, id) = letter_later(1, &url);
    assert_promised(&provide(&hub, &sent));
    receiver.next();
    eventually("one try", || promises(&hub, Role::Repository, "state = 1 AND tries = 1") == 1);
    // The first try may notice it, or a second one.
    hub.clock().advance_seconds(24 * 3600 + 1);
    eventually("it is given up", || promises(&hub, Role::Repository, "state = 3") == 1);
    let event = hub.last_audit(Role::Repository).event;
    assert_eq!(event.outcome, Outcome::SeriousFailure, "EventOutcomeIndicator 8");
    assert_eq!(event.kind_name(), "ITI-41");
    assert_eq!(event.message_id.as_deref(), Some(&*id));
    let reasons = event.reasons.join("; ");
    assert!(reasons.contains("could not be delivered") && reasons.contains("500"), "{reasons}");
    while receiver.deliveries.try_recv().is_ok() {}
    // Its sender can still ask for it.
    assert_promised(&provide(&hub, &sent));
    receiver.next();
}

#[test]
fn promises_show_in_the_metrics_and_in_check() {
    let (hub, url, receiver) = hub_and_receiver(&[202]);
    assert_promised(&provide(&hub, &letter_later(1, &url).0));
    receiver.next();
    eventually("it is settled", || promises(&hub, Role::Repository, "state = 2") == 1);
    let repository = hub.url(Role::Repository);
    let base = repository.strip_suffix("/repository").unwrap();
    let metrics = hub.anonymous(format!("{base}/metrics")).get().unwrap().text();
    for line in [
        "watling_async_total{service=\"repository\",what=\"accepted\"}",
        "watling_async_total{service=\"repository\",what=\"delivered\"}",
        "watling_async_requests{service=\"repository\",state=\"received\"}",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    let mut watling = std::process::Command::new(crate::executable());
    let output = watling.arg("check").arg("--data").arg(hub.data()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    let line = "0 requests wait to be served, 0 answers to be taken; 1 were delivered, 0 given up";
    assert!(said.contains(line), "{said}");
}
