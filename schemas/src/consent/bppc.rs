//! The acknowledgement of a privacy policy (Basic Patient Privacy Consents, ITI TF-3 5.1): a CDA
//! document whose service events name the policies, each from when to when.

use super::{About, ConsentDocument, ConsentError, RULES_MAX, Rule};
use crate::dtm::Dtm;
use crate::nhs_number::NhsNumber;
use crate::ods_code::OdsCode;
use crate::oid::{NHS_NUMBER, ODS_ORGANISATION, ODS_SITE, Oid};
use crate::xml::{Document, Element, Limits};
use jiff::civil::Date;

/// formatCode of an acknowledgement, without and with a scanned signature.
pub const FORMAT_CODES: [&str; 2] = ["urn:ihe:iti:bppc:2007", "urn:ihe:iti:bppc-sd:2007"];

/// Larger ones are not read from a file; a scanned signature may be inside.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;

const HL7: &str = "urn:hl7-org:v3";
/// Consent Service Event (ITI TF-3 5.1.2.1.1.1).
const SERVICE_EVENT: &str = "1.3.6.1.4.1.19376.1.5.3.1.2.6";

/// Whether a formatCode is that of an acknowledgement.
pub fn is_format(code: &str) -> bool {
    FORMAT_CODES.contains(&code)
}

/// The policies of an entry of the index: its eventCodeList names them, its service times say from
/// when to when (ITI TF-3 5.1.2.1.1.1). An event code that is no OID is no policy.
pub fn rules<'c>(
    event_codes: impl IntoIterator<Item = &'c str>,
    starts: Option<&Dtm>,
    ends: Option<&Dtm>,
) -> Vec<Rule> {
    let policies = event_codes.into_iter().filter_map(policy);
    let rule = |policy| Rule {
        permit: true,
        about: About::Policy(policy),
        starts: starts.and_then(day),
        ends: ends.and_then(day),
    };
    policies.take(RULES_MAX).map(rule).collect()
}

fn policy(code: &str) -> Option<Oid> {
    Oid::parse(code).or_else(|_| Oid::parse_urn(code)).ok()
}

fn day(at: &Dtm) -> Option<Date> {
    at.first_second().get(..8)?.parse().ok()
}

/// Reads one acknowledgement from its CDA document.
pub fn read(bytes: &[u8]) -> Result<ConsentDocument, ConsentError> {
    if bytes.len() > BYTES_MAX {
        return Err(ConsentError::Size(BYTES_MAX));
    }
    let document = Document::parse_bytes(bytes, &Limits::default());
    let document = document.map_err(|error| ConsentError::Xml(error.to_string()))?;
    let root = document.root();
    if !root.is(HL7, "ClinicalDocument") {
        return Err(ConsentError::Missing("ClinicalDocument".to_owned()));
    }
    let mut rules = Vec::new();
    for event in root.children_named(HL7, "documentationOf") {
        let event = event.child(HL7, "serviceEvent").filter(|event| is_consent(*event));
        rules.extend(event.map(rule).transpose()?);
        if rules.len() > RULES_MAX {
            return Err(ConsentError::Rules);
        }
    }
    if rules.is_empty() {
        let what = "documentationOf/serviceEvent with the template of a consent";
        return Err(ConsentError::Missing(what.to_owned()));
    }
    let (patient, id, organisation) = (patient(root)?, id(root)?, custodian(root));
    Ok(ConsentDocument { patient, id, organisation, rules })
}

fn is_consent(event: Element<'_>) -> bool {
    event.children_named(HL7, "templateId").any(|id| id.attr("root") == Some(SERVICE_EVENT))
}

fn rule(event: Element<'_>) -> Result<Rule, ConsentError> {
    let at = "documentationOf/serviceEvent/code/@code".to_owned();
    let code = event.child(HL7, "code").and_then(|code| code.attr("code"));
    let code = code.ok_or_else(|| ConsentError::Missing(at.clone()))?;
    let policy = policy(code).ok_or(ConsentError::Value(at, "the OID of a privacy policy"))?;
    let time = |name: &str| {
        let value = event.path(HL7, &["effectiveTime", name]).and_then(|time| time.attr("value"));
        let day = |text| Dtm::from_cda(text).ok().as_ref().and_then(day);
        let at = || format!("documentationOf/serviceEvent/effectiveTime/{name}");
        let day = |text| day(text).ok_or_else(|| ConsentError::Value(at(), "a time"));
        value.map(day).transpose()
    };
    let (starts, ends) = (time("low")?, time("high")?);
    Ok(Rule { permit: true, about: About::Policy(policy), starts, ends })
}

fn patient(root: Element<'_>) -> Result<NhsNumber, ConsentError> {
    let at = "recordTarget/patientRole/id";
    let role = root.path(HL7, &["recordTarget", "patientRole"]);
    let role = role.ok_or_else(|| ConsentError::Missing(at.to_owned()))?;
    let mut ids = role.children_named(HL7, "id");
    let number = ids.find(|id| id.attr("root") == Some(NHS_NUMBER));
    let number = number.and_then(|id| id.attr("extension"));
    let number = number.ok_or_else(|| ConsentError::Missing(at.to_owned()))?;
    NhsNumber::parse(number)
        .map_err(|_| ConsentError::Value(at.to_owned(), "an NHS number that can exist"))
}

fn id(root: Element<'_>) -> Result<String, ConsentError> {
    let id = root.child(HL7, "id");
    let oid = id.and_then(|id| id.attr("root"));
    let oid = oid.ok_or_else(|| ConsentError::Missing("ClinicalDocument/id/@root".to_owned()))?;
    let extension = id.and_then(|id| id.attr("extension"));
    Ok(extension.map_or(oid.to_owned(), |extension| format!("{oid}^{extension}")))
}

fn custodian(root: Element<'_>) -> Option<OdsCode> {
    let names = ["custodian", "assignedCustodian", "representedCustodianOrganization"];
    let organisation = root.path(HL7, &names)?;
    let mut ids = organisation.children_named(HL7, "id");
    let own = |id: &Element<'_>| [ODS_ORGANISATION, ODS_SITE].map(Some).contains(&id.attr("root"));
    OdsCode::parse(ids.find(own)?.attr("extension")?).ok()
}
