//! References to something else, and signatures with more or fewer parts than one has.

use super::super::corpus::Forge;
use tests::saml::{Signing, replaced};

pub fn forge(forge: &mut Forge<'_>) {
    for (name, uri) in [
        ("the whole document", " URI=\"\""),
        ("nothing", ""),
        ("the root by XPointer", " URI=\"#xpointer(/)\""),
        ("an ID by XPointer", " URI=\"#xpointer(id('_a'))\""),
        ("an attachment", " URI=\"cid:a@example\""),
        ("a web page", " URI=\"http://example.org/a.xml\""),
        ("a file", " URI=\"file:///etc/hostname\""),
        ("another ID", " URI=\"#_other\""),
        ("an empty fragment", " URI=\"#\""),
    ] {
        let signing = Signing { uri: Some(uri.to_owned()), ..forge.signing() };
        forge.signed("reference-target", &format!("a reference to {name}"), &signing);
    }
    references(forge);
    parts(forge);
    values(forge);
}

fn references(forge: &mut Forge<'_>) {
    let one = |uri: &str| {
        format!(
            "<ds:Reference URI=\"{uri}\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>AA==</ds:DigestValue></ds:Reference>"
        )
    };
    for (name, more) in [
        ("to another", one("#_other")),
        ("to an attachment", one("cid:a@example")),
        ("to everything", one("")),
        ("twice over", format!("{}{}", one("#_b"), one("#_c"))),
    ] {
        let signing = Signing { more, ..forge.signing() };
        forge.signed("references", &format!("more references, {name}"), &signing);
    }
    forge.tampered("references", "no reference", |text| {
        let at = text.find("<ds:Reference").unwrap();
        let end = text.find("</ds:Reference>").unwrap() + "</ds:Reference>".len();
        format!("{}{}", &text[..at], &text[end..])
    });
}

fn parts(forge: &mut Forge<'_>) {
    let signing = forge.signing();
    for (name, after) in [
        ("an Object", "<ds:Object/>".to_owned()),
        ("a Manifest", "<ds:Object><ds:Manifest/></ds:Object>".to_owned()),
        ("a second KeyInfo", signing.key_info.clone()),
        ("an element of no namespace", "<x xmlns=\"\"/>".to_owned()),
    ] {
        let signing = Signing { after, ..signing.clone() };
        forge.signed("signature-shape", &format!("{name} in the signature"), &signing);
    }
    forge.tampered("signature-shape", "no SignatureValue", |text| {
        let at = text.find("<ds:SignatureValue>").unwrap();
        let end = text.find("</ds:SignatureValue>").unwrap() + "</ds:SignatureValue>".len();
        format!("{}{}", &text[..at], &text[end..])
    });
    forge.tampered("signature-shape", "SignedInfo twice", |text| {
        let at = text.find("<ds:SignedInfo>").unwrap();
        let end = text.find("</ds:SignedInfo>").unwrap() + "</ds:SignedInfo>".len();
        format!("{}{}{}", &text[..end], &text[at..end], &text[end..])
    });
    forge.tampered("signature-shape", "no method", |text| {
        let at = text.find("<ds:SignatureMethod").unwrap();
        let end = text.find("</ds:SignatureMethod>").unwrap() + "</ds:SignatureMethod>".len();
        format!("{}{}", &text[..at], &text[end..])
    });
}

fn values(forge: &mut Forge<'_>) {
    for (name, from, to) in [
        ("cut", "<ds:DigestValue>", "<ds:DigestValue>AA=="),
        ("no base64", "<ds:DigestValue>", "<ds:DigestValue>*"),
    ] {
        forge.tampered("digest-value", &format!("a digest that is {name}"), |text| {
            replaced(text, from, to)
        });
    }
    forge.tampered("digest-value", "an empty digest", |text| {
        let (before, rest) = text.split_once("<ds:DigestValue>").unwrap();
        format!("{before}<ds:DigestValue>{}", &rest[rest.find('<').unwrap()..])
    });
    forge.tampered("key-info", "a certificate that is no base64", |text| {
        replaced(text, "<ds:X509Certificate>", "<ds:X509Certificate>*")
    });
}
