//! Records on their way to an Audit Record Repository by syslog over TLS (ITI-20, RFC 5424, RFC 5425).
//!
//! The log is the queue: a cursor says what the receiver has taken, so nothing is kept twice and an
//! outage of any length loses nothing. Syslog has no acknowledgement; what was written to a
//! connection counts as taken only when the receiver has answered the orderly end of that connection
//! (RFC 5425 4.4). So connections are ended every few thousand records or few seconds, and what was
//! not confirmed is sent again, in order, with the same sequenceId.

mod connection;
mod store;

pub(super) use store::MIGRATION;
pub use store::{Behind, behind};

use super::Audit;
use super::store::AuditError;
use crate::sqlite::SqliteError;
use crate::syslog::{Header, framed};
use crate::tls::{Identity, TlsError};
use connection::Connection;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// `[audit.forward]`: where records go.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ForwardSettings {
    pub host: String,
    #[serde(default = "ForwardSettings::port")]
    pub port: u16,
    /// The name that the receiver's certificate has; absent: the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Authorities that signed it, PEM; absent: those that the hub trusts anyhow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<PathBuf>,
    /// How the hub calls itself; absent: this machine's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The longest pause between two tries.
    #[serde(default = "ForwardSettings::pause")]
    pub retry_seconds_max: u64,
}

impl ForwardSettings {
    fn port() -> u16 {
        6_514
    }

    fn pause() -> u64 {
        60
    }

    /// Names the receiver; another one has a cursor of its own.
    pub fn receiver(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Records read at once.
const BATCH: u32 = 200;
/// What is on its way without being confirmed, at most.
const UNCONFIRMED_MAX: i64 = 5_000;
const UNCONFIRMED_TIME: Duration = Duration::from_secs(5);
/// Between two looks for new records.
const IDLE: Duration = Duration::from_millis(500);
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Why records could not be passed on.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Store(#[from] SqliteError),
    #[error(transparent)]
    Log(#[from] AuditError),
    #[error("{0}")]
    Receiver(#[from] std::io::Error),
}

/// A service's way to the receiver.
pub struct Forwarding {
    settings: ForwardSettings,
    tls: Arc<rustls::ClientConfig>,
    hostname: String,
}

impl Forwarding {
    pub fn new(settings: ForwardSettings, identity: &Identity) -> Result<Self, TlsError> {
        let tls = match &settings.trust {
            Some(trust) => identity.client_config_trusting(trust)?,
            None => identity.client_config()?,
        };
        let machine = || std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let hostname = settings.hostname.clone().unwrap_or_else(machine);
        Ok(Self { settings, tls: Arc::new(tls), hostname })
    }
}

/// Passes records on for as long as the process lives.
pub async fn run(audit: Audit, forwarding: Forwarding) {
    let service = audit.service();
    let longest = Duration::from_secs(forwarding.settings.retry_seconds_max.max(1));
    let mut pause = FIRST_PAUSE.min(longest);
    let mut failing = false;
    loop {
        match round(&audit, &forwarding).await {
            Ok(0) => tokio::time::sleep(IDLE).await,
            Ok(_) => {
                if std::mem::take(&mut failing) {
                    tracing::warn!(service, "audit records reach their receiver again");
                }
                pause = FIRST_PAUSE.min(longest);
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(service, %error, "audit records wait for their receiver");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(longest);
            }
        }
        if let Ok(behind) = audit.behind(&forwarding.settings.receiver()).await {
            crate::telemetry::audit_behind(service, &behind);
        }
    }
}

/// One connection: what is new goes, and counts once the receiver has closed its side.
async fn round(audit: &Audit, forwarding: &Forwarding) -> Result<i64, Failed> {
    let receiver = forwarding.settings.receiver();
    let taken = audit.taken(&receiver).await?;
    let mut batch = audit.behind_of(taken, BATCH).await?;
    if batch.is_empty() {
        return Ok(0);
    }
    let mut connection = Connection::open(&forwarding.settings, forwarding.tls.clone()).await?;
    let begun = Instant::now();
    let mut sent = taken;
    while !batch.is_empty() && sent - taken < UNCONFIRMED_MAX && begun.elapsed() < UNCONFIRMED_TIME
    {
        for record in &batch {
            let event = record.event.as_ref();
            let header = Header {
                at: event.map_or("", |event| &event.at),
                hostname: &forwarding.hostname,
                process: event.and_then(|event| event.process),
                sequence: record.seq,
            };
            for message in event.map(super::message::messages).unwrap_or_default() {
                connection.send(&framed(&header, &message)).await?;
            }
            sent = record.seq;
        }
        batch = audit.behind_of(sent, BATCH).await?;
    }
    connection.confirmed().await?;
    audit.take(receiver, sent).await?;
    Ok(sent - taken)
}
