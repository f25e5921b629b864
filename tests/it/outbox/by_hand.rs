//! `watling outbox`, `watling check` and the metrics, beside a running hub.

use super::*;
use node::audit::AuditKind;

/// A hub whose two acknowledgements of one message are refused for good.
fn parked() -> (TestHub, ReplyReceiver) {
    let refused = Scripted::new(500, fault("Client", "3000"));
    let (hub, receiver) = hub_and_endpoint(&[refused.clone(), refused, taken()]);
    accepted(&hub, &asking(&discharge(1), true, true));
    receiver.next();
    receiver.next();
    eventually("both are parked", || items(&hub, "state = 4") == 2);
    (hub, receiver)
}

fn listed(hub: &TestHub, more: &[&str]) -> Vec<serde_json::Value> {
    let (done, said) = watling(hub, &[&["outbox", "list", "--json"], more].concat());
    assert!(done, "{said}");
    serde_json::from_str(&said).unwrap()
}

#[test]
fn what_is_parked_is_listed_shown_tried_again_and_dropped() {
    let (hub, receiver) = parked();
    let (done, said) = watling(&hub, &["outbox", "list"]);
    assert!(done && said.matches("parked").count() >= 2, "{said}");
    for words in
        ["infrastructure-ack", "business-ack", "to RXN", "ITK 3000: access denied", "1 try"]
    {
        assert!(said.contains(words), "no {words}: {said}");
    }
    assert_eq!(listed(&hub, &["--state", "waiting"]).len(), 0);
    assert_eq!(listed(&hub, &["--to", "RXL"]).len(), 0);
    let items_of = listed(&hub, &["--state", "parked", "--to", "RXN"]);
    let id = |n: usize| items_of[n]["id"].as_str().unwrap().to_owned();
    let (done, said) = watling(&hub, &["outbox", "show", &id(0)]);
    assert!(done && said.contains("last error") && said.contains("https://127.0.0.1:"), "{said}");

    let (done, said) = watling(&hub, &["outbox", "retry", &id(0)]);
    assert!(done, "{said}");
    receiver.next();
    eventually("it is delivered", || items(&hub, "state = 3") == 1);
    let (done, said) = watling(&hub, &["outbox", "retry", &id(0)]);
    assert!(!done && said.contains("it is delivered and was not tried again"), "{said}");
    let (done, said) =
        watling(&hub, &["outbox", "drop", &id(1), "--reason", "told them by telephone"]);
    assert!(done, "{said}");
    assert_eq!(items(&hub, "state = 5 AND last_error = 'dropped: told them by telephone'"), 1);
    assert_eq!(listed(&hub, &[]).len(), 0, "nothing is left to be done");
    assert_eq!(listed(&hub, &["--all"]).len(), 2);
    let records = hub.audit(Role::Repository);
    let records = records.iter().filter(|record| record.event.kind == AuditKind::Outbox);
    let reasons: Vec<String> = records.map(|record| record.event.reasons.join("; ")).collect();
    for words in
        ["is tried again by hand", "was dropped: told them by telephone", "parked: ITK 3000"]
    {
        assert!(reasons.iter().any(|reason| reason.contains(words)), "{words}: {reasons:?}");
    }
}

#[test]
fn everything_for_one_organisation_is_tried_again_at_once() {
    let (hub, receiver) = parked();
    let (done, said) = watling(&hub, &["outbox", "retry", "--all", "--to", "RXN"]);
    assert!(done && said.contains("2 messages to RXN are tried again"), "{said}");
    receiver.next();
    receiver.next();
    eventually("both are delivered", || items(&hub, "state = 3") == 2);
}

#[test]
fn an_item_that_is_not_there_and_a_reason_that_says_nothing_are_refused() {
    let hub = TestHub::start();
    let id = "4f6e0c1a-7b39-4d58-8a2e-90c1d7e3b5f6";
    for arguments in [
        &["outbox", "show", id][..],
        &["outbox", "retry", id],
        &["outbox", "drop", id, "--reason", "none"],
    ] {
        let (done, said) = watling(&hub, arguments);
        assert!(!done && said.contains("no item"), "{said}");
    }
    assert!(!watling(&hub, &["outbox", "drop", id, "--reason", " "]).0);
    assert!(!watling(&hub, &["outbox", "retry"]).0);
    assert!(!watling(&hub, &["outbox", "retry", "--all"]).0);
}

#[test]
fn check_names_who_asks_for_acknowledgements_and_has_no_endpoint() {
    let hub = TestHub::start();
    accepted(&hub, &asking(&discharge(1), true, true));
    let mut watling = std::process::Command::new(crate::executable());
    let output = watling.arg("check").arg("--data").arg(hub.data()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    let line = "warning: RXN asks for acknowledgements and has no endpoint ([itk.directory.RXN]): 2 wait to be collected";
    assert!(said.contains(line), "{said}");
}

#[test]
fn the_metrics_count_what_waits_and_how_old_it_is() {
    let (hub, receiver) = hub_and_endpoint(&[Scripted::status(503)]);
    accepted(&hub, &asking(&discharge(1), true, true));
    receiver.next();
    hub.clock().advance_seconds(120);
    let repository = hub.url(Role::Repository);
    let base = repository.strip_suffix("/repository").unwrap();
    let metrics = || hub.anonymous(format!("{base}/metrics")).get().unwrap().text();
    for line in [
        "watling_outbox_items{service=\"repository\",state=\"waiting\"}",
        "watling_outbox_items{service=\"repository\",state=\"parked\"}",
        "watling_outbox_items{service=\"gateway\",state=\"delivered\"}",
        "watling_outbox_oldest_seconds{service=\"repository\"}",
        "watling_outbox_unmatched{service=\"repository\"}",
        "watling_outbox_total{service=\"repository\",kind=\"infrastructure-ack\",what=\"not-delivered\"}",
    ] {
        eventually(line, || metrics().contains(line));
    }
}

#[test]
fn a_setting_that_means_nothing_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watling.toml");
    for (text, words) in [
        ("[itk.directory.RXN]\nurl = \"http://a.example/\"", ["http://a.example/", "https://"]),
        ("[itk.directory.RXN]\nurl = \"https://a.example/\"\nsoap = \"1.3\"", ["1.3", "1.2"]),
        ("[itk.directory.\"R XN\"]\nurl = \"https://a.example/\"", ["R XN", "ODS code"]),
        ("[itk.outbox]\ndeadline_seconds = 0", ["deadline_seconds is 0", "at least 1"]),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = hub::config::Config::load(Some(&file)).unwrap_err();
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
    }
}
