//! A sender of HL7 v2 messages: one connection with mutual TLS, message by message.

use crate::wire::Certificate;
use node::tls::Identity;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use schemas::hl7v2::acknowledgement::Acknowledgement;
use schemas::hl7v2::mllp::{Deframer, frame};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub struct Feed {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

impl Feed {
    /// Connects to `mllps://host:port`.
    pub fn connect(url: &str, ca: &Path, certificate: Option<Certificate>) -> Self {
        let address = url.strip_prefix("mllps://").expect("an MLLP address");
        let shown =
            certificate.clone().unwrap_or(Certificate { certificate: ca.into(), key: ca.into() });
        let identity = Identity {
            certificate: shown.certificate,
            key: shown.key,
            trust: ca.to_owned(),
            revoked: None,
        };
        let config = match certificate {
            Some(_) => identity.client_config().expect("a client's identity"),
            None => {
                let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
                rustls::ClientConfig::builder_with_provider(provider)
                    .with_safe_default_protocol_versions()
                    .expect("protocol versions")
                    .with_root_certificates(identity.roots().expect("an authority"))
                    .with_no_client_auth()
            }
        };
        let name = ServerName::try_from("127.0.0.1").expect("an address");
        let session = ClientConnection::new(Arc::new(config), name).expect("a session");
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        Self { stream: StreamOwned::new(session, stream) }
    }

    /// Sends bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// The next answers, as many as wanted; an error where the connection ends first.
    pub fn answers(&mut self, count: usize) -> std::io::Result<Vec<Acknowledgement>> {
        let mut deframer = Deframer::new(1 << 20);
        let mut answers = Vec::new();
        let mut buffer = [0; 4096];
        while answers.len() < count {
            let read = self.stream.read(&mut buffer)?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let mut rest = &buffer[..read];
            while !rest.is_empty() {
                let (taken, message) = deframer.read(rest).expect("a short answer");
                rest = &rest[taken..];
                let read = message.map(|message| Acknowledgement::read(&message));
                answers.extend(read.transpose().expect("an acknowledgement"));
            }
        }
        Ok(answers)
    }

    /// Sends a message and waits for its acknowledgement.
    pub fn send(&mut self, message: &str) -> Acknowledgement {
        self.write(&frame(message.as_bytes())).expect("it can be sent");
        self.answers(1).expect("an answer").remove(0)
    }
}
