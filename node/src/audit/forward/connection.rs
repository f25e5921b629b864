//! One connection to the receiver, and its orderly end.

use super::ForwardSettings;
use rustls_pki_types::ServerName;
use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const CONNECT: Duration = Duration::from_secs(10);
/// For one message to be taken by the connection.
const SEND: Duration = Duration::from_secs(30);
/// For the receiver to close its side.
const CLOSE: Duration = Duration::from_secs(30);
/// A receiver that hangs up by itself is heard within this time, and has confirmed nothing.
const QUIET: Duration = Duration::from_millis(200);

pub(super) struct Connection {
    stream: TlsStream<TcpStream>,
}

fn late(what: &str) -> Error {
    Error::new(ErrorKind::TimedOut, format!("the receiver {what}"))
}

impl Connection {
    pub(super) async fn open(
        settings: &ForwardSettings,
        tls: Arc<rustls::ClientConfig>,
    ) -> Result<Self, Error> {
        let name = settings.server_name.as_ref().unwrap_or(&settings.host).clone();
        let name = ServerName::try_from(name).map_err(Error::other)?;
        let connecting = TcpStream::connect((settings.host.as_str(), settings.port));
        let tcp = timeout(CONNECT, connecting).await;
        let tcp = tcp.map_err(|_| late("was not reached in time"))??;
        let shaking = timeout(CONNECT, TlsConnector::from(tls).connect(name, tcp)).await;
        let stream = shaking.map_err(|_| late("did not finish the TLS handshake in time"))??;
        Ok(Self { stream })
    }

    pub(super) async fn send(&mut self, frame: &[u8]) -> Result<(), Error> {
        let sent = timeout(SEND, self.stream.write_all(frame)).await;
        sent.map_err(|_| late("takes no more"))?
    }

    /// Ends the connection; the receiver has then read everything. It has not, where it hung up by
    /// itself or the connection was reset.
    pub(super) async fn confirmed(mut self) -> Result<(), Error> {
        self.stream.flush().await?;
        let mut bytes = [0; 256];
        match timeout(QUIET, self.stream.read(&mut bytes)).await {
            Err(_) | Ok(Ok(1..)) => {}
            Ok(Ok(0)) => {
                let reason = "the receiver hung up before it confirmed what was sent";
                return Err(Error::new(ErrorKind::ConnectionAborted, reason));
            }
            Ok(Err(error)) => return Err(error),
        }
        let closing = async {
            self.stream.shutdown().await?;
            loop {
                match self.stream.read(&mut bytes).await {
                    Ok(0) => break,
                    Ok(_) => {}
                    // It closed without TLS's own word; below, a reset would show.
                    Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                    Err(error) => return Err(error),
                }
            }
            let (mut tcp, _) = self.stream.into_inner();
            while tcp.read(&mut bytes).await? > 0 {}
            Ok(())
        };
        timeout(CLOSE, closing).await.map_err(|_| late("did not close its side in time"))?
    }
}
