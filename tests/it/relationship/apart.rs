//! Registry and gateway as processes of their own: the news travels over the wire.

use super::{OTHER, PATIENT, soon, text};
use crate::apart::three_processes;
use crate::executable;
use std::path::Path;
use std::process::{Command, Output};
use tests::postgres::{STORE_URL, Schema};

fn watling(data: &Path, arguments: &[&str]) -> Output {
    let index = Schema::of(data).map(|schema| (STORE_URL, schema.url()));
    let mut command = Command::new(executable());
    command.args(arguments).arg("--data").arg(data).envs(index).output().unwrap()
}

#[test]
fn a_merge_that_the_registry_is_told_reaches_the_gateway_of_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _processes = three_processes(&data);
    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, "Dear colleague,\n").unwrap();
    let letter = letter.to_str().unwrap();
    let done = |arguments: &[&str]| {
        let output = watling(&data, arguments);
        assert!(output.status.success(), "{}", text(&output));
        output
    };
    let what = ["--type", "outpatient-letter", "--patient", OTHER];
    done(&[&["publish", "--as", "RXN", letter][..], &what].concat());
    done(&["patient", "add", PATIENT]);
    let found = || {
        let found = done(&["find", "--as", "ZZP03", OTHER, "--json"]);
        let found: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
        found.as_array().unwrap().len()
    };
    assert_eq!(found(), 0, "ZZP03 has a relationship with the other number only");
    done(&["patient", "merge", PATIENT, "--into", OTHER]);
    soon("the gateway hears of the merge", || found() == 1);
}
