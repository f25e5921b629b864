//! What an assertion says, read from the canonical octets that its signature covers.

use super::attributes::Attributes;
use super::signature::{holder_certificates, is_claim};
use super::{ITEMS_MAX, SAML2, SamlProblem, VALUE_CHARS_MAX, instant};
use crate::xml::{Document, Element, Limits};
use jiff::Timestamp;

/// How the bearer of an assertion is known to be its subject (SAML Profiles 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfirmationMethod {
    Bearer,
    /// DER of the certificates one of which the presenter holds.
    HolderOfKey(Vec<Vec<u8>>),
    /// Sender-vouches and whatever else: confirms nothing here.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    pub method: ConfirmationMethod,
    pub not_before: Option<Timestamp>,
    pub not_on_or_after: Option<Timestamp>,
    pub recipient: Option<String>,
    /// An IP address as text.
    pub address: Option<String>,
}

/// An assertion's meaning. It is as true as the octets it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    pub id: String,
    pub issuer: String,
    pub issued_at: Timestamp,
    pub name_id: String,
    /// NameID/@SPProvidedID.
    pub alias: Option<String>,
    pub confirmations: Vec<Confirmation>,
    pub not_before: Timestamp,
    pub not_on_or_after: Timestamp,
    /// Several restrictions are all to be met, one audience of each is enough (SAML erratum E46).
    pub audiences: Vec<Vec<String>>,
    pub one_time_use: bool,
    pub authenticated_at: Timestamp,
    pub session_ends: Option<Timestamp>,
    /// AuthnContextClassRef or AuthnContextDeclRef: how the person was authenticated.
    pub context: String,
    pub attributes: Attributes,
}

impl Assertion {
    /// Reads octets whose digest was verified; nothing else may come here.
    pub fn read(octets: &[u8]) -> Result<Self, SamlProblem> {
        let limits = Limits { elements: 4_000, depth: 24, ..Limits::default() };
        let document =
            Document::parse_bytes(octets, &limits).map_err(|_| SamlProblem::IllFormed)?;
        let root = document.root();
        if !root.is(SAML2, "Assertion") || root.attr("Version") != Some("2.0") {
            return Err(SamlProblem::Version);
        }
        let id = root.attr("ID").ok_or(SamlProblem::Id)?.to_owned();
        let issued_at = instant::read(root.attr("IssueInstant").ok_or(SamlProblem::Time)?)?;
        known_statements(root)?;
        let issuer = one(root, "Issuer").and_then(value).ok_or(SamlProblem::Issuer)?;
        let subject = one(root, "Subject").ok_or(SamlProblem::Subject)?;
        let name = one(subject, "NameID").ok_or(SamlProblem::Subject)?;
        let name_id = value(name).ok_or(SamlProblem::Subject)?;
        let alias = name.attr("SPProvidedID").filter(|alias| !alias.is_empty());
        // An audit record writes both into `alias<user@issuer>`.
        if [Some(name_id.as_str()), alias].into_iter().flatten().any(|id| id.contains(['<', '>'])) {
            return Err(SamlProblem::Subject);
        }
        let conditions = one(root, "Conditions").ok_or(SamlProblem::Conditions)?;
        let authn = one(root, "AuthnStatement").ok_or(SamlProblem::AuthnStatement)?;
        let instant_of = |name| authn.attr(name).map(instant::read).transpose();
        let (audiences, one_time_use) = restrictions(conditions)?;
        let bound = |name| instant::read(conditions.attr(name).ok_or(SamlProblem::Conditions)?);
        Ok(Self {
            id,
            issuer,
            issued_at,
            name_id,
            alias: alias.map(short).transpose()?,
            confirmations: confirmations(subject)?,
            not_before: bound("NotBefore")?,
            not_on_or_after: bound("NotOnOrAfter")?,
            audiences,
            one_time_use,
            authenticated_at: instant_of("AuthnInstant")?.ok_or(SamlProblem::AuthnStatement)?,
            session_ends: instant_of("SessionNotOnOrAfter")?,
            context: context(authn).ok_or(SamlProblem::AuthnStatement)?,
            attributes: Attributes::read(root)?,
        })
    }
}

/// Exactly one child of SAML's.
pub(super) fn one<'d>(parent: Element<'d>, local: &str) -> Option<Element<'d>> {
    let mut found = parent.children_named(SAML2, local);
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

/// Text without surrounding space, of an element that holds nothing but it.
pub(super) fn value(element: Element<'_>) -> Option<String> {
    let text = element.trimmed();
    let plain = element.children().next().is_none() && !text.is_empty();
    plain.then(|| short(text).ok()).flatten()
}

pub(super) fn short(text: &str) -> Result<String, SamlProblem> {
    match text.chars().count() <= VALUE_CHARS_MAX {
        true => Ok(text.to_owned()),
        false => Err(SamlProblem::TooLarge),
    }
}

/// A statement of a kind that is not known could take back what another one says.
fn known_statements(root: Element<'_>) -> Result<(), SamlProblem> {
    let known = |e: &Element<'_>| {
        matches!(
            e.local(),
            "Issuer"
                | "Subject"
                | "Conditions"
                | "Advice"
                | "AuthnStatement"
                | "AttributeStatement"
        )
    };
    match root.children().all(|child| is_claim(child) && known(&child)) {
        true => Ok(()),
        false => Err(SamlProblem::UnknownStatement),
    }
}

fn context(authn: Element<'_>) -> Option<String> {
    let context = one(authn, "AuthnContext")?;
    let named = |name| one(context, name).and_then(value);
    named("AuthnContextClassRef").or_else(|| named("AuthnContextDeclRef"))
}

fn restrictions(conditions: Element<'_>) -> Result<(Vec<Vec<String>>, bool), SamlProblem> {
    let (mut audiences, mut one_time_use) = (Vec::new(), false);
    for condition in conditions.children() {
        match (condition.namespace(), condition.local()) {
            (SAML2, "AudienceRestriction") => {
                let named: Vec<String> =
                    condition.children_named(SAML2, "Audience").filter_map(value).collect();
                audiences.push(named);
            }
            (SAML2, "OneTimeUse") => one_time_use = true,
            // It limits what the audience may assert further, and the hub asserts nothing.
            (SAML2, "ProxyRestriction") => {}
            _ => return Err(SamlProblem::UnknownCondition),
        }
    }
    let fits =
        audiences.len() <= ITEMS_MAX && audiences.iter().all(|named| named.len() <= ITEMS_MAX);
    match (fits, audiences.is_empty()) {
        (false, _) => Err(SamlProblem::TooLarge),
        (_, true) => Err(SamlProblem::NoAudience),
        _ => Ok((audiences, one_time_use)),
    }
}

fn confirmations(subject: Element<'_>) -> Result<Vec<Confirmation>, SamlProblem> {
    let found: Vec<Element<'_>> =
        subject.children_named(SAML2, "SubjectConfirmation").take(ITEMS_MAX).collect();
    if found.is_empty() {
        return Err(SamlProblem::Confirmation);
    }
    found.into_iter().map(confirmation).collect()
}

fn confirmation(element: Element<'_>) -> Result<Confirmation, SamlProblem> {
    let data = element.child(SAML2, "SubjectConfirmationData");
    let attr = |name| data.and_then(|data| data.attr(name));
    let time = |name| attr(name).map(instant::read).transpose();
    let method = match element.attr("Method") {
        Some("urn:oasis:names:tc:SAML:2.0:cm:bearer") => ConfirmationMethod::Bearer,
        Some("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key") => {
            ConfirmationMethod::HolderOfKey(data.map(holder_certificates).unwrap_or_default())
        }
        _ => ConfirmationMethod::Other,
    };
    Ok(Confirmation {
        method,
        not_before: time("NotBefore")?,
        not_on_or_after: time("NotOnOrAfter")?,
        recipient: attr("Recipient").map(short).transpose()?,
        address: attr("Address").map(short).transpose()?,
    })
}
