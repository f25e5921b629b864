//! An issuer of assertions for tests: honest ones, and every forgery that a text allows. The
//! signatures are OpenSSL's, so that what the hub verifies with is not what signs.

mod authority;
mod claims;

pub use authority::{Authority, Kind};
pub use claims::{Claims, envelope, flag, replaced};

use base64::Engine;
use bergshamra_c14n::{C14nMode, canonicalize};
use openssl::hash::MessageDigest;

pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
pub const ENC: &str = "http://www.w3.org/2001/04/xmlenc#";
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Where the signature goes in a text that is to be signed.
pub const PLACE: &str = "{SIGNATURE}";

pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// `<ds:Transform>` of an algorithm.
pub fn transform(algorithm: &str) -> String {
    format!("<ds:Transform Algorithm=\"{algorithm}\"/>")
}

/// How a signature is made; each part can be another than an honest issuer's.
#[derive(Clone)]
pub struct Signing<'a> {
    pub authority: &'a Authority,
    pub method: String,
    /// Children of SignatureMethod.
    pub method_children: String,
    pub digest: String,
    pub canonicalization: String,
    pub transforms: Vec<String>,
    /// The whole attribute, with a leading space; `None` for the assertion's own.
    pub uri: Option<String>,
    /// More References after the first.
    pub more: String,
    pub key_info: String,
    /// What stands after the KeyInfo.
    pub after: String,
    /// Prefixes of InclusiveNamespaces.
    pub prefixes: Vec<String>,
    /// A key for HMAC in place of the authority's signature.
    pub hmac: Option<Vec<u8>>,
}

impl<'a> Signing<'a> {
    pub fn by(authority: &'a Authority) -> Self {
        let method = match authority.kind {
            Kind::Rsa => "rsa-sha256",
            Kind::Ec => "ecdsa-sha256",
        };
        Self {
            authority,
            method: format!("{MORE}{method}"),
            method_children: String::new(),
            digest: format!("{ENC}sha256"),
            canonicalization: EXCLUSIVE.to_owned(),
            transforms: vec![transform(ENVELOPED), transform(EXCLUSIVE)],
            uri: None,
            more: String::new(),
            key_info: authority.key_info(),
            after: String::new(),
            prefixes: Vec::new(),
            hmac: None,
        }
    }

    /// The octets of a text without its signature.
    fn octets(&self, text: &str) -> Vec<u8> {
        canonicalize(text, C14nMode::Exclusive, None, &self.prefixes).expect("it is XML")
    }

    /// Puts the signature in its place.
    pub fn sign(&self, text: &str) -> String {
        let id = text.split(" ID=\"").nth(1).and_then(|rest| rest.split('"').next());
        let octets = self.octets(&text.replace(PLACE, ""));
        text.replace(PLACE, &self.signature(&octets, id.unwrap_or_default()))
    }

    /// A signature over octets that the reference is said to give.
    pub fn signature(&self, octets: &[u8], id: &str) -> String {
        let digest = match self.digest.rsplit(['#', '/']).next() {
            Some("sha384") => MessageDigest::sha384(),
            Some("sha512") => MessageDigest::sha512(),
            Some("sha1") => MessageDigest::sha1(),
            _ => MessageDigest::sha256(),
        };
        let value = base64(&openssl::hash::hash(digest, octets).expect("a digest"));
        let uri = self.uri.clone().unwrap_or_else(|| format!(" URI=\"#{id}\""));
        let info = format!(
            "<ds:SignedInfo xmlns:ds=\"{DSIG}\"><ds:CanonicalizationMethod Algorithm=\"{}\"/><ds:SignatureMethod Algorithm=\"{}\">{}</ds:SignatureMethod><ds:Reference{uri}><ds:Transforms>{}</ds:Transforms><ds:DigestMethod Algorithm=\"{}\"/><ds:DigestValue>{value}</ds:DigestValue></ds:Reference>{}</ds:SignedInfo>",
            self.canonicalization,
            self.method,
            self.method_children,
            self.transforms.concat(),
            self.digest,
            self.more
        );
        let signed = match &self.hmac {
            Some(key) => authority::hmac(key, &canonical(&info)),
            None => self.authority.sign(&self.method, &canonical(&info)),
        };
        let info = info.replace(&format!(" xmlns:ds=\"{DSIG}\""), "");
        format!(
            "<ds:Signature xmlns:ds=\"{DSIG}\">{info}<ds:SignatureValue>{}</ds:SignatureValue>{}{}</ds:Signature>",
            base64(&signed),
            self.key_info,
            self.after
        )
    }
}

fn canonical(text: &str) -> Vec<u8> {
    canonicalize(text, C14nMode::Exclusive, None, &[] as &[&str]).expect("it is XML")
}
