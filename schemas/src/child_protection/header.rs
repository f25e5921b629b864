//! A flag as the CDA header that says the same, so that one mapping serves both.

use super::flag::Flag;
use crate::cda::HL7;
use crate::oid;
use crate::xml::{attribute, text_element};
use jiff::civil::Date;

/// SNOMED CT, child protection register; that it is the flag's code is the hub's choice.
const CODE: &str = "229054004";

pub(super) fn written(flag: &Flag) -> String {
    let mut out = format!("<ClinicalDocument xmlns=\"{HL7}\">");
    element(&mut out, "id", &[("root", &flag.id.to_string().to_uppercase())]);
    element(&mut out, "code", &[("code", CODE), ("codeSystem", oid::SNOMED_CT_UK)]);
    text_element(&mut out, "title", &flag.title());
    element(&mut out, "effectiveTime", &[("value", &flag.recorded)]);
    element(
        &mut out,
        "confidentialityCode",
        &[("code", "R"), ("codeSystem", oid::CONFIDENTIALITY)],
    );
    element(&mut out, "setId", &[("root", &flag.plan.to_string().to_uppercase())]);
    element(&mut out, "versionNumber", &[("value", &flag.version.to_string())]);
    subject(&mut out, flag);
    out.push_str("<author><functionCode code=\"OA\"/>");
    element(&mut out, "time", &[("value", &flag.recorded)]);
    out.push_str("<assignedAuthor><id nullFlavor=\"NI\"/>");
    organisation(&mut out, "representedOrganization", flag);
    out.push_str("</assignedAuthor></author><custodian><assignedCustodian>");
    organisation(&mut out, "representedCustodianOrganization", flag);
    out.push_str("</assignedCustodian></custodian><documentationOf><serviceEvent><effectiveTime>");
    element(&mut out, "low", &[("value", &digits(flag.start))]);
    if let Some(end) = flag.end {
        element(&mut out, "high", &[("value", &digits(end))]);
    }
    out.push_str("</effectiveTime></serviceEvent></documentationOf></ClinicalDocument>");
    out
}

fn digits(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

fn element(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    out.push('<');
    out.push_str(name);
    attributes.iter().for_each(|(name, value)| attribute(out, name, value));
    out.push_str("/>");
}

fn subject(out: &mut String, flag: &Flag) {
    let subject = &flag.subject;
    out.push_str("<recordTarget><patientRole>");
    let number = [("root", oid::NHS_NUMBER), ("extension", &subject.nhs_number)];
    element(out, "id", &number);
    out.push_str("<patient><name>");
    text_element(out, "given", &subject.given);
    text_element(out, "family", &subject.family);
    out.push_str("</name>");
    element(out, "administrativeGenderCode", &[("code", &subject.gender)]);
    element(out, "birthTime", &[("value", &digits(subject.birth_date))]);
    out.push_str("</patient></patientRole></recordTarget>");
}

fn organisation(out: &mut String, name: &str, flag: &Flag) {
    out.push_str(&format!("<{name}>"));
    let code = [("root", oid::ODS_ORGANISATION), ("extension", flag.council.as_str())];
    element(out, "id", &code);
    text_element(out, "name", &flag.council_name);
    out.push_str(&format!("</{name}>"));
}
