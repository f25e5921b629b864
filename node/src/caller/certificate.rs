//! What a verified client certificate says of its holder: the system is the subject's CN; the
//! organisation is pinned by configuration, or a URI among the subject alternative names, or an OU of
//! the subject, in this order.

use super::fingerprint::{self, Fingerprint};
use jiff::Timestamp;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

/// The URI of an organisation; the code follows a slash, a bar or a number sign.
const ODS_URI: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// What a verified client certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    pub system: String,
    /// `None` where nothing in it, nor the configuration, names one.
    pub organisation: Option<OdsCode>,
    pub fingerprint: Fingerprint,
    pub not_after: Timestamp,
}

impl PeerCertificate {
    /// Reads a DER certificate by what stands in it.
    pub fn read(der: &[u8]) -> Option<Self> {
        Self::read_with(der, &PinnedCallers::default())
    }

    /// The same where the configuration may say more than the certificate.
    pub fn read_with(der: &[u8], pinned: &PinnedCallers) -> Option<Self> {
        let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
        let fingerprint = fingerprint::of(der);
        let ends = certificate.validity().not_after.timestamp();
        let not_after = Timestamp::from_second(ends).unwrap_or(Timestamp::MAX);
        if let Some(pin) = pinned.0.get(&fingerprint) {
            let (system, organisation) = (pin.system.clone(), Some(pin.organisation.clone()));
            return Some(Self { system, organisation, fingerprint, not_after });
        }
        let subject = certificate.subject();
        let system = subject.iter_common_name().next()?.as_str().ok()?.to_owned();
        let organisation = named(&certificate).or_else(|| {
            let mut units = subject.iter_organizational_unit();
            units.find_map(|unit| OdsCode::parse(unit.as_str().ok()?).ok())
        });
        Some(Self { system, organisation, fingerprint, not_after })
    }
}

/// The organisation among the subject alternative names; two different ones are none.
fn named(certificate: &X509Certificate<'_>) -> Option<OdsCode> {
    let names = certificate.subject_alternative_name().ok()??;
    let mut codes = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => {
            let code = uri.strip_prefix(ODS_URI)?.strip_prefix(['/', '|', '#'])?;
            OdsCode::parse(code).ok()
        }
        _ => None,
    });
    let first = codes.next()?;
    codes.all(|other| other == first).then_some(first)
}

/// A certificate whose subject does not say whose it is: what the operator has decided.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedCaller {
    /// SHA-256 of the certificate, hexadecimal, with colons or without.
    pub sha256: String,
    pub system: String,
    pub organisation: OdsCode,
}

/// Pinned certificates by fingerprint.
#[derive(Clone, Debug, Default)]
pub struct PinnedCallers(BTreeMap<Fingerprint, PinnedCaller>);

impl PinnedCallers {
    /// Each fingerprint is one, once.
    pub fn new(callers: &[PinnedCaller]) -> Result<Self, String> {
        let mut pinned = BTreeMap::new();
        for caller in callers {
            let fingerprint = fingerprint::parse(&caller.sha256).ok_or_else(|| {
                format!(
                    "caller.sha256 of {}: write the certificate's SHA-256 as 64 hexadecimal digits (openssl x509 -noout -fingerprint -sha256)",
                    caller.system
                )
            })?;
            if pinned.insert(fingerprint, caller.clone()).is_some() {
                return Err(format!("caller.sha256 of {}: it is pinned twice", caller.system));
            }
        }
        Ok(Self(pinned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_with_and_without_colons() {
        let digits = "0a".repeat(32);
        let colons = vec!["0A"; 32].join(":");
        assert_eq!(fingerprint::parse(&digits), Some([10; 32]));
        assert_eq!(fingerprint::parse(&colons), Some([10; 32]));
        assert_eq!(fingerprint::hex(&[10; 32]), digits);
        assert_eq!(fingerprint::parse("0a"), None);
        assert_eq!(fingerprint::parse(&"+a".repeat(32)), None);
    }

    #[test]
    fn a_certificate_is_pinned_once() {
        let caller = PinnedCaller {
            sha256: "0a".repeat(32),
            system: "pas".to_owned(),
            organisation: OdsCode::parse("RXN").unwrap(),
        };
        assert!(PinnedCallers::new(std::slice::from_ref(&caller)).is_ok());
        assert!(PinnedCallers::new(&[caller.clone(), caller.clone()]).is_err());
        assert!(PinnedCallers::new(&[PinnedCaller { sha256: "x".to_owned(), ..caller }]).is_err());
    }
}
