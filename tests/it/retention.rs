//! What is kept, until when, and what it takes to make a document go.

use crate::executable;
use std::process::Command;

#[test]
fn check_says_how_long_documents_are_kept_and_what_is_wrong_with_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let check = |table: &str| {
        let path = folder.path().join("retention.toml");
        std::fs::write(&path, table).unwrap();
        let output = Command::new(executable())
            .args(["check"])
            .env("WATLING_REGISTRY__RETENTION", path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said + &String::from_utf8_lossy(&output.stderr))
    };
    let (right, said) = check(hub::fixtures::RETENTION);
    assert!(right, "{said}");
    for words in ["# retention: version RMCoP-2021.1", "gp-record: GP patient records: 10 years"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (right, said) = check(&hub::fixtures::RETENTION.replace("714088003", "1"));
    assert!(!right);
    assert!(said.contains("rule \"maternity\": the code sets have no practiceSettingCode \"1\""));
}
