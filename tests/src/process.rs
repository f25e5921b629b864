//! The executable as a process: started, killed, started again.

use crate::postgres::{STORE_URL, Schema};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct HubProcess {
    /// What it printed until it was ready.
    pub said: Vec<String>,
    child: Child,
}

impl HubProcess {
    /// `watling serve --data DIR` with more arguments; returns when it is ready.
    pub fn serve(executable: &Path, data: &Path, arguments: &[&str]) -> Result<Self, String> {
        Self::start(Command::new(executable), data, arguments)
    }

    /// The same, what `filter` lets through of its log into a file.
    pub fn serve_logging(
        executable: &Path,
        data: &Path,
        arguments: &[&str],
        filter: &str,
        log: &Path,
    ) -> Result<Self, String> {
        let log = std::fs::File::create(log).map_err(|error| error.to_string())?;
        let mut command = Command::new(executable);
        command.env("RUST_LOG", filter).env("NO_COLOR", "1").stderr(log);
        Self::start(command, data, arguments)
    }

    fn start(mut command: Command, data: &Path, arguments: &[&str]) -> Result<Self, String> {
        command.arg("serve").arg("--data").arg(data).args(arguments);
        for role in ["registry", "repository", "gateway"] {
            let option = format!("--{role}-listen");
            if !arguments.contains(&option.as_str()) {
                command.args([option.as_str(), "127.0.0.1:0"]);
            }
        }
        if let Some(schema) = Schema::of(data) {
            command.env(STORE_URL, schema.url());
            command.env("WATLING_REGISTRY__STORE__CONNECTIONS_MAX", "4");
        }
        let child = command.stdout(Stdio::piped()).spawn();
        let mut process =
            Self { said: Vec::new(), child: child.map_err(|error| error.to_string())? };
        let stdout = process.child.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(stdout).lines();
        for line in lines.by_ref() {
            process.said.push(line.map_err(|error| error.to_string())?);
            if process.said.last().is_some_and(|line| line.starts_with("ready")) {
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(process);
            }
        }
        Err("the hub ended before it was ready".to_owned())
    }

    /// Peak resident memory since `forget_peak`, in bytes (VmHWM of Linux).
    pub fn peak_memory_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        kilobytes.unwrap_or(0u64) * 1024
    }

    /// Counts the peak from here on.
    pub fn forget_peak(&self) -> std::io::Result<()> {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")
    }

    /// As the power going out: SIGKILL, nothing flushed, nobody told.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
