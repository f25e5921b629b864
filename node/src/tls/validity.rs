//! Until when certificates and revocation lists hold.

use super::pem;
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use std::path::Path;
use x509_parser::time::ASN1Time;

/// A certificate's subject and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The common name, or the whole subject without one.
    pub subject: String,
    pub ends: Timestamp,
}

fn timestamp(at: ASN1Time) -> Timestamp {
    Timestamp::from_second(at.timestamp()).unwrap_or(Timestamp::MAX)
}

/// Of every certificate in a PEM file; a file that cannot be read has none, which others report.
pub fn certificate_ends(path: &Path) -> Vec<Validity> {
    let read = |der: &CertificateDer<'_>| {
        let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
        let subject = certificate.subject();
        let name = subject.iter_common_name().next().and_then(|name| name.as_str().ok());
        Some(Validity {
            subject: name.map_or_else(|| subject.to_string(), str::to_owned),
            ends: timestamp(certificate.validity().not_after),
        })
    };
    let found = pem::<CertificateDer<'static>>(path).unwrap_or_default();
    found.iter().filter_map(read).collect()
}

/// When each revocation list of a PEM file should have been replaced.
pub fn list_ends(path: &Path) -> Vec<Timestamp> {
    let found = pem::<CertificateRevocationListDer<'static>>(path).unwrap_or_default();
    let read = |list: &CertificateRevocationListDer<'_>| {
        let (_, list) = x509_parser::parse_x509_crl(list).ok()?;
        list.next_update().map(timestamp)
    };
    found.iter().filter_map(read).collect()
}
