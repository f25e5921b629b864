//! The conformance suite: that its messages are right, and that a hub passes it.

use crate::{executable, skipped};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tests::HubProcess;
use tests::conformance::bed::{Bed, Options};
use tests::conformance::case::{self, Case};
use tests::conformance::cli::{fits, own_cases};
use tests::conformance::codes::Codes;
use tests::conformance::report;
use tests::conformance::run::{self, Outcome, Verdict};

fn cases() -> Vec<Arc<Case>> {
    let cases = case::load(&own_cases()).expect("the cases can be read");
    cases.into_iter().map(Arc::new).collect()
}

/// Options for a hub's data folder, at the addresses that it serves.
fn options(data: &Path, registry: String, repository: String) -> Options {
    let clients = data.join("pki").join("clients");
    Options {
        feed_url: format!("{registry}/pix"),
        registry,
        repository,
        certificate: clients.join("conformance.pem"),
        key: clients.join("conformance.key"),
        authority: data.join("pki").join("ca.pem"),
        patient_domain: "2.16.840.1.113883.2.1.4.1".to_owned(),
        feed: false,
        codes: Codes::own().expect("the project's codes"),
        reply_listen: None,
        reply_url: None,
        save: None,
        jobs: 4,
        timeout: Duration::from_secs(60),
    }
}

/// What the hub does not support yet, by `AREA/ID`; `*` stands for anything. The list only shrinks:
/// a case that passes must leave it.
const NOT_YET: [&str; 1] = ["*"];

/// The hub's address of a role, as its data folder says.
fn url(data: &Path, role: &str) -> String {
    let text = std::fs::read_to_string(data.join("endpoints.json")).expect("endpoints.json");
    let urls: serde_json::Value = serde_json::from_str(&text).expect("endpoints.json");
    urls[role].as_str().expect("an address").to_owned()
}

/// Runs the whole table against a hub of its own, on the engine that the suite runs on.
fn table(arguments: &[&str], feed: bool, wanted: impl Fn(&Case) -> bool) -> Vec<Outcome> {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let arguments = [&["--conformance"], arguments].concat();
    let hub = HubProcess::serve(executable(), &data, &arguments).expect("the hub starts");
    let options = options(&data, url(&data, "registry"), url(&data, "repository"));
    let options = Options { feed, ..options };
    let cases = cases().into_iter().filter(|case| wanted(case)).collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outcomes = runtime.block_on(run::all(options, cases, |_| {}));
    drop(hub);
    outcomes.expect("the suite runs")
}

fn is_not_yet(case: &Case) -> bool {
    let path = format!("{}/{}", case.area, case.id);
    NOT_YET.iter().any(|glob| fits(glob, &path))
}

/// Everything passes that the list does not name, and nothing that it names by itself.
fn judge(outcomes: &[Outcome]) {
    let failed = outcomes.iter().filter(|o| o.verdict == Verdict::Failed && !is_not_yet(&o.case));
    let failed: Vec<Outcome> = failed.cloned().collect();
    assert!(failed.is_empty(), "{}", report::table(&failed, false));
    let passed = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Passed);
    let passed = passed.map(|o| format!("{}/{}", o.case.area, o.case.id));
    let found: Vec<String> = passed.filter(|path| NOT_YET.contains(&path.as_str())).collect();
    assert!(found.is_empty(), "these pass now, take them off the list: {found:?}");
}

#[test]
fn a_hub_passes_the_conformance_suite() {
    if std::env::var("WATLING_TEST_POSTGRES").is_err() {
        skipped("the conformance suite on PostgreSQL: WATLING_TEST_POSTGRES names no server");
    }
    let outcomes = table(&[], false, |case| !case.needs.iter().any(|tag| tag == "feed"));
    judge(&outcomes);
}

fn composing() -> Bed {
    Bed::composing(options(Path::new("."), "https://registry".into(), "https://repository".into()))
}

#[test]
fn the_conformance_suite_has_at_least_two_hundred_cases_that_differ() {
    let cases = cases();
    assert!(cases.len() >= 200, "{} cases", cases.len());
    let mut titles: BTreeMap<&str, &str> = BTreeMap::new();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for case in &cases {
        if let Some(other) = titles.insert(&case.title, &case.id) {
            panic!("{} and {other} assert the same", case.id);
        }
        if let Some(area) = ids.insert(&case.id, &case.area) {
            panic!("{} is in {area} and in {}", case.id, case.area);
        }
    }
}

/// Every message of every case, by file name.
fn messages() -> BTreeMap<String, (String, bool)> {
    let bed = composing();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut all = BTreeMap::new();
    for case in cases() {
        let name = format!("{}-{}", case.area, case.id);
        let composed = runtime.block_on(run::composed(&bed, case.clone()));
        let composed = composed.unwrap_or_else(|error| panic!("{name}: {error}"));
        for (n, exchange) in composed.into_iter().enumerate() {
            let invalid = exchange.invalid;
            all.insert(format!("{name}-{}", n + 1), (exchange.sent, invalid));
        }
    }
    all
}

#[test]
fn every_message_of_the_conformance_suite_can_be_composed() {
    assert!(messages().len() > 200);
}

#[test]
fn what_the_conformance_suite_sends_validates_against_the_official_schemas() {
    let Some(xsd) = official_schemas() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = Vec::new();
    for (name, (text, invalid)) in messages() {
        // ITI-44 has schemas of its own, which the driver does not name.
        if !invalid && !text.contains("urn:hl7-org:v3:PRPA_IN") {
            let file = folder.path().join(format!("{name}.xml"));
            std::fs::write(&file, text).expect("a file");
            files.push(file);
        }
    }
    for files in files.chunks(200) {
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(&xsd)
            .args(files)
            .output()
            .expect("xmllint runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let wrong: Vec<&str> = said.lines().filter(|line| !line.ends_with("validates")).collect();
        assert!(output.status.success(), "{}", wrong.join("\n"));
    }
}

/// `all-xds.xsd`, if this machine has one beside the checkout.
fn official_schemas() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/xsd/all-xds.xsd");
    let xmllint = Command::new("xmllint").arg("--version").output().is_ok();
    let found = (xmllint && beside.is_file()).then_some(beside);
    if found.is_none() {
        skipped("the official schemas or xmllint are not on this machine");
    }
    found
}
