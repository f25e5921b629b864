//! The CDA header (POCD_MT000002UK01 on the wire), read by name and root, never by position.
//!
//! The NHS localisation adds elements that stock CDA readers refuse; they are read where they say
//! something and ignored where not.

use super::{HL7, NPFIT};
use crate::oid;
use crate::xml::{Document, Element, Limits, XmlError};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CdaError {
    #[error("the CDA is not readable: {0}")]
    Xml(#[from] XmlError),
    #[error("the document is not an hl7:ClinicalDocument")]
    NotCda,
    #[error("ClinicalDocument/{0} is required")]
    Missing(&'static str),
    #[error("ClinicalDocument has {0} recordTargets; one document is about one patient")]
    Patients(usize),
}

/// A code with its system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded {
    pub code: String,
    pub system: String,
    pub display: Option<String>,
}

/// An identifier: root and extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifier {
    pub root: String,
    pub extension: Option<String>,
    pub authority_name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    pub id: Option<Identifier>,
    pub name: Option<String>,
}

/// Name parts of a person, with identifiers and role.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub ids: Vec<Identifier>,
    pub family: String,
    pub given: String,
    pub prefix: String,
    pub role: Option<Coded>,
    pub organisation: Organisation,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(***)")
    }
}

#[derive(Clone, Default, PartialEq, Eq)]
pub struct Patient {
    pub ids: Vec<Identifier>,
    pub person: Person,
    pub birth_time: Option<String>,
    /// 0 not known, 1 male, 2 female, 9 not specified.
    pub gender: Option<String>,
    /// Street lines, then the postcode.
    pub address: Vec<String>,
    pub postcode: Option<String>,
}

impl std::fmt::Debug for Patient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Patient(***)")
    }
}

impl Patient {
    /// The NHS number as written, and whether its sender had traced it.
    pub fn nhs_number(&self) -> Option<(&str, bool)> {
        let with_root = |root: &str| {
            let id = self.ids.iter().find(|id| id.root == root)?;
            id.extension.as_deref()
        };
        with_root(oid::NHS_NUMBER)
            .map(|number| (number, true))
            .or_else(|| with_root(oid::NHS_NUMBER_UNVERIFIED).map(|number| (number, false)))
    }

    pub fn local_id(&self) -> Option<&Identifier> {
        let local = |id: &&Identifier| id.root == oid::LOCAL_IDENTIFIER && id.extension.is_some();
        self.ids.iter().find(local)
    }
}

/// What the hub reads of a document.
#[derive(Clone, Debug, Default)]
pub struct CdaHeader {
    pub message_type: Option<String>,
    pub id: Identifier,
    pub code: Coded,
    pub title: Option<String>,
    pub effective_time: String,
    pub confidentiality: Option<String>,
    pub language: Option<String>,
    pub set_id: Option<String>,
    pub version: Option<u32>,
    pub patient: Patient,
    pub author: Option<Person>,
    pub custodian: Organisation,
    pub recipients: Vec<Person>,
    pub authenticator: Option<Person>,
    pub encounter_id: Option<Identifier>,
    pub service_start: Option<String>,
    pub service_stop: Option<String>,
    pub care_setting: Option<Coded>,
    /// The document that this one replaces: `relatedDocument[@typeCode='RPLC']`.
    pub replaces: Option<Identifier>,
}

impl CdaHeader {
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, CdaError> {
        let document = Document::parse_bytes(bytes, limits)?;
        Self::from_element(document.root())
    }

    pub fn from_element(root: Element<'_>) -> Result<Self, CdaError> {
        if !root.is(HL7, "ClinicalDocument") {
            return Err(CdaError::NotCda);
        }
        let child = |name: &str| root.child(HL7, name);
        let text =
            |name: &str| child(name).map(|e| e.trimmed().to_owned()).filter(|t| !t.is_empty());
        let targets: Vec<_> = root.children_named(HL7, "recordTarget").collect();
        let [target] = targets.as_slice() else {
            return Err(CdaError::Patients(targets.len()));
        };
        let encounter = root.path(HL7, &["componentOf", "encompassingEncounter"]);
        let service = encounter.or_else(|| root.path(HL7, &["documentationOf", "serviceEvent"]));
        let (service_start, service_stop) = service.map(interval).unwrap_or_default();
        Ok(Self {
            message_type: root.child(NPFIT, "messageType").and_then(|e| attr(e, "extension")),
            id: child("id").and_then(identifier).ok_or(CdaError::Missing("id"))?,
            code: child("code").and_then(coded).ok_or(CdaError::Missing("code"))?,
            title: text("title"),
            effective_time: child("effectiveTime")
                .and_then(|e| attr(e, "value"))
                .ok_or(CdaError::Missing("effectiveTime"))?,
            confidentiality: child("confidentialityCode").and_then(|e| attr(e, "code")),
            language: child("languageCode").and_then(|e| attr(e, "code")),
            set_id: child("setId").and_then(|e| attr(e, "root")),
            version: child("versionNumber")
                .and_then(|e| attr(e, "value"))
                .and_then(|v| v.parse().ok()),
            patient: patient(*target)?,
            author: author(root),
            custodian: custodian(root),
            recipients: root
                .children_named(HL7, "informationRecipient")
                .filter_map(recipient)
                .collect(),
            authenticator: child("legalAuthenticator")
                .or_else(|| child("authenticator"))
                .and_then(|e| e.child(HL7, "assignedEntity"))
                .map(|entity| person(entity, "assignedPerson")),
            encounter_id: encounter.and_then(|e| e.child(HL7, "id")).and_then(identifier),
            service_start,
            service_stop,
            care_setting: encounter
                .and_then(|e| e.path(HL7, &["location", "healthCareFacility", "code"]))
                .and_then(coded),
            replaces: root
                .children_named(HL7, "relatedDocument")
                .find(|e| e.attr("typeCode") == Some("RPLC"))
                .and_then(|e| e.path(HL7, &["parentDocument", "id"]))
                .and_then(identifier),
        })
    }
}

/// An attribute with content; blank attributes are absent ones.
fn attr(element: Element<'_>, name: &str) -> Option<String> {
    element.attr(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned)
}

/// `None` for a nullFlavor or an id without a root.
fn identifier(element: Element<'_>) -> Option<Identifier> {
    Some(Identifier {
        root: attr(element, "root")?,
        extension: attr(element, "extension"),
        authority_name: attr(element, "assigningAuthorityName"),
    })
}

fn coded(element: Element<'_>) -> Option<Coded> {
    Some(Coded {
        code: attr(element, "code")?,
        system: attr(element, "codeSystem").unwrap_or_default(),
        display: attr(element, "displayName"),
    })
}

fn ids(element: Element<'_>) -> Vec<Identifier> {
    element.children_named(HL7, "id").filter_map(identifier).collect()
}

/// Times of an encounter or event: low and high, or one point for both.
fn interval(element: Element<'_>) -> (Option<String>, Option<String>) {
    let Some(time) = element.child(HL7, "effectiveTime") else { return (None, None) };
    let bound = |name: &str| time.child(HL7, name).and_then(|e| attr(e, "value"));
    match attr(time, "value") {
        Some(point) => (Some(point.clone()), Some(point)),
        None => (bound("low"), bound("high")),
    }
}

/// Structured name parts, or unstructured text as the family name.
fn name_into(person: &mut Person, element: Element<'_>) {
    let part = |name: &str| {
        let parts = element.children_named(HL7, name).map(|e| e.trimmed());
        parts.filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ")
    };
    person.family = part("family");
    person.given = part("given");
    person.prefix = part("prefix");
    if person.family.is_empty() && person.given.is_empty() {
        person.family = element.trimmed().to_owned();
    }
}

fn organisation(element: Element<'_>) -> Organisation {
    Organisation {
        id: element.child(HL7, "id").and_then(identifier),
        name: element.child(HL7, "name").map(|e| e.trimmed().to_owned()).filter(|n| !n.is_empty()),
    }
}

fn person(role: Element<'_>, person_element: &str) -> Person {
    let mut person = Person { ids: ids(role), ..Person::default() };
    if let Some(name) = role.path(HL7, &[person_element, "name"]) {
        name_into(&mut person, name);
    }
    person.role = role.child(HL7, "code").and_then(coded);
    let represented = ["representedOrganization", "receivedOrganization"];
    let found = represented.iter().find_map(|name| role.child(HL7, name));
    person.organisation = found.map(organisation).unwrap_or_default();
    person
}

fn patient(target: Element<'_>) -> Result<Patient, CdaError> {
    let role =
        target.child(HL7, "patientRole").ok_or(CdaError::Missing("recordTarget/patientRole"))?;
    let mut patient = Patient { ids: ids(role), ..Patient::default() };
    if let Some(element) = role.child(HL7, "patient") {
        if let Some(name) = element.child(HL7, "name") {
            name_into(&mut patient.person, name);
        }
        patient.birth_time = element.child(HL7, "birthTime").and_then(|e| attr(e, "value"));
        patient.gender =
            element.child(HL7, "administrativeGenderCode").and_then(|e| attr(e, "code"));
    }
    if let Some(address) = role.child(HL7, "addr") {
        let lines =
            address.children_named(HL7, "streetAddressLine").map(|e| e.trimmed().to_owned());
        patient.address = lines.filter(|line| !line.is_empty()).collect();
        patient.postcode = address.child(HL7, "postalCode").map(|e| e.trimmed().to_owned());
    }
    if let Some(practice) = role.child(HL7, "providerOrganization") {
        patient.person.organisation = organisation(practice);
    }
    Ok(patient)
}

/// The originating author, or the first.
fn author(root: Element<'_>) -> Option<Person> {
    let authors: Vec<_> = root.children_named(HL7, "author").collect();
    let originating = authors.iter().find(|author| {
        author.child(HL7, "functionCode").is_some_and(|code| code.attr("code") == Some("OA"))
    });
    let chosen = originating.or_else(|| authors.first())?;
    Some(person(chosen.child(HL7, "assignedAuthor")?, "assignedPerson"))
}

fn custodian(root: Element<'_>) -> Organisation {
    let path = ["custodian", "assignedCustodian", "representedCustodianOrganization"];
    root.path(HL7, &path).map(organisation).unwrap_or_default()
}

fn recipient(element: Element<'_>) -> Option<Person> {
    Some(person(element.child(HL7, "intendedRecipient")?, "informationRecipient"))
}
