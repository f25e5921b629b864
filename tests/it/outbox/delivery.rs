//! What an endpoint's answer means, and what a process that ends leaves to the next.

use super::*;
use crate::executable;
use node::audit::{AuditKind, Outcome};
use tests::{Certificate, HubProcess, Request};

#[test]
fn what_an_endpoint_answers_decides_what_becomes_of_an_acknowledgement() {
    for (answer, state, words) in [
        (taken(), "3", ""),
        (Scripted::status(200), "3", ""),
        (Scripted::status(202), "3", ""),
        (Scripted::new(500, fault("Client", "1000")), "4", "ITK 1000"),
        (Scripted::new(200, fault("Client", "1000")), "4", "ITK 1000"),
        (Scripted::new(500, fault("Server", "2200")), "4", "ITK 2200"),
        (Scripted::new(500, fault("Client", "3000")), "4", "ITK 3000"),
        (Scripted::new(500, fault("Server", "2100")), "0", "ITK 2100"),
        (Scripted::new(200, fault("Server", "")), "0", "SOAP fault"),
        (Scripted::status(503), "0", "HTTP 503"),
        (Scripted::status(302), "0", "HTTP 302"),
        (Scripted::new(200, "<html><body>log in</body></html>"), "0", "HTTP 200"),
    ] {
        let (hub, receiver) = hub_and_endpoint(std::slice::from_ref(&answer));
        accepted(&hub, &asking(&discharge(1), false, true));
        receiver.next();
        let settled = format!(
            "state = {state} AND attempts = 1 AND coalesce(last_error, '') LIKE '%{words}%'"
        );
        eventually(&format!("{answer:?}"), || items(&hub, &settled) == 1);
        assert_eq!(items(&hub, "last_error LIKE '%999%'"), 0, "no word of the receiver's");
        if state == "4" {
            let records = hub.audit(Role::Repository);
            let parked = records.iter().find(|r| r.event.kind == AuditKind::Outbox).unwrap();
            assert_eq!(parked.event.outcome, Outcome::SeriousFailure);
            assert!(parked.event.reasons.join("; ").contains(words), "{:?}", parked.event);
        }
    }
}

#[test]
fn an_acknowledgement_that_is_not_taken_in_time_is_parked_on_record() {
    let (hub, receiver) = hub_and_endpoint(&[Scripted::status(503)]);
    accepted(&hub, &asking(&discharge(1), true, false));
    receiver.next();
    eventually("one try", || items(&hub, "state = 0 AND attempts = 1") == 1);
    hub.clock().advance_seconds(7 * 24 * 3600);
    receiver.next();
    eventually("it is parked", || {
        items(&hub, "state = 4 AND last_error LIKE 'not taken in time%HTTP 503%'") == 1
    });
    let event = hub.last_audit(Role::Repository).event;
    assert_eq!((event.kind, event.outcome), (AuditKind::Outbox, Outcome::SeriousFailure));
}

#[test]
fn an_endpoint_with_a_certificate_of_another_authority_is_not_told_anything() {
    let other = TestHub::start();
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = TestHub::with(|options| endpoint(options, "RXN", &url));
    let receiver = port.serve_script(&other.pki(), &[taken()]);
    accepted(&hub, &asking(&discharge(1), true, false));
    eventually("it is tried again later", || {
        items(&hub, "state = 0 AND attempts = 1 AND last_error LIKE '%cannot be reached%'") == 1
    });
    assert!(receiver.is_quiet());
}

#[test]
fn one_organisation_that_cannot_be_reached_keeps_no_other_waiting_and_its_own_stay_in_order() {
    let (down, up) = (ReplyPort::bind(), ReplyPort::bind());
    let (down_url, up_url) = (down.url(), up.url());
    let hub = TestHub::with(|options| {
        endpoint(options, "RXN", &down_url);
        endpoint(options, "RXL", &up_url);
    });
    let (rxn, rxl) = (down.serve_script(&hub.pki(), &[Scripted::status(503), taken()]), up);
    let rxl = rxl.serve_script(&hub.pki(), &[taken()]);
    let messages: Vec<Itk> = (1..=3).map(discharge).collect();
    accepted(&hub, &asking(&messages[0], false, true));
    rxn.next();
    next_state(&hub, "RXN");
    accepted(&hub, &asking(&messages[1], false, true));
    let other = asking(&messages[2], false, true).replace(":ods:RXN", ":ods:RXL");
    let answer = send_as(&hub, "RXL", &other);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(rxl.next().text().contains(&messages[2].tracking_id));
    assert!(rxn.is_quiet(), "the second waits for the first");
    hub.clock().advance_seconds(900);
    for itk in &messages[..2] {
        assert!(rxn.next().text().contains(&itk.tracking_id), "in the order they were put");
    }
}

fn next_state(hub: &TestHub, ods: &str) {
    let waits = format!("destination = '{ods}' AND state = 0 AND attempts = 1");
    eventually("it waits for its time", || items(hub, &waits) == 1);
}

#[test]
fn a_slow_organisation_keeps_no_other_waiting() {
    let (slow, fast) = (ReplyPort::bind(), ReplyPort::bind());
    let (slow_url, fast_url) = (slow.url(), fast.url());
    let hub = TestHub::with(|options| {
        endpoint(options, "RXN", &slow_url);
        endpoint(options, "RXL", &fast_url);
    });
    let _slow = slow.serve_script(&hub.pki(), &[Scripted { after: 20_000, ..taken() }]);
    let fast = fast.serve_script(&hub.pki(), &[taken()]);
    accepted(&hub, &asking(&discharge(1), true, true));
    eventually("it is under way", || items(&hub, "destination = 'RXN' AND state = 1") == 1);
    let other = asking(&discharge(2), true, true).replace(":ods:RXN", ":ods:RXL");
    assert_eq!(send_as(&hub, "RXL", &other).status, 200);
    fast.next();
    fast.next();
    assert_eq!(items(&hub, "destination = 'RXN' AND state = 1"), 1, "the slow one still is");
}

#[test]
fn an_acknowledgement_that_waits_is_delivered_by_the_next_process() {
    let port = ReplyPort::bind();
    let url = port.url();
    let mut hub = TestHub::with(|options| endpoint(options, "RXN", &url));
    let port = port.close();
    let itk = discharge(1);
    accepted(&hub, &asking(&itk, true, true));
    eventually("nobody takes it", || items(&hub, "state = 0 AND attempts = 1") == 1);
    hub.restart();
    let receiver = ReplyPort::again(port).serve_script(&hub.pki(), &[taken()]);
    hub.clock().advance_seconds(900);
    for service in ["SendInfrastructureAck-v1-0", "SendBusinessAck-v1-0"] {
        let text = receiver.next().text();
        assert!(text.contains(service) && text.contains(&itk.tracking_id), "{text}");
    }
}

#[test]
fn an_acknowledgement_of_an_accepted_message_survives_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    let (data, config) = (folder.path().join("data"), folder.path().join("watling.toml"));
    let port = ReplyPort::bind();
    let directory = format!("[itk.directory.RXN]\nurl = {:?}\n", port.url());
    std::fs::write(&config, directory).unwrap();
    let serve =
        || HubProcess::serve(executable(), &data, &["--config", config.to_str().unwrap()]).unwrap();
    // The port takes connections and never says a word: the first try is under way.
    let first = serve();
    let urls = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
    let urls: serde_json::Value = serde_json::from_str(&urls).unwrap();
    let certificate = Certificate::in_folder(&data.join("pki/clients"), "RXN");
    let itk_url = urls["itk"].as_str().unwrap();
    let request = Request::new(itk_url, &data.join("pki/ca.pem")).certificate(certificate);
    let now = node::clock::Clock::System.now();
    let itk = Itk {
        created: now.to_string(),
        expires: (now + jiff::SignedDuration::from_mins(10)).to_string(),
        ..discharge(1)
    };
    let answer = request.content_type("text/xml").post(asking(&itk, true, true));
    assert_eq!(answer.status, 200, "{}", answer.text());
    first.kill();

    let receiver = port.serve_script(&data.join("pki"), &[taken()]);
    let _second = serve();
    let infrastructure = receiver.next();
    let text = infrastructure.text();
    assert!(text.contains("SendInfrastructureAck-v1-0") && text.contains(&itk.tracking_id));
    assert!(receiver.next().text().contains("SendBusinessAck-v1-0"));
}
