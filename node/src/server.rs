//! Listeners: TLS, the peer's certificate, graceful drain. A server takes a bound socket, so that
//! tests own the port.

use crate::audit::{Audit, AuditEvent, AuditKind, Outcome};
use crate::caller::Peer;
use crate::endpoint::{Mounted, mount};
use crate::tls::{HandshakeRefused, Trusted, WatchingVerifier};
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, Server};
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpServer};
use std::any::Any;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Starts serving a listener; the future runs until it is stopped.
pub fn serve(
    listener: TcpListener,
    tls: rustls::ServerConfig,
    verifier: Arc<WatchingVerifier>,
    mounted: Mounted,
    workers: usize,
) -> std::io::Result<Server> {
    let server = HttpServer::new(move || App::new().configure(mount(mounted.clone())))
        .workers(workers)
        .on_connect(move |connection, data| remember_peer(connection, data, &verifier))
        .client_request_timeout(Duration::from_secs(30))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(30)
        .disable_signals()
        .listen_rustls_0_23(listener, tls)?;
    Ok(server.run())
}

fn remember_peer(connection: &dyn Any, data: &mut Extensions, verifier: &Arc<WatchingVerifier>) {
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else { return };
    let (tcp, session) = stream.get_ref();
    let _ = tcp.set_nodelay(true);
    let Ok(address) = tcp.peer_addr() else { return };
    let chain = session.peer_certificates().unwrap_or_default();
    let certificate = chain.first().and_then(|der| verifier.holder(der));
    certificate.iter().for_each(|certificate| verifier.notice(certificate));
    let trusted = certificate.is_some().then(|| Trusted::new(verifier.clone(), chain));
    data.insert(Peer { address, certificate, trusted });
}

/// How often trust and revocation lists are looked at: what they say is in force within a second.
const LOOK: Duration = Duration::from_millis(250);

/// Records every handshake that a certificate fails, and reloads revocation lists when their file
/// changes.
pub fn watch_handshakes(
    verifier: Arc<WatchingVerifier>,
    audit: Audit,
    runtime: &tokio::runtime::Handle,
) {
    let (sender, mut refused) = tokio::sync::mpsc::unbounded_channel::<HandshakeRefused>();
    verifier.report_to(sender);
    runtime.spawn(async move {
        while let Some(refusal) = refused.recv().await {
            crate::telemetry::handshake_refused(audit.service());
            let kind = AuditKind::NodeAuthenticationFailure;
            let event = AuditEvent::new(audit.service(), kind, Outcome::SeriousFailure)
                .claimed_by(refusal.certificate.as_ref())
                .because(format!("refused certificate, its names are claims: {}", refusal.reason));
            if let Err(error) = audit.record(event).await {
                tracing::error!(service = audit.service(), %error, "audit failed");
            }
        }
    });
    runtime.spawn(async move {
        let mut seen = modified(&verifier);
        loop {
            tokio::time::sleep(LOOK).await;
            let now = modified(&verifier);
            if now != seen {
                match verifier.reload() {
                    Ok(()) => tracing::info!("trust and revocation lists reloaded"),
                    Err(error) => tracing::error!(%error, "revocation list not reloaded; the old one stays in force"),
                }
                seen = now;
            }
        }
    });
}

fn modified(verifier: &WatchingVerifier) -> [Option<SystemTime>; 2] {
    let identity = verifier.identity();
    let time =
        |path: &std::path::Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    [identity.revoked.as_deref().and_then(time), time(&identity.trust)]
}
