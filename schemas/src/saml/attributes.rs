//! The attributes of ITI-40 (ITI TF-2 3.40.4.1.2 and its options), and the hub's own three.

use super::assertion::{short, value};
use super::{ITEMS_MAX, SAML2, SamlProblem};
use crate::hl7::PatientId;
use crate::ods_code::OdsCode;
use crate::oid;
use crate::xml::Element;

const SUBJECT_ID: &str = "urn:oasis:names:tc:xspa:1.0:subject:subject-id";
const ORGANISATION_ID: &str = "urn:oasis:names:tc:xspa:1.0:subject:organization-id";
const HOME_COMMUNITY: &str = "urn:ihe:iti:xca:2010:homeCommunityId";
const ROLE: &str = "urn:oasis:names:tc:xacml:2.0:subject:role";
const PURPOSE: &str = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse";
/// As earlier texts of the profile spell it.
const PURPOSE_2: &str = "urn:oasis:names:tc:xspa:1.0:subject:purpose-of-use";
const RESOURCE_ID: &str = "urn:oasis:names:tc:xacml:2.0:resource:resource-id";
const DEPARTMENT: &str = "urn:watling:2026:subject:department";
const TRANSACTIONAL: &str = "urn:watling:2026:transactional";
const BREAK_GLASS: &str = "urn:watling:2026:break-glass-reason";
const ODS_URI: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// A code and its system; a code without a system is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    pub code: String,
    pub system: String,
}

/// `kind|reference` of the hub's attribute for a transactional flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagText {
    pub kind: String,
    pub reference: String,
}

impl FlagText {
    /// Both parts are there, the kind a word.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, reference) = text.split_once('|')?;
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let kind_fits = !kind.is_empty() && kind.len() <= 64 && kind.bytes().all(word);
        let reference = reference.trim();
        let fits = kind_fits && !reference.is_empty() && reference.chars().count() <= 128;
        fits.then(|| Self { kind: kind.to_owned(), reference: reference.to_owned() })
    }
}

/// What the statements say of the subject and the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    pub subject_id: Option<String>,
    pub organisation: Option<OdsCode>,
    pub role: Coded,
    pub purpose: Coded,
    pub patient: Option<PatientId>,
    pub home_community_id: Option<String>,
    pub department: Option<String>,
    pub transactional: Option<FlagText>,
    pub break_glass: Option<String>,
}

impl Attributes {
    /// Statements may be several and names may recur (SAML Core 2.7.3): each of these stands once all
    /// the same.
    pub(super) fn read(assertion: Element<'_>) -> Result<Self, SamlProblem> {
        let statements = assertion.children_named(SAML2, "AttributeStatement");
        let found: Vec<Element<'_>> = statements
            .flat_map(|statement| statement.children())
            .filter(|e| e.is(SAML2, "Attribute"))
            .take(ITEMS_MAX + 1)
            .collect();
        if found.len() > ITEMS_MAX {
            return Err(SamlProblem::TooLarge);
        }
        let text = |name| text_of(&found, name);
        let patient = text(RESOURCE_ID)?.map(|text| PatientId::parse(&text)).transpose();
        let flag = text(TRANSACTIONAL)?;
        let transactional =
            flag.as_deref().map(|text| FlagText::parse(text).ok_or(SamlProblem::Repeated));
        Ok(Self {
            subject_id: text(SUBJECT_ID)?,
            organisation: text(ORGANISATION_ID)?.map(|text| organisation(&text)).transpose()?,
            role: coded(&found, &[ROLE], "Role").ok_or(SamlProblem::Role)?,
            purpose: coded(&found, &[PURPOSE, PURPOSE_2], "PurposeOfUse")
                .ok_or(SamlProblem::Purpose)?,
            patient: patient.map_err(|_| SamlProblem::Patient)?,
            home_community_id: text(HOME_COMMUNITY)?,
            department: text(DEPARTMENT)?,
            transactional: transactional.transpose()?,
            break_glass: text(BREAK_GLASS)?,
        })
    }
}

/// Every value of the attributes of these names.
fn values<'d>(found: &[Element<'d>], names: &[&str]) -> Vec<Element<'d>> {
    let named = found.iter().filter(|e| e.attr("Name").is_some_and(|name| names.contains(&name)));
    named.flat_map(|attribute| attribute.children_named(SAML2, "AttributeValue")).collect()
}

fn text_of(found: &[Element<'_>], name: &str) -> Result<Option<String>, SamlProblem> {
    if !found.iter().any(|e| e.attr("Name") == Some(name)) {
        return Ok(None);
    }
    match values(found, &[name])[..] {
        [one] if one.trimmed().is_empty() => Err(SamlProblem::Repeated),
        [one] => short(one.trimmed()).map(|_| value(one)),
        _ => Err(SamlProblem::Repeated),
    }
}

/// `<Role code codeSystem/>` in the only value; the element's namespace differs between stacks.
fn coded(found: &[Element<'_>], names: &[&str], element: &str) -> Option<Coded> {
    let [value] = values(found, names)[..] else { return None };
    let mut children = value.children();
    let (Some(coded), None) = (children.next(), children.next()) else { return None };
    let part = |name| coded.attr(name).map(str::trim).filter(|text| !text.is_empty());
    let (code, system) = part("code").zip(part("codeSystem"))?;
    let system = system.strip_prefix("urn:oid:").unwrap_or(system);
    let fits = coded.local() == element && code.len() <= 64 && system.len() <= 256;
    fits.then(|| Coded { code: code.to_owned(), system: system.to_owned() })
}

/// `urn:oid:2.16.840.1.113883.2.1.3.2.4.19.1.RXN` or `https://fhir.nhs.uk/Id/ods-organization-code|RXN`
/// (a slash or a number sign in place of the bar); the bare code too.
fn organisation(text: &str) -> Result<OdsCode, SamlProblem> {
    let under_oid = text
        .strip_prefix("urn:oid:")
        .and_then(|rest| rest.strip_prefix(oid::ODS_ORGANISATION))
        .and_then(|rest| rest.strip_prefix('.'));
    let under_url = text.strip_prefix(ODS_URI).and_then(|rest| rest.strip_prefix(['|', '/', '#']));
    OdsCode::parse(under_oid.or(under_url).unwrap_or(text)).map_err(|_| SamlProblem::Organisation)
}
