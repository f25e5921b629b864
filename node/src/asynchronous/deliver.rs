//! One attempt to send an answer: the name is resolved, what it resolves to is checked, and the
//! connection goes to exactly that. Redirections are not followed.

use super::address::{AllowList, ReplyAddress};
use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::Request;
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const CONNECT: Duration = Duration::from_secs(5);
const EXCHANGE: Duration = Duration::from_secs(300);

#[derive(Debug, thiserror::Error)]
pub(super) enum Undelivered {
    #[error("{0} is not on the list of reply addresses")]
    NotListed(String),
    #[error("{0} resolves to an address inside this network, which is not listed")]
    Inside(String),
    #[error("{0} cannot be resolved: {1}")]
    Unresolved(String, String),
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    #[error("{0} answered HTTP {1}")]
    Refused(String, u16),
    #[error("{0} took longer than {1} seconds")]
    TimedOut(String, u64),
    #[error("the kept answer cannot be read: {0}")]
    Lost(std::io::Error),
}

/// Where an address leads, by the rules.
pub(super) async fn resolve(
    list: &AllowList,
    address: &ReplyAddress,
) -> Result<Vec<SocketAddr>, Undelivered> {
    let host = || address.host.clone();
    let looked_up = tokio::net::lookup_host((address.host.as_str(), address.port));
    let found = tokio::time::timeout(CONNECT, looked_up).await;
    let found = found.map_err(|_| Undelivered::Unresolved(host(), "no answer".to_owned()))?;
    let found = found.map_err(|error| Undelivered::Unresolved(host(), error.to_string()))?;
    let allowed: Vec<_> =
        found.filter(|socket| list.may_connect(address, socket.ip())).take(8).collect();
    if allowed.is_empty() { Err(Undelivered::Inside(host())) } else { Ok(allowed) }
}

/// Posts an answer; any 2xx is its delivery.
pub(super) async fn post(
    list: &AllowList,
    tls: Arc<rustls::ClientConfig>,
    address: &ReplyAddress,
    content_type: &str,
    answer: &Path,
) -> Result<(), Undelivered> {
    if !list.permits(address) {
        return Err(Undelivered::NotListed(address.host.clone()));
    }
    let exchange = exchange(list, tls, address, content_type, answer);
    match tokio::time::timeout(EXCHANGE, exchange).await {
        Ok(result) => result,
        Err(_) => Err(Undelivered::TimedOut(address.host.clone(), EXCHANGE.as_secs())),
    }
}

async fn exchange(
    list: &AllowList,
    tls: Arc<rustls::ClientConfig>,
    address: &ReplyAddress,
    content_type: &str,
    answer: &Path,
) -> Result<(), Undelivered> {
    let failed = |error: &dyn std::fmt::Display| unreachable(address, error.to_string());
    let sockets = resolve(list, address).await?;
    let connecting = tokio::time::timeout(CONNECT, TcpStream::connect(&sockets[..])).await;
    let tcp = connecting.map_err(|_| failed(&"no connection in time"))?;
    let tcp = tcp.map_err(|error| failed(&error))?;
    let name = ServerName::try_from(address.host.clone()).map_err(|error| failed(&error))?;
    let connector = TlsConnector::from(tls);
    let stream = tokio::time::timeout(CONNECT, connector.connect(name, tcp)).await;
    let stream = stream.map_err(|_| failed(&"no TLS in time"))?.map_err(|error| failed(&error))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|e| failed(&e))?;
    // It ends with the exchange, or with its time.
    let connection = tokio::spawn(connection);
    let request = request(address, content_type, answer).await?;
    let response = sender.send_request(request).await;
    connection.abort();
    let status = response.map_err(|error| failed(&error))?.status();
    if status.is_success() {
        return Ok(());
    }
    Err(Undelivered::Refused(address.host.clone(), status.as_u16()))
}

fn unreachable(address: &ReplyAddress, reason: String) -> Undelivered {
    Undelivered::Unreachable(address.host.clone(), reason)
}

type Body = BoxBody<Bytes, std::io::Error>;

async fn request(
    address: &ReplyAddress,
    content_type: &str,
    answer: &Path,
) -> Result<Request<Body>, Undelivered> {
    let file = tokio::fs::File::open(answer).await.map_err(Undelivered::Lost)?;
    let length = file.metadata().await.map_err(Undelivered::Lost)?.len();
    let chunks = futures_util::stream::unfold(file, |mut file| async move {
        let mut chunk = vec![0; 128 * 1024];
        match file.read(&mut chunk).await {
            Ok(0) => None,
            Ok(count) => {
                chunk.truncate(count);
                Some((Ok(Bytes::from(chunk)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    });
    let uri: hyper::Uri =
        address.as_str().parse().map_err(|_| unreachable(address, "no address".to_owned()))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    Request::post(path)
        .header(HOST, host)
        .header(CONTENT_TYPE, content_type)
        .header(CONTENT_LENGTH, length)
        .body(BodyExt::boxed(StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data)))))
        .map_err(|error| unreachable(address, error.to_string()))
}
