//! Keys of nobody, of somebody else, and signatures that no key has made.

use super::super::bed::{ENDED, REVOKED, RSA};
use super::super::corpus::Forge;
use tests::saml::{Authority, Claims, Kind, Signing, replaced};

pub fn forge(forge: &mut Forge<'_>) {
    strangers(forge);
    issuers(forge);
    values(forge);
    contents(forge);
}

/// Signed by a key that the message brings along.
fn strangers(forge: &mut Forge<'_>) {
    let own = forge.signing();
    let stranger = match own.authority.name.as_str() {
        RSA => Authority::new(RSA, Kind::Rsa),
        name => Authority::new(name, Kind::Ec),
    };
    let foreign = Signing::by(&stranger);
    forge.signed("foreign-certificate", "a stranger's certificate", &foreign);
    for (name, key_info) in [
        ("no KeyInfo", String::new()),
        ("an empty KeyInfo", "<ds:KeyInfo/>".to_owned()),
        ("the issuer's certificate", own.key_info.clone()),
        ("the bare key", forge.bed.stranger.key_value()),
        ("a key's name", "<ds:KeyInfo><ds:KeyName>idp</ds:KeyName></ds:KeyInfo>".to_owned()),
        (
            "where to fetch the key",
            "<ds:KeyInfo><ds:RetrievalMethod URI=\"http://example.org/k\"/></ds:KeyInfo>"
                .to_owned(),
        ),
    ] {
        let signing = Signing { key_info, ..foreign.clone() };
        forge.signed("signature", &format!("a stranger's key with {name}"), &signing);
    }
    let both = own.key_info.replace("</ds:X509Data>", "</ds:X509Data>{}");
    let other = foreign.key_info.replace("<ds:KeyInfo>", "").replace("</ds:KeyInfo>", "");
    let key_info = both.replace("{}", &other);
    let signing = Signing { key_info, ..foreign };
    forge.signed("signature", "a stranger's key with both certificates", &signing);
}

/// A trusted issuer that asserts in another's name, or may not assert any more.
fn issuers(forge: &mut Forge<'_>) {
    let bed = forge.bed;
    let other = if forge.authority.name == RSA { &bed.session } else { &bed.revoked };
    let as_other = Signing { key_info: String::new(), ..Signing::by(other) };
    forge.signed("signature", "another issuer's key", &as_other);
    forge.signed("foreign-certificate", "another issuer's certificate", &Signing::by(other));
    let crossed = if forge.authority.name == RSA { &bed.ec } else { &bed.rsa };
    let crossed = Signing { key_info: String::new(), ..Signing::by(crossed) };
    forge.signed("signature", "another issuer's key of the other family", &crossed);
    for (name, issuer) in [
        ("unknown", "https://nobody.example".to_owned()),
        ("with a slash more", format!("{}/", forge.authority.name)),
        ("in capitals", forge.authority.name.to_uppercase()),
        ("with a letter that looks alike", forge.authority.name.replace('e', "\u{435}")),
    ] {
        let claims = Claims { issuer, ..forge.claims() };
        let signed = forge.signing().sign(&claims.text());
        forge.security("unknown-issuer", &format!("an issuer that is {name}"), &signed);
    }
    for (name, authority, refusal) in
        [(REVOKED, &bed.revoked, "certificate-revoked"), (ENDED, &bed.ended, "certificate-expired")]
    {
        let claims = Claims { issuer: name.to_owned(), ..forge.claims() };
        let signed = Signing::by(authority).sign(&claims.text());
        forge.security(refusal, &format!("the issuer {name}"), &signed);
    }
}

/// Signatures that nothing has made.
fn values(forge: &mut Forge<'_>) {
    let length = if forge.authority.name == RSA { 256 } else { 64 };
    for (name, value) in [
        ("empty", Vec::new()),
        ("zeros", vec![0; length]),
        ("ones", vec![0xff; length]),
        ("one byte", vec![1]),
        ("too long", vec![1; 4_096]),
    ] {
        forge.tampered("signature", &format!("a signature of {name}"), |text| {
            let (before, rest) = text.split_once("<ds:SignatureValue>").unwrap();
            let rest = &rest[rest.find('<').unwrap()..];
            format!("{before}<ds:SignatureValue>{}{rest}", tests::saml::base64(&value))
        });
    }
    let family = if forge.authority.name == RSA { "ecdsa" } else { "rsa" };
    let method = format!("{}{family}-sha256", tests::saml::MORE);
    let signing = Signing { method, ..forge.signing() };
    forge.signed("signature", "an algorithm of the other family", &signing);
}

/// Altered after it was signed.
fn contents(forge: &mut Forge<'_>) {
    for (name, from, to) in [
        ("the person", ">555012345678<", ">555012345679<"),
        ("the name", "Jane Roe", "Jane Doe"),
        ("the role", "R0260", "R0050"),
        ("the purpose", "TREATMENT", "EMERGENCY"),
        ("the organisation", ".ZZP01<", ".RXN<"),
        ("the end", "12:05:00.000Z", "12:50:00.000Z"),
        ("the audience", "urn:watling:test<", "urn:watling:test <"),
        ("white space", "<saml2:Subject>", "<saml2:Subject> "),
        ("a prefix", "xsi:type=\"CE\"", ""),
        (
            "an attribute more",
            "</saml2:AttributeStatement>",
            "<saml2:Attribute Name=\"x\"/></saml2:AttributeStatement>",
        ),
    ] {
        forge.tampered("signature", &format!("{name} altered"), |text| replaced(text, from, to));
    }
    forge.tampered("signature", "the digest altered", |text| {
        let at = text.find("<ds:DigestValue>").unwrap() + "<ds:DigestValue>".len();
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    });
}
