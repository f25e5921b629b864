//! Requests and answers of the mini services, there and back.

use crate::dtm::Dtm;
use crate::itk::{ItkAddress, ItkMessage, ReadContext, RequestHeaders};
use crate::nhs_number::NhsNumber;
use crate::ods_code::OdsCode;
use crate::smsp::*;
use crate::soap::{Envelope, SoapVersion};
use crate::xml::{Document, Limits};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x2F0C_7C1E_6B0D_4A51_9A1C_0E4B_6A7D_9C10);

fn number() -> NhsNumber {
    NhsNumber::parse("9990000018").unwrap()
}

fn day(text: &str) -> BirthDate {
    BirthDate::parse(text).unwrap()
}

fn requests() -> Vec<Request> {
    let named = Criteria::Number {
        nhs_number: number(),
        birth_date: day("19480309"),
        name: Some(PersonName { given: vec!["A".into(), "B".into()], family: "O'<C>".into() }),
    };
    let person = |postcode: Option<&str>| Criteria::Person {
        birth_date: day("19480309"),
        gender: Gender::Female,
        name: PersonName::new("Testina", "SYNTHETIC"),
        postcode: postcode.map(str::to_owned),
    };
    let new = |service, criteria| Request::new(ID, service, criteria).unwrap();
    vec![
        Request::verify(ID, number(), day("19480309"), None),
        new(Service::VerifyNhsNumber, named.clone()),
        new(Service::GetPatientDetailsByNhsNumber, named),
        new(Service::GetNhsNumber, person(None)),
        new(Service::GetPatientDetailsBySearch, person(Some("ZZ99 3VZ"))),
    ]
}

#[test]
fn every_request_arrives_as_it_was_asked() {
    let now = "2026-01-14T15:31:04Z".parse().unwrap();
    for request in requests() {
        let sent = request.envelope(ID, Uuid::from_u128(7), ItkAddress::asid("123456789012"));
        let headers = RequestHeaders {
            version: SoapVersion::V11,
            action: &sent.service,
            message_id: Uuid::from_u128(8),
            to: "https://smsp.example.nhs.uk/",
            from: None,
            created: now,
            expires: now + jiff::SignedDuration::from_mins(5),
            timestamp_id: Uuid::from_u128(9),
            username: "hub",
        };
        let text = headers.write(&sent.write());
        let document = Document::parse(&text, &Limits::default()).unwrap();
        let envelope = Envelope::read(&document).unwrap();
        let message = ItkMessage::read(&envelope, &ReadContext::new(now)).unwrap();
        assert_eq!(message.warnings, []);
        assert_eq!(Service::of(&message.service), Some(request.service()));
        assert_eq!(Request::read(&message.payloads[0].bytes).unwrap(), request);
    }
}

#[test]
fn criteria_of_the_other_kind_make_no_request() {
    for request in requests() {
        for service in Service::ALL {
            let made = Request::new(ID, service, request.criteria().clone());
            assert_eq!(made.is_some(), service.by_number() == request.service().by_number());
        }
    }
}

#[test]
fn a_parameter_that_cannot_be_used_is_named() {
    let text = requests()[0].write();
    for (from, to, parameter) in [
        ("9990000018", "9990000019", "Person.NHSNumber"),
        ("19480309", "194803", "Person.DateOfBirth"),
        ("19480309", "194803091030", "Person.DateOfBirth"),
        ("queryEvent", "event", "queryEvent"),
    ] {
        let refused = Request::read(text.replace(from, to).as_bytes());
        assert_eq!(refused, Err(SmspError::Parameter(parameter)), "{from} to {to}");
    }
    let person = requests()[3].write();
    for (from, to, parameter) in
        [("code=\"2\"", "code=\"5\"", "Person.Gender"), ("Person.Name", "Person.X", "Person.Name")]
    {
        let refused = Request::read(person.replace(from, to).as_bytes());
        assert_eq!(refused, Err(SmspError::Parameter(parameter)), "{from} to {to}");
    }
    assert!(matches!(Request::read(b"<a/>"), Err(SmspError::OtherMessage(_))));
    assert!(matches!(Request::read(b"<a>"), Err(SmspError::Xml(_))));
}

fn patient() -> Patient {
    Patient {
        nhs_number: Some(number()),
        name: Some(PersonName::new("Testina", "SYNTHETIC")),
        addresses: vec![PostalAddress {
            usage: Some("H".to_owned()),
            postcode: Some("ZZ99 3VZ".to_owned()),
            lines: vec!["1 Any Road".to_owned(), String::new(), "Anytown".to_owned()],
        }],
        telecoms: vec![Telecom {
            usage: Some("HP".to_owned()),
            value: "tel:01632960000".to_owned(),
            since: Some("20110611".to_owned()),
        }],
        gender: Some(Gender::Male),
        birth_date: Some(day("19480309")),
        deceased: Some(Dtm::parse("20200101").unwrap()),
        practice: Some(Practice {
            ods: OdsCode::parse("P81001").unwrap(),
            name: Some("A & B".into()),
        }),
    }
}

fn answered(service: Service, code: ResponseCode) -> Response {
    let success = code == ResponseCode::Success;
    let valid = (success && service == Service::VerifyNhsNumber).then_some(true);
    let only_number = Patient { nhs_number: Some(number()), ..Patient::default() };
    let details = matches!(
        service,
        Service::GetPatientDetailsByNhsNumber | Service::GetPatientDetailsBySearch
    );
    let patient = if details { patient() } else { only_number };
    let bare = Response::without_patient(ID, service, code);
    Response { valid, patient: success.then_some(patient), ..bare }
}

#[test]
fn every_answer_of_every_service_is_read_and_only_success_gives_a_number() {
    for service in Service::ALL {
        for code in ResponseCode::ALL.iter().copied() {
            let written = answered(service, code);
            let from = ItkAddress::identity(&OdsCode::parse("QE1").unwrap(), "");
            let envelope = written.envelope(ID, Uuid::from_u128(7), from).write();
            let read = Response::read(&envelope, service).unwrap();
            assert_eq!(read, written);
            let trusted = (code == ResponseCode::Success).then(number);
            assert_eq!(read.trusted_number(), trusted, "{}", code.code());
        }
    }
}

#[test]
fn a_number_that_is_not_valid_is_not_trusted() {
    let written = answered(Service::VerifyNhsNumber, ResponseCode::Success);
    let refused = Response { valid: Some(false), ..written.clone() };
    assert_eq!(refused.trusted_number(), None);
    let silent = Response { valid: None, ..written };
    assert_eq!(silent.trusted_number(), None);
    let copy = Response {
        code: ResponseCode::LocalData,
        ..answered(Service::GetNhsNumber, ResponseCode::Success)
    };
    assert_eq!(copy.trusted_number(), None, "a copy's data verify nothing");
}

#[test]
fn an_answer_of_another_kind_or_code_is_refused() {
    let text = answered(Service::GetNhsNumber, ResponseCode::NoMatch).write();
    let other = Response::read(&text, Service::VerifyNhsNumber);
    assert!(matches!(other, Err(SmspError::OtherMessage(_))));
    let code = Response::read(&text.replace("DEMOG-0001", "CPIS-0001"), Service::GetNhsNumber);
    assert_eq!(code, Err(SmspError::ResponseCode));
}

#[test]
fn each_code_has_its_course() {
    let course = |code: &str| ResponseCode::of(code).unwrap().course();
    for (code, expected) in [
        ("SMSP-0000", Course::Use),
        ("SMSP-0001", Course::Quarantine),
        ("SMSP-0002", Course::Quarantine),
        ("SMSP-0003", Course::NotVerified),
        ("SMSP-0004", Course::Retry),
        ("SMSP-0005", Course::Alarm),
        ("SMSP-9999", Course::Retry),
        ("DEMOG-0001", Course::Quarantine),
        ("DEMOG-0007", Course::Quarantine),
        ("DEMOG-0017", Course::Merge),
        ("DEMOG-0022", Course::Quarantine),
        ("DEMOG-0040", Course::Quarantine),
        ("DEMOG-0042", Course::Quarantine),
        ("DEMOG-9999", Course::Retry),
    ] {
        assert_eq!(course(code), expected, "{code}");
    }
    assert_eq!(ResponseCode::ALL.len(), 14);
}

#[test]
fn nobody_shows_in_a_log() {
    for request in requests() {
        let shown = format!("{request:?}");
        for secret in ["9990000018", "19480309", "SYNTHETIC", "O'"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let shown = format!("{:?}", patient());
    for secret in ["9990000018", "19480309", "SYNTHETIC", "Any Road", "01632960000", "P81001"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
