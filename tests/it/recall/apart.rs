//! Withdrawals between processes: nothing is lost while the gateway is away.

use super::notices::acknowledgement;
use super::{json, organisations, recalls};
use crate::executable;
use crate::outbox::{between, taken};
use std::path::Path;
use std::process::Command;
use tests::message::{self, Provide};
use tests::postgres::Schema;
use tests::{Certificate, HubProcess, ReplyPort, Request};

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

/// Withdrawals that the registry keeps.
fn waiting(data: &Path) -> i64 {
    if let Some(schema) = Schema::of(data) {
        return schema.count("withdrawal");
    }
    let index = rusqlite::Connection::open(data.join("registry").join("index.db")).unwrap();
    index.query_row("SELECT count(*) FROM withdrawal", [], |row| row.get(0)).unwrap()
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
    assert_eq!(waiting(&data), 1, "kept until it is taken");
    let address = registry_url.trim_start_matches("https://").trim_end_matches("/registry");
    let _registry = serve(&data, &["--role", "registry", "--registry-listen", address]);
    let _gateway = gateway(&data);
    let incident = &recalls(&data, 1)[0];
    assert_eq!(incident["reason"], "corrected");
    let affected = organisations(incident);
    assert_eq!((affected[0].0.as_str(), affected[0].1), ("ZZP01", 1));
    super::until("the registry has forgotten it", || (waiting(&data) == 0).then_some(()));
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

#[test]
fn an_acknowledgement_at_the_repositorys_address_reaches_the_gateway_of_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let port = ReplyPort::bind();
    let config = folder.path().join("watling.toml");
    std::fs::write(&config, format!("[itk.directory.RX7]\nurl = \"{}\"\n", port.url())).unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let start = |arguments: &[&str]| serve(&data, &[&config[..], arguments].concat());
    let _registry = start(&["--role", "registry"]);
    let registry = url(&data, "registry");
    let _repository = start(&["--role", "repository", "--registry-url", &registry]);
    let repository = url(&data, "repository");
    let both = ["--registry-url", &registry, "--repository-url", &repository];
    let _gateway = start(&[&["--role", "gateway"][..], &both].concat());
    let receiver = port.serve_script(&data.join("pki"), &[taken()]);
    let letter = super::discharge(1);
    send(&data, "RXN", "repository", &letter.inline());
    let query = message::find_documents("9000000009", "LeafClass", "");
    let found = send(&data, "RX7", "gateway", &query);
    let entry = found.split("<rim:ExtrinsicObject id=\"").nth(1).unwrap()[..45].to_owned();
    send(&data, "RX7", "gateway", &message::retrieve(&[&letter.unique_id]));
    let association = format!(
        "<rim:Association id=\"urn:uuid:00000000-0000-4000-8000-00000000000a\" associationType=\"urn:ihe:iti:2007:AssociationType:RPLC\" sourceObject=\"Document01\" targetObject=\"{entry}\"/>"
    );
    let corrected = Provide { associations: association, ..super::discharge(2) };
    send(&data, "RXN", "repository", &corrected.inline());
    let sent = receiver.next().text();
    let state = |wanted: &str| {
        let found = organisations(&recalls(&data, 1)[0]);
        (found[0].0 == "RX7" && found[0].3 == wanted).then_some(())
    };
    super::until("it is delivered", || state("delivered"));
    let pki = data.join("pki");
    let now = jiff::Timestamp::now();
    let at = |seconds: i64| {
        let at = now + jiff::SignedDuration::from_secs(seconds);
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let tracking_id = between(&sent, "trackingid=\"", "\"");
    let message = acknowledgement("RX7", "AA", tracking_id)
        .replace("2026-07-15T11:59:00Z", &at(-5))
        .replace("2026-07-15T12:09:00Z", &at(300));
    let answer = Request::new(url(&data, "itk"), &pki.join("ca.pem"))
        .certificate(Certificate::in_folder(&pki.join("clients"), "RX7"))
        .content_type("text/xml; charset=UTF-8")
        .post(message);
    assert_eq!(answer.status, 200, "{}", answer.text());
    super::until("it is acknowledged", || state("acknowledged"));
}
