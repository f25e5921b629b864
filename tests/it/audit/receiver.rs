//! A real rsyslog as Audit Record Repository, with the operator's certificate as its own.

use crate::skipped;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tests::TestHub;

/// One message as it was written down.
pub(super) struct Received {
    pub sequence: i64,
    pub message: String,
}

pub(super) struct Rsyslog {
    pub port: u16,
    folder: tempfile::TempDir,
    running: Option<Child>,
}

const PROGRAM: &str = "/usr/sbin/rsyslogd";
/// Where Debian's rsyslog has its module for TLS by OpenSSL.
const MODULES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_ossl.so",
    "/usr/lib/aarch64-linux-gnu/rsyslog/lmnsd_ossl.so",
    "/usr/lib/rsyslog/lmnsd_ossl.so",
];

impl Rsyslog {
    /// On a port of its own, not started yet.
    pub(super) fn prepared() -> Option<Self> {
        let found = Path::new(PROGRAM).is_file() && MODULES.iter().any(|m| Path::new(m).is_file());
        if !found {
            skipped("rsyslog with rsyslog-openssl is not on this machine");
            return None;
        }
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        Some(Self { port: free.port(), folder: tempfile::tempdir().unwrap(), running: None })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts it with a certificate of the hub's development authority; on return it listens.
    pub(super) fn start(&mut self, hub: &TestHub) {
        let pki = hub.pki();
        let configuration = format!(
            r#"global(workDirectory="{folder}" maxMessageSize="128k" defaultNetstreamDriver="ossl"
  defaultNetstreamDriverCAFile="{pki}/ca.pem"
  defaultNetstreamDriverCertFile="{pki}/watling-operator.pem"
  defaultNetstreamDriverKeyFile="{pki}/watling-operator.key")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
template(name="line" type="string" string="%structured-data% %msg%\n")
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="keep")
ruleset(name="keep") {{ action(type="omfile" file="{folder}/received" template="line") }}
"#,
            folder = self.folder.path().display(),
            pki = pki.display(),
            port = self.port,
        );
        std::fs::write(self.path("rsyslog.conf"), configuration).unwrap();
        let said = std::fs::File::options().create(true).append(true).open(self.path("said"));
        let said = said.unwrap();
        let child = Command::new(PROGRAM)
            .arg("-n")
            .arg("-f")
            .arg(self.path("rsyslog.conf"))
            .arg("-i")
            .arg(self.path("pid"))
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn();
        self.running = Some(child.unwrap());
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < until, "rsyslog does not listen: {}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// As an operator would stop it.
    pub(super) fn stop(&mut self) {
        let Some(mut child) = self.running.take() else { return };
        let id = child.id().to_string();
        let stopped = Command::new("kill").args(["-TERM", &id]).status();
        assert!(stopped.is_ok_and(|status| status.success()));
        child.wait().unwrap();
    }

    /// What it says of itself.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.path("said")).unwrap_or_default()
    }

    /// What it has of one service, in the order of its coming.
    pub(super) fn of(&self, service: &str) -> Vec<Received> {
        let text = std::fs::read_to_string(self.path("received")).unwrap_or_default();
        let source = format!("AuditSourceID=\"{service}\"");
        let lines = text.lines().filter(|line| line.contains(&source));
        let read = |line: &str| {
            let (_, rest) = line.split_once("sequenceId=\"")?;
            let (sequence, rest) = rest.split_once("\"]")?;
            let message = rest.trim_start().to_owned();
            Some(Received { sequence: sequence.parse().ok()?, message })
        };
        lines.filter_map(read).collect()
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
