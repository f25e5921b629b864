//! However a payload is wrapped, the same document comes out.

use super::*;
use base64::Engine;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The message with a wrapped payload and a tracking id of its own.
fn wrapped(payload: String, base64: bool, compressed: bool) -> Itk {
    let manifest_attributes = format!(
        "mimetype=\"text/xml\" profileid=\"urn:nhs-en:profile:dischargeReport-v6-1\" base64=\"{base64}\" compressed=\"{compressed}\" encrypted=\"false\""
    );
    Itk { payload, manifest_attributes, ..discharge() }
}

#[test]
fn inline_base64_and_gzip_give_the_same_bytes() {
    let hub = TestHub::start();
    let cda = discharge().payload;
    let lines = base64(cda.as_bytes())
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect::<Vec<_>>();
    for itk in [
        wrapped(base64(cda.as_bytes()), true, false),
        wrapped(lines.join("\r\n"), true, false),
        wrapped(base64(&gzip(cda.as_bytes())), true, true),
        wrapped(cda.clone(), false, false),
    ] {
        // Other bytes under the same document id would be refused.
        accepted(&hub, &itk);
    }
    assert_eq!(hub.contents(), (1, 1));
    let (content_type, body) = message::package(&message::retrieve(&[&unique_id(DOCUMENT)]), &[]);
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway)).content_type(&content_type);
    let fetched = gateway.post(body);
    let at = fetched.text().find(&cda);
    assert!(at.is_some(), "byte for byte: {}", fetched.text());
}

#[test]
fn a_wrapping_that_is_not_what_the_manifest_says_is_refused() {
    let hub = TestHub::start();
    let cda = discharge().payload;
    let zipped = base64(&gzip(cda.as_bytes()));
    for (itk, rule) in [
        (wrapped(zipped.clone(), false, true), "compressed content must also be base64"),
        (wrapped("%%%".to_owned(), true, false), "itk:payload is not base64"),
        (wrapped(base64(cda.as_bytes()), true, true), "itk:payload is not gzip"),
        (wrapped(cda.clone(), true, false), "says base64 and the payload holds an element"),
        (wrapped(String::new(), false, false), "itk:payload is empty"),
        (wrapped(format!("{cda}{cda}"), false, false), "holds more than one element"),
        (wrapped(format!("{cda}text"), false, false), "holds text beside its element"),
        (wrapped(base64(b"no document"), true, false), "the CDA is not readable"),
        (wrapped("<other/>".to_owned(), false, false), "not an hl7:ClinicalDocument"),
    ] {
        refused(&hub, "1000", &[rule], &itk.message());
    }
}

#[test]
fn a_payload_that_unpacks_beyond_its_limit_is_refused() {
    let hub = TestHub::start();
    let bomb = base64(&gzip(&vec![b' '; 65 * 1024 * 1024]));
    let words = ["decompresses to more than the limit"];
    refused(&hub, "1000", &words, &wrapped(bomb, true, true).message());
}

#[test]
fn an_encrypted_payload_cannot_be_processed() {
    let hub = TestHub::start();
    let itk = discharge();
    let encrypted = itk.message().replace("encrypted=\"false\"", "encrypted=\"true\"");
    let words = ["encrypted payload", "no key is configured"];
    refused(&hub, "2200", &words, &encrypted);
}

#[test]
fn a_payload_of_another_type_is_refused() {
    let hub = TestHub::start();
    let pdf = discharge().message().replace("mimetype=\"text/xml\"", "mimetype=\"image/png\"");
    refused(&hub, "1000", &["manifestitem uuid_1", "mimetype text/xml"], &pdf);
}
