//! FHIR R4 Consent as JSON (hl7.org/fhir/R4/consent.html), as far as the hub can keep it: permit and
//! deny, by class and code of document, by who publishes and who receives, by purpose, by day.

use super::json::{At, Fields, Json};
use super::provision::{self, Within};
use super::{ConsentDocument, ConsentError};
use crate::nhs_number::NhsNumber;
use crate::ods_code::OdsCode;

/// Larger ones are not read.
pub const BYTES_MAX: usize = 256 * 1024;

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// Elements of the resource; those that change nothing of what is permitted are not looked at.
const CONSENT: [&str; 17] = [
    "resourceType",
    "id",
    "meta",
    "language",
    "text",
    "identifier",
    "status",
    "scope",
    "category",
    "patient",
    "dateTime",
    "performer",
    "organization",
    "sourceReference",
    "policy",
    "policyRule",
    "provision",
];

/// Reads one Consent.
pub fn read(bytes: &[u8]) -> Result<ConsentDocument, ConsentError> {
    if bytes.len() > BYTES_MAX {
        return Err(ConsentError::Size(BYTES_MAX));
    }
    let json: Json = serde_json::from_slice(bytes).map_err(|error| {
        // Its own text can repeat what stands there.
        let (line, column) = (error.line(), error.column());
        ConsentError::Json(format!("line {line}, column {column}"))
    })?;
    let root = At::root(&json, "Consent");
    let fields = root.fields(&CONSENT)?;
    is(&fields.need("resourceType")?, "Consent", "`Consent`")?;
    is(&fields.need("status")?, "active", "`active`: another says nothing that holds")?;
    let privacy = |code| code == "patient-privacy";
    if !coded(&fields.need("scope")?, SCOPE)?.is_some_and(privacy) {
        return fields.need("scope")?.wrong("`patient-privacy` of consentscope");
    }
    let patient = patient(&fields.need("patient")?)?;
    let id = fields.need("id")?.text()?.to_owned();
    let organisation = organisation(&fields)?;
    let permits = base(&fields)?;
    let rules = provision::rules(&fields.need("provision")?, permits, &Within::default())?;
    Ok(ConsentDocument { patient, id, organisation, rules })
}

fn is(at: &At<'_>, wanted: &str, rule: &'static str) -> Result<(), ConsentError> {
    if at.text()? == wanted { Ok(()) } else { at.wrong(rule) }
}

/// The code of a CodeableConcept's only Coding of a system.
pub(super) fn coded<'j>(at: &At<'j>, system: &str) -> Result<Option<&'j str>, ConsentError> {
    let fields = at.fields(&["coding", "text"])?;
    let mut codes = Vec::new();
    for coding in fields.items("coding")? {
        let (of, code) = coding_of(&coding)?;
        if of == system {
            codes.push(code);
        }
    }
    match codes[..] {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => at.wrong("one code"),
    }
}

/// System and code.
pub(super) fn coding_of<'j>(at: &At<'j>) -> Result<(&'j str, &'j str), ConsentError> {
    let fields = at.fields(&["system", "version", "code", "display", "userSelected"])?;
    Ok((fields.need("system")?.text()?, fields.need("code")?.text()?))
}

/// The value of a Reference's identifier of a system.
pub(super) fn identified<'j>(at: &At<'j>, system: &str) -> Result<Option<&'j str>, ConsentError> {
    let fields = at.fields(&["reference", "type", "identifier", "display"])?;
    let Some(identifier) = fields.get("identifier") else { return Ok(None) };
    let fields = identifier.fields(&["use", "type", "system", "value", "period", "assigner"])?;
    let of = fields.need("system")?.text()?;
    if of == system { Ok(Some(fields.need("value")?.text()?)) } else { Ok(None) }
}

fn patient(at: &At<'_>) -> Result<NhsNumber, ConsentError> {
    let Some(number) = identified(at, NHS_NUMBER)? else {
        return at.wrong("a reference with an identifier that is an NHS number");
    };
    match NhsNumber::parse(number) {
        Ok(number) => Ok(number),
        Err(_) => at.wrong("an NHS number that can exist"),
    }
}

/// An organisation by its ODS code.
pub(super) fn ods(at: &At<'_>) -> Result<OdsCode, ConsentError> {
    let code = identified(at, ODS)?.and_then(|code| OdsCode::parse(code).ok());
    code.map_or_else(|| at.wrong("a reference with an identifier that is an ODS code"), Ok)
}

fn organisation(fields: &Fields<'_>) -> Result<Option<OdsCode>, ConsentError> {
    match &fields.items("organization")?[..] {
        [] => Ok(None),
        [one] => ods(one).map(Some),
        [_, second, ..] => second.wrong("one organisation"),
    }
}

/// What holds where the root provision does not say: the base rule.
fn base(fields: &Fields<'_>) -> Result<Option<bool>, ConsentError> {
    let Some(at) = fields.get("policyRule") else { return Ok(None) };
    match coded(&at, ACT_CODE)? {
        Some("OPTIN") => Ok(Some(true)),
        Some("OPTOUT") => Ok(Some(false)),
        _ => at.wrong("OPTIN or OPTOUT of v3-ActCode"),
    }
}
