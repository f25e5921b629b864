//! The conformance suite: that its messages are right, and that a hub passes it.

use crate::{executable, skipped};
use std::collections::BTreeMap;
use std::net::TcpListener;
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

pub(super) fn cases() -> Vec<Arc<Case>> {
    let cases = case::load(&own_cases()).expect("the cases can be read");
    cases.into_iter().map(Arc::new).collect()
}

/// Options for a hub's data folder, at the addresses that it serves.
pub(super) fn options(data: &Path, registry: String, repository: String) -> Options {
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
        reply_certificate: None,
        reply_key: None,
        jobs: 4,
        timeout: Duration::from_secs(60),
    }
}

/// What the hub does not pass yet, by `AREA/ID`; `*` stands for anything. The list only shrinks: an
/// entry whose every case passes must leave it.
const NOT_YET: [&str; 0] = [];

/// The hub's address of a role, as its data folder says.
pub(super) fn url(data: &Path, role: &str) -> String {
    let text = std::fs::read_to_string(data.join("endpoints.json")).expect("endpoints.json");
    let urls: serde_json::Value = serde_json::from_str(&text).expect("endpoints.json");
    urls[role].as_str().expect("an address").to_owned()
}

/// Where a hub that is told of its patients by ITI-44 does not pass yet; only shrinks, too.
const NOT_YET_TOLD: [&str; 0] = [];

/// Runs cases against a hub of its own, on the engine that the suite runs on. `patients` is `any` or
/// `feed`.
fn table(patients: &str, cases: Vec<Arc<Case>>) -> Vec<Outcome> {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    // Where answers on connections of their own go; held until the hub has its ports.
    let held = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let replies = held.local_addr().expect("its address").to_string();
    let config = folder.path().join("watling.toml");
    let listed = format!("[async]\nreply_to = [\"https://{replies}/reply\"]\n");
    std::fs::write(&config, listed).expect("a configuration");
    let config = config.display().to_string();
    let arguments = ["--conformance", "--patients", patients, "--config", &config];
    let hub = HubProcess::serve(executable(), &data, &arguments).expect("the hub starts");
    drop(held);
    let options = options(&data, url(&data, "registry"), url(&data, "repository"));
    let options = Options { reply_listen: Some(replies), feed: patients == "feed", ..options };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outcomes = runtime.block_on(run::all(options, cases, |_| {}));
    drop(hub);
    outcomes.expect("the suite runs")
}

/// Everything passes that the list does not name, and no entry of the list passes as a whole.
fn judge(outcomes: &[Outcome], not_yet: &[&str]) {
    let path = |outcome: &Outcome| format!("{}/{}", outcome.case.area, outcome.case.id);
    let named = |outcome: &Outcome| not_yet.iter().any(|glob| fits(glob, &path(outcome)));
    let wrong = outcomes.iter().filter(|o| o.verdict == Verdict::Failed && !named(o)).cloned();
    let wrong: Vec<Outcome> = wrong.collect();
    assert!(wrong.is_empty(), "{}", report::table(&wrong, false));
    let left_out = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Skipped);
    let mut unfed = left_out.map(|outcome| outcome.case.needs.iter().any(|tag| tag == "feed"));
    assert!(unfed.all(|feed| feed), "a case is left out that needs no feed");
    for glob in not_yet {
        let mut of = outcomes.iter().filter(|o| fits(glob, &path(o))).peekable();
        let idle = of.peek().is_some() && of.all(|outcome| outcome.verdict == Verdict::Passed);
        assert!(!idle, "{glob} passes now: take it off the list");
    }
}

#[test]
fn a_hub_passes_the_conformance_suite() {
    if std::env::var("WATLING_TEST_POSTGRES").is_err() {
        skipped("the conformance suite on PostgreSQL: WATLING_TEST_POSTGRES names no server");
    }
    let outcomes = table("any", cases());
    judge(&outcomes, &NOT_YET);
    if let Some(schemas) = official_schemas() {
        let answers: Vec<_> = answers(&outcomes).collect();
        assert!(answers.len() > 1_000, "{} answers", answers.len());
        validate_all(&schemas, answers.into_iter());
    }
}

#[test]
fn a_hub_that_is_told_of_its_patients_passes_the_cases_of_patients() {
    let areas = ["feed", "patients"];
    let mut cases = cases();
    cases.retain(|case| areas.contains(&case.area.as_str()));
    judge(&table("feed", cases), &NOT_YET_TOLD);
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

/// Validates files with one schema; what does not validate is named.
fn validate(xsd: &Path, files: &[PathBuf]) {
    for files in files.chunks(200) {
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(xsd)
            .args(files)
            .output()
            .expect("xmllint runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let wrong: Vec<&str> = said.lines().filter(|line| !line.ends_with("validates")).collect();
        assert!(output.status.success(), "{}", wrong.join("\n"));
    }
}

/// The schema of a message: the driver for envelopes, or ITI-44's own for what is in the Body.
fn schema_of(folder: &Path, text: &str) -> (PathBuf, String) {
    let body = text.split_once("<s:Body><PRPA_").and_then(|(_, rest)| rest.split_once("</s:Body>"));
    let Some((body, _)) = body else { return (folder.join("all-xds.xsd"), text.to_owned()) };
    let name = body.split_whitespace().next().unwrap_or_default();
    let hl7 = folder.join("hl7v3/schema/HL7V3/NE2008/multicacheschemas");
    (hl7.join(format!("PRPA_{name}.xsd")), format!("<PRPA_{body}"))
}

/// Validates messages by name, each with its schema; how many schemas it took.
fn validate_all(schemas: &Path, messages: impl Iterator<Item = (String, String)>) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for (name, text) in messages {
        let (xsd, text) = schema_of(schemas, &text);
        let file = folder.path().join(format!("{name}.xml"));
        std::fs::write(&file, text).expect("a file");
        files.entry(xsd).or_default().push(file);
    }
    files.iter().for_each(|(xsd, files)| validate(xsd, files));
    files.len()
}

#[test]
fn what_the_conformance_suite_sends_validates_against_the_official_schemas() {
    let Some(schemas) = official_schemas() else { return };
    let right = messages().into_iter().filter(|(_, (_, invalid))| !invalid);
    let schemas = validate_all(&schemas, right.map(|(name, (text, _))| (name, text)));
    assert_eq!(schemas, 4, "envelopes and three messages of ITI-44");
}

/// Every answer's envelope, by name; what XOP refers to stands as some base64 text.
fn answers(outcomes: &[Outcome]) -> impl Iterator<Item = (String, String)> {
    let named = outcomes.iter().flat_map(|outcome| {
        let name = format!("{}-{}", outcome.case.area, outcome.case.id);
        let all = outcome.exchanges.iter().enumerate();
        all.map(move |(n, exchange)| (format!("{name}-{}", n + 1), exchange.envelope.clone()))
    });
    let soap_12 = |text: &String| text.contains("http://www.w3.org/2003/05/soap-envelope");
    named.filter(move |(_, text)| soap_12(text)).map(|(name, text)| (name, inlined(&text)))
}

fn inlined(envelope: &str) -> String {
    let mut parts = envelope.split("<xop:Include");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + "AAAA" + part.split_once("/>").map_or("", |(_, rest)| rest))
}

/// The folder of official schemas, if this machine has one beside the checkout.
fn official_schemas() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/xsd");
    let xmllint = Command::new("xmllint").arg("--version").output().is_ok();
    let found = (xmllint && beside.join("all-xds.xsd").is_file()).then_some(beside);
    if found.is_none() {
        skipped("the official schemas or xmllint are not on this machine");
    }
    found
}
