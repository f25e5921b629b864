//! MLLP inside mutual TLS: HL7 v2 messages in frames, each answered on its connection, in order
//! (ITI TF-2 3.8, ITI-19).

use crate::audit::{Audit, AuditEvent, AuditKind, Outcome};
use crate::caller::{Caller, Peer};
use crate::endpoint::identify;
use crate::tls::{Trusted, WatchingVerifier};
use async_trait::async_trait;
use schemas::hl7v2::mllp::{Deframer, frame};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a connection may cost.
#[derive(Clone, Copy, Debug)]
pub struct MllpLimits {
    pub message_bytes_max: usize,
    pub connections_max: usize,
    /// For a handshake, for a message to arrive once it has begun, for an answer to be taken.
    pub message_seconds_max: u64,
    /// Between two messages.
    pub idle_seconds_max: u64,
}

impl Default for MllpLimits {
    fn default() -> Self {
        Self {
            message_bytes_max: 1024 * 1024,
            connections_max: 64,
            message_seconds_max: 30,
            idle_seconds_max: 600,
        }
    }
}

/// Who answers messages.
#[async_trait]
pub trait MllpService: Send + Sync {
    /// The acknowledgement of a message; `None` closes the connection. What the message did is
    /// durable and on record when this returns.
    async fn receive(&self, caller: &Caller, message: &[u8]) -> Option<Vec<u8>>;
}

/// A listener with everything that its connections share.
pub struct MllpListener {
    pub tls: rustls::ServerConfig,
    pub verifier: Arc<WatchingVerifier>,
    pub service: Arc<dyn MllpService>,
    pub audit: Audit,
    pub limits: MllpLimits,
}

/// A listener that runs.
pub struct MllpHandle {
    stop: watch::Sender<bool>,
    connections: Arc<Semaphore>,
    connections_max: u32,
}

impl MllpHandle {
    /// Takes nothing new, answers what has begun.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let all = self.connections.acquire_many(self.connections_max);
        let _ = timeout(Duration::from_secs(30), all).await;
    }
}

/// Serves a bound socket; to be called inside the runtime.
pub fn serve(
    socket: std::net::TcpListener,
    mut listener: MllpListener,
) -> std::io::Result<MllpHandle> {
    socket.set_nonblocking(true)?;
    let socket = TcpListener::from_std(socket)?;
    listener.tls.alpn_protocols.clear();
    let (stop, stopped) = watch::channel(false);
    let connections_max = u32::try_from(listener.limits.connections_max).unwrap_or(u32::MAX);
    let connections = Arc::new(Semaphore::new(listener.limits.connections_max));
    let handle = MllpHandle { stop, connections: connections.clone(), connections_max };
    tokio::spawn(accept(socket, Arc::new(listener), connections, stopped));
    Ok(handle)
}

async fn accept(
    socket: TcpListener,
    listener: Arc<MllpListener>,
    connections: Arc<Semaphore>,
    mut stopped: watch::Receiver<bool>,
) {
    let acceptor = TlsAcceptor::from(Arc::new(listener.tls.clone()));
    loop {
        let accepted = tokio::select! {
            _ = stopped.changed() => return,
            accepted = socket.accept() => accepted,
        };
        let Ok((stream, address)) = accepted else {
            // Out of descriptors, say: not a reason to spin.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(permit) = connections.clone().try_acquire_owned() else {
            tracing::warn!("MLLP: too many connections, one was closed");
            continue;
        };
        let (acceptor, listener, stopped) = (acceptor.clone(), listener.clone(), stopped.clone());
        tokio::spawn(async move {
            let _permit = permit;
            connection(&acceptor, &listener, stream, address, stopped).await;
        });
    }
}

async fn connection(
    acceptor: &TlsAcceptor,
    listener: &MllpListener,
    stream: TcpStream,
    address: SocketAddr,
    stopped: watch::Receiver<bool>,
) {
    let patience = Duration::from_secs(listener.limits.message_seconds_max);
    let _ = stream.set_nodelay(true);
    // A certificate that fails is reported by the verifier.
    let Ok(Ok(stream)) = timeout(patience, acceptor.accept(stream)).await else { return };
    let peer = peer(&stream, address, &listener.verifier);
    match identify(&peer) {
        Ok(caller) => messages(listener, stream, &peer, &caller, stopped).await,
        Err(fault) => refused(listener, &peer, &fault.reason).await,
    }
}

fn peer(
    stream: &TlsStream<TcpStream>,
    address: SocketAddr,
    verifier: &Arc<WatchingVerifier>,
) -> Peer {
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let certificate = chain.first().and_then(|der| verifier.holder(der));
    let trusted = certificate.is_some().then(|| Trusted::new(verifier.clone(), chain));
    Peer { address, certificate, trusted }
}

async fn refused(listener: &MllpListener, peer: &Peer, reason: &str) {
    let kind = AuditKind::NodeAuthenticationFailure;
    let mut event = AuditEvent::new(listener.audit.service(), kind, Outcome::SeriousFailure)
        .claimed_by(peer.certificate.as_ref())
        .because(format!("MLLP connection closed: {reason}"));
    event.address = Some(peer.address.to_string());
    if let Err(error) = listener.audit.record(event).await {
        tracing::error!(service = listener.audit.service(), %error, "audit failed");
    }
}

/// One message after the other, until either side has had enough.
async fn messages(
    listener: &MllpListener,
    mut stream: TlsStream<TcpStream>,
    peer: &Peer,
    caller: &Caller,
    mut stopped: watch::Receiver<bool>,
) {
    let limits = listener.limits;
    let patience = Duration::from_secs(limits.message_seconds_max);
    let mut deframer = Deframer::new(limits.message_bytes_max);
    let mut buffer = vec![0; 16 * 1024];
    let mut until = Instant::now() + Duration::from_secs(limits.idle_seconds_max);
    loop {
        let read = tokio::select! {
            _ = stopped.changed(), if !deframer.is_inside() => break,
            read = timeout_at(until, stream.read(&mut buffer)) => read,
        };
        let Ok(Ok(count @ 1..)) = read else { break };
        let was_inside = deframer.is_inside();
        let mut rest = &buffer[..count];
        let mut answered = false;
        while !rest.is_empty() {
            let Ok((taken, message)) = deframer.read(rest) else {
                let what = format!("a message is larger than {} bytes", limits.message_bytes_max);
                return refused_message(listener, caller, &what).await;
            };
            rest = &rest[taken..];
            let Some(message) = message else { continue };
            if let Err(fault) = identify(peer) {
                return refused(listener, peer, &fault.reason).await;
            }
            let Some(answer) = listener.service.receive(caller, &message).await else { return };
            let answer = frame(&answer);
            let write = async {
                stream.write_all(&answer).await?;
                stream.flush().await
            };
            if !matches!(timeout(patience, write).await, Ok(Ok(()))) {
                return;
            }
            answered = true;
        }
        if deframer.is_inside() && (answered || !was_inside) {
            until = Instant::now() + patience;
        } else if !deframer.is_inside() {
            until = Instant::now() + Duration::from_secs(limits.idle_seconds_max);
        }
        if *stopped.borrow() && !deframer.is_inside() {
            break;
        }
    }
    let _ = timeout(Duration::from_secs(1), stream.shutdown()).await;
}

async fn refused_message(listener: &MllpListener, caller: &Caller, reason: &str) {
    let kind = AuditKind::UnknownRequest;
    let event = AuditEvent::new(listener.audit.service(), kind, Outcome::SeriousFailure)
        .by(caller)
        .because(format!("MLLP connection closed: {reason}"));
    if let Err(error) = listener.audit.record(event).await {
        tracing::error!(service = listener.audit.service(), %error, "audit failed");
    }
}
