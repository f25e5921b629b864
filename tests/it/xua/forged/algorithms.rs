//! Algorithms that prove nothing, and transforms that sign something else.

use super::super::corpus::Forge;
use tests::saml::{DSIG, ENC, ENVELOPED, EXCLUSIVE, MORE, Signing, transform};

const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

pub fn forge(forge: &mut Forge<'_>) {
    methods(forge);
    digests(forge);
    canonicalizations(forge);
    transforms(forge);
}

fn methods(forge: &mut Forge<'_>) {
    let own = forge.signing();
    for method in [
        format!("{DSIG}rsa-sha1"),
        format!("{DSIG}dsa-sha1"),
        "http://www.w3.org/2009/xmldsig11#dsa-sha256".to_owned(),
        format!("{MORE}ecdsa-sha1"),
        format!("{MORE}rsa-md5"),
        format!("{MORE}rsa-ripemd160"),
        format!("{MORE}rsa-sha224"),
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1".to_owned(),
        format!("{DSIG}none"),
        "none".to_owned(),
        String::new(),
        format!("{MORE}RSA-SHA256"),
        format!("{MORE}rsa-sha256 "),
    ] {
        let name = format!("signed by {method:?}");
        forge.signed("signature-algorithm", &name, &Signing { method, ..own.clone() });
    }
    let public = own.authority.certificate.public_key().and_then(|key| key.public_key_to_pem());
    for (name, key) in [
        ("the certificate", own.authority.der()),
        ("the public key", public.expect("a key")),
        ("an empty key", vec![0]),
    ] {
        for method in ["hmac-sha1", "hmac-sha256", "hmac-sha512"] {
            let base = if method == "hmac-sha1" { DSIG } else { MORE };
            let method = format!("{base}{method}");
            let name = format!("{method} with {name}");
            let hmac = Some(key.clone());
            let signing = Signing { method, hmac, ..own.clone() };
            forge.signed("signature-algorithm", &name, &signing);
        }
    }
    let method_children = "<ds:HMACOutputLength>0</ds:HMACOutputLength>".to_owned();
    let truncated = Signing { method_children, ..own };
    forge.signed("signature-algorithm", "a signature of no length", &truncated);
}

fn digests(forge: &mut Forge<'_>) {
    for digest in [
        format!("{DSIG}sha1"),
        format!("{MORE}md5"),
        format!("{MORE}sha224"),
        format!("{ENC}ripemd160"),
        "http://www.w3.org/2007/05/xmldsig-more#sha3-256".to_owned(),
        String::new(),
    ] {
        let name = format!("digested by {digest:?}");
        let signing = Signing { digest, ..forge.signing() };
        forge.signed("digest-algorithm", &name, &signing);
    }
}

fn canonicalizations(forge: &mut Forge<'_>) {
    for canonicalization in [
        C14N.to_owned(),
        format!("{C14N}#WithComments"),
        format!("{EXCLUSIVE}WithComments"),
        "http://www.w3.org/2006/12/xml-c14n11".to_owned(),
        "http://www.w3.org/TR/1999/REC-xslt-19991116".to_owned(),
        String::new(),
    ] {
        let name = format!("SignedInfo canonicalized by {canonicalization:?}");
        let signing = Signing { canonicalization, ..forge.signing() };
        forge.signed("canonicalization", &name, &signing);
    }
}

fn transforms(forge: &mut Forge<'_>) {
    let (enveloped, exclusive) = (transform(ENVELOPED), transform(EXCLUSIVE));
    let with = |algorithm: &str, inner: &str| {
        transform(algorithm).replace("/>", &format!(">{inner}</ds:Transform>"))
    };
    let xslt = "<x:stylesheet xmlns:x=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"/>";
    let xpath = with(
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "<ds:XPath>not(ancestor-or-self::x)</ds:XPath>",
    );
    let filter = with(
        "http://www.w3.org/2002/06/xmldsig-filter2",
        "<f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"union\">/</f:XPath>",
    );
    let base64 = transform(&format!("{DSIG}base64"));
    let two = |second: &str| vec![enveloped.clone(), second.to_owned()];
    let three = |third: &str| vec![enveloped.clone(), exclusive.clone(), third.to_owned()];
    for (name, transforms) in [
        ("XPath before", vec![xpath.clone(), enveloped.clone(), exclusive.clone()]),
        ("XPath for the envelope's", vec![xpath.clone(), exclusive.clone()]),
        ("XPath in place of C14N", two(&xpath)),
        ("XPath after", three(&xpath)),
        ("an XPath filter", two(&filter)),
        ("an XPath filter after", three(&filter)),
        ("XSLT", two(&with("http://www.w3.org/TR/1999/REC-xslt-19991116", xslt))),
        ("XSLT after", three(&with("http://www.w3.org/TR/1999/REC-xslt-19991116", xslt))),
        ("base64", two(&base64)),
        ("base64 after", three(&base64)),
        ("comments", two(&transform(&format!("{EXCLUSIVE}WithComments")))),
        ("inclusive C14N", two(&transform(C14N))),
        ("the envelope's alone", vec![enveloped.clone()]),
        ("C14N alone", vec![exclusive.clone()]),
        ("none", Vec::new()),
        ("the order turned", vec![exclusive.clone(), enveloped.clone()]),
        ("C14N twice", three(&exclusive)),
        ("an argument of the envelope's", vec![with(ENVELOPED, xslt), exclusive.clone()]),
        ("an argument of C14N's", two(&with(EXCLUSIVE, xslt))),
        ("a transform of no name", two(&transform(""))),
    ] {
        let name = format!("transforms: {name}");
        let signing = Signing { transforms, ..forge.signing() };
        forge.signed("transforms", &name, &signing);
    }
}
