//! One POST over mutual TLS: a name is resolved once, the connection goes to exactly what it was
//! resolved to, redirections are not followed, and the answer has a limit.

use crate::asynchronous::ReplyAddress;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::header::HOST;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const CONNECT: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried.
const SOCKETS_MAX: usize = 8;

pub(crate) type Body = BoxBody<Bytes, std::io::Error>;

/// Why there is no answer. It names the host, never the path or the message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("{0} cannot be resolved: {1}")]
    Unresolved(String, String),
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    #[error("{0} took longer than {1} seconds")]
    TimedOut(String, u64),
    #[error("the answer of {0} is larger than {1} bytes, or broke off")]
    Answer(String, usize),
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    /// As much of it as was asked for.
    pub body: Bytes,
}

/// Where a name leads.
pub(crate) async fn resolve(address: &ReplyAddress) -> Result<Vec<SocketAddr>, Unanswered> {
    let unresolved = |why: String| Unanswered::Unresolved(address.host.clone(), why);
    let looked_up = tokio::net::lookup_host((address.host.as_str(), address.port));
    let found = tokio::time::timeout(CONNECT, looked_up).await;
    let found = found.map_err(|_| unresolved("no answer".to_owned()))?;
    let found = found.map_err(|error| unresolved(error.to_string()))?;
    Ok(found.take(SOCKETS_MAX).collect())
}

/// The beginning of a request to an address.
pub(crate) fn request(address: &ReplyAddress) -> hyper::http::request::Builder {
    let uri: hyper::Uri = address.as_str().parse().unwrap_or_default();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    Request::post(path).header(HOST, host)
}

/// Posts a request to one of the sockets and takes up to so many bytes of the answer; none is read
/// where none is wanted. All of it has one time limit.
pub(crate) async fn send(
    tls: Arc<rustls::ClientConfig>,
    address: &ReplyAddress,
    sockets: &[SocketAddr],
    request: Request<Body>,
    answer_bytes_max: usize,
    within: Duration,
) -> Result<Answer, Unanswered> {
    let exchange = exchange(tls, address, sockets, request, answer_bytes_max);
    match tokio::time::timeout(within, exchange).await {
        Ok(answer) => answer,
        Err(_) => Err(Unanswered::TimedOut(address.host.clone(), within.as_secs())),
    }
}

async fn exchange(
    tls: Arc<rustls::ClientConfig>,
    address: &ReplyAddress,
    sockets: &[SocketAddr],
    request: Request<Body>,
    answer_bytes_max: usize,
) -> Result<Answer, Unanswered> {
    let failed = |error: &dyn std::fmt::Display| {
        Unanswered::Unreachable(address.host.clone(), error.to_string())
    };
    let connecting = tokio::time::timeout(CONNECT, TcpStream::connect(sockets)).await;
    let tcp = connecting.map_err(|_| failed(&"no connection in time"))?;
    let tcp = tcp.map_err(|error| failed(&error))?;
    let name = ServerName::try_from(address.host.clone()).map_err(|error| failed(&error))?;
    let stream = tokio::time::timeout(CONNECT, TlsConnector::from(tls).connect(name, tcp)).await;
    let stream = stream.map_err(|_| failed(&"no TLS in time"))?.map_err(|error| failed(&error))?;
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| failed(&error))?;
    // It ends with the exchange, or with its time.
    let _connection = AbortOnDrop(tokio::spawn(connection));
    let response = sender.send_request(request).await.map_err(|error| failed(&error))?;
    let status = response.status().as_u16();
    if answer_bytes_max == 0 {
        return Ok(Answer { status, body: Bytes::new() });
    }
    let body = Limited::new(response.into_body(), answer_bytes_max).collect().await;
    let body = body.map_err(|_| Unanswered::Answer(address.host.clone(), answer_bytes_max))?;
    Ok(Answer { status, body: body.to_bytes() })
}

struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Milliseconds until the next try: 2 seconds, then twice as long each time, up to a longest.
pub(crate) fn back_off(tries: u32, longest: i64) -> i64 {
    (1_000_i64 << tries.saturating_add(1).min(20)).min(longest)
}
