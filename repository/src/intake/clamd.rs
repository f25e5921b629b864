//! ClamAV's daemon as the malware scanner: INSTREAM of clamd(8) over TCP or a unix socket, in
//! constant memory.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

const CHUNK_BYTES: usize = 64 * 1024;
const REPLY_BYTES_MAX: u64 = 4 * 1024;

/// `tcp:HOST:PORT` or `unix:/PATH`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    Tcp(String),
    Unix(PathBuf),
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let port = |host: &str| host.rsplit_once(':').map(|(_, port)| port.parse::<u16>().is_ok());
        match text.split_once(':') {
            Some(("tcp", host)) if port(host) == Some(true) => Ok(Self::Tcp(host.to_owned())),
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            _ => Err(format!("{text:?} is no address of clamd: tcp:HOST:PORT or unix:/PATH")),
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        match address {
            Address::Tcp(host) => format!("tcp:{host}"),
            Address::Unix(path) => format!("unix:{}", path.display()),
        }
    }
}

/// `[repository.scan]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Clamd {
    pub clamd: Address,
    /// For one document, from connecting to the verdict.
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u64,
}

fn timeout_seconds() -> u64 {
    60
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    /// The signature's name.
    Infected(String),
}

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    #[error("the document is larger than clamd takes")]
    TooLarge,
    #[error("{0}")]
    Unavailable(String),
}

impl From<std::io::Error> for ScanError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl Clamd {
    /// The verdict on a document.
    pub async fn scan(&self, document: impl AsyncRead + Unpin) -> Result<Verdict, ScanError> {
        verdict(&self.ask(b"zINSTREAM\0", Some(document)).await?)
    }

    /// Whether clamd answers.
    pub async fn ping(&self) -> Result<(), ScanError> {
        match self.ask(b"zPING\0", None::<&[u8]>).await?.as_str() {
            "PONG" => Ok(()),
            other => Err(ScanError::Unavailable(format!("clamd answers a PING with {other:?}"))),
        }
    }

    async fn ask(
        &self,
        command: &[u8],
        document: Option<impl AsyncRead + Unpin>,
    ) -> Result<String, ScanError> {
        let exchange = async {
            match &self.clamd {
                Address::Tcp(host) => {
                    let (reader, writer) = TcpStream::connect(host).await?.into_split();
                    exchange(reader, writer, command, document).await
                }
                Address::Unix(path) => {
                    let (reader, writer) = UnixStream::connect(path).await?.into_split();
                    exchange(reader, writer, command, document).await
                }
            }
        };
        let timeout = Duration::from_secs(self.timeout_seconds);
        let answered = tokio::time::timeout(timeout, exchange).await;
        answered.unwrap_or_else(|_| {
            let seconds = self.timeout_seconds;
            Err(ScanError::Unavailable(format!("clamd gave no verdict within {seconds} seconds")))
        })
    }
}

/// Sends while listening: clamd answers in the middle of a document that it has had enough of, and
/// closes.
async fn exchange(
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Unpin,
    command: &[u8],
    document: Option<impl AsyncRead + Unpin>,
) -> Result<String, ScanError> {
    let mut reply = pin!(read_reply(reader));
    let sent = tokio::select! {
        biased;
        early = &mut reply => return early,
        sent = send(writer, command, document) => sent,
    };
    match sent {
        Ok(_open) => reply.await,
        // What it said before it closed is the reason.
        Err(error) => reply.await.map_err(|_| error.into()),
    }
}

/// Gives the writer back: it stays open until the reply is there.
async fn send<W: AsyncWrite + Unpin>(
    mut writer: W,
    command: &[u8],
    document: Option<impl AsyncRead + Unpin>,
) -> std::io::Result<W> {
    writer.write_all(command).await?;
    if let Some(mut document) = document {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let count = document.read(&mut chunk).await?;
            writer.write_all(&(count as u32).to_be_bytes()).await?;
            if count == 0 {
                break;
            }
            writer.write_all(&chunk[..count]).await?;
        }
    }
    writer.flush().await?;
    Ok(writer)
}

async fn read_reply(reader: impl AsyncRead + Unpin) -> Result<String, ScanError> {
    let mut reply = Vec::new();
    let mut reader = reader.take(REPLY_BYTES_MAX);
    loop {
        match reader.read_buf(&mut reply).await {
            Ok(0) => break,
            Ok(_) if reply.contains(&0) => break,
            Ok(_) => {}
            // Closed with bytes unread on its side: what it said came before.
            Err(_) if !reply.is_empty() => break,
            Err(error) => return Err(error.into()),
        }
    }
    if reply.is_empty() {
        return Err(ScanError::Unavailable("clamd closed the connection".to_owned()));
    }
    let end = reply.iter().position(|byte| *byte == 0).unwrap_or(reply.len());
    Ok(String::from_utf8_lossy(&reply[..end]).trim().to_owned())
}

/// Reads `stream: OK`, `stream: NAME FOUND`, or an error.
fn verdict(reply: &str) -> Result<Verdict, ScanError> {
    if reply == "stream: OK" {
        return Ok(Verdict::Clean);
    }
    let found = reply.strip_prefix("stream: ").and_then(|rest| rest.strip_suffix(" FOUND"));
    match found {
        Some(name) => Ok(Verdict::Infected(name.chars().filter(|c| !c.is_control()).collect())),
        None if reply.contains("size limit exceeded") => Err(ScanError::TooLarge),
        None => Err(ScanError::Unavailable(format!("clamd answers {reply:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_ok_is_clean() {
        assert_eq!(verdict("stream: OK"), Ok(Verdict::Clean));
        let infected = Ok(Verdict::Infected("Eicar-Test-Signature".to_owned()));
        assert_eq!(verdict("stream: Eicar-Test-Signature FOUND"), infected);
        assert_eq!(verdict("INSTREAM size limit exceeded. ERROR"), Err(ScanError::TooLarge));
        for other in ["", "OK", "stream: OK ", "stream: Can't allocate memory ERROR", "PONG"] {
            assert!(matches!(verdict(other), Err(ScanError::Unavailable(_))), "{other:?}");
        }
    }

    #[test]
    fn an_address_is_tcp_with_a_port_or_a_whole_path() {
        for text in ["tcp:127.0.0.1:3310", "tcp:[::1]:3310", "tcp:clamd:3310", "unix:/run/c.ctl"] {
            assert_eq!(String::from(Address::try_from(text.to_owned()).unwrap()), text);
        }
        for text in ["", "127.0.0.1:3310", "tcp:clamd", "tcp:clamd:port", "unix:c.ctl", "icap:x:1"]
        {
            assert!(Address::try_from(text.to_owned()).unwrap_err().contains("tcp:HOST:PORT"));
        }
    }

    #[tokio::test]
    async fn a_reply_in_the_middle_of_a_document_is_heard() {
        let (near, far) = tokio::io::duplex(256 * 1024);
        let (reader, writer) = tokio::io::split(near);
        let (mut far_reader, mut far_writer) = tokio::io::split(far);
        let answers = tokio::spawn(async move {
            let mut begun = vec![0; 100_000];
            far_reader.read_exact(&mut begun).await.unwrap();
            far_writer.write_all(b"INSTREAM size limit exceeded. ERROR\0").await.unwrap();
        });
        let endless = tokio::io::repeat(7);
        let reply = exchange(reader, writer, b"zINSTREAM\0", Some(endless)).await;
        assert_eq!(verdict(&reply.unwrap()), Err(ScanError::TooLarge));
        answers.await.unwrap();
    }
}
