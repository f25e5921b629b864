//! A system that takes asynchronous answers: HTTPS with mutual TLS, one connection at a time.

use hub::pki::{DevelopmentPki, Validity};
use node::caller::PeerCertificate;
use node::tls::Identity;
use schemas::ods_code::OdsCode;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// A port that nobody answers at until it is served.
pub struct ReplyPort {
    port: u16,
    listener: TcpListener,
}

/// What was posted.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// CN of the certificate of whoever posted it.
    pub system: String,
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Delivery {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub struct ReplyReceiver {
    pub deliveries: Receiver<Delivery>,
}

impl Default for ReplyPort {
    fn default() -> Self {
        Self::bind()
    }
}

impl ReplyPort {
    pub fn bind() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        Self { port, listener }
    }

    /// Frees the port, to be taken again by [`ReplyPort::again`].
    pub fn close(self) -> u16 {
        self.port
    }

    pub fn again(port: u16) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { port, listener: TcpListener::bind(address).expect("the port again") }
    }

    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}/async", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers posts with these statuses in turn, the last one for ever; `pki` is the folder of a
    /// development hub.
    pub fn serve(self, pki: &Path, statuses: &[u16]) -> ReplyReceiver {
        let folder = pki.join("clients");
        let ods = OdsCode::parse("RXN").expect("an ODS code");
        let authority = DevelopmentPki { folder: pki.to_owned() };
        authority
            .issue(&folder, "receiver", "receiver", &ods, true, Validity::default())
            .expect("a certificate");
        let identity = Identity {
            certificate: folder.join("receiver.pem"),
            key: folder.join("receiver.key"),
            trust: pki.join("ca.pem"),
            revoked: None,
        };
        let (tls, _) = identity.server_config().expect("a server");
        let (sender, deliveries) = channel();
        let statuses = statuses.to_vec();
        std::thread::spawn(move || serve(&self.listener, &Arc::new(tls), &statuses, &sender));
        ReplyReceiver { deliveries }
    }
}

impl ReplyReceiver {
    /// The next post; waits for it.
    pub fn next(&self) -> Delivery {
        self.deliveries.recv_timeout(Duration::from_secs(60)).expect("an answer is posted")
    }
}

fn serve(
    listener: &TcpListener,
    tls: &Arc<rustls::ServerConfig>,
    statuses: &[u16],
    sender: &Sender<Delivery>,
) {
    let mut statuses = statuses.iter().copied();
    let mut status = 202;
    for stream in listener.incoming().flatten() {
        status = statuses.next().unwrap_or(status);
        let Some(delivery) = take(stream, tls.clone(), status) else { continue };
        if sender.send(delivery).is_err() {
            return;
        }
    }
}

fn take(tcp: TcpStream, tls: Arc<rustls::ServerConfig>, status: u16) -> Option<Delivery> {
    let connection = rustls::ServerConnection::new(tls).ok()?;
    let mut stream = BufReader::new(rustls::StreamOwned::new(connection, tcp));
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut content_type, mut length) = (String::new(), 0);
    loop {
        line.clear();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-type" => content_type = value.to_owned(),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let stream = stream.get_mut();
    let certificates = stream.conn.peer_certificates()?;
    let system = PeerCertificate::read(certificates.first()?)?.system;
    let elsewhere = if status == 302 { "Location: https://127.0.0.1:9/\r\n" } else { "" };
    let answer = format!("HTTP/1.1 {status} -\r\n{elsewhere}Content-Length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).ok()?;
    stream.flush().ok()?;
    stream.conn.send_close_notify();
    let _ = stream.flush();
    Some(Delivery { system, path, content_type, body })
}
