//! Senders without an integration engine: the watched folder, and what it makes of what lies in it.

mod browser;
mod folder;
mod kill;
mod roads;
mod upload;

use hub::serve::Options;
use repository::senders::folder::WatchedFolder;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tests::message;
use tests::{Answer, TestHub};

const PATIENT: &str = "9990000026";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n";
const DESCRIPTION: &str = "nhs_number = \"999 000 0026\"\nfamily_name = \"SYNTHETIC\"\ngiven_name = \"Testina\"\nbirth_date = \"09/03/1948\"\ndocument_type = \"outpatient-letter\"\ntitle = \"Day therapy\"\nevent_date = \"2026-07-14T10:30\"\n";

/// Waits until something is so; it is waited for, not measured.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A folder of an organisation, watched closely.
pub(crate) fn watch(options: &mut Options, path: &Path, ods: &str) {
    let ods = schemas::ods_code::OdsCode::parse(ods).unwrap();
    let folders = &mut options.config.itk.folders;
    folders.interval_milliseconds = 40;
    folders.wait_seconds = 1;
    folders.folder.push(WatchedFolder { path: path.to_owned(), ods, speaks_for: Vec::new() });
}

/// A hub that watches one folder of the hospice.
struct Hospice {
    hub: TestHub,
    folder: tempfile::TempDir,
}

impl Hospice {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hub = TestHub::with(|options| watch(options, folder.path(), "ZZH01"));
        Self { hub, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes under another name first, as senders should.
    fn drop(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let unfinished = self.path(&format!("{name}.part"));
        std::fs::write(&unfinished, bytes).unwrap();
        std::fs::rename(unfinished, self.path(name)).unwrap();
    }

    /// Waits for what is told of a document, `sent` or `quarantine`.
    fn told(&self, folder: &str, document: &str) -> Value {
        let word = if folder == "sent" { "receipt" } else { "reason" };
        let path = self.path(&format!("{folder}/{document}.{word}.json"));
        let document = self.path(&format!("{folder}/{document}"));
        eventually(&format!("{} and its document", path.display()), || {
            path.exists() && std::fs::symlink_metadata(&document).is_ok()
        });
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    fn registered(&self, document: &str) -> Value {
        let receipt = self.told("sent", document);
        assert_eq!(receipt["status"], "registered", "{receipt}");
        receipt
    }

    fn set_aside(&self, document: &str) -> Value {
        let reason = self.told("quarantine", document);
        assert_eq!(reason["status"], "refused", "{reason}");
        reason
    }
}

/// Everything of a patient, as the registry has it.
fn entries(hub: &TestHub, number: &str) -> Answer {
    let query = message::find_documents(number, "LeafClass", "");
    let registry = hub.url(hub::serve::Role::Registry);
    let repository = hub.service_certificate("watling-gateway");
    let found = hub.anonymous(registry).certificate(repository).soap(&query);
    assert_eq!(found.xds_status(), "Success", "{}", found.text());
    found
}
