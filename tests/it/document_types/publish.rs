//! `watling publish` takes each as it is.

use super::*;
use crate::executable;
use std::process::Command;

#[test]
fn every_type_is_published_from_the_command_line_as_it_is() {
    let hub = TestHub::start();
    let folder = tempfile::tempdir().unwrap();
    for row in table() {
        let file = folder.path().join(format!("{}.xml", row.file));
        std::fs::write(&file, document(&row.file)).unwrap();
        let mut watling = Command::new(executable());
        watling.args(["publish", "--as", &row.publisher, "--data"]).arg(hub.data()).arg(&file);
        let output = watling.output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success() && said.contains("1 published"), "{}: {said}", row.file);
    }
    let documents = table().len() as i64;
    assert_eq!(hub.contents(), (documents, documents));
}
