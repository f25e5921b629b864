//! A patient as PDS knows one.

use super::person::hidden;
use super::{BirthDate, Gender, HL7, NHS_NUMBER, PersonName};
use crate::dtm::Dtm;
use crate::nhs_number::NhsNumber;
use crate::ods_code::OdsCode;
use crate::xml::{Element, attribute, text_element};
use std::fmt;

const PRACTICES: &str = "2.16.840.1.113883.2.1.3.2.4.19.2";
/// Addresses or telecoms of one patient.
const CONTACTS_MAX: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Patient {
    pub nhs_number: Option<NhsNumber>,
    pub name: Option<PersonName>,
    pub addresses: Vec<PostalAddress>,
    pub telecoms: Vec<Telecom>,
    pub gender: Option<Gender>,
    pub birth_date: Option<BirthDate>,
    /// A day, or less.
    pub deceased: Option<Dtm>,
    pub practice: Option<Practice>,
}

/// Lines keep their places: an empty one is an empty part of a five-line address.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PostalAddress {
    /// `H` usual, `TMP` temporary, `PST` correspondence.
    pub usage: Option<String>,
    pub postcode: Option<String>,
    pub lines: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Default)]
pub struct Telecom {
    pub usage: Option<String>,
    /// `tel:01133973555`
    pub value: String,
    /// From which day, as received.
    pub since: Option<String>,
}

/// The general practice with which a patient is registered.
#[derive(Clone, PartialEq, Eq)]
pub struct Practice {
    pub ods: OdsCode,
    pub name: Option<String>,
}

hidden!(PostalAddress Telecom Practice);

impl Patient {
    /// `hl7:patient`; what cannot be read is absent.
    pub(super) fn read(element: Element<'_>) -> Self {
        let person = element.child(HL7, "patientPerson");
        let value = |name: &str, attribute: &str| {
            person.and_then(|person| person.child(HL7, name)).and_then(|e| e.attr(attribute))
        };
        let number = element.child(HL7, "id").filter(|id| id.attr("root") == Some(NHS_NUMBER));
        let number = number.and_then(|id| id.attr("extension"));
        let practice = person.and_then(|p| p.path(HL7, &["gPPractice", "locationOrganization"]));
        Self {
            nhs_number: number.and_then(|digits| NhsNumber::parse(digits).ok()),
            name: element.child(HL7, "name").map(PersonName::read),
            addresses: element
                .children_named(HL7, "addr")
                .take(CONTACTS_MAX)
                .map(PostalAddress::read)
                .collect(),
            telecoms: element
                .children_named(HL7, "telecom")
                .take(CONTACTS_MAX)
                .map(Telecom::read)
                .collect(),
            gender: value("administrativeGenderCode", "code").and_then(Gender::of),
            birth_date: value("birthTime", "value").and_then(|text| BirthDate::parse(text).ok()),
            deceased: value("deceasedTime", "value").and_then(|text| Dtm::from_cda(text).ok()),
            practice: practice.and_then(Practice::read),
        }
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push_str("<patient classCode=\"PAT\">");
        if let Some(number) = self.nhs_number {
            out.push_str("<id");
            attribute(out, "root", NHS_NUMBER);
            attribute(out, "extension", &number.digits());
            out.push_str("/>");
        }
        if let Some(name) = &self.name {
            out.push_str("<name>");
            name.write(out);
            out.push_str("</name>");
        }
        self.addresses.iter().for_each(|address| address.write(out));
        self.telecoms.iter().for_each(|telecom| telecom.write(out));
        self.write_person(out);
        out.push_str("</patient>");
    }

    fn write_person(&self, out: &mut String) {
        let nothing = self.gender.is_none() && self.birth_date.is_none();
        if nothing && self.deceased.is_none() && self.practice.is_none() {
            return;
        }
        out.push_str("<patientPerson determinerCode=\"INSTANCE\" classCode=\"PSN\">");
        if let Some(gender) = self.gender {
            out.push_str("<administrativeGenderCode");
            attribute(out, "code", gender.code());
            attribute(out, "codeSystem", Gender::CODE_SYSTEM);
            out.push_str("/>");
        }
        let times = [
            ("birthTime", self.birth_date.as_ref().map(BirthDate::as_str)),
            ("deceasedTime", self.deceased.as_ref().map(Dtm::as_str)),
        ];
        for (name, value) in times {
            if let Some(value) = value {
                out.push_str(&format!("<{name}"));
                attribute(out, "value", value);
                out.push_str("/>");
            }
        }
        if let Some(practice) = &self.practice {
            practice.write(out);
        }
        out.push_str("</patientPerson>");
    }
}

fn usage(element: Element<'_>) -> Option<String> {
    element.attr("use").map(str::to_owned)
}

impl PostalAddress {
    fn read(element: Element<'_>) -> Self {
        let postcode = element.child(HL7, "postalCode").map(|e| e.trimmed().to_owned());
        let lines = element.children_named(HL7, "streetAddressLine").take(10);
        Self {
            usage: usage(element),
            postcode: postcode.filter(|text| !text.is_empty()),
            lines: lines.map(|line| line.trimmed().to_owned()).collect(),
        }
    }

    /// The services want the postcode first.
    fn write(&self, out: &mut String) {
        out.push_str("<addr");
        if let Some(usage) = &self.usage {
            attribute(out, "use", usage);
        }
        out.push('>');
        if let Some(postcode) = &self.postcode {
            text_element(out, "postalCode", postcode);
        }
        self.lines.iter().for_each(|line| text_element(out, "streetAddressLine", line));
        out.push_str("</addr>");
    }
}

impl Telecom {
    fn read(element: Element<'_>) -> Self {
        let since = element.path(HL7, &["useablePeriod", "low"]).and_then(|low| low.attr("value"));
        Self {
            usage: usage(element),
            value: element.attr("value").unwrap_or_default().to_owned(),
            since: since.map(str::to_owned),
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str("<telecom");
        if let Some(usage) = &self.usage {
            attribute(out, "use", usage);
        }
        attribute(out, "value", &self.value);
        match &self.since {
            None => out.push_str("/>"),
            Some(since) => {
                out.push_str("><useablePeriod><low");
                attribute(out, "value", since);
                out.push_str("/></useablePeriod></telecom>");
            }
        }
    }
}

impl Practice {
    fn read(organisation: Element<'_>) -> Option<Self> {
        let id = organisation.child(HL7, "id").filter(|id| id.attr("root") == Some(PRACTICES))?;
        let name = organisation.child(HL7, "name").map(|e| e.trimmed().to_owned());
        let name = name.filter(|name| !name.is_empty());
        Some(Self { ods: OdsCode::parse(id.attr("extension")?).ok()?, name })
    }

    fn write(&self, out: &mut String) {
        out.push_str("<gPPractice classCode=\"SDLOC\"><locationOrganization determinerCode=\"INSTANCE\" classCode=\"ORG\"><id");
        attribute(out, "root", PRACTICES);
        attribute(out, "extension", self.ods.as_str());
        out.push_str("/>");
        if let Some(name) = &self.name {
            text_element(out, "name", name);
        }
        out.push_str("</locationOrganization></gPPractice>");
    }
}
