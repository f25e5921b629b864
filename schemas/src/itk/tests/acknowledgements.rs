//! Acknowledgements, written by the hub and by others.

use super::*;

fn to() -> ItkAddress {
    ItkAddress::address(&ods("XZ9"), "TIE")
}

fn from() -> ItkAddress {
    ItkAddress::address(&ods("QE1"), "DOCHUB")
}

fn infrastructure(result: InfrastructureResult) -> InfrastructureResponse {
    let failed = result != InfrastructureResult::Ok;
    let error = ErrorInfo::new(id(9), DistributionErrorCode::ManifestItem, "profileid <unknown>");
    InfrastructureResponse {
        result,
        timestamp: Some(now()),
        tracking_id_ref: upper(id(1)),
        service_ref: format!("{SERVICE_PREFIX}SendCDADocument-v2-0"),
        reporting_identities: vec![ItkAddress::identity(&ods("QE1"), "DOCHUB")],
        errors: if failed { vec![error] } else { Vec::new() },
    }
}

/// What arrives of a sent envelope.
fn delivered(envelope: DistributionEnvelope) -> ItkMessage {
    let text = headers(SoapVersion::V11, &envelope.service).write(&envelope.write());
    let message = read(&text).unwrap();
    assert_eq!(message.warnings, []);
    assert!(message.is_acknowledgement());
    assert!(!message.infrastructure_ack_requested && !message.business_ack_requested);
    assert_eq!((&message.recipients[0], message.sender.as_ref()), (&to(), Some(&from())));
    message
}

#[test]
fn an_infrastructure_acknowledgement_arrives_as_it_was_written() {
    for result in [InfrastructureResult::Ok, InfrastructureResult::Failure] {
        let written = infrastructure(result);
        let message = delivered(written.envelope(id(5), id(6), to(), from()));
        assert_eq!(message.payloads[0].profile_id, None);
        let read = Acknowledgement::read(&message.payloads[0].bytes).unwrap();
        assert_eq!(read.is_positive(), written.is_positive());
        assert_eq!(read.tracking_id_ref(), written.tracking_id_ref);
        assert_eq!(read, Acknowledgement::Infrastructure(written));
    }
}

fn business(code: AcknowledgementType) -> BusinessResponse {
    let item = payload_id(id(2));
    BusinessResponse {
        interaction: Some("primaryRecipientDischargeReport-v1-0".to_owned()),
        items: vec![(item, code)],
        receiver: Some(to().uri),
        sender: Some(from().uri),
        ..BusinessResponse::new(id(7), now(), code, &upper(id(1)))
    }
}

#[test]
fn a_business_acknowledgement_arrives_as_it_was_written() {
    use AcknowledgementType::{Accept, Error, Reject};
    for code in [Accept, Error, Reject] {
        let author = AuthorDevice {
            system: "DOCHUB".to_owned(),
            manufacturer_model_name: "Regional hub".to_owned(),
            software_name: "watling".to_owned(),
            organisation: ods("QE1"),
            organisation_name: "Document hub".to_owned(),
        };
        let written = BusinessResponse { author: Some(author), ..business(code) };
        let identity = ItkAddress::identity(&ods("QE1"), "DOCHUB");
        let message = delivered(written.envelope(id(5), id(6), to(), from(), identity));
        let read = Acknowledgement::read(&message.payloads[0].bytes).unwrap();
        assert_eq!(read.is_positive(), code == Accept);
        assert_eq!(read, Acknowledgement::Business(BusinessResponse { author: None, ..written }));
    }
}

#[test]
fn participants_are_told_by_type_code_and_one_refused_item_refuses_the_whole() {
    let text = business(AcknowledgementType::Accept).write();
    let swapped = text.replace("Function1", "Function0").replace("Function ", "Function1 ");
    let read = |text: &str| match Acknowledgement::read(text.as_bytes()) {
        Some(Acknowledgement::Business(response)) => response,
        other => panic!("{other:?}"),
    };
    let swapped = swapped.replace("communicationFunction>", "communicationFunction1>");
    assert_eq!(read(&swapped).receiver, Some(to().uri));
    let refused =
        text.replace("acknowledgedBy2 typeCode=\"AA\"", "acknowledgedBy2 typeCode=\"AR\"");
    assert!(!read(&refused).is_positive());
    let unknown =
        text.replace("acknowledgedBy3 typeCode=\"AA\"", "acknowledgedBy3 typeCode=\"XX\"");
    assert_eq!(read(&unknown).acknowledgement, AcknowledgementType::Error);
    let local = text.replace("20260114153104+00", "20260114153104");
    assert_eq!(read(&local).creation_time, read(&text).creation_time, "British time in winter");
}

#[test]
fn foreign_errors_are_negative_and_kept_as_they_came() {
    let text = infrastructure(InfrastructureResult::Failure).write();
    let text = text.replace("Failure", "ERROR").replace("DE0007", "098765");
    let text = text.replace("17.516", "17.268").replace(&upper(id(9)), "urn:some-id");
    let Some(Acknowledgement::Infrastructure(read)) = Acknowledgement::read(text.as_bytes()) else {
        panic!("{text}")
    };
    assert_eq!(read.result, InfrastructureResult::Other("ERROR".to_owned()));
    assert!(!read.is_positive());
    let error = &read.errors[0];
    assert_eq!((error.id.as_str(), error.code.as_str()), ("urn:some-id", "098765"));
    assert_eq!(error.distribution_error(), None);
    assert_eq!(Acknowledgement::read(b"<other/>"), None);
    assert_eq!(Acknowledgement::read(b"no xml"), None);
}

#[test]
fn every_error_of_the_vocabulary_travels() {
    for code in DistributionErrorCode::ALL {
        let error = ErrorInfo::new(id(9), code, "rule");
        let written = InfrastructureResponse {
            errors: vec![error.clone()],
            ..infrastructure(InfrastructureResult::Failure)
        };
        let text = written.write();
        assert!(text.contains(code.code()) && text.contains(code.text()), "{text}");
        assert_eq!(error.distribution_error(), Some(code));
    }
}
