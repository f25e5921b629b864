//! Where assertion and signature stand, and identifiers that stand twice.

use super::super::corpus::Forge;
use tests::saml::{PLACE, envelope, replaced};

const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

pub fn forge(forge: &mut Forge<'_>) {
    assertions(forge);
    signatures(forge);
    identifiers(forge);
}

fn assertions(forge: &mut Forge<'_>) {
    let signed = |forge: &Forge<'_>| forge.signing().sign(&forge.claims().text());
    let whole = signed(forge);
    let text = replaced(&envelope(""), "id=\"q1\"/>", &format!("id=\"q1\">{whole}</question>"));
    forge.envelope("misplaced", "an assertion in the body alone", text);
    let whole = signed(forge);
    let text = replaced(&envelope(""), "</s:Header>", &format!("{whole}</s:Header>"));
    forge.envelope("misplaced", "an assertion as a header", text);
    let whole = signed(forge);
    let text = replaced(&envelope(&whole), "wsse:Security", "wsse:Safety");
    let text =
        replaced(&text, "/wsse:Security", "/wsse:Safety").replace("s:mustUnderstand=\"true\"", "");
    forge.envelope("misplaced", "no Security header", text);
    let whole = signed(forge);
    let wrapped = format!("<x:Token xmlns:x=\"urn:x\">{whole}</x:Token>");
    forge.security("misplaced", "an assertion within a wrapper", &wrapped);
    let whole = signed(forge);
    let second = "<w2:Security xmlns:w2=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"/></s:Header>";
    let text = replaced(&envelope(&whole), "</s:Header>", second);
    forge.envelope("several-security-headers", "an empty Security beside", text);
    let whole = signed(forge);
    forge.security("several-assertions", "the same assertion twice", &format!("{whole}{whole}"));
    for (name, xml) in [
        ("an encrypted assertion alone", String::new()),
        ("an encrypted assertion beside", signed(forge)),
    ] {
        let encrypted = "<e:EncryptedAssertion xmlns:e=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>";
        forge.security("encrypted", name, &format!("{xml}{encrypted}"));
    }
    let reference =
        "<a:AssertionIDRef xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\">_x</a:AssertionIDRef>";
    forge.security("misplaced", "a reference to an assertion", reference);
    let old = "<a:Assertion xmlns:a=\"urn:oasis:names:tc:SAML:1.0:assertion\" AssertionID=\"x\" MajorVersion=\"1\"/>";
    forge.security("version", "an assertion of SAML 1.1", old);
}

fn signatures(forge: &mut Forge<'_>) {
    for (name, at) in [
        ("Subject", "<saml2:Subject>"),
        ("Conditions", "NotOnOrAfter=\"2026-07-15T12:05:00.000Z\">"),
        ("AuthnContext", "<saml2:AuthnContext>"),
        ("AttributeStatement", "<saml2:AttributeStatement>"),
        ("AttributeValue", "<saml2:AttributeValue>"),
    ] {
        let text = forge.claims().text().replace(PLACE, "");
        let moved = replaced(&text, at, &format!("{at}{PLACE}"));
        let name = format!("a signature within {name}");
        forge.security("signature-misplaced", &name, &forge.signing().sign(&moved));
    }
    forge.tampered("several-signatures", "the signature twice", |text| {
        let at = text.find("<ds:Signature ").unwrap();
        let end = text.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        format!("{}{}{}", &text[..end], &text[at..end], &text[end..])
    });
    forge.tampered("several-signatures", "another signature in an attribute", |text| {
        let at = text.find("<ds:Signature ").unwrap();
        let end = text.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        replaced(text, "Jane Roe", &format!("Jane Roe{}", &text[at..end]))
    });
    let bare = forge.claims().text();
    forge.security("unsigned", "no signature", &bare.replace(PLACE, ""));
    forge.tampered("unsigned", "a signature of another namespace", |text| {
        text.replace("2000/09/xmldsig#\">", "2000/09/xmldsig2#\">")
    });
    let text = forge.claims().text();
    let signature = forge
        .signing()
        .sign(&format!("{PLACE}<!-- ID=\"{}\" -->", 1).replace("<!--", "<x").replace("-->", "/>"));
    let detached =
        format!("{}{}", text.replace(PLACE, ""), signature.replace("<x ID=\"1\" />", ""));
    forge.security("unsigned", "a signature beside the assertion", &detached);
}

fn identifiers(forge: &mut Forge<'_>) {
    for (name, attribute) in [
        ("ID", "ID=\"{}\"".to_owned()),
        ("Id", "Id=\"{}\"".to_owned()),
        ("id", "id=\"{}\"".to_owned()),
        ("AssertionID", "AssertionID=\"{}\"".to_owned()),
        ("wsu:Id", format!("xmlns:wsu=\"{WSU}\" wsu:Id=\"{{}}\"")),
        ("xml:id", "xml:id=\"{}\"".to_owned()),
    ] {
        let claims = forge.claims();
        let twice = attribute.replace("{}", &claims.id);
        let whole = forge.signing().sign(&claims.text());
        let text = replaced(&envelope(&whole), "id=\"q1\"", &twice);
        forge.envelope("duplicate-id", &format!("the ID again as {name} in the body"), text);
        let claims = forge.claims();
        let twice = attribute.replace("{}", &claims.id);
        let whole = forge.signing().sign(&claims.text());
        let beside = format!("<t:Stamp xmlns:t=\"urn:t\" {twice}/>{whole}");
        forge.security("duplicate-id", &format!("the ID again as {name} in the header"), &beside);
    }
    forge.sealed("duplicate-id", "the ID again within the assertion", |text| {
        let id = text.split(" ID=\"").nth(1).unwrap().split('"').next().unwrap();
        replaced(text, "<saml2:Subject>", &format!("<saml2:Subject ID=\"{id}\">"))
    });
    for (name, id) in
        [("no name", "1a"), ("a blank", "a b"), ("empty", ""), ("a quote", "a&quot;b")]
    {
        let claims = forge.claims();
        let own = format!(" ID=\"{}\"", claims.id);
        let changed = replaced(&claims.text(), &own, &format!(" ID=\"{id}\""));
        let whole = forge.signing().sign(&changed);
        forge.security("id", &format!("an ID that is {name}"), &whole);
    }
}
