//! The registry's index, on the engine that the configuration names.

use crate::config::{StoreSection, StoreUrl};
use registry::store::{Index, PostgresConfig};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use schemas::code_set::CodeSets;
use std::path::Path;
use std::sync::Arc;

pub(crate) async fn open(
    section: &StoreSection,
    folder: &Path,
    code_sets: Arc<CodeSets>,
) -> Result<Index, String> {
    let opened = match section.url()? {
        StoreUrl::Embedded => Index::sqlite(&folder.join("index.db"), code_sets),
        StoreUrl::Sqlite(path) => Index::sqlite(&path, code_sets),
        StoreUrl::Postgres(url) => {
            let tls = section.ca.as_deref().map(tls).transpose()?;
            let connections_max = section.connections_max;
            Index::postgres(PostgresConfig { url, tls, connections_max }, code_sets).await
        }
    };
    opened.map_err(|error| error.to_string())
}

/// Only servers whose certificate the given authority has signed.
fn tls(ca: &Path) -> Result<ClientConfig, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", ca.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).map_err(|error| failed(&error))? {
        let certificate = certificate.map_err(|error| failed(&error))?;
        roots.add(certificate).map_err(|error| failed(&error))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
