//! HTTP over mutual TLS, as an actor that is not the hub's own speaks it.

use super::message::Outgoing;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::Request;
use hyper::body::Frame;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// An answer larger than this is not read.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// The certificate, its key and whom to trust, as PEM files.
#[derive(Clone, Debug)]
pub struct Identity<'p> {
    pub certificate: &'p Path,
    pub key: &'p Path,
    pub authority: &'p Path,
}

/// Status, Content-Type and bytes.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
}

type Body = BoxBody<Bytes, Infallible>;

#[derive(Clone)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    timeout: Duration,
}

impl Identity<'_> {
    pub fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        certificates(self.certificate)
    }

    pub fn private_key(&self) -> Result<PrivateKeyDer<'static>, String> {
        PrivateKeyDer::from_pem_file(self.key)
            .map_err(|error| format!("{}: {error}", self.key.display()))
    }

    fn configuration(&self) -> Result<rustls::ClientConfig, String> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in certificates(self.authority)? {
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots);
        builder
            .with_client_auth_cert(self.certificates()?, self.private_key()?)
            .map_err(|error| format!("{}: {error}", self.certificate.display()))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let named = |error: rustls::pki_types::pem::Error| format!("{}: {error}", path.display());
    let found = CertificateDer::pem_file_iter(path).map_err(named)?;
    found.collect::<Result<Vec<_>, _>>().map_err(named)
}

impl HttpClient {
    pub fn new(identity: &Identity<'_>, timeout: Duration) -> Result<Self, String> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(Duration::from_secs(5)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(identity.configuration()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), timeout })
    }

    /// Posts a message; an error is what kept an answer from arriving.
    pub async fn post(&self, outgoing: &Outgoing) -> Result<Incoming, String> {
        let exchange = self.exchange(outgoing);
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(result) => result.map_err(|error| format!("{}: {error}", outgoing.url)),
            Err(_) => Err(format!("{}: no answer in {} s", outgoing.url, self.timeout.as_secs())),
        }
    }

    async fn exchange(&self, outgoing: &Outgoing) -> Result<Incoming, String> {
        let mut request = Request::post(&outgoing.url);
        if !outgoing.content_type.is_empty() {
            request = request.header(hyper::header::CONTENT_TYPE, &outgoing.content_type);
        }
        for (name, value) in &outgoing.headers {
            request = request.header(name, value);
        }
        let request = request.body(body(outgoing)).map_err(|error| error.to_string())?;
        let response = self.client.request(request).await.map_err(|error| causes(&error))?;
        let status = response.status().as_u16();
        let header = response.headers().get(hyper::header::CONTENT_TYPE);
        let content_type = header.and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes().to_vec();
        Ok(Incoming { status, content_type, body })
    }
}

/// Whole with its length, or in chunks without.
fn body(outgoing: &Outgoing) -> Body {
    if !outgoing.chunked {
        return Full::new(Bytes::from(outgoing.body.clone())).boxed();
    }
    let chunks: Vec<Result<Frame<Bytes>, Infallible>> = outgoing
        .body
        .chunks(997)
        .map(|chunk| Ok(Frame::data(Bytes::copy_from_slice(chunk))))
        .collect();
    BodyExt::boxed(StreamBody::new(futures_util::stream::iter(chunks)))
}

/// An error with everything behind it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
