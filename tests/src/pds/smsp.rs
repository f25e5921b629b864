//! The mini services: any response code on demand, else what the people of the fixtures give.

use super::{Heard, Known, Said, Spoken};
use schemas::demographics::{Demographics, compare_names};
use schemas::itk::{ItkAddress, PostAnswer, RequestHeaders};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::smsp::{
    BirthDate, Criteria, Gender, Patient, PersonName, Practice, Request, Response, ResponseCode,
    Service,
};
use schemas::soap::SoapVersion;
use uuid::Uuid;

/// A sender's message is an envelope in SOAP, as an answer is: one reader serves both.
fn request(heard: &Heard) -> Option<Request> {
    let PostAnswer::Envelope(envelope) = PostAnswer::read(200, heard.body.as_bytes()) else {
        return None;
    };
    let from = envelope.find("<itk:payload id")?;
    let start = envelope[from..].find('>')? + from + 1;
    let end = envelope.rfind("</itk:payload>")?;
    Request::read(&envelope.as_bytes()[start..end]).ok()
}

pub(super) fn answer(heard: &Heard, spoken: &Spoken) -> Said {
    let Some(request) = request(heard).filter(|_| heard.certified) else {
        return (500, "text/xml", "<no-request/>".to_owned());
    };
    let action = format!("\"{}\"", request.service().action());
    if heard.header("soapaction") != action {
        return (500, "text/xml", "<other-action/>".to_owned());
    }
    let code = spoken.instead.as_deref().and_then(ResponseCode::of);
    let response = match code {
        Some(code) => Response::without_patient(Uuid::nil(), request.service(), code),
        None => respond(&request, &spoken.people),
    };
    (200, "text/xml; charset=UTF-8", message(&response))
}

fn respond(request: &Request, people: &[Known]) -> Response {
    let service = request.service();
    let without = |code| Response::without_patient(Uuid::nil(), service, code);
    match request.criteria() {
        Criteria::Number { nhs_number, birth_date, name } => {
            let number = nhs_number.digits();
            let Some(known) = people.iter().find(|known| known.is(&number)) else {
                return without(ResponseCode::NoMatch);
            };
            if known.invalidated {
                return without(ResponseCode::Invalidated);
            }
            if known.number != number && service == Service::VerifyNhsNumber {
                return without(ResponseCode::Superseded);
            }
            let named = name.as_ref().is_none_or(|name| is_called(known, name));
            if birth_date.as_str() != known.birth_date || !named {
                return without(ResponseCode::DetailsDiffer);
            }
            found(known, service)
        }
        Criteria::Person { birth_date, gender, name, postcode } => {
            let given = name.given.first().map(String::as_str);
            let fits = |known: &&Known| {
                let key = (name.family.as_str(), birth_date.as_str(), gender.code());
                known.fits(key, (given, postcode.as_deref()))
            };
            let all: Vec<&Known> = people.iter().filter(fits).collect();
            match all[..] {
                [] => without(ResponseCode::NoMatch),
                [one] => found(one, service),
                _ => without(ResponseCode::SeveralMatches),
            }
        }
    }
}

fn is_called(known: &Known, name: &PersonName) -> bool {
    let lines = [
        format!("PID-5|{}^{}", known.family, known.given),
        format!("PID-5|{}^{}", name.family, name.given.join(" ")),
    ];
    let both = Demographics::of_source_patient_info(&lines);
    !matches!(&both.names[..], [one, other] if compare_names(one, other).differs())
}

fn found(known: &Known, service: Service) -> Response {
    let details = service == Service::GetPatientDetailsByNhsNumber;
    let patient = Patient {
        nhs_number: NhsNumber::parse(&known.number).ok(),
        name: details.then(|| PersonName::new(&known.given, &known.family)),
        birth_date: BirthDate::parse(&known.birth_date).ok().filter(|_| details),
        gender: Gender::of(&known.sex).filter(|_| details),
        practice: OdsCode::parse(&known.practice)
            .ok()
            .filter(|_| details)
            .map(|ods| Practice { ods, name: None }),
        ..Patient::default()
    };
    let valid = (service == Service::VerifyNhsNumber).then_some(true);
    let code = ResponseCode::Success;
    Response {
        valid,
        patient: Some(patient),
        ..Response::without_patient(Uuid::nil(), service, code)
    }
}

fn message(response: &Response) -> String {
    // Services use one trackingid for every answer.
    let fixed = Uuid::from_u128(0xDEAD_BEEF);
    let ods = OdsCode::parse("X26").expect("an ODS code");
    let envelope = response.envelope(fixed, Uuid::from_u128(1), ItkAddress::identity(&ods, ""));
    let now = crate::START.parse().expect("a time");
    RequestHeaders {
        version: SoapVersion::V11,
        action: &response.service.response_action(),
        message_id: Uuid::from_u128(2),
        to: schemas::soap::ANONYMOUS,
        from: None,
        created: now,
        expires: now,
        timestamp_id: Uuid::from_u128(3),
        username: "pds",
    }
    .write(&envelope.write())
}
