//! A queue is asked, answers, and is told what has arrived.

use super::*;

fn asked(body: &str, action: &str) -> Result<QueueRequest, ItkFault> {
    let text = headers(SoapVersion::V11, action).write(body);
    let document = Document::parse(&text, &Limits::default()).unwrap();
    QueueRequest::read(&Envelope::read_any(&document).unwrap())
}

#[test]
fn requests_arrive_as_they_were_written() {
    let all = QueueMessage {
        subscriber_name: "hospice <1>".to_owned(),
        service_message_type: None,
        requested_message_count: None,
    };
    let some = QueueMessage {
        service_message_type: Some("SendBusinessAck-v1-0".to_owned()),
        requested_message_count: Some(7),
        ..all.clone()
    };
    for request in [all, some] {
        assert_eq!(asked(&request.write(), COLLECT), Ok(QueueRequest::Collect(request)));
    }
    let message_handles = vec!["a".to_owned(), "b&c".to_owned()];
    let confirm = QueueConfirmMessageReceipt { message_handles };
    assert_eq!(asked(&confirm.write(), CONFIRM), Ok(QueueRequest::Confirm(confirm)));
}

#[test]
fn a_service_is_named_with_or_without_its_prefix_and_a_count_has_a_limit() {
    let request = QueueMessage {
        subscriber_name: "x".to_owned(),
        service_message_type: Some(format!("{SERVICE_PREFIX}SendBusinessAck-v1-0")),
        requested_message_count: Some(5_000),
    };
    let Ok(QueueRequest::Collect(read)) = asked(&request.write(), COLLECT) else { panic!() };
    assert_eq!(read.service_message_type.as_deref(), Some("SendBusinessAck-v1-0"));
    assert_eq!(read.requested_message_count, Some(QUEUE_MESSAGES_MAX));
}

#[test]
fn a_request_of_another_shape_is_refused_by_name() {
    let collect =
        |inner: &str| format!("<i:QueueMessage xmlns:i=\"{NAMESPACE}\">{inner}</i:QueueMessage>");
    let name = "<i:SubscriberName>x</i:SubscriberName>";
    let count =
        |n: &str| collect(&format!("{name}<i:RequestedMessageCount>{n}</i:RequestedMessageCount>"));
    let confirm = |handles: usize| QueueConfirmMessageReceipt {
        message_handles: vec!["h".to_owned(); handles],
    };
    for (body, action, rule) in [
        (collect(""), COLLECT, "itk:SubscriberName is required"),
        (count("0"), COLLECT, "itk:RequestedMessageCount"),
        (count("-1"), COLLECT, "itk:RequestedMessageCount"),
        (count("many"), COLLECT, "itk:RequestedMessageCount"),
        (collect(name), CONFIRM, "needs the wsa:Action"),
        (confirm(0).write(), CONFIRM, "must name 1 to 100 MessageHandles"),
        (confirm(101).write(), CONFIRM, "must name 1 to 100 MessageHandles"),
        (confirm(1).write(), COLLECT, "needs the wsa:Action"),
        (collect(&name.replace('x', &"x".repeat(300))), COLLECT, "longer than 256 bytes"),
        ("<other/>".to_owned(), COLLECT, "holds neither"),
    ] {
        let fault = asked(&body, action).unwrap_err();
        assert_eq!(fault.code, ItkErrorCode::InvalidMessage);
        assert!(fault.diagnostic.contains(rule), "{}", fault.diagnostic);
    }
}

#[test]
fn envelopes_come_out_of_an_answer_as_they_went_in() {
    let message = |n: &str| QueuedMessage {
        message_payload: envelope().write(),
        service_message_type: "SendBusinessAck-v1-0".to_owned(),
        message_handle: n.to_owned(),
    };
    for messages in [vec![], vec![message("1"), message("2")]] {
        let written = QueueMessageResponse { messages };
        let text = written.write();
        let document = Document::parse(&text, &Limits::default()).unwrap();
        assert_eq!(QueueMessageResponse::read(document.root()), Some(written));
    }
    let wrong = QueueMessageResponse { messages: vec![message("1")] }.write();
    let wrong = wrong.replace("Count>1<", "Count>2<");
    let document = Document::parse(&wrong, &Limits::default()).unwrap();
    assert_eq!(QueueMessageResponse::read(document.root()), None);
}
