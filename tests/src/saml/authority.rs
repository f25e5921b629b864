//! Keys and certificates of issuers, made on the spot.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use openssl::x509::{X509, X509Name};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rsa,
    Ec,
}

/// An issuer: its name, key and certificate.
pub struct Authority {
    pub name: String,
    pub kind: Kind,
    pub key: PKey<Private>,
    pub certificate: X509,
}

impl Authority {
    /// Valid through 2026 and 2027.
    pub fn new(name: &str, kind: Kind) -> Self {
        Self::valid(name, kind, "20260101000000Z", "20271231000000Z")
    }

    pub fn valid(name: &str, kind: Kind, from: &str, until: &str) -> Self {
        let key = match kind {
            Kind::Rsa => PKey::from_rsa(Rsa::generate(2048).expect("a key")),
            Kind::Ec => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
                PKey::from_ec_key(EcKey::generate(&group).expect("a key"))
            }
        };
        Self::with_key(name, kind, key.expect("a key"), from, until)
    }

    pub fn with_key(name: &str, kind: Kind, key: PKey<Private>, from: &str, until: &str) -> Self {
        let certificate = certificate(name, &key, from, until);
        Self { name: name.to_owned(), kind, key, certificate }
    }

    pub fn der(&self) -> Vec<u8> {
        self.certificate.to_der().expect("a certificate")
    }

    /// Writes `NAME.pem` and `NAME.key`; the certificate's path.
    pub fn write(&self, folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(format!("{name}.pem"));
        std::fs::write(&path, self.certificate.to_pem().expect("PEM")).expect("it is written");
        let key = self.key.private_key_to_pem_pkcs8().expect("PEM");
        std::fs::write(folder.join(format!("{name}.key")), key).expect("it is written");
        path
    }

    /// A KeyInfo with the certificate.
    pub fn key_info(&self) -> String {
        format!(
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
            super::base64(&self.der())
        )
    }

    /// A KeyInfo with the bare RSA key.
    pub fn key_value(&self) -> String {
        let Ok(rsa) = self.key.rsa() else { return String::new() };
        format!(
            "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{}</ds:Modulus><ds:Exponent>{}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>",
            super::base64(&rsa.n().to_vec()),
            super::base64(&rsa.e().to_vec())
        )
    }

    /// The signature that an algorithm's URI asks for, of this key's family whatever the URI says.
    pub fn sign(&self, method: &str, octets: &[u8]) -> Vec<u8> {
        let digest = match method.rsplit('-').next() {
            Some("sha384") => MessageDigest::sha384(),
            Some("sha512") => MessageDigest::sha512(),
            Some("sha1") => MessageDigest::sha1(),
            _ => MessageDigest::sha256(),
        };
        let mut signer = Signer::new(digest, &self.key).expect("a signer");
        signer.update(octets).expect("it signs");
        let signed = signer.sign_to_vec().expect("it signs");
        match self.kind {
            Kind::Rsa => signed,
            Kind::Ec => {
                let parts = EcdsaSig::from_der(&signed).expect("a signature");
                let part = |n: &openssl::bn::BigNumRef| n.to_vec_padded(32).expect("it fits");
                [part(parts.r()), part(parts.s())].concat()
            }
        }
    }
}

fn certificate(name: &str, key: &PKey<Private>, from: &str, until: &str) -> X509 {
    let mut subject = X509Name::builder().expect("a name");
    subject.append_entry_by_text("CN", name).expect("a name");
    let subject = subject.build();
    let mut builder = X509::builder().expect("a certificate");
    let serial = BigNum::from_u32(4711).and_then(|n| n.to_asn1_integer()).expect("a serial");
    builder.set_version(2).expect("version 3");
    builder.set_serial_number(&serial).expect("a serial");
    builder.set_subject_name(&subject).expect("a subject");
    builder.set_issuer_name(&subject).expect("an issuer");
    builder.set_pubkey(key).expect("a key");
    let time = |text| Asn1Time::from_str(text).expect("a time");
    builder.set_not_before(&time(from)).expect("a time");
    builder.set_not_after(&time(until)).expect("a time");
    builder.sign(key, MessageDigest::sha256()).expect("it signs");
    builder.build()
}

/// HMAC-SHA-256.
pub(super) fn hmac(key: &[u8], octets: &[u8]) -> Vec<u8> {
    let key = PKey::hmac(key).expect("a key");
    let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
    signer.update(octets).expect("it signs");
    signer.sign_to_vec().expect("it signs")
}
