//! Signatures under checkpoints: made with the service's own TLS key, believed where the certificate
//! behind them was issued by the hub's authorities to this very service.

use crate::caller::PeerCertificate;
use crate::tls::{Identity, TlsError};
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::SigningKey;
use rustls_pki_types::{CertificateDer, UnixTime};
use schemas::ods_code::OdsCode;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// Strongest first; a key takes the first that it can make.
const SCHEMES: [SignatureScheme; 5] = [
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ED25519,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA256,
];

/// A signature, and by which of TLS's schemes it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// Its number in TLS (RFC 8446 4.2.3).
    pub scheme: u16,
    pub bytes: Vec<u8>,
}

/// The key of a running service.
#[derive(Clone)]
pub struct Signer {
    key: Arc<dyn SigningKey>,
    /// Leaf first.
    pub(super) chain: Vec<CertificateDer<'static>>,
}

impl Signer {
    pub fn of(identity: &Identity) -> Result<Self, TlsError> {
        let key = aws_lc_rs::sign::any_supported_type(&identity.private_key()?)?;
        Ok(Self { key, chain: identity.chain()? })
    }

    pub(super) fn sign(&self, text: &[u8]) -> Result<Signature, rustls::Error> {
        let signer = self.key.choose_scheme(&SCHEMES).ok_or_else(|| {
            rustls::Error::General("the service's key signs by no known scheme".to_owned())
        })?;
        Ok(Signature { scheme: signer.scheme().into(), bytes: signer.sign(text)? })
    }

    /// Names the certificate.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&self.chain)
    }
}

/// SHA-256 of the leaf.
pub(super) fn fingerprint(chain: &[CertificateDer<'_>]) -> [u8; 32] {
    Sha256::digest(chain.first().map_or(&[][..], |leaf| leaf)).into()
}

/// Whose signatures are believed.
#[derive(Clone)]
pub struct Trust {
    verifier: Arc<dyn ClientCertVerifier>,
    system: String,
    ods: OdsCode,
}

impl Trust {
    /// The authorities of an identity, and the name of the service: subject CN and OU.
    pub fn new(identity: &Identity, system: &str, ods: &OdsCode) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = Arc::new(identity.roots()?);
        let built = WebPkiClientVerifier::builder_with_provider(roots, provider).build();
        let verifier = built.map_err(|error| TlsError::Verifier(error.to_string()))?;
        Ok(Self { verifier, system: system.to_owned(), ods: ods.clone() })
    }

    /// The leaf's public key, where the chain is the service's. A certificate that has expired since
    /// was good when it signed, so that it is looked at as of the day it was issued.
    pub(super) fn key_of(&self, chain: &[CertificateDer<'_>]) -> Option<Vec<u8>> {
        let (leaf, intermediates) = chain.split_first()?;
        let named = PeerCertificate::read(leaf)?;
        if named.system != self.system || named.organisation.as_ref() != Some(&self.ods) {
            return None;
        }
        let (_, certificate) = x509_parser::parse_x509_certificate(leaf).ok()?;
        let issued = certificate.validity().not_before.timestamp().max(0).unsigned_abs();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(issued));
        self.verifier.verify_client_cert(leaf, intermediates, at).ok()?;
        public_key(chain)
    }
}

/// The leaf's public key, whoever issued it.
pub(super) fn public_key(chain: &[CertificateDer<'_>]) -> Option<Vec<u8>> {
    let (_, certificate) = x509_parser::parse_x509_certificate(chain.first()?).ok()?;
    Some(certificate.public_key().subject_public_key.data.to_vec())
}

/// Whether a signature is this key's over this text.
pub(super) fn is_signed(key: &[u8], text: &[u8], signature: &Signature) -> bool {
    let provider = aws_lc_rs::default_provider();
    let mapping = provider.signature_verification_algorithms.mapping;
    let scheme = SignatureScheme::from(signature.scheme);
    let algorithms = mapping.iter().filter(|(of, _)| *of == scheme).flat_map(|(_, all)| *all);
    algorithms.into_iter().any(|by| by.verify_signature(key, text, &signature.bytes).is_ok())
}
