//! The data folder: stamped development or live once and for ever, one process per role, and the
//! addresses by which the client finds the hub.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// What a folder was made for. Nothing turns one into the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stamp {
    Development,
    Live,
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Development => "development",
            Self::Live => "live",
        })
    }
}

#[derive(Serialize, Deserialize)]
struct StampFile {
    kind: Stamp,
    created: String,
}

/// Addresses of the roles, `DIR/endpoints.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Endpoints {
    #[serde(flatten)]
    pub urls: BTreeMap<String, String>,
}

/// A held lock; released when dropped.
pub struct Lock {
    _file: File,
}

/// A new data folder is its owner's alone: it holds NHS numbers, documents and keys.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[derive(Clone, Debug)]
pub struct DataFolder {
    pub path: PathBuf,
}

fn failed(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

impl DataFolder {
    pub fn open(path: &Path) -> Result<Self, String> {
        make_private(path).map_err(|error| failed(path, error))?;
        let path = path.canonicalize().map_err(|error| failed(path, error))?;
        Ok(Self { path })
    }

    fn stamp_path(&self) -> PathBuf {
        self.path.join("watling.json")
    }

    pub fn stamp(&self) -> Result<Option<Stamp>, String> {
        let path = self.stamp_path();
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let file: StampFile =
                    serde_json::from_str(&text).map_err(|error| failed(&path, error))?;
                Ok(Some(file.kind))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path, error)),
        }
    }

    /// Stamps a new folder, or checks that an old one is of the kind that is asked for.
    pub fn stamp_as(&self, kind: Stamp) -> Result<(), String> {
        match self.stamp()? {
            Some(found) if found == kind => Ok(()),
            Some(found) => Err(format!(
                "{} is a {found} folder and cannot be used as {kind}: choose another --data",
                self.path.display()
            )),
            None => {
                let created = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                let text = serde_json::to_string_pretty(&StampFile { kind, created });
                let text = text.map_err(|error| error.to_string())?;
                write_atomic(&self.stamp_path(), text.as_bytes())
            }
        }
    }

    /// A role's own folder.
    pub fn role(&self, role: &str) -> Result<PathBuf, String> {
        let path = self.path.join(role);
        std::fs::create_dir_all(&path).map_err(|error| failed(&path, error))?;
        Ok(path)
    }

    /// Waits for a short-lived lock of the whole folder.
    pub fn lock(&self) -> Result<Lock, String> {
        let path = self.path.join(".lock");
        let file = File::create(&path).map_err(|error| failed(&path, error))?;
        file.lock().map_err(|error| failed(&path, error))?;
        Ok(Lock { _file: file })
    }

    /// Takes a role for this process, or says that another one has it.
    pub fn take_role(&self, role: &str) -> Result<Lock, String> {
        let path = self.role(role)?.join(".lock");
        let file = File::create(&path).map_err(|error| failed(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(format!(
                "the {role} of {} is served by another process: stop it first, or choose another --data",
                self.path.display()
            )),
            Err(TryLockError::Error(error)) => Err(failed(&path, error)),
        }
    }

    /// Adds this process's addresses to those that others wrote.
    pub fn publish_endpoints(&self, urls: &BTreeMap<String, String>) -> Result<(), String> {
        let _lock = self.lock()?;
        let mut endpoints = self.endpoints().unwrap_or_default();
        endpoints.urls.extend(urls.clone());
        let text = serde_json::to_string_pretty(&endpoints).map_err(|error| error.to_string())?;
        write_atomic(&self.path.join("endpoints.json"), text.as_bytes())
    }

    pub fn endpoints(&self) -> Result<Endpoints, String> {
        let path = self.path.join("endpoints.json");
        let text = std::fs::read_to_string(&path).map_err(|_| {
            format!(
                "{} is not there: start the hub with `watling serve --data {}`",
                path.display(),
                self.path.display()
            )
        })?;
        serde_json::from_str(&text).map_err(|error| failed(&path, error))
    }
}

/// Writes a file whole or not at all.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), String> {
    use std::io::Write;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(path, error))?;
    file.write_all(bytes).map_err(|error| failed(path, error))?;
    file.as_file().sync_all().map_err(|error| failed(path, error))?;
    file.persist(path).map_err(|error| failed(path, error))?;
    Ok(())
}
