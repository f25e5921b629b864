//! Files on their way through a watched folder: claimed by a rename, decided once, put where their
//! sender finds them. Whatever a killed process leaves is finished by the next one.
//!
//! ```text
//! working/UUID/claim.json            what was claimed, and why it is not read
//! working/UUID/files/letter.pdf      the document, and its description beside it
//! working/UUID/outcome-sent/...      decided: the receipts, to go with the files to sent/
//! ```

use super::inbox::{Found, Sort, Taken, is_ignored};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

pub const WORKING: &str = "working";
pub const SENT: &str = "sent";
pub const QUARANTINE: &str = "quarantine";

/// Names of the folder that one look takes in.
const NAMES_MAX: usize = 10_000;

/// Where a decided claim goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    Sent,
    Quarantine,
}

impl Destination {
    const ALL: [Self; 2] = [Self::Sent, Self::Quarantine];

    fn folder(self) -> &'static str {
        match self {
            Self::Sent => SENT,
            Self::Quarantine => QUARANTINE,
        }
    }

    fn decided(self) -> String {
        format!("outcome-{}", self.folder())
    }
}

/// What a claim says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    pub document: String,
    pub description: Option<String>,
    /// Why it is not read.
    pub refused: Option<String>,
}

/// Files that are the hub's until they are decided.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: Uuid,
    pub written: Written,
    folder: PathBuf,
}

/// A file whose name leads where it should.
#[derive(Debug)]
pub struct Contents {
    pub bytes: Vec<u8>,
    pub modified: std::time::SystemTime,
}

/// Makes the folders, which must be folders and no links to some.
pub fn prepare(root: &Path) -> std::io::Result<()> {
    for name in [WORKING, SENT, QUARANTINE] {
        let path = root.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                let what = format!("{name} must be a folder of its own, not a link or a file");
                return Err(std::io::Error::other(what));
            }
            Err(_) => std::fs::create_dir(&path)?,
        }
    }
    Ok(())
}

/// The names in the folder that are meant for the hub. A name that is not UTF-8 is told by what can be
/// read of it, and is not found under that.
pub fn list(root: &Path) -> std::io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(root)?.take(NAMES_MAX) {
        let item = item?;
        let Ok(name) = item.file_name().into_string() else { continue };
        let Ok(data) = std::fs::symlink_metadata(item.path()) else { continue };
        if data.is_dir() || is_ignored(&name) {
            continue;
        }
        let kind = data.file_type();
        let special = kind.is_fifo() || kind.is_socket() || kind.is_block_device();
        let sort = if data.is_symlink() || (data.is_file() && data.nlink() > 1) {
            Sort::Link
        } else if special || !data.is_file() {
            Sort::Special
        } else {
            Sort::File { size: data.len(), modified: data.modified()? }
        };
        found.push(Found { name, sort });
    }
    Ok(found)
}

/// Reads a file under a limit, without following a link and without waiting for a pipe.
pub fn read(path: &Path, bytes_max: u64) -> std::io::Result<Contents> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let data = file.metadata()?;
    if !data.is_file() || data.nlink() > 1 {
        return Err(std::io::Error::other("it is no file of its own"));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(std::io::Error::other("it is larger than the limit"));
    }
    Ok(Contents { bytes, modified: data.modified()? })
}

/// Writes a file whole and durable under a name that is free.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// `letter.pdf` with a part of the claim's id, where the plain name is taken already.
fn spare(name: &str, id: Uuid) -> String {
    let short = &id.simple().to_string()[..8];
    match name.split_once('.') {
        Some((stem, rest)) => format!("{stem}~{short}.{rest}"),
        None => format!("{name}~{short}"),
    }
}

fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

impl Claim {
    /// Takes files out of the folder. The claim is written before the first rename, the document goes
    /// before its description: a claim without its document is none.
    pub fn take(root: &Path, id: Uuid, taken: &Taken) -> std::io::Result<Self> {
        let folder = root.join(WORKING).join(id.to_string());
        let written = Written {
            document: taken.document.clone(),
            description: taken.description.clone(),
            refused: taken.refused.map(|unread| unread.to_string()),
        };
        std::fs::create_dir(&folder)?;
        std::fs::create_dir(folder.join("files"))?;
        write(&folder.join("claim.json"), &serde_json::to_vec(&written)?)?;
        let claim = Self { id, written, folder };
        if let Err(error) = claim.fetch(root) {
            // Somebody took it away again.
            let _ = std::fs::remove_dir_all(&claim.folder);
            return Err(error);
        }
        sync(&claim.folder)?;
        Ok(claim)
    }

    fn fetch(&self, root: &Path) -> std::io::Result<()> {
        std::fs::rename(root.join(&self.written.document), self.document())?;
        self.fetch_description(root)
    }

    fn fetch_description(&self, root: &Path) -> std::io::Result<()> {
        let Some(name) = &self.written.description else { return Ok(()) };
        let (from, to) = (root.join(name), self.folder.join("files").join(name));
        if exists(&from) && !exists(&to) { std::fs::rename(from, to) } else { Ok(()) }
    }

    pub fn document(&self) -> PathBuf {
        self.folder.join("files").join(&self.written.document)
    }

    pub fn description(&self) -> Option<PathBuf> {
        let path = self.folder.join("files").join(self.written.description.as_ref()?);
        exists(&path).then_some(path)
    }

    /// Claims that a stopped process left behind; what it had decided is finished on the way.
    pub fn left_behind(root: &Path) -> std::io::Result<Vec<Self>> {
        let mut claims = Vec::new();
        for item in std::fs::read_dir(root.join(WORKING))? {
            let folder = item?.path();
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Ok(id) = Uuid::try_parse(name) else { continue };
            let text = read(&folder.join("claim.json"), 64 * 1024).ok();
            let written = text.and_then(|text| serde_json::from_slice::<Written>(&text.bytes).ok());
            let claim = written.map(|written| Self { id, written, folder: folder.clone() });
            match claim {
                Some(claim) if claim.decided().is_some() => claim.finish(root)?,
                Some(claim) if exists(&claim.document()) => {
                    claim.fetch_description(root)?;
                    claims.push(claim);
                }
                // Nothing had been taken yet.
                _ => std::fs::remove_dir_all(&folder)?,
            }
        }
        claims.sort_by_key(|claim| claim.id);
        Ok(claims)
    }

    fn decided(&self) -> Option<Destination> {
        Destination::ALL.into_iter().find(|to| exists(&self.folder.join(to.decided())))
    }

    /// Decides: from here on the files go nowhere else, whatever happens. `outcome` are the files that
    /// tell their sender, by name and content.
    pub fn decide(
        &self,
        root: &Path,
        destination: Destination,
        outcome: &[(String, Vec<u8>)],
    ) -> std::io::Result<()> {
        let draft = self.folder.join("outcome");
        let _ = std::fs::remove_dir_all(&draft);
        std::fs::create_dir(&draft)?;
        for (name, bytes) in outcome {
            write(&draft.join(name), bytes)?;
        }
        sync(&draft)?;
        std::fs::rename(&draft, self.folder.join(destination.decided()))?;
        sync(&self.folder)?;
        self.finish(root)
    }

    /// Puts files and outcome where they go; the document last, so that a sender who sees it sees all.
    fn finish(&self, root: &Path) -> std::io::Result<()> {
        let Some(destination) = self.decided() else { return Ok(()) };
        let target = root.join(destination.folder());
        let outcome = self.folder.join(destination.decided());
        for folder in [&outcome, &self.folder.join("files")] {
            let names = std::fs::read_dir(folder)?.map(|item| Ok(item?.file_name()));
            let mut names: Vec<_> = names.collect::<std::io::Result<_>>()?;
            names.sort_by_key(|name| *name == *self.written.document);
            for name in names {
                let plain = target.join(&name);
                let to = match name.to_str() {
                    Some(text) if exists(&plain) => target.join(spare(text, self.id)),
                    _ => plain,
                };
                std::fs::rename(folder.join(&name), to)?;
            }
        }
        sync(&target)?;
        std::fs::remove_dir_all(&self.folder)
    }
}

/// Removes what quarantine said of a document that its sender has moved back.
pub fn clear_reasons(root: &Path, document: &str) {
    let quarantine = root.join(QUARANTINE);
    if !exists(&quarantine.join(document)) {
        for ending in ["reason.txt", "reason.json"] {
            let _ = std::fs::remove_file(quarantine.join(format!("{document}.{ending}")));
        }
    }
}
