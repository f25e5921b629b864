//! The client-certificate verifier: WebPKI's, reloadable, with an ear for refusals.

use super::{Identity, TlsError};
use crate::caller::{Fingerprint, PeerCertificate, PinnedCallers};
use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// A certificate with fewer days left is reported when it connects.
const DAYS_SOON: i64 = 30;
/// Certificates that are remembered as reported.
const NOTICED_MAX: usize = 4_096;

/// A certificate that failed, and why. Its subject is what it claimed, not what is true.
#[derive(Clone, Debug)]
pub struct HandshakeRefused {
    pub certificate: Option<PeerCertificate>,
    pub reason: String,
}

#[derive(Debug)]
pub struct WatchingVerifier {
    identity: Identity,
    inner: ArcSwap<Arc<dyn ClientCertVerifier>>,
    hints: Vec<DistinguishedName>,
    refused: OnceLock<UnboundedSender<HandshakeRefused>>,
    pinned: OnceLock<PinnedCallers>,
    /// Certificates near their end that were reported, and on which day.
    noticed: Mutex<HashMap<Fingerprint, i64>>,
    /// Raised by every reload: an open connection is looked at again.
    generation: AtomicU64,
}

/// The certificate of an open connection, to be looked at again when revocation lists change.
#[derive(Clone, Debug)]
pub struct Trusted {
    verifier: Arc<WatchingVerifier>,
    chain: Arc<[CertificateDer<'static>]>,
    generation: u64,
}

impl Trusted {
    pub fn new(verifier: Arc<WatchingVerifier>, chain: &[CertificateDer<'_>]) -> Self {
        let chain = chain.iter().map(|der| der.clone().into_owned()).collect();
        let generation = verifier.generation.load(Ordering::Acquire);
        Self { verifier, chain, generation }
    }

    /// Whether the certificate that was good at the handshake is good still.
    pub fn still_holds(&self) -> bool {
        if self.verifier.generation.load(Ordering::Acquire) == self.generation {
            return true;
        }
        let Some((end_entity, intermediates)) = self.chain.split_first() else { return false };
        let now = UnixTime::now();
        self.verifier.inner.load().verify_client_cert(end_entity, intermediates, now).is_ok()
    }
}

impl WatchingVerifier {
    pub(super) fn new(identity: Identity) -> Result<Self, TlsError> {
        let inner = build(&identity)?;
        let hints = inner.root_hint_subjects().to_vec();
        Ok(Self {
            identity,
            inner: ArcSwap::from_pointee(inner),
            hints,
            refused: OnceLock::new(),
            pinned: OnceLock::new(),
            noticed: Mutex::default(),
            generation: AtomicU64::new(0),
        })
    }

    /// Reads trust and revocation lists again; on an error the old ones stay in force.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.inner.store(Arc::new(build(&self.identity)?));
        self.generation.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// Says where refusals are reported; the first call counts.
    pub fn report_to(&self, sender: UnboundedSender<HandshakeRefused>) {
        let _ = self.refused.set(sender);
    }

    /// Says whose certificates the configuration knows better than they do; the first call counts.
    pub fn pin(&self, pinned: PinnedCallers) {
        let _ = self.pinned.set(pinned);
    }

    /// Who holds a certificate.
    pub fn holder(&self, der: &[u8]) -> Option<PeerCertificate> {
        match self.pinned.get() {
            Some(pinned) => PeerCertificate::read_with(der, pinned),
            None => PeerCertificate::read(der),
        }
    }

    /// Reports a caller's certificate that ends within 30 days, once a day.
    pub fn notice(&self, certificate: &PeerCertificate) {
        // The clock by which TLS itself judges certificates.
        let now = i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX);
        let days = (certificate.not_after.as_second() - now).div_euclid(24 * 3600);
        let mut noticed = self.noticed.lock().unwrap_or_else(PoisonError::into_inner);
        let today = now.div_euclid(24 * 3600);
        let known = noticed.get(&certificate.fingerprint) == Some(&today);
        if days >= DAYS_SOON || known || noticed.len() >= NOTICED_MAX {
            return;
        }
        noticed.insert(certificate.fingerprint, today);
        drop(noticed);
        let organisation = certificate.organisation.as_ref().map_or("-", |ods| ods.as_str());
        let system = &certificate.system;
        tracing::warn!(%organisation, %system, days, "a caller's certificate ends soon");
        crate::telemetry::certificate_days_left(format!("{organisation}|{system}"), days);
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }
}

fn build(identity: &Identity) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        WebPkiClientVerifier::builder_with_provider(Arc::new(identity.roots()?), provider)
            .allow_unauthenticated();
    let revocations = identity.revocations()?;
    let builder = if revocations.is_empty() {
        builder
    } else {
        builder.with_crls(revocations).allow_unknown_revocation_status()
    };
    builder.build().map_err(|error| TlsError::Verifier(error.to_string()))
}

impl ClientCertVerifier for WatchingVerifier {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.inner.load().verify_client_cert(end_entity, intermediates, now);
        if let (Err(error), Some(sender)) = (&verified, self.refused.get()) {
            let _ = sender.send(HandshakeRefused {
                certificate: self.holder(end_entity),
                reason: error.to_string(),
            });
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.load().verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.load().verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.load().supported_verify_schemes()
    }
}
