//! Answers against the official schemas, where they lie beside the checkout; shapes against
//! snapshots everywhere.

use crate::skipped;
use hub::serve::Role;
use std::path::PathBuf;
use std::process::Command;
use tests::message::{self, Itk, Provide};
use tests::{Answer, TestHub};

/// The folder of official schemas, if this machine has one beside the checkout.
pub(crate) fn schemas_folder() -> Option<PathBuf> {
    let root =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent()?.parent()?.join("shared").join("xsd");
    let xmllint = Command::new("xmllint").arg("--version").output().is_ok();
    let found = (xmllint && root.join("all-xds.xsd").is_file()).then_some(root);
    if found.is_none() {
        skipped("the official schemas or xmllint are not on this machine");
    }
    found
}

/// Validates an answer's envelope with xmllint.
fn valid(answer: &Answer, xsd: &std::path::Path) {
    valid_against(xsd, &inlined(&answer.envelope()));
}

/// Validates a text with xmllint.
pub(crate) fn valid_against(xsd: &std::path::Path, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer.xml");
    std::fs::write(&file, text).unwrap();
    let output = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(xsd)
        .arg(&file)
        .output();
    let output = output.expect("xmllint is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{text}");
}

/// XOP references stand for base64 text.
fn inlined(envelope: &str) -> String {
    let mut out = String::new();
    let mut rest = envelope;
    while let Some(at) = rest.find("<xop:Include") {
        out.push_str(&rest[..at]);
        out.push_str("AAAA");
        let after = &rest[at..];
        rest = &after[after.find("/>").map_or(after.len(), |end| end + 2)..];
    }
    out + rest
}

fn hub_with_letters() -> TestHub {
    let hub = TestHub::start();
    for n in 1..4 {
        let answer =
            hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(n).inline());
        assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    }
    hub
}

#[test]
fn answers_validate_against_the_official_schemas() {
    let Some(folder) = schemas_folder() else { return };
    let xsd = folder.join("all-xds.xsd");
    let hub = hub_with_letters();
    let ask = |ods: &str, envelope: &str| hub.request(ods, hub.url(Role::Gateway)).soap(envelope);
    for return_type in ["LeafClass", "ObjectRef"] {
        valid(&ask("ZZP01", &message::find_documents("9000000009", return_type, "")), &xsd);
    }
    valid(&ask("RX7", &message::find_documents("9000000009", "LeafClass", "")), &xsd);
    valid(&ask("ZZP06", &message::find_documents("9000000009", "LeafClass", "")), &xsd);
    valid(&ask("ZZP01", "<not-soap/>"), &xsd);
    let (content_type, body) =
        message::package(&message::retrieve(&["1.2.826.0.1.99999.20.1", "1.2.3"]), &[]);
    let fetched =
        hub.request("ZZP01", hub.url(Role::Gateway)).content_type(&content_type).post(body);
    assert_eq!(fetched.xds_status(), "PartialSuccess");
    valid(&fetched, &xsd);
    let remove = |id: &str| {
        let request = hub.request("RXN", hub.url(Role::Repository));
        request.soap(&message::remove("1.2.826.0.1.99999.40.1", &[id]))
    };
    valid(&remove("1.2.826.0.1.99999.20.2"), &xsd);
    valid(&remove("1.2.3"), &xsd);
    let provide = |envelope: &str| hub.request("RXN", hub.url(Role::Repository)).soap(envelope);
    valid(&provide(&Provide::letter(9).inline()), &xsd);
    valid(&provide(&Provide::letter(10).slot("languageCode", &[]).inline()), &xsd);
}

#[test]
fn objects_of_every_kind_validate_against_the_official_schemas() {
    use schemas::query::StoredQuery;
    let Some(folder) = schemas_folder() else { return };
    let hub = crate::query::published();
    for ods in ["ZZP01", "RX7"] {
        let answer = crate::query::soap(&hub, ods, &StoredQuery::leaf_class(crate::query::all()));
        assert!(answer.contains("<rim:RegistryPackage") && answer.contains("<rim:Association"));
        valid(&answer, &folder.join("all-xds.xsd"));
    }
}

#[test]
fn the_samples_of_others_travel_to_the_practice() {
    let Some(folder) = schemas_folder() else { return };
    let samples = folder.parent().unwrap().join("samples/ihe/own");
    let read = |name: &str| std::fs::read(samples.join(name)).unwrap();
    let http = |name: &str| {
        let bytes = read(name);
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let line = head.lines().find(|l| l.starts_with("Content-Type:")).unwrap();
        (line["Content-Type:".len()..].trim().to_owned(), bytes[end + 4..].to_vec())
    };
    let hub = TestHub::start();
    let text = |name: &str| String::from_utf8(read(name)).unwrap();
    let inlined =
        hub.request("RXN", hub.url(Role::Repository)).soap(&text("iti41_request_inlined.xml"));
    assert_eq!(inlined.xds_status(), "Success", "{}", inlined.text());
    let (content_type, body) = http("iti41_request.http");
    let again =
        hub.request("RXN", hub.url(Role::Repository)).content_type(&content_type).post(body);
    assert_eq!(again.xds_status(), "Success", "{}", again.text());
    assert_eq!(hub.contents(), (1, 1), "the same submission twice is one document");
    let refused = hub.request("RXN", hub.url(Role::Registry)).soap(&text("iti42_request.xml"));
    assert_eq!(refused.status, 400);
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&text("iti18_request.xml"));
    assert!(found.contains("1.2.826.0.1.99999.20.1001"), "{}", found.text());
    let (content_type, body) = http("iti43_request.http");
    let fetched =
        hub.request("ZZP01", hub.url(Role::Gateway)).content_type(&content_type).post(body);
    assert_eq!(fetched.xds_status(), "PartialSuccess");
    assert!(fetched.contains("<title>Sample</title>"));
    assert_eq!(fetched.error_codes(), ["XDSDocumentUniqueIdError"]);
    let removed = hub.request("RXN", hub.url(Role::Repository)).soap(&text("iti86_request.xml"));
    assert_eq!(removed.xds_status(), "Success", "{}", removed.text());
    assert_eq!(hub.contents(), (1, 0), "the document is gone, the entry is not");
}

/// UUIDs differ from run to run; everything else must not.
fn stable(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("urn:uuid:") {
        out.push_str(&rest[..at]);
        out.push_str("urn:uuid:(…)");
        rest = &rest[(at + 45).min(rest.len())..];
    }
    (out + rest).replace("><", ">\n<")
}

#[test]
fn an_entry_answers_in_this_shape() {
    let hub = TestHub::start();
    hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(1).inline());
    let answer = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&message::find_documents(
        "9000000009",
        "LeafClass",
        "",
    ));
    insta::assert_snapshot!("entry", stable(&answer.envelope()));
}

#[test]
fn a_mapped_discharge_answers_in_this_shape() {
    let hub = TestHub::start();
    let itk = Itk::discharge("9000000009", "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01");
    hub.request("RXN", hub.itk_url()).content_type("text/xml").post(itk.message());
    let answer = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&message::find_documents(
        "9000000009",
        "LeafClass",
        "",
    ));
    insta::assert_snapshot!("discharge", stable(&answer.envelope()));
}

#[test]
fn refusals_answer_in_this_shape() {
    let hub = TestHub::start();
    let failure = hub
        .request("RXN", hub.url(Role::Repository))
        .soap(&Provide::letter(1).slot("creationTime", &["20260231"]).inline());
    insta::assert_snapshot!("failure", stable(&failure.envelope()));
    let fault = hub
        .request("RXN", hub.url(Role::Repository))
        .soap(&message::envelope("urn:unknown", "<a/>"));
    insta::assert_snapshot!("fault", stable(&fault.envelope()));
}

#[test]
fn audit_messages_validate_against_the_dicom_schema() {
    let Some(folder) = schemas_folder() else { return };
    let xsd = folder.join("audit").join("dicom2017c.xsd");
    let hub = hub_with_letters();
    hub.request("ZZP01", hub.url(Role::Gateway)).soap(&message::find_documents(
        "9000000009",
        "LeafClass",
        "",
    ));
    hub.request("ZZP01", hub.url(Role::Gateway))
        .soap(&message::retrieve(&["1.2.826.0.1.99999.20.1"]));
    hub.anonymous(hub.url(Role::Gateway)).soap("<x/>");
    for role in [Role::Repository, Role::Gateway] {
        for record in hub.audit(role) {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), record.message()).unwrap();
            let output = Command::new("xmllint")
                .args(["--nonet", "--noout", "--schema"])
                .arg(&xsd)
                .arg(file.path())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{said}\n{}", record.message());
        }
    }
}
