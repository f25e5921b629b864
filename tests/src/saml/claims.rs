//! What an honest assertion says, and the envelope around it.

use super::PLACE;

/// An assertion's content; the times are those of the test hub's clock, 2026-07-15T12:00:00Z.
#[derive(Clone, Debug)]
pub struct Claims {
    pub id: String,
    pub issuer: String,
    pub name_id: String,
    pub audience: String,
    pub organisation: String,
    pub role: (String, String),
    pub purpose: (String, String),
    /// CX form.
    pub patient: Option<String>,
    /// More `saml2:Attribute` elements.
    pub more: String,
    pub context: String,
}

impl Claims {
    pub fn new(id: &str, issuer: &str) -> Self {
        Self {
            id: id.to_owned(),
            issuer: issuer.to_owned(),
            name_id: "555012345678".to_owned(),
            audience: "urn:watling:test".to_owned(),
            organisation: "ZZP01".to_owned(),
            role: ("R0260".to_owned(), "1.2.826.0.1285.0.2.1.104".to_owned()),
            purpose: ("TREATMENT".to_owned(), "2.16.840.1.113883.3.18.7.1".to_owned()),
            patient: None,
            more: String::new(),
            context: "urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard".to_owned(),
        }
    }

    /// The text to sign.
    pub fn text(&self) -> String {
        let attribute = |name: &str, value: &str| {
            format!(
                "<saml2:Attribute Name=\"{name}\"><saml2:AttributeValue>{value}</saml2:AttributeValue></saml2:Attribute>"
            )
        };
        let coded = |element: &str, (code, system): &(String, String)| {
            format!(
                "<{element} xmlns=\"urn:hl7-org:v3\" xsi:type=\"CE\" code=\"{code}\" codeSystem=\"{system}\" displayName=\"as sent\"/>"
            )
        };
        let patient = self.patient.as_ref().map(|patient| {
            let escaped = patient.replace('&', "&amp;");
            attribute("urn:oasis:names:tc:xacml:2.0:resource:resource-id", &escaped)
        });
        format!(
            "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ID=\"{id}\" IssueInstant=\"2026-07-15T12:00:00.000Z\" Version=\"2.0\"><saml2:Issuer>{issuer}</saml2:Issuer>{PLACE}<saml2:Subject><saml2:NameID SPProvidedID=\"jane\">{name_id}</saml2:NameID><saml2:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"/></saml2:Subject><saml2:Conditions NotBefore=\"2026-07-15T12:00:00.000Z\" NotOnOrAfter=\"2026-07-15T12:05:00.000Z\"><saml2:AudienceRestriction><saml2:Audience>{audience}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant=\"2026-07-15T11:58:00.000Z\"><saml2:AuthnContext><saml2:AuthnContextClassRef>{context}</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement>{subject_id}{organisation}{role}{purpose}{patient}{more}</saml2:AttributeStatement></saml2:Assertion>",
            id = self.id,
            issuer = self.issuer,
            name_id = self.name_id,
            audience = self.audience,
            context = self.context,
            subject_id = attribute("urn:oasis:names:tc:xspa:1.0:subject:subject-id", "Jane Roe"),
            organisation = attribute(
                "urn:oasis:names:tc:xspa:1.0:subject:organization-id",
                &format!("urn:oid:2.16.840.1.113883.2.1.3.2.4.19.1.{}", self.organisation)
            ),
            role =
                attribute("urn:oasis:names:tc:xacml:2.0:subject:role", &coded("Role", &self.role)),
            purpose = attribute(
                "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
                &coded("PurposeOfUse", &self.purpose)
            ),
            patient = patient.unwrap_or_default(),
            more = self.more,
        )
    }
}

/// An attribute of plain text.
pub fn flag(name: &str, value: &str) -> String {
    format!(
        "<saml2:Attribute Name=\"{name}\"><saml2:AttributeValue>{value}</saml2:AttributeValue></saml2:Attribute>"
    )
}

/// An envelope with a `wsse:Security` header of this content.
pub fn envelope(security: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header><wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" s:mustUnderstand=\"true\">{security}</wsse:Security></s:Header><s:Body><question xmlns=\"urn:x\" id=\"q1\"/></s:Body></s:Envelope>"
    )
}

/// The text with one part replaced, which must be there.
pub fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from:?} is not in {text}");
    text.replacen(from, to, 1)
}
