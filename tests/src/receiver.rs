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
    /// SOAPAction, as it stands in the header.
    pub soap_action: Option<String>,
    pub body: Vec<u8>,
}

/// What a receiver answers.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    pub status: u16,
    pub body: String,
    /// Milliseconds that it takes its time.
    pub after: u64,
}

impl Scripted {
    /// A status with nothing else.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, body: body.into(), after: 0 }
    }
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
        let script: Vec<_> = statuses.iter().copied().map(Scripted::status).collect();
        self.serve_script(pki, &script)
    }

    /// The same with answers that say something.
    pub fn serve_script(self, pki: &Path, script: &[Scripted]) -> ReplyReceiver {
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
        let script = script.to_vec();
        std::thread::spawn(move || serve(&self.listener, &Arc::new(tls), &script, &sender));
        ReplyReceiver { deliveries }
    }
}

impl ReplyReceiver {
    /// The next post; waits for it.
    pub fn next(&self) -> Delivery {
        self.deliveries.recv_timeout(Duration::from_secs(60)).expect("an answer is posted")
    }

    /// Whether nothing has been posted that was not taken yet.
    pub fn is_quiet(&self) -> bool {
        self.deliveries.try_recv().is_err()
    }
}

fn serve(
    listener: &TcpListener,
    tls: &Arc<rustls::ServerConfig>,
    script: &[Scripted],
    sender: &Sender<Delivery>,
) {
    let mut script = script.iter();
    let mut answer = &Scripted::status(202);
    for stream in listener.incoming().flatten() {
        answer = script.next().unwrap_or(answer);
        let Some(delivery) = take(stream, tls.clone(), answer) else { continue };
        if sender.send(delivery).is_err() {
            return;
        }
    }
}

fn take(tcp: TcpStream, tls: Arc<rustls::ServerConfig>, scripted: &Scripted) -> Option<Delivery> {
    let status = scripted.status;
    let connection = rustls::ServerConnection::new(tls).ok()?;
    let mut stream = BufReader::new(rustls::StreamOwned::new(connection, tcp));
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut content_type, mut soap_action, mut length) = (String::new(), None, 0);
    loop {
        line.clear();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-type" => content_type = value.to_owned(),
            "soapaction" => soap_action = Some(value.to_owned()),
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
    std::thread::sleep(Duration::from_millis(scripted.after));
    let (length, said) = (scripted.body.len(), &scripted.body);
    let answer =
        format!("HTTP/1.1 {status} -\r\n{elsewhere}Content-Length: {length}\r\n\r\n{said}");
    stream.write_all(answer.as_bytes()).ok()?;
    stream.flush().ok()?;
    stream.conn.send_close_notify();
    let _ = stream.flush();
    Some(Delivery { system, path, content_type, soap_action, body })
}
