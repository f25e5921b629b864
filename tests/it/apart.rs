//! The three roles as three processes, and the executable as a user has it.

use crate::executable;
use std::path::Path;
use std::process::{Command, Output};
use tests::postgres::{STORE_URL, Schema};
use tests::{Certificate, HubProcess, Request, message};

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

/// Registry, repository and gateway as three processes on one folder.
pub(crate) fn three_processes(data: &Path) -> [HubProcess; 3] {
    let url = |role: &str| {
        let text = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
        let urls: serde_json::Value = serde_json::from_str(&text).unwrap();
        urls[role].as_str().unwrap().to_owned()
    };
    let serve = |arguments: &[&str]| HubProcess::serve(executable(), data, arguments).unwrap();
    let first = serve(&["--role", "registry"]);
    let registry = url("registry");
    let second = serve(&["--role", "repository", "--registry-url", &registry]);
    let repository = url("repository");
    let gateway =
        ["--role", "gateway", "--registry-url", &registry, "--repository-url", &repository];
    [first, second, serve(&gateway)]
}

/// Publishes a text letter of patient 9000000009 as RXN; its uniqueId.
fn publish_letter(folder: &Path, data: &str) -> String {
    let letter = folder.join("letter.txt");
    if !letter.is_file() {
        std::fs::write(&letter, "Dear colleague,\n").unwrap();
    }
    let what = ["--type", "outpatient-letter", "--patient", "9000000009", "--json"];
    let who = ["publish", "--data", data, "--as", "RXN", letter.to_str().unwrap()];
    let published = watling(&[&who[..], &what].concat());
    assert!(published.status.success(), "{}", text(&published));
    let published: serde_json::Value = serde_json::from_slice(&published.stdout).unwrap();
    published[0]["uniqueId"].as_str().unwrap().to_owned()
}

#[test]
fn a_user_publishes_finds_and_gets_from_three_processes() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _processes = three_processes(&data);
    let data = data.to_str().unwrap();
    let unique_id = publish_letter(folder.path(), data);
    let again = publish_letter(folder.path(), data);
    assert_eq!(again, unique_id, "the same file twice is one document");
    let letter = std::fs::File::options().append(true).open(folder.path().join("letter.txt"));
    letter.unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    let what = ["--type", "outpatient-letter", "--patient", "9000000009"];
    let letter = folder.path().join("letter.txt");
    let who = ["publish", "--data", data, "--as", "RXN", letter.to_str().unwrap()];
    let touched = watling(&[&who[..], &what].concat());
    assert_eq!(touched.status.code(), Some(1));
    assert!(text(&touched).contains("in the hub already, described otherwise"));
    let empty = folder.path().join("empty.txt");
    std::fs::write(&empty, "").unwrap();
    let who = ["publish", "--data", data, "--as", "RXN", empty.to_str().unwrap()];
    let refused = watling(&[&who[..], &what].concat());
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
    assert!(text(&refused).contains("the file is empty"), "{}", text(&refused));

    let find = ["find", "--data", data, "--as", "ZZP01", "900 000 0009", "--since", "1d", "--json"];
    let found: serde_json::Value = serde_json::from_slice(&watling(&find).stdout).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["uniqueId"], unique_id);
    assert_eq!(found[0]["typeCode"], "823681000000100");
    assert_eq!(found[0]["publisherOds"], "RXN");

    let out = folder.path().join("out.txt");
    let out_text = out.to_str().unwrap();
    let got = watling(&["get", "--data", data, "--as", "ZZP01", &unique_id, "-o", out_text]);
    assert!(got.status.success(), "{}", text(&got));
    assert_eq!(std::fs::read(&out).unwrap(), b"Dear colleague,\n");

    let code = |arguments: &[&str]| watling(arguments).status.code();
    let refused = ["get", "--data", data, "--as", "ZZP02", &unique_id, "-o", "/dev/null"];
    assert_eq!(code(&refused), Some(1));
    assert_eq!(code(&["find", "--data", data, "--as", "ZZP02", "9000000009"]), Some(0));
    assert_eq!(code(&["find", "--data", data, "--as", "ZZP06", "9000000009"]), Some(1));
    assert_eq!(code(&["find", "--data", data]), Some(2));
}

#[test]
fn a_protected_patients_whereabouts_are_masked_between_three_processes_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _processes = three_processes(&data);
    let data = data.to_str().unwrap();
    publish_letter(folder.path(), data);
    let find = || text(&watling(&["find", "9000000009", "--data", data, "--as", "ZZP01"]));
    assert!(find().contains("from RXN") && !find().contains("withheld"), "{}", find());
    let sensitive = ["patient", "sensitive", "9000000009", "--on", "--reason", "court order"];
    let index = Schema::of(Path::new(data)).map(|schema| (STORE_URL, schema.url()));
    let mut command = Command::new(executable());
    let marked = command.args(sensitive).args(["--data", data]).envs(index).output().unwrap();
    assert!(marked.status.success(), "{}", text(&marked));
    let found = find();
    assert!(found.contains("from a publisher that is withheld"), "{found}");
    assert!(found.contains("withheld to protect the patient:"), "{found}");
}

#[test]
fn more_documents_than_a_request_may_have_parts_come_from_three_processes_in_one_answer() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _processes = three_processes(&data);
    let files: Vec<String> = (0..300)
        .map(|n| {
            let file = folder.path().join(format!("letter{n}.txt"));
            std::fs::write(&file, format!("Letter {n}\n")).unwrap();
            file.to_str().unwrap().to_owned()
        })
        .collect();
    let data_text = data.to_str().unwrap();
    let what = ["--type", "outpatient-letter", "--patient", "9000000009", "--json"];
    let mut arguments = vec!["publish", "--data", data_text, "--as", "RXN"];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(what);
    let published = watling(&arguments);
    assert!(published.status.success(), "{}", text(&published));
    let published: serde_json::Value = serde_json::from_slice(&published.stdout).unwrap();
    let ids: Vec<&str> =
        published.as_array().unwrap().iter().map(|p| p["uniqueId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 300);
    let endpoints = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
    let endpoints: serde_json::Value = serde_json::from_str(&endpoints).unwrap();
    let pki = data.join("pki");
    let request = Request::new(endpoints["gateway"].as_str().unwrap(), &pki.join("ca.pem"))
        .certificate(Certificate::in_folder(&pki.join("clients"), "ZZP01"));
    let (content_type, body) = message::package(&message::retrieve(&ids), &[]);
    let answer = request.content_type(&content_type).post(body);
    assert_eq!(answer.xds_status(), "Success", "{:?}", answer.error_codes());
    assert_eq!(answer.text().matches("\r\nLetter ").count(), 300);
}

#[test]
fn one_journey_has_one_correlation_id_in_the_records_of_every_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _processes = three_processes(&data);
    let data = data.to_str().unwrap();
    publish_letter(folder.path(), data);
    let listed = watling(&["audit", "list", "--data", data, "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let of_journey = listed.as_array().unwrap().iter().filter(|r| !r["correlationId"].is_null());
    let ids: Vec<&str> = of_journey.map(|r| r["correlationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2, "ITI-41 at the repository and ITI-42 at the registry");
    assert_eq!(ids[0], ids[1]);
    let verified = watling(&["audit", "verify", "--data", data]);
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

#[test]
fn a_file_of_agreements_is_refused_where_a_name_means_nothing_and_planned_before_it_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _hub = HubProcess::serve(executable(), &data, &[]).unwrap();
    let data = data.to_str().unwrap();
    let file = folder.path().join("new.toml");
    let file_text = file.to_str().unwrap();
    let agreement = |consumer: &str, kind: &str| {
        let text = format!(
            "[[agreement]]\nid = \"NEW\"\ntitle = \"New\"\npublishers = [\"RXN\"]\nconsumers = [\"{consumer}\"]\ndocument_types = [\"{kind}\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nstarts = \"2026-01-01\"\n"
        );
        std::fs::write(&file, text).unwrap();
    };
    agreement("RZZ", "group:dischrage");
    let refused = watling(&["agreement", "apply", "--data", data, file_text]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused);
    assert!(said.contains("consumers names \"RZZ\"") && said.contains("group:dischrage"), "{said}");
    agreement("ZZH01", "group:discharge");
    let planned = watling(&["agreement", "apply", "--data", data, file_text, "--plan"]);
    assert!(text(&planned).contains("+ agreement NEW (#1)"), "{}", text(&planned));
    let show = ["agreement", "show", "--data", data, "NEW"];
    assert_eq!(watling(&show).status.code(), Some(1), "a plan changes nothing");
    let applied = watling(&["agreement", "apply", "--data", data, file_text, "--yes"]);
    assert!(text(&applied).contains("changed agreement NEW#1"), "{}", text(&applied));
    assert!(text(&watling(&show)).contains("version 1, in force"));
    let again = watling(&["agreement", "apply", "--data", data, file_text]);
    assert!(text(&again).contains("nothing changed"), "{}", text(&again));
}
