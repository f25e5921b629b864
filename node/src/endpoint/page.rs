//! Pages for people, beside the SOAP endpoints: a GET and a bounded POST over mutual TLS.
//!
//! A browser presents its certificate to whoever asks it to, so a POST must come from the page itself:
//! what the browser says of its origin decides. A program says nothing of it, and needs not.

use super::Node;
use super::http::{header, peer};
use super::serve::identify;
use crate::audit::{Audit, AuditEvent, AuditKind, Outcome};
use crate::caller::{Caller, Peer};
use crate::xua::{PUBLIC_REASON, Presented};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN};
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A POST that has arrived whole.
pub struct PageRequest {
    pub caller: Caller,
    /// As received.
    pub content_type: String,
    pub body: Bytes,
    pub correlation_id: Uuid,
}

/// Why a request got no further than the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    pub reason: String,
}

/// Which form of an answer a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A browser's.
    Html,
    Json,
}

pub struct PageReply {
    /// HTTP status.
    pub status: u16,
    pub body: String,
    /// What is recorded before the answer leaves; a page that shows nothing of anybody has none.
    pub audit: Option<AuditEvent>,
}

/// What a page does.
#[async_trait]
pub trait PageService: Send + Sync {
    /// The word for it in records and metrics.
    fn name(&self) -> &'static str;

    /// The Content-Security-Policy of its HTML.
    fn security_policy(&self) -> &str;

    fn body_bytes_max(&self) -> u64;

    /// Whether this system may use it at all; asked before a body is read.
    fn admit(&self, caller: &Caller) -> Result<(), Refused>;

    fn get(&self, caller: &Caller) -> PageReply;

    async fn post(&self, request: PageRequest, form: Form) -> PageReply;

    fn refuse(&self, refused: &Refused, form: Form) -> PageReply;
}

/// A page with its place and its audit chain.
#[derive(Clone)]
pub struct Page {
    pub path: &'static str,
    pub service: Arc<dyn PageService>,
    pub audit: Audit,
    pub node: Arc<Node>,
}

pub(super) fn mount(page: &Page, config: &mut ServiceConfig) {
    let (get, post) = (page.clone(), page.clone());
    config.service(
        web::resource(page.path)
            .route(web::get().to(move |request: HttpRequest| show(request, get.clone())))
            .route(web::post().to(move |request, payload| take(request, payload, post.clone())))
            .default_service(web::to(|| async { HttpResponse::MethodNotAllowed().finish() })),
    );
}

/// What a browser says of where a request comes from.
#[derive(Clone, Copy, Debug, Default)]
struct Provenance<'a> {
    fetch_site: Option<&'a str>,
    origin: Option<&'a str>,
    host: Option<&'a str>,
}

impl Provenance<'_> {
    /// `none` is a person's own doing: a reload, a bookmark. No word at all is no browser's.
    fn is_own(self) -> bool {
        match (self.fetch_site, self.origin) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => {
                origin.strip_prefix("https://").is_some_and(|host| Some(host) == self.host)
            }
            (None, None) => true,
        }
    }
}

fn wanted(request: &HttpRequest) -> Form {
    match header(request, ACCEPT) {
        Some(accept) if accept.contains("text/html") => Form::Html,
        _ => Form::Json,
    }
}

async fn show(request: HttpRequest, page: Page) -> HttpResponse {
    let form = Form::Html;
    match admitted(&request, &page) {
        Ok(caller) => respond(&page, page.service.get(&caller), form),
        Err(refused) => respond(&page, page.service.refuse(&refused.1, form), form),
    }
}

fn admitted(request: &HttpRequest, page: &Page) -> Result<Caller, Box<(Option<Caller>, Refused)>> {
    let caller = identify(&peer(request))
        .map_err(|fault| Box::new((None, Refused { status: 403, reason: fault.reason })))?;
    match page.service.admit(&caller) {
        Ok(()) => Ok(caller),
        Err(refused) => Err(Box::new((Some(caller), refused))),
    }
}

async fn take(request: HttpRequest, payload: Payload, page: Page) -> HttpResponse {
    let (started, form) = (Instant::now(), wanted(&request));
    let result = match admitted(&request, &page) {
        Err(refused) => Err(refused),
        Ok(caller) => match read(&request, payload, &page).await {
            Err(refused) => Err(Box::new((Some(caller), refused))),
            Ok(body) => Ok((caller, body)),
        },
    };
    let content_type = header(&request, CONTENT_TYPE).unwrap_or_default().to_owned();
    let (of, runtime) = (page.clone(), page.node.runtime.clone());
    let claimed = peer(&request);
    let authorization = header(&request, AUTHORIZATION).and_then(|value| value.split_once(' '));
    let bearer = authorization.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = bearer.map(|(_, token)| token.trim().to_owned());
    let answer = async move {
        let result = match result {
            Ok((caller, body)) => match person(&of, &claimed, caller, token.as_deref()).await {
                Ok(caller) => Ok((caller, body)),
                Err(reply) => return recorded(&of, of.unproved(*reply, form), started).await,
            },
            Err(refused) => Err(refused),
        };
        let reply = match result {
            Ok((caller, body)) => {
                let correlation_id = crate::ids::uuid();
                let posted =
                    PageRequest { caller: caller.clone(), content_type, body, correlation_id };
                let reply = of.service.post(posted, form).await;
                let audit = reply.audit.map(|audit| audit.by(&caller));
                PageReply { audit, ..reply }
            }
            Err(refused) => {
                let (caller, refused) = *refused;
                let reply = of.service.refuse(&refused, form);
                let audit = reply.audit.map(|audit| match &caller {
                    Some(caller) => audit.by(caller),
                    None => audit.claimed_by(claimed.certificate.as_ref()),
                });
                PageReply { audit, ..reply }
            }
        };
        recorded(&of, reply, started).await
    };
    match runtime.spawn(answer).await {
        Ok(Ok(reply)) => respond(&page, reply, form),
        // What cannot be recorded is not answered.
        Ok(Err(())) | Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// The caller with the person whom a bearer token names, or why that is not believed.
async fn person(
    page: &Page,
    peer: &Peer,
    mut caller: Caller,
    token: Option<&str>,
) -> Result<Caller, Box<(Caller, String)>> {
    let Some(token) = token else { return Ok(caller) };
    let Some(xua) = &page.node.xua else {
        return Err(Box::new((caller, "no issuer of tokens is trusted here".to_owned())));
    };
    let presented = Presented::by(&caller, peer);
    match xua.bearer().verify(token, &presented).await {
        Ok(user) => {
            caller.claimed_for = Some(user.organisation.clone());
            caller.user = Some(user);
            Ok(caller)
        }
        Err(refused) => {
            crate::telemetry::assertion_refused(page.audit.service(), refused.code());
            Err(Box::new((caller, format!("{}: {refused}", refused.code()))))
        }
    }
}

impl Page {
    /// The reason is for the record alone.
    fn unproved(&self, (caller, reason): (Caller, String), form: Form) -> PageReply {
        let refused = Refused { status: 401, reason: PUBLIC_REASON.to_owned() };
        let kind = AuditKind::UserAuthenticationFailure;
        let event = AuditEvent::new(self.audit.service(), kind, Outcome::SeriousFailure);
        let audit = Some(event.by(&caller).because(reason));
        PageReply { audit, ..self.service.refuse(&refused, form) }
    }
}

async fn recorded(page: &Page, reply: PageReply, started: Instant) -> Result<PageReply, ()> {
    let outcome = if reply.status < 400 { "success" } else { "failure" };
    let service = page.audit.service();
    crate::telemetry::answered(service, page.service.name(), outcome, started.elapsed());
    let Some(audit) = reply.audit.clone() else { return Ok(reply) };
    match page.audit.record(audit).await {
        Ok(_) => Ok(reply),
        Err(error) => {
            tracing::error!(service, %error, "audit failed");
            Err(())
        }
    }
}

async fn read(request: &HttpRequest, mut payload: Payload, page: &Page) -> Result<Bytes, Refused> {
    let provenance = Provenance {
        fetch_site: request.headers().get("Sec-Fetch-Site").and_then(|v| v.to_str().ok()),
        origin: header(request, ORIGIN),
        host: header(request, HOST),
    };
    if !provenance.is_own() {
        let reason = "the request comes from another site's page: open the form at this address and send it from there";
        return Err(Refused { status: 403, reason: reason.to_owned() });
    }
    let most = page.service.body_bytes_max();
    let too_large = || Refused {
        status: 413,
        reason: format!("the document is larger than the limit of {most} bytes: export it smaller"),
    };
    let declared = header(request, CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let read = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let broken = |_| Refused {
                status: 400,
                reason: "the request was cut off on its way: send it again".to_owned(),
            };
            let chunk = chunk.map_err(broken)?;
            if (body.len() + chunk.len()) as u64 > most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let deadline = Duration::from_secs(page.node.limits.receive_seconds_max);
    let late = |_| Refused {
        status: 408,
        reason: "the request took too long to arrive: send it again".to_owned(),
    };
    tokio::time::timeout(deadline, read).await.map_err(late)?
}

fn respond(page: &Page, reply: PageReply, form: Form) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = HttpResponse::build(status);
    builder
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Cache-Control", "no-store"))
        // Not no-referrer: under that browsers hide a form's own origin.
        .insert_header(("Referrer-Policy", "same-origin"));
    if reply.status == 503 {
        builder.insert_header(("Retry-After", "30"));
    }
    if reply.status == 413 || reply.status == 408 {
        builder.force_close();
    }
    match form {
        Form::Html => builder
            .insert_header(("Content-Security-Policy", page.service.security_policy()))
            .content_type("text/html; charset=utf-8")
            .body(reply.body),
        Form::Json => builder.content_type("application/json").body(reply.body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_comes_from_the_page_itself_or_from_no_browser() {
        let of =
            |fetch_site, origin| Provenance { fetch_site, origin, host: Some("hub:8442") }.is_own();
        assert!(of(None, None), "a program");
        assert!(of(Some("same-origin"), Some("https://hub:8442")));
        assert!(of(Some("none"), None));
        assert!(of(None, Some("https://hub:8442")));
        for site in ["cross-site", "same-site", ""] {
            assert!(!of(Some(site), Some("https://hub:8442")), "{site}");
        }
        for origin in ["https://hub", "http://hub:8442", "https://evil", "null", ""] {
            assert!(!of(None, Some(origin)), "{origin}");
        }
    }
}
