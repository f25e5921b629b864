//! One attempt to send an answer: the name is resolved, what it resolves to is checked, and the
//! connection goes to exactly that.

use super::address::{AllowList, ReplyAddress};
use crate::post::{self, Body, Unanswered};
use futures_util::StreamExt;
use http_body_util::{BodyExt, StreamBody};
use hyper::Request;
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;

const EXCHANGE: Duration = Duration::from_secs(300);

#[derive(Debug, thiserror::Error)]
pub(super) enum Undelivered {
    #[error("{0} is not on the list of reply addresses")]
    NotListed(String),
    #[error("{0} resolves to an address inside this network, which is not listed")]
    Inside(String),
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("{0} answered HTTP {1}")]
    Refused(String, u16),
    #[error("the kept answer cannot be read: {0}")]
    Lost(std::io::Error),
}

/// Where an address leads, by the rules.
pub(super) async fn resolve(
    list: &AllowList,
    address: &ReplyAddress,
) -> Result<Vec<SocketAddr>, Undelivered> {
    let mut allowed = post::resolve(address).await?;
    allowed.retain(|socket| list.may_connect(address, socket.ip()));
    if allowed.is_empty() { Err(Undelivered::Inside(address.host.clone())) } else { Ok(allowed) }
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
    let sockets = resolve(list, address).await?;
    let request = request(address, content_type, answer).await?;
    let answer = post::send(tls, address, &sockets, request, 0, EXCHANGE).await?;
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    Err(Undelivered::Refused(address.host.clone(), answer.status))
}

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
                Some((Ok(bytes::Bytes::from(chunk)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    });
    post::request(address)
        .header(CONTENT_TYPE, content_type)
        .header(CONTENT_LENGTH, length)
        .body(BodyExt::boxed(StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data)))))
        .map_err(|error| Undelivered::Lost(std::io::Error::other(error)))
}
