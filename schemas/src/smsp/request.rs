//! What is asked: a number with a day of birth, or what a person is known by.

use super::{
    BirthDate, Gender, HL7, MESSAGE_CODES, NHS_NUMBER, PROFILE_PREFIX, PersonName, Service,
    SmspError,
};
use crate::itk::{DistributionEnvelope, Handling, ItkAddress, OutgoingPayload, upper};
use crate::nhs_number::NhsNumber;
use crate::xml::{Document, Element, Limits, attribute, text_element};
use uuid::Uuid;

/// The parameters of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Criteria {
    /// verifyNHSNumber, getPatientDetailsByNHSNumber.
    Number { nhs_number: NhsNumber, birth_date: BirthDate, name: Option<PersonName> },
    /// getNHSNumber, getPatientDetailsBySearch.
    Person { birth_date: BirthDate, gender: Gender, name: PersonName, postcode: Option<String> },
}

/// One request. The service goes with the criteria.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub id: Uuid,
    service: Service,
    criteria: Criteria,
}

impl Request {
    /// Whether the number is this person's.
    pub fn verify(
        id: Uuid,
        nhs_number: NhsNumber,
        birth_date: BirthDate,
        name: Option<PersonName>,
    ) -> Self {
        let criteria = Criteria::Number { nhs_number, birth_date, name };
        Self { id, service: Service::VerifyNhsNumber, criteria }
    }

    /// Any service; `None` where its criteria are of the other kind.
    pub fn new(id: Uuid, service: Service, criteria: Criteria) -> Option<Self> {
        let by_number = matches!(criteria, Criteria::Number { .. });
        (service.by_number() == by_number).then_some(Self { id, service, criteria })
    }

    pub fn service(&self) -> Service {
        self.service
    }

    pub fn criteria(&self) -> &Criteria {
        &self.criteria
    }

    /// Reads a payload.
    pub fn read(payload: &[u8]) -> Result<Self, SmspError> {
        let document = Document::parse_bytes(payload, &Limits::default())?;
        let root = document.root();
        let service = Service::ALL.into_iter().find(|s| root.is(HL7, &s.request_name()));
        let service = service.ok_or(SmspError::OtherMessage("a request of a mini service"))?;
        let id = root.child(HL7, "id").and_then(|id| id.attr("root")).unwrap_or_default();
        let id = Uuid::try_parse(id.trim()).map_err(|_| SmspError::Parameter("id"))?;
        let event = root.child(HL7, "queryEvent").ok_or(SmspError::Parameter("queryEvent"))?;
        let criteria = match service.by_number() {
            true => Criteria::Number {
                nhs_number: number(event)?,
                birth_date: birth_date(event)?,
                name: parameter(event, "Person.Name").map(PersonName::read),
            },
            false => Criteria::Person {
                birth_date: birth_date(event)?,
                gender: gender(event)?,
                name: parameter(event, "Person.Name")
                    .map(PersonName::read)
                    .ok_or(SmspError::Parameter("Person.Name"))?,
                postcode: postcode(event),
            },
        };
        Ok(Self { id, service, criteria })
    }

    /// The payload.
    pub fn write(&self) -> String {
        let name = self.service.request_name();
        let mut out = format!("<{name} xmlns=\"{HL7}\" moodCode=\"EVN\" classCode=\"CACT\"><id");
        attribute(&mut out, "root", &upper(self.id));
        out.push_str("/><code");
        attribute(&mut out, "codeSystem", MESSAGE_CODES);
        attribute(&mut out, "code", &name);
        out.push_str("/><queryEvent>");
        match &self.criteria {
            Criteria::Number { nhs_number, birth_date, name } => {
                write_birth_date(&mut out, birth_date);
                let digits = nhs_number.digits();
                let value = [("root", NHS_NUMBER), ("extension", digits.as_str())];
                write_parameter(&mut out, "Person.NHSNumber", &value, "");
                if let Some(name) = name {
                    write_name(&mut out, name);
                }
            }
            Criteria::Person { birth_date, gender, name, postcode } => {
                write_birth_date(&mut out, birth_date);
                let value = [("code", gender.code()), ("codeSystem", Gender::CODE_SYSTEM)];
                write_parameter(&mut out, "Person.Gender", &value, "");
                write_name(&mut out, name);
                if let Some(postcode) = postcode {
                    let mut inner = String::new();
                    text_element(&mut inner, "postalCode", postcode);
                    write_parameter(&mut out, "Person.Postcode", &[], &inner);
                }
            }
        }
        out.push_str(&format!("</queryEvent></{name}>"));
        out
    }

    /// The envelope in which it is asked. The caller is an accredited system or an organisation.
    pub fn envelope(
        &self,
        tracking_id: Uuid,
        payload_id: Uuid,
        caller: ItkAddress,
    ) -> DistributionEnvelope {
        let profile = format!("{PROFILE_PREFIX}{}", self.service.request_name());
        DistributionEnvelope {
            service: self.service.action(),
            tracking_id,
            addresses: Vec::new(),
            audit_identities: vec![caller],
            sender_address: None,
            handling: Handling::default(),
            payloads: vec![OutgoingPayload::xml(payload_id, Some(&profile), self.write())],
        }
    }
}

fn write_parameter(out: &mut String, name: &str, attributes: &[(&str, &str)], inner: &str) {
    out.push_str(&format!("<{name}><value"));
    attributes.iter().for_each(|(name, value)| attribute(out, name, value));
    match inner.is_empty() {
        true => out.push_str("/>"),
        false => out.push_str(&format!(">{inner}</value>")),
    }
    out.push_str(&format!("<semanticsText>{name}</semanticsText></{name}>"));
}

fn write_birth_date(out: &mut String, birth_date: &BirthDate) {
    write_parameter(out, "Person.DateOfBirth", &[("value", birth_date.as_str())], "");
}

fn write_name(out: &mut String, name: &PersonName) {
    let mut inner = String::new();
    name.write(&mut inner);
    write_parameter(out, "Person.Name", &[], &inner);
}

/// A parameter's value; senders differ in the case of the name.
fn parameter<'d>(event: Element<'d>, name: &str) -> Option<Element<'d>> {
    let found = event.children().find(|e| e.local().eq_ignore_ascii_case(name))?;
    found.child(HL7, "value")
}

fn number(event: Element<'_>) -> Result<NhsNumber, SmspError> {
    let value = parameter(event, "Person.NHSNumber").and_then(|value| value.attr("extension"));
    let number = value.and_then(|digits| NhsNumber::parse(digits).ok());
    number.ok_or(SmspError::Parameter("Person.NHSNumber"))
}

fn birth_date(event: Element<'_>) -> Result<BirthDate, SmspError> {
    let value = parameter(event, "Person.DateOfBirth").and_then(|value| value.attr("value"));
    let date = value.and_then(|text| BirthDate::parse(text).ok());
    date.ok_or(SmspError::Parameter("Person.DateOfBirth"))
}

fn gender(event: Element<'_>) -> Result<Gender, SmspError> {
    let value = parameter(event, "Person.Gender").and_then(|value| value.attr("code"));
    value.and_then(Gender::of).ok_or(SmspError::Parameter("Person.Gender"))
}

fn postcode(event: Element<'_>) -> Option<String> {
    let value = parameter(event, "Person.Postcode")?;
    let text = value.child(HL7, "postalCode").unwrap_or(value).trimmed();
    (!text.is_empty()).then(|| text.to_owned())
}
