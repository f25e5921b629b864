//! A watched folder: what lies in it is taken, registered and put where its sender finds it, with a
//! receipt; or put aside with the reason. The folder is one organisation's, whoever writes into it.

pub mod claim;
mod description;
mod inbox;

use super::receipt::{Reason, Receipt, Status};
use super::submit::{Sent, event, submit};
use crate::arrival::Route;
use crate::{Publisher, Repository, Submitter};
use claim::{Claim, Destination};
use inbox::{Inbox, Patience, Taken};
use node::actors::CallContext;
use node::audit::{Audit, AuditEvent, Outcome};
use schemas::described::{Kind, kind};
use schemas::dtm::Dtm;
use schemas::metadata::Hash;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use sha1::Digest;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A folder and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WatchedFolder {
    pub path: PathBuf,
    /// The organisation that publishes what lies in it.
    pub ods: OdsCode,
    /// Other ODS codes that may stand in ITK messages that lie in it: sites, former codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speaks_for: Vec<OdsCode>,
}

/// How folders are watched.
#[derive(Clone, Copy, Debug)]
pub struct Watching {
    pub every: Duration,
    /// Looks for which a document waits for its description.
    pub looks_max: u32,
    pub document_bytes_max: u64,
    /// Documents that are taken at one look.
    pub documents_max: usize,
}

/// Watches one folder.
pub struct Watch {
    repository: Arc<Repository>,
    audit: Audit,
    folder: WatchedFolder,
    profile: Publisher,
    watching: Watching,
    inbox: Inbox,
    /// Claimed, and not decided for a reason that passes.
    waiting: Vec<Claim>,
}

impl Watch {
    /// Makes the folder ready; what a stopped process had claimed is taken up again.
    pub fn open(
        repository: Arc<Repository>,
        audit: Audit,
        folder: WatchedFolder,
        watching: Watching,
    ) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.path.display());
        claim::prepare(&folder.path).map_err(failed)?;
        let waiting = Claim::left_behind(&folder.path).map_err(failed)?;
        let profile = Publisher {
            ods: folder.ods.clone(),
            system: None,
            acts_for: Vec::new(),
            speaks_for: folder.speaks_for.clone(),
        };
        Ok(Self { repository, audit, folder, profile, watching, inbox: Inbox::default(), waiting })
    }

    /// Looks until it is stopped; what is under way then is finished. Files are read on the thread that
    /// runs this.
    pub async fn run(mut self, mut stopped: tokio::sync::watch::Receiver<bool>) {
        while !*stopped.borrow() {
            if let Err(error) = self.look().await {
                // Names of files can be names of people: the error names the folder's owner only.
                tracing::error!(publisher = %self.folder.ods, kind = ?error.kind(), "watched folder failed");
            }
            let pause = tokio::time::timeout(self.watching.every, stopped.changed());
            if pause.await.is_ok_and(|changed| changed.is_err()) {
                return;
            }
        }
    }

    /// One look: what waits from before, then what is whole by now.
    async fn look(&mut self) -> std::io::Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        while let Some(claim) = waiting.next() {
            let done = self.process(&claim).await;
            if !matches!(done, Ok(true)) {
                self.waiting.push(claim);
            }
            if let Err(error) = done {
                self.waiting.extend(waiting);
                return Err(error);
            }
        }
        for taken in self.find()? {
            let claimed = Claim::take(&self.folder.path, node::ids::uuid(), &taken);
            self.inbox.forget(&taken.document);
            let claim = match claimed {
                Ok(claim) => claim,
                // Its sender took it away between the look and the rename.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            claim::clear_reasons(&self.folder.path, &taken.document);
            let done = self.process(&claim).await;
            if !matches!(done, Ok(true)) {
                self.waiting.push(claim);
            }
            done?;
        }
        Ok(())
    }

    fn find(&mut self) -> std::io::Result<Vec<Taken>> {
        let root = &self.folder.path;
        let found = claim::list(root)?;
        let bytes_max = self.watching.document_bytes_max;
        let patience =
            Patience { looks_max: self.watching.looks_max, document_bytes_max: bytes_max };
        let speaks = |name: &str| speaks(&root.join(name), bytes_max);
        let mut taken = self.inbox.look(found, patience, speaks);
        taken.truncate(self.watching.documents_max);
        Ok(taken)
    }

    /// Whether the claim is decided; else it is tried again.
    async fn process(&self, claim: &Claim) -> std::io::Result<bool> {
        let receipt = match claim.written.refused.clone() {
            Some(rule) => self.put_aside(claim, rule).await?,
            None => match claim::read(&claim.document(), self.watching.document_bytes_max) {
                Ok(contents) => self.submit(claim, contents).await?,
                Err(_) => self.put_aside(claim, "it cannot be read".to_owned()).await?,
            },
        };
        if receipt.status == Status::Waiting {
            return Ok(false);
        }
        let set_aside = matches!(receipt.status, Status::Refused | Status::Quarantined);
        let destination = if set_aside { Destination::Quarantine } else { Destination::Sent };
        let outcome = outcome(&claim.written.document, &receipt, destination);
        claim.decide(&self.folder.path, destination, &outcome)?;
        Ok(true)
    }

    async fn submit(&self, claim: &Claim, contents: claim::Contents) -> std::io::Result<Receipt> {
        let description = claim.description().map(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let contents = claim::read(&path, description::BYTES_MAX);
            (name.unwrap_or_default(), contents)
        });
        let fields = match description {
            None => None,
            Some((_, Err(_))) => {
                let rule = "its description cannot be read, or is larger than 64 KiB".to_owned();
                return self.put_aside(claim, rule).await;
            }
            Some((name, Ok(contents))) => match description::read(&name, &contents.bytes) {
                Ok(fields) => Some(fields),
                Err(error) => return self.put_aside(claim, error.to_string()).await,
            },
        };
        let submitter = Submitter { profile: &self.profile, ods: self.folder.ods.clone() };
        let sent = Sent {
            route: Route::Folder,
            submitter: &submitter,
            reference: claim.id,
            name: &claim.written.document,
            bytes: contents.bytes,
            fields,
            written: written(contents.modified),
        };
        let call = CallContext { correlation_id: claim.id };
        let submitted = submit(&self.repository, sent, &call).await;
        self.record(claim, submitted.audit).await?;
        Ok(submitted.receipt)
    }

    async fn record(&self, claim: &Claim, mut audit: AuditEvent) -> std::io::Result<()> {
        audit.organisation = Some(self.folder.ods.to_string());
        audit.system = Some("watched-folder".to_owned());
        audit.correlation_id = Some(claim.id.to_string());
        let recorded = self.audit.record(audit).await;
        recorded.map(|_| ()).map_err(|error| std::io::Error::other(error.to_string()))
    }

    /// A receipt for what was not read: on record and counted as every refusal is.
    async fn put_aside(&self, claim: &Claim, rule: String) -> std::io::Result<Receipt> {
        let audit = event(Route::Folder, Outcome::SeriousFailure).because(rule.clone());
        self.record(claim, audit).await?;
        crate::quality::refused(&self.repository, Route::Folder, &self.folder.ods, "").await;
        let contents = claim::read(&claim.document(), self.watching.document_bytes_max);
        let bytes = contents.map(|contents| contents.bytes).unwrap_or_default();
        Ok(Receipt {
            status: Status::Refused,
            publisher: self.folder.ods.clone(),
            reference: claim.id,
            at: self.repository.clock.now().to_string(),
            documents: Vec::new(),
            size: bytes.len() as u64,
            sha1: Hash::from_bytes(&sha1::Sha1::digest(&bytes)).as_str().to_owned(),
            quarantine_id: None,
            reasons: vec![Reason::new(rule)],
            warnings: Vec::new(),
            what_to_do: None,
        })
    }
}

/// Whether a file needs no description: a CDA, or an ITK message.
fn speaks(path: &Path, bytes_max: u64) -> bool {
    let xml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"));
    xml && claim::read(path, bytes_max).is_ok_and(|contents| kind(&contents.bytes) != Kind::Other)
}

/// The file's own date, so that the same file says the same when it is sent again.
fn written(modified: std::time::SystemTime) -> Dtm {
    let at = jiff::Timestamp::try_from(modified).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Dtm::from_timestamp(at)
}

const BACK: &str = "Put right what is named above, then move the document, with its description, from quarantine back into the folder.";

/// The files that tell a sender, by name and content.
fn outcome(document: &str, receipt: &Receipt, destination: Destination) -> Vec<(String, Vec<u8>)> {
    let word = match destination {
        Destination::Sent => "receipt",
        Destination::Quarantine => "reason",
    };
    let mut receipt = receipt.clone();
    if receipt.status == Status::Refused {
        receipt.what_to_do = Some(BACK);
    }
    let mut json = serde_json::to_vec_pretty(&receipt).unwrap_or_default();
    json.push(b'\n');
    vec![
        (format!("{document}.{word}.json"), json),
        (format!("{document}.{word}.txt"), receipt.text(document).into_bytes()),
    ]
}
