//! The issuers' certificates: pinned by file, within their validity, not revoked; read again when a
//! file changes, without a restart.

use super::{Refused, XuaSettings};
use bergshamra_keys::Key;
use jiff::Timestamp;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use schemas::saml::SignatureMethod;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use x509_parser::public_key::PublicKey;

const RSA_BITS_MIN: usize = 2_048;
const CURVES: [&str; 2] = ["1.2.840.10045.3.1.7", "1.3.132.0.34"];

/// One certificate of an issuer.
#[derive(Clone)]
pub(super) struct IssuerKey {
    pub method: SignatureMethod,
    pub key: Key,
    /// PKCS#1 for RSA, the point for EC: what a token's verifier wants.
    pub raw: Vec<u8>,
    pub is_p256: bool,
    pub der: Vec<u8>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub revoked: bool,
}

/// A certificate and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiring {
    /// Whose it is, for a person who reads the report.
    pub whose: String,
    pub not_after: Timestamp,
}

struct Loaded {
    seen: Vec<Option<SystemTime>>,
    issuers: BTreeMap<String, Vec<IssuerKey>>,
}

pub struct TrustStore {
    files: Vec<(String, PathBuf)>,
    revoked: Option<PathBuf>,
    loaded: RwLock<Arc<Loaded>>,
}

impl TrustStore {
    /// Reads every issuer's certificates; one that cannot be used is an error.
    pub fn load(settings: &XuaSettings) -> Result<Self, String> {
        let files: Vec<(String, PathBuf)> = settings
            .issuer
            .iter()
            .map(|issuer| (issuer.name.clone(), issuer.certificates.clone()))
            .collect();
        let revoked = settings.revoked.clone();
        let loaded = read_all(&files, revoked.as_deref())?;
        Ok(Self { files, revoked, loaded: RwLock::new(Arc::new(loaded)) })
    }

    /// What is in force. A file that changed and cannot be read refuses everything until it can:
    /// nothing is trusted whose revocation is not known.
    fn current(&self) -> Result<Arc<Loaded>, Refused> {
        let known = self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.seen == times(&self.files, self.revoked.as_deref()) {
            return Ok(known);
        }
        let fresh = read_all(&self.files, self.revoked.as_deref()).map_err(Refused::Trust)?;
        let fresh = Arc::new(fresh);
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        tracing::info!("issuers' certificates and revocation lists reloaded");
        Ok(fresh)
    }

    /// Keys of an issuer that may sign now, of the certificates that a KeyInfo names where it names
    /// any.
    pub(super) fn keys(
        &self,
        issuer: &str,
        named: &[Vec<u8>],
        now: Timestamp,
    ) -> Result<Vec<IssuerKey>, Refused> {
        let current = self.current()?;
        let own = current.issuers.get(issuer).ok_or(Refused::UnknownIssuer)?;
        let meant: Vec<&IssuerKey> =
            own.iter().filter(|key| named.is_empty() || named.contains(&key.der)).collect();
        if meant.is_empty() {
            return Err(Refused::ForeignCertificate);
        }
        let valid = |key: &&IssuerKey| key.not_before <= now && now <= key.not_after;
        let valid: Vec<&IssuerKey> = meant.into_iter().filter(valid).collect();
        if valid.is_empty() {
            return Err(Refused::CertificateExpired);
        }
        let good: Vec<IssuerKey> = valid.into_iter().filter(|key| !key.revoked).cloned().collect();
        if good.is_empty() { Err(Refused::CertificateRevoked) } else { Ok(good) }
    }

    /// When each issuer's certificates end.
    pub fn expiring(&self) -> Vec<Expiring> {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone();
        let each = loaded.issuers.iter().flat_map(|(issuer, keys)| {
            keys.iter().map(move |key| Expiring {
                whose: format!("the issuer {issuer}"),
                not_after: key.not_after,
            })
        });
        each.collect()
    }
}

fn times(files: &[(String, PathBuf)], revoked: Option<&Path>) -> Vec<Option<SystemTime>> {
    let paths = files.iter().map(|(_, path)| path.as_path()).chain(revoked);
    let time = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    paths.map(time).collect()
}

fn read_all(files: &[(String, PathBuf)], revoked: Option<&Path>) -> Result<Loaded, String> {
    let seen = times(files, revoked);
    let lists = match revoked {
        Some(path) => pem::<CertificateRevocationListDer<'static>>(path)?,
        None => Vec::new(),
    };
    let lists: Vec<&[u8]> = lists.iter().map(AsRef::as_ref).collect();
    if lists.iter().any(|list| x509_parser::parse_x509_crl(list).is_err()) {
        return Err("xua.revoked: a revocation list cannot be read".to_owned());
    }
    let mut issuers = BTreeMap::new();
    for (name, path) in files {
        let failed = |what: String| format!("{}: {what}", path.display());
        let found = pem::<CertificateDer<'static>>(path)?;
        if found.is_empty() {
            return Err(failed("holds no certificate of the issuer".to_owned()));
        }
        let keys: Result<Vec<IssuerKey>, String> =
            found.iter().map(|der| read(der, &lists).map_err(&failed)).collect();
        issuers.insert(name.clone(), keys?);
    }
    Ok(Loaded { seen, issuers })
}

fn pem<T: PemObject>(path: &Path) -> Result<Vec<T>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let read = T::pem_file_iter(path).map_err(|error| failed(&error))?;
    let items: Result<Vec<T>, _> = read.collect();
    items.map_err(|error| failed(&error))
}

fn read(der: &[u8], lists: &[&[u8]]) -> Result<IssuerKey, String> {
    let (_, certificate) =
        x509_parser::parse_x509_certificate(der).map_err(|error| error.to_string())?;
    let spki = certificate.public_key();
    let weak = "the key must be RSA of 2048 bits or more, or EC on P-256 or P-384";
    let curve = spki.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
    let curve = curve.map(|oid| oid.to_id_string()).unwrap_or_default();
    let method = match spki.parsed().map_err(|error| error.to_string())? {
        PublicKey::RSA(key) if key.key_size() >= RSA_BITS_MIN => SignatureMethod::Rsa,
        PublicKey::EC(_) if CURVES.contains(&curve.as_str()) => SignatureMethod::Ecdsa,
        _ => return Err(weak.to_owned()),
    };
    let key =
        bergshamra_keys::loader::load_x509_cert_der(der).map_err(|error| error.to_string())?;
    let time = |at: x509_parser::time::ASN1Time| {
        Timestamp::from_second(at.timestamp()).map_err(|error| error.to_string())
    };
    let revoked = lists.iter().filter_map(|list| x509_parser::parse_x509_crl(list).ok());
    let revoked = revoked.map(|(_, list)| list).any(|list| {
        let serial = certificate.raw_serial();
        list.issuer().as_raw() == certificate.issuer().as_raw()
            && list.iter_revoked_certificates().any(|one| one.raw_serial() == serial)
    });
    Ok(IssuerKey {
        method,
        key,
        raw: spki.subject_public_key.data.to_vec(),
        is_p256: curve == CURVES[0],
        der: der.to_vec(),
        not_before: time(certificate.validity().not_before)?,
        not_after: time(certificate.validity().not_after)?,
        revoked,
    })
}
