//! Somebody who knows whose numbers are whose: local servers that speak PDS FHIR and the Spine mini
//! services, over TLS, with the people of `fixtures/patients.csv`.

mod fhir;
mod people;
mod smsp;

pub use people::Known;

use hub::pki::{DevelopmentPki, Validity};
use node::tls::Identity;
use schemas::ods_code::OdsCode;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A request as it was heard.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    pub method: String,
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Whether the caller showed a certificate.
    pub certified: bool,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// Status, media type and body.
type Said = (u16, &'static str, String);
type Speaker = fn(&Heard, &Spoken) -> Said;

/// What the server knows, and how it is asked to misbehave.
#[derive(Default)]
pub struct Spoken {
    pub people: Vec<Known>,
    /// Said instead of an answer: an HTTP status, or a response code of the mini services.
    pub instead: Option<String>,
    pub heard: Vec<Heard>,
}

/// A running server; it ends with the process.
#[derive(Clone)]
pub struct PdsServer {
    url: String,
    spoken: Arc<Mutex<Spoken>>,
}

impl PdsServer {
    /// PDS FHIR; `pki` is the folder of a development hub.
    pub fn fhir(pki: &Path) -> Self {
        Self::start(pki, "/personal-demographics/FHIR/R4", fhir::answer)
    }

    /// The mini services.
    pub fn smsp(pki: &Path) -> Self {
        Self::start(pki, "/smsp/pds", smsp::answer)
    }

    fn start(pki: &Path, path: &str, speaker: Speaker) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let tls = Arc::new(server_config(pki));
        let spoken = Spoken { people: people::of_the_fixtures(), ..Spoken::default() };
        let spoken = Arc::new(Mutex::new(spoken));
        let shared = spoken.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, shared) = (tls.clone(), shared.clone());
                std::thread::spawn(move || serve(stream, tls, &shared, speaker));
            }
        });
        Self { url: format!("https://127.0.0.1:{port}{path}"), spoken }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Changes what it knows or says.
    pub fn with<T>(&self, change: impl FnOnce(&mut Spoken) -> T) -> T {
        change(&mut self.spoken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes one person.
    pub fn person(&self, number: &str, change: impl FnOnce(&mut Known)) {
        self.with(|spoken| {
            let person = spoken.people.iter_mut().find(|known| known.number == number);
            change(person.expect("somebody of the fixtures"));
        });
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.with(|spoken| spoken.heard.clone())
    }
}

fn server_config(pki: &Path) -> rustls::ServerConfig {
    let folder = pki.join("clients");
    let authority = DevelopmentPki { folder: pki.to_owned() };
    let ods = OdsCode::parse("X26").expect("an ODS code");
    authority.issue(&folder, "pds", "pds", &ods, true, Validity::default()).expect("a certificate");
    let identity = Identity {
        certificate: folder.join("pds.pem"),
        key: folder.join("pds.key"),
        trust: pki.join("ca.pem"),
        revoked: None,
    };
    identity.server_config().expect("a server").0
}

fn serve(
    tcp: TcpStream,
    tls: Arc<rustls::ServerConfig>,
    shared: &Mutex<Spoken>,
    speaker: Speaker,
) -> Option<()> {
    let connection = rustls::ServerConnection::new(tls).ok()?;
    let mut stream = BufReader::new(rustls::StreamOwned::new(connection, tcp));
    loop {
        let mut heard = hear(&mut stream)?;
        heard.certified = stream.get_ref().conn.peer_certificates().is_some();
        let (status, media_type, body) = {
            let mut spoken = shared.lock().unwrap_or_else(PoisonError::into_inner);
            spoken.heard.push(heard.clone());
            match spoken.instead.as_deref().and_then(|said| said.parse::<u16>().ok()) {
                Some(status) => (status, "text/plain", "not now".to_owned()),
                None => speaker(&heard, &spoken),
            }
        };
        let answer = format!(
            "HTTP/1.1 {status} -\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.get_mut().write_all(answer.as_bytes()).ok()?;
        stream.get_mut().flush().ok()?;
    }
}

fn hear(stream: &mut impl BufRead) -> Option<Heard> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let mut heard = Heard {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        ..Heard::default()
    };
    loop {
        line.clear();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        heard.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut body = vec![0; heard.header("content-length").parse().unwrap_or(0)];
    Read::read_exact(stream, &mut body).ok()?;
    heard.body = String::from_utf8(body).ok()?;
    Some(heard)
}
