//! The road outward: SOAP over mutual TLS, MTOM both ways, documents never held whole.

mod actors;
mod https;
mod outgoing;
mod relate;

pub use actors::{RemoteRecall, RemoteRegistry, RemoteRepository};
pub use https::{HttpsAnswer, HttpsClient, HttpsError};
pub use outgoing::{Outgoing, OutgoingDocument};
pub use relate::RemoteRelate;

use crate::config::Limits;
use crate::spool::{Received, Spool, SpoolError};
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::combinators::BoxBody;
use hyper::Request;
use hyper::header::CONTENT_TYPE;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use schemas::soap::mime::ContentType;
use std::path::PathBuf;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("{url} cannot be reached: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("{url} did not answer within {seconds} seconds")]
    TimedOut { url: String, seconds: u64 },
    #[error("{url} answered HTTP {status}: {reason}")]
    Fault { url: String, status: u16, reason: String },
    #[error("the answer of {url} cannot be read: {reason}")]
    Answer { url: String, reason: String },
}

/// A SOAP client with one identity; clones share its connections.
#[derive(Clone)]
pub struct SoapClient {
    http: Client<HttpsConnector<HttpConnector>, BoxBody<Bytes, std::io::Error>>,
    limits: Limits,
    spool: PathBuf,
    timeout: Duration,
}

impl SoapClient {
    pub fn new(
        tls: rustls::ClientConfig,
        spool: PathBuf,
        timeout: Duration,
        limits: Limits,
    ) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(Duration::from_secs(5)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_only()
            .enable_http1()
            .wrap_connector(tcp);
        let http =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(64).build(connector);
        Self { http, limits, spool, timeout }
    }

    /// The same client for answers up to this size, in bytes, where that is more than its own limit.
    pub fn for_answers_of(&self, envelope_bytes_max: u64) -> Self {
        let envelope_bytes_max = self.limits.envelope_bytes_max.max(envelope_bytes_max);
        Self { limits: Limits { envelope_bytes_max, ..self.limits }, ..self.clone() }
    }

    /// Sends a message and takes the whole answer; a SOAP fault is an error with its reason.
    pub async fn call(&self, url: &str, outgoing: Outgoing) -> Result<Received, ClientError> {
        let exchange = self.exchange(url, outgoing);
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(result) => result,
            Err(_) => {
                Err(ClientError::TimedOut { url: url.to_owned(), seconds: self.timeout.as_secs() })
            }
        }
    }

    async fn exchange(&self, url: &str, outgoing: Outgoing) -> Result<Received, ClientError> {
        let unreachable = |reason: String| ClientError::Unreachable { url: url.to_owned(), reason };
        let unreadable = |reason: String| ClientError::Answer { url: url.to_owned(), reason };
        let (content_type, body) = outgoing.into_body();
        let request = Request::post(url)
            .header(CONTENT_TYPE, content_type)
            .body(body)
            .map_err(|error| unreachable(error.to_string()))?;
        let response =
            self.http.request(request).await.map_err(|error| unreachable(causes(&error)))?;
        let status = response.status().as_u16();
        let header = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = ContentType::parse(header.unwrap_or_default());
        let spooled = |error: SpoolError| unreadable(error.to_string());
        let mut spool = Spool::new(&content_type, self.limits, &self.spool).map_err(spooled)?;
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| unreadable(causes(&error)))?;
            if let Some(data) = frame.data_ref() {
                spool.feed(data).map_err(spooled)?;
            }
        }
        let received = spool.finish().map_err(spooled)?;
        if status == 200 {
            return Ok(received);
        }
        Err(ClientError::Fault {
            url: url.to_owned(),
            status,
            reason: fault_reason(&received.envelope),
        })
    }

    pub fn spool(&self) -> &std::path::Path {
        &self.spool
    }
}

/// An error with everything behind it: TLS reasons are at the end of the chain.
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

/// The text of a fault, with ITK's diagnostic where there is one.
fn fault_reason(envelope: &[u8]) -> String {
    use schemas::xml::{Document, Limits as XmlLimits};
    let Ok(document) = Document::parse_bytes(envelope, &XmlLimits::default()) else {
        return String::from_utf8_lossy(&envelope[..envelope.len().min(200)]).into_owned();
    };
    let text = |name: &str| {
        let root = document.root();
        let mut all = root.descendants();
        all.find(|element| element.local() == name).map(|element| element.trimmed().to_owned())
    };
    let itk = text("ErrorCode").zip(text("ErrorDiagnosticText"));
    match itk {
        Some((code, diagnostic)) => format!("ITK {code}: {diagnostic}"),
        None => text("Text")
            .or_else(|| text("faultstring"))
            .unwrap_or_else(|| "no reason given".to_owned()),
    }
}
