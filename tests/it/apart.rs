//! The three roles as three processes, and the executable as a user has it.

use std::path::Path;
use std::process::{Command, Output};
use tests::HubProcess;

fn executable() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_watling-under-test"))
}

fn watling(arguments: &[&str]) -> Output {
    Command::new(executable()).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_demonstration_comes_out_as_expected_in_one_process_and_in_three() {
    for arguments in [&["demo", "--exit"][..], &["demo", "--exit", "--apart"]] {
        let output = watling(arguments);
        let said = text(&output);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("Every step came out as expected."), "{said}");
    }
}

#[test]
fn a_user_publishes_finds_and_gets_from_three_processes() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data_text = data.to_str().unwrap();
    let _registry = HubProcess::serve(executable(), &data, &["--role", "registry"]).unwrap();
    let url = |role: &str| {
        let text = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
        let urls: serde_json::Value = serde_json::from_str(&text).unwrap();
        urls[role].as_str().unwrap().to_owned()
    };
    let registry = url("registry");
    let _repository = HubProcess::serve(
        executable(),
        &data,
        &["--role", "repository", "--registry-url", &registry],
    )
    .unwrap();
    let repository = url("repository");
    let gateway =
        ["--role", "gateway", "--registry-url", &registry, "--repository-url", &repository];
    let _gateway = HubProcess::serve(executable(), &data, &gateway).unwrap();

    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, "Dear colleague,\n").unwrap();
    let published = watling(&[
        "publish",
        "--data",
        data_text,
        "--as",
        "RXN",
        letter.to_str().unwrap(),
        "--type",
        "outpatient-letter",
        "--patient",
        "9000000009",
        "--json",
    ]);
    assert!(published.status.success(), "{}", text(&published));
    let published: serde_json::Value = serde_json::from_slice(&published.stdout).unwrap();
    let unique_id = published[0]["uniqueId"].as_str().unwrap().to_owned();

    let found = watling(&[
        "find",
        "--data",
        data_text,
        "--as",
        "ZZP01",
        "900 000 0009",
        "--since",
        "1d",
        "--json",
    ]);
    let found: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found[0]["uniqueId"], unique_id);
    assert_eq!(found[0]["typeCode"], "823681000000100");
    assert_eq!(found[0]["publisherOds"], "RXN");

    let out = folder.path().join("out.txt");
    let got = watling(&[
        "get",
        "--data",
        data_text,
        "--as",
        "ZZP01",
        &unique_id,
        "-o",
        out.to_str().unwrap(),
    ]);
    assert!(got.status.success(), "{}", text(&got));
    assert_eq!(std::fs::read(&out).unwrap(), b"Dear colleague,\n");

    let refused =
        watling(&["get", "--data", data_text, "--as", "ZZP02", &unique_id, "-o", "/dev/null"]);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
    let nothing = watling(&["find", "--data", data_text, "--as", "ZZP02", "9000000009"]);
    assert_eq!(nothing.status.code(), Some(0), "nothing found is no failure");
    let unsigned = watling(&["find", "--data", data_text, "--as", "ZZP06", "9000000009"]);
    assert_eq!(unsigned.status.code(), Some(1));
    let usage = watling(&["find", "--data", data_text]);
    assert_eq!(usage.status.code(), Some(2));

    let audit = watling(&["audit", "list", "--data", data_text, "--json"]);
    let audit: serde_json::Value = serde_json::from_slice(&audit.stdout).unwrap();
    let journeys: std::collections::BTreeSet<&str> = audit
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["organisation"] == "RXN" || r["kind"]["transaction"] == "ITI-42")
        .filter_map(|r| r["correlationId"].as_str())
        .collect();
    assert_eq!(journeys.len(), 1, "one journey, one correlation id, in both services' records");
    let verified = watling(&["audit", "verify", "--data", data_text]);
    assert!(verified.status.success(), "{}", text(&verified));
}

#[test]
fn check_prints_the_effective_configuration_and_refuses_unknown_keys() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watling.toml");
    std::fs::write(&file, "[limits]\nresults_max = 500\n").unwrap();
    let good = watling(&["check", "--config", file.to_str().unwrap()]);
    assert!(good.status.success() && text(&good).contains("results_max = 500"), "{}", text(&good));
    std::fs::write(&file, "[limits]\nresult_max = 500\n").unwrap();
    let bad = watling(&["check", "--config", file.to_str().unwrap()]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad).contains("result_max"), "{}", text(&bad));
}
