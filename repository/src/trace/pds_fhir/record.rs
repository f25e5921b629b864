//! The JSON of a Patient, a searchset Bundle or an OperationOutcome; what is not named here is left
//! unread.

use crate::trace::Traced;
use schemas::demographics::{BirthDate, Demographics, PersonName, Sex};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::sensitivity::Sensitivity;
use serde::Deserialize;

/// What a body says.
pub(super) enum Answer {
    Person(Box<Traced>),
    Nobody,
    Several,
    /// An OperationOutcome with Spine's code.
    Issue(String),
}

#[derive(Deserialize)]
#[serde(tag = "resourceType")]
enum Resource {
    Patient(Box<Patient>),
    Bundle(Bundle),
    OperationOutcome(OperationOutcome),
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    resource: Resource,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Patient {
    id: String,
    #[serde(default)]
    meta: Meta,
    #[serde(default)]
    name: Vec<Name>,
    gender: Option<String>,
    birth_date: Option<String>,
    deceased_date_time: Option<String>,
    #[serde(default)]
    deceased_boolean: bool,
    #[serde(default)]
    address: Vec<Address>,
    #[serde(default)]
    general_practitioner: Vec<Practitioner>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    security: Vec<Coding>,
}

#[derive(Deserialize)]
struct Coding {
    code: Option<String>,
}

#[derive(Deserialize)]
struct Name {
    #[serde(rename = "use")]
    usage: Option<String>,
    family: Option<String>,
    #[serde(default)]
    given: Vec<String>,
    #[serde(default)]
    prefix: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    #[serde(rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    line: Vec<String>,
    postal_code: Option<String>,
}

#[derive(Deserialize)]
struct Practitioner {
    identifier: Option<Identifier>,
}

#[derive(Deserialize)]
struct Identifier {
    value: Option<String>,
}

#[derive(Deserialize)]
struct OperationOutcome {
    #[serde(default)]
    issue: Vec<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    coding: Vec<Coding>,
}

/// Reads a body; the error says what is wrong and repeats nothing of it.
pub(super) fn read(body: &[u8], asked: Option<NhsNumber>) -> Result<Answer, &'static str> {
    let resource =
        serde_json::from_slice(body).map_err(|_| "it is no resource of the interface")?;
    match resource {
        Resource::Patient(patient) => Ok(Answer::Person(Box::new(traced(*patient, asked)?))),
        Resource::OperationOutcome(outcome) => Ok(Answer::Issue(code(&outcome))),
        Resource::Bundle(bundle) => {
            let mut found = Vec::new();
            for entry in bundle.entry {
                match entry.resource {
                    Resource::Patient(patient) => found.push(patient),
                    Resource::OperationOutcome(outcome) => {
                        return Ok(Answer::Issue(code(&outcome)));
                    }
                    Resource::Bundle(_) => return Err("a Bundle inside a Bundle"),
                }
            }
            match found.len() {
                0 => Ok(Answer::Nobody),
                1 => {
                    let patient = found.pop().ok_or("an empty Bundle")?;
                    Ok(Answer::Person(Box::new(traced(*patient, asked)?)))
                }
                _ => Ok(Answer::Several),
            }
        }
    }
}

fn code(outcome: &OperationOutcome) -> String {
    let details = outcome.issue.iter().filter_map(|issue| issue.details.as_ref());
    let mut codes = details.flat_map(|details| &details.coding).filter_map(|c| c.code.clone());
    codes.next().unwrap_or_default()
}

fn traced(patient: Patient, asked: Option<NhsNumber>) -> Result<Traced, &'static str> {
    let number = NhsNumber::parse(&patient.id).map_err(|_| "Patient.id is no NHS number")?;
    let mut security = patient.meta.security.iter().filter_map(|coding| coding.code.as_deref());
    Ok(Traced {
        number,
        superseded_from: asked.filter(|asked| *asked != number),
        sensitivity: security.find_map(Sensitivity::parse),
        demographics: demographics(patient),
        compared: false,
    })
}

fn demographics(patient: Patient) -> Demographics {
    let usual = |name: &&Name| name.usage.as_deref() == Some("usual");
    let others = patient.name.iter().filter(|name| !usual(name));
    let names = patient.name.iter().filter(usual).chain(others);
    let name = |name: &Name| {
        let family = name.family.as_deref().unwrap_or_default();
        PersonName::new(family, &name.given.join(" "), &name.prefix.join(" "))
    };
    let home = patient.address.iter().find(|a| a.usage.as_deref() == Some("home"));
    let home = home.or(patient.address.first());
    let practice = patient.general_practitioner.iter().filter_map(|gp| gp.identifier.as_ref());
    let mut practice = practice.filter_map(|id| OdsCode::parse(id.value.as_deref()?).ok());
    Demographics {
        names: names.filter_map(name).collect(),
        birth_date: patient.birth_date.and_then(|date| BirthDate::parse(&date).ok()),
        sex: match patient.gender.as_deref() {
            Some("male") => Some(Sex::Male),
            Some("female") => Some(Sex::Female),
            Some("other") => Some(Sex::Other),
            _ => None,
        },
        address: home.map(|home| home.line.clone()).unwrap_or_default(),
        postcode: home.and_then(|home| home.postal_code.clone()),
        practice: practice.next(),
        deceased: patient.deceased_boolean || patient.deceased_date_time.is_some(),
    }
}
