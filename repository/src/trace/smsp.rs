//! A Spine mini service for PDS: verifyNHSNumber, getNHSNumber and getPatientDetailsByNHSNumber, by
//! SOAP 1.1 over mutual TLS. Every business outcome comes with HTTP 200; the body decides.

use super::{Trace, TraceOutcome, Traced, Unavailable};
use async_trait::async_trait;
use node::client::HttpsClient;
use node::clock::Clock;
use schemas::demographics::{BirthDate, Demographics, PersonName, Sex};
use schemas::itk::{ItkAddress, PostAnswer, RequestHeaders};
use schemas::nhs_number::NhsNumber;
use schemas::smsp::{self, Criteria, Gender, Patient, Request, Response, ResponseCode, Service};
use schemas::soap::SoapVersion;

/// How long a request is good for, in seconds.
const EXPIRES_SECONDS: i64 = 300;

/// The service at its address.
pub struct Smsp {
    https: HttpsClient,
    url: String,
    /// By which the service knows this hub.
    asid: String,
    clock: Clock,
}

impl Smsp {
    pub(super) fn new(https: HttpsClient, url: &str, asid: &str, clock: Clock) -> Self {
        Self { https, url: url.to_owned(), asid: asid.to_owned(), clock }
    }

    async fn ask(&self, service: Service, criteria: Criteria) -> Result<Response, TraceOutcome> {
        let request = Request::new(node::ids::uuid(), service, criteria);
        let request = request.ok_or(TraceOutcome::NotEnough)?;
        let action = service.action();
        let (tracking, payload) = (node::ids::uuid(), node::ids::uuid());
        let envelope = request.envelope(tracking, payload, ItkAddress::asid(&self.asid)).write();
        let created = self.clock.now();
        let message = RequestHeaders {
            version: SoapVersion::V11,
            action: &action,
            message_id: node::ids::uuid(),
            to: &self.url,
            from: None,
            created,
            expires: created + jiff::SignedDuration::from_secs(EXPIRES_SECONDS),
            timestamp_id: node::ids::uuid(),
            username: &self.asid,
        }
        .write(&envelope);
        let quoted = format!("\"{action}\"");
        let headers = [("SOAPAction", quoted.as_str())];
        let content_type = "text/xml; charset=UTF-8";
        let answer = self.https.post(&self.url, content_type, &headers, message.into()).await;
        let answer = answer.map_err(|error| {
            tracing::warn!(%error, "the mini service does not answer");
            TraceOutcome::Unavailable(Unavailable::Retry)
        })?;
        read(answer.status, &answer.body, service)
    }
}

/// The answer of a service, or why it is none.
fn read(status: u16, body: &[u8], service: Service) -> Result<Response, TraceOutcome> {
    let unreadable = |reason: String| {
        tracing::error!(status, reason, "the answer of the mini service cannot be read");
        TraceOutcome::Unavailable(Unavailable::Unreadable)
    };
    match PostAnswer::read(status, body) {
        PostAnswer::Envelope(envelope) => {
            Response::read(&envelope, service).map_err(|error| unreadable(error.to_string()))
        }
        PostAnswer::Fault(fault) => {
            tracing::error!(status, code = fault.raw_code, "the mini service answers a fault");
            let retry = fault.may_retry();
            let unavailable = if retry { Unavailable::Retry } else { Unavailable::Refused };
            Err(TraceOutcome::Unavailable(unavailable))
        }
        PostAnswer::Unreadable { .. } if matches!(status, 408 | 429 | 500..) => {
            tracing::warn!(status, "the mini service does not answer");
            Err(TraceOutcome::Unavailable(Unavailable::Retry))
        }
        PostAnswer::Unreadable { why, .. } => Err(unreadable(why)),
        PostAnswer::Accepted { .. } => Err(unreadable("it is no envelope".to_owned())),
    }
}

/// A code that is no success.
fn failed(code: ResponseCode) -> TraceOutcome {
    let unavailable = |unavailable| {
        tracing::warn!(code = code.code(), meaning = code.meaning(), "the trace has no answer");
        TraceOutcome::Unavailable(unavailable)
    };
    match code {
        ResponseCode::NoMatch | ResponseCode::NotNewStyle | ResponseCode::Superseded => {
            TraceOutcome::NoMatch
        }
        ResponseCode::SeveralMatches => TraceOutcome::Several,
        ResponseCode::Invalidated => TraceOutcome::Invalidated,
        ResponseCode::DetailsDiffer => TraceOutcome::Mismatch,
        ResponseCode::LocalData
        | ResponseCode::NoConnection
        | ResponseCode::ProviderFailure
        | ResponseCode::SpineFailure => unavailable(Unavailable::Retry),
        ResponseCode::Credentials => unavailable(Unavailable::Refused),
        ResponseCode::RequestInvalid | ResponseCode::ResponseInvalid | ResponseCode::Success => {
            unavailable(Unavailable::Unreadable)
        }
    }
}

/// What an answer comes to; `asked` is the number that was asked about. A number counts with
/// SMSP-0000 alone, and a verified one only where it is said to be valid.
fn outcome(response: &Response, asked: Option<NhsNumber>) -> TraceOutcome {
    match (response.trusted_number(), response.code) {
        (Some(number), _) => TraceOutcome::Verified(Box::new(Traced {
            number,
            superseded_from: asked.filter(|asked| *asked != number),
            sensitivity: None,
            demographics: response.patient.as_ref().map(demographics).unwrap_or_default(),
            compared: response.service != Service::GetPatientDetailsByNhsNumber,
        })),
        (None, ResponseCode::Success) if response.valid == Some(false) => TraceOutcome::Mismatch,
        (None, code) => failed(code),
    }
}

#[async_trait]
impl Trace for Smsp {
    async fn verify(&self, number: NhsNumber, person: &Demographics) -> TraceOutcome {
        let Some(birth_date) = birth_date(person) else { return TraceOutcome::NotEnough };
        let name = person.name().map(name);
        let criteria = Criteria::Number { nhs_number: number, birth_date, name };
        let response = match self.ask(Service::VerifyNhsNumber, criteria).await {
            Ok(response) => response,
            Err(outcome) => return outcome,
        };
        if response.code != ResponseCode::Superseded {
            return outcome(&response, Some(number));
        }
        // The code comes without the number in force: whoever it is has it.
        match self.find(person).await {
            TraceOutcome::Verified(found) => TraceOutcome::Verified(Box::new(Traced {
                superseded_from: Some(number).filter(|asked| *asked != found.number),
                ..*found
            })),
            other => other,
        }
    }

    async fn find(&self, person: &Demographics) -> TraceOutcome {
        let Some(criteria) = search(person) else { return TraceOutcome::NotEnough };
        match self.ask(Service::GetNhsNumber, criteria).await {
            Ok(response) => outcome(&response, None),
            Err(outcome) => outcome,
        }
    }

    async fn details(&self, number: NhsNumber, person: &Demographics) -> TraceOutcome {
        let Some(birth_date) = birth_date(person) else { return TraceOutcome::NotEnough };
        let name = person.name().map(name);
        let criteria = Criteria::Number { nhs_number: number, birth_date, name };
        match self.ask(Service::GetPatientDetailsByNhsNumber, criteria).await {
            Ok(response) => outcome(&response, Some(number)),
            Err(outcome) => outcome,
        }
    }
}

fn birth_date(person: &Demographics) -> Option<smsp::BirthDate> {
    smsp::BirthDate::parse(&person.birth_date?.digits()).ok()
}

fn name(name: &PersonName) -> smsp::PersonName {
    smsp::PersonName { given: name.given.clone(), family: name.family.clone() }
}

fn search(person: &Demographics) -> Option<Criteria> {
    let usual = person.name().filter(|name| !name.family.is_empty())?;
    Some(Criteria::Person {
        birth_date: birth_date(person)?,
        gender: Gender::of(person.sex?.nhs())?,
        name: name(usual),
        postcode: person.postcode.clone(),
    })
}

fn demographics(patient: &Patient) -> Demographics {
    let name = patient.name.as_ref();
    let name = name.and_then(|n| PersonName::new(&n.family, &n.given.join(" "), ""));
    let home = patient.addresses.iter().find(|a| a.usage.as_deref() == Some("H"));
    let home = home.or(patient.addresses.first());
    Demographics {
        names: name.into_iter().collect(),
        birth_date: patient.birth_date.as_ref().and_then(|d| BirthDate::parse(d.as_str()).ok()),
        sex: patient.gender.and_then(|gender| Sex::from_nhs(gender.code())),
        address: home.map(|home| home.lines.clone()).unwrap_or_default(),
        postcode: home.and_then(|home| home.postcode.clone()),
        practice: patient.practice.as_ref().map(|practice| practice.ods.clone()),
        deceased: patient.deceased.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn answer(code: ResponseCode, valid: Option<bool>, number: Option<&str>) -> Response {
        let nhs_number = number.map(|text| NhsNumber::parse(text).unwrap());
        Response {
            id: Uuid::nil(),
            service: Service::VerifyNhsNumber,
            code,
            valid,
            patient: nhs_number.map(|n| Patient { nhs_number: Some(n), ..Patient::default() }),
        }
    }

    #[test]
    fn every_response_code_has_its_outcome() {
        use Unavailable::{Refused, Retry, Unreadable};
        for code in ResponseCode::ALL.iter().copied() {
            let expected = match code.code() {
                "DEMOG-0001" | "DEMOG-0042" | "DEMOG-0017" => TraceOutcome::NoMatch,
                "DEMOG-0007" => TraceOutcome::Several,
                "DEMOG-0022" => TraceOutcome::Invalidated,
                "DEMOG-0040" => TraceOutcome::Mismatch,
                "SMSP-0003" | "SMSP-0004" | "SMSP-9999" | "DEMOG-9999" => {
                    TraceOutcome::Unavailable(Retry)
                }
                "SMSP-0005" => TraceOutcome::Unavailable(Refused),
                "SMSP-0000" | "SMSP-0001" | "SMSP-0002" => TraceOutcome::Unavailable(Unreadable),
                other => panic!("{other}"),
            };
            assert_eq!(outcome(&answer(code, None, None), None), expected, "{}", code.code());
        }
    }

    #[test]
    fn a_number_counts_with_success_alone_and_a_verified_one_only_if_it_is_valid() {
        let number = Some("9990000018");
        let asked = NhsNumber::parse("9990000026").ok();
        let valid = outcome(&answer(ResponseCode::Success, Some(true), number), asked);
        let TraceOutcome::Verified(traced) = valid else { panic!("verified") };
        assert!(traced.superseded_from == asked && traced.compared);
        let invalid = answer(ResponseCode::Success, Some(false), number);
        assert_eq!(outcome(&invalid, asked), TraceOutcome::Mismatch);
        let local = answer(ResponseCode::LocalData, Some(true), number);
        assert_eq!(outcome(&local, asked), TraceOutcome::Unavailable(Unavailable::Retry));
    }

    #[test]
    fn what_is_no_answer_of_the_service_is_told_apart() {
        let read = |status, body: &str| read(status, body.as_bytes(), Service::VerifyNhsNumber);
        let unavailable = |unavailable| Err(TraceOutcome::Unavailable(unavailable));
        assert_eq!(read(503, "busy"), unavailable(Unavailable::Retry));
        assert_eq!(read(200, "<html/>"), unavailable(Unavailable::Unreadable));
        assert_eq!(read(200, ""), unavailable(Unavailable::Unreadable));
    }
}
