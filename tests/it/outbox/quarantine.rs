//! A message that waits in quarantine: its sender is told AE, and what became of it later.

use super::*;

/// A discharge whose NHS number cannot be read.
fn without_a_number(n: u32) -> Itk {
    let itk = discharge(n);
    let number = "root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990000026\"";
    assert!(itk.payload.contains(number));
    Itk { payload: itk.payload.replace(number, "nullFlavor=\"UNK\""), ..itk }
}

/// The code of a posted business acknowledgement, which answers this message.
#[track_caller]
fn code(delivery: &Delivery, itk: &Itk) -> String {
    let text = delivery.text();
    assert!(text.contains("SendBusinessAck-v1-0"), "{text}");
    assert!(text.contains(&format!("root=\"{}\"", itk.tracking_id)), "{text}");
    let whole = between(&text, "<hl7:acknowledgedBy3 typeCode=\"", "\"").to_owned();
    assert_eq!(between(&text, "<hl7:acknowledgedBy2 typeCode=\"", "\""), whole);
    whole
}

fn decide(hub: &TestHub, arguments: &[&str]) {
    let mut command = std::process::Command::new(crate::executable());
    command.arg("quarantine").args(arguments).arg("--data").arg(hub.data());
    command.args(["--by", "A Clerk", "--reason", "looked it up"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_quarantined_message_is_acknowledged_as_ae_and_as_aa_once_it_was_redriven() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    let itk = without_a_number(1);
    accepted(&hub, &asking(&itk, true, true));
    assert!(receiver.next().text().contains("result=\"OK\""), "its envelope is well");
    let first = receiver.next();
    assert_eq!(code(&first, &itk), "AE");
    accepted(&hub, &asking(&itk, true, true));
    eventually("both are delivered", || items(&hub, "state = 3") == 2);
    assert!(receiver.is_quiet(), "a replay is not told again");

    decide(&hub, &["resolve", "1", "--nhs-number", "9990000026"]);
    let second = receiver.next();
    assert_eq!(code(&second, &itk), "AA");
    assert_ne!(ids(&first).1, ids(&second).1, "an acknowledgement of its own");
    eventually("all are delivered", || items(&hub, "state = 3") == 3);
    accepted(&hub, &asking(&itk, true, true));
    assert_eq!(items(&hub, "1 = 1"), 3, "and that is the last word");
    assert!(receiver.is_quiet());
}

#[test]
fn a_quarantined_message_that_is_dropped_is_acknowledged_as_ar() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    let itk = without_a_number(1);
    accepted(&hub, &asking(&itk, true, true));
    receiver.next();
    assert_eq!(code(&receiver.next(), &itk), "AE");
    decide(&hub, &["drop", "1"]);
    assert_eq!(code(&receiver.next(), &itk), "AR");
    eventually("all are delivered", || items(&hub, "state = 3") == 3);
    assert_eq!(items(&hub, "kind = 'infrastructure-ack'"), 1, "its envelope was well");
}

#[test]
fn a_synchronous_message_in_quarantine_is_told_ae_in_its_answer_and_aa_later() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    let service = format!("{SERVICE}sendRecvDistEnvelope");
    let itk = Itk { action: service.clone(), service, ..without_a_number(1) };
    let answer = accepted(&hub, &asking(&itk, false, true));
    assert!(answer.contains("acknowledgedBy3 typeCode=\"AE\""), "{}", answer.text());
    assert_eq!(items(&hub, "1 = 1"), 0);
    decide(&hub, &["resolve", "1", "--nhs-number", "9990000026"]);
    assert_eq!(code(&receiver.next(), &itk), "AA");
}

#[test]
fn a_quarantined_message_that_asked_for_nothing_is_told_nothing() {
    let (hub, receiver) = hub_and_endpoint(&[taken()]);
    accepted(&hub, &without_a_number(1).message());
    decide(&hub, &["drop", "1"]);
    assert_eq!(items(&hub, "1 = 1"), 0);
    assert!(receiver.is_quiet());
}
