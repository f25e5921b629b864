//! The hub of the demonstration: in this process, or as three.

use crate::config::Config;
use crate::data::DataFolder;
use crate::serve::{Hub, Options, Role};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(super) enum Running {
    Together(Box<Hub>),
    Apart { children: Children, urls: BTreeMap<String, String> },
}

/// Processes that end with this one.
#[derive(Default)]
pub(super) struct Children(Vec<Child>);

impl Running {
    /// `free_ports`: a temporary hub must not be in the way of another.
    pub(super) fn start(data: &Path, apart: bool, free_ports: bool) -> Result<Self, String> {
        if apart {
            return Self::start_apart(data);
        }
        let free = free_ports.then(|| ([127, 0, 0, 1], 0).into());
        let options = Options {
            registry_listen: free,
            repository_listen: free,
            gateway_listen: free,
            ..Options::new(data.to_owned(), Config::load(None)?)
        };
        Ok(Self::Together(Box::new(Hub::start(&options)?)))
    }

    fn start_apart(data: &Path) -> Result<Self, String> {
        let mut running = Self::Apart { children: Children::default(), urls: BTreeMap::new() };
        for role in Role::ALL {
            let urls = running.urls().clone();
            let mut command = Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
            command.args(["serve", "--role", role.name(), "--data"]).arg(data);
            command.args([&format!("--{role}-listen"), "127.0.0.1:0"]);
            for peer in ["registry", "repository"] {
                if let Some(url) = urls.get(peer) {
                    command.arg(format!("--{peer}-url")).arg(url);
                }
            }
            let mut child =
                command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
            let ready = wait_until_ready(&mut child);
            if let Self::Apart { children, .. } = &mut running {
                children.0.push(child);
            }
            ready.map_err(|said| format!("the {role} did not start: {said}"))?;
            let endpoints = DataFolder { path: data.to_owned() }.endpoints()?;
            if let Self::Apart { urls, .. } = &mut running {
                *urls = endpoints.urls;
            }
        }
        Ok(running)
    }

    pub(super) fn urls(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Together(hub) => &hub.urls,
            Self::Apart { urls, .. } => urls,
        }
    }

    pub(super) fn wait(self) -> Result<(), String> {
        match self {
            Self::Together(hub) => hub.wait(),
            Self::Apart { .. } => {
                let runtime = crate::cli::runtime()?;
                runtime.block_on(tokio::signal::ctrl_c()).map_err(|error| error.to_string())?;
                self.stop();
                Ok(())
            }
        }
    }

    pub(super) fn stop(self) {
        if let Self::Together(hub) = self {
            hub.stop();
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Reads what a child says until it is ready.
fn wait_until_ready(child: &mut Child) -> Result<(), String> {
    let stdout = child.stdout.take().ok_or("it has no output")?;
    let mut said = String::new();
    let mut lines = BufReader::new(stdout).lines();
    for line in lines.by_ref() {
        let line = line.map_err(|error| error.to_string())?;
        if line.starts_with("ready") {
            // Whatever it says later must not fill the pipe.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(());
        }
        said.push_str(&line);
    }
    Err(said)
}
