//! kill -9 at any moment: what was put into the folder is registered once, with one receipt.

use super::*;
use crate::executable;
use std::collections::BTreeSet;
use tests::HubProcess;

const DOCUMENTS: usize = 40;

fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let items = std::fs::read_dir(folder).into_iter().flatten();
    let names = items.map(|item| item.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(ending)).collect()
}

#[test]
fn a_killed_hub_takes_each_document_exactly_once() {
    let root = tempfile::tempdir().unwrap();
    let (folder, data) = (root.path().join("hospice"), root.path().join("data"));
    std::fs::create_dir(&folder).unwrap();
    let config = root.path().join("watling.toml");
    let text = format!(
        "[itk.folders]\ninterval_milliseconds = 20\ndocuments_max = 3\n[[itk.folders.folder]]\npath = {:?}\nods = \"ZZH01\"\n",
        folder.display().to_string()
    );
    std::fs::write(&config, text).unwrap();
    for n in 0..DOCUMENTS {
        let document = format!("3F2504E0-4F89-41D3-9A0C-0305E82C{n:04}");
        std::fs::write(folder.join(format!("{n:02}.xml")), message::cda(PATIENT, &document))
            .unwrap();
    }
    let arguments = ["--config", config.to_str().unwrap()];
    for round in 0..6 {
        let hub = HubProcess::serve(executable(), &data, &arguments).unwrap();
        let before = names(&folder.join("sent"), ".receipt.json").len();
        eventually("more receipts", || {
            let now = names(&folder.join("sent"), ".receipt.json").len();
            now > before + round || now == DOCUMENTS
        });
        hub.kill();
    }
    let hub = HubProcess::serve(executable(), &data, &arguments).unwrap();
    eventually("all receipts", || names(&folder.join("sent"), ".receipt.json").len() == DOCUMENTS);
    eventually("all documents", || names(&folder.join("sent"), ".xml").len() == DOCUMENTS);
    eventually("nothing under way", || names(&folder.join("working"), "").is_empty());
    hub.kill();
    assert_eq!(names(&folder.join("quarantine"), "").len(), 0);
    let index = rusqlite::Connection::open(data.join("repository/documents.db")).unwrap();
    let count: i64 =
        index.query_row("SELECT count(*) FROM document", [], |row| row.get(0)).unwrap();
    assert_eq!(count, DOCUMENTS as i64);
}
