//! Comments, processing instructions and CDATA that make one reader see less than another.

use super::super::corpus::Forge;
use tests::saml::{envelope, replaced};

pub fn forge(forge: &mut Forge<'_>) {
    let places = [
        ("the NameID", "555012345678<", "555012345678{}.evil<"),
        ("the Issuer", "</saml2:Issuer>", "{}</saml2:Issuer>"),
        ("the Audience", "urn:watling:test<", "urn:watling{}:test<"),
        ("the organisation", ".ZZP01<", ".ZZP{}01<"),
        ("the name", "Jane Roe", "Jane{} Roe"),
        ("the Subject", "<saml2:Subject>", "<saml2:Subject>{}"),
        ("the end", "</saml2:Assertion>", "{}</saml2:Assertion>"),
    ];
    for (kind, markup) in
        [("a comment", "<!---->"), ("an instruction", "<?x y?>"), ("CDATA", "<![CDATA[]]>")]
    {
        for (place, from, to) in places {
            let to = to.replace("{}", markup);
            forge.sealed("markup", &format!("{kind} in {place}, signed"), |text| {
                replaced(text, from, &to)
            });
        }
        for (place, from) in [
            ("the digest", "<ds:DigestValue>"),
            ("the signature's value", "<ds:SignatureValue>"),
            ("SignedInfo", "<ds:SignedInfo>"),
            ("the NameID afterwards", "555012"),
        ] {
            forge.tampered("markup", &format!("{kind} in {place}"), |text| {
                replaced(text, from, &format!("{from}{markup}"))
            });
        }
    }
    for (name, doctype) in [
        ("a DTD", "<!DOCTYPE e>"),
        ("an entity", "<!DOCTYPE e [<!ENTITY n \"x\">]>"),
        ("an attribute's default", "<!DOCTYPE e [<!ATTLIST saml2:Assertion ID ID #IMPLIED>]>"),
    ] {
        let whole = forge.signing().sign(&forge.claims().text());
        forge.envelope("not-xml", name, format!("{doctype}{}", envelope(&whole)));
    }
}
