//! Assertions of an honest key that say too little, too much or something that is not understood.

use super::super::bed::presented;
use super::super::corpus::Forge;
use node::xua::Presented;
use schemas::ods_code::OdsCode;
use tests::saml::{Claims, envelope, flag, replaced};

pub fn forge(forge: &mut Forge<'_>) {
    statements(forge);
    repeated(forge);
    values(forge);
    sizes(forge);
    let by = Presented { acting_for: OdsCode::parse("RXN").ok(), ..presented() };
    let whole = envelope(&forge.signing().sign(&forge.claims().text()));
    forge.shown("other-organisation", "another organisation's user", whole, by);
}

fn part(text: &str, from: &str, to: &str) -> String {
    let at = text.find(from).unwrap();
    let end = at + text[at..].find(to).unwrap() + to.len();
    text[at..end].to_owned()
}

fn statements(forge: &mut Forge<'_>) {
    let authn = |text: &str| part(text, "<saml2:AuthnStatement", "</saml2:AuthnStatement>");
    forge.sealed("authn-statement", "two AuthnStatements", |text| {
        replaced(text, &authn(text), &authn(text).repeat(2))
    });
    forge.sealed("authn-statement", "no AuthnStatement", |text| replaced(text, &authn(text), ""));
    forge.sealed("authn-statement", "no context", |text| {
        replaced(text, &part(text, "<saml2:AuthnContext>", "</saml2:AuthnContext>"), "")
    });
    forge.sealed("unknown-statement", "a decision as a statement", |text| {
        replaced(text, "</saml2:Assertion>", "<saml2:AuthzDecisionStatement/></saml2:Assertion>")
    });
    forge.sealed("unknown-statement", "a statement of another namespace", |text| {
        replaced(text, "</saml2:Assertion>", "<x:Statement xmlns:x=\"urn:x\"/></saml2:Assertion>")
    });
    forge.sealed("unknown-condition", "a condition that is not known", |text| {
        replaced(text, "</saml2:Conditions>", "<saml2:Condition/></saml2:Conditions>")
    });
    for (refusal, element) in
        [("subject", "Subject"), ("conditions", "Conditions"), ("issuer", "Issuer")]
    {
        let whole =
            |text: &str| part(text, &format!("<saml2:{element}"), &format!("</saml2:{element}>"));
        forge.sealed(refusal, &format!("{element} twice"), |text| {
            replaced(text, &whole(text), &whole(text).repeat(2))
        });
        forge.sealed(refusal, &format!("no {element}"), |text| replaced(text, &whole(text), ""));
    }
    let name = |text: &str| part(text, "<saml2:NameID", "</saml2:NameID>");
    forge.sealed("subject", "NameID twice", |text| {
        replaced(text, &name(text), &name(text).repeat(2))
    });
    for (name, from, to) in
        [("NameID", "5550123", "x&lt;5550123"), ("alias", "\"jane\"", "\"jane&lt;admin@idp&gt;\"")]
    {
        forge.sealed("subject", &format!("a bracket in the {name}"), |text| {
            replaced(text, from, to)
        });
    }
    forge.sealed("subject", "no NameID", |text| replaced(text, &name(text), ""));
    forge.sealed("encrypted", "an encrypted ID", |text| {
        replaced(text, &name(text), "<saml2:EncryptedID/>")
    });
    forge.sealed("encrypted", "an encrypted attribute", |text| {
        replaced(
            text,
            "</saml2:AttributeStatement>",
            "<saml2:EncryptedAttribute/></saml2:AttributeStatement>",
        )
    });
    forge.sealed("version", "SAML 3", |text| replaced(text, "Version=\"2.0\"", "Version=\"3.0\""));
    forge.sealed("version", "no version", |text| replaced(text, " Version=\"2.0\"", ""));
}

fn repeated(forge: &mut Forge<'_>) {
    for (refusal, name, urn) in [
        ("role", "role", "urn:oasis:names:tc:xacml:2.0:subject:role"),
        ("purpose", "purpose", "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"),
    ] {
        let start = format!("<saml2:Attribute Name=\"{urn}\">");
        let whole = |text: &str| part(text, &start, "</saml2:Attribute>");
        let value =
            |text: &str| part(&whole(text), "<saml2:AttributeValue>", "</saml2:AttributeValue>");
        forge.sealed(refusal, &format!("{name} as two attributes"), |text| {
            replaced(text, &whole(text), &whole(text).repeat(2))
        });
        forge.sealed(refusal, &format!("{name} with two values"), |text| {
            let once = whole(text);
            replaced(text, &once, &once.replace(&value(text), &value(text).repeat(2)))
        });
        forge.sealed(refusal, &format!("no {name}"), |text| replaced(text, &whole(text), ""));
        forge.sealed(refusal, &format!("{name} in a second statement too"), |text| {
            let more = format!(
                "<saml2:AttributeStatement>{}</saml2:AttributeStatement></saml2:Assertion>",
                whole(text)
            );
            replaced(text, "</saml2:Assertion>", &more)
        });
    }
    for (name, urn) in [
        ("organisation", "urn:oasis:names:tc:xspa:1.0:subject:organization-id"),
        ("name", "urn:oasis:names:tc:xspa:1.0:subject:subject-id"),
    ] {
        let claims = Claims { more: flag(urn, "RXN"), ..forge.claims() };
        let signed = forge.signing().sign(&claims.text());
        forge.security("repeated", &format!("{name} twice"), &signed);
    }
}

fn values(forge: &mut Forge<'_>) {
    let resource = "urn:oasis:names:tc:xacml:2.0:resource:resource-id";
    for (refusal, name, more) in [
        ("patient", "a patient who is no CX", flag(resource, "9990000018")),
        (
            "patient",
            "a number with a wrong check digit",
            flag(resource, "9990000011^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO"),
        ),
        ("repeated", "a flag of no kind", flag("urn:watling:2026:transactional", "EMAS-1")),
        ("repeated", "an empty department", flag("urn:watling:2026:subject:department", "")),
    ] {
        let claims = Claims { more, ..forge.claims() };
        let signed = forge.signing().sign(&claims.text());
        forge.security(refusal, name, &signed);
    }
    let nhin = "2.16.840.1.113883.3.18.7.1";
    for (refusal, name, code, system) in [
        ("unknown-purpose", "a purpose that is not mapped", "MARKETING", nhin),
        ("unknown-purpose", "a purpose of another system", "TREATMENT", "1.2.3"),
        ("purpose", "a purpose without a system", "TREATMENT", ""),
        ("purpose", "a purpose without a code", "", nhin),
        ("no-reason", "a broken glass without a reason", "BTG", "2.16.840.1.113883.5.8"),
    ] {
        let purpose = (code.to_owned(), system.to_owned());
        let claims = Claims { purpose, ..forge.claims() };
        let signed = forge.signing().sign(&claims.text());
        forge.security(refusal, name, &signed);
    }
    for (name, code, system) in [("code", "", "1.2.3"), ("system", "R0260", "")] {
        let claims = Claims { role: (code.to_owned(), system.to_owned()), ..forge.claims() };
        let signed = forge.signing().sign(&claims.text());
        forge.security("role", &format!("a role without a {name}"), &signed);
    }
    let claims = Claims { organisation: "R-N".to_owned(), ..forge.claims() };
    let signed = forge.signing().sign(&claims.text());
    forge.security("organisation", "an organisation that is no ODS code", &signed);
}

fn sizes(forge: &mut Forge<'_>) {
    let many: String = (0..70).map(|n| flag(&format!("urn:x:{n}"), "v")).collect();
    let large = flag("urn:x", &"v".repeat(70_000));
    let long = flag("urn:watling:2026:subject:department", &"v".repeat(1_025));
    for (name, more) in [("attributes", many), ("text", large), ("a value", long)] {
        let claims = Claims { more, ..forge.claims() };
        let signed = forge.signing().sign(&claims.text());
        forge.security("too-large", &format!("too much: {name}"), &signed);
    }
}
