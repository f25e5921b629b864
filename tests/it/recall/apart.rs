//! Withdrawals between processes: nothing is lost while the gateway is away.

use super::{json, organisations, recalls};
use crate::executable;
use std::path::Path;
use std::process::Command;
use tests::message::{self, Provide};
use tests::{Certificate, HubProcess, Request};

fn url(data: &Path, role: &str) -> String {
    let text = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
    json(&text)[role].as_str().unwrap().to_owned()
}

fn serve(data: &Path, arguments: &[&str]) -> HubProcess {
    HubProcess::serve(executable(), data, arguments).unwrap()
}

fn gateway(data: &Path) -> HubProcess {
    let (registry, repository) = (url(data, "registry"), url(data, "repository"));
    serve(
        data,
        &["--role", "gateway", "--registry-url", &registry, "--repository-url", &repository],
    )
}

fn send(data: &Path, ods: &str, role: &str, envelope: &str) -> String {
    let pki = data.join("pki");
    let request = Request::new(url(data, role), &pki.join("ca.pem"))
        .certificate(Certificate::in_folder(&pki.join("clients"), ods));
    let answer = request.soap(envelope);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    answer.text()
}

#[test]
fn a_correction_while_the_gateway_is_away_reaches_it_after_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let registry = serve(&data, &["--role", "registry"]);
    let registry_url = url(&data, "registry");
    let _repository = serve(&data, &["--role", "repository", "--registry-url", &registry_url]);
    let first = gateway(&data);
    let letter = Provide::letter(1);
    send(&data, "RXN", "repository", &letter.inline());
    let query = message::find_documents("9000000009", "LeafClass", "");
    let found = send(&data, "ZZP01", "gateway", &query);
    let entry = &found.split("<rim:ExtrinsicObject id=\"").nth(1).unwrap()[..45];
    send(&data, "ZZP01", "gateway", &message::retrieve(&[&letter.unique_id]));
    first.kill();
    let association = format!(
        "<rim:Association id=\"urn:uuid:00000000-0000-4000-8000-00000000000a\" associationType=\"urn:ihe:iti:2007:AssociationType:RPLC\" sourceObject=\"Document01\" targetObject=\"{entry}\"/>"
    );
    let corrected = Provide { associations: association, ..Provide::letter(2) };
    send(&data, "RXN", "repository", &corrected.inline());
    registry.kill();
    let waiting = rusqlite::Connection::open(data.join("registry").join("index.db")).unwrap();
    let count = |sql: &str| waiting.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM withdrawal"), 1, "kept until it is taken");
    let address = registry_url.trim_start_matches("https://").trim_end_matches("/registry");
    let _registry = serve(&data, &["--role", "registry", "--registry-listen", address]);
    let _gateway = gateway(&data);
    let incident = &recalls(&data, 1)[0];
    assert_eq!(incident["reason"], "corrected");
    let affected = organisations(incident);
    assert_eq!((affected[0].0.as_str(), affected[0].1), ("ZZP01", 1));
    super::until("the registry has forgotten it", || {
        (count("SELECT count(*) FROM withdrawal") == 0).then_some(())
    });
    let audit = Command::new(executable())
        .args(["audit", "list", "--service", "gateway", "--json", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    let records = json(&String::from_utf8_lossy(&audit.stdout));
    let told = records.as_array().unwrap().iter().any(|record| {
        record["kind"]["transaction"] == "Recall" && record["system"] == "watling-registry"
    });
    assert!(told, "{records}");
}
