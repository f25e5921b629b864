//! ITI-19 Authenticate Node: TLS 1.2 and 1.3, certificates at both ends, revocation.
//!
//! A client certificate is asked for, not required by the handshake: without one only health and
//! WSDL answer. One that is foreign, expired or revoked fails the handshake, and is reported.

mod validity;
mod verifier;

pub use validity::{Validity, certificate_ends, list_ends};
pub use verifier::{HandshakeRefused, Trusted, WatchingVerifier};

use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("TLS: {0}")]
    Rustls(#[from] rustls::Error),
    #[error("TLS: {0}")]
    Verifier(String),
}

/// Where a service's certificate, key and trust are.
#[derive(Clone, Debug)]
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Certificate authorities, PEM.
    pub trust: PathBuf,
    /// Revocation lists, PEM; a missing file means none.
    pub revoked: Option<PathBuf>,
}

fn failed(path: &Path, reason: impl ToString) -> TlsError {
    TlsError::File { path: path.to_owned(), reason: reason.to_string() }
}

fn pem<T: PemObject>(path: &Path) -> Result<Vec<T>, TlsError> {
    let read = T::pem_file_iter(path).map_err(|error| failed(path, error))?;
    let items: Result<Vec<T>, _> = read.collect();
    items.map_err(|error| failed(path, error))
}

impl Identity {
    pub fn chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let chain = pem::<CertificateDer<'static>>(&self.certificate)?;
        if chain.is_empty() {
            Err(failed(&self.certificate, "holds no certificate"))
        } else {
            Ok(chain)
        }
    }

    pub(crate) fn private_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_file(&self.key).map_err(|error| failed(&self.key, error))
    }

    pub fn roots(&self) -> Result<RootCertStore, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in pem::<CertificateDer<'static>>(&self.trust)? {
            roots.add(certificate).map_err(|error| failed(&self.trust, error))?;
        }
        if roots.is_empty() { Err(failed(&self.trust, "holds no certificate")) } else { Ok(roots) }
    }

    pub fn revocations(&self) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
        match &self.revoked {
            Some(path) if path.is_file() => pem(path),
            _ => Ok(Vec::new()),
        }
    }

    /// A client that shows this identity and trusts its authorities.
    pub fn client_config(&self) -> Result<ClientConfig, TlsError> {
        Ok(ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.roots()?)
            .with_client_auth_cert(self.chain()?, self.private_key()?)?)
    }

    /// The same client with other authorities: for a server that is none of this hub's peers.
    pub fn client_config_trusting(&self, trust: &Path) -> Result<ClientConfig, TlsError> {
        Self { trust: trust.to_owned(), ..self.clone() }.client_config()
    }

    /// A server that asks for client certificates, and the verifier that watches them.
    ///
    /// Sessions are not resumed: a resumed session would not look at the revocation list again.
    pub fn server_config(&self) -> Result<(ServerConfig, Arc<WatchingVerifier>), TlsError> {
        let verifier = Arc::new(WatchingVerifier::new(self.clone())?);
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_client_cert_verifier(verifier.clone())
                .with_single_cert(self.chain()?, self.private_key()?)?;
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok((config, verifier))
    }
}
