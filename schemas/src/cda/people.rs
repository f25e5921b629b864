//! Persons and organisations of the header.

use super::header::{
    CdaError, Identifier, Organisation, Patient, Person, Recipient, RecipientKind, Telecom,
};
use super::read::{attr, coded, identifier, ids};
use super::warning::{CdaWarning, note};
use super::{HL7, NPFIT};
use crate::nhs_number_status::NhsNumberStatus;
use crate::oid;
use crate::xml::Element;

/// The arc of the NHS number and of others that were not found to be anybody's.
const NATIONAL_ARC: &str = "2.16.840.1.113883.2.1.4.";
/// NHAIS and PDS temporary numbers.
const TEMPORARY: [&str; 2] = ["2.16.840.1.113883.2.1.3.2.4.3", "2.16.840.1.113883.2.1.3.2.4.4"];
/// Addresses of one person that are kept.
const TELECOM_MAX: usize = 8;
const ADDRESS_LINES_MAX: usize = 12;

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

/// The legal name where several stand, else the first.
fn name_of(element: Element<'_>) -> Option<Element<'_>> {
    let mut names = element.children_named(HL7, "name");
    let legal = names.find(|name| name.attr("use") == Some("L"));
    legal.or_else(|| element.child(HL7, "name"))
}

fn organisation(element: Element<'_>) -> Organisation {
    let ods = |e: &Element<'_>| {
        let root = e.attr("root").unwrap_or_default();
        matches!(root, oid::ODS_ORGANISATION | oid::ODS_SITE) && e.attr("extension").is_some()
    };
    let ods = element.children_named(HL7, "id").find(ods);
    let name = element.child(HL7, "name").map(|e| e.trimmed().to_owned());
    Organisation {
        id: ods.or_else(|| element.child(HL7, "id")).and_then(identifier),
        name: name.filter(|name| !name.is_empty()),
        kind: element.child(HL7, "standardIndustryClassCode").and_then(coded),
    }
}

fn telecoms(element: Element<'_>) -> Vec<Telecom> {
    let read = |e: Element<'_>| {
        Some(Telecom { value: attr(e, "value")?, usage: attr(e, "use").unwrap_or_default() })
    };
    element.children_named(HL7, "telecom").filter_map(read).take(TELECOM_MAX).collect()
}

pub(super) fn person(role: Element<'_>, person_element: &str) -> Person {
    let mut person = Person { ids: ids(role), telecom: telecoms(role), ..Person::default() };
    if let Some(name) = role.child(HL7, person_element).and_then(name_of) {
        name_into(&mut person, name);
    }
    let recipient_role = || role.child(NPFIT, "recipientRoleCode");
    person.role = role.child(HL7, "code").or_else(recipient_role).and_then(coded);
    let represented = ["representedOrganization", "receivedOrganization"];
    let found = represented.iter().find_map(|name| role.child(HL7, name));
    person.organisation = found.map(organisation).unwrap_or_default();
    person
}

pub(super) fn patient(
    target: Element<'_>,
    warnings: &mut Vec<CdaWarning>,
) -> Result<Patient, CdaError> {
    let role =
        target.child(HL7, "patientRole").ok_or(CdaError::Missing("recordTarget/patientRole"))?;
    let mut patient = Patient { ids: ids(role), status: status(role), ..Patient::default() };
    foreign(&patient, warnings)?;
    contradiction(&patient, warnings);
    if let Some(element) = role.child(HL7, "patient") {
        if let Some(name) = name_of(element) {
            name_into(&mut patient.person, name);
        }
        patient.birth_time = element.child(HL7, "birthTime").and_then(|e| attr(e, "value"));
        patient.gender =
            element.child(HL7, "administrativeGenderCode").and_then(|e| attr(e, "code"));
    }
    if let Some(address) = role.child(HL7, "addr") {
        patient.address = address_lines(address);
        let postcode = address.child(HL7, "postalCode").map(|e| e.trimmed().to_owned());
        patient.postcode = postcode.filter(|postcode| !postcode.is_empty());
    }
    if let Some(practice) = role.child(HL7, "providerOrganization") {
        patient.person.organisation = organisation(practice);
        let id = patient.person.organisation.id.as_ref();
        if id.is_some_and(|id| id.root == oid::ODS_SITE) {
            note(warnings, CdaWarning::PracticeUnderSite);
        }
    }
    Ok(patient)
}

/// Street lines in their order, then town and county where they stand apart. A house number belongs
/// to the line after it.
fn address_lines(address: Element<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut number = String::new();
    for element in address.children().filter(|e| !e.trimmed().is_empty()) {
        match element.local() {
            "houseNumber" => number = format!("{} ", element.trimmed()),
            "streetAddressLine" | "streetName" | "additionalLocator" | "city" | "county" => {
                lines.push(format!("{}{}", std::mem::take(&mut number), element.trimmed()));
            }
            _ => {}
        }
    }
    lines.truncate(ADDRESS_LINES_MAX);
    lines
}

/// Unqualified in the template's schema; qualified from some senders.
fn status(role: Element<'_>) -> Option<NhsNumberStatus> {
    role.children_named(HL7, "id")
        .filter_map(|e| e.attr("patientIdStatus").or(e.attr_ns(NPFIT, "patientIdStatus")))
        .find_map(NhsNumberStatus::parse)
}

/// A number of another country, or a temporary one of a system long gone, is refused where it stands
/// for the NHS number and left out beside one: its check digit may well be right.
fn foreign(patient: &Patient, warnings: &mut Vec<CdaWarning>) -> Result<(), CdaError> {
    let is_foreign = |id: &&Identifier| {
        let national = id.root.starts_with(NATIONAL_ARC) && id.root != oid::NHS_NUMBER;
        id.extension.is_some() && (national || TEMPORARY.contains(&id.root.as_str()))
    };
    let Some(id) = patient.ids.iter().find(is_foreign) else { return Ok(()) };
    if patient.nhs_number().is_none() && !patient.has_several_numbers() {
        return Err(CdaError::ForeignNumber(id.root.clone()));
    }
    note(warnings, CdaWarning::ForeignIdentifier);
    Ok(())
}

/// The root says whether the number was traced; patientIdStatus says how far.
fn contradiction(patient: &Patient, warnings: &mut Vec<CdaWarning>) {
    let traced = patient.nhs_number().map(|(_, traced)| traced);
    let verified = patient.status.map(|status| status == NhsNumberStatus::Verified);
    if traced.zip(verified).is_some_and(|(traced, verified)| traced != verified) {
        note(warnings, CdaWarning::StatusContradictsRoot);
    }
}

/// The originating author, or the first.
pub(super) fn author(root: Element<'_>) -> Option<Person> {
    let authors: Vec<_> = root.children_named(HL7, "author").collect();
    let originating = authors.iter().find(|author| {
        author.child(HL7, "functionCode").is_some_and(|code| code.attr("code") == Some("OA"))
    });
    let chosen = originating.or_else(|| authors.first())?;
    Some(person(chosen.child(HL7, "assignedAuthor")?, "assignedPerson"))
}

/// Without one nobody answers for the document: it can be read all the same, and is then held.
pub(super) fn custodian(root: Element<'_>) -> Organisation {
    let path = ["custodian", "assignedCustodian", "representedCustodianOrganization"];
    root.path(HL7, &path).map(organisation).unwrap_or_default()
}

pub(super) fn recipient(element: Element<'_>) -> Option<Recipient> {
    let kind = match element.attr("typeCode") {
        Some("TRC") => RecipientKind::Copy,
        _ => RecipientKind::Primary,
    };
    let person = person(element.child(HL7, "intendedRecipient")?, "informationRecipient");
    Some(Recipient { kind, person })
}
