//! Documents and their metadata must belong together, and be what the metadata says.

use super::{assert_failure, repository_refuses, repository_refuses_package};
use hub::serve::Role;
use tests::TestHub;
use tests::message::{self, Provide};

const INCLUDE: &str = "<xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=";

fn document(id: &str, content: &str) -> String {
    format!("<xds:Document id=\"{id}\">{content}</xds:Document>")
}

#[test]
fn a_hash_or_size_that_was_sent_is_that_of_the_bytes() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let (size, zeros) = (letter.document.len().to_string(), "0".repeat(40));
    let words = ["DocumentEntry.hash", zeros.as_str(), &letter.sha1()];
    let answer = repository_refuses(&hub, &words, &letter.clone().slot("hash", &[&zeros]).inline());
    assert_failure(&answer, "XDSRepositoryMetadataError");
    let words = ["DocumentEntry.size", "is 1,", size.as_str()];
    let answer = repository_refuses(&hub, &words, &letter.clone().slot("size", &["1"]).inline());
    assert_failure(&answer, "XDSRepositoryMetadataError");
    let words = ["DocumentEntry.hash is not valid", "40 hexadecimal digits"];
    let answer = repository_refuses(&hub, &words, &letter.clone().slot("hash", &["x"]).inline());
    assert_failure(&answer, "XDSRepositoryMetadataError");
    let words = ["DocumentEntry.size is not valid", "whole number of bytes"];
    let answer = repository_refuses(&hub, &words, &letter.clone().slot("size", &["-1"]).inline());
    assert_failure(&answer, "XDSRepositoryMetadataError");
    let upper = letter.sha1().to_uppercase();
    let right = letter.slot("hash", &[&upper]).slot("size", &[&size]);
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&right.inline());
    assert_eq!(answer.xds_status(), "Success", "the right ones pass: {}", answer.text());
}

#[test]
fn an_entry_has_its_document() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let words = ["the DocumentEntry Document01 has no xds:Document"];
    let answer = repository_refuses(&hub, &words, &letter.envelope(""));
    assert_failure(&answer, "XDSMissingDocument");

    let dangling = document("Document01", &format!("{INCLUDE}\"cid:gone@suite\"/>"));
    let words = ["xds:Document Document01", "\"gone@suite\"", "not attached"];
    let answer = repository_refuses(&hub, &words, &letter.envelope(&dangling));
    assert_failure(&answer, "XDSMissingDocument");
    let package = message::package(&letter.envelope(&dangling), &[("here@suite", b"x")]);
    let answer = repository_refuses_package(&hub, &words, package);
    assert_failure(&answer, "XDSMissingDocument");

    let no_cid = document("Document01", &format!("{INCLUDE}\"http://elsewhere/\"/>"));
    let words = ["xds:Document Document01", "without a cid: reference"];
    let answer = repository_refuses(&hub, &words, &letter.envelope(&no_cid));
    assert_failure(&answer, "XDSRepositoryMetadataError");
}

#[test]
fn a_document_has_its_entry() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let (first, second) = (document("Document01", "eA=="), document("Document02", "eQ=="));
    let words = ["xds:Document Document02", "no DocumentEntry with that id"];
    let answer = repository_refuses(&hub, &words, &letter.envelope(&format!("{first}{second}")));
    assert_failure(&answer, "XDSMissingDocumentMetadata");
    let words = ["DocumentEntry Document01", "more than one xds:Document"];
    let answer = repository_refuses(&hub, &words, &letter.envelope(&format!("{first}{first}")));
    assert_failure(&answer, "XDSRepositoryMetadataError");
}

#[test]
fn an_attachment_that_nobody_names_is_refused() {
    let hub = TestHub::start();
    let package = message::package(&Provide::letter(1).inline(), &[("stray@suite", b"x")]);
    let words = ["MIME part \"stray@suite\"", "not named by any xds:Document"];
    let answer = repository_refuses_package(&hub, &words, package);
    assert_failure(&answer, "XDSMissingDocumentMetadata");
}

#[test]
fn an_inline_document_is_base64() {
    let hub = TestHub::start();
    let broken = document("Document01", "%%%");
    let words = ["xds:Document Document01 is not base64"];
    let answer = repository_refuses(&hub, &words, &Provide::letter(1).envelope(&broken));
    assert_failure(&answer, "XDSRepositoryMetadataError");
}

#[test]
fn a_request_without_metadata_is_refused() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    let from = good.find("<lcm:SubmitObjectsRequest").unwrap();
    let to = good.find("<xds:Document ").unwrap();
    let bare = format!("{}{}", &good[..from], &good[to..]);
    let answer = repository_refuses(&hub, &["has no lcm:SubmitObjectsRequest"], &bare);
    assert_failure(&answer, "XDSRepositoryMetadataError");
}

#[test]
fn a_stored_document_keeps_its_bytes() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let provided = hub.request("RXN", hub.url(Role::Repository)).soap(&letter.inline());
    assert_eq!(provided.xds_status(), "Success");
    for (bytes, code, what) in [
        (b"<letter>2</letter>".as_slice(), "XDSNonIdenticalHash", "another hash"),
        (b"<letter>longer</letter>", "XDSNonIdenticalSize", "another size"),
    ] {
        let set_unique_id = "1.2.826.0.1.99999.30.2".to_owned();
        let other = Provide { document: bytes.to_vec(), set_unique_id, ..letter.clone() };
        let words = [letter.unique_id.as_str(), "already stored with", what];
        assert_failure(&repository_refuses(&hub, &words, &other.inline()), code);
    }
    let request = message::retrieve(&[&letter.unique_id]);
    let (content_type, body) = message::package(&request, &[]);
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway)).content_type(&content_type);
    let fetched = gateway.post(body);
    assert!(fetched.contains("<letter>1</letter>"), "{}", fetched.text());
}
