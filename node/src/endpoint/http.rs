//! actix at the edge: it reads and writes, everything else runs on the node's runtime.

use super::Endpoint;
use super::page::{self, Page};
use super::reply::{HttpBody, HttpReply};
use super::serve::{identify, spool_fault};
use crate::caller::{Caller, Peer};
use crate::spool::{Received, Spool, SpoolError};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, EXPECT, HeaderName};
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use schemas::soap::fault::Fault;
use schemas::soap::mime::ContentType;
use std::sync::Arc;
use std::time::Duration;

/// The endpoints of one listener; the first one's service answers for readiness.
#[derive(Clone)]
pub struct Mounted {
    pub endpoints: Arc<Vec<Endpoint>>,
    pub pages: Arc<Vec<Page>>,
    /// `https://host:port`, for WSDL addresses.
    pub address: String,
}

/// Routes of one listener.
pub fn mount(mounted: Mounted) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        for endpoint in mounted.endpoints.iter() {
            let address = format!("{}{}", mounted.address, endpoint.path);
            let get = endpoint.clone();
            let post = endpoint.clone();
            config.service(
                web::resource(endpoint.path)
                    .route(web::get().to(move |request: HttpRequest| {
                        wsdl(request, get.clone(), address.clone())
                    }))
                    .route(
                        web::post()
                            .to(move |request, payload| soap(request, payload, post.clone())),
                    )
                    .default_service(web::to(|| async {
                        HttpResponse::MethodNotAllowed().finish()
                    })),
            );
        }
        mounted.pages.iter().for_each(|page| page::mount(page, config));
        config.app_data(web::Data::new(mounted));
        config.route("/health/live", web::get().to(|| async { HttpResponse::Ok().body("live\n") }));
        config.route("/health/ready", web::get().to(ready));
        config.route("/metrics", web::get().to(metrics));
    }
}

pub(super) fn header(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

pub(super) fn peer(request: &HttpRequest) -> Peer {
    request.conn_data::<Peer>().cloned().unwrap_or_else(|| Peer {
        address: request.peer_addr().unwrap_or_else(|| ([0, 0, 0, 0], 0).into()),
        certificate: None,
        trusted: None,
    })
}

async fn wsdl(request: HttpRequest, endpoint: Endpoint, address: String) -> HttpResponse {
    if !request.query_string().eq_ignore_ascii_case("wsdl") {
        let hint = format!("This is a SOAP endpoint. Its description is at {address}?wsdl\n");
        return HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(hint);
    }
    let text = schemas::wsdl::with_address(endpoint.service.wsdl(), &address);
    HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(text)
}

async fn ready(mounted: web::Data<Mounted>) -> HttpResponse {
    for endpoint in mounted.endpoints.iter() {
        let (service, audit) = (endpoint.service.clone(), endpoint.audit.clone());
        let task = endpoint.node.runtime.spawn(async move {
            audit.ready().await.map_err(|error| error.to_string())?;
            service.ready().await
        });
        match task.await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => {
                return HttpResponse::ServiceUnavailable().body(format!("not ready: {reason}\n"));
            }
            Err(_) => return HttpResponse::ServiceUnavailable().body("not ready\n"),
        }
    }
    HttpResponse::Ok().body("ready\n")
}

async fn metrics(request: HttpRequest, mounted: web::Data<Mounted>) -> HttpResponse {
    let peer = peer(&request);
    let operator = peer.certificate.as_ref().is_some_and(|certificate| {
        mounted.endpoints.iter().any(|endpoint| endpoint.node.hub.is_operator(certificate))
    });
    if !peer.address.ip().is_loopback() && !operator {
        let reason = "metrics are for loopback or an operator's certificate\n";
        return HttpResponse::Forbidden().body(reason);
    }
    let text = crate::telemetry::prometheus().render();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}

async fn soap(request: HttpRequest, payload: Payload, endpoint: Endpoint) -> HttpResponse {
    let peer = peer(&request);
    let reply = match admitted(&peer, &endpoint) {
        Err(refused) => early(&endpoint, peer, refused.0, refused.1).await,
        Ok(caller) => match receive(&request, payload, &endpoint).await {
            Ok(received) => {
                let (serving, of, by) = (endpoint.clone(), peer.clone(), caller.clone());
                let serve = async move { serving.serve(of, by, received).await };
                match endpoint.node.runtime.spawn(serve).await {
                    Ok(reply) => Some(reply),
                    // A panic is the hub's own fault; it is on record like any other failure.
                    Err(_) => {
                        let fault = Fault::receiver("the hub failed while it served the request");
                        early(&endpoint, peer, Some(caller), fault).await
                    }
                }
            }
            Err(fault) => early(&endpoint, peer, Some(caller), fault).await,
        },
    };
    reply.map_or_else(|| HttpResponse::InternalServerError().finish(), respond)
}

/// Who calls, and whether it may call here at all: known before a byte of the body is read.
fn admitted(peer: &Peer, endpoint: &Endpoint) -> Result<Caller, Box<(Option<Caller>, Fault)>> {
    let caller = identify(peer).map_err(|fault| Box::new((None, fault)))?;
    match endpoint.service.admit(&caller, None) {
        Ok(()) => Ok(caller),
        Err(fault) => Err(Box::new((Some(caller), fault))),
    }
}

/// An answer before the request's body is read to its end.
async fn early(
    endpoint: &Endpoint,
    peer: Peer,
    caller: Option<Caller>,
    fault: Fault,
) -> Option<HttpReply> {
    let endpoint = endpoint.clone();
    let runtime = endpoint.node.runtime.clone();
    let task = runtime.spawn(async move { endpoint.refuse_early(&peer, caller, fault).await });
    task.await.ok().map(|reply| HttpReply { close: true, ..reply })
}

async fn receive(
    request: &HttpRequest,
    mut payload: Payload,
    endpoint: &Endpoint,
) -> Result<Received, Fault> {
    let limits = endpoint.node.limits;
    let declared = header(request, actix_web::http::header::CONTENT_LENGTH)
        .and_then(|text| text.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limits.request_bytes_max) {
        return Err(Fault::too_large("the request", limits.request_bytes_max));
    }
    let _ = header(request, EXPECT);
    let content_type = ContentType::parse(header(request, CONTENT_TYPE).unwrap_or_default());
    let soap_action = request.headers().get("SOAPAction").and_then(|value| value.to_str().ok());
    let http_action = soap_action.or(content_type.parameter("action")).map(str::to_owned);
    let spool = endpoint.node.spool.clone();
    let deadline = Duration::from_secs(limits.receive_seconds_max);
    let read = async {
        let mut spool = Spool::new(&content_type, limits, &spool)?;
        while let Some(chunk) = payload.next().await {
            let chunk =
                chunk.map_err(|error| SpoolError::Io(std::io::Error::other(error.to_string())))?;
            spool.feed(&chunk)?;
        }
        spool.finish()
    };
    match tokio::time::timeout(deadline, read).await {
        Ok(Ok(received)) => Ok(Received { http_action, ..received }),
        Ok(Err(error)) => Err(spool_fault(&error)),
        Err(_) => Err(Fault::sender("the request took too long to arrive")),
    }
}

fn respond(reply: HttpReply) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = HttpResponse::build(status);
    if !reply.content_type.is_empty() {
        builder.insert_header((CONTENT_TYPE, reply.content_type));
    }
    builder.insert_header(("X-Content-Type-Options", "nosniff"));
    builder.insert_header(("Cache-Control", "no-store"));
    if reply.close {
        builder.force_close();
    }
    match reply.body {
        HttpBody::Whole(bytes) => builder.body(bytes),
        HttpBody::Stream(going) => {
            let stream = futures_util::stream::unfold(going, |mut going| async move {
                going.next().await.map(|chunk| (chunk, going))
            });
            builder.streaming(stream)
        }
    }
}
