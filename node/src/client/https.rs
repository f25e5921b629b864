//! HTTPS for what is no SOAP: one request, one whole answer under a limit.
//!
//! An error names the server and never the path: a path can name a patient.

use super::causes;
use bytes::{Bytes, BytesMut};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpsError {
    #[error("the request cannot be built: {0}")]
    Request(String),
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the server did not answer within {0} seconds")]
    TimedOut(u64),
    #[error("the answer breaks off: {0}")]
    Broken(String),
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

/// A whole answer.
pub struct HttpsAnswer {
    pub status: u16,
    pub body: Bytes,
}

/// A client with one set of trusted authorities; clones share its connections.
#[derive(Clone)]
pub struct HttpsClient {
    http: Client<HttpsConnector<HttpConnector>, BoxBody<Bytes, std::convert::Infallible>>,
    timeout: Duration,
    answer_bytes_max: usize,
}

impl HttpsClient {
    pub fn new(tls: rustls::ClientConfig, timeout: Duration, answer_bytes_max: usize) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timeout.min(Duration::from_secs(5))));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_only()
            .enable_http1()
            .wrap_connector(tcp);
        let http = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(8).build(connector);
        Self { http, timeout, answer_bytes_max }
    }

    pub async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<HttpsAnswer, HttpsError> {
        self.send(Request::get(url), headers, Bytes::new()).await
    }

    /// `content_type` and the body go together.
    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<HttpsAnswer, HttpsError> {
        self.send(Request::post(url).header("Content-Type", content_type), headers, body).await
    }

    async fn send(
        &self,
        mut request: hyper::http::request::Builder,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<HttpsAnswer, HttpsError> {
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body).boxed());
        let request = request.map_err(|error| HttpsError::Request(error.to_string()))?;
        let exchange = self.exchange(request);
        let late = |_| HttpsError::TimedOut(self.timeout.as_secs());
        tokio::time::timeout(self.timeout, exchange).await.map_err(late)?
    }

    async fn exchange(
        &self,
        request: Request<BoxBody<Bytes, std::convert::Infallible>>,
    ) -> Result<HttpsAnswer, HttpsError> {
        let response = self.http.request(request).await;
        let response = response.map_err(|error| HttpsError::Unreachable(causes(&error)))?;
        let status = response.status().as_u16();
        let mut incoming = response.into_body();
        let mut body = BytesMut::new();
        while let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(|error| HttpsError::Broken(causes(&error)))?;
            let Some(data) = frame.data_ref() else { continue };
            if body.len() + data.len() > self.answer_bytes_max {
                return Err(HttpsError::TooLong(self.answer_bytes_max));
            }
            body.extend_from_slice(data);
        }
        Ok(HttpsAnswer { status, body: body.freeze() })
    }
}
